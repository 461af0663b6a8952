"""What the beat asks of closing the loop. Running any of it twice changes nothing."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from actions.services.escalation import escalate_overdue as escalate
from actions.services.path_reminders import remind_of_what_follows
from actions.services.tracker import send_tracker as send


@shared_task  # type: ignore[untyped-decorator]  # celery ships no types
def remind_of_follow_up(at: str | None = None) -> dict[str, int]:
    """Tell managers what is late of what follows from grades, as seen `at` an ISO moment (now)."""
    return remind_of_what_follows(at=datetime.fromisoformat(at) if at else timezone.now())


@shared_task  # type: ignore[untyped-decorator]  # celery ships no types
def send_tracker(at: str | None = None) -> dict[str, int]:
    """Send the tracker mail of the week, if it is due `at` an ISO moment (now) and did not go out."""
    return send(at=datetime.fromisoformat(at) if at else timezone.now())


@shared_task  # type: ignore[untyped-decorator]  # celery ships no types
def escalate_overdue(at: str | None = None) -> dict[str, int]:
    """Tell those above of what is overdue `at` an ISO moment (now), each step once."""
    return escalate(at=datetime.fromisoformat(at) if at else timezone.now())
