"""Small Annex A workbooks, cell by cell. For large ones with everything in them see audits.demo.annex_a_workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook

Sheet = Sequence[Sequence[Any]]
Row = dict[str, Any]

PERSON = ("Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Does the Child have a Disability")
HELD_BY = ("Allocated Team", "Allocated Worker")
HEADINGS = {
    "List 6": (*PERSON, "CIN Start Date", "CIN Closure Date", *HELD_BY),
    "List 7": (*PERSON, "Child Protection Plan Start Date", "Child Protection Plan End Date", *HELD_BY),
    "List 8": (
        *PERSON,
        "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N))",
        "Date Started to be Looked After",
        "Child's Legal Status",
        "Date Ceased to be Looked After",
        *HELD_BY,
    ),
    "List 9": (*PERSON, *HELD_BY),
}
STARTED = {
    "List 6": "CIN Start Date",
    "List 7": "Child Protection Plan Start Date",
    "List 8": "Date Started to be Looked After",
}
CLOSED = {
    "List 6": "CIN Closure Date",
    "List 7": "Child Protection Plan End Date",
    "List 8": "Date Ceased to be Looked After",
}


def row(reference: Any = 5694372, **cells: Any) -> Row:
    """A usable row; `started` and `closed` go to the list's own columns, other names are headings."""
    return {
        "Child Unique ID": reference,
        "Gender": "b) Female",
        "Ethnicity": "a) WBRI",
        "Date of Birth": date(2015, 6, 9),
        "Does the Child have a Disability": "b) No",
        "Allocated Team": "North",
        "Allocated Worker": "Wren Hale",
        **cells,
    }


def sheet(list_name: str, rows: Sequence[Row]) -> list[list[Any]]:
    """The list's headings, and the rows under them; headings of a row's own come after the list's."""
    known = HEADINGS[list_name]
    rows = [_dated(list_name, dict(cells)) for cells in rows]
    extra = dict.fromkeys(heading for cells in rows for heading in cells if heading not in known)
    headings = [*known, *extra]
    return [headings, *([cells.get(heading) for heading in headings] for cells in rows)]


def _dated(list_name: str, cells: Row) -> Row:
    for name, headings in (("started", STARTED), ("closed", CLOSED)):
        if name in cells:
            cells[headings[list_name]] = cells.pop(name)
    return cells


def annex_a(
    *,
    cin: Sequence[Row] = (),
    cp: Sequence[Row] = (),
    cla: Sequence[Row] = (),
    leaving_care: Sequence[Row] = (),
) -> BytesIO:
    """A workbook with lists 6 to 9."""
    return workbook(
        {
            "List 6": sheet("List 6", cin),
            "List 7": sheet("List 7", cp),
            "List 8": sheet("List 8", cla),
            "List 9": sheet("List 9", leaving_care),
        }
    )


def workbook(sheets: Mapping[str, Sheet]) -> BytesIO:
    """A workbook with these sheets, each given as its rows of cells."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        made = book.create_sheet(name)
        for cells in rows:
            made.append(list(cells))
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file
