"""What the beat asks of the reports. Running any of it twice changes nothing."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from dashboards.services.roll_up import roll_up_due_quarters


@shared_task  # type: ignore[untyped-decorator]  # celery ships no types
def roll_up_quarters(at: str | None = None) -> dict[str, int]:
    """Keep the counts of the quarters that are open, and freeze those that are due `at` an ISO moment (now)."""
    return roll_up_due_quarters(at=datetime.fromisoformat(at) if at else timezone.now())
