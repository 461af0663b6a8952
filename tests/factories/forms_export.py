"""A small export of a form service and its mapping, with the untidiness of real ones."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook

AREAS = {
    "visits": "Visits",
    "assessments": "Assessments",
    "supervision": "Supervision",
    "plans": "Plans",
    "meetings": "Meetings",
}

MAPPING = (
    """
[columns]
external_id = "ID"
started_at = "Start time"
submitted_at = "Completion time"
auditor_email = "Email"
auditor_name = "Name"
child = "Case number"
pathway = "Plan"
team = "Team"
round = "Month"
overall_grade = "Overall"
overall_rationale = "Why overall"
"""
    + "".join(
        f'\n[areas.{area}]\ngrade = "Grade {name}"\nevidence = "Evidence {name}"\n'
        for area, name in AREAS.items()
    )
    + """
[questions]
V6 = "Are visits purposeful?"
A6 = "Is there a genogram?"
W1 = "Was the social worker involved?"

[values.grades]
"outstanding" = "outstanding"
"good" = "good"
"requires improvement" = "requires_improvement"
"requires improvement to be good" = "requires_improvement"
"inadequate" = "inadequate"
"n/a" = "not_applicable"

[values.pathways]
"child in need" = "cin"
"child protection" = "cp"
"leaving care" = "leaving_care"

[values.answers]
"yes" = "yes"
"partly" = "partly"
"no" = "no"
"n/a" = "not_applicable"
"""
)


def past(external_id: Any = 1, **cells: Any) -> dict[str, Any]:
    """A usable row; other names replace or add a heading's cell."""
    row: dict[str, Any] = {
        "ID": external_id,
        "Start time": datetime(2024, 4, 21, 11, 22),  # noqa: DTZ001 - a cell has no zone
        "Completion time": datetime(2024, 4, 21, 14, 41),  # noqa: DTZ001
        "Email": "Past.Auditor@council.example",
        "Name": "Past Auditor",
        "Case number": 3_700_000 + int(external_id) if str(external_id).isdigit() else 3_700_000,
        "Plan": "Child in Need",
        "Team": "North",
        "Month": "April 2024",
        "Are visits purposeful?": "Yes",
        "Is there a genogram?": "Partly",
        "Was the social worker involved?": "Yes",
        "Overall": "Good",
        "Why overall": "Taken together.",
    }
    for name in AREAS.values():
        row |= {f"Grade {name}": "Good", f"Evidence {name}": "The record shows it."}
    return row | cells


def forms_export(*rows: dict[str, Any], headings: dict[str, str] | None = None) -> BytesIO:
    """A workbook of these rows; `headings` says how a heading is spelt in this file."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    names = list(dict.fromkeys(name for row in rows for name in row))
    sheet.append([(headings or {}).get(name, name) for name in names])
    for number, row in enumerate(rows, start=2):
        for column, name in enumerate(names, start=1):
            cell = sheet.cell(number, column, row.get(name))
            if isinstance(cell.value, str):
                cell.data_type = "s"
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file
