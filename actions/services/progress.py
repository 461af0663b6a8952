"""What the owner of an action says of it: begun, how it stands, done (docs/domain.md, section 8)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from actions import signals
from actions.enums import ActionMoveKind, ActionStatus, Verification
from actions.models import Action, ActionMove, ActionSettings
from actions.moves import check_move
from actions.permissions import can_update_action
from actions.services.moving import NOT_YOURS, check_version, given, is_repeated, locked_action, record_move
from actions.verifying import ALWAYS_VERIFIED, is_drawn
from core.errors import RuleViolation

DOUBLE_CLICK = timedelta(minutes=10)


def start_action(
    action: Action, *, by: User, version: int | None = None, at: datetime | None = None
) -> Action:
    """Say that work on it has begun. Twice is once.

    Raises:
        RuleViolation: `by` may not, it is at another state, or it was changed meanwhile (StaleAction).

    """
    with transaction.atomic():
        locked = locked_action(action)
        if locked.status == ActionStatus.IN_PROGRESS and can_update_action(by, locked):
            return locked
        _check_updater(locked, by, version)
        return record_move(locked, ActionMoveKind.START, by=by, at=at)


def note_action(
    action: Action, *, by: User, note: str, version: int | None = None, at: datetime | None = None
) -> Action:
    """Write down how it stands without moving it, such as "no change since the review".

    A double click is once, here and below.

    Raises:
        RuleViolation: `by` may not, there is no note, it is closed, or it was changed meanwhile (StaleAction).

    """
    with transaction.atomic():
        locked = locked_action(action)
        note = given(note, "Say how it stands.")
        if is_repeated(locked, ActionMoveKind.NOTE, by, note, version):
            return locked
        _check_updater(locked, by, version)
        return record_move(locked, ActionMoveKind.NOTE, by=by, at=at, reason=note)


def complete_action(
    action: Action,
    *,
    by: User,
    evidence: str,
    impact: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> Action:
    """Say that it is done, with the evidence.

    Effects, in order: P0 and P1 are to be verified; of the others the draw decides, once for an action; evidence and
    impact are kept; the move is recorded; action_completed is sent.

    The same person completing it with the same evidence again changes nothing.

    Raises:
        RuleViolation: `by` may not, there is no evidence, it is at another state, or it was changed meanwhile.

    """
    with transaction.atomic():
        locked = locked_action(action)
        said_already = (locked.status, locked.completed_by_id, locked.evidence)
        if said_already == (ActionStatus.DONE, by.pk, evidence.strip()):
            return locked
        _check_updater(locked, by, version)
        at = at or timezone.now()
        evidence = given(evidence, "Say what shows that it is done: where it is recorded, and when.")
        check_move(locked.reference, locked.status, ActionMoveKind.COMPLETE)
        if locked.verification == Verification.NOT_YET:
            locked.verification = _verification_of(locked)
        locked.evidence, locked.impact = evidence, impact.strip()
        locked.done_at, locked.completed_by = at, by
        fields = ("verification", "evidence", "impact", "done_at", "completed_by")
        return record_move(
            locked,
            ActionMoveKind.COMPLETE,
            by=by,
            at=at,
            reason=evidence,
            save=fields,
            signal=signals.action_completed,
        )


def note_no_change(
    actions: Sequence[Action], *, by: User, since: str, at: datetime | None = None
) -> list[Action]:
    """The same note on many actions at once; all of them or none. Those that were noted.

    The same words of the same person within ten minutes are a double click, and noted once. Five queries.

    Raises:
        RuleViolation: one of them is not this person's to update, or is closed.

    """
    at = at or timezone.now()
    note = given(since, "Say how they stand.")
    with transaction.atomic():
        rows = Action.objects.select_for_update(of=("self",)).filter(pk__in=[one.pk for one in actions])
        locked = list(rows.select_related("team").order_by("pk"))
        said = {"action__in": locked, "kind": ActionMoveKind.NOTE, "by": by, "reason": note}
        already = set(
            ActionMove.objects.filter(at__gt=at - DOUBLE_CLICK, **said).values_list("action", flat=True)
        )
        for action in locked:
            _check_updater(action, by, version=None)
            check_move(action.reference, action.status, ActionMoveKind.NOTE)
        noted = [action for action in locked if action.pk not in already]
        ActionMove.objects.bulk_create(
            ActionMove(
                action=action,
                kind=ActionMoveKind.NOTE,
                from_status=action.status,
                to_status=action.status,
                from_due_on=action.due_on,
                to_due_on=action.due_on,
                by=by,
                at=at,
                reason=note,
            )
            for action in noted
        )
        rows.filter(pk__in=[action.pk for action in noted]).update(version=F("version") + 1)
    return locked


def _check_updater(action: Action, by: User, version: int | None) -> None:
    if not can_update_action(by, action):
        raise RuleViolation(NOT_YOURS.format(action))
    check_version(action, version)


def _verification_of(action: Action) -> Verification:
    """Whether this action is verified once it is done; a draw takes the next number of all that were drawn."""
    if action.priority in ALWAYS_VERIFIED:
        return Verification.ALWAYS
    ActionSettings.objects.get_or_create(pk=1)
    settings = ActionSettings.objects.select_for_update().get(pk=1)
    number = settings.drawn
    settings.drawn = number + 1
    settings.save(update_fields=("drawn",))
    drawn = is_drawn(number, percent=settings.verification_percent, seed=settings.verification_seed)
    return Verification.SAMPLED if drawn else Verification.NOT_DRAWN
