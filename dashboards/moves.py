"""The moves that a report or a learning brief may make, as data. The service checks it, the buttons read it."""

from core.errors import RuleViolation
from dashboards.enums import ReportStatus

MOVES: dict[str, frozenset[str]] = {
    ReportStatus.DRAFT: frozenset({ReportStatus.IN_REVIEW}),
    ReportStatus.IN_REVIEW: frozenset({ReportStatus.DRAFT, ReportStatus.PUBLISHED}),
    ReportStatus.PUBLISHED: frozenset({ReportStatus.DRAFT}),
}

WHY_NOT: dict[str, str] = {
    ReportStatus.DRAFT: "The {noun} is a draft. Send it for review first.",
    ReportStatus.IN_REVIEW: "The {noun} is in review. Return it first if something has to change.",
    ReportStatus.PUBLISHED: "The {noun} is published. Start a correction if something has to change.",
}


def refusal(status: str, noun: str = "report") -> str:
    """Why what has this status is not changed, or not moved on. `noun` is "report" or "brief"."""
    return WHY_NOT[status].format(noun=noun)


def check_report_move(from_status: str, to_status: str, noun: str = "report") -> None:
    """Return when the move is allowed.

    Raises:
        RuleViolation: it is not.

    """
    if to_status not in MOVES[from_status]:
        raise RuleViolation(refusal(from_status, noun))
