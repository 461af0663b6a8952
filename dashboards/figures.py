"""Every figure of a quarter or a year for one part of the council: what every page, file and document prints.

Counted once, here. A page, the JSON, a workbook and a document print a `Figure`'s own words, so that they cannot
disagree (docs/domain.md, section 10).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

from django.utils import timezone

from actions.models import Theme
from audits.enums import BAND_GRADES, GRADED_SECTIONS, Section
from audits.models import Question
from audits.querysets import Person
from audits.selectors import closures
from core.dates import LONDON, FinancialYear, Quarter, london_date
from core.shares import Ratio
from dashboards.frozen import Frozen, Restated, by_definition, freezes_on, frozen_quarters
from dashboards.measures.definition import Measure, Tally, Unit, pool, ratio
from dashboards.measures.figure import Figure, figure
from dashboards.measures.table import MEASURES
from dashboards.models import ReportSettings
from dashboards.permissions import can_read_figures
from dashboards.scopes import COUNCIL, Scope
from dashboards.selectors.keys import EVERYTHING, Source
from dashboards.selectors.questions import expanded, practice_questions
from dashboards.selectors.recurrence import THEME
from dashboards.selectors.tallies import tallies

Period = Quarter | FinancialYear

LEDGER = {
    "excused": "Excused",
    "withdrawn": "Withdrawn",
    "reallocated": "Given to somebody else",
    "submitted": "Submitted",
    "outstanding": "Not returned so far",
    "given": "All audits given out",
}


class NotVisible(LookupError):
    """A person has no figures of that part of the council. A page answers as if there were none: 404."""


@dataclass(frozen=True)
class Only:
    """Some of the measures, by how their codes begin in the table, and where their counts come from."""

    codes: tuple[str, ...]
    sources: frozenset[Source]


@dataclass(frozen=True)
class RestatedFigure:
    """A figure of a frozen quarter by the definition of today, and as it was reported before; and why."""

    quarter: Quarter
    measure: Measure
    now: Ratio
    reported: Ratio
    note: Restated


@dataclass(frozen=True)
class ThemeCounted:
    """On how many of the audits of a period a theme was found, and of the one before."""

    code: str
    label: str
    now: Ratio
    before: Ratio

    def as_document(self) -> dict[str, Any]:
        return {"code": self.code, "label": self.label, **_share(self.now), "previous": _share(self.before)}


@dataclass(frozen=True)
class Report:
    """A quarter or a year as counted at one moment, `as_of`, in London's time.

    `counted` and `counted_before` are the tallies of the period and of the one before; `by_quarter` holds those of
    every quarter that was counted for it, earliest first, and perhaps quarters before it. `figures` holds every measure
    by its code, in the order of the table of measures. `frozen_at` is when it was frozen, and for a year when its last
    quarter was. `restated` holds what a frozen quarter of the period reports by a newer definition.
    """

    period: Period
    scope: Scope
    as_of: datetime
    counted: Tally
    counted_before: Tally
    by_quarter: Mapping[Quarter, Counter[str]]
    figures: Mapping[str, Figure]
    questions: list[Question]
    closed_days: frozenset[date]
    frozen_at: datetime | None
    restated: list[RestatedFigure]
    definitions: Mapping[Quarter, Mapping[str, Measure]]
    """By frozen quarter, the measures that it reports by another definition than today's."""

    @cached_property
    def freezes_on(self) -> date:
        """The last day on which the records still change the figures. One query."""
        after = ReportSettings.current().freeze_after
        return freezes_on(self.quarters[-1], after=after, closures=self.closed_days)

    @property
    def status(self) -> str:
        """Whether the figures still change: "draft" or "frozen"."""
        return "frozen" if self.frozen_at else "draft"

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """The quarters of the period itself."""
        return quarters_of(self.period)

    @property
    def before(self) -> Period:
        """The period that this one is compared with."""
        return period_before(self.period)

    @property
    def is_over(self) -> bool:
        """Whether the period had ended on the day of counting."""
        return self.as_of.date() > self.quarters[-1].last_day

    @property
    def has_year_so_far(self) -> bool:
        """Whether the year so far is more than the period itself."""
        return len(year_to_date(self.period)) > len(self.quarters)

    @property
    def year_to_date(self) -> str:
        """What the pooled figures cover: "2024-25 Q1 to Q2"."""
        quarters = year_to_date(self.period)
        first, last = quarters[0], quarters[-1]
        return str(first) if first == last else f"{first} to Q{last.number}"

    @property
    def ledger(self) -> dict[str, int]:
        """What became of every audit given out; the outcomes add up to "given"."""
        outcomes = {name: self.counted.get(name, 0) for name in ("excused", "withdrawn", "reallocated")}
        outcomes["submitted"] = self.counted.get("returned", 0)
        given = self.counted.get("given", 0)
        return {**outcomes, "outstanding": given - sum(outcomes.values()), "given": given}

    @property
    def ledger_in_words(self) -> list[tuple[str, int]]:
        """The same with the names that people read."""
        return [(LEDGER[outcome], count) for outcome, count in self.ledger.items()]

    def trend(self, code: str) -> list[tuple[Quarter, Ratio]]:
        """One measure over every quarter counted but the first, which is there to compare with."""
        return [(quarter, self.in_quarter(code, quarter)) for quarter in [*self.by_quarter][1:]]

    def in_quarter(self, code: str, quarter: Quarter) -> Ratio:
        """One measure in one of the quarters counted, by the definition that the quarter is reported by."""
        return ratio(self._as_defined(code, quarter), self.by_quarter[quarter])

    def printed_in(self, code: str, quarter: Quarter) -> str:
        """The same as it is printed: a kappa, a mean or a median too."""
        measure, tally = self._as_defined(code, quarter), self.by_quarter[quarter]
        return measure.printed(ratio(measure, tally), measure.statistic_of(tally))

    def _as_defined(self, code: str, quarter: Quarter) -> Measure:
        return self.definitions.get(quarter, {}).get(code, self.figures[code].measure)

    def grades(self, section: Section) -> dict[str, int]:
        """How many audits have each grade, how many are graded, and how many are not."""
        grades = {grade.value: self.counted.get(f"{section}.{grade}", 0) for grade in BAND_GRADES}
        graded = sum(grades.values())
        return {**grades, "graded": graded, "not_applicable": self.counted.get("submitted", 0) - graded}

    def as_document(self) -> dict[str, Any]:
        """The report as JSON holds it; the keys are relied on by scripts."""
        return {
            "period": str(self.period),
            "status": self.status,
            "freezes_on": self.freezes_on.isoformat(),
            "frozen_at": self.frozen_at.isoformat(timespec="seconds") if self.frozen_at else None,
            "as_of": self.as_of.isoformat(timespec="seconds"),
            "measures": [_measure_document(figure) for figure in self.figures.values()],
            "tables": {
                "grades": {section: self.grades(section) for section in GRADED_SECTIONS},
                "ledger": self.ledger,
            },
            "quarters": [self._quarter_document(quarter) for quarter in self.quarters],
            "restated": [_restated_document(one) for one in self.restated],
            "themes": [theme.as_document() for theme in self.themes],
        }

    @cached_property
    def themes(self) -> list["ThemeCounted"]:
        """On how many audits of the council each theme was found, most often first. One query where any was."""
        codes = [name.removeprefix(THEME) for name in self.counted if name.startswith(THEME)]
        if not codes:
            return []
        now, before = self.counted.get("submitted", 0), self.counted_before.get("submitted", 0)
        found = [
            ThemeCounted(
                code,
                label,
                Ratio(self.counted.get(f"{THEME}{code}", 0), now),
                Ratio(self.counted_before.get(f"{THEME}{code}", 0), before),
            )
            for code, label in Theme.objects.filter(code__in=codes).values_list("code", "name")
        ]
        return sorted(found, key=lambda one: (-one.now.numerator, one.label))

    def _quarter_document(self, quarter: Quarter) -> dict[str, Any]:
        """One quarter of the period, as the tables that stand quarter by quarter need it."""
        return {
            "period": str(quarter),
            "measures": [
                {"code": code, **_ratio_document(figure.measure, self.in_quarter(code, quarter))}
                for code, figure in self.figures.items()
            ],
        }


