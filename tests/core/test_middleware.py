"""Sessions end, and records are not cached."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.test import Client

from accounts.models import User
from core.middleware import SIGNED_IN_AT, AbsoluteSessionAgeMiddleware
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db

MORNING = "2026-11-25T08:00Z"
OUT = (302, "/sign-in/?next=/")


def opens(client: Client) -> bool:
    """Whether the front page opens; when not, the person must have been sent to sign in."""
    response = client.get("/")
    if response.status_code == 302:
        assert (response.status_code, response["Location"]) == OUT
    return response.status_code == 200


def test_thirty_minutes_without_a_click_end_a_session(stella: User, client_for: ClientFor) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        client = client_for(stella)
        clock.shift(timedelta(minutes=29, seconds=59))
        assert opens(client)
        clock.shift(timedelta(minutes=29, seconds=59))
        assert opens(client)
        clock.shift(timedelta(minutes=30))
        assert not opens(client)


def test_ten_hours_end_a_session_however_busy(stella: User, client_for: ClientFor, settings: Any) -> None:
    assert settings.SESSION_ABSOLUTE_AGE == 10 * 60 * 60
    settings.SESSION_ABSOLUTE_AGE = 60 * 60
    with time_machine.travel(MORNING, tick=False) as clock:
        client = client_for(stella)
        for _ in range(3):
            clock.shift(timedelta(minutes=20))
            assert opens(client)
        clock.shift(timedelta(seconds=1))
        assert not opens(client)
        assert SESSION_KEY not in client.session


def test_without_the_guard_a_busy_session_lives_on(
    stella: User, client_for: ClientFor, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin of the test above."""
    settings.SESSION_ABSOLUTE_AGE = 60 * 60
    monkeypatch.setattr(
        AbsoluteSessionAgeMiddleware, "__call__", lambda self, request: self.get_response(request)
    )
    with time_machine.travel(MORNING, tick=False) as clock:
        client = client_for(stella)
        for _ in range(4):
            clock.shift(timedelta(minutes=20))
            assert opens(client)


def test_a_session_that_does_not_say_when_it_began_has_ended(stella: User, client_for: ClientFor) -> None:
    client = client_for(stella)
    session = client.session
    del session[SIGNED_IN_AT]
    session.save()
    assert not opens(client)


def test_pages_of_signed_in_people_are_kept_by_nobody(stranger_client: Client) -> None:
    for path in ("/", "/no-such-page/", "/your-account/"):
        assert stranger_client.get(path)["Cache-Control"] == "no-store, private"


def test_the_sign_in_page_is_not_cached_either(client: Client) -> None:
    assert "no-store" in client.get("/sign-in/")["Cache-Control"]
