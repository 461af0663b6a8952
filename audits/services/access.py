"""The log of who read what."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from audits.enums import AccessKind
from audits.models import AccessRecord, Audit


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
