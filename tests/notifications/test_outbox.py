"""A pass over the outbox."""

from __future__ import annotations

import smtplib
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from accounts.models import User
from notifications import outbox
from notifications.enums import MessageStatus
from notifications.models import MailGate, Message
from notifications.outbox import drain
from tests.notifications.conftest import NewMessage

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
Refuse = Callable[[str, Exception], None]


@pytest.fixture(autouse=True)
def _nine_o_clock() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_jitter", lambda: 0.0)


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Makes the mail server fail for an address, until told otherwise."""
    errors: dict[str, Exception] = {}
    plain_send = EmailBackend.send_messages

    def send_messages(self: EmailBackend, mails: list[EmailMultiAlternatives]) -> int:
        for mail in mails:
            if error := errors.get(mail.to[0]):
                raise error
        return plain_send(self, mails)

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    return errors.__setitem__


def counts(**fields: int) -> dict[str, int]:
    return {"sent": 0, "put_off": 0, "dead": 0, "withdrawn": 0, **fields}


def refused(code: int) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"someone": (code, b"No")})


def test_what_is_due_is_sent_once_oldest_first(
    new_message: NewMessage, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    for minutes, subject in ((1, "Second"), (2, "First"), (-1, "Tomorrow")):
        new_message(due_at=NOW - timedelta(minutes=minutes), context={"subject": subject, "text": "look at"})
    assert drain() == counts(sent=2)
    assert [mail.subject for mail in mailoutbox] == ["First", "Second"]
    assert drain() == counts()
    sent = Message.objects.get(context__subject="First")
    assert (sent.status, sent.sent_at, sent.attempts, sent.lease) == (MessageStatus.SENT, NOW, 1, None)


def test_a_pass_for_a_later_moment_sends_what_is_due_by_then(new_message: NewMessage) -> None:
    new_message(due_at=NOW + timedelta(hours=1))
    assert drain(NOW + timedelta(minutes=59)) == counts()
    assert drain(NOW + timedelta(hours=1)) == counts(sent=1)


def test_more_than_a_batch_is_sent_in_one_pass(
    new_message: NewMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH", 2)
    for _ in range(5):
        new_message()
    assert drain() == counts(sent=5)


def test_the_next_attempt_waits_longer_each_time_and_the_24th_hour_is_the_last(
    new_message: NewMessage, asha: User, refuse: Refuse, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    refuse(asha.email, refused(451))
    message = new_message()
    waits = []
    with time_machine.travel(NOW, tick=False) as clock:
        while drain() == counts(put_off=1):
            message.refresh_from_db()
            waits.append((message.due_at - timezone.now()) / timedelta(minutes=1))
            assert drain() == counts()
            clock.move_to(message.due_at)
    message.refresh_from_db()
    assert waits == [1, 5, 15, 60, 240, 240, 240, 240, 240, 159]
    assert sum(waits) == 24 * 60
    assert (message.status, message.attempts, message.last_error) == (
        MessageStatus.DEAD,
        11,
        "The mail server answered 451: No",
    )
    assert mailoutbox == []


def test_the_24_hours_start_with_the_first_attempt_however_long_nobody_sent(
    new_message: NewMessage, asha: User, refuse: Refuse
) -> None:
    three_days_ago = NOW - timedelta(hours=72)
    message = new_message(queued_at=three_days_ago, due_at=three_days_ago)
    refuse(asha.email, refused(451))
    assert drain() == counts(put_off=1)
    message.refresh_from_db()
    assert message.due_at == NOW + timedelta(minutes=1)


def test_a_refusal_for_good_is_a_dead_letter_at_once_and_stops_nobody_else(
    new_message: NewMessage,
    asha: User,
    meera: User,
    refuse: Refuse,
    mailoutbox: list[EmailMultiAlternatives],
) -> None:
    refuse(asha.email, refused(550))
    message = new_message(due_at=NOW - timedelta(minutes=1))
    new_message(recipient=meera)
    assert drain() == counts(dead=1, sent=1)
    message.refresh_from_db()
    assert (message.status, message.last_error) == (
        MessageStatus.DEAD,
        "The mail server answered 550: No",
    )
    assert [mail.to for mail in mailoutbox] == [[meera.email]]


@pytest.mark.parametrize(
    ("context", "why"),
    [
        ({"subject": "Hello\nBcc: all@council.example", "text": "x"}, "BadHeaderError"),
        ({"subject": "Hello\r\nBcc: all@council.example", "text": "x"}, "BadHeaderError"),
        ({"subject": "Hello", "text": "see https://elsewhere.example/"}, "ValueError"),
        ({"subject": "Hello", "text": "see HTTP://elsewhere.example"}, "ValueError"),
    ],
)
def test_a_message_that_cannot_be_written_is_a_dead_letter_and_stops_nobody_else(
    new_message: NewMessage,
    context: dict[str, str],
    why: str,
    mailoutbox: list[EmailMultiAlternatives],
) -> None:
    message = new_message(context=context, due_at=NOW - timedelta(minutes=1))
    new_message()
    assert drain() == counts(dead=1, sent=1)
    message.refresh_from_db()
    assert message.last_error == f"This message could not be written: {why}."
    assert [mail.subject for mail in mailoutbox] == ["Two audits"]


def test_a_person_who_left_gets_nothing(
    new_message: NewMessage, asha: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    message = new_message()
    User.objects.filter(pk=asha.pk).update(is_active=False)
    assert drain() == counts(withdrawn=1)
    message.refresh_from_db()
    assert message.status == MessageStatus.WITHDRAWN
    assert mailoutbox == []


def test_a_server_that_is_down_is_left_alone_after_three_messages(
    new_message: NewMessage, asha: User, refuse: Refuse
) -> None:
    refuse(asha.email, ConnectionRefusedError())
    for _ in range(5):
        new_message()
    assert drain() == counts(put_off=3)
    assert Message.objects.waiting().count() == 2


def test_one_bad_connection_does_not_end_the_pass(
    new_message: NewMessage, asha: User, meera: User, refuse: Refuse
) -> None:
    refuse(asha.email, TimeoutError())
    for minute in range(8, 0, -1):
        new_message(recipient=asha if minute % 2 else meera, due_at=NOW - timedelta(minutes=minute))
    assert drain() == counts(put_off=4, sent=4)


class TestLease:
    @pytest.fixture
    def passes(self, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
        """What a second pass does that starts while the first one sends."""
        passes: list[dict[str, int]] = []
        plain_send = EmailBackend.send_messages

        def send_messages(self: EmailBackend, mails: list[EmailMultiAlternatives]) -> int:
            if not passes:
                passes.append({})
                passes[0] = drain()
            return plain_send(self, mails)

        monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
        return passes

    def test_another_pass_finds_nothing_while_one_sends(
        self,
        new_message: NewMessage,
        passes: list[dict[str, int]],
        mailoutbox: list[EmailMultiAlternatives],
    ) -> None:
        new_message()
        assert drain() == counts(sent=1)
        assert passes == [counts()]
        assert len(mailoutbox) == 1

    def test_twin_without_the_lease_it_sends_the_same_mail(
        self,
        new_message: NewMessage,
        passes: list[dict[str, int]],
        mailoutbox: list[EmailMultiAlternatives],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(outbox, "_lease", lambda _message, _at: True)
        new_message()
        drain()
        assert passes == [counts(sent=1)]
        assert len(mailoutbox) == 2

    def test_a_row_read_before_another_sender_took_it_is_not_taken_twice(
        self, new_message: NewMessage
    ) -> None:
        new_message()
        first, second = Message.objects.get(), Message.objects.get()
        assert outbox._lease(first, NOW) is True
        assert outbox._lease(second, NOW) is False

    def test_a_message_whose_sender_died_is_due_again_after_its_lease(self, new_message: NewMessage) -> None:
        message = new_message()
        assert outbox._lease(Message.objects.get(), NOW) is True
        assert drain(NOW + timedelta(seconds=119)) == counts()
        assert drain(NOW + timedelta(seconds=120)) == counts(sent=1)
        message.refresh_from_db()
        assert message.attempts == 2

    def test_a_message_that_kills_its_senders_is_given_up_in_the_end(self, new_message: NewMessage) -> None:
        message = new_message(
            lease=uuid.uuid4(), attempts=6, first_tried_at=NOW - timedelta(hours=24), due_at=NOW
        )
        assert drain() == counts()
        message.refresh_from_db()
        assert (message.status, message.last_error) == (
            MessageStatus.DEAD,
            "Each time, the sender stopped without a word.",
        )

    def test_a_failure_reported_after_the_lease_passed_on_changes_nothing(
        self, new_message: NewMessage
    ) -> None:
        new_message()
        late, holder = Message.objects.get(), Message.objects.get()
        outbox._lease(late, NOW)
        holder.attempts = 1
        outbox._lease(holder, NOW + timedelta(minutes=2))
        before = Message.objects.values().get()
        outbox._settle(late, status=MessageStatus.DEAD, last_error="Too late to say")
        assert Message.objects.values().get() == before

    def test_a_delivery_reported_late_is_still_a_delivery(self, new_message: NewMessage) -> None:
        new_message()
        late, holder = Message.objects.get(), Message.objects.get()
        outbox._lease(late, NOW)
        holder.attempts = 1
        outbox._lease(holder, NOW + timedelta(minutes=2))
        outbox._settle_sent(late)
        outbox._settle(holder, status=MessageStatus.DEAD, last_error="No")
        assert Message.objects.get().status == MessageStatus.SENT


class TestGate:
    def test_a_restored_copy_sends_nothing(
        self, new_message: NewMessage, mailoutbox: list[EmailMultiAlternatives]
    ) -> None:
        MailGate.objects.create(pk=1, installation="https://audits.council.example 7 16384")
        new_message()
        assert drain() == counts()
        assert mailoutbox == []
        assert Message.objects.waiting().count() == 1

    def test_twin_the_same_message_goes_out_through_an_open_gate(self, new_message: NewMessage) -> None:
        new_message()
        assert drain() == counts(sent=1)
