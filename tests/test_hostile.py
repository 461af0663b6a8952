"""Whatever is sent to whichever address: a page, a redirect or a refusal, never a fault."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import Role
from core.middleware import NulInAddressMiddleware
from tests.factories.accounts import MembershipFactory
from tests.test_access import EXPECTED, World, world  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

NAMES = sorted(EXPECTED)
PIECES = (
    "a\0b",
    "\ud800",
    "💚",
    "\u202eright to left",
    "-1",
    "9" * 30,
    "9" * 5_000,
    "٣",
    "../../etc/passwd",
    "{{ 7|add:7 }}",
    "' OR 1=1 --",
    "a" * 5_000,
    "0000-00",
    "2026-02-30",
)
FIELDS = (
    "V1",
    "V1__counted",
    "V1__counted_of",
    "V1__dated_on_0",
    "V1__override",
    "V4",
    "V4__note",
    "about",
    "action",
    "answer",
    "as_at",
    "as_at_0",
    "as_at_1",
    "as_at_2",
    "audit",
    "audited",
    "auditor",
    "change_note",
    "child",
    "child_reference",
    "choices",
    "cjas",
    "code",
    "current",
    "days",
    "days_0",
    "decision",
    "difference",
    "due_on_0",
    "due_on_1",
    "due_on_2",
    "email",
    "ends_on_0",
    "ends_on_1",
    "ends_on_2",
    "evidence",
    "first_count",
    "first_unit",
    "following_count",
    "form_quality",
    "good",
    "grade",
    "help",
    "is_on",
    "key",
    "kind",
    "later",
    "line",
    "line_manager",
    "max_age",
    "met_lines",
    "min_age",
    "month",
    "monthly_capacity",
    "name",
    "narrative",
    "new",
    "none_found",
    "note",
    "on_0",
    "on_1",
    "on_2",
    "opened",
    "order",
    "outcome",
    "override_reason",
    "owner",
    "page",
    "password",
    "pathway",
    "pathways",
    "person",
    "placement",
    "priority",
    "q",
    "reached",
    "reason",
    "reasons",
    "reference",
    "response",
    "risk",
    "role",
    "seed",
    "seen",
    "service",
    "show",
    "source",
    "starts_on",
    "starts_on_0",
    "starts_on_1",
    "starts_on_2",
    "state",
    "status",
    "success",
    "team",
    "telephoned",
    "telephones",
    "text",
    "token",
    "verdict",
    "version",
    "visits",
    "visits__reasons",
    "what",
    "whole",
    "why",
)


@pytest.fixture
def everything(world: World) -> Client:  # noqa: F811
    """Somebody whose roles open every page of this world but those of its system administrator."""
    user = world.people["auditor"]
    for role in (Role.QA_LEAD, Role.BUSINESS_SUPPORT):
        MembershipFactory(user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def encoded(value: str) -> str:
    """The text's bytes, broken ones too, as a browser would put them into an address or a form."""
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def form_of(values: dict[str, str]) -> str:
    return "&".join(f"{name}={encoded(value)}" for name, value in values.items())


def test_no_part_of_an_address_is_a_fault(everything: Client, world: World) -> None:  # noqa: F811
    """Every piece in the place of every variable part of every address."""
    answers = {}
    for name in NAMES:
        method = "post" if EXPECTED[name].post_only else "get"
        for key, value in EXPECTED[name].kwargs.items():
            for piece in PIECES:
                address = world.url(name).replace(str(world.named[value]), encoded(piece), 1)
                answers[name, key, piece] = getattr(everything, method)(address).status_code
    assert {place: status for place, status in answers.items() if status >= 500} == {}


def test_twin_a_nul_in_an_address_reaches_the_page(
    everything: Client,
    world: World,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the guard a view meets it, and PostgreSQL refuses it with an error."""
    seen: list[str] = []
    monkeypatch.setattr("audits.views.audits.audit_of", lambda _request, reference: seen.append(reference))
    address = world.url("audits:audit_detail").replace(world.named["audit"], "a%00b")
    assert (everything.get(address).status_code, seen) == (404, [])
    monkeypatch.setattr(NulInAddressMiddleware, "process_view", lambda *_: None)
    unguarded = Client()
    unguarded.force_login(world.people["auditor"])
    with pytest.raises(AttributeError):
        unguarded.get(address)
    assert seen == ["a\0b"]


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    name=st.sampled_from([name for name in NAMES if not name.startswith("account_")]),
    query=st.dictionaries(
        st.sampled_from(FIELDS), st.sampled_from(PIECES) | st.text(max_size=20), max_size=4
    ),
    form=st.dictionaries(
        st.sampled_from(FIELDS), st.sampled_from(PIECES) | st.text(max_size=20), max_size=12
    ),
)
def test_no_query_and_no_form_is_a_fault(
    name: str,
    query: dict[str, str],
    form: dict[str, str],
    everything: Client,
    world: World,  # noqa: F811
) -> None:
    """Signing in and setting a password have a test of their own: tests/accounts/test_sign_in.py."""
    address = f"{world.url(name)}?{form_of(query)}"
    answers: list[Any] = [
        everything.get(address),
        everything.post(address, form_of(form), content_type="application/x-www-form-urlencoded"),
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


def main_of(client: Client, address: str) -> str:
    """The page without its head and navigation, which say where one is and carry a token."""
    return client.get(address).text.partition("<main")[2]


@pytest.mark.parametrize("who", ["colleague", "system_administrator"])
def test_no_method_tells_more_than_get(who: str, world: World) -> None:  # noqa: F811
    """Those who may not open a page learn nothing of it by HEAD, OPTIONS, PUT, PATCH or DELETE either."""
    client = Client()
    client.force_login(world.people[who])
    closed = [name for name in NAMES if who not in EXPECTED[name].who]
    answers = {
        (name, method): getattr(client, method)(world.url(name)).status_code
        for name in closed
        for method in ("head", "options", "put", "patch", "delete")
    }
    assert set(answers.values()) <= {404, 405}
    gone = main_of(client, "/audits/CJA-1999-01-001/")
    shown = {name: main_of(client, world.url(name)) for name in closed if not EXPECTED[name].post_only}
    assert [name for name, text in shown.items() if text != gone] == []
