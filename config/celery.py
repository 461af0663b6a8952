"""The worker and the beat: `celery -A config worker` and `celery -A config beat`.

The broker only wakes; what is to be done lies in the database (docs/adr/0006-outbox.md).
"""

import logging
import os
import time
from datetime import UTC, datetime
from typing import Any

from celery import Celery
from celery.beat import Scheduler
from celery.signals import setup_logging

from config.schedule import EXPIRES_SECONDS, JOBS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

logger = logging.getLogger(__name__)

app = Celery("child_journey_audits")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    job.name: {"task": job.task, "schedule": job.schedule, "options": {"expires": EXPIRES_SECONDS}}
    for job in JOBS
}

HEARTBEAT_SECONDS = 30.0
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@setup_logging.connect  # type: ignore[untyped-decorator]
def keep_django_logging(**_: Any) -> None:
    """Stop Celery from setting up logs of its own: that a receiver is here is enough."""


class BeatingScheduler(Scheduler):  # type: ignore[misc]  # celery ships no types
    """Celery's scheduler, without a file of its own.

    It asks for everything once when it starts, since it cannot know for how long it was off, and shows in the
    database that it is alive.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._beat_again = 0.0

    def setup_schedule(self) -> None:
        """Read the table, every line of it due at once."""
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = NEVER

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Ask for what is due and return the seconds to sleep."""
        seconds: float = super().tick(*args, **kwargs)
        if time.monotonic() >= self._beat_again:
            self._beat_again = time.monotonic() + HEARTBEAT_SECONDS
            self._beat()
        return min(seconds, HEARTBEAT_SECONDS)

    def _beat(self) -> None:
        from django.db import DatabaseError, close_old_connections  # noqa: PLC0415 - the apps load after this module
        from django.utils import timezone  # noqa: PLC0415

        from notifications.models import Heartbeat  # noqa: PLC0415

        close_old_connections()
        try:
            Heartbeat.beat("beat", at=timezone.now())
        except DatabaseError:
            logger.warning("The beat could not write its sign of life; it goes on.")
