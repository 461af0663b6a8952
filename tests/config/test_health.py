"""The health addresses: what each looks at, and who may ask."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from notifications.enums import MessageStatus
from notifications.models import Heartbeat, MailGate, Message
from tests.notifications.conftest import NewMessage

pytestmark = pytest.mark.django_db


@pytest.fixture
def hung_broker(settings: LazySettings) -> Iterator[None]:
    """A broker that lets callers in and then says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        yield


def deep(client: Client, **headers: str) -> tuple[int, dict[str, Any]]:
    response = client.get("/health/deep", **headers)
    return response.status_code, response.json()


def test_live_asks_nothing_of_the_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_ready_when_the_database_has_every_migration(client: Client) -> None:
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (
        200,
        {
            "status": "ok",
            "checks": {"database": {"ok": True, "answers": True, "migrations_missing": 0}},
        },
    )


def test_not_ready_while_a_migration_is_missing(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="notifications").delete()
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["status"] == "failing"
    assert response.json()["checks"]["database"]["migrations_missing"] >= 1


def test_not_ready_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_answer(*_: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", no_answer)
    for url in ("/health/ready", "/health/deep"):
        response = client.get(url)
        assert (response.status_code, response.json()) == (
            503,
            {"status": "failing", "checks": {"database": {"ok": False, "answers": False}}},
        )
    assert client.get("/health/live").status_code == 200


class TestWhoMayLookDeep:
    def test_monitoring_on_the_machine_itself(self, client: Client) -> None:
        assert client.get("/health/deep", REMOTE_ADDR="127.0.0.1").status_code == 200
        assert client.get("/health/deep", REMOTE_ADDR="::1").status_code == 200

    @pytest.mark.parametrize(
        "caller",
        [
            {"REMOTE_ADDR": "192.0.2.7"},
            {"REMOTE_ADDR": ""},
            {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"},
            {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
            {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"},
            {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.0.2.7"},
            {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_REAL_IP": "192.0.2.7"},
        ],
    )
    def test_others_sign_in_first(self, client: Client, caller: dict[str, str]) -> None:
        response = client.get("/health/deep", **caller)
        assert response.status_code == 302
        assert response.headers["Location"] == "/sign-in/?next=/health/deep"

    def test_people_who_have(self, auditor_client: Client) -> None:
        assert auditor_client.get("/health/deep", REMOTE_ADDR="192.0.2.7").status_code == 200


class TestDeep:
    def test_without_a_broker_there_is_none_to_look_at(self, client: Client) -> None:
        unused = {"ok": True, "used": False}
        assert deep(client) == (
            200,
            {
                "status": "ok",
                "checks": {
                    "database": {"ok": True, "answers": True, "migrations_missing": 0},
                    "broker": unused,
                    "worker": unused,
                    "beat": unused,
                    "outbox": {"ok": True, "oldest_due_seconds": 0},
                    "dead_letters": {"ok": True, "count": 0},
                    "mail_gate": {"ok": True},
                },
            },
        )

    def test_a_broker_that_hangs_is_seen_within_two_seconds(self, client: Client, hung_broker: None) -> None:
        started = timezone.now()
        status, body = deep(client)
        assert timezone.now() - started < timedelta(seconds=2)
        assert (status, body["checks"]["broker"]) == (503, {"ok": False, "used": True})

    @pytest.mark.parametrize("name", ["worker", "beat"])
    def test_a_heartbeat_is_fresh_for_three_minutes(
        self, client: Client, hung_broker: None, name: str
    ) -> None:
        assert deep(client)[1]["checks"][name] == {"ok": False, "used": True, "seconds_since": None}
        Heartbeat.beat(name, at=timezone.now() - timedelta(seconds=170))
        assert deep(client)[1]["checks"][name]["ok"] is True
        Heartbeat.beat(name, at=timezone.now() - timedelta(seconds=190))
        assert deep(client)[1]["checks"][name]["ok"] is False
        assert 190 <= deep(client)[1]["checks"][name]["seconds_since"] <= 195

    def test_mail_that_waits_ten_minutes_is_too_late(self, client: Client, new_message: NewMessage) -> None:
        new_message(due_at=timezone.now() + timedelta(days=1))
        message = new_message(due_at=timezone.now() - timedelta(minutes=9))
        assert deep(client)[0] == 200
        Message.objects.filter(pk=message.pk).update(due_at=timezone.now() - timedelta(minutes=11))
        status, body = deep(client)
        assert (status, body["checks"]["outbox"]["ok"]) == (503, False)
        assert 660 <= body["checks"]["outbox"]["oldest_due_seconds"] <= 665

    def test_dead_letters_are_counted_and_wake_nobody(self, client: Client, new_message: NewMessage) -> None:
        new_message(status=MessageStatus.DEAD)
        new_message(status=MessageStatus.DEAD)
        status, body = deep(client)
        assert (status, body["checks"]["dead_letters"]) == (200, {"ok": True, "count": 2})

    def test_a_closed_mail_gate_is_said(self, client: Client) -> None:
        MailGate.objects.create(pk=1, installation="elsewhere")
        status, body = deep(client)
        assert (status, body["checks"]["mail_gate"]) == (503, {"ok": False})
