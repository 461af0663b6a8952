"""The spreadsheet in which the demonstration council tracked its actions before, brought in as any council would."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from accounts.models import Team, User
from actions.services.tracker_import import import_actions
from actions.tracker_file import TrackedAction, TrackerFile
from core.dates import add_working_days, london_date
from core.mapped_rows import ColumnMapping

WORKING_DAYS_BEFORE = 45


def bring_in_the_past(managers: Mapping[User, Team], *, by: User, at: datetime) -> None:
    """The tracker's rows, closed before the service began at the moment `at`, shared out over the teams' managers."""
    rows = tomllib.loads((Path(__file__).parent / "tracker.toml").read_text(encoding="utf-8"))["rows"]
    opened_on = add_working_days(london_date(at), -WORKING_DAYS_BEFORE)
    owners = [(manager.email, team.name) for manager, team in managers.items()]
    actions = [
        _row(number, row, *owners[number % len(owners)], opened_on=opened_on)
        for number, row in enumerate(rows)
    ]
    import_actions(TrackerFile(ColumnMapping("tracker", {}, {}), actions), by=by, at=at)


def _row(number: int, row: dict[str, str | int], email: str, team: str, *, opened_on: date) -> TrackedAction:
    due_on = add_working_days(opened_on, int(row["due"]))
    return TrackedAction(
        row=number + 2,
        external_id=str(row["id"]),
        what=str(row["what"]),
        why=str(row["why"]),
        success=str(row["success"]),
        owner_email=email,
        team=team,
        child="",
        audit="",
        priority=str(row["priority"]),
        status=str(row["status"]),
        first_due_on=due_on,
        due_on=due_on,
        opened_on=opened_on,
        done_on=add_working_days(due_on, int(row["late"])),
        evidence=str(row["evidence"]),
    )
