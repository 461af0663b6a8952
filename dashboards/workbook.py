"""A report as an Excel workbook: every measure as numbers, the grades with charts, and the tables as printed."""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import SeriesLabel
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from core.cell_writer import Cell, fill_cell
from dashboards.charts import BANDS
from dashboards.contents import Contents, Table

MEASURE_COLUMNS = (
    "Code",
    "Measure",
    "Numerator",
    "Denominator",
    "Percent",
    "95% interval from",
    "95% interval to",
    "Unit",
    "Value",
    "Value 95% from",
    "Value 95% to",
    "Numerator before",
    "Denominator before",
    "Percent before",
    "Points",
    "Change supported",
    "Numerator in the year so far",
    "Denominator in the year so far",
    "Percent in the year so far",
)
QUARTER_COLUMNS = ("Quarter", "Code", "Measure", "Numerator", "Denominator", "Percent")
TARGET_COLUMNS = (
    "Code",
    "Measure",
    "Direction",
    "Target in percent",
    "Since",
    "Numerator",
    "Denominator",
    "Percent",
    "Numerator it takes",
    "Reached",
)
PERFORMANCE_COLUMNS = (
    "Quarter",
    "Performance figure",
    "Source",
    "Numerator",
    "Denominator",
    "Percent",
    "Number",
    "Unit",
    "Code of the measure of the audits",
    "Numerator of the audits",
    "Denominator of the audits",
    "Percent of the audits",
)
ROWS_OF_A_CHART = 16
NARROWEST, WIDEST = 10, 80
"""Of a column, in characters."""
HEADER_LINES = 2
"""On how many lines a header may stand where it is wrapped."""


def workbook_of(contents: Contents, *, council: str, mark: str) -> bytes:
    """The whole report."""
    workbook = Workbook()
    about = workbook.create_sheet("About", 0)
    workbook.remove(workbook.worksheets[-1])
    lines = [contents.title, council, contents.subtitle, *contents.notes, *([mark] if mark else [])]
    for number, line in enumerate(lines, start=1):
        fill_cell(about.cell(number, 1), line)
    about["A1"].font = Font(bold=True, size=14)
    about.column_dimensions["A"].width = 120
    measures = workbook.create_sheet("Measures")
    _write_sheet(measures, MEASURE_COLUMNS, _measures(contents))
    if len(contents.quarters) > 1:
        _write_sheet(workbook.create_sheet("By quarter"), QUARTER_COLUMNS, _quarters(contents))
    if contents.targets:
        _write_sheet(workbook.create_sheet("Targets"), TARGET_COLUMNS, _targets(contents))
    if contents.performance:
        _write_sheet(workbook.create_sheet("Performance"), PERFORMANCE_COLUMNS, _performance(contents))
    _add_grades(workbook.create_sheet("Grades"), contents)
    _add_tables(workbook.create_sheet("Tables"), contents)
    _add_words(workbook.create_sheet("Words"), contents)
    for sheet in workbook.worksheets[1:]:
        _fit(sheet)
    file = BytesIO()
    workbook.save(file)
    return file.getvalue()


