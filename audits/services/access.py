"""The log of who read what."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from audits.enums import AccessKind
from audits.models import AccessRecord, Audit, ExportRecord
from core.errors import RuleViolation


def record_access(audit: Audit, *, kind: AccessKind, by: User, at: datetime | None = None) -> None:
    """Write down that somebody opened an audit; within one clock hour the same is written once.

    A page of one's own audit is nobody's business and not written; a print or a file of it leaves the service and is.
    """
    if kind == AccessKind.PAGE and audit.allocation.auditor_id == by.pk:
        return
    at = at or timezone.now()
    hour = at.replace(minute=0, second=0, microsecond=0)
    AccessRecord.objects.bulk_create(
        [AccessRecord(audit=audit, person=by, kind=kind, at=at, hour=hour)], ignore_conflicts=True
    )


def record_export(  # noqa: PLR0913 - what information governance asks
    what: str,
    *,
    as_format: str,
    filters: str,
    rows: int,
    reason: str,
    by: User,
    at: datetime | None = None,
) -> ExportRecord:
    """Write down that somebody takes a table out of the service, before it leaves.

    Args:
        what: which table, such as "Actions". filters: as the address has them, without a child's reference.

    Raises:
        RuleViolation: nobody says what it is for.

    """
    if not reason.strip():
        raise RuleViolation("Say what the file is for. Information governance reads it.")
    return ExportRecord.objects.create(
        what=what,
        format=as_format,
        filters=filters,
        rows=rows,
        reason=reason.strip(),
        by=by,
        at=at or timezone.now(),
    )
