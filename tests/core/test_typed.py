"""A long form that is posted without a session, or with an old token, loses nothing that was typed."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audits.models import AuditSection
from core.middleware import SignInMiddleware
from tests.factories.accounts import PASSWORD
from tests.factories.audits import started_audit

pytestmark = pytest.mark.django_db

TYPED = {
    "version": "0",
    "evidence": '  "Six" of <six> & more.\n\nSecond line. 💚 ',
    "difference": "</textarea><script>alert(1)</script>{{ 7|add:7 }}",
    "H1__selected": ["plo", "ehcp"],
    "later": "yes",
}
ADDRESS = "/audits/{}/visits/"
OURS = {"Sec-Fetch-Site": "same-origin"}


def kept_in(page: str) -> dict[str, list[str]]:
    """What the page's hidden fields hold, as a browser reads them."""
    kept: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page):
        kept.setdefault(unescape(name), []).append(unescape(value))
    kept.pop("csrfmiddlewaretoken", None)
    return kept


def as_lists(typed: dict[str, Any]) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in typed.items()}


def test_a_post_after_the_session_lapsed_keeps_every_character_on_the_page(asha: User) -> None:
    audit = started_audit(asha)
    response = Client().post(ADDRESS.format(audit.allocation.reference), TYPED)
    assert response.status_code == 401
    assert response["Cache-Control"] == "no-store, private"
    assert kept_in(response.text) == as_lists(TYPED)
    assert "<script>alert" not in response.text
    assert "14" not in kept_in(response.text)["difference"][0]
    assert f'href="{reverse("account_login")}"' in response.text
    assert AuditSection.objects.get(audit=audit, section="visits").version == 0


def test_the_page_is_the_same_whether_the_audit_exists_or_not(asha: User) -> None:
    audit = started_audit(asha)
    pages = set()
    for reference in (audit.allocation.reference, "CJA-1999-01-001"):
        response = Client().post(ADDRESS.format(reference), TYPED)
        pages.add((response.status_code, response.text.replace(str(response.context["csrf_token"]), "")))
    assert len(pages) == 1


def test_a_get_and_a_form_that_is_not_long_are_sent_to_sign_in_as_ever(asha: User) -> None:
    address = ADDRESS.format(started_audit(asha).allocation.reference)
    for response in (Client().get(address), Client().post(reverse("accounts:password_change"), TYPED)):
        assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("account_login"))


def test_twin_without_the_guard_the_text_is_gone(asha: User, monkeypatch: pytest.MonkeyPatch) -> None:
    address = ADDRESS.format(started_audit(asha).allocation.reference)
    monkeypatch.delattr(SignInMiddleware, "handle_no_permission")
    assert Client().post(address, TYPED).status_code == 302


def token_on(page: str) -> str:
    return re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[-1]


def test_signed_out_while_typing_and_back_without_a_script(asha: User) -> None:
    """The whole way in one browser: the session ends, Save, sign in in another tab, Save, Save once more."""
    audit = started_audit(asha)
    address = ADDRESS.format(audit.allocation.reference)
    browser = Client(enforce_csrf_checks=True, headers=OURS)
    sign_in(browser, asha)
    token = token_on(browser.get(address).text)
    browser.session.flush()
    kept = browser.post(address, {**TYPED, "csrfmiddlewaretoken": token})
    assert (kept.status_code, kept_in(kept.text)) == (401, as_lists(TYPED))
    token = token_on(kept.text)
    sign_in(browser, asha)
    once_more = browser.post(address, {**kept_in(kept.text), "csrfmiddlewaretoken": token})
    assert (once_more.status_code, kept_in(once_more.text)) == (403, as_lists(TYPED))
    assert "Press Save once more" in once_more.text
    token = token_on(once_more.text)
    saved = browser.post(address, {**kept_in(once_more.text), "csrfmiddlewaretoken": token})
    assert saved.status_code == 302
    assert AuditSection.objects.get(audit=audit, section="visits").evidence == TYPED["evidence"]


def sign_in(browser: Client, user: User) -> None:
    user.set_password(PASSWORD)
    user.save()
    page = reverse("account_login")
    token = token_on(browser.get(page).text)
    answer = browser.post(page, {"login": user.email, "password": PASSWORD, "csrfmiddlewaretoken": token})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        (OURS, True),
        ({"Origin": "http://testserver"}, True),
        ({}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
    ],
)
def test_only_what_a_page_of_ours_sent_is_offered_to_be_sent_again(
    headers: dict[str, str], *, kept: bool, asha: User
) -> None:
    """Another site's form must not become ours by one press of a button."""
    browser = Client(enforce_csrf_checks=True, headers=headers)
    browser.force_login(asha)
    address = ADDRESS.format(started_audit(asha).allocation.reference)
    response = browser.post(address, TYPED)
    assert (response.status_code, bool(kept_in(response.text))) == (403, kept)


def test_a_form_that_is_not_long_gets_the_plain_refusal(asha: User) -> None:
    browser = Client(enforce_csrf_checks=True, headers=OURS)
    browser.force_login(asha)
    response = browser.post(reverse("accounts:password_change"), TYPED)
    assert (response.status_code, kept_in(response.text)) == (403, {})
    assert "The page had been open too long" in response.text
