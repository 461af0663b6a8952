"""From the click to the mail server, through a real web server, worker, beat and broker; and with the broker dead."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client

from accounts.models import User
from audits.models import ImmediateConcern
from tests.conftest import ClientFor
from tests.factories.audits import ChildFactory
from tests.notifications.rig import SECRET_KEY, Rig, running, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rig(tmp_path: Path, settings: LazySettings) -> Iterator[Rig]:
    assert connection.vendor == "postgresql", "set DATABASE_URL to a PostgreSQL"
    settings.SECRET_KEY = SECRET_KEY  # the web server's, so that it knows the session
    with running(tmp_path) as machinery:
        yield machinery


def click(rig: Rig, client: Client, meera: User) -> float:
    """Raise a concern about a child of Meera's through gunicorn; returns the seconds the click took."""
    session_key = client.session.session_key
    assert isinstance(session_key, str)
    child = ChildFactory(team=meera.memberships.get().team)
    status, seconds = rig.web().post(
        "/concern/",
        session_key=session_key,
        form={
            "child_reference": child.reference,
            "risk": "She is alone.",
            "reached": "nobody",
            "key": str(uuid.uuid4()),
        },
    )
    assert status == 302
    assert ImmediateConcern.objects.count() == 1
    return seconds


def test_the_managers_have_it_within_a_minute_of_the_click(
    rig: Rig, stella: User, meera: User, sanjay: User, client_for: ClientFor
) -> None:
    rig.workers(1)
    started = time.monotonic()
    click(rig, client_for(stella), meera)
    wait_until(lambda: rig.mail.total == 2, seconds=60)
    assert time.monotonic() - started < 60
    assert rig.mail.recipients == {meera.email: 1, sanjay.email: 1}


def test_with_the_broker_dead_the_click_holds_and_the_next_pass_over_the_outbox_delivers(
    rig: Rig, stella: User, meera: User, sanjay: User, client_for: ClientFor
) -> None:
    rig.broker.kill()
    assert click(rig, client_for(stella), meera) < 10
    assert rig.mail.total == 0
    assert rig.manage("run_due_jobs").wait(seconds=60) == 0
    assert rig.mail.recipients == {meera.email: 1, sanjay.email: 1}
