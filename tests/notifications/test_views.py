"""The page of messages: who sees it, what it shows, what its buttons do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notifications.enums import MessageStatus
from notifications.models import MailGate, Message
from tests.conftest import AssertQueries, ClientFor
from tests.notifications.conftest import NewMessage

pytestmark = pytest.mark.django_db

URL = "/setup/messages/"


@pytest.fixture
def one_of_each(new_message: NewMessage, asha: User) -> dict[str, Message]:
    """A message in each state."""
    soon = timezone.now() + timedelta(hours=1)
    return {
        "waiting": new_message(),
        "retrying": new_message(attempts=2, due_at=soon, last_error="The mail server answered 451: Later"),
        "given-up": new_message(status=MessageStatus.DEAD, attempts=11, last_error="No such mailbox"),
        "sent": new_message(status=MessageStatus.SENT, sent_at=timezone.now(), attempts=1),
        "set-aside": new_message(status=MessageStatus.WITHDRAWN),
    }


@pytest.mark.parametrize("person", ["quentin", "priya", "sid"])
def test_those_who_look_after_the_mail_see_it(
    person: str, request: pytest.FixtureRequest, client_for: ClientFor, one_of_each: dict[str, Message]
) -> None:
    response = client_for(request.getfixturevalue(person)).get(URL)
    assert response.status_code == 200
    assert list(response.context["page_obj"]) == [one_of_each["given-up"]]


@pytest.mark.parametrize("person", ["asha", "meera", "sanjay", "bella", "stella"])
def test_to_others_neither_the_page_nor_a_message_exists(
    person: str, request: pytest.FixtureRequest, client_for: ClientFor, one_of_each: dict[str, Message]
) -> None:
    client = client_for(request.getfixturevalue(person))
    assert client.get(URL).status_code == 404
    for verb in ("resend", "set_aside"):
        url = reverse(f"notifications:message_{verb}", args=[one_of_each["given-up"].pk])
        assert client.post(url).status_code == 404
    assert Message.objects.dead().count() == 1


@pytest.mark.parametrize("show", ["given-up", "retrying", "waiting", "sent"])
def test_each_tab_holds_its_own(qa_client: Client, one_of_each: dict[str, Message], show: str) -> None:
    response = qa_client.get(URL, {"show": show})
    assert list(response.context["page_obj"]) == [one_of_each[show]]
    assert [(tab["label"], tab["count"], tab["current"]) for tab in response.context["tabs"]] == [
        ("Could not be sent", 1, show == "given-up"),
        ("Being tried again", 1, show == "retrying"),
        ("Waiting", 1, show == "waiting"),
        ("Sent", None, show == "sent"),
    ]


@pytest.mark.parametrize("query", ["show=nonsense", "show="])
def test_a_tab_that_does_not_exist_is_not_found(qa_client: Client, query: str) -> None:
    assert qa_client.get(f"{URL}?{query}").status_code == 404


def test_a_row_says_what_happened_in_london_time(qa_client: Client, new_message: NewMessage) -> None:
    new_message(
        queued_at=datetime(2026, 7, 1, 8, 5, tzinfo=UTC),
        due_at=datetime(2026, 7, 1, 9, 6, tzinfo=UTC),
        attempts=1,
        last_error="The mail server answered 451: Later",
    )
    text = " ".join(qa_client.get(URL, {"show": "retrying"}).content.decode().split())
    assert "1 July 2026, 09:05" in text
    assert "1 attempt. The mail server answered 451: Later <br> Next at 10:06 on 1 July." in text


def test_the_page_warns_when_no_mail_leaves(qa_client: Client) -> None:
    warning = b"No mail is being sent"
    assert warning not in qa_client.get(URL).content
    MailGate.objects.update_or_create(pk=1, defaults={"installation": "elsewhere"})
    assert warning in qa_client.get(URL).content


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_whatever_its_length(
    rows: int,
    qa_client: Client,
    new_message: NewMessage,
    assert_queries: AssertQueries,
) -> None:
    for number in range(rows):
        new_message(status=MessageStatus.DEAD, subject_key=str(number))
    qa_client.get(URL)  # opens the mail gate of a new installation
    gate = 2 if connection.vendor == "postgresql" else 1  # which database this is, and which may send
    with assert_queries(4 + gate):  # roles, counts, page count, page
        qa_client.get(URL)


def test_sending_again(qa_client: Client, one_of_each: dict[str, Message]) -> None:
    message = one_of_each["given-up"]
    response = qa_client.post(reverse("notifications:message_resend", args=[message.pk]), follow=True)
    assert response.redirect_chain == [(URL, 302)]
    assert "The message to Asha Auditor is on its way again." in response.content.decode()
    message.refresh_from_db()
    assert (message.status, message.attempts) == (MessageStatus.QUEUED, 0)


def test_setting_aside(qa_client: Client, one_of_each: dict[str, Message]) -> None:
    message = one_of_each["given-up"]
    response = qa_client.post(reverse("notifications:message_set_aside", args=[message.pk]), follow=True)
    assert "The message to Asha Auditor will not be sent." in response.content.decode()
    message.refresh_from_db()
    assert message.status == MessageStatus.WITHDRAWN


@pytest.mark.parametrize("verb", ["resend", "set_aside"])
def test_a_message_that_was_sent_meanwhile_is_refused_in_words(
    verb: str, qa_client: Client, one_of_each: dict[str, Any]
) -> None:
    response = qa_client.post(reverse(f"notifications:message_{verb}", args=[one_of_each["sent"].pk]))
    assert response.status_code == 409
    assert "Look at the list again in two minutes." in response.content.decode()


@pytest.mark.parametrize("verb", ["resend", "set_aside"])
def test_looking_changes_nothing(verb: str, qa_client: Client, one_of_each: dict[str, Message]) -> None:
    url = reverse(f"notifications:message_{verb}", args=[one_of_each["given-up"].pk])
    assert qa_client.get(url).status_code == 405
