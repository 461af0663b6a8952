"""Telling somebody: a row in the outbox now, a mail once the transaction holds."""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.template.loader import get_template
from django.utils import timezone

from accounts.models import User
from core.errors import RuleViolation
from notifications.emails import template_name
from notifications.enums import MessageStatus
from notifications.gate import open_gate
from notifications.models import Message
from notifications.wake import wake_sender

logger = logging.getLogger(__name__)


def queue_message(
    kind: str, *, to: User, subject_key: str, period: str = "", context: Mapping[str, Any] | None = None
) -> bool:
    """Write one mail into the outbox, in the caller's transaction; nothing is sent if that rolls back.

    Args:
        kind: the owner and the name, such as "audits.allocation_issued"; its words are in the templates
            emails/audits/allocation_issued.subject.txt, .txt and .html.
        to: the recipient; the address is read when the mail is sent.
        subject_key: what it is about, such as an allocation's reference.
        period: which of several about the same thing, such as "2026-11" or "D-3".
        context: plain JSON values for the templates: counts, dates and references of work, never a child's
            reference, a grade or evidence, for mail leaves the council's records. With an `event` (see
            notifications/calendar.py) the mail carries a calendar file of that day.

    Returns:
        True when the row is new; False when this person was already told, which changes nothing.

    Raises:
        TemplateDoesNotExist: the kind has no words.

    """
    get_template(template_name(kind, "txt"))
    message = Message(
        kind=kind, recipient=to, subject_key=subject_key, period=period, context=dict(context or {})
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
    if not Message.objects.filter(pk=message.pk).exists():
        return False
    _wake_after_commit()
    return True


@transaction.atomic
def resend_message(message: Message, *, by: User) -> Message:
    """Give a message that waits or was given up a fresh start: due now, with all its attempts before it.

    Raises:
        RuleViolation: it was sent, set aside, or is being sent at this moment.

    """
    _take_from_queue(
        message,
        status=MessageStatus.QUEUED,
        due_at=timezone.now(),
        attempts=0,
        first_tried_at=None,
        last_error="",
    )
    logger.info("Message %s is sent again by person %s", message.pk, by.pk)
    _wake_after_commit()
    return message


@transaction.atomic
def set_message_aside(message: Message, *, by: User) -> Message:
    """End a message that is no longer wanted, without sending it.

    Raises:
        RuleViolation: it was sent, set aside, or is being sent at this moment.

    """
    _take_from_queue(message, status=MessageStatus.WITHDRAWN, last_error=f"Set aside by {by.name}.")
    logger.info("Message %s is set aside by person %s", message.pk, by.pk)
    return message


@transaction.atomic
def take_over_mail(*, discard_queued: bool) -> int:
    """Make this installation the one that sends the mail of this database, after a restore or a move.

    Effects: the waiting messages are set aside when asked for, since they may have been sent after the backup
    was made; the gate opens.

    Returns:
        How many messages were set aside.

    """
    discarded = 0
    if discard_queued:
        discarded = Message.objects.queued().update(
            status=MessageStatus.WITHDRAWN, lease=None, last_error="Set aside when the database was restored."
        )
    open_gate()
    return discarded


def _take_from_queue(message: Message, **fields: Any) -> None:
    """Change a message that no sender holds and that has not reached an end; compare and swap in one UPDATE."""
    free = Message.objects.filter(pk=message.pk).not_final().unleased(timezone.now())
    if not free.update(lease=None, **fields):
        raise RuleViolation(
            "This message has just been sent or set aside, or is being sent at this moment. "
            "Look at the list again in two minutes."
        )
    message.refresh_from_db()


def _wake_after_commit() -> None:
    """One call of a sender for each transaction, however many messages it queues."""
    if not any(wake_sender in hook for hook in connection.run_on_commit):
        transaction.on_commit(wake_sender, robust=True)
