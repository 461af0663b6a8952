"""Whether what was done is there: verified, or back to its owner (docs/domain.md, section 8)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from actions import signals
from actions.enums import ActionMoveKind, ActionStatus
from actions.models import Action
from actions.moves import check_move
from actions.permissions import can_verify_action
from actions.services.moving import check_version, given, is_repeated, locked_action, record_move
from core.errors import RuleViolation


def verify_action(
    action: Action, *, by: User, note: str = "", version: int | None = None, at: datetime | None = None
) -> Action:
    """Confirm that what was done is there. Twice by the same person is once.

    Raises:
        RuleViolation: `by` may not, or owns it or completed it; it is not done, or somebody else verified it; it was
            changed meanwhile.

    """
    with transaction.atomic():
        locked = locked_action(action)
        _check_verifier(locked, by)
        if (locked.status, locked.verified_by_id) == (ActionStatus.VERIFIED, by.pk):
            return locked
        check_version(locked, version)
        at = at or timezone.now()
        check_move(locked.reference, locked.status, ActionMoveKind.VERIFY)
        locked.verified_at, locked.verified_by = at, by
        return record_move(
            locked,
            ActionMoveKind.VERIFY,
            by=by,
            at=at,
            reason=note.strip(),
            save=("verified_at", "verified_by"),
            signal=signals.action_verified,
        )


def return_action(
    action: Action, *, by: User, reason: str, version: int | None = None, at: datetime | None = None
) -> Action:
    """Send it back to its owner: what was done does not show, or is not enough. Its due date stays.

    Raises:
        RuleViolation: `by` may not, or owns it or completed it; there is no reason; it is not done.

    """
    with transaction.atomic():
        locked = locked_action(action)
        _check_verifier(locked, by)
        reason = given(reason, "Say what is missing, so that its owner knows what to do.")
        if is_repeated(locked, ActionMoveKind.RETURN, by, reason, version):
            return locked
        check_version(locked, version)
        return record_move(
            locked, ActionMoveKind.RETURN, by=by, at=at, reason=reason, signal=signals.action_returned
        )


def _check_verifier(action: Action, by: User) -> None:
    if not can_verify_action(by, action):
        raise RuleViolation(
            f"The QA lead or the Principal Social Worker verifies {action}, and never who owns it or completed it."
        )
