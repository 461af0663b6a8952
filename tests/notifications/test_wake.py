"""Calling a sender: without a broker here and now, with one through Celery, and never at a page's cost."""

from __future__ import annotations

import time

import pytest
from django.conf import LazySettings
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from notifications import wake
from notifications.enums import MessageStatus
from notifications.models import Message
from notifications.services import queue_message
from notifications.tasks import drain_outbox


class Broker:
    """Counts the calls that reach it, or fails them."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls: list[dict[str, object]] = []
        self.error = error

    def apply_async(self, **options: object) -> None:
        self.calls.append(options)
        if self.error:
            raise self.error


@pytest.fixture(autouse=True)
def _circuit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "_silent_until", 0.0)


def connect(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings, error: Exception | None = None
) -> Broker:
    settings.REDIS_URL = "redis://broker.example"
    broker = Broker(error)
    monkeypatch.setattr(drain_outbox, "apply_async", broker.apply_async)
    return broker


def test_a_broker_is_called_once_without_retries(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    broker = connect(monkeypatch, settings)
    wake.wake_sender()
    assert broker.calls == [{"retry": False, "expires": 30.0}]


@pytest.mark.parametrize("error", [OperationalError(), TimeoutError(), ConnectionResetError()])
def test_a_broker_that_fails_is_left_alone_for_half_a_minute(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings, error: Exception
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    broker = connect(monkeypatch, settings, error)
    wake.wake_sender()
    wake.wake_sender()
    now += 29
    wake.wake_sender()
    assert len(broker.calls) == 1
    now += 2
    broker.error = None
    wake.wake_sender()
    wake.wake_sender()
    assert len(broker.calls) == 3


@pytest.mark.django_db
def test_without_a_broker_the_mail_leaves_right_after_the_transaction(
    note: str,
    asha: User,
    mailoutbox: list[object],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        queue_message(note, to=asha, subject_key="1", context={"subject": "Hello", "text": "x"})
        assert mailoutbox == []
    assert len(mailoutbox) == 1
    assert Message.objects.get().status == MessageStatus.SENT
