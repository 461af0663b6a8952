"""Actions: raising them and the moves they make (docs/domain.md, section 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from django.utils import timezone

from accounts.models import Team, User
from actions import signals
from actions.enums import TO_BE_DONE, ActionMoveKind, ActionSource, ActionStatus, Verification
from actions.models import Action, ActionMove, ActionSettings, EscalationPause, Theme
from actions.moves import check_move
from actions.permissions import (
    can_assign_action,
    can_decide_cancellation,
    can_extend_action,
    can_pause_escalation,
    can_raise_action,
    can_raise_from_panel,
    can_update_action,
    can_verify_action,
)
from actions.verifying import ALWAYS_VERIFIED, is_drawn
from audits.enums import ActionPriority
from audits.models import Audit, Child, ProposedAction
from audits.selectors import action_owners, closures
from audits.services.proposed_actions import default_due_on
from core.dates import is_working_day, london_date
from core.errors import RuleViolation

DOUBLE_CLICK = timedelta(minutes=10)
NOT_YOURS = "Only the owner of {0}, the manager of its team and the QA lead change it."


class StaleAction(RuleViolation):
    """Somebody moved the action since the page was opened. Nothing was changed."""

    def __init__(self, action: Action) -> None:
        super().__init__(
            f"{action} was changed by somebody else after you opened it. Look at its history below and try again: "
            "what you typed is still in the form."
        )
        self.version = action.version


@dataclass(frozen=True)
class NewAction:
    """What an action says when it is raised. `due_on` None: by its priority. `child` None: about the whole team."""

    what: str
    why: str
    success: str
    owner: User
    team: Team
    priority: str
    due_on: date | None = None
    about: str = ""
    audit: Audit | None = None
    child: Child | None = None
    theme: Theme | None = None


@transaction.atomic
def raise_action(
    content: NewAction, *, by: User, source: ActionSource = ActionSource.HAND, at: datetime | None = None
) -> Action:
    """Raise an action by hand, from a panel or from a theme.

    Effects, in order: the action is open under the next reference; the move is recorded; action_opened is sent.

    Raises:
        RuleViolation: `by` may not, a text is empty, the owner manages no team or service, or the due date is over.

    """
    at = at or timezone.now()
    if source == ActionSource.HAND and not can_raise_action(by):
        raise RuleViolation("The QA lead and the Principal Social Worker raise actions by hand.")
    if source == ActionSource.PANEL and not (content.audit and can_raise_from_panel(by, content.audit)):
        raise RuleViolation("Who runs the panel raises actions from it, never about an audit of their own.")
    today = london_date(at)
    due_on = content.due_on or default_due_on(content.priority, today)
    _check_content(content, due_on, today)
    return _open(
        Action(
            source=source,
            what=content.what.strip(),
            why=content.why.strip(),
            about=content.about,
            success=content.success.strip(),
            audit=content.audit,
            child=content.child,
            team=content.team,
            theme=content.theme,
            owner=content.owner,
            priority=content.priority,
            first_due_on=due_on,
            due_on=due_on,
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def open_proposed_actions(audit: Audit, *, at: datetime | None = None) -> list[Action]:
    """Make the actions that an auditor proposed real, once each: submitting again adds only what was added since.

    An action proposed with a day that is past by now is due today.
    """
    at = at or timezone.now()
    today = london_date(at)
    proposed = audit.proposed_actions.filter(action__isnull=True).select_related("owner").order_by("pk")
    return [_open(_action_of(row, audit, today), by=audit.allocation.auditor, at=at) for row in proposed]


def _action_of(proposed: ProposedAction, audit: Audit, today: date) -> Action:
    due_on = max(proposed.due_on, today)
    return Action(
        source=ActionSource.AUDIT,
        what=proposed.what,
        why=proposed.why,
        about=proposed.about,
        success=proposed.success,
        audit=audit,
        proposed=proposed,
        child=audit.allocation.child,
        team=audit.team,
        owner=proposed.owner,
        priority=proposed.priority,
        first_due_on=due_on,
        due_on=due_on,
    )


def start_action(
    action: Action, *, by: User, version: int | None = None, at: datetime | None = None
) -> Action:
    """Say that work on it has begun. Twice is once.

    Raises:
        RuleViolation: `by` may not, it is at another state, or it was changed meanwhile (StaleAction).

    """
    with transaction.atomic():
        locked = _locked(action)
        if locked.status == ActionStatus.IN_PROGRESS and can_update_action(by, locked):
            return locked
        _check_updater(locked, by, version)
        return _move(locked, ActionMoveKind.START, by=by, at=at)


def note_action(
    action: Action, *, by: User, note: str, version: int | None = None, at: datetime | None = None
) -> Action:
    """Write down how it stands without moving it, such as "no change since the review".

    A double click is once, here and below.

    Raises:
        RuleViolation: `by` may not, there is no note, it is closed, or it was changed meanwhile (StaleAction).

    """
    with transaction.atomic():
        locked = _locked(action)
        note = _given(note, "Say how it stands.")
        if _is_repeated(locked, ActionMoveKind.NOTE, by, note, version):
            return locked
        _check_updater(locked, by, version)
        return _move(locked, ActionMoveKind.NOTE, by=by, at=at, reason=note)


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
        locked = _locked(action)
        said_already = (locked.status, locked.completed_by_id, locked.evidence)
        if said_already == (ActionStatus.DONE, by.pk, evidence.strip()):
            return locked
        _check_updater(locked, by, version)
        at = at or timezone.now()
        evidence = _given(evidence, "Say what shows that it is done: where it is recorded, and when.")
        check_move(locked.reference, locked.status, ActionMoveKind.COMPLETE)
        if locked.verification == Verification.NOT_YET:
            locked.verification = _verification_of(locked)
        locked.evidence, locked.impact = evidence, impact.strip()
        locked.done_at, locked.completed_by = at, by
        fields = ("verification", "evidence", "impact", "done_at", "completed_by")
        return _move(
            locked,
            ActionMoveKind.COMPLETE,
            by=by,
            at=at,
            reason=evidence,
            save=fields,
            signal=signals.action_completed,
        )


def verify_action(
    action: Action, *, by: User, note: str = "", version: int | None = None, at: datetime | None = None
) -> Action:
    """Confirm that what was done is there. Twice is once.

    Raises:
        RuleViolation: `by` may not, or owns it or completed it; it is not done; it was changed meanwhile.

    """
    with transaction.atomic():
        locked = _locked(action)
        _check_verifier(locked, by)
        if locked.status == ActionStatus.VERIFIED:
            return locked
        _check_version(locked, version)
        at = at or timezone.now()
        check_move(locked.reference, locked.status, ActionMoveKind.VERIFY)
        locked.verified_at, locked.verified_by = at, by
        return _move(
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
        locked = _locked(action)
        _check_verifier(locked, by)
        reason = _given(reason, "Say what is missing, so that its owner knows what to do.")
        if _is_repeated(locked, ActionMoveKind.RETURN, by, reason, version):
            return locked
        _check_version(locked, version)
        return _move(
            locked, ActionMoveKind.RETURN, by=by, at=at, reason=reason, signal=signals.action_returned
        )


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
        locked = _locked(action)
        if not can_extend_action(by, locked):
            raise RuleViolation(NOT_YOURS.format(locked))
        reason = _given(reason, "Say why it takes longer.")
        if _is_repeated(locked, ActionMoveKind.EXTEND, by, reason, version):
            return locked
        _check_version(locked, version)
        today = london_date(at or timezone.now())
        if due_on <= max(today, locked.due_on):
            raise RuleViolation(f"Choose a day after {max(today, locked.due_on):%-d %B %Y}.")
        if not is_working_day(due_on, closures()):
            raise RuleViolation(f"{due_on:%-d %B %Y} is not a working day. Choose one.")
        return _move(locked, ActionMoveKind.EXTEND, by=by, at=at, reason=reason, due_on=due_on)


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
        locked = _locked(action)
        if not can_assign_action(by, locked):
            raise RuleViolation(
                "The QA lead and the Principal Social Worker give an action to somebody else."
            )
        if locked.owner_id == owner.pk:
            return locked
        _check_version(locked, version)
        _check_owner(owner, london_date(at or timezone.now()))
        reason = _given(reason, "Say why somebody else takes it over.")
        former, locked.owner = locked.owner, owner
        return _move(
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
        locked = _locked(action)
        if not can_extend_action(by, locked):
            raise RuleViolation(NOT_YOURS.format(locked))
        reason = _given(reason, "Say why it is no longer needed.")
        if _is_repeated(locked, ActionMoveKind.ASK_CANCEL, by, reason, version):
            return locked
        _check_version(locked, version)
        return _move(
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
        locked = _locked(action)
        asked = locked.moves.filter(kind=ActionMoveKind.ASK_CANCEL).last()
        if not can_decide_cancellation(by, locked, asked_by_id=asked.by_id if asked else None):
            raise RuleViolation(
                "The QA lead or the Principal Social Worker decides on a cancellation, and never on one they asked "
                "for or of an action of their own."
            )
        kind = ActionMoveKind.CANCEL if approve else ActionMoveKind.KEEP
        reason = _given(reason, "Say why.")
        if _is_repeated(locked, kind, by, reason, version):
            return locked
        _check_version(locked, version)
        return _move(locked, kind, by=by, at=at, reason=reason, signal=signals.cancellation_decided)


@transaction.atomic
def pause_escalation(
    action: Action, *, until: date, by: User, reason: str, at: datetime | None = None
) -> EscalationPause:
    """Tell nobody further of it until a day has passed.

    Raises:
        RuleViolation: `by` may not, there is no reason, the day is over, or it is closed.

    """
    locked = _locked(action)
    if not can_pause_escalation(by, locked):
        raise RuleViolation(
            "The QA lead or the Principal Social Worker pauses, and never for an action of their own."
        )
    if locked.status not in TO_BE_DONE:
        raise RuleViolation(f"{locked} is closed. Nobody is told of it any more.")
    at = at or timezone.now()
    if until < london_date(at):
        raise RuleViolation("Choose today or a later day.")
    reason = _given(reason, "Say why nobody should be told meanwhile.")
    return EscalationPause.objects.create(action=locked, until=until, reason=reason, by=by, at=at)


def note_no_change(
    actions: Sequence[Action], *, by: User, since: str, at: datetime | None = None
) -> list[Action]:
    """The same note on many actions at once; all of them or none. Those that were noted.

    The same words of the same person within ten minutes are a double click, and noted once. Five queries.

    Raises:
        RuleViolation: one of them is not this person's to update, or is closed.

    """
    at = at or timezone.now()
    note = _given(since, "Say how they stand.")
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


def next_number() -> int:
    """The number of the next reference. Until the transaction ends nobody else is given one."""
    ActionSettings.objects.get_or_create(pk=1)
    ActionSettings.objects.select_for_update().get(pk=1)
    last = Action.objects.order_by("-pk").values_list("reference", flat=True).first()
    return int(last.rpartition("-")[2]) + 1 if last else 1


def _open(action: Action, *, by: User | None, at: datetime) -> Action:
    action.reference = f"ACT-{next_number():04d}"
    action.status, action.opened_by, action.opened_at = ActionStatus.OPEN, by, at
    action.save()
    ActionMove.objects.create(
        action=action,
        kind=ActionMoveKind.OPEN,
        to_status=ActionStatus.OPEN,
        from_due_on=action.due_on,
        to_due_on=action.due_on,
        by=by,
        at=at,
    )
    signals.action_opened.send(Action, action=action, by=by, at=at)
    return action


def _locked(action: Action) -> Action:
    return (
        Action.objects.select_for_update(of=("self",))
        .select_related("owner", "team__service", "audit__allocation")
        .get(pk=action.pk)
    )


def _check_updater(action: Action, by: User, version: int | None) -> None:
    if not can_update_action(by, action):
        raise RuleViolation(NOT_YOURS.format(action))
    _check_version(action, version)


def _check_verifier(action: Action, by: User) -> None:
    if not can_verify_action(by, action):
        raise RuleViolation(
            f"The QA lead or the Principal Social Worker verifies {action}, and never who owns it or completed it."
        )


def _check_version(action: Action, version: int | None) -> None:
    if version is not None and version != action.version:
        raise StaleAction(action)


def _is_repeated(action: Action, kind: ActionMoveKind, by: User, reason: str, version: int | None) -> bool:
    """Whether the last move was this one, made from the same page: a double click."""
    if version is None or version != action.version - 1:
        return False
    last = action.moves.last()
    return last is not None and (last.kind, last.by_id, last.reason) == (kind, by.pk, reason)


def _given(text: str, sentence: str) -> str:
    if not text.strip():
        raise RuleViolation(sentence)
    return text.strip()


def _check_content(content: NewAction, due_on: date, today: date) -> None:
    _given(content.what, "Say what shall be done.")
    _given(content.why, "Say what was found that makes this necessary.")
    _given(content.success, "Say how success will be seen: a result that somebody can observe.")
    if content.priority not in ActionPriority.values:
        raise RuleViolation("Choose a priority.")
    if due_on < today:
        raise RuleViolation("The due date is over. Choose today or a later day.")
    _check_owner(content.owner, today)


def _check_owner(owner: User, today: date) -> None:
    if not action_owners(today).filter(pk=owner.pk).exists():
        raise RuleViolation("Choose an owner who manages a team or a service today.")


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


def _move(  # noqa: PLR0913 - what a move is
    action: Action,
    kind: ActionMoveKind,
    *,
    by: User | None,
    at: datetime | None,
    reason: str = "",
    due_on: date | None = None,
    save: tuple[str, ...] = (),
    signal: Signal | None = None,
) -> Action:
    at = at or timezone.now()
    to_status = check_move(action.reference, action.status, kind)
    ActionMove.objects.create(
        action=action,
        kind=kind,
        from_status=action.status,
        to_status=to_status,
        from_due_on=action.due_on,
        to_due_on=due_on or action.due_on,
        by=by,
        at=at,
        reason=reason,
    )
    action.status, action.due_on, action.version = to_status, due_on or action.due_on, action.version + 1
    action.save(update_fields=("status", "due_on", "version", *save))
    if signal:
        signal.send(Action, action=action, by=by, at=at)
    return action
