"""The moves that a report may make, as data. The service checks it, the buttons read it."""

from core.errors import RuleViolation
from dashboards.enums import ReportStatus

MOVES: dict[str, frozenset[str]] = {
    ReportStatus.DRAFT: frozenset({ReportStatus.IN_REVIEW}),
    ReportStatus.IN_REVIEW: frozenset({ReportStatus.DRAFT, ReportStatus.PUBLISHED}),
    ReportStatus.PUBLISHED: frozenset({ReportStatus.DRAFT}),
}

REFUSALS: dict[str, str] = {
    ReportStatus.DRAFT: "The report is a draft. Send it for review first.",
    ReportStatus.IN_REVIEW: "The report is in review. Return it first if something has to change.",
    ReportStatus.PUBLISHED: "The report is published. Start a correction if something has to change.",
}
"""Why a move from this status is refused."""


def check_report_move(from_status: str, to_status: str) -> None:
    """Return when the move is allowed.

    Raises:
        RuleViolation: it is not.

    """
    if to_status not in MOVES[from_status]:
        raise RuleViolation(REFUSALS[from_status])
