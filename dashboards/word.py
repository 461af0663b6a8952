"""A report as a Word document: real headings, tables whose header rows repeat, charts with their words. No Django."""

from collections.abc import Callable
from io import BytesIO

from docx import Document
from docx.document import Document as DocumentType
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Length, Pt
from docx.table import _Row
from docx.text.paragraph import Paragraph

from dashboards.contents import Chart, Contents, Part, Table

NARROW, WIDE = Pt(8), Pt(10)
PAPER_WIDTH, MARGIN = Cm(21), Cm(1.8)
NUMBERS = Cm(2.15)
"""The width of a column of a table with many columns, in which "26 of 49 (53%)" has room; the first has the rest."""
MANY_COLUMNS = 5
LANGUAGE = "en-GB"


def word_of(contents: Contents, *, picture: Callable[[Chart], bytes], council: str, mark: str) -> bytes:
    """The whole report. `picture` draws a chart as PNG; `mark` says who saved it, at the foot of each page."""
    document = blank(contents.title, council)
    document.add_heading(contents.title, level=0)
    document.add_paragraph(f"{council}. {contents.subtitle}")
    for part in contents.parts:
        _add_part(document, part, picture)
    document.add_heading("How to read the figures", level=1)
    notes = [document.add_paragraph(note, style="List Bullet") for note in contents.notes]
    for note in notes[:-1]:
        note.paragraph_format.keep_with_next = True
    _add_foot(document.sections[0].footer.paragraphs[0], mark)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def blank(title: str, council: str) -> DocumentType:
    """A4 in English, with its title and whose it is, and nothing in it yet."""
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = PAPER_WIDTH, Cm(29.7)
    page.left_margin = page.right_margin = MARGIN
    document.core_properties.title = title
    document.core_properties.author = council
    document.core_properties.language = LANGUAGE
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(11)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), LANGUAGE)
    normal.element.get_or_add_rPr().append(language)
    return document


def _add_part(document: DocumentType, part: Part, picture: Callable[[Chart], bytes]) -> None:
    document.add_heading(part.heading, level=1)
    for text in part.texts:
        if text.label:
            document.add_heading(text.label, level=2)
        for paragraph in text.paragraphs:
            document.add_paragraph(paragraph)
    for chart in part.charts:
        document.add_heading(chart.title, level=2)
        shape = document.add_picture(BytesIO(picture(chart)), width=Cm(16))
        properties = shape._inline.docPr  # noqa: SLF001 - the library has no other way to say it
        properties.set("title", chart.title)
        properties.set("descr", f"{chart.title}. {chart.drawing.description}")
    for table in part.tables:
        _add_table(document, table)


def _add_table(document: DocumentType, table: Table) -> None:
    caption = document.add_paragraph(table.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    size = NARROW if len(table.columns) >= MANY_COLUMNS else WIDE
    drawn = document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    drawn.autofit = False
    widths = _widths(len(table.columns))
    for column, width in zip(drawn.columns, widths, strict=True):
        column.width = width
    _fill(drawn.rows[0], table.columns, widths, size, is_header=True)
    for cells in table.rows:
        _fill(drawn.add_row(), cells, widths, size)
    document.add_paragraph()


def _widths(columns: int) -> list[Length]:
    whole = PAPER_WIDTH - 2 * MARGIN
    other = NUMBERS if columns >= MANY_COLUMNS else Length(whole // columns)
    return [Length(whole - other * (columns - 1)), *[other] * (columns - 1)]


def _add_foot(foot: Paragraph, mark: str) -> None:
    """Who saved it, and the number of the page."""
    foot.add_run(f"{mark}. Page " if mark else "Page ")
    _add_field(foot, "PAGE")
    foot.add_run(" of ")
    _add_field(foot, "NUMPAGES")


def _add_field(paragraph: Paragraph, name: str) -> None:
    """A number that the word processor fills in."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    paragraph._p.append(field)  # noqa: SLF001 - the library has no other way to say it


def _fill(
    row: _Row, cells: tuple[str, ...], widths: list[Length], size: Pt, *, is_header: bool = False
) -> None:
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - the library has no other way to say it
    if is_header:
        properties.append(OxmlElement("w:tblHeader"))
    properties.append(OxmlElement("w:cantSplit"))
    for cell, text, width in zip(row.cells, cells, widths, strict=True):
        cell.width = width
        run = cell.paragraphs[0].add_run(text)
        run.font.size, run.font.bold = size, is_header
