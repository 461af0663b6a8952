"""Tagged PDF from HTML, for whatever is printed. The library is loaded when it is first needed (docs/operations.md)."""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from core.errors import RuleViolation

NO_PANGO = (
    "This server cannot make PDFs: the pango library is not installed. Print the page from the browser "
    "instead, and tell whoever looks after the server."
)

LONGEST = 1_500_000
"""Characters of HTML: ten texts of 20,000 words, and under half a minute's work. A web server waits a minute."""

TOO_LONG = (
    "This is too long to be made into a PDF here. Open the page to print instead: your browser's Print saves it as a "
    "PDF, however long it is."
)


def pdf_of(html: str, stylesheets: Iterable[str]) -> bytes:
    """The page as PDF/UA-1, which a screen reader can read. Nothing is fetched, from this machine or another.

    Args:
        html: a whole document with a title and a language.
        stylesheets: paths under static/, such as "app/paper.css".

    Raises:
        RuleViolation: the server has not what it takes, or the page is longer than LONGEST.

    """
    if len(html) > LONGEST:
        raise RuleViolation(TOO_LONG)
    try:
        from weasyprint import CSS, HTML  # noqa: PLC0415 - loads a system library that need not be there
        from weasyprint.urls import URLFetcher  # noqa: PLC0415
    except OSError as error:
        raise RuleViolation(NO_PANGO) from error
    fetcher = URLFetcher(allowed_protocols=["data"])
    sheets = [CSS(string=_text_of(path), url_fetcher=fetcher) for path in stylesheets]
    document: bytes = HTML(string=html, url_fetcher=fetcher).write_pdf(
        stylesheets=sheets, pdf_variant="pdf/ua-1"
    )
    return document


def _text_of(path: str) -> str:
    folder: Path = settings.BASE_DIR / "static"
    return (folder / path).read_text(encoding="utf-8")
