"""One thing that a page says: its sentence, its drawing, its table. The page, its print and its file have the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audits.enums import AREAS, BAND_GRADES, Section
from core.dates import Quarter
from core.shares import SMALLEST_FOR_PERCENT
from dashboards.charts import PercentBars, StackedBars, percent_bars, stacked_bars
from dashboards.contents import Table
from dashboards.figures import Report
from dashboards.funnel import Funnel
from dashboards.measures.figure import Figure
from dashboards.quarterly import finding
from dashboards.run_charts import RunChart
from dashboards.small_multiples import SmallMultiple, small_multiple

Drawing = StackedBars | PercentBars | Funnel | RunChart | tuple[SmallMultiple, ...]
DIFFERENCE = "Difference on the quarter before"


@dataclass(frozen=True)
class Block:
    """`ident` names it in the address of its file; `template` draws its `drawing`, where it has one."""

    ident: str
    sentence: str
    table: Table
    template: str = ""
    drawing: Drawing | None = None
    note: str = ""


def grades(report: Report, section: Section, quarters: Sequence[Quarter]) -> Block:
    """The grades of one area, or of the whole, quarter by quarter."""
    is_area = section in AREAS
    things = "graded audits" if is_area else "audits"
    sentence = finding(section.label, report.figures[f"{section}.good_or_better"], things, report.before)
    columns = {grade.value: grade.label for grade in BAND_GRADES} | {"good_or_better": "Good or better"}
    if is_area:
        columns["not_applicable"] = "Not applicable"
    rows = [
        (str(one), *(report.printed_in(f"{section}.{code}", one) for code in columns)) for one in quarters
    ]
    periods = [
        (
            str(one),
            {grade.value: report.by_quarter[one].get(f"{section}.{grade}", 0) for grade in BAND_GRADES},
        )
        for one in quarters
    ]
    return Block(
        ident=section.value,
        sentence=sentence,
        table=Table(
            f"{section.label}: grades, quarter by quarter", ("Quarter", *columns.values()), tuple(rows)
        ),
        template="dashboards/_stacked_bars.html",
        drawing=stacked_bars(section.value, sentence, periods),
    )


def share(report: Report, code: str, quarters: Sequence[Quarter], *, target: int | None = None) -> Block:
    """One measure as a bar for each quarter."""
    figure, ident = report.figures[code], code.replace(".", "-")
    sentence = f"{figure.measure.label}: {figure.printed} in {report.period}"
    if figure.change_said:
        sentence = f"{sentence}, {figure.change_said} on {report.before}"
    return Block(
        ident=ident,
        sentence=sentence,
        table=Table(
            caption=f"{figure.measure.label}, quarter by quarter",
            columns=("Quarter", "Counted"),
            rows=tuple((str(one), report.printed_in(code, one)) for one in quarters),
        ),
        template="dashboards/_percent_bars.html",
        drawing=percent_bars(
            ident, sentence, [(str(one), report.in_quarter(code, one)) for one in quarters], target=target
        ),
    )


def figures(report: Report, quarters: Sequence[Quarter]) -> Block:
    """Every figure of the page but the practice questions', which have blocks of their own."""
    codes = [code for code in report.figures if not code.startswith("question.")]
    rows = tuple(
        (
            report.figures[code].measure.label,
            *(report.printed_in(code, one) for one in quarters),
            report.figures[code].change_in_words,
        )
        for code in codes
    )
    return Block(
        ident="figures",
        sentence="Every figure of this page",
        table=Table("Figures, quarter by quarter", ("Measure", *map(str, quarters), DIFFERENCE), rows),
    )


def questions(report: Report, quarters: Sequence[Quarter]) -> Iterator[Block]:
    """The practice questions of each page of the audit, as small multiples."""
    for section in dict.fromkeys(Section(question.section) for question in report.questions):
        asked = {
            f"question.{question.code}.yes": str(question)
            for question in report.questions
            if question.section == section
        }
        rows = tuple(
            (
                text,
                *(report.printed_in(code, one) for one in quarters),
                report.figures[code].change_in_words,
            )
            for code, text in asked.items()
        )
        yield Block(
            ident=section.value,
            sentence=_changes(section, [(text, report.figures[code]) for code, text in asked.items()]),
            table=Table(
                caption=f"{section.label}: how often the answer was Yes",
                columns=("Question", *map(str, quarters), DIFFERENCE),
                rows=rows,
            ),
            template="dashboards/_small_multiples.html",
            drawing=tuple(
                small_multiple(
                    code.replace(".", "-"),
                    text,
                    [(str(one), report.in_quarter(code, one)) for one in quarters],
                )
                for code, text in asked.items()
            ),
        )


def _changes(section: Section, asked: Sequence[tuple[str, Figure]]) -> str:
    """What changed by more than chance explains, and where Yes was least often the answer."""
    changed = [f"{text}: {figure.change_said}" for text, figure in asked if figure.change_said]
    said = f"{section.label}: {'; '.join(changed) or 'no question changed by more than chance explains'}"
    counted = [one for one in asked if one[1].now.denominator >= SMALLEST_FOR_PERCENT]
    if not counted:
        return said
    text, figure = min(counted, key=lambda one: one[1].now.numerator / one[1].now.denominator)
    return f"{said}. Least often Yes: {text}, {figure.printed}"
