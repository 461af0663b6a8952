"""Page, JSON, workbook, Word document and PDF print the same figures, number by number; and what files must be."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.template.loader import render_to_string
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook
from pypdf import PdfReader

from core.dates import FinancialYear
from dashboards.composing import Words
from dashboards.contents import Contents, Table
from dashboards.documents import working_copy
from dashboards.enums import ReportEdition
from dashboards.figures import Period, Report, figures_of
from dashboards.files import file_of
from dashboards.quarterly import quarterly_report
from dashboards.workbook import MEASURE_COLUMNS, workbook_of
from tests.dashboards.pages import tables_of
from tests.dashboards.worked_example import Q2, build

pytestmark = pytest.mark.django_db

NOON = datetime(2024, 10, 3, 11, 0, tzinfo=UTC)
WRITTEN = {
    "headline": Words("Overall {{ overall.good_or_better }} are good or better.\n\n=1+1 is text."),
    "visits": Words("Steady.", "Managers look at each gap."),
}
YEAR = FinancialYear(2024)


@pytest.fixture
def contents(request: pytest.FixtureRequest) -> Contents:
    build()
    copy = working_copy(getattr(request, "param", Q2), None, at=NOON)
    return replace(copy, words=WRITTEN).contents(ReportEdition.WHOLE, "Draft")


def chart_of(workbook: bytes) -> str:
    """The first chart, as it stands in the file."""
    with ZipFile(BytesIO(workbook)) as file:
        return file.read("xl/charts/chart1.xml").decode()


def tables(contents: Contents) -> Iterator[Table]:
    return (table for part in contents.parts for table in part.tables)


def squeezed(text: str) -> str:
    """Without any white space: a PDF breaks lines where it likes."""
    return re.sub(r"\s", "", text)


def printed_by_page(contents: Contents) -> dict[str, list[tuple[str, ...]]]:
    found = tables_of(render_to_string("dashboards/_contents.html", {"contents": contents}))
    return {caption: [(first, *rest) for first, rest in rows.items()] for caption, rows in found.items()}


def printed_by_word(contents: Contents) -> dict[str, list[tuple[str, ...]]]:
    document = Document(BytesIO(file_of(contents, "docx")))
    captions = [
        one.text for one in document.paragraphs if one.style is not None and one.style.name == "Caption"
    ]
    return {
        caption: [tuple(cell.text for cell in row.cells) for row in table.rows]
        for caption, table in zip(captions, document.tables, strict=True)
    }


def printed_by_workbook(contents: Contents) -> dict[str, list[tuple[str, ...]]]:
    sheet = load_workbook(BytesIO(file_of(contents, "xlsx")))["Tables"]
    found: dict[str, list[tuple[str, ...]]] = {}
    caption = ""
    for cells in sheet.iter_rows(values_only=True):
        row = tuple(str(cell) for cell in cells if cell is not None)
        if not row:
            caption = ""
        elif not caption:
            caption = row[0]
            found[caption] = []
        else:
            found[caption].append(row)
    return found


@pytest.mark.parametrize("contents", [Q2, YEAR], indirect=True, ids=["quarter", "year"])
def test_every_output_prints_every_table_alike(contents: Contents) -> None:
    declared = {table.caption: [table.columns, *table.rows] for table in tables(contents)}
    assert printed_by_page(contents) == declared
    assert printed_by_word(contents) == declared
    assert printed_by_workbook(contents) == declared
    pdf = squeezed(
        "".join(page.extract_text() for page in PdfReader(BytesIO(file_of(contents, "pdf"))).pages)
    )
    missing = [
        (table.caption, row)
        for table in tables(contents)
        for row in table.rows
        if squeezed("".join(row)) not in pdf
    ]
    assert missing == []


def numbers_of(report: Report) -> dict[str, tuple[Any, ...]]:
    """Each measure's numbers as its Figure has them."""
    return {
        code: (
            figure.now.numerator,
            figure.now.denominator if figure.measure.of else None,
            figure.percent,
            figure.points,
        )
        for code, figure in report.figures.items()
    }


@pytest.mark.parametrize("period", [Q2, YEAR], ids=["quarter", "year"])
def test_json_and_workbook_hold_the_numbers_of_the_figures(period: Period) -> None:
    build()
    report = figures_of(period, at=NOON)
    contents = working_copy(period, None, at=NOON).contents(ReportEdition.WHOLE, "Draft")
    in_json = {
        one["code"]: (one["numerator"], one["denominator"], one["percent"], one["points"])
        for one in json.loads(json.dumps(report.as_document()))["measures"]
    }
    sheet = load_workbook(BytesIO(file_of(contents, "xlsx")))["Measures"]
    header, *rows = sheet.iter_rows(values_only=True)
    in_workbook = {
        str(row[0]): (row[2], row[3], row[4], row[MEASURE_COLUMNS.index("Points")]) for row in rows
    }
    assert header == MEASURE_COLUMNS
    assert in_json == in_workbook == numbers_of(report)


