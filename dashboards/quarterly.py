"""The quarterly report: the figures of a quarter with the sentences and drawings of its page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from audits.enums import AREAS, BAND_GRADES, Section
from core.dates import Quarter
from core.shares import Ratio
from dashboards.charts import StackedBars, stacked_bars
from dashboards.figures import Period, Report, gather
from dashboards.frozen import Frozen, by_definition, frozen_quarters
from dashboards.measures.definition import Measure, Tally, pool, ratio
from dashboards.measures.figure import Figure
from dashboards.measures.involvement import FEEDBACK_ITEMS
from dashboards.measures.table import MEASURES
from dashboards.scopes import COUNCIL
from dashboards.selectors.audits import grades_by_quarter, returns_by_quarter

FAMILY = (
    "feedback.obtained",
    "feedback.attempted",
    "feedback.child",
    *(f"feedback.{code}" for code in FEEDBACK_ITEMS),
)
VOICE_AND_PLANS = ("visit_timeliness", "voice.", "smart.", "scrutiny.")
MODERATION = ("moderation.", "panel.")
COVERAGE = ("activity", "coverage.")
FOLLOW_UP = ("actions.", "reaudit.", "hand_off", "recurrence")
RETURNS = ("return_rate", "return_rate_gross", "on_time", "volume", "worker_involved", "feedback.obtained")


@dataclass(frozen=True)
class GradedSection:
    """The grades of one area, or of the whole: the finding in words, the drawing, and a line for each figure."""

    finding: str
    caption: str
    chart: StackedBars
    lines: list[tuple[str, Figure]]


@dataclass(frozen=True)
class QuestionFigures:
    """One practice question: how often the answer was yes, and how often nothing was on record."""

    text: str
    yes: Figure
    not_evidenced: Figure


class QuarterlyReport(Report):
    """The figures of a quarter, in sentences and drawings."""

    period: Quarter

    @property
    def quarter(self) -> Quarter:
        return self.period

    @property
    def headlines(self) -> list[str]:
        """The quarter in a few sentences, each with its numerator and denominator."""
        return list(self._headlines()) or [f"No audit was due in {self.quarter}."]

    def _headlines(self) -> Iterator[str]:
        before = self.quarter.previous()
        overall, returned = self.figures["overall.good_or_better"], self.figures["return_rate"]
        worker, family = self.figures["worker_involved"], self.figures["feedback.obtained"]
        if overall.now.denominator:
            yield f"{overall.now.of('audits')} are good or better overall. {_compared(overall, before)}"
            if self.has_year_so_far:
                yield f"In the year so far it is {overall.year_to_date}."
        if returned.now.denominator:
            yield f"{returned.now.of('audits')} came back, {self.figures['on_time'].now} by their first due date."
        if imported := self.counted["imported"]:
            yield f"{imported} of the audits were brought in from a form service, and are in no return rate."
        if overall.now.denominator:
            submitted, submitted_before = self.counted["submitted"], self.counted["submitted_before"]
            yield f"{submitted} were submitted in {self.quarter} and {submitted_before} in {before}."
            yield f"The social worker took part in {worker.now.of('audits')}."
        if family.now.denominator:
            yield f"Family feedback was obtained in {family.now.of('audits')}."

    @property
    def sections(self) -> list[GradedSection]:
        """The whole first, then the five priority areas."""
        return [self._section(section) for section in (Section.OVERALL, *AREAS)]

    @property
    def question_groups(self) -> list[tuple[str, list[QuestionFigures]]]:
        """The practice questions by the page of the audit that asks them."""
        groups: dict[str, list[QuestionFigures]] = {}
        for question in self.questions:
            groups.setdefault(Section(question.section).label, []).append(
                QuestionFigures(
                    str(question),
                    self.figures[f"question.{question.code}.yes"],
                    self.figures[f"question.{question.code}.not_evidenced"],
                )
            )
        return list(groups.items())

    @property
    def returns(self) -> list[tuple[str, Figure]]:
        """Who returned what, and who took part: a line for each figure."""
        return [(self.figures[code].measure.label, self.figures[code]) for code in RETURNS]

    @property
    def family(self) -> list[tuple[str, Figure]]:
        """Whom auditors asked, and what families said: a line for each figure."""
        return [(self.figures[code].measure.label, self.figures[code]) for code in FAMILY]

    @property
    def voice_and_plans(self) -> list[tuple[str, Figure]]:
        """Visits in time, whose views are in the assessment, SMART plans, the IRO's and the chair's scrutiny."""
        return self._lines(VOICE_AND_PLANS)

    @property
    def moderation(self) -> list[tuple[str, Figure]]:
        """What panels saw and what they changed, the overall grade first and then each area."""
        return self._lines(MODERATION)

    @property
    def coverage(self) -> list[tuple[str, Figure]]:
        """Audits of every kind, and how much of the caseload was audited, by pathway."""
        return self._lines(COVERAGE)

    @property
    def follow_up(self) -> list[tuple[str, Figure]]:
        """What became of actions, of Inadequate audits and of the learning, and where themes come back."""
        return self._lines(FOLLOW_UP)

    def _lines(self, beginnings: tuple[str, ...]) -> list[tuple[str, Figure]]:
        found = (figure for code, figure in self.figures.items() if code.startswith(beginnings))
        return [(figure.measure.label, figure) for figure in found]

    def _section(self, section: Section) -> GradedSection:
        is_area = section in AREAS
        good = self.figures[f"{section}.good_or_better"]
        found = finding(
            section.label, good, "graded audits" if is_area else "audits", self.quarter.previous()
        )
        lines = {**{grade.value: grade.label for grade in BAND_GRADES}, "good_or_better": "Good or better"}
        if is_area:
            lines["not_applicable"] = "Not applicable"
        return GradedSection(
            finding=found,
            caption=f"{section.label}: grades in {self.quarter}",
            chart=stacked_bars(
                section,
                found,
                [
                    (str(quarter), {grade: counts[f"{section}.{grade}"] for grade in BAND_GRADES})
                    for quarter, counts in (
                        (self.quarter, self.counted),
                        (self.quarter.previous(), self.counted_before),
                    )
                ],
            ),
            lines=[(label, self.figures[f"{section}.{code}"]) for code, label in lines.items()],
        )


def quarterly_report(quarter: Quarter, *, at: datetime) -> QuarterlyReport:
    """The figures of `quarter` for the council; `at` is printed as the moment of counting. Nine queries."""
    return gather(QuarterlyReport, quarter, at=at)


@dataclass(frozen=True)
class QuarterLine:
    """One quarter in the list of quarters."""

    quarter: Quarter
    is_frozen: bool
    return_rate: Ratio
    good_or_better: Ratio


def quarter_lines(quarters: Sequence[Quarter]) -> list[QuarterLine]:
    """A line for each of `quarters`, in the order given. Three queries; none when there are no quarters."""
    if not quarters:
        return []
    first, last = min(quarters), max(quarters)
    frozen = frozen_quarters(first, last, COUNCIL)
    returns, grades = returns_by_quarter(first, last), grades_by_quarter(first, last)
    plain = {measure.code: measure for measure in MEASURES}
    lines = []
    for quarter in quarters:
        kept = frozen.get(quarter)
        counts = kept.counts if kept else pool([returns[quarter], grades[quarter]])
        lines.append(
            QuarterLine(
                quarter,
                is_frozen=kept is not None,
                return_rate=_reported(plain["return_rate"], counts, kept),
                good_or_better=_reported(plain["overall.good_or_better"], counts, kept),
            )
        )
    return lines


def _reported(measure: Measure, counts: Tally, kept: Frozen | None) -> Ratio:
    definition = kept.definition_of(measure) if kept else None
    return ratio(by_definition(measure, definition) if definition else measure, counts)


def finding(label: str, good: Figure, audits: str, before: Period) -> str:
    """What the grades say in a sentence; a difference only where chance does not explain it."""
    if not good.now.denominator:
        return f"{label}: no audit was graded"
    found = f"{label}: {good.now.of(audits)} good or better"
    return f"{found}, {good.change_said} on {before}" if good.change_said else found


def _compared(figure: Figure, before: Quarter) -> str:
    was = f"In {before} it was {figure.before}"
    if not figure.points or figure.change_supported is None:
        return f"{was}."
    if figure.change_said:
        return f"{was}: {figure.change_said}, more than chance explains."
    return f"{was}; chance alone may explain the difference."
