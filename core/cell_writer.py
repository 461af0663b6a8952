"""The one way in which a table leaves the service as a file. Knows no Django.

What somebody typed may look like a formula to a spreadsheet program, which would then run it on the reader's machine.
In an xlsx such a text is stored as text; in a csv, which has no types, it begins with an apostrophe.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from core.dates import LONDON

Cell = str | int | float | date | datetime | None
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"
"""What a cell begins with that some program reads as a formula, full-width twins among them."""
SPACES = " \u00a0"
LONGEST_CELL = 32_767
"""Excel holds no more characters in a cell."""
WIDEST = 60
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold."""


def looks_like_a_formula(text: str) -> bool:
    """Whether some spreadsheet program could take the text for a formula.

    >>> looks_like_a_formula("=1+1"), looks_like_a_formula("  @SUM(A1)"), looks_like_a_formula("1+1")
    (True, True, False)
    """
    return text.lstrip(SPACES).startswith(tuple(FORMULA_STARTS))


def writable(text: str) -> str:
    """The text without what a file cannot hold, cut to what a cell can."""
    return _UNWRITABLE.sub("", text)[:LONGEST_CELL]


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A csv in UTF-8 with the mark that Excel needs; days as 2026-11-28."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    for row in (headings, *rows):
        writer.writerow([_csv_cell(value) for value in row])
    return written.getvalue().encode("utf-8-sig")


def xlsx_bytes(title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet with a heading row that stays in sight; days as dates."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number, heading in enumerate(headings, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(WIDEST, max(12, len(heading) + 4))
    sheet.append([_xlsx_cell(sheet, heading, bold=True) for heading in headings])
    for row in rows:
        sheet.append([_xlsx_cell(sheet, value) for value in row])
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _csv_cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = writable(value)
        return f"'{text}" if looks_like_a_formula(text) else text
    if isinstance(value, datetime):
        return f"{value.astimezone(LONDON):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def fill_cell(cell: Any, value: Cell) -> None:
    """Put the value into a cell of a workbook; text is stored as text, whatever it looks like."""
    if isinstance(value, str):
        cell.value = writable(value)
        cell.data_type = "s"
    elif isinstance(value, datetime):
        cell.value = value.astimezone(LONDON).replace(tzinfo=None)
        cell.number_format = "d mmm yyyy hh:mm"
    elif isinstance(value, date):
        cell.value = value
        cell.number_format = "d mmm yyyy"
    else:
        cell.value = value


def _xlsx_cell(sheet: Any, value: Cell, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet)
    fill_cell(cell, value)
    if bold:
        cell.font = Font(bold=True)
    return cell
