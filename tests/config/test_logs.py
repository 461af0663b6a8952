"""Production's logs say what happened and nothing about anybody."""

from __future__ import annotations

import json
import logging
import logging.config
from collections.abc import Iterator
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory

from config.logs import LOGGING

SECRET = "Jane Doe"


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What production's log handler writes."""
    written = StringIO()
    configurator = logging.config.DictConfigurator(LOGGING)
    formatter = configurator.configure_formatter(dict(LOGGING["formatters"]["json"]))
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def read(lines: StringIO) -> dict[str, Any]:
    (line,) = lines.getvalue().splitlines()
    event: dict[str, Any] = json.loads(line)
    return event


def test_a_line_is_one_json_object(lines: StringIO) -> None:
    logging.getLogger("notifications.outbox").warning("Message %s is put off", "1-2-3")
    event = read(lines)
    event.pop("timestamp")
    assert event == {
        "event": "Message 1-2-3 is put off",
        "level": "warning",
        "logger": "notifications.outbox",
    }


def test_a_request_is_named_by_its_route(lines: StringIO, rf: RequestFactory) -> None:
    request = rf.get(f"/children/{SECRET}/", {"q": SECRET})
    request.resolver_match = SimpleNamespace(route="children/<str:reference>/")  # type: ignore[assignment]
    logging.getLogger("django.request").error(
        "Internal Server Error: %s", request.path, extra={"status_code": 500, "request": request}
    )
    event = read(lines)
    event.pop("timestamp")
    assert event == {
        "event": "Request failed",
        "level": "error",
        "logger": "django.request",
        "method": "GET",
        "route": "children/<str:reference>/",
        "status": 500,
    }


def test_a_request_without_a_page_has_no_route(lines: StringIO, rf: RequestFactory) -> None:
    logging.getLogger("django.request").warning(
        "Not Found: %s", f"/{SECRET}", extra={"status_code": 404, "request": rf.get(f"/{SECRET}")}
    )
    event = read(lines)
    assert (event["route"], event["status"]) == (None, 404)
    assert SECRET not in lines.getvalue()


def test_an_exception_is_its_classes_and_stacks_without_their_words(lines: StringIO) -> None:
    def fail() -> None:
        try:
            {}[SECRET]
        except KeyError as error:
            raise ValueError(f"no such child: {SECRET}") from error

    try:
        fail()
    except ValueError:
        logging.getLogger("audits").exception("An import failed")
    event = read(lines)
    text = event["exception"]
    assert [line for line in text.splitlines() if not line.startswith(" ")] == ["ValueError", "KeyError"]
    assert "in fail" in text
    assert SECRET not in lines.getvalue()
    assert event["event"] == "An import failed"
