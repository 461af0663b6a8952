"""Changing what was agreed: more time, another owner, giving it up, telling nobody for a while."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from actions import signals
from actions.enums import TO_BE_DONE, ActionMoveKind
from actions.models import Action, EscalationPause
from actions.permissions import (
    can_assign_action,
    can_decide_cancellation,
    can_extend_action,
    can_pause_escalation,
)
from actions.services.moving import NOT_YOURS, check_version, given, is_repeated, locked_action, record_move
from actions.services.raising import check_owner
from audits.selectors import closures
from core.dates import is_working_day, london_date
from core.errors import RuleViolation


def extend_action(
    action: Action,
    *,
    due_on: date,
    by: User,
    reason: str,
    version: int | None = None,
    at: datetime | None = None,
) -> Action:
    """Move the due date on; the first due date is kept, and "on time" goes by it.

    Raises:
        RuleViolation: `by` may not, there is no reason, or the day is not a later working day after today.

    """
    with transaction.atomic():
        locked = locked_action(action)
        if not can_extend_action(by, locked):
            raise RuleViolation(NOT_YOURS.format(locked))
        reason = given(reason, "Say why it takes longer.")
        if is_repeated(locked, ActionMoveKind.EXTEND, by, reason, version):
            return locked
        check_version(locked, version)
        today = london_date(at or timezone.now())
        if due_on <= max(today, locked.due_on):
            raise RuleViolation(f"Choose a day after {max(today, locked.due_on):%-d %B %Y}.")
        if not is_working_day(due_on, closures()):
            raise RuleViolation(f"{due_on:%-d %B %Y} is not a working day. Choose one.")
        return record_move(locked, ActionMoveKind.EXTEND, by=by, at=at, reason=reason, due_on=due_on)


def assign_action(
    action: Action,
    *,
    owner: User,
    by: User,
    reason: str,
    version: int | None = None,
    at: datetime | None = None,
) -> Action:
    """Give it to another owner, such as the team's new manager. To the same owner is no move.

    Raises:
        RuleViolation: `by` may not, there is no reason, or the new owner manages no team or service.

    """
    with transaction.atomic():
        locked = locked_action(action)
        if not can_assign_action(by, locked):
            raise RuleViolation(
                "The QA lead and the Principal Social Worker give an action to somebody else."
            )
        if locked.owner_id == owner.pk:
            return locked
        check_version(locked, version)
        check_owner(owner, london_date(at or timezone.now()))
        reason = given(reason, "Say why somebody else takes it over.")
        former, locked.owner = locked.owner, owner
        return record_move(
            locked,
            ActionMoveKind.ASSIGN,
            by=by,
            at=at,
            reason=f"From {former} to {owner}: {reason}",
            save=("owner",),
            signal=signals.action_assigned,
        )


def ask_to_cancel(
    action: Action, *, by: User, reason: str, version: int | None = None, at: datetime | None = None
) -> Action:
    """Ask that it be given up. Somebody else decides; until then it stays owed.

    Raises:
        RuleViolation: `by` may not, there is no reason, or it is at another state.

    """
    with transaction.atomic():
        locked = locked_action(action)
        if not can_extend_action(by, locked):
            raise RuleViolation(NOT_YOURS.format(locked))
        reason = given(reason, "Say why it is no longer needed.")
        if is_repeated(locked, ActionMoveKind.ASK_CANCEL, by, reason, version):
            return locked
        check_version(locked, version)
        return record_move(
            locked,
            ActionMoveKind.ASK_CANCEL,
            by=by,
            at=at,
            reason=reason,
            signal=signals.cancellation_asked,
        )


def decide_cancellation(
    action: Action,
    *,
    by: User,
    approve: bool,
    reason: str,
    version: int | None = None,
    at: datetime | None = None,
) -> Action:
    """Give it up, or keep it in progress.

    Raises:
        RuleViolation: `by` may not, owns it or asked for it; there is no reason; nobody asked.

    """
    with transaction.atomic():
        locked = locked_action(action)
        asked = locked.moves.filter(kind=ActionMoveKind.ASK_CANCEL).last()
        if not can_decide_cancellation(by, locked, asked_by_id=asked.by_id if asked else None):
            raise RuleViolation(
                "The QA lead or the Principal Social Worker decides on a cancellation, and never on one they asked "
                "for or of an action of their own."
            )
        kind = ActionMoveKind.CANCEL if approve else ActionMoveKind.KEEP
        reason = given(reason, "Say why.")
        if is_repeated(locked, kind, by, reason, version):
            return locked
        check_version(locked, version)
        return record_move(locked, kind, by=by, at=at, reason=reason, signal=signals.cancellation_decided)


@transaction.atomic
def pause_escalation(
    action: Action, *, until: date, by: User, reason: str, at: datetime | None = None
) -> EscalationPause:
    """Tell nobody further of it until a day has passed.

    Raises:
        RuleViolation: `by` may not, there is no reason, the day is over, or it is closed.

    """
    locked = locked_action(action)
    if not can_pause_escalation(by, locked):
        raise RuleViolation(
            "The QA lead or the Principal Social Worker pauses, and never for an action of their own."
        )
    if locked.status not in TO_BE_DONE:
        raise RuleViolation(f"{locked} is closed. Nobody is told of it any more.")
    at = at or timezone.now()
    if until < london_date(at):
        raise RuleViolation("Choose today or a later day.")
    reason = given(reason, "Say why nobody should be told meanwhile.")
    return EscalationPause.objects.create(action=locked, until=until, reason=reason, by=by, at=at)
