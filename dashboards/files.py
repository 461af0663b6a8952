"""A report as a file: Word, PDF and Excel, all drawn from the same contents (dashboards/contents.py)."""

from base64 import b64encode
from collections.abc import Callable, Mapping

from django.conf import settings
from django.template.loader import render_to_string

from core.pdf import pdf_of
from dashboards.contents import Chart, Contents
from dashboards.enums import ReportFile
from dashboards.word import word_of
from dashboards.workbook import workbook_of

WIDTH = 640
"""Of a chart in a file, in pixels."""

CONTENT_TYPES: Mapping[str, str] = {
    ReportFile.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ReportFile.PDF: "application/pdf",
    ReportFile.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file_of(contents: Contents, kind: str, *, mark: str = "") -> bytes:
    """The report as such a file.

    Args:
        mark: who saved it and when, printed on it; empty for the command line.

    Raises:
        RuleViolation: this server has not what a PDF takes.

    """
    makers: dict[str, Callable[[], bytes]] = {
        ReportFile.DOCX: lambda: word_of(contents, picture=png_of, council=settings.COUNCIL_NAME, mark=mark),
        ReportFile.PDF: lambda: pdf_of(html_of(contents, mark=mark), ("app/report-paper.css",)),
        ReportFile.XLSX: lambda: workbook_of(contents, council=settings.COUNCIL_NAME, mark=mark),
    }
    return makers[kind]()


def html_of(contents: Contents, *, mark: str = "") -> str:
    """The whole report as a page of its own, with its charts inside."""
    parts = [(part, [(chart, _address_of(chart)) for chart in part.charts]) for part in contents.parts]
    context = {"contents": contents, "parts": parts, "mark": mark, "council_name": settings.COUNCIL_NAME}
    return render_to_string("dashboards/report_paper.html", context)


def svg_of(chart: Chart) -> str:
    """The drawing as the page has it, of one width."""
    return render_to_string("dashboards/_stacked_bars.html", {"chart": chart.drawing, "width": WIDTH})


def png_of(chart: Chart) -> bytes:
    """The same drawing as a picture, for what cannot draw it."""
    import resvg_py  # noqa: PLC0415 - loads its fonts when it is first needed

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg_of(chart), background="#ffffff", zoom=2, font_family="Liberation Sans"
        )
    )


def _address_of(chart: Chart) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg_of(chart).encode()).decode()}"
