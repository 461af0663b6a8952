"""Every figure of a quarter or a year for one part of the council: what every page, file and document prints.

Counted once, here. A page, the JSON, a workbook and a document print a `Figure`'s own words, so that they cannot
disagree (docs/domain.md, section 10).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.utils import timezone

from audits.enums import AREAS, BAND_GRADES, GRADED_SECTIONS, Pathway, Section
from audits.models import Question
from audits.querysets import Person
from audits.selectors import closures
from core.dates import LONDON, FinancialYear, Quarter, add_working_days, london_date
from core.shares import Ratio
from dashboards.measures import MEASURES, Figure, Measure, Tally, expand, figure, pool, ratio
from dashboards.permissions import can_read_figures
from dashboards.scopes import COUNCIL, Scope
from dashboards.selectors import practice_questions, tallies

FREEZE_AFTER_WORKING_DAYS = 15

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
class Report:
    """A quarter or a year as counted at one moment, `as_of`, in London's time.

    `counted` and `counted_before` are the tallies of the period and of the one before; `by_quarter` holds those of
    every quarter that was counted for it, earliest first, and perhaps quarters before it. `figures` holds every measure
    by its code, in the order of the table of measures. `freezes_on` is the last day on which the records still change
    the figures.
    """

    period: Period
    scope: Scope
    as_of: datetime
    counted: Tally
    counted_before: Tally
    by_quarter: Mapping[Quarter, Counter[str]]
    figures: Mapping[str, Figure]
    questions: list[Question]
    freezes_on: date

    status = "draft"

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """The quarters of the period itself."""
        return quarters_of(self.period)

    @property
    def before(self) -> Period:
        """The period that this one is compared with."""
        return period_before(self.period)

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
        measure = self.figures[code].measure
        return [(quarter, ratio(measure, counts)) for quarter, counts in [*self.by_quarter.items()][1:]]

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
            "as_of": self.as_of.isoformat(timespec="seconds"),
            "measures": [_measure_document(figure) for figure in self.figures.values()],
            "tables": {
                "grades": {section: self.grades(section) for section in GRADED_SECTIONS},
                "ledger": self.ledger,
            },
            "themes": [],
        }


R = TypeVar("R", bound=Report)


def figures_of(
    period: Period,
    scope: Scope = COUNCIL,
    user: Person | None = None,
    *,
    at: datetime | None = None,
    since: Quarter | None = None,
) -> Report:
    """Every figure of a quarter or a year for one part of the council, in a fixed number of queries.

    Args:
        user: who reads it; None for the command line.
        at: the moment of counting, now where it is left out. The caseload is counted on the day of it.
        since: an earlier quarter to count from, for `Report.trend`.

    Raises:
        NotVisible: this person has no figures of that part of the council.

    """
    return gather(Report, period, scope, user, at=at, since=since)


def gather(
    kind: type[R],
    period: Period,
    scope: Scope = COUNCIL,
    user: Person | None = None,
    *,
    at: datetime | None = None,
    since: Quarter | None = None,
) -> R:
    """The same as a report of its own kind, such as one that has sentences."""
    if user is not None and not can_read_figures(user, scope):
        raise NotVisible(scope.key)
    at = at or timezone.now()
    now, before, year = quarters_of(period), quarters_of(period_before(period)), year_to_date(period)
    first = min(before[0].previous(), year[0], *([since.previous()] if since else []))
    counts = tallies(first, now[-1], today=london_date(at), scope=scope)
    questions = practice_questions()
    pooled = {
        name: _pooled(counts, part) for name, part in (("now", now), ("before", before), ("year", year))
    }
    return kind(
        period=period,
        scope=scope,
        as_of=at.astimezone(LONDON),
        counted=pooled["now"],
        counted_before=pooled["before"],
        by_quarter=counts,
        figures={
            measure.code: figure(measure, pooled["now"], pooled["before"], pooled["year"])
            for measure in measures_of(questions)
            if scope.is_council or not measure.of_council_only
        },
        questions=questions,
        freezes_on=add_working_days(now[-1].last_day, FREEZE_AFTER_WORKING_DAYS, closures()),
    )


def measures_of(questions: list[Question]) -> list[Measure]:
    """Every measure, written out for each area, grade, pathway and practice question."""
    words = {
        "area": {area.value: area.label for area in AREAS},
        "grade": {grade.value: grade.label for grade in BAND_GRADES},
        "question": {question.code: str(question) for question in questions},
        "pathway": {pathway.value: pathway.label for pathway in Pathway},
    }
    return [measure for declared in MEASURES for measure in expand(declared, words)]


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
        "interval_95": figure.interval_95,
        "previous": _ratio_document(figure.measure, figure.before),
        "points": figure.points,
        "change_supported": figure.change_supported,
        "year_to_date": _ratio_document(figure.measure, figure.year_to_date) if figure.year_to_date else None,
    }


def _ratio_document(measure: Measure, counted: Ratio) -> dict[str, int | None]:
    return {
        "numerator": counted.numerator,
        "denominator": counted.denominator,
        "percent": measure.percent_of(counted),
    }
