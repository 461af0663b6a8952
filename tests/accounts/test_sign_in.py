"""Signing in and out: who gets in, what strangers learn, and what a wrong or hostile form gets."""

from typing import Any

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY, hashers
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from core.middleware import SIGNED_IN_AT
from tests.core.test_forms import Tags
from tests.factories.accounts import PASSWORD, person

pytestmark = pytest.mark.django_db

SIGN_IN = "/sign-in/"
WRONG = "The e-mail address or the password is not right. Try again, or set a new password."
TOO_MANY = "There were too many wrong passwords for this address. Wait 15 minutes, or set a new password."


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: str) -> Any:
    return client.post(SIGN_IN, {"login": email, "password": password, **extra})


def is_signed_in(client: Client) -> bool:
    return SESSION_KEY in client.session


def said(response: HttpResponse) -> list[str]:
    errors: list[str] = response.context["form"].non_field_errors()
    return list(errors)


def without_token(response: HttpResponse) -> str:
    """The page without what differs on every request."""
    token = response.context["csrf_token"]
    return response.text.replace(str(token), "")


def test_a_known_person_gets_in_whatever_the_letter_case_of_their_address(
    client: Client, stella: User
) -> None:
    response = sign_in(client, "Stella.Stranger@Council.Example")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session[SESSION_KEY] == str(stella.pk)


def test_somebody_without_a_role_sees_an_empty_my_work(stranger_client: Client) -> None:
    response = stranger_client.get("/")
    assert response.status_code == 200
    assert {item.label for item in response.context["navigation"]} & {
        "People",
        "Teams",
        "Programme",
        "Reports",
    } == set()


def test_known_unknown_deactivated_and_new_people_get_the_same_answer(client: Client, stella: User) -> None:
    person("Ines Inactive", is_active=False)
    User.objects.create_user("nora.new@council.example", "Nora New")
    pages = set()
    for email, password in (
        ("stella.stranger@council.example", "not the password"),
        ("nobody@council.example", "not the password"),
        ("ines.inactive@council.example", "not the password"),
        ("ines.inactive@council.example", PASSWORD),
        ("nora.new@council.example", "not the password"),
    ):
        response = sign_in(client, email, password)
        assert said(response) == [WRONG]
        pages.add((response.status_code, without_token(response).replace(email, "")))
    assert len(pages) == 1
    assert not is_signed_in(client)


def test_every_attempt_costs_one_password_hash(client: Client, stella: User, monkeypatch: Any) -> None:
    """So that the time an answer takes tells nothing: allauth hashes for strangers too."""
    hasher = hashers.get_hasher()
    hashed: list[str] = []
    original = type(hasher).encode

    def counting(self: Any, password: str, salt: str) -> Any:
        hashed.append(password)
        return original(self, password, salt)

    monkeypatch.setattr(type(hasher), "encode", counting)
    costs = []
    person("Ines Inactive", is_active=False)
    User.objects.create_user("nora.new@council.example", "Nora New")
    for name in ("stella.stranger", "nobody", "ines.inactive", "nora.new"):
        hashed.clear()
        sign_in(client, f"{name}@council.example", "not the password")
        costs.append(len(hashed))
    assert costs == [1, 1, 1, 1]


def test_five_wrong_passwords_close_one_account_for_a_quarter_of_an_hour(
    client: Client, stella: User
) -> None:
    with time_machine.travel("2026-11-25T10:00Z", tick=False) as clock:
        answers = [said(sign_in(client, stella.email, "wrong")) for _ in range(6)]
        assert answers == [[WRONG]] * 5 + [[TOO_MANY]]
        assert said(sign_in(Client(REMOTE_ADDR="10.9.8.7"), stella.email)) == [TOO_MANY]
        clock.shift(15 * 60 + 1)
        assert sign_in(client, stella.email).status_code == 302


def test_wrong_passwords_of_one_person_close_nobody_else_at_the_same_address(
    client: Client, stella: User, asha: User
) -> None:
    for _ in range(40):
        sign_in(client, stella.email, "wrong")
    for number in range(40):
        sign_in(client, f"nobody{number}@council.example", "wrong")
    assert sign_in(client, asha.email).status_code == 302


def test_a_stranger_s_account_closes_as_a_known_one_does(client: Client) -> None:
    answers = [said(sign_in(client, "nobody@council.example", "wrong")) for _ in range(6)]
    assert answers == [[WRONG]] * 5 + [[TOO_MANY]]


def test_the_session_key_changes_and_its_age_starts_again(client: Client, stella: User) -> None:
    client.get(SIGN_IN)
    session = client.session
    session["kept"] = "from before"
    session[SIGNED_IN_AT] = 0
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    with time_machine.travel("2026-11-25T10:00Z", tick=False) as clock:
        sign_in(client, stella.email)
        assert client.session.session_key != before
        assert client.session[SIGNED_IN_AT] == 1795600800.0
        client.post("/sign-out/")
        clock.shift(3600)
        sign_in(client, stella.email)
        assert client.session[SIGNED_IN_AT] == 1795600800.0 + 3600


