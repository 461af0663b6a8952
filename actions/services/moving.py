"""What every move of an action needs: the row locked, its version, and the move written down."""

from datetime import date, datetime

from django.dispatch import Signal
from django.utils import timezone

from accounts.models import User
from actions.enums import ActionMoveKind
from actions.models import Action, ActionMove
from actions.moves import check_move
from core.errors import RuleViolation

NOT_YOURS = "Only the owner of {0}, the manager of its team and the QA lead change it."


class StaleAction(RuleViolation):
    """Somebody moved the action since the page was opened. Nothing was changed."""

    def __init__(self, action: Action) -> None:
        super().__init__(
            f"{action} was changed by somebody else after you opened it. Look at its history below and try again: "
            "what you typed is still in the form."
        )
        self.version = action.version


def locked_action(action: Action) -> Action:
    return (
        Action.objects.select_for_update(of=("self",))
        .select_related("owner", "team__service", "audit__allocation")
        .get(pk=action.pk)
    )


def check_version(action: Action, version: int | None) -> None:
    if version is not None and version != action.version:
        raise StaleAction(action)


def is_repeated(action: Action, kind: ActionMoveKind, by: User, reason: str, version: int | None) -> bool:
    """Whether the last move was this one, made from the same page: a double click."""
    if version is None or version != action.version - 1:
        return False
    last = action.moves.last()
    return last is not None and (last.kind, last.by_id, last.reason) == (kind, by.pk, reason)


def given(text: str, sentence: str) -> str:
    if not text.strip():
        raise RuleViolation(sentence)
    return text.strip()


def record_move(  # noqa: PLR0913 - what a move is
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
