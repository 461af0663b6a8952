"""The moves that audits and obligations may make, as data. Services check it, buttons read it."""

from audits.enums import AllocationMoveKind, AllocationStatus, AuditStatus, ToolStatus
from core.errors import RuleViolation

MOVES: dict[str, frozenset[str]] = {
    AuditStatus.ALLOCATED: frozenset({AuditStatus.IN_PROGRESS}),
    AuditStatus.IN_PROGRESS: frozenset({AuditStatus.SUBMITTED}),
    AuditStatus.SUBMITTED: frozenset({AuditStatus.RETURNED, AuditStatus.FINALISED, AuditStatus.VOID}),
    AuditStatus.RETURNED: frozenset({AuditStatus.RESUBMITTED, AuditStatus.VOID}),
    AuditStatus.RESUBMITTED: frozenset({AuditStatus.RETURNED, AuditStatus.FINALISED, AuditStatus.VOID}),
    AuditStatus.FINALISED: frozenset({AuditStatus.REOPENED}),
    AuditStatus.REOPENED: frozenset({AuditStatus.RESUBMITTED, AuditStatus.VOID}),
    AuditStatus.VOID: frozenset(),
}

REFUSALS: dict[str, str] = {
    AuditStatus.ALLOCATED: "This audit has not been started. Start it first.",
    AuditStatus.IN_PROGRESS: "This audit has already been started. Carry on from its task list.",
    AuditStatus.SUBMITTED: (
        "This audit was submitted and can only be read. Ask the QA lead if something in it is wrong."
    ),
    AuditStatus.RETURNED: "This audit was returned for evidence. Its auditor has to submit it again first.",
    AuditStatus.RESUBMITTED: (
        "This audit was submitted again and can only be read. Ask the QA lead if something in it is wrong."
    ),
    AuditStatus.FINALISED: "This audit is final. It can be reopened only if the QA lead and the PSW agree.",
    AuditStatus.REOPENED: "This audit was reopened. Its auditor has to submit it again first.",
    AuditStatus.VOID: "This audit is void. Nothing more can be done with it.",
}
"""Why a move from this status is refused, in words for the auditor."""


def check_move(from_status: str, to_status: str) -> None:
    """Return when the move is allowed.

    Raises:
        RuleViolation: it is not.

    """
    if to_status not in MOVES[from_status]:
        raise RuleViolation(REFUSALS[from_status])


ALLOCATION_MOVES: dict[str, dict[str, AllocationStatus]] = {
    AllocationStatus.PROPOSED: {},
    AllocationStatus.ALLOCATED: {
        AllocationMoveKind.EXCUSE: AllocationStatus.EXCUSED,
        AllocationMoveKind.WITHDRAW: AllocationStatus.WITHDRAWN,
        AllocationMoveKind.REALLOCATE: AllocationStatus.REALLOCATED,
        AllocationMoveKind.EXTEND: AllocationStatus.ALLOCATED,
        AllocationMoveKind.CLOSE: AllocationStatus.NEVER_RETURNED,
    },
    AllocationStatus.EXCUSED: {},
    AllocationStatus.WITHDRAWN: {},
    AllocationStatus.REALLOCATED: {},
    AllocationStatus.NEVER_RETURNED: {},
}
"""Where each move takes an obligation that stands. Nothing is taken back: a mistake is a new obligation."""

ALLOCATION_REFUSALS: dict[str, str] = {
    AllocationStatus.PROPOSED: "{0} is in a draft. Swap its auditor there, or draw the month again.",
    AllocationStatus.ALLOCATED: "{0} was submitted. What was submitted stays its auditor's and in the figures.",
    AllocationStatus.EXCUSED: "{0} has been excused. Nothing more is owed for it.",
    AllocationStatus.WITHDRAWN: "{0} has been withdrawn. Nothing more is owed for it.",
    AllocationStatus.REALLOCATED: "{0} has been given to somebody else. Look at the allocation that replaced it.",
    AllocationStatus.NEVER_RETURNED: "{0} was not returned when its month was closed. That stays as it is.",
}
"""Why a move from this status is refused; of one that stands, why it is once it was met."""


def check_allocation_move(reference: str, status: str, kind: str, *, is_met: bool) -> AllocationStatus:
    """The status that the move leads to.

    Raises:
        RuleViolation: an obligation of this status, or one that has been met, does not make this move.

    """
    if is_met or kind not in ALLOCATION_MOVES[status]:
        raise RuleViolation(ALLOCATION_REFUSALS[status].format(reference))
    return ALLOCATION_MOVES[status][kind]


TOOL_MOVES: dict[str, frozenset[str]] = {
    ToolStatus.DRAFT: frozenset({ToolStatus.PROPOSED, ToolStatus.DISCARDED}),
    ToolStatus.PROPOSED: frozenset({ToolStatus.DRAFT, ToolStatus.PUBLISHED}),
    ToolStatus.PUBLISHED: frozenset({ToolStatus.SUPERSEDED}),
    ToolStatus.SUPERSEDED: frozenset(),
    ToolStatus.DISCARDED: frozenset(),
}
"""What may become of a version of a tool. Nothing that was approved comes back: a change is a new version."""

TOOL_REFUSALS: dict[str, str] = {
    ToolStatus.DRAFT: "{0} is a draft. Send it for approval first.",
    ToolStatus.PROPOSED: "{0} waits for approval and cannot be changed. Take it back to change it.",
    ToolStatus.PUBLISHED: "{0} is published and never changes. Start a new version.",
    ToolStatus.SUPERSEDED: "{0} was published and never changes. Start a new version.",
    ToolStatus.DISCARDED: "{0} was discarded. Start a new version.",
}


def check_tool_move(version: str, from_status: str, to_status: str) -> None:
    """Return when a version of a tool may make the move.

    Raises:
        RuleViolation: it may not.

    """
    if to_status not in TOOL_MOVES[from_status]:
        raise RuleViolation(TOOL_REFUSALS[from_status].format(version))
