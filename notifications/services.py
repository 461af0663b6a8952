"""Telling somebody: a row in the outbox now, a mail once the transaction holds."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.template.loader import get_template

from accounts.models import User
from notifications.models import Message
from notifications.wake import wake_sender


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
            reference, a grade or evidence, for mail leaves the council's records.

    Returns:
        True when the row is new; False when this person was already told, which changes nothing.

    Raises:
        TemplateDoesNotExist: the kind has no words.

    """
    get_template(f"emails/{kind.replace('.', '/', 1)}.txt")
    message = Message(
        kind=kind, recipient=to, subject_key=subject_key, period=period, context=dict(context or {})
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
    if not Message.objects.filter(pk=message.pk).exists():
        return False
    if not any(wake_sender in hook for hook in connection.run_on_commit):
        transaction.on_commit(wake_sender, robust=True)
    return True