R = TypeVar("R", bound=Report)


def figures_of(
    period: Period,
    scope: Scope = COUNCIL,
    user: Person | None = None,
    *,
    at: datetime | None = None,
    since: Quarter | None = None,
    only: Only | None = None,
) -> Report:
    """Every figure of a quarter or a year for one part of the council, in a fixed number of queries.

    Args:
        user: who reads it; None for the command line.
        at: the moment of counting, now where it is left out. The caseload is counted on the day of it.
        since: an earlier quarter to count from, for `Report.trend`.
        only: the measures wanted, where not all are.

    Raises:
        NotVisible: this person has no figures of that part of the council.

    """
    return gather(Report, period, scope, user, at=at, since=since, only=only)


def gather(  # noqa: PLR0913 - the kind, and what figures_of takes
    kind: type[R],
    period: Period,
    scope: Scope = COUNCIL,
    user: Person | None = None,
    *,
    at: datetime | None = None,
    since: Quarter | None = None,
    only: Only | None = None,
) -> R:
    """The same as a report of its own kind, such as one that has sentences."""
    if user is not None and not can_read_figures(user, scope):
        raise NotVisible(scope.key)
    at = at or timezone.now()
    now, before, year = quarters_of(period), quarters_of(period_before(period)), year_to_date(period)
    first = min(before[0].previous(), year[0], *([since.previous()] if since else []))
    frozen, closed_days = frozen_quarters(first, now[-1], scope), closures()
    counts = tallies(
        first,
        now[-1],
        today=london_date(at),
        scope=scope,
        kept={quarter: kept.counts for quarter, kept in frozen.items()},
        closed_days=closed_days,
        sources=only.sources if only else EVERYTHING,
    )
    declared = [one for one in MEASURES if only is None or one.code.startswith(only.codes)]
    questions = practice_questions() if any("{question}" in one.code for one in declared) else []
    book = _Book(declared, counts, frozen, questions, is_over=london_date(at) > now[-1].last_day)
    is_frozen = all(quarter in frozen for quarter in now)
    return kind(
        period=period,
        scope=scope,
        as_of=at.astimezone(LONDON),
        counted=_pooled(counts, now),
        counted_before=_pooled(counts, before),
        by_quarter=counts,
        figures={
            measure.code: book.figure(measure, now, before, year)
            for measure in book.measures
            if scope.is_council or not measure.of_council_only
        },
        questions=questions,
        closed_days=closed_days,
        frozen_at=max(frozen[quarter].at for quarter in now).astimezone(LONDON) if is_frozen else None,
        restated=[one for quarter in now if quarter in frozen for one in book.restated(quarter)],
        definitions=book.then,
    )


