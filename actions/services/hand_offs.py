"""The learning of an audit, handed over in the worker's supervision (docs/domain.md, section 8)."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from actions.models import PathSettings, SupervisionHandOff
from actions.path_permissions import can_close_hand_off
from audits.enums import HANDED_IN
from audits.models import Audit
from audits.selectors import closures, manager_of_team
from core.dates import add_working_days, london_date
from core.errors import RuleViolation


@transaction.atomic
def open_hand_off(audit: Audit, *, at: datetime) -> SupervisionHandOff:
    """Owe the hand-off of a submitted audit's learning, once for an audit.

    Owed by the manager of the audit's team when it was allocated, where they still manage that team; else by who
    manages it on the London day of `at`; by nobody in person where nobody does, which the service manager sees.
    """
    on = london_date(at)
    manager = manager_of_team(audit.team_id, on)
    if audit.manager_id is not None and audit.manager_id != (manager.pk if manager else None):
        still = audit.manager.memberships.on(on).filter(team=audit.team_id) if audit.manager else None
        if still is not None and still.exists():
            manager = audit.manager
    due_on = add_working_days(on, PathSettings.current().hand_off_days, closures())
    hand_off, _ = SupervisionHandOff.objects.get_or_create(
        audit=audit, defaults={"manager": manager, "due_on": due_on}
    )
    return hand_off


@transaction.atomic
def close_hand_off(
    hand_off: SupervisionHandOff, *, by: User, supervised_on: date, note: str, at: datetime | None = None
) -> SupervisionHandOff:
    """Record the supervision in which the worker was told what the audit teaches. The same twice is once.

    Raises:
        RuleViolation: `by` may not, there is no note, the day is to come or before the audit was submitted, the audit
            is void, or it was closed already.

    """
    at = at or timezone.now()
    rows = SupervisionHandOff.objects.select_for_update(of=("self",)).select_related(
        "audit__allocation", "audit__team"
    )
    locked = rows.get(pk=hand_off.pk)
    if not can_close_hand_off(by, locked):
        raise RuleViolation(
            "Whoever supervises the worker closes this: the manager of the team, or the service manager. "
            "Never the auditor."
        )
    if (locked.closed_by_id, locked.supervised_on, locked.note) == (by.pk, supervised_on, note.strip()):
        return locked
    if locked.closed_at is not None:
        raise RuleViolation(f"The learning of {locked.audit} was handed over already.")
    if locked.audit.status not in HANDED_IN or locked.audit.submitted_at is None:
        raise RuleViolation(f"{locked.audit} is void. There is nothing to hand over.")
    if not note.strip():
        raise RuleViolation("Say in a line what you and the social worker took from it.")
    first = london_date(locked.audit.submitted_at)
    if not first <= supervised_on <= london_date(at):
        raise RuleViolation(f"Choose a day from {first:%-d %B %Y}, when the audit was submitted, to today.")
    locked.supervised_on, locked.note, locked.closed_by, locked.closed_at = (
        supervised_on,
        note.strip(),
        by,
        at,
    )
    locked.save(update_fields=("supervised_on", "note", "closed_by", "closed_at"))
    return locked


def open_missing_hand_offs() -> int:
    """Owe the hand-off of audits that were submitted before there was one; those of a form service are left out.

    Returns:
        How many were missing.

    """
    missing = Audit.objects.submitted().filter(hand_off__isnull=True, imported__isnull=True)
    rows = list(missing.select_related("manager"))
    for audit in rows:
        if audit.submitted_at is not None:
            open_hand_off(audit, at=audit.submitted_at)
    return len(rows)
