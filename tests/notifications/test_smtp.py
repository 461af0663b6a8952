"""The outbox against a real mail server that refuses, stalls, vanishes and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from accounts.models import User
from notifications.emails import message_id
from notifications.enums import MessageStatus
from notifications.models import Message
from notifications.outbox import drain
from tests.notifications.conftest import NewMessage
from tests.notifications.rig import HOST, MailServer, free_port

pytestmark = pytest.mark.django_db

TIMEOUT = 0.3


@pytest.fixture
def mail_server(settings: LazySettings) -> Iterator[MailServer]:
    """A mail server that the product is configured to use, with little patience."""
    server = MailServer()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = HOST, server.port, TIMEOUT
    yield server
    server.stop()


def counts(**fields: int) -> dict[str, int]:
    return {"sent": 0, "put_off": 0, "dead": 0, "withdrawn": 0, **fields}


def later(hours: float = 1) -> dict[str, int]:
    """What a pass does that many hours from now."""
    return drain(timezone.now() + timedelta(hours=hours))


def test_every_mail_arrives_once_with_its_own_message_id(
    mail_server: MailServer, new_message: NewMessage
) -> None:
    messages = [new_message() for _ in range(20)]
    assert drain() == counts(sent=20)
    assert mail_server.received == {message_id(message): 1 for message in messages}


def test_a_server_that_is_off_costs_a_wait_and_nothing_is_lost(
    settings: LazySettings, mail_server: MailServer, new_message: NewMessage
) -> None:
    messages = [new_message() for _ in range(5)]
    settings.EMAIL_PORT = free_port()
    assert drain() == counts(put_off=3)
    assert set(Message.objects.retrying().values_list("last_error", flat=True)) == {
        "The mail server could not be reached."
    }
    settings.EMAIL_PORT = mail_server.port
    assert later() == counts(sent=5)
    assert mail_server.received == {message_id(message): 1 for message in messages}


def test_one_address_that_is_refused_for_good_stops_nobody_else(
    mail_server: MailServer, new_message: NewMessage, meera: User
) -> None:
    mail_server.refuse[meera.email] = "550 No such user"
    poison = new_message(recipient=meera, due_at=timezone.now() - timedelta(hours=1))
    others = [new_message() for _ in range(3)]
    assert drain() == counts(dead=1, sent=3)
    poison.refresh_from_db()
    assert (poison.status, poison.last_error) == (
        MessageStatus.DEAD,
        "The mail server answered 550: No such user",
    )
    assert mail_server.received == {message_id(message): 1 for message in others}


def test_one_address_that_is_refused_for_now_arrives_later(
    mail_server: MailServer, new_message: NewMessage, meera: User
) -> None:
    mail_server.refuse[meera.email] = "451 Try again"
    poison = new_message(recipient=meera, due_at=timezone.now() - timedelta(hours=1))
    new_message()
    assert drain() == counts(put_off=1, sent=1)
    mail_server.refuse.clear()
    assert drain() == counts()
    assert later() == counts(sent=1)
    assert mail_server.received[message_id(poison)] == 1


def test_one_address_that_stalls_costs_its_time_limit_and_stops_nobody_else(
    mail_server: MailServer, new_message: NewMessage, meera: User
) -> None:
    mail_server.stall.add(meera.email)
    new_message(recipient=meera, due_at=timezone.now() - timedelta(hours=1))
    for _ in range(3):
        new_message()
    started = time.monotonic()
    assert drain() == counts(put_off=1, sent=3)
    assert TIMEOUT <= time.monotonic() - started < TIMEOUT + 2
    assert [message.last_error for message in Message.objects.retrying()] == [
        "The mail server hung up or did not answer in time."
    ]


def test_a_server_that_stalls_for_everybody_holds_a_pass_for_three_mails_only(
    mail_server: MailServer, new_message: NewMessage, asha: User
) -> None:
    mail_server.stall.add(asha.email)
    for _ in range(10):
        new_message()
    assert drain() == counts(put_off=3)
    assert Message.objects.waiting().count() == 7


def test_a_server_that_closes_costs_a_new_connection(
    mail_server: MailServer, new_message: NewMessage, meera: User
) -> None:
    mail_server.refuse[meera.email] = "421 Closing"
    new_message(recipient=meera, due_at=timezone.now() - timedelta(hours=1))
    new_message()
    assert drain() == counts(put_off=1, sent=1)


def test_a_line_break_never_reaches_the_server(mail_server: MailServer, new_message: NewMessage) -> None:
    new_message(context={"subject": "Hello\r\nBcc: everybody@council.example", "text": ""})
    assert drain() == counts(dead=1)
    assert mail_server.received == {}