class _Book:
    """The measures and the tallies of the quarters: a frozen quarter counts by the definitions it was frozen with."""

    def __init__(
        self,
        declared: Sequence[Measure],
        counts: Mapping[Quarter, Counter[str]],
        frozen: Mapping[Quarter, Frozen],
        questions: list[Question],
        *,
        is_over: bool,
    ) -> None:
        self.is_over = is_over
        self.declared, self.counts, self.frozen, self.questions = declared, counts, frozen, questions
        self.pooled: dict[tuple[Quarter, ...], Tally] = {}
        self.measures = expanded(declared, questions)
        self.then = {quarter: self._other_definitions(kept) for quarter, kept in frozen.items()}

    def figure(
        self,
        measure: Measure,
        now: tuple[Quarter, ...],
        before: tuple[Quarter, ...],
        year: tuple[Quarter, ...],
    ) -> Figure:
        one = self._as_defined(measure, now[-1])
        if all(self._as_defined(measure, quarter) == one for quarter in (*now, *before, *year)):
            pooled = (self._pooled(part) for part in (now, before, year))
            return figure(one, *pooled, is_over=self.is_over)
        return Figure(
            one,
            self._added(measure, now),
            self._added(measure, before),
            self._added(measure, year) if measure.is_share else None,
            is_over=self.is_over,
        )

    def restated(self, quarter: Quarter) -> list[RestatedFigure]:
        """What this frozen quarter reports by a newer definition, beside what it reported before."""
        kept = self.frozen[quarter]
        counts = _pooled(self.counts, (quarter,))
        found = []
        for code, note in kept.restated.items():
            declared = [measure for measure in self.declared if measure.code == code]
            if code not in kept.definitions:
                continue
            pairs = zip(
                expanded([by_definition(one, note.definition) for one in declared], self.questions),
                expanded([by_definition(one, kept.definitions[code]) for one in declared], self.questions),
                strict=True,
            )
            found += [
                RestatedFigure(quarter, now, ratio(now, counts), ratio(was, counts), note)
                for now, was in pairs
            ]
        return found

    def _other_definitions(self, kept: Frozen) -> dict[str, Measure]:
        others = [
            by_definition(measure, definition)
            for measure in self.declared
            if (definition := kept.definition_of(measure)) is not None
        ]
        return {measure.code: measure for measure in expanded(others, self.questions)}

    def _as_defined(self, measure: Measure, quarter: Quarter) -> Measure:
        return self.then.get(quarter, {}).get(measure.code, measure)

    def _pooled(self, quarters: tuple[Quarter, ...]) -> Tally:
        """Added once for all the measures that are made of it."""
        if quarters not in self.pooled:
            self.pooled[quarters] = _pooled(self.counts, quarters)
        return self.pooled[quarters]

    def _added(self, measure: Measure, quarters: tuple[Quarter, ...]) -> Ratio:
        """Quarters of different definitions, each counted by its own."""
        parts = [ratio(self._as_defined(measure, quarter), self._pooled((quarter,))) for quarter in quarters]
        return Ratio(sum(part.numerator for part in parts), sum(part.denominator for part in parts))