def test_signing_out_ends_the_session(stranger_client: Client) -> None:
    assert stranger_client.get("/sign-out/").status_code == 200
    assert is_signed_in(stranger_client)
    response = stranger_client.post("/sign-out/")
    assert (response.status_code, response["Location"]) == (302, SIGN_IN)
    assert not is_signed_in(stranger_client)


def test_signing_out_twice_leads_to_the_sign_in_page(client: Client) -> None:
    for response in (client.get("/sign-out/"), client.post("/sign-out/")):
        assert (response.status_code, response["Location"]) == (302, SIGN_IN)


@pytest.mark.parametrize("path", ["/setup/people/", "/setup/people/?q=zoe&page=2", "/"])
def test_a_page_asked_for_signed_out_comes_after_signing_in(client: Client, bella: User, path: str) -> None:
    redirected = client.get(path)
    assert redirected.status_code == 302
    form = client.get(redirected["Location"])
    response = sign_in(client, bella.email, next=form.context["redirect_field_value"])
    assert (response.status_code, response["Location"]) == (302, path)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "///elsewhere.example/",
        "/\\elsewhere.example/",
        "javascript:alert(1)",
        "http://[broken",
        "\x00//elsewhere.example",
        "http:elsewhere.example",
        "http://testserver@elsewhere.example/",
    ],
)
def test_signing_in_leads_nowhere_else(client: Client, stella: User, elsewhere: str) -> None:
    response = sign_in(client, stella.email, next=elsewhere)
    assert (response.status_code, response["Location"]) == (302, "/")


def test_a_deactivated_person_is_out_at_their_next_click(client: Client, stella: User) -> None:
    sign_in(client, stella.email)
    assert client.get("/").status_code == 200
    User.objects.filter(pk=stella.pk).update(is_active=False)
    assert client.get("/")["Location"] == f"{SIGN_IN}?next=/"


def test_the_form_says_what_is_missing(client: Client) -> None:
    response = client.post(SIGN_IN, {"login": "", "password": ""})
    assert response.context["form"].errors == {
        "login": ["Enter an e-mail address"],
        "password": ["Enter your password"],
    }
    assert "<title>Error: Sign in – Child Journey Audits</title>" in response.text


def test_the_sign_in_page_looks_like_the_others(client: Client) -> None:
    page = client.get(SIGN_IN).text
    inputs = [tag for tag in Tags(page).named("input") if tag["type"] != "hidden"]
    assert [(tag["name"], tag["type"], tag["class"], tag["autocomplete"]) for tag in inputs] == [
        ("login", "email", "govuk-input", "username"),
        (
            "password",
            "password",
            "govuk-input govuk-password-input__input govuk-js-password-input-input",
            "current-password",
        ),
    ]
    assert "placeholder" not in page


HOSTILE = [
    "a\x00b@council.example",
    "a" * 10_000 + "@council.example",
    "a@" + "b" * 10_000,
    "a@council.example\r\nBcc: all@council.example",
    "=cmd()@council.example",
    "\ud83d\ude00@council.example".encode("utf-16", "surrogatepass").decode("utf-16"),
    "ⅰ@council.example",
]


@pytest.mark.parametrize("address", HOSTILE)
@pytest.mark.parametrize("path", [SIGN_IN, "/password/"])
def test_hostile_addresses_are_answered_as_mistakes(client: Client, path: str, address: str) -> None:
    response = client.post(path, {"login": address, "email": address, "password": "p\x00" * 5_000})
    assert response.status_code in {200, 302}
    assert not is_signed_in(client)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    login=st.text(max_size=40),
    password=st.text(max_size=40),
    next_=st.text(max_size=40),
    kind=st.sampled_from(["application/x-www-form-urlencoded", "application/json", "text/plain"]),
)
def test_no_form_post_is_a_fault(db: None, login: str, password: str, next_: str, kind: str) -> None:
    client = Client(headers={"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"})
    data = {"login": login, "password": password, "email": login, "next": next_}
    encodable = {key: value.encode("utf-8", "replace").decode() for key, value in data.items()}
    for path in (SIGN_IN, "/password/", "/sign-out/"):
        if kind == "application/x-www-form-urlencoded":
            response = client.post(path, encodable, query_params={"next": encodable["next"]})
        else:
            response = client.post(path, repr(encodable), content_type=kind)
        assert response.status_code < 500
        assert response["Content-Type"].startswith("text/html")


def test_the_addresses_that_need_no_sign_in(client: Client) -> None:
    """The pages of this app; tests/test_access.py walks the whole service."""
    public = {
        "account_login": {},
        "account_logout": {},
        "account_reset_password": {},
        "account_reset_password_done": {},
        "account_reset_password_from_key": {"uidb36": "1", "key": "2-3"},
        "account_reset_password_from_key_done": {},
    }
    for name, kwargs in public.items():
        response = client.get(reverse(name, kwargs=kwargs), follow=True)
        assert response.status_code == 200, name
    for name in ("accounts:account_detail", "accounts:password_change", "accounts:person_list"):
        url = reverse(name)
        assert client.get(url)["Location"] == f"{SIGN_IN}?next={url}"
