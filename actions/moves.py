"""The moves that an action may make, as data. Services check it, buttons read it."""

from actions.enums import ActionMoveKind, ActionStatus
from core.errors import RuleViolation

_STILL_TO_DO = (ActionStatus.OPEN, ActionStatus.IN_PROGRESS, ActionStatus.RETURNED)

MOVES: dict[str, dict[str, ActionStatus]] = {
    ActionMoveKind.START: {
        ActionStatus.OPEN: ActionStatus.IN_PROGRESS,
        ActionStatus.RETURNED: ActionStatus.IN_PROGRESS,
    },
    ActionMoveKind.NOTE: {status: status for status in (*_STILL_TO_DO, ActionStatus.CANCEL_ASKED)},
    ActionMoveKind.COMPLETE: dict.fromkeys(_STILL_TO_DO, ActionStatus.DONE),
    ActionMoveKind.VERIFY: {ActionStatus.DONE: ActionStatus.VERIFIED},
    ActionMoveKind.RETURN: {ActionStatus.DONE: ActionStatus.RETURNED},
    ActionMoveKind.EXTEND: {status: status for status in _STILL_TO_DO},
    ActionMoveKind.ASSIGN: {status: status for status in (*_STILL_TO_DO, ActionStatus.CANCEL_ASKED)},
    ActionMoveKind.ASK_CANCEL: dict.fromkeys(_STILL_TO_DO, ActionStatus.CANCEL_ASKED),
    ActionMoveKind.KEEP: {ActionStatus.CANCEL_ASKED: ActionStatus.IN_PROGRESS},
    ActionMoveKind.CANCEL: {ActionStatus.CANCEL_ASKED: ActionStatus.CANCELLED},
}
"""By kind of move: where it takes an action from each status that it may be made from."""

REFUSALS: dict[str, str] = {
    ActionStatus.OPEN: "{0} is open. It has to be done before anything else can be said of it.",
    ActionStatus.IN_PROGRESS: "{0} is in progress. It has to be done before anything else can be said of it.",
    ActionStatus.CANCEL_ASKED: (
        "For {0} a cancellation was asked for. The QA lead or the Principal Social Worker decides on that first."
    ),
    ActionStatus.DONE: "{0} is done. It can be verified or returned, and nothing else.",
    ActionStatus.RETURNED: "{0} was returned. Its owner has to complete it again first.",
    ActionStatus.VERIFIED: "{0} has been verified. That stays as it is; raise a new action if more is needed.",
    ActionStatus.CANCELLED: "{0} was cancelled. Raise a new action if it is needed after all.",
}
"""Why a move from this status is refused."""


def check_move(reference: str, status: str, kind: str) -> ActionStatus:
    """The status that the move leads to.

    Raises:
        RuleViolation: an action of this status does not make this move.

    """
    if status not in MOVES[kind]:
        raise RuleViolation(REFUSALS[status].format(reference))
    return MOVES[kind][status]
