"""The rules of when things are due, as the QA lead and the PSW change them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from audits.models import TimescaleRule
from audits.services.timescales import change_rule, withdraw_rule
from core.errors import RuleViolation
from tests.conftest import AssertQueries, ClientFor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

LIST = "/setup/timescales/"
VISITS = f"{LIST}visit_cin/"
NEW = {
    "starts_on_0": "1",
    "starts_on_1": "1",
    "starts_on_2": "2027",
    "first_count": "10",
    "first_unit": "working_days",
    "following_count": "15",
    "following_unit": "working_days",
    "source": "Policy of 2027",
}


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split()).replace("&#x27;", "'")


def version(starts_on: date, duty: str = "visit_cin", count: int = 10) -> TimescaleRule:
    return TimescaleRule(
        duty=duty,
        starts_on=starts_on,
        first_count=count,
        first_unit="working_days",
        following_count=count,
        following_unit="working_days",
        source="Policy",
    )


def test_the_list_says_each_timescale_in_words(qa_client: Client) -> None:
    page = text_of(qa_client.get(LIST).text)
    assert (
        "Reviews of a child looked after Within 20 working days, then every 3 months, later every 6 months Law: "
        "Care Planning, Placement and Case Review (England) Regulations 2010, regulation 33 No change planned"
    ) in page
    assert (
        "Child in need visits Within 20 working days, then every 20 working days Local policy: shipped value"
        in page
    )


def test_a_change_is_shown_before_it_is_saved_and_is_a_new_version(qa_client: Client, quentin: User) -> None:
    check = text_of(qa_client.post(VISITS, NEW).text)
    assert (
        "Until then Within 20 working days, then every 20 working days. Local policy: shipped value." in check
    )
    assert "From 1 January 2027 Within 10 working days, then every 15 working days. Policy of 2027." in check
    assert "begins today or earlier" not in check
    assert TimescaleRule.objects.filter(duty="visit_cin").count() == 1
    page = text_of(qa_client.post(VISITS, NEW | {"confirmed": "yes"}, follow=True).text)
    assert "Saved. The new version is in force from 1 January 2027." in page
    assert "Added by Quentin Lead on 25 November 2026." in page
    assert "As shipped." in page
    again = qa_client.post(VISITS, NEW | {"confirmed": "yes"})
    assert again.status_code == 302
    assert TimescaleRule.objects.filter(duty="visit_cin", added_by=quentin).count() == 1
    assert "Within 10 working days, then every 15 working days, from 1 January 2027" in text_of(
        qa_client.get(LIST).text
    )


def test_the_check_page_posts_what_was_typed(psw_client: Client) -> None:
    page = psw_client.post(VISITS, NEW).text
    sent = dict(re.findall(r'<input type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', page))
    assert {name: sent[name] for name in NEW} == NEW
    assert sent["confirmed"] == "yes"


def test_a_change_from_a_day_that_has_been_is_pointed_out(qa_client: Client) -> None:
    page = text_of(qa_client.post(VISITS, NEW | {"starts_on_2": "2026"}).text)
    assert "This begins today or earlier." in page
    assert "Audits being written now: 0." in page


def test_what_the_law_sets_is_pointed_out(qa_client: Client) -> None:
    posted = NEW | {"is_law": "on", "later_count": "3", "later_unit": "months"}
    page = text_of(qa_client.post(f"{LIST}review_cla/", posted).text)
    assert "The version in force is set by law or statutory guidance." in page
    assert (
        "From 1 January 2027 Within 10 working days, then every 15 working days, later every 3 months. Law:"
        in page
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"first_count": ""}, "Enter the first, within how many"),
        ({"first_count": "0"}, "The first, within how many must be 1 or more"),
        ({"first_count": "366"}, "The first, within how many must be 365 or less"),
        ({"first_unit": "years"}, "Select a valid choice"),
        ({"source": ""}, "Enter the law or policy it comes from"),
        ({"starts_on_0": "32"}, "Enter a real date"),
        (
            {"starts_on_0": "1", "starts_on_1": "4", "starts_on_2": "2011", "confirmed": "yes"},
            "The newest version is in force from 1 April 2011. Choose a later day: what was in force stays as it was.",
        ),
    ],
)
def test_refusals(qa_client: Client, data: dict[str, str], sentence: str) -> None:
    response = qa_client.post(VISITS, NEW | data)
    assert response.status_code == 200
    assert sentence in text_of(response.text)
    assert TimescaleRule.objects.filter(duty="visit_cin").count() == 1


def test_a_version_that_has_not_begun_is_taken_back_and_twice_is_once(
    qa_client: Client, quentin: User
) -> None:
    rule = change_rule(version(date(2098, 1, 1)), by=quentin)
    url = f"{VISITS}{rule.pk}/withdraw/"
    assert url in qa_client.get(VISITS).text
    assert "The version from 1 January 2098 is taken back." in text_of(qa_client.post(url, follow=True).text)
    assert "has been taken back already" in text_of(qa_client.post(url, follow=True).text)


def test_one_that_has_begun_stays(qa_client: Client, quentin: User) -> None:
    rule = change_rule(version(date(2026, 11, 25)), by=quentin)
    assert "/withdraw/" not in qa_client.get(VISITS).text
    response = qa_client.post(f"{VISITS}{rule.pk}/withdraw/")
    assert response.status_code == 409
    assert "It stays: add a new one from a later day instead." in text_of(response.text)
    assert TimescaleRule.objects.filter(pk=rule.pk).exists()


def test_nobody_else_sees_or_changes_them(
    client_for: ClientFor, asha: User, bella: User, meera: User, stella: User
) -> None:
    for other in (asha, bella, meera, stella):
        client = client_for(other)
        assert client.get(LIST).status_code == 404
        assert client.post(VISITS, NEW | {"confirmed": "yes"}).status_code == 404
        for attempt in (
            lambda who=other: change_rule(version(date(2027, 1, 1)), by=who),
            lambda who=other: withdraw_rule(version(date(2027, 1, 1)), by=who),
        ):
            with pytest.raises(RuleViolation, match="Only the QA lead and the Principal Social Worker"):
                attempt()
    assert TimescaleRule.objects.filter(duty="visit_cin").count() == 1


def test_a_duty_that_is_none_is_not_found(qa_client: Client) -> None:
    assert qa_client.get(f"{LIST}visit_nobody/").status_code == 404


def test_the_service_asks_for_the_intervals_a_duty_has(quentin: User) -> None:
    with pytest.raises(RuleViolation, match="This timescale has no such interval: then every"):
        change_rule(version(date(2027, 1, 1), duty="assessment"), by=quentin)
    with pytest.raises(RuleViolation, match="Enter the interval: later every"):
        change_rule(version(date(2027, 1, 1), duty="review_cla"), by=quentin)
    rule = version(date(2027, 1, 1), duty="visit_cla")
    rule.later_count, rule.later_unit = 3, "months"
    with pytest.raises(RuleViolation, match="Enter after how many months the later interval applies"):
        change_rule(rule, by=quentin)


@pytest.mark.parametrize(
    ("field", "value"), [("first_unit", ""), ("first_unit", "years"), ("first_count", 0), ("duty", "none")]
)
def test_the_database_refuses_half_a_rule(field: str, value: object) -> None:
    rule = version(date(2027, 1, 1))
    setattr(rule, field, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        rule.save()
    version(date(2027, 1, 1)).save()  # the twin: whole, it is taken


def test_queries(qa_client: Client, quentin: User, assert_queries: AssertQueries) -> None:
    with assert_queries(2):  # roles, versions
        qa_client.get(LIST)
    change_rule(version(date(2027, 1, 1)), by=quentin)
    with assert_queries(2):
        qa_client.get(LIST)
