"""The moves an audit may make, as data. Services check it, buttons read it."""

from audits.enums import AuditStatus
from core.errors import RuleViolation

MOVES: dict[str, frozenset[str]] = {
    AuditStatus.ALLOCATED: frozenset({AuditStatus.IN_PROGRESS}),
    AuditStatus.IN_PROGRESS: frozenset({AuditStatus.SUBMITTED}),
    AuditStatus.SUBMITTED: frozenset(),
}

REFUSALS: dict[str, str] = {
    AuditStatus.ALLOCATED: "This audit has not been started. Start it first.",
    AuditStatus.IN_PROGRESS: "This audit has already been started. Carry on from its task list.",
    AuditStatus.SUBMITTED: (
        "This audit was submitted and can only be read. Ask the QA lead if something in it is wrong."
    ),
}
"""Why a move from this status is refused, in words for the auditor."""


def check_move(from_status: str, to_status: str) -> None:
    """Return when the move is allowed.

    Raises:
        RuleViolation: it is not.

    """
    if to_status not in MOVES[from_status]:
        raise RuleViolation(REFUSALS[from_status])
