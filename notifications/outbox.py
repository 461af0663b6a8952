"""Sending what is due: lease a row, send it, write down how it ended. Every mail leaves through here."""

import logging
import random
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from notifications.courier import Courier
from notifications.emails import render
from notifications.enums import MessageStatus
from notifications.gate import gate_is_open
from notifications.models import Message
from notifications.retry import is_hopeless, lease_until, next_attempt

logger = logging.getLogger(__name__)

BATCH = 50
PASS_SECONDS = 120.0


def drain(at: datetime | None = None) -> dict[str, int]:
    """One pass over the outbox: send everything that is due `at` a moment (now), oldest first.

    Any number of passes may run at once, here and on other machines. A pass ends when nothing is due, after two
    minutes, or when the mail server is down; the next one goes on.

    Returns:
        How many messages were sent, put off, given up (dead) and withdrawn.

    """
    counts = Counter(sent=0, put_off=0, dead=0, withdrawn=0)
    if not gate_is_open():
        logger.warning("No mail is sent: this database was restored or moved. See open_mail_gate.")
        return dict(counts)
    at = at or timezone.now()
    end = time.monotonic() + PASS_SECONDS
    with Courier() as courier:
        for message in _leased(at):
            counts[_deliver(message, courier, at=at)] += 1
            if courier.gave_up or time.monotonic() > end:
                break
    return dict(counts)


def _leased(at: datetime) -> Iterator[Message]:
    """Each message due at that moment that this pass, and no other, may send now."""
    while batch := list(Message.objects.due(at).select_related("recipient").order_by("due_at", "pk")[:BATCH]):
        for message in batch:
            if _lease(message, at):
                yield message


def _lease(message: Message, at: datetime) -> bool:
    """Take a message by moving its due time ahead; False when another sender was first.

    Compare and swap in one UPDATE, which holds on PostgreSQL and on SQLite.
    """
    now = _no_earlier_than(at)
    attempts, previous_lease = message.attempts, message.lease
    message.attempts += 1
    message.first_tried_at = message.first_tried_at or now
    message.lease = uuid.uuid4()
    taken = (
        Message.objects.due(at)
        .filter(pk=message.pk, attempts=attempts)
        .update(
            attempts=message.attempts,
            first_tried_at=message.first_tried_at,
            lease=message.lease,
            due_at=lease_until(attempts=message.attempts, now=now, jitter=_jitter()),
        )
    )
    if (
        taken
        and previous_lease
        and is_hopeless(attempts=attempts, first_tried_at=message.first_tried_at, now=now)
    ):
        _settle(
            message, status=MessageStatus.DEAD, last_error="Each time, the sender stopped without a word."
        )
        return False
    return taken == 1


def _deliver(message: Message, courier: Courier, *, at: datetime) -> str:
    """Send a leased message and write down how it ended, which is the answer."""
    if not message.recipient.is_active:
        _settle(message, status=MessageStatus.WITHDRAWN, last_error="This person no longer signs in.")
        return "withdrawn"
    try:
        mail = render(message)
    except Exception as error:
        logger.exception("Message %s (%s) could not be written", message.pk, message.kind)
        reason = f"This message could not be written: {type(error).__name__}."
        _settle(message, status=MessageStatus.DEAD, last_error=reason)
        return "dead"
    if (refusal := courier.send(mail)) is None:
        _settle_sent(message)
        return "sent"
    failure, cause = refusal
    now = _no_earlier_than(at)
    again_at = next_attempt(
        attempts=message.attempts, first_tried_at=message.first_tried_at or now, now=now, jitter=_jitter()
    )
    if failure.final or again_at is None:
        logger.error("Message %s (%s) is given up: %s", message.pk, message.kind, type(cause).__name__)
        _settle(message, status=MessageStatus.DEAD, last_error=failure.reason)
        return "dead"
    logger.warning("Message %s (%s) is put off: %s", message.pk, message.kind, type(cause).__name__)
    _settle(message, due_at=again_at, last_error=failure.reason)
    return "put_off"


def _settle(message: Message, **fields: Any) -> None:
    """Write down how an attempt ended, unless the lease has passed to another sender meanwhile."""
    Message.objects.filter(pk=message.pk, lease=message.lease).update(lease=None, **fields)


def _settle_sent(message: Message) -> None:
    """Write down that the server took the mail: a fact, even when the lease has run out."""
    Message.objects.filter(pk=message.pk).exclude(status=MessageStatus.SENT).update(
        status=MessageStatus.SENT, sent_at=timezone.now(), lease=None, last_error=""
    )


def _no_earlier_than(at: datetime) -> datetime:
    """The moment from which waits are counted: past now and past `at`, so that no pass takes a row twice."""
    return max(at, timezone.now())


def _jitter() -> float:
    return random.random()  # noqa: S311 - spreads retries, guards nothing
