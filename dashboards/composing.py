"""Putting a report together: the figures, what was written about them, and which edition it is.

Everything that a page or a file prints is worded here, once (dashboards/contents.py).
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audits.enums import AREAS, BAND_GRADES, Section
from audits.models import ActivityRecord
from core.dates import FinancialYear
from core.shares import SMALLEST_FOR_PERCENT
from dashboards.aims import Aim, Progress, progress_of
from dashboards.beside import BesideAudits, beside_audits, performance_table, targets_table
from dashboards.contents import Chart, Contents, Part, Table, Text
from dashboards.enums import ReportEdition
from dashboards.figures import Report
from dashboards.measures.figure import Figure
from dashboards.models import PerformanceFigure
from dashboards.names import without
from dashboards.parts import BEGINNINGS, OTHERS, PARTS, QUESTION, PartKind, part_of
from dashboards.prose import with_figures
from dashboards.quarterly import finding
from dashboards.suppression import SMALLEST, WITHHELD
from dashboards.teams import ALL_TEAMS, TeamGrades, areas_table

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

NOT_GIVEN = "not given"
NOTHING_WRITTEN = Text("", "Nothing was written for this part.")
TEAMS_WITHHELD = "withheld, since each team has a count under 5 or would give one away."


@dataclass(frozen=True)
class Words:
    """What was written for one part: `required` is for priority areas."""

    narrative: str = ""
    required: str = ""

    @property
    def all(self) -> str:
        return f"{self.narrative}\n\n{self.required}"


@dataclass(frozen=True)
class Material:
    """What a report is made of at one moment.

    Attributes:
        words: by the key of the part; what is left out was not written.
        aims: the targets at the end of the period, by the code of the measure.
        beside: the council's performance figures of the period's quarters.
        handed_in: the dip samples and observations of a quarter, listed outside the Board's edition.
        identifiers: names of people and references of children, left out of the Board's words.

    """

    report: Report
    words: Mapping[str, Words]
    teams: TeamGrades
    areas_by_team: Mapping[Section, TeamGrades] = field(default_factory=dict)
    aims: Mapping[str, Aim] = field(default_factory=dict)
    beside: Sequence[PerformanceFigure] = ()
    handed_in: Sequence[ActivityRecord] = ()
    identifiers: Collection[str] = ()

    @property
    def progress(self) -> list[Progress]:
        """The measures that have a target."""
        return progress_of(self.report.figures, self.aims)

    @property
    def performance(self) -> list[BesideAudits]:
        """The performance figures, each with what the audits of the same quarter found."""
        return beside_audits(self.report, self.beside)


def compose(material: Material, *, edition: ReportEdition, standing: str) -> Contents:
    """The whole report; `standing` is such as "Draft" or "Version 1, published on 3 November 2026"."""
    report = material.report
    counted = report.as_document()
    for_board = edition == ReportEdition.BOARD
    kind = "Annual" if isinstance(report.period, FinancialYear) else "Quarterly"
    composer = Composer(material, for_board=for_board)
    stand = "frozen" if report.frozen_at else "counted"
    moment = report.frozen_at or report.as_of
    subtitle = f"{standing}. Figures {stand} on {moment:%-d %B %Y} at {moment:%H:%M}."
    if not report.is_over:
        subtitle = f"{subtitle} {report.period} goes on until {report.quarters[-1].last_day:%-d %B %Y}."
    if for_board:
        subtitle = f"For the Board, without identifiers and small numbers. {subtitle}"
    return Contents(
        title=f"{kind} quality assurance report {report.period}",
        subtitle=subtitle,
        notes=tuple(composer.notes()),
        parts=tuple(composer.part(part) for part in PARTS),
        measures=tuple(counted["measures"]),
        targets=tuple(progress.as_document() for progress in material.progress),
        performance=tuple(composer.said_of(one) for one in material.performance),
        quarters=tuple(counted["quarters"]),
    )


@dataclass(frozen=True)
class Composer:
    """What each part is made of."""

    material: Material
    for_board: bool

    @property
    def report(self) -> Report:
        return self.material.report

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
        texts, charts = tuple(self._texts(kind)), tuple(self._charts(kind))
        tables = [table for table in self._tables(kind) if table.rows]
        withheld = tuple(
            Text("", f"{table.caption}: {TEAMS_WITHHELD}") for table in tables if _tells_nothing(table)
        )
        shown = tuple(table for table in tables if not _tells_nothing(table))
        texts += withheld
        if not (texts or charts or shown):
            texts = (NOTHING_WRITTEN,)
        return Part(kind.key, kind.heading, texts, charts, shown)

    def _texts(self, kind: PartKind) -> Iterator[Text]:
        written = self.material.words.get(kind.key, Words())
        for label, text in (("", written.narrative), ("Actions required", written.required)):
            if text.strip():
                yield Text(label, self._released(with_figures(text, figure_in_words(self.report))))

    def _released(self, text: str) -> str:
        """The text as this edition has it."""
        return without(text, self.material.identifiers) if self.for_board else text

    def said_of(self, one: BesideAudits) -> dict[str, Any]:
        """A performance figure as JSON holds it, without identifiers in the Board's edition."""
        said = one.as_document()
        return said | {name: self._released(said[name]) for name in ("name", "source", "unit")}

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
            yield targets_table(self.report, self.material.progress)
            yield from self._quarters("Key figures", KEY_FIGURES)
        elif kind.key == "improvements":
            yield Table(
                f"Themes of findings, {period}",
                ("Theme", str(period), str(self.report.before)),
                tuple((theme.label, str(theme.now), str(theme.before)) for theme in self.report.themes),
            )
        elif kind.key == "teams":
            yield self.material.teams.table(f"Overall grades by team, {period}", is_released=self.for_board)
            yield areas_table(
                f"Good or better by team and area, {period}",
                self.material.teams,
                self.material.areas_by_team,
                is_released=self.for_board,
            )
        elif kind.key == "returns":
            yield self._figures(f"Activity, returns and everything else counted in {period}", self._others())
            yield Table(
                "What became of the audits given out",
                ("Outcome", "Audits"),
                tuple((outcome, str(count)) for outcome, count in self.report.ledger_in_words),
            )
        elif kind.key in BEGINNINGS:
            yield self._figures(f"{kind.heading}, {period}", self._codes(BEGINNINGS[kind.key]))
        if kind.key == "dip_samples" and not self.for_board:
            yield Table(
                f"Handed in, {period}",
                ("Reference", "What was looked at", "What has to be better"),
                tuple((str(one), one.looked_at, one.better) for one in self.material.handed_in),
            )
        if kind.is_area:
            yield self._questions(Section(kind.key))
        yield self._performance(kind)
        if kind.key in ("overall", *AREAS, "feedback"):
            yield from self._quarters(kind.heading, self._codes(BEGINNINGS[kind.key]))

    def _performance(self, kind: PartKind) -> Table:
        """Those of the measures that stand in this part."""
        here = [
            one
            for one in self.material.performance
            if part_of(one.finding.measure.code, self._area_of) == kind.key
        ]
        return performance_table(kind.heading, here, said=self._released)

    @property
    def _area_of(self) -> dict[str, str]:
        areas = {question.code: question.section for question in self.report.questions}
        return {code: section for code, section in areas.items() if section in AREAS}

    def _codes(self, beginnings: tuple[str, ...]) -> list[str]:
        return [code for code in self.report.figures if code.startswith(beginnings)]

    def _others(self) -> list[str]:
        area_of = self._area_of
        return [code for code in self.report.figures if part_of(code, area_of) == OTHERS]

    def _columns(self, first: str) -> tuple[str, ...]:
        columns = (first, str(self.report.period), "95% interval", str(self.report.before), "Difference")
        return (*columns, self.report.year_to_date) if self.report.has_year_so_far else columns

    def _cells(self, figure: Figure) -> tuple[str, ...]:
        interval = figure.interval_95
        cells = (
            figure.printed,
            f"{interval[0]}% to {interval[1]}%" if interval else NOT_GIVEN,
            figure.printed_before,
            figure.change_in_words,
        )
        return (*cells, figure.printed_year_to_date or NOT_GIVEN) if self.report.has_year_so_far else cells

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

    def _quarters(self, heading: str, codes: Collection[str]) -> Iterator[Table]:
        """The figures of a year in each of its quarters."""
        report = self.report
        if isinstance(report.period, FinancialYear):
            rows = tuple(
                (
                    report.figures[code].measure.label,
                    *(report.printed_in(code, one) for one in report.quarters),
                )
                for code in codes
            )
            columns = ("Measure", *map(str, report.quarters))
            yield Table(f"{heading}, quarter by quarter", columns, rows)


def _tells_nothing(table: Table) -> bool:
    """Whether every team of it is withheld."""
    teams = [row for row in table.rows if row[0] != ALL_TEAMS]
    return bool(teams) and all(cell == WITHHELD for row in teams for cell in row[1:])


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
