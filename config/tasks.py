"""Housekeeping that belongs to no app."""

from datetime import datetime

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone


@shared_task  # type: ignore[untyped-decorator]  # celery ships no types
def sweep_sessions(at: str | None = None) -> dict[str, int]:
    """Delete the sessions that had run out `at` an ISO moment (now)."""
    moment = datetime.fromisoformat(at) if at else timezone.now()
    deleted, _ = Session.objects.filter(expire_date__lt=moment).delete()
    return {"deleted": deleted}
