"""A learning brief as one page: Word and tagged PDF, drawn from the same contents (dashboards/brief.py)."""

from collections.abc import Callable, Mapping
from io import BytesIO

from django.conf import settings
from django.template.loader import render_to_string
from docx.shared import Cm, Pt

from core.pdf import pdf_of
from dashboards.brief import BriefContents
from dashboards.enums import ReportFile
from dashboards.word import blank

BRIEF_FILES = (ReportFile.DOCX, ReportFile.PDF)


def brief_file(contents: BriefContents, kind: str) -> bytes:
    """The brief as such a file.

    Raises:
        RuleViolation: this server has not what a PDF takes.

    """
    makers: Mapping[str, Callable[[], bytes]] = {
        ReportFile.DOCX: lambda: _word(contents),
        ReportFile.PDF: lambda: _pdf(contents),
    }
    return makers[kind]()


def _pdf(contents: BriefContents) -> bytes:
    context = {"contents": contents, "council_name": settings.COUNCIL_NAME}
    html = render_to_string("dashboards/brief_paper.html", context)
    return pdf_of(html, ("app/brief-paper.css",))


def _word(contents: BriefContents) -> bytes:
    document = blank(contents.title, settings.COUNCIL_NAME)
    page = document.sections[0]
    page.top_margin = page.bottom_margin = page.left_margin = page.right_margin = Cm(1.3)
    for style, size in (("Normal", 10), ("List Bullet", 10), ("Heading 1", 12.5), ("Title", 18)):
        document.styles[style].font.size = Pt(size)
        document.styles[style].paragraph_format.space_after = Pt(3)
        document.styles[style].paragraph_format.line_spacing = 1
    document.styles["Heading 1"].paragraph_format.space_before = Pt(8)
    document.add_heading(contents.title, level=0)
    document.add_paragraph(f"Learning brief of {settings.COUNCIL_NAME}. {contents.standing}.")
    if contents.opening:
        document.add_paragraph(contents.opening)
    for section in contents.sections:
        document.add_heading(section.heading, level=1)
        for point in section.points:
            document.add_paragraph(point, style="List Bullet")
    file = BytesIO()
    document.save(file)
    return file.getvalue()