def test_the_workbook_of_a_year_holds_every_quarter() -> None:
    build()
    contents = working_copy(YEAR, None, at=NOON).contents(ReportEdition.WHOLE, "Draft")
    sheet = load_workbook(BytesIO(file_of(contents, "xlsx")))["By quarter"]
    rows = {(row[0], row[1]): row[2:] for row in sheet.iter_rows(min_row=2, values_only=True)}
    label = "Overall: good or better"
    assert rows["2024-25 Q1", "overall.good_or_better"] == (label, 19, 70, 27)
    assert rows["2024-25 Q2", "overall.good_or_better"] == (label, 29, 64, 45)
    assert rows["2024-25 Q3", "overall.good_or_better"] == (label, 0, 0, None)
    assert len(rows) == 4 * len(contents.measures)


def test_the_page_of_the_quarter_prints_the_same_figures_as_the_report() -> None:
    build()
    page = quarterly_report(Q2, at=NOON)
    contents = working_copy(Q2, None, at=NOON).contents(ReportEdition.WHOLE, "Draft")
    cells = {
        row[0]: row[1] for table in tables(contents) if table.columns[0] == "Measure" for row in table.rows
    }
    shown = {
        figure.measure.label: figure.printed
        for lines in (*(section.lines for section in page.sections), page.returns, page.family)
        for _, figure in lines
    }
    assert {label: cells[label] for label in shown} == shown


def test_every_measure_stands_in_a_table(contents: Contents) -> None:
    report = figures_of(Q2, at=NOON)
    labels = {row[0] for table in tables(contents) for row in table.rows}
    in_areas = {question.code for question in report.questions if str(question) in labels}
    missing = [
        code
        for code, figure in report.figures.items()
        if figure.measure.label not in labels
        and not (code.startswith("question.") and code.split(".")[1] in in_areas)
    ]
    assert missing == []


def test_kept_as_json_it_is_the_same(contents: Contents) -> None:
    assert Contents.from_json(json.loads(json.dumps(contents.as_json()))).as_json() == contents.as_json()


class TestWord:
    def test_headings_tables_and_pictures_can_be_read_aloud(self, contents: Contents) -> None:
        document = Document(BytesIO(file_of(contents, "docx")))
        headings = [
            one.text for one in document.paragraphs if one.style is not None and one.style.name == "Heading 1"
        ]
        assert headings == [*(part.heading for part in contents.parts), "How to read the figures"]
        assert all("w:tblHeader" in table.rows[0]._tr.xml for table in document.tables)
        charts = [chart for part in contents.parts for chart in part.charts]
        described = re.findall(r'<wp:docPr [^>]*descr="([^"]+)"', document.element.xml)
        assert described == [f"{chart.title}. {chart.drawing.description}" for chart in charts]

    def test_says_whose_it_is(self, contents: Contents) -> None:
        document = Document(BytesIO(file_of(contents, "docx", mark="Saved by Quentin Lead")))
        assert document.core_properties.title == contents.title
        foot = document.sections[0].footer.paragraphs[0]
        assert foot.text == "Saved by Quentin Lead. Page  of "
        assert [field.get(qn("w:instr")) for field in foot._p.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]

    def test_no_table_is_wider_than_the_paper(self, contents: Contents) -> None:
        document = Document(BytesIO(file_of(contents, "docx")))
        page = document.sections[0]
        paper = (page.page_width or 0) - (page.left_margin or 0) - (page.right_margin or 0)
        widths = [[cell.width or 0 for cell in table.rows[-1].cells] for table in document.tables]
        assert all(paper * 0.99 < sum(row) <= paper for row in widths)
        assert all(row[0] == max(row) for row in widths)


class TestWorkbook:
    def test_text_that_looks_like_a_formula_stays_text(self, contents: Contents) -> None:
        sheet = load_workbook(BytesIO(file_of(contents, "xlsx")))["Words"]
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}

    def test_the_grades_are_numbers_with_a_chart_each(self, contents: Contents) -> None:
        sheet = load_workbook(BytesIO(file_of(contents, "xlsx")))["Grades"]
        rows = [row[:6] for row in sheet.iter_rows(min_row=2, max_row=3, values_only=True)]
        assert rows == [
            ("overall", "2024-25 Q2", 3, 26, 23, 12),
            ("overall", "2024-25 Q1", 0, 19, 31, 20),
        ]

    def test_charts_name_their_grades_and_no_cell_is_cut_off(self, contents: Contents) -> None:
        book = workbook_of(contents, council="Anyshire", mark="")
        charts = re.findall(r"<c:v>([A-Z][a-z ]+)</c:v>|<v>([A-Z][a-z ]+)</v>", chart_of(book))
        assert [one or other for one, other in charts] == [
            "Outstanding",
            "Good",
            "Requires improvement",
            "Inadequate",
        ]
        for sheet in load_workbook(BytesIO(book)).worksheets[1:]:
            for row in sheet.iter_rows(min_row=2):
                for cell in row:
                    width = sheet.column_dimensions[cell.column_letter].width
                    assert cell.alignment.wrap_text or len(str(cell.value or "")) <= width


class TestPdf:
    def test_is_tagged_and_named(self, contents: Contents) -> None:
        reader = PdfReader(BytesIO(file_of(contents, "pdf")))
        catalogue: Any = reader.trailer["/Root"]
        assert catalogue["/MarkInfo"]["/Marked"]
        assert catalogue["/Lang"] == "en-GB"
        assert reader.metadata is not None
        assert reader.metadata.title == "Quarterly quality assurance report 2024-25 Q2"