def quarters_of(period: Period) -> tuple[Quarter, ...]:
    """The quarters that a period pools."""
    return period.quarters if isinstance(period, FinancialYear) else (period,)


def period_before(period: Period) -> Period:
    """The quarter before a quarter, the year before a year."""
    return FinancialYear(period.start - 1) if isinstance(period, FinancialYear) else period.previous()


def year_to_date(period: Period) -> tuple[Quarter, ...]:
    """The quarters of the same year up to the end of the period."""
    return period.quarters if isinstance(period, FinancialYear) else period.year_to_date


def _pooled(counts: Mapping[Quarter, Counter[str]], quarters: tuple[Quarter, ...]) -> Tally:
    """The quarters as one. What was submitted before is what as many quarters before them submitted."""
    total = Counter(pool(counts[quarter] for quarter in quarters))
    earlier = quarters[0]
    total["submitted_before"] = 0
    for _ in quarters:
        earlier = earlier.previous()
        total["submitted_before"] += counts.get(earlier, Counter())["submitted"]
    return total


def _measure_document(figure: Figure) -> dict[str, Any]:
    return {
        "code": figure.measure.code,
        "label": figure.measure.label,
        "unit": figure.measure.unit.value,
        **_ratio_document(figure.measure, figure.now),
        "value": figure.value,
        "value_interval_95": _as_list(figure.value_interval_95),
        "interval_95": _as_list(figure.interval_95),
        "previous": _ratio_document(figure.measure, figure.before),
        "points": figure.points,
        "change_supported": figure.change_supported,
        "year_to_date": _ratio_document(figure.measure, figure.year_to_date) if figure.year_to_date else None,
    }


def _as_list(interval: tuple[float, float] | None) -> list[float] | None:
    """As JSON reads it again, so that what is kept and what is made anew compare equal."""
    return None if interval is None else list(interval)


def _ratio_document(measure: Measure, counted: Ratio) -> dict[str, int | None]:
    return {
        "numerator": counted.numerator,
        "denominator": None if measure.unit == Unit.COUNT else counted.denominator,
        "percent": measure.percent_of(counted),
    }


def _share(counted: Ratio) -> dict[str, int | None]:
    return {
        "numerator": counted.numerator,
        "denominator": counted.denominator,
        "percent": counted.percent,
    }


def _restated_document(restated: RestatedFigure) -> dict[str, Any]:
    return {
        "period": str(restated.quarter),
        "code": restated.measure.code,
        "reason": restated.note.reason,
        "restated_at": restated.note.at.isoformat(timespec="seconds"),
        "now": _ratio_document(restated.measure, restated.now),
        "reported": _ratio_document(restated.measure, restated.reported),
    }
