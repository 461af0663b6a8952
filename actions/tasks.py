"""What the beat asks of closing the loop. Running any of it twice changes nothing."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from actions.services.path_reminders import remind_of_what_follows


@shared_task  # type: ignore[untyped-decorator]  # celery ships no types
def remind_of_follow_up(at: str | None = None) -> dict[str, int]:
    """Tell managers what is late of what follows from grades, as seen `at` an ISO moment (now)."""
    return remind_of_what_follows(at=datetime.fromisoformat(at) if at else timezone.now())
