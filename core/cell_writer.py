"""Writing cells of workbooks and lines of CSV: whatever begins like a formula stays text. Knows no Django.

The one way by which anything leaves as a spreadsheet. A workbook holds such text as text; a CSV file has no types, so
there an apostrophe stands before it. https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date
from io import StringIO
from typing import TypeAlias

from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

Value: TypeAlias = str | int | float | date | None

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How formulas begin, and the full-width twins that some programs take for them."""
LONGEST = 32_767
"""Characters in a cell."""
_NOT_IN_A_CELL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet might run the text."""
    return text.startswith(BEGINNINGS)


def write_cell(cell: Cell | MergedCell, value: Value) -> None:
    """Put the value into the cell; text is stored as text, whatever it looks like."""
    if isinstance(value, str):
        cell.value = _NOT_IN_A_CELL.sub("", value)[:LONGEST]
        cell.data_type = "s"
        cell.quotePrefix = looks_like_formula(value)
    else:
        cell.value = value


def write_sheet(sheet: Worksheet, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """A bold header that stays in sight, and the rows under it. The sheet is empty before."""
    for number, values in enumerate((header, *rows), start=1):
        for column, value in enumerate(values, start=1):
            write_cell(sheet.cell(number, column), value)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def csv_of(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """The same as CSV with a byte order mark, so that spreadsheets read it as UTF-8."""
    file = StringIO()
    writer = csv.writer(file)
    for values in (header, *rows):
        writer.writerow([_as_text(value) for value in values])
    return f"\ufeff{file.getvalue()}"


def _as_text(value: Value) -> str:
    if isinstance(value, str) and looks_like_formula(value):
        return f"'{value}"
    return "" if value is None else str(value)
