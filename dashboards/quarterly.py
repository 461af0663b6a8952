"""The quarterly report: every figure of a quarter, gathered once for the page and for the command."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from audits.enums import AREAS, BAND_GRADES, GRADED_SECTIONS, Section
from audits.models import Question
from audits.selectors import closures
from core.dates import LONDON, Quarter, add_working_days
from core.shares import Ratio
from dashboards.charts import StackedBars, stacked_bars
from dashboards.measures import FEEDBACK_ITEMS, MEASURES, Figure, Measure, expand, figure, pool, ratio
from dashboards.selectors import grades_by_quarter, practice_questions, returns_by_quarter, tallies

FREEZE_AFTER_WORKING_DAYS = 15
LEDGER = {
    "excused": "Excused",
    "withdrawn": "Withdrawn",
    "reallocated": "Given to somebody else",
    "submitted": "Submitted",
    "outstanding": "Not returned so far",
    "given": "All audits given out",
}
FAMILY = (
    "feedback.obtained",
    "feedback.attempted",
    "feedback.child",
    *(f"feedback.{code}" for code in FEEDBACK_ITEMS),
)
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


@dataclass(frozen=True)
class QuarterlyReport:
    """A quarter as counted at one moment, `as_of`, in London's time.

    `counted` and `counted_before` are the tallies of the quarter and of the one before; `figures` holds every
    measure by its code, in the order of the table of measures; `questions` are in the order of their codes;
    `freezes_on` is the day whose end closes the quarter for counting (docs/domain.md, section 10).
    """

    quarter: Quarter
    as_of: datetime
    counted: Counter[str]
    counted_before: Counter[str]
    figures: Mapping[str, Figure]
    questions: list[Question]
    freezes_on: date

    status = "draft"
    """Until a quarter's figures are kept, each report counts afresh and says so."""

    @property
    def year_to_date(self) -> str:
        """What the pooled figures cover: "2024-25 Q1 to Q2"."""
        first = self.quarter.year_to_date[0]
        return str(first) if first == self.quarter else f"{first} to Q{self.quarter.number}"

    @property
    def headlines(self) -> list[str]:
        """The quarter in a few sentences, each with its numerator and denominator."""
        before, returned = self.quarter.previous(), self.figures["return_rate"]
        if not returned.now.denominator:
            return [f"No audit was due in {self.quarter}."]
        overall = self.figures["overall.good_or_better"]
        submitted, submitted_before = self.counted["submitted"], self.counted["submitted_before"]
        sentences = [
            f"{overall.now.of('audits')} are good or better overall. {_compared(overall, before)}",
            f"{returned.now.of('audits')} came back, {self.figures['on_time'].now} by their first due date.",
            f"{submitted} were submitted in {self.quarter} and {submitted_before} in {before}.",
            f"The social worker took part in {self.figures['worker_involved'].now.of('audits')}.",
            f"Family feedback was obtained in {self.figures['feedback.obtained'].now.of('audits')}.",
        ]
        if self.quarter.number > 1:
            sentences.insert(1, f"In the year so far it is {overall.year_to_date}.")
        return sentences

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
    def ledger(self) -> dict[str, int]:
        """What became of every audit given out; the outcomes add up to "given"."""
        outcomes = {name: self.counted[name] for name in ("excused", "withdrawn", "reallocated")}
        outcomes["submitted"] = self.counted["returned"]
        given = self.counted["given"]
        return {**outcomes, "outstanding": given - sum(outcomes.values()), "given": given}

    @property
    def ledger_in_words(self) -> list[tuple[str, int]]:
        """The same with the names that people read."""
        return [(LEDGER[outcome], count) for outcome, count in self.ledger.items()]

    def as_document(self) -> dict[str, Any]:
        """The report as JSON holds it; the keys are relied on by scripts."""
        return {
            "period": str(self.quarter),
            "status": self.status,
            "freezes_on": self.freezes_on.isoformat(),
            "as_of": self.as_of.isoformat(timespec="seconds"),
            "measures": [_measure_document(figure) for figure in self.figures.values()],
            "tables": {
                "grades": {section: self._grades(section) for section in GRADED_SECTIONS},
                "ledger": self.ledger,
            },
            "themes": [],
        }

    def _section(self, section: Section) -> GradedSection:
        is_area = section in AREAS
        good = self.figures[f"{section}.good_or_better"]
        finding = _finding(
            section.label, good, "graded audits" if is_area else "audits", self.quarter.previous()
        )
        lines = {**{grade.value: grade.label for grade in BAND_GRADES}, "good_or_better": "Good or better"}
        if is_area:
            lines["not_applicable"] = "Not applicable"
        return GradedSection(
            finding=finding,
            caption=f"{section.label}: grades in {self.quarter}",
            chart=stacked_bars(
                section,
                finding,
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

    def _grades(self, section: Section) -> dict[str, int]:
        grades = {grade.value: self.counted[f"{section}.{grade}"] for grade in BAND_GRADES}
        graded = sum(grades.values())
        return {**grades, "graded": graded, "not_applicable": self.counted["submitted"] - graded}


def quarterly_report(quarter: Quarter, *, at: datetime) -> QuarterlyReport:
    """Count `quarter` as the records stand; `at` is printed as the moment of counting. Five queries."""
    before = quarter.previous()
    counts = tallies(min(before.previous(), quarter.year_to_date[0]), quarter)
    year_to_date = pool(counts[part] for part in quarter.year_to_date)
    questions = practice_questions()
    return QuarterlyReport(
        quarter=quarter,
        as_of=at.astimezone(LONDON),
        counted=counts[quarter],
        counted_before=counts[before],
        figures={
            measure.code: figure(measure, counts[quarter], counts[before], year_to_date)
            for measure in _measures(questions)
        },
        questions=questions,
        freezes_on=add_working_days(quarter.last_day, FREEZE_AFTER_WORKING_DAYS, closures()),
    )


@dataclass(frozen=True)
class QuarterLine:
    """One quarter in the list of quarters."""

    quarter: Quarter
    return_rate: Ratio
    good_or_better: Ratio


def quarter_lines(quarters: Sequence[Quarter]) -> list[QuarterLine]:
    """A line for each of `quarters`, in the order given. Two queries; none when there are no quarters."""
    if not quarters:
        return []
    returns = returns_by_quarter(min(quarters), max(quarters))
    grades = grades_by_quarter(min(quarters), max(quarters))
    plain = {measure.code: measure for measure in MEASURES}
    return [
        QuarterLine(
            quarter,
            return_rate=ratio(plain["return_rate"], returns[quarter]),
            good_or_better=ratio(plain["overall.good_or_better"], pool([returns[quarter], grades[quarter]])),
        )
        for quarter in quarters
    ]


def _measures(questions: list[Question]) -> list[Measure]:
    words = {
        "area": {area.value: area.label for area in AREAS},
        "grade": {grade.value: grade.label for grade in BAND_GRADES},
        "question": {question.code: str(question) for question in questions},
    }
    return [measure for declared in MEASURES for measure in expand(declared, words)]


def _finding(label: str, good: Figure, audits: str, before: Quarter) -> str:
    if not good.now.denominator:
        return f"{label}: no audit was graded"
    finding = f"{label}: {good.now.of(audits)} good or better"
    return f"{finding}, {_direction(good.points)} on {before}" if good.change_supported else finding


def _compared(figure: Figure, before: Quarter) -> str:
    was = f"In {before} it was {figure.before}"
    if figure.points is None:
        return f"{was}."
    if figure.change_supported:
        return f"{was}: {_direction(figure.points)}, more than chance explains."
    return f"{was}; chance alone may explain the difference."


def _direction(points: int | None) -> str:
    points = points or 0
    return f"a {'rise' if points > 0 else 'fall'} of {abs(points)} percentage points"


def _measure_document(figure: Figure) -> dict[str, Any]:
    return {
        "code": figure.measure.code,
        "label": figure.measure.label,
        **_ratio_document(figure.now),
        "interval_95": figure.interval_95,
        "previous": _ratio_document(figure.before),
        "points": figure.points,
        "change_supported": figure.change_supported,
        "year_to_date": _ratio_document(figure.year_to_date) if figure.year_to_date else None,
    }


def _ratio_document(ratio: Ratio) -> dict[str, int | None]:
    return {"numerator": ratio.numerator, "denominator": ratio.denominator, "percent": ratio.percent}
