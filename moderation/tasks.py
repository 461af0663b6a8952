"""What the beat asks of moderation. Running any of it twice changes nothing."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from moderation.services.panels import make_panels_ahead
from moderation.services.reminders import send_panel_reminders


@shared_task  # type: ignore[untyped-decorator]  # celery ships no types
def sweep_panels(at: str | None = None) -> dict[str, int]:
    """Make the panels of the months ahead, as seen `at` an ISO moment (now)."""
    return {"made": make_panels_ahead(at=datetime.fromisoformat(at) if at else timezone.now())}


@shared_task  # type: ignore[untyped-decorator]
def remind_of_panels(at: str | None = None) -> dict[str, int]:
    """Chase what panels wait for `at` an ISO moment (now)."""
    return send_panel_reminders(at=datetime.fromisoformat(at) if at else timezone.now())
