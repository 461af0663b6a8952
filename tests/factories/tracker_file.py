"""A small spreadsheet of actions and its mapping, as councils keep them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

MAPPING = """
[columns]
external_id = "Ref"
what = "Action"
why = "Finding"
success = "Success measure"
owner_email = "Owner"
team = "Team"
child = "Case number"
audit = "Audit"
priority = "RAG"
first_due_on = "Original deadline"
due_on = "Deadline"
opened_on = "Raised"
done_on = "Closed"
status = "Status"
evidence = "Comments"

[values.statuses]
"not started" = "open"
"under way" = "in_progress"
"complete" = "done"
"signed off" = "verified"
"no longer needed" = "cancelled"

[values.priorities]
"safety" = "p0"
"red" = "p1"
"amber" = "p2"
"green" = "p3"
"""


def tracked(ref: Any = 1, **cells: Any) -> dict[str, Any]:
    """A usable row, to be done by Meera; other names replace a heading's cell."""
    row: dict[str, Any] = {
        "Ref": ref,
        "Action": "Hold the supervision that is missing.",
        "Finding": "No supervision since March.",
        "Success measure": "Supervision is on file every month.",
        "Owner": "meera.manager@council.example",
        "Team": "North",
        "Case number": None,
        "Audit": None,
        "RAG": "Amber",
        "Original deadline": None,
        "Deadline": datetime(2026, 12, 10),  # noqa: DTZ001 - a cell has no zone
        "Raised": datetime(2026, 10, 5),  # noqa: DTZ001
        "Closed": None,
        "Status": "Not started",
        "Comments": None,
    }
    return row | cells


def closed(ref: Any = 1, status: str = "Complete", **cells: Any) -> dict[str, Any]:
    """The same, closed on 2 November 2026."""
    return tracked(ref, **{"Status": status, "Closed": "02/11/2026"} | cells)
