"""The words of a message: three templates, rendered when it is sent, and the date to keep in it."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.urls import reverse

from notifications.calendar import CONTENT_TYPE, calendar_file
from notifications.models import Message

LINK = re.compile(r"https?://[^\s\"'<>)]*", re.IGNORECASE)


def password_link(message: Message) -> dict[str, Any]:
    """The path where the recipient sets a password. Made when the mail is written: its key is never stored."""
    person = message.recipient
    key = default_token_generator.make_token(person)
    uid = user_pk_to_url_str(person)
    return {"path": reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})}


ADDED_WHEN_SENT: dict[str, Callable[[Message], dict[str, Any]]] = {"accounts.password_link": password_link}
"""By kind: what the templates need and the database must not hold."""


def template_name(kind: str, part: str) -> str:
    """Where the words are: the part "txt" of "audits.allocation_issued" is emails/audits/allocation_issued.txt."""
    return f"emails/{kind.replace('.', '/', 1)}.{part}"


def message_id(message: Message) -> str:
    """The mail's Message-ID: the same at each attempt, so that a mail sent twice is seen to be one."""
    return f"<{message.pk}@{urlsplit(settings.SITE_URL).hostname}>"


def render(message: Message) -> EmailMultiAlternatives:
    """The mail of a message, to the recipient's address of this moment.

    Raises:
        BadHeaderError: a line break in the subject or the address.
        ValueError: a link that does not lead to this service.
        Exception: whatever a template or a context builder raises.

    """
    context = {
        **message.context,
        **(ADDED_WHEN_SENT[message.kind](message) if message.kind in ADDED_WHEN_SENT else {}),
        "recipient": message.recipient,
        "site_url": settings.SITE_URL,
        "council_name": settings.COUNCIL_NAME,
    }
    text = _render(template_name(message.kind, "txt"), context, autoescape=False)
    html = _render(template_name(message.kind, "html"), context, autoescape=True)
    for part in (text, html):
        _refuse_foreign_links(part)
    mail = EmailMultiAlternatives(
        subject=_render(template_name(message.kind, "subject.txt"), context, autoescape=False).strip(" \n"),
        body=text,
        to=[message.recipient.email],
        headers={"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(html, "text/html")
    if event := message.context.get("event"):
        mail.attach("due.ics", calendar_file(event, written_at=message.queued_at), CONTENT_TYPE)
    mail.message()
    return mail


def _render(name: str, context: dict[str, Any], *, autoescape: bool) -> str:
    return Engine.get_default().get_template(name).render(Context(context, autoescape=autoescape))


def _refuse_foreign_links(part: str) -> None:
    for link in LINK.findall(part):
        if link != settings.SITE_URL and not link.startswith(f"{settings.SITE_URL}/"):
            raise ValueError("A mail may only link to this service.")