def _write_sheet(sheet: Worksheet, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """A bold header that stays in sight, and the rows under it."""
    for number, values in enumerate((header, *rows), start=1):
        for column, value in enumerate(values, start=1):
            fill_cell(sheet.cell(number, column), value)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def _fit(sheet: Worksheet) -> None:
    """Give every column room for its longest line; what is longer than the widest is wrapped."""
    for number, cells in enumerate(sheet.iter_cols(), start=1):
        longest = NARROWEST
        for cell in cells:
            length = len(str(cell.value or ""))
            if length > WIDEST:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
            is_wrapped = sheet.freeze_panes and cell.row == 1
            longest = max(longest, length // HEADER_LINES if is_wrapped else length)
        sheet.column_dimensions[get_column_letter(number)].width = min(WIDEST, longest) + 2


def _measures(contents: Contents) -> Iterator[tuple[Cell, ...]]:
    for measure in contents.measures:
        previous, year = measure["previous"], measure["year_to_date"] or {}
        low, high = measure["interval_95"] or (None, None)
        supported = measure["change_supported"]
        yield (
            measure["code"],
            measure["label"],
            measure["numerator"],
            measure["denominator"],
            measure["percent"],
            low,
            high,
            measure["unit"],
            measure["value"],
            *(measure["value_interval_95"] or (None, None)),
            previous["numerator"],
            previous["denominator"],
            previous["percent"],
            measure["points"],
            _yes_or_no(supported),
            year.get("numerator"),
            year.get("denominator"),
            year.get("percent"),
        )


def _quarters(contents: Contents) -> Iterator[tuple[Cell, ...]]:
    labels = {measure["code"]: measure["label"] for measure in contents.measures}
    for quarter in contents.quarters:
        for measure in quarter["measures"]:
            code = measure["code"]
            counted = (measure[key] for key in ("numerator", "denominator", "percent"))
            yield (quarter["period"], code, labels[code], *counted)


def _targets(contents: Contents) -> Iterator[tuple[Cell, ...]]:
    keys = ("code", "label", "direction", "target", "since", "numerator", "denominator", "percent", "takes")
    for target in contents.targets:
        yield (*(target[key] for key in keys), _yes_or_no(target["reached"]))


def _performance(contents: Contents) -> Iterator[tuple[Cell, ...]]:
    keys = ("period", "name", "source", "numerator", "denominator", "percent")
    for one in contents.performance:
        value = None if one["value"] is None else float(one["value"])
        beside = (one["beside"][key] for key in ("code", "numerator", "denominator", "percent"))
        yield (*(one[key] for key in keys), value, one["unit"], *beside)


def _yes_or_no(holds: object) -> str | None:
    """Of True, False or None."""
    return None if holds is None else "yes" if holds else "no"


def _add_grades(sheet: Worksheet, contents: Contents) -> None:
    """The counts of each chart, with a chart of the workbook's own beside them."""
    charts = [chart for part in contents.parts for chart in part.charts]
    rows: list[tuple[Cell, ...]] = []
    places = []
    for chart in charts:
        places.append((chart.title, len(rows) + 2, len(chart.periods)))
        rows += [
            (chart.ident, label, *(counts[band.code] for band in BANDS)) for label, counts in chart.periods
        ]
    _write_sheet(sheet, ("Section", "Period", *(band.label for band in BANDS)), rows)
    for number, (title, first, periods) in enumerate(places):
        drawn = BarChart()
        drawn.type, drawn.grouping, drawn.overlap = "bar", "percentStacked", 100
        drawn.title, drawn.height, drawn.width = title, 7, 18
        for place, band in enumerate(BANDS):
            values = Reference(sheet, min_col=3 + place, min_row=first, max_row=first + periods - 1)
            drawn.add_data(values, titles_from_data=False)
            drawn.series[place].graphicalProperties.solidFill = band.fill.removeprefix("#")
            drawn.series[place].tx = SeriesLabel(v=band.label)
        drawn.dataLabels = DataLabelList(showVal=True)
        drawn.set_categories(Reference(sheet, min_col=2, min_row=first, max_row=first + periods - 1))
        sheet.add_chart(drawn, f"H{2 + number * ROWS_OF_A_CHART}")


def _add_tables(sheet: Worksheet, contents: Contents) -> None:
    """Every table of the report as it is printed, one under the other."""
    number = 1
    for table in (table for part in contents.parts for table in part.tables):
        number = _add_table(sheet, table, number)


def _add_table(sheet: Worksheet, table: Table, number: int) -> int:
    """Write it from the row `number` on; the row after it and a blank one."""
    fill_cell(sheet.cell(number, 1), table.caption)
    sheet.cell(number, 1).font = Font(bold=True, size=12)
    for column, word in enumerate(table.columns, start=1):
        fill_cell(sheet.cell(number + 1, column), word)
        sheet.cell(number + 1, column).font = Font(bold=True)
    for place, cells in enumerate(table.rows, start=number + 2):
        for column, text in enumerate(cells, start=1):
            fill_cell(sheet.cell(place, column), text)
    return number + len(table.rows) + 3


def _add_words(sheet: Worksheet, contents: Contents) -> None:
    words = [
        (part.heading, text.label or "Narrative", text.words)
        for part in contents.parts
        for text in part.texts
    ]
    _write_sheet(sheet, ("Part", "What", "Words"), words)
