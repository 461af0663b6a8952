"""Tells a sender that rows are waiting. The rows are the truth: a lost call costs seconds, never a mail."""

import logging
import time

from django.conf import settings
from kombu.exceptions import OperationalError

from notifications.outbox import drain
from notifications.tasks import drain_outbox

logger = logging.getLogger(__name__)

LEAVE_ALONE_SECONDS = 30.0
"""How long a process does not call a broker that failed it, so that a hung one costs a request, not every one."""

_silent_until = 0.0


def wake_sender() -> None:
    """Ask a worker for a pass over the outbox; without a broker, on one machine, make the pass here.

    Never raises: the beat looks every half minute anyway.
    """
    if not settings.REDIS_URL:
        drain()
        return
    global _silent_until  # noqa: PLW0603 - one circuit for each process
    if time.monotonic() < _silent_until:
        return
    try:
        drain_outbox.apply_async(retry=False, expires=LEAVE_ALONE_SECONDS)
    except (OperationalError, OSError) as error:
        _silent_until = time.monotonic() + LEAVE_ALONE_SECONDS
        logger.warning("The broker does not answer; the beat will find the mail: %s", type(error).__name__)
