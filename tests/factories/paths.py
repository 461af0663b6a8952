"""What follows from grades: Inadequate audits with their path, findings with their themes."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.models import Team, User
from actions.models import Finding, FindingTheme, Theme, UrgentPath
from actions.services.paths import begin_path
from audits.enums import Grade
from audits.models import Audit
from tests.factories.audits import ChildFactory, moment, submitted_audit


def inadequate_audit(
    team: Team, *, by: User | None = None, submitted_on: date = date(2026, 11, 25), **other: Any
) -> tuple[Audit, UrgentPath]:
    """An audit of a child of the team, submitted as Inadequate on that day, with its path."""
    child = ChildFactory(team=team)
    audit = submitted_audit(
        by=by, overall=Grade.INADEQUATE, submitted_on=submitted_on, allocation={"child": child}, **other
    )
    return audit, begin_path(audit, at=moment(submitted_on))


def finding_of(team: Team, theme: Theme, *, month: date = date(2026, 11, 1), **audit: Any) -> Finding:
    """A finding on the file of a child of its own, tagged with the theme, of an audit of that month."""
    child = audit.pop("child", None) or ChildFactory(team=team)
    made = submitted_audit(month=month, allocation={"child": child, "team": team}, **audit)
    finding = Finding.objects.create(
        audit=made, kind="answer", about="A11", text="Is the father's view in the assessment? No."
    )
    FindingTheme.objects.create(finding=finding, theme=theme)
    return finding
