"""Bringing in the actions that the council tracked in a spreadsheet before (docs/past-actions.md)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Team, User
from actions.enums import TO_BE_DONE, ActionMoveKind, ActionSource, ActionStatus, Verification
from actions.models import Action, ActionMove, ImportedAction
from actions.services.raising import next_number, pathway_when_opened
from actions.tracker_file import TrackedAction, TrackerFile
from actions.verifying import ALWAYS_VERIFIED
from audits.enums import HANDED_IN
from audits.models import Audit, Child
from audits.selectors import action_owners
from core.dates import LONDON, london_date
from core.errors import RuleViolation
from core.mapped_rows import Imported
from core.text import fold

BROUGHT_IN = "Brought in from the tracker used before."
NOT_SAID = "Not said in the tracker used before."
NO_EVIDENCE = "Closed in the tracker used before."
STATUSES = {
    "open": ActionStatus.OPEN,
    "in_progress": ActionStatus.IN_PROGRESS,
    "done": ActionStatus.DONE,
    "verified": ActionStatus.DONE,
    "cancelled": ActionStatus.CANCELLED,
}
"""Who verified it in the tracker is not known here, so what was verified there is done here."""
MOVED_BY = {
    ActionStatus.IN_PROGRESS: ActionMoveKind.START,
    ActionStatus.DONE: ActionMoveKind.COMPLETE,
    ActionStatus.CANCELLED: ActionMoveKind.CANCEL,
}


@dataclass
class ActionsImported(Imported):
    """Besides: of how many actions the child is not known here."""

    children_left_out: int = 0

    def as_json(self) -> dict[str, Any]:
        return super().as_json() | {"children_left_out": self.children_left_out}


@transaction.atomic
def import_actions(
    tracker: TrackerFile, *, by: User | None, dry_run: bool = False, at: datetime | None = None
) -> ActionsImported:
    """Bring in the actions of a tracker, in one transaction, which a dry run undoes at its end. Twice is once.

    Effects, in order: each action stands under the next reference, with the tracker's own days, marked as imported;
    its moves are recorded. No signal is sent: nobody is told, and it is in no draw. What is overdue climbs the ladder
    from the next pass on, as everything else does.

    A row that was imported before is unchanged where it says the same, and rejected where it says something else, as
    is one whose owner, team or audit is not known. A child that is not known is left out.
    """
    at = at or timezone.now()
    outcome = ActionsImported(rejected=list(tracker.rejected))
    source = tracker.mapping.source
    number = next_number()
    known = dict(ImportedAction.objects.filter(source=source).values_list("external_id", "digest"))
    new = outcome.new_of(tracker.actions, known=known, kept="actions brought in")
    lookups = _Known(new, at=at)
    pairs: list[tuple[TrackedAction, Action]] = []
    for row in new:
        try:
            action = lookups.action(row, by=by)
        except RuleViolation as refusal:
            outcome.reject(row, refusal.sentence)
            continue
        action.reference = f"ACT-{number + len(pairs):04d}"
        pairs.append((row, action))
    Action.objects.bulk_create(action for _, action in pairs)
    ActionMove.objects.bulk_create(move for row, action in pairs for move in _moves(action, row, by, at))
    ImportedAction.objects.bulk_create(
        ImportedAction(
            action=action,
            source=source,
            external_id=row.external_id,
            digest=row.digest,
            imported_at=at,
            imported_by=by,
        )
        for row, action in pairs
    )
    outcome.created = len(pairs)
    outcome.children_left_out = sum(bool(row.child and action.child is None) for row, action in pairs)
    transaction.set_rollback(dry_run)
    return outcome


class _Known:
    """Whom and what the rows name, as far as it is known here. Six queries."""

    def __init__(self, rows: list[TrackedAction], *, at: datetime) -> None:
        self.at = at
        self.teams = {fold(team.name): team for team in Team.objects.all()}
        self.people: dict[str, User] = User.objects.in_bulk(
            list({row.owner_email for row in rows}), field_name="email"
        )
        self.may_own = set(action_owners(london_date(at)).values_list("pk", flat=True))
        self.children: dict[str, Child] = Child.objects.in_bulk(
            list({row.child for row in rows if row.child}), field_name="reference"
        )
        named = Audit.objects.filter(allocation__reference__in={row.audit for row in rows if row.audit})
        audits = named.filter(status__in=HANDED_IN).select_related("allocation__child")
        self.audits = {audit.allocation.reference: audit for audit in audits}

    def action(self, row: TrackedAction, *, by: User | None) -> Action:
        """The action that the row is, not saved; a refusal is the end of a sentence about the row."""
        status = STATUSES[row.status]
        audit = self._audit(row)
        child = self.children.get(row.child)
        if audit and child and audit.allocation.child_id != child.pk:
            raise RuleViolation(f"names another child than audit {row.audit}")
        child = child or (audit.allocation.child if audit else None)
        was_done = status == ActionStatus.DONE
        return Action(
            source=ActionSource.TRACKER,
            what=row.what,
            why=row.why or NOT_SAID,
            success=row.success or NOT_SAID,
            audit=audit,
            child=child,
            pathway=pathway_when_opened(audit, child),
            team=self._team(row),
            owner=self._owner(row, is_owed=status in TO_BE_DONE),
            priority=row.priority,
            first_due_on=row.first_due_on,
            due_on=row.due_on,
            status=status,
            opened_by=by,
            opened_at=_noon_of(row.opened_on, self.at),
            evidence=(row.evidence or NO_EVIDENCE) if was_done else "",
            done_at=_noon_of(row.done_on, self.at) if was_done and row.done_on else None,
            verification=_verification(row) if was_done else Verification.NOT_YET,
        )

    def _team(self, row: TrackedAction) -> Team:
        if fold(row.team) not in self.teams:
            raise RuleViolation(f"names the team “{row.team}”, which is not known here")
        return self.teams[fold(row.team)]

    def _owner(self, row: TrackedAction, *, is_owed: bool) -> User:
        if row.owner_email not in self.people:
            raise RuleViolation(f"is owned by {row.owner_email}, whom nobody here has as an e-mail address")
        owner = self.people[row.owner_email]
        if is_owed and owner.pk not in self.may_own:
            raise RuleViolation(
                f"is still to be done, and {row.owner_email} manages no team or service today: say who owns it now"
            )
        return owner

    def _audit(self, row: TrackedAction) -> Audit | None:
        if row.audit and row.audit not in self.audits:
            raise RuleViolation(f"names the audit {row.audit}, and no submitted audit here is called that")
        return self.audits.get(row.audit)


def _verification(row: TrackedAction) -> Verification:
    """Verified before stays so; else the urgent priorities are to be verified, and the others are in no draw."""
    if row.status == "verified":
        return Verification.BEFORE
    return Verification.ALWAYS if row.priority in ALWAYS_VERIFIED else Verification.NOT_DRAWN


def _moves(action: Action, row: TrackedAction, by: User | None, at: datetime) -> Iterator[ActionMove]:
    """That it was opened, what was written beside it while it is owed, and what brought it where it is."""
    opened = BROUGHT_IN
    if row.first_due_on != row.due_on:
        opened += f" It was first due on {row.first_due_on:%-d %B %Y}."
    yield ActionMove(
        action=action,
        kind=ActionMoveKind.OPEN,
        to_status=ActionStatus.OPEN,
        from_due_on=action.first_due_on,
        to_due_on=action.due_on,
        by=by,
        at=action.opened_at,
        reason=opened,
    )
    moves = []
    if row.evidence and action.status in TO_BE_DONE:
        moves.append((ActionMoveKind.NOTE, ActionStatus.OPEN, f"{BROUGHT_IN} {row.evidence}"))
    if action.status in MOVED_BY:
        reason = f"{BROUGHT_IN} {row.evidence}".strip()
        if action.status == ActionStatus.IN_PROGRESS:
            reason = BROUGHT_IN
        moves.append((MOVED_BY[ActionStatus(action.status)], ActionStatus(action.status), reason))
    for kind, to_status, reason in moves:
        yield ActionMove(
            action=action,
            kind=kind,
            from_status=ActionStatus.OPEN,
            to_status=to_status,
            from_due_on=action.due_on,
            to_due_on=action.due_on,
            by=by,
            at=_noon_of(row.done_on, at) if row.done_on else at,
            reason=reason,
        )


def _noon_of(day: date, at: datetime) -> datetime:
    """The tracker knows days alone; what happened on the day of the import happened before it."""
    return min(datetime.combine(day, time(12), LONDON), at)
