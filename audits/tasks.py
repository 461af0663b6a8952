"""What the beat asks of the programme. Running any of it twice changes nothing."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from audits.services.concerns import sweep_concerns as sweep
from audits.services.reminders import send_reminders


@shared_task  # type: ignore[untyped-decorator]  # celery ships no types
def remind_of_audits(at: str | None = None) -> dict[str, int]:
    """Queue the reminders that are due `at` an ISO moment (now)."""
    return send_reminders(at=datetime.fromisoformat(at) if at else timezone.now())


@shared_task  # type: ignore[untyped-decorator]  # celery ships no types
def sweep_concerns(at: str | None = None) -> dict[str, int]:
    """Escalate the concerns that nobody had acknowledged in time `at` an ISO moment (now)."""
    return sweep(at=datetime.fromisoformat(at) if at else timezone.now())
