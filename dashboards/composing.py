"""Putting a report together: the figures, what was written about them, and which edition it is.

Everything that a page or a file prints is worded here, once (dashboards/contents.py).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from audits.enums import AREAS, BAND_GRADES, Section
from core.dates import FinancialYear
from core.shares import SMALLEST_FOR_PERCENT, Ratio
from dashboards.contents import Chart, Contents, Part, Table, Text
from dashboards.enums import ReportEdition
from dashboards.figures import Report
from dashboards.measures.figure import Figure
from dashboards.parts import PARTS, PartKind
from dashboards.prose import KnownNumbers, loose_numbers, unknown_fields, with_figures
from dashboards.quarterly import finding
from dashboards.suppression import SMALLEST
from dashboards.teams import TeamGrades

KEY_FIGURES = (
    "overall.good_or_better",
    *(f"{area}.good_or_better" for area in AREAS),
    "return_rate",
    "on_time",
    "moderation.coverage",
    "moderation.agreed",
    "worker_involved",
    "feedback.obtained",
)
BEGINNINGS = {
    "overall": ("overall.",),
    "visits": ("visits.", "visit_timeliness"),
    "assessments": ("assessments.", "voice."),
    "supervision": ("supervision.", "scrutiny."),
    "plans": ("plans.", "smart."),
    "meetings": ("meetings.",),
    "feedback": ("feedback.",),
    "moderation": ("moderation.", "panel."),
}
"""Which measures stand in which part, by how their codes begin; all others stand with the activity."""

QUESTION = "question."
REFERENCE = re.compile(r"\b(?:CJA|DIP|OBS|ACT|PANEL)-[0-9][0-9A-Za-z-]*")
LEFT_OUT = "[left out]"
NOT_GIVEN = "not given"


@dataclass(frozen=True)
class Words:
    """What was written for one part: `required` is for priority areas."""

    narrative: str = ""
    required: str = ""

    @property
    def all(self) -> str:
        return f"{self.narrative}\n\n{self.required}"


@dataclass(frozen=True)
class Problem:
    """Something to look at before the report goes on: in which part, and what. What is blocking has to be put right."""

    part: PartKind
    sentence: str
    is_blocking: bool = False


def compose(
    report: Report,
    words: Mapping[str, Words],
    teams: TeamGrades,
    *,
    edition: ReportEdition,
    standing: str,
    identifiers: Collection[str] = (),
) -> Contents:
    """The whole report.

    Args:
        words: by the key of the part; what is left out was not written.
        standing: such as "Draft" or "Version 1, published on 3 November 2026".
        identifiers: names of people and references of children, left out of the Board's words.

    """
    for_board = edition == ReportEdition.BOARD
    kind = "Annual" if isinstance(report.period, FinancialYear) else "Quarterly"
    composer = Composer(report, words, teams, for_board=for_board, identifiers=tuple(identifiers))
    stand = "frozen" if report.frozen_at else "counted"
    moment = report.frozen_at or report.as_of
    subtitle = f"{standing}. Figures {stand} on {moment:%-d %B %Y} at {moment:%H:%M}."
    if for_board:
        subtitle = f"For the Board, without identifiers and small numbers. {subtitle}"
    return Contents(
        title=f"{kind} quality assurance report {report.period}",
        subtitle=subtitle,
        notes=tuple(composer.notes()),
        parts=tuple(composer.part(part) for part in PARTS),
        measures=tuple(report.as_document()["measures"]),
    )


@dataclass(frozen=True)
class Composer:
    """What each part is made of."""

    report: Report
    words: Mapping[str, Words]
    teams: TeamGrades
    for_board: bool
    identifiers: tuple[str, ...]

    def notes(self) -> Iterator[str]:
        yield "An audit counts in the month it was allocated for."
        yield (
            "Every percentage stands beside what was counted and of how many; of fewer than "
            f"{SMALLEST_FOR_PERCENT} only the fraction is printed. Percentages are whole, halves rounded up."
        )
        yield (
            "The 95% interval says how far chance alone could move the percentage. A difference is called a supported "
            "change only when an exact test finds it less likely than 1 in 20 to be chance."
        )
        for one in self.report.restated:
            yield (
                f"{one.quarter}, {one.measure.label}: restated as {one.measure.printed(one.now)}, reported before as "
                f"{one.measure.printed(one.reported)}. {one.note.reason}"
            )
        if self.for_board:
            yield (
                f"Counts under {SMALLEST} of a team are withheld, and so is what would give them away. "
                "References and names were taken out of the words."
            )

    def part(self, kind: PartKind) -> Part:
        return Part(
            key=kind.key,
            heading=kind.heading,
            texts=tuple(self._texts(kind)),
            charts=tuple(self._charts(kind)),
            tables=tuple(table for table in self._tables(kind) if table.rows),
        )

    def _texts(self, kind: PartKind) -> Iterator[Text]:
        written = self.words.get(kind.key, Words())
        for label, text in (("", written.narrative), ("Actions required", written.required)):
            if text.strip():
                filled = with_figures(text, figure_in_words(self.report))
                yield Text(label, without(filled, self.identifiers) if self.for_board else filled)

    def _charts(self, kind: PartKind) -> Iterator[Chart]:
        if kind.key != Section.OVERALL and not kind.is_area:
            return
        section = Section(kind.key)
        good = self.report.figures[f"{section}.good_or_better"]
        yield Chart(
            ident=section.value,
            title=finding(
                section.label, good, "graded audits" if kind.is_area else "audits", self.report.before
            ),
            periods=tuple(
                (label, {grade.value: counts.get(f"{section}.{grade}", 0) for grade in BAND_GRADES})
                for label, counts in self._periods()
            ),
        )

    def _periods(self) -> list[tuple[str, Mapping[str, int]]]:
        """What the bars of a chart are: the quarters of a year; a quarter and the one before."""
        if isinstance(self.report.period, FinancialYear):
            return [(str(quarter), self.report.by_quarter[quarter]) for quarter in self.report.quarters]
        return [
            (str(self.report.period), self.report.counted),
            (str(self.report.before), self.report.counted_before),
        ]

    def _tables(self, kind: PartKind) -> Iterator[Table]:
        period = self.report.period
        if kind.key == "headline":
            yield self._figures(f"Key figures of {period}", KEY_FIGURES)
        elif kind.key == "teams":
            yield self.teams.table(f"Overall grades by team, {period}", is_released=self.for_board)
        elif kind.key == "returns":
            yield self._figures(f"Activity, returns and everything else counted in {period}", self._others())
            yield Table(
                "What became of the audits given out",
                ("Outcome", "Audits"),
                tuple((outcome, str(count)) for outcome, count in self.report.ledger_in_words),
            )
        elif kind.key in BEGINNINGS:
            yield self._figures(f"{kind.heading}, {period}", self._codes(BEGINNINGS[kind.key]))
        if kind.is_area:
            yield self._questions(Section(kind.key))
        if isinstance(period, FinancialYear) and kind.key in ("overall", *AREAS):
            yield self._quarters(kind)

    def _codes(self, beginnings: tuple[str, ...]) -> list[str]:
        return [code for code in self.report.figures if code.startswith(beginnings)]

    def _others(self) -> list[str]:
        placed = set(chain.from_iterable(self._codes(beginnings) for beginnings in BEGINNINGS.values()))
        in_areas = {question.code for question in self.report.questions if question.section in AREAS}
        return [
            code
            for code in self.report.figures
            if code not in placed and not (code.startswith(QUESTION) and code.split(".")[1] in in_areas)
        ]

    def _columns(self, first: str) -> tuple[str, ...]:
        columns = (first, str(self.report.period), "95% interval", str(self.report.before), "Difference")
        return columns if self._is_year else (*columns, self.report.year_to_date)

    def _cells(self, figure: Figure) -> tuple[str, ...]:
        interval = figure.interval_95
        cells = (
            figure.printed,
            f"{interval[0]}% to {interval[1]}%" if interval else NOT_GIVEN,
            figure.printed_before,
            figure.change_in_words,
        )
        return cells if self._is_year else (*cells, figure.printed_year_to_date or NOT_GIVEN)

    @property
    def _is_year(self) -> bool:
        return isinstance(self.report.period, FinancialYear)

    def _figures(self, caption: str, codes: Collection[str]) -> Table:
        figures = [self.report.figures[code] for code in codes if code in self.report.figures]
        rows = tuple((figure.measure.label, *self._cells(figure)) for figure in figures)
        return Table(caption, self._columns("Measure"), rows)

    def _questions(self, section: Section) -> Table:
        figures = self.report.figures
        rows = tuple(
            (
                str(question),
                *self._cells(figures[f"{QUESTION}{question.code}.yes"]),
                figures[f"{QUESTION}{question.code}.not_evidenced"].printed,
            )
            for question in self.report.questions
            if question.section == section
        )
        columns = (*self._columns("Question"), "Not evidenced")
        return Table(f"{section.label}: how often the answer was Yes", columns, rows)

    def _quarters(self, kind: PartKind) -> Table:
        rows = tuple(
            (str(quarter), str(self.report.in_quarter(f"{kind.key}.good_or_better", quarter)))
            for quarter in self.report.quarters
        )
        return Table(
            f"{kind.heading}: good or better, quarter by quarter", ("Quarter", "Good or better"), rows
        )


def figure_in_words(report: Report) -> Callable[[str], str | None]:
    """What a field of the prose prints, also with .before, .change or .year_to_date after the code."""

    def said(code: str) -> str | None:
        if code in report.figures:
            return report.figures[code].printed
        measure, _, which = code.rpartition(".")
        figure = report.figures.get(measure)
        if figure is None:
            return None
        return {
            "before": figure.printed_before,
            "change": figure.change_in_words,
            "year_to_date": figure.printed_year_to_date or None,
        }.get(which)

    return said


def problems_in(report: Report, words: Mapping[str, Words], identifiers: Collection[str]) -> list[Problem]:
    """What is unwritten, what names a figure that is not there, and which numbers no table holds."""
    said, known = figure_in_words(report), known_numbers(report)
    found = []
    for kind in PARTS:
        written = words.get(kind.key, Words())
        fields = unknown_fields(written.all, ())
        found += [
            Problem(kind, f"There is no figure called {code}. Choose one from the list.", is_blocking=True)
            for code in fields
            if said(code) is None
        ]
        found += [
            Problem(
                kind,
                f"No table of this report holds {number.written}. Put the figure in by its name, or check it.",
            )
            for text in (written.narrative, written.required)
            for number in loose_numbers(text, known)
        ]
        found += [
            Problem(kind, f"{name} is named. The Board’s edition leaves it out.")
            for name in named_in(written.all, identifiers)
        ]
        if not written.narrative.strip():
            found.append(Problem(kind, "Nothing is written yet."))
    return found


def known_numbers(report: Report) -> KnownNumbers:
    """The numbers of the tables of the council; those of single teams are not for the prose."""
    counts: set[int] = set(report.ledger.values())
    percents: set[int] = set()
    for figure in report.figures.values():
        points = figure.points
        if points is not None:
            counts.add(abs(points))
        for counted in (figure.now, figure.before, figure.year_to_date):
            if counted is not None:
                _add(counted, figure, counts, percents)
    return KnownNumbers(frozenset(counts), frozenset(percents))


def _add(counted: Ratio, figure: Figure, counts: set[int], percents: set[int]) -> None:
    counts |= {counted.numerator, counted.denominator}
    percent = figure.measure.percent_of(counted)
    if percent is not None:
        percents.add(percent)


def named_in(text: str, identifiers: Collection[str]) -> list[str]:
    """References of work, and whichever of the identifiers the text holds as whole words, each once."""
    found = [match[0] for match in REFERENCE.finditer(text)]
    found += [
        name for name in identifiers if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
    ]
    return list(dict.fromkeys(found))


def without(text: str, identifiers: Collection[str]) -> str:
    """The text with references and identifiers left out, in words that say so."""
    for name in sorted(named_in(text, identifiers), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", LEFT_OUT, text, flags=re.IGNORECASE)
    return text
