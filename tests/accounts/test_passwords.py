"""Setting a password by a mailed link, and changing it."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.services import change_person
from notifications.models import Message
from notifications.outbox import drain
from tests.accounts.test_sign_in import TOO_MANY, is_signed_in, said, sign_in
from tests.conftest import ClientFor
from tests.factories.accounts import PASSWORD, person

pytestmark = pytest.mark.django_db

NEW = "three unlikely otters"


def ask(email: str, client: Client | None = None) -> Any:
    return (client or Client()).post("/password/", {"email": email})


def mailed_link() -> str:
    """Sends what waits, and gives the link of the one mail."""
    drain()
    (message,) = mail.outbox
    found = re.search(r"http://127\.0\.0\.1:8000(/password/set/\S+)", str(message.body))
    assert found
    return found[1]


def open_link(client: Client, link: str) -> str:
    """The address of the form, to which the link leads: without the key."""
    response = client.get(link)
    assert response.status_code == 302
    address: str = response["Location"]
    assert link.split("-", 1)[1] not in address
    return address


def test_a_person_without_a_password_sets_one_and_signs_in(client: Client) -> None:
    User.objects.create_user("nora.new@council.example", "Nora New")
    response = ask("Nora.New@council.example")
    assert (response.status_code, response["Location"]) == (302, "/password/sent/")
    form = open_link(client, mailed_link())
    assert client.get(form).status_code == 200
    response = client.post(form, {"password1": NEW})
    assert (response.status_code, response["Location"]) == (302, "/password/set/done/")
    assert not is_signed_in(client)
    assert sign_in(client, "nora.new@council.example", NEW).status_code == 302
    assert is_signed_in(client)


def test_strangers_and_the_deactivated_get_the_same_page_and_no_mail(stella: User) -> None:
    person("Ines Inactive", is_active=False)
    pages = set()
    for email in (stella.email, "nobody@council.example", "ines.inactive@council.example"):
        response = ask(email)
        pages.add((response.status_code, response["Location"]))
    assert pages == {(302, "/password/sent/")}
    assert [message.recipient for message in Message.objects.all()] == [stella]


def test_the_outbox_never_holds_the_key(stella: User) -> None:
    ask(stella.email)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM notifications_message")
        before = str(cursor.fetchall())
    key = mailed_link().split("-", 1)[1].strip("/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM notifications_message")
        after = str(cursor.fetchall())
    assert key not in before + after
    assert "/password/set/" not in before + after


def test_a_link_works_once(client: Client, stella: User) -> None:
    ask(stella.email)
    link = mailed_link()
    client.post(open_link(client, link), {"password1": NEW})
    response = Client().get(link)
    assert response.status_code == 200
    assert "This link no longer works" in response.text
    assert "<form" not in response.text


def test_a_link_works_for_a_day(client: Client, stella: User) -> None:
    with time_machine.travel("2026-11-25T10:00Z", tick=False) as clock:
        ask(stella.email)
        link = mailed_link()
        clock.shift(timedelta(hours=24))
        open_link(client, link)
        clock.shift(timedelta(seconds=1))
        assert "This link no longer works" in Client().get(link).text


def test_a_link_ends_with_the_address_it_was_sent_to(client: Client, stella: User) -> None:
    ask(stella.email)
    link = mailed_link()
    change_person(
        stella, name=stella.name, email="stella@new.example", job_role=stella.job_role, line_manager=None
    )
    assert "This link no longer works" in client.get(link).text


def test_an_old_address_neither_signs_in_nor_gets_a_link(client: Client, stella: User) -> None:
    old = stella.email
    ask(old)
    client.post(open_link(client, mailed_link()), {"password1": NEW})
    change_person(
        stella, name=stella.name, email="stella@new.example", job_role=stella.job_role, line_manager=None
    )
    Message.objects.all().delete()
    ask(old)
    assert Message.objects.count() == 0
    assert sign_in(client, old, NEW).status_code == 200
    assert sign_in(client, "stella@new.example", NEW).status_code == 302
    assert EmailAddress.objects.count() == 0


def test_setting_a_password_signs_out_everywhere_else(
    client: Client, stella: User, client_for: ClientFor
) -> None:
    elsewhere = client_for(stella)
    ask(stella.email)
    client.post(open_link(client, mailed_link()), {"password1": NEW})
    assert elsewhere.get("/")["Location"] == "/sign-in/?next=/"


def test_setting_a_password_opens_a_closed_account(client: Client, stella: User) -> None:
    for _ in range(6):
        refused = sign_in(client, stella.email, "wrong")
    assert said(refused) == [TOO_MANY]
    ask(stella.email)
    client.post(open_link(client, mailed_link()), {"password1": NEW})
    assert sign_in(client, stella.email, NEW).status_code == 302


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "This password is too short. It must contain at least 12 characters."),
        ("1234567890123", "This password is too common."),
        ("stella-stranger", "The password is too similar to the name."),
        ("x" * 201, "New password must be 200 characters or fewer"),
        ("", "Enter a new password"),
        ("a\x00bcdefghijklmnop", "Null characters are not allowed."),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(
    client: Client, stella: User, password: str, sentence: str
) -> None:
    ask(stella.email)
    response = client.post(open_link(client, mailed_link()), {"password1": password})
    assert response.status_code == 200
    assert sentence in response.context["form"].errors["password1"]
    assert sign_in(client, stella.email, PASSWORD).status_code == 302


def test_asking_often_is_refused_for_known_and_unknown_alike(stella: User) -> None:
    for email in (stella.email, "nobody@council.example"):
        answers = [ask(email) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [302] * 5 + [429]
        assert "Use the newest mail, or wait 15 minutes" in answers[5].text
    assert ask("somebody.else@council.example").status_code == 302


def test_a_double_click_sends_one_mail(stella: User) -> None:
    with time_machine.travel("2026-11-25T10:00Z", tick=False) as clock:
        ask(stella.email)
        ask(stella.email)
        assert Message.objects.count() == 1
        clock.shift(timedelta(minutes=1))
        ask(stella.email)
        assert Message.objects.count() == 2


@pytest.mark.parametrize(
    "path", ["1-abc", "zzzzzzzzzzzzz-1", "0-set-password", "1-set-password", "9" * 13 + "-x"]
)
def test_a_made_up_link_is_answered_with_a_page(client: Client, path: str) -> None:
    response = client.get(f"/password/set/{path}/")
    assert response.status_code == 200
    assert "This link no longer works" in response.text


def test_no_link_is_sent_to_a_deactivated_person(support_client: Client) -> None:
    ines = person("Ines Inactive", is_active=False)
    response = support_client.post(f"/setup/people/{ines.pk}/password-link/")
    assert response.status_code == 409
    assert "Ines Inactive is deactivated. Reactivate them first." in response.text
    assert Message.objects.count() == 0


def test_a_person_changes_their_password_and_stays_signed_in(stella: User, client_for: ClientFor) -> None:
    here, elsewhere = client_for(stella), client_for(stella)
    response = here.post("/your-account/password/", {"current": PASSWORD, "new": NEW})
    assert (response.status_code, response["Location"]) == (302, "/your-account/")
    assert "Your password has been changed." in here.get("/your-account/").text
    assert elsewhere.get("/")["Location"] == "/sign-in/?next=/"
    assert sign_in(Client(), stella.email, NEW).status_code == 302


@pytest.mark.parametrize(
    ("current", "new", "field", "sentence"),
    [
        ("not it", NEW, "current", "This is not your current password"),
        (PASSWORD, "short", "new", "This password is too short. It must contain at least 12 characters."),
        (PASSWORD, "", "new", "Enter a new password"),
    ],
)
def test_a_refused_change_keeps_the_password(
    stella: User, stranger_client: Client, current: str, new: str, field: str, sentence: str
) -> None:
    response = stranger_client.post("/your-account/password/", {"current": current, "new": new})
    assert sentence in response.context["form"].errors[field]
    assert sign_in(Client(), stella.email, PASSWORD).status_code == 302


def test_ones_account_shows_the_roles_of_today(manager_client: Client) -> None:
    page = manager_client.get("/your-account/").text
    assert "Meera Manager" in page
    assert "Team manager, North" in page
