"""What managers of the demonstration council owe today, in each state that an action can be in."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from itertools import cycle
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, Team, User
from actions.enums import ActionSource
from actions.models import Action
from actions.services.changes import ask_to_cancel, pause_escalation
from actions.services.progress import complete_action, note_action, start_action
from actions.services.raising import NewAction, raise_action
from actions.services.verification import return_action
from audits.models import Audit
from core.dates import add_working_days, london_date


def managed_teams(at: datetime) -> dict[User, Team]:
    """Each team's manager of that day with the team, in the order of their addresses."""
    held = Membership.objects.on(london_date(at)).filter(role=Role.TEAM_MANAGER, team__isnull=False)
    rows = held.select_related("user", "team__service").order_by("user__email", "pk")
    return {row.user: row.team for row in rows if row.team}


def show_what_is_owed(visitors: Mapping[Role, User], *, at: datetime) -> None:
    """The actions of owed.toml: whoever signs in as team or service manager has their own, others the rest."""
    teams = managed_teams(at)
    manager, service_manager = visitors[Role.TEAM_MANAGER], visitors[Role.SERVICE_MANAGER]
    led = Membership.objects.on(london_date(at)).filter(user=service_manager, role=Role.SERVICE_MANAGER)
    services = set(led.values_list("service", flat=True))
    others = [
        who for who, team in teams.items() if who != manager and Audit.objects.submitted().filter(team=team)
    ]
    turn = cycle(others or [manager])
    told = tomllib.loads((Path(__file__).parent / "owed.toml").read_text(encoding="utf-8"))["actions"]
    audits = {who: _audits(team, visitors, at) for who, team in teams.items()}
    for row in told:
        match row["whose"]:
            case "team_manager":
                owner, team = manager, teams[manager]
            case "service_manager":
                owner = service_manager
                team = next((team for team in teams.values() if team.service_id in services), teams[manager])
            case _:
                owner = next(turn)
                team = teams[owner]
        audit = None if owner == service_manager else next(audits[owner], None)
        _Story(row, at).happened(owner, team, audit, qa_lead=visitors[Role.QA_LEAD])


def _audits(team: Team, visitors: Mapping[Role, User], at: datetime) -> Iterator[Audit]:
    """The team's submitted audits of which the QA lead is not the auditor, the latest first, one after the other."""
    rows = Audit.objects.submitted().filter(team=team, imported__isnull=True, submitted_at__lt=at)
    rows = rows.exclude(allocation__auditor=visitors[Role.QA_LEAD]).select_related(
        "allocation__child", "team"
    )
    return iter(rows.order_by("-submitted_at", "pk"))


class _Story:
    """One of the actions of owed.toml, told up to the moment `at`."""

    def __init__(self, row: dict[str, Any], at: datetime) -> None:
        self.row, self.at, self.today = row, at, london_date(at)

    def happened(self, owner: User, team: Team, audit: Audit | None, *, qa_lead: User) -> Action:
        """Raised, and what came of it."""
        row = self.row
        content = NewAction(
            what=row["what"],
            why=row["why"],
            success=row["success"],
            owner=owner,
            team=team,
            priority=row["priority"],
            due_on=add_working_days(self.today, row["due"]),
            about=row["about"],
            audit=audit,
            child=audit.allocation.child if audit else None,
        )
        action = raise_action(content, by=qa_lead, source=ActionSource.HAND, at=self._moment("opened", 10))
        if "begun" in row:
            action = start_action(action, by=owner, at=self._moment("begun", 9))
        if "note" in row:
            action = note_action(action, by=owner, note=row["note"], at=self._moment("begun", 15))
        if "done" in row:
            action = complete_action(
                action,
                by=owner,
                evidence=row["evidence"],
                impact=row.get("impact", ""),
                at=self._moment("done", 16),
            )
        if "returned" in row:
            action = return_action(action, by=qa_lead, reason=row["missing"], at=self._moment("returned", 11))
        if "paused" in row:
            until = add_working_days(self.today, row["paused"])
            pause_escalation(action, until=until, by=qa_lead, reason=row["because"], at=self._day(-3, 12))
        if "cancel" in row:
            action = ask_to_cancel(action, by=owner, reason=row["cancel"], at=self._day(-1, 14))
        return action

    def _moment(self, name: str, hour: int) -> datetime:
        return self._day(self.row[name], hour)

    def _day(self, days: int, hour: int) -> datetime:
        """So many working days from today at that hour."""
        return timezone.make_aware(datetime.combine(add_working_days(self.today, days), time(hour)))
