"""When a message that could not be sent is tried again. Imports no Django."""

from datetime import datetime, timedelta

RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long to wait after the first attempt, the second, and so on; the last one repeats."""

GIVE_UP_AFTER = timedelta(hours=24)
"""Counted from the first attempt, so that a server that was off for days still gives every message its tries."""

LEASE = timedelta(minutes=2)
"""How long a sender may hold a message: longer than any one sending can take (docs/adr/0006-outbox.md)."""

JITTER = 0.2


def retry_delay(attempts: int, jitter: float) -> timedelta:
    """How long to wait after the `attempts`-th attempt (from 1).

    `jitter`, from 0 to 1, adds up to a fifth, so that what failed together is not tried together.
    """
    return RETRY_AFTER[min(attempts, len(RETRY_AFTER)) - 1] * (1 + JITTER * jitter)


def next_attempt(*, attempts: int, first_tried_at: datetime, now: datetime, jitter: float) -> datetime | None:
    """When to try again after the `attempts`-th attempt failed, or None to give up.

    The last attempt falls on the end of the 24 hours, however long the wait before it would have been.
    """
    deadline = first_tried_at + GIVE_UP_AFTER
    if now >= deadline:
        return None
    return min(now + retry_delay(attempts, jitter), deadline)


def lease_until(*, attempts: int, now: datetime, jitter: float) -> datetime:
    """When the `attempts`-th attempt counts as lost because its sender never said how it ended.

    It grows like the waits do, so that a message which kills its sender cannot do so every two minutes.
    """
    return now + max(LEASE, retry_delay(attempts, jitter))


def is_hopeless(*, attempts: int, first_tried_at: datetime | None, now: datetime) -> bool:
    """Whether a message whose last sender never said how it ended has had all its attempts and its 24 hours."""
    return (
        attempts > len(RETRY_AFTER) and first_tried_at is not None and now >= first_tried_at + GIVE_UP_AFTER
    )
