"""Writing into the outbox, sending again, setting aside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.template import TemplateDoesNotExist
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts.models import User
from core.errors import RuleViolation
from notifications import services
from notifications.enums import MessageStatus
from notifications.models import MailGate, Message
from notifications.services import queue_message, resend_message, set_message_aside, take_over_mail
from notifications.wake import wake_sender
from tests.notifications.conftest import NewMessage

pytestmark = pytest.mark.django_db


@transaction.atomic
def queue_and_refuse(kind: str, to: User) -> None:
    """A service that tells somebody and is then refused."""
    queue_message(kind, to=to, subject_key="1")
    raise RuleViolation("No.")


class TestQueueMessage:
    def test_a_message_is_written_once_for_its_key(self, note: str, asha: User, meera: User) -> None:
        def queue(to: User = asha, subject_key: str = "CJA-2026-11-014", period: str = "D-3") -> bool:
            return queue_message(note, to=to, subject_key=subject_key, period=period, context={"count": 2})

        assert queue() is True
        assert queue() is False
        assert queue(to=meera) is True
        assert queue(subject_key="CJA-2026-11-015") is True
        assert queue(period="D+1") is True
        assert Message.objects.count() == 4
        first = Message.objects.get(recipient=asha, period="D-3", subject_key="CJA-2026-11-014")
        assert (first.kind, first.context, first.status, first.attempts) == (
            "tests.note",
            {"count": 2},
            MessageStatus.QUEUED,
            0,
        )

    def test_it_goes_with_the_fact_when_that_rolls_back(self, note: str, asha: User) -> None:
        with pytest.raises(RuleViolation):
            queue_and_refuse(note, asha)
        assert Message.objects.count() == 0

    def test_a_kind_without_words_is_refused_at_once(self, asha: User) -> None:
        with pytest.raises(TemplateDoesNotExist):
            queue_message("tests.nonsense", to=asha, subject_key="1")

    def test_two_queries_a_message(
        self, note: str, asha: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(2):
            queue_message(note, to=asha, subject_key="1")

    def test_one_call_of_a_sender_for_each_transaction(
        self,
        note: str,
        asha: User,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        with django_capture_on_commit_callbacks() as callbacks:
            for number in range(3):
                queue_message(note, to=asha, subject_key=str(number))
        assert callbacks == [wake_sender]

    def test_no_call_for_a_message_that_was_there(
        self,
        note: str,
        asha: User,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        queue_message(note, to=asha, subject_key="1")
        with django_capture_on_commit_callbacks() as callbacks:
            queue_message(note, to=asha, subject_key="1")
        assert callbacks == []

    def test_the_call_survives_when_only_an_inner_part_rolls_back(
        self,
        note: str,
        asha: User,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
            with pytest.raises(RuleViolation):
                queue_and_refuse(note, asha)
            queue_message(note, to=asha, subject_key="2")
        assert callbacks == [wake_sender]
        assert [message.subject_key for message in Message.objects.all()] == ["2"]


class TestDatabase:
    def test_the_key_is_unique_whoever_writes(self, new_message: NewMessage) -> None:
        new_message(subject_key="1", period="D-3")
        with pytest.raises(IntegrityError, match="message_once_per_period|UNIQUE constraint failed"):
            new_message(subject_key="1", period="D-3")

    @pytest.mark.parametrize(
        "fields",
        [{"status": "nonsense"}, {"status": "sent", "sent_at": None}, {"sent_at": timezone.now()}],
    )
    def test_a_state_that_means_nothing_is_refused(
        self, new_message: NewMessage, fields: dict[str, object]
    ) -> None:
        with pytest.raises(IntegrityError, match="message_status_known|message_sent_has_moment"):
            new_message(**fields)


class TestResend:
    def test_a_dead_letter_starts_afresh(
        self,
        new_message: NewMessage,
        quentin: User,
        mailoutbox: list[object],
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        long_ago = timezone.now() - timedelta(days=2)
        message = new_message(
            status=MessageStatus.DEAD, attempts=9, first_tried_at=long_ago, last_error="Full", due_at=long_ago
        )
        with django_capture_on_commit_callbacks(execute=True) as callbacks:
            resend_message(message, by=quentin)
            assert (message.status, message.attempts, message.first_tried_at, message.last_error) == (
                MessageStatus.QUEUED,
                0,
                None,
                "",
            )
        assert callbacks == [wake_sender]
        assert len(mailoutbox) == 1

    def test_a_message_between_two_attempts_need_not_wait(
        self, new_message: NewMessage, quentin: User
    ) -> None:
        message = new_message(attempts=4, due_at=timezone.now() + timedelta(hours=1))
        assert resend_message(message, by=quentin).due_at <= timezone.now()

    @pytest.mark.parametrize("move", [resend_message, set_message_aside])
    @pytest.mark.parametrize(
        "fields",
        [
            {"status": MessageStatus.SENT, "sent_at": timezone.now()},
            {"status": MessageStatus.WITHDRAWN},
            {
                "lease": "5e0e5ac0-2a2f-4b0e-8d4e-2a6d1d3d3a51",
                "due_at": timezone.now() + timedelta(days=1),  # collected long before it runs
            },
        ],
        ids=["sent", "set aside", "being sent"],
    )
    def test_what_has_ended_or_is_being_sent_is_left_alone(
        self, new_message: NewMessage, quentin: User, fields: dict[str, object], move: object
    ) -> None:
        message = new_message(**fields)
        before = Message.objects.values().get()
        with pytest.raises(RuleViolation, match="Look at the list again in two minutes"):
            move(message, by=quentin)  # type: ignore[operator]
        assert Message.objects.values().get() == before

    def test_a_sender_that_died_holds_nothing(self, new_message: NewMessage, quentin: User) -> None:
        lease = "5e0e5ac0-2a2f-4b0e-8d4e-2a6d1d3d3a51"
        message = new_message(lease=lease, attempts=1, due_at=timezone.now() - timedelta(seconds=1))
        assert resend_message(message, by=quentin).attempts == 0

    def test_setting_aside_says_who(self, new_message: NewMessage, quentin: User) -> None:
        message = set_message_aside(new_message(status=MessageStatus.DEAD, last_error="Full"), by=quentin)
        assert (message.status, message.last_error) == (
            MessageStatus.WITHDRAWN,
            "Set aside by Quentin Lead.",
        )


class TestTakeOverMail:
    def test_what_waited_when_the_backup_was_made_can_be_set_aside(self, new_message: NewMessage) -> None:
        MailGate.objects.create(pk=1, installation="elsewhere")
        waiting = new_message()
        dead = new_message(status=MessageStatus.DEAD)
        assert take_over_mail(discard_queued=True) == 1
        waiting.refresh_from_db()
        dead.refresh_from_db()
        assert (waiting.status, dead.status) == (MessageStatus.WITHDRAWN, MessageStatus.DEAD)

    def test_or_kept(self, new_message: NewMessage) -> None:
        message = new_message()
        assert services.take_over_mail(discard_queued=False) == 0
        message.refresh_from_db()
        assert message.status == MessageStatus.QUEUED
