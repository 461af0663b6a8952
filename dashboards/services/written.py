"""The moves of a report and of a learning brief: what is the same for both of them."""

from datetime import datetime
from typing import TypeVar

from accounts.models import User
from core.errors import RuleViolation
from dashboards.enums import ReportStatus
from dashboards.models import LearningBrief, ReportDocument
from dashboards.moves import refusal

W = TypeVar("W", ReportDocument, LearningBrief)


def locked(written: W) -> W:
    """The same, read again and locked."""
    return type(written).objects.select_for_update(of=("self",)).get(pk=written.pk)


def move(written: W, to: ReportStatus, *, by: User, at: datetime, reason: str = "") -> None:
    """Change the status, which must still be what it was read as, and write the move down."""
    before = written.status
    rows = type(written).objects.filter(pk=written.pk, status=before)
    if not rows.update(status=to, sent_by=written.sent_by):
        raise RuleViolation(f"The {written.noun} was moved by somebody else just now. Look at it again.")
    written.status = to
    record(written, before, by=by, at=at, reason=reason)


def record(written: W, before: str, *, by: User, at: datetime, reason: str = "") -> None:
    """Write a move down; `before` is empty for the one that begins it."""
    written.moves.create(from_status=before, to_status=written.status, by=by, at=at, reason=reason.strip())


def take_back(written: W, *, reason: str, by: User, at: datetime) -> User | None:
    """Make what is in review a draft again; returns who had sent it.

    Raises:
        RuleViolation: it is not in review, or there is no reason.

    """
    if written.status != ReportStatus.IN_REVIEW:
        raise RuleViolation(refusal(written.status, written.noun))
    if not reason.strip():
        raise RuleViolation("Say what has to change.")
    sent_by, written.sent_by = written.sent_by, None
    move(written, ReportStatus.DRAFT, by=by, at=at, reason=reason)
    return sent_by


def reopen(written: W, *, reason: str, by: User, at: datetime) -> None:
    """Make what is published a draft again, for its next version. What was published stays as it is.

    Raises:
        RuleViolation: it is not published, or there is no reason.

    """
    if written.status != ReportStatus.PUBLISHED:
        raise RuleViolation(f"Only a published {written.noun} is corrected.")
    if not reason.strip():
        raise RuleViolation("Say what has to be corrected.")
    written.sent_by = None
    move(written, ReportStatus.DRAFT, by=by, at=at, reason=reason)
