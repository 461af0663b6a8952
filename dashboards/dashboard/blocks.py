"""One thing that a page says: its sentence, its drawing, its table. The page, its print and its file have the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audits.enums import AREAS, BAND_GRADES, Section
from core.shares import SMALLEST_FOR_PERCENT
from dashboards.beside import BesideAudits, performance_table
from dashboards.charts import PercentBars, StackedBars, percent_bars, stacked_bars
from dashboards.contents import Table
from dashboards.dashboard.withholding import Cells
from dashboards.funnel import Funnel
from dashboards.measures.figure import Figure
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


def grades(cells: Cells, section: Section) -> Block:
    """The grades of one area, or of the whole, quarter by quarter."""
    is_area = section in AREAS
    sentence = _finding(cells, section, "graded audits" if is_area else "audits")
    columns = {grade.value: grade.label for grade in BAND_GRADES} | {"good_or_better": "Good or better"}
    if is_area:
        columns["not_applicable"] = "Not applicable"
    rows = tuple(
        (str(one), *(cells.printed(f"{section}.{code}", one) for code in columns)) for one in cells.quarters
    )
    periods = [
        (
            str(one),
            {grade.value: cells.report.by_quarter[one].get(f"{section}.{grade}", 0) for grade in BAND_GRADES},
        )
        for one in cells.quarters
        if not cells.withholds(f"{section}.good_or_better", one)
    ]
    return Block(
        ident=section.value,
        sentence=sentence,
        table=Table(f"{section.label}: grades, quarter by quarter", ("Quarter", *columns.values()), rows),
        template="dashboards/_stacked_bars.html" if periods else "",
        drawing=stacked_bars(section.value, sentence, periods) if periods else None,
    )


def _finding(cells: Cells, section: Section, things: str) -> str:
    """What the grades say in a sentence; a difference only where chance does not explain it."""
    code = f"{section}.good_or_better"
    figure = cells.report.figures[code]
    if cells.withholds(code, cells.until):
        return _withheld(section.label, cells)
    if not figure.now.denominator:
        return f"{section.label}: no audit was graded in {cells.until}"
    found = f"{section.label}: {figure.now.of(things)} good or better in {cells.until}"
    return _with_change(found, cells, code)


def _with_change(found: str, cells: Cells, code: str) -> str:
    change = cells.change_said(code)
    return f"{found}, {change} on {cells.report.before}" if change else found


def _withheld(label: str, cells: Cells) -> str:
    return f"{label}: counts under 5 are withheld in {cells.until}"


def share(cells: Cells, code: str, *, target: int | None = None) -> Block:
    """One measure as a bar for each quarter."""
    figure, ident = cells.report.figures[code], code.replace(".", "-")
    label = figure.measure.label
    sentence = _with_change(f"{label}: {figure.printed} in {cells.until}", cells, code)
    if cells.withholds(code, cells.until):
        sentence = _withheld(label, cells)
    trend = cells.trend(code)
    return Block(
        ident=ident,
        sentence=sentence,
        table=Table(
            caption=f"{label}, quarter by quarter",
            columns=("Quarter", "Counted"),
            rows=tuple((str(one), cells.printed(code, one)) for one in cells.quarters),
        ),
        template="dashboards/_percent_bars.html" if trend else "",
        drawing=percent_bars(ident, sentence, trend, target=target) if trend else None,
    )


def figures(cells: Cells) -> Block:
    """Every figure of the page but the practice questions', which have blocks of their own."""
    codes = [code for code in cells.report.figures if not code.startswith("question.")]
    return Block(
        ident="figures",
        sentence="Every figure of this page",
        table=Table(
            "Figures, quarter by quarter",
            ("Measure", *map(str, cells.quarters), DIFFERENCE),
            tuple(_row(cells, code, cells.report.figures[code].measure.label) for code in codes),
        ),
    )


def performance(beside: Sequence[BesideAudits], period: str) -> Block:
    """What the council's performance dashboard says, beside what the audits of the same quarter found."""
    return Block(
        ident="performance",
        sentence="What the council’s performance dashboard says beside the audits",
        table=performance_table(period, beside, said=str),
        note="Two counts of different things: where they differ, ask why before believing either.",
    )


def _row(cells: Cells, code: str, label: str) -> tuple[str, ...]:
    return (label, *(cells.printed(code, one) for one in cells.quarters), cells.change_in_words(code))


def questions(cells: Cells) -> Iterator[Block]:
    """The practice questions of each page of the audit, as small multiples."""
    report = cells.report
    for section in dict.fromkeys(Section(question.section) for question in report.questions):
        asked = {
            f"question.{question.code}.yes": str(question)
            for question in report.questions
            if question.section == section
        }
        drawn = tuple(
            small_multiple(code.replace(".", "-"), text, trend)
            for code, text in asked.items()
            if (trend := cells.trend(code))
        )
        yield Block(
            ident=section.value,
            sentence=_changes(section, asked, cells),
            table=Table(
                caption=f"{section.label}: how often the answer was Yes",
                columns=("Question", *map(str, cells.quarters), DIFFERENCE),
                rows=tuple(_row(cells, code, text) for code, text in asked.items()),
            ),
            template="dashboards/_small_multiples.html" if drawn else "",
            drawing=drawn or None,
        )


def _changes(section: Section, asked: dict[str, str], cells: Cells) -> str:
    """What changed by more than chance explains, and where Yes was least often the answer."""
    changed = [f"{text}: {change}" for code, text in asked.items() if (change := cells.change_said(code))]
    unchanged = "no question changed by more than chance explains"
    if not cells.report.is_over:
        unchanged = f"{cells.until} goes on, and no change is tested yet"
    said = f"{section.label}: {'; '.join(changed) or unchanged}"
    counted = [
        (text, figure)
        for code, text in asked.items()
        if not cells.withholds(code, cells.until)
        and (figure := cells.report.figures[code]).now.denominator >= SMALLEST_FOR_PERCENT
    ]
    if not counted:
        return said
    text, least = min(counted, key=_yes)
    return f"{said}. Least often Yes in {cells.until}: {text}, {least.printed}"


def _yes(counted: tuple[str, Figure]) -> float:
    share = counted[1].now
    return share.numerator / share.denominator
