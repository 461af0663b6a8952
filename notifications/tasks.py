"""What the worker does for the outbox. Running any of it twice changes nothing."""

from datetime import datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

from notifications import outbox
from notifications.models import Heartbeat


@shared_task(bind=True)  # type: ignore[untyped-decorator]  # celery ships no types
def drain_outbox(self: Any, at: str | None = None) -> dict[str, int]:
    """Send what is due `at` an ISO moment (now), and show that a worker is alive."""
    counts = outbox.drain(datetime.fromisoformat(at) if at else None)
    if not self.request.called_directly:
        Heartbeat.beat("worker", at=timezone.now())
    return counts
