"""The page of returns: what it counts, who sees whom, and what it costs."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audits.enums import AllocationStatus, ReminderStep
from audits.models import Allocation, Closure, Reminder
from core.shares import Ratio
from dashboards.charts import percent_bars
from dashboards.models import Target
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import MembershipFactory, ServiceFactory, TeamFactory, auditor
from tests.factories.audits import AllocationFactory, AuditFactory, RoundFactory, submitted_audit

pytestmark = pytest.mark.django_db

NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)
RETURNS = "/programme/returns/"


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split()).replace("&#x27;", "'")


def rows_of(html: str, caption: str) -> list[str]:
    """The body rows of the table with that caption, in words."""
    [table] = [part for part in re.findall(r"<table.*?</table>", html, re.DOTALL) if caption in part]
    body = table.split("<tbody")[1]
    return [text_of(f"<tr {row}") for row in body.split("<tr ")[1:]]


def owe(to: User, month: date = NOVEMBER, **allocation: object) -> Allocation:
    made: Allocation = AllocationFactory(auditor=to, round=RoundFactory(month=month), **allocation)
    AuditFactory(allocation=made)
    return made


@pytest.fixture
def cora(db: None) -> User:
    """Cora, an auditor of the South team of another service."""
    return auditor("Cora Colleague", team=TeamFactory(name="South", service=ServiceFactory(name="Care")))


@pytest.fixture
def november(asha: User, cora: User) -> list[Allocation]:
    """Asha returned one of three, with one excused; Cora owes one, late since the 20th; one was withdrawn."""
    submitted_audit(by=asha, month=NOVEMBER)
    owe(asha, status=AllocationStatus.EXCUSED)
    owe(cora, status=AllocationStatus.WITHDRAWN)
    return [owe(asha), owe(cora, first_due_on=date(2026, 11, 18))]


@pytest.mark.usefixtures("november", "time_machine_at")
class TestNovember:
    """On Wednesday 25 November 2026."""

    def test_by_service_team_and_auditor(self, qa_client: Client, asha: User) -> None:
        service = TeamFactory(name="North").service
        html = qa_client.get(RETURNS).text
        assert rows_of(html, "By service of the auditor") == sorted(
            [
                "Care 1 0 0 1 1, up to 5 working days 0 of 1",
                f"{service} 3 1 1 1 0 1 of 2",
            ]
        )
        assert sorted(rows_of(html, "By team of the auditor")) == [
            "North 3 1 1 1 0 1 of 2",
            "South 1 0 0 1 1, up to 5 working days 0 of 1",
        ]
        assert sorted(rows_of(html, "By auditor")) == [
            f"Asha Auditor North, {service} 1 of 3 1 1 0 Nobody",
            "Cora Colleague South, Care 0 of 1 0 1 1, up to 5 working days Nobody",
        ]
        assert "1 of 3 came back; the target is 95%. 2 are outstanding, 1 of them late." in text_of(html)

    def test_closures_are_no_days_late(self, qa_client: Client) -> None:
        Closure.objects.create(day=date(2026, 11, 20), reason="Snow")
        assert "up to 4 working days" in qa_client.get(RETURNS).text

    def test_who_was_reminded_when(self, qa_client: Client, sanjay: User, november: list[Allocation]) -> None:
        late = november[1]
        for step, person, day in (
            (ReminderStep.LATE_NUDGE, late.auditor, 19),
            (ReminderStep.SERVICE_MANAGER, sanjay, 25),
        ):
            Reminder.objects.create(
                allocation=late, step=step, told=person, on=date(2026, 11, day), due_on=late.due_on
            )
        [line] = [row for row in rows_of(qa_client.get(RETURNS).text, "By auditor") if "Cora" in row]
        assert line.endswith(
            "19 November 2026: told it is late 25 November 2026: service manager's stage (Sanjay Service told)"
        )

    def test_the_service_manager_sees_their_service_and_the_team_manager_their_team(
        self, client_for: ClientFor, sanjay: User, meera: User
    ) -> None:
        for person in (sanjay, meera):
            html = client_for(person).get(RETURNS).text
            assert [row.split(" North")[0] for row in rows_of(html, "By auditor")] == ["Asha Auditor"]
            assert "Cora" not in html
            assert "1 of 2 came back" in text_of(html)
            assert 'aria-label="Programme"' not in html

    def test_everybody_else_finds_nothing(self, client_for: ClientFor, asha: User, stella: User) -> None:
        for person in (asha, stella):
            assert client_for(person).get(RETURNS).status_code == 404

    def test_business_support_sees_all_of_it(self, support_client: Client, qa_client: Client) -> None:
        own, other = (
            re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", client.get(RETURNS).text)
            for client in (support_client, qa_client)
        )
        assert rows_of(own, "By auditor") == rows_of(other, "By auditor")

    def test_a_month_that_is_not_there_is_no_page(self, qa_client: Client) -> None:
        for month in ("2026-10", "2026-13", "x", "%00"):
            assert qa_client.get(RETURNS, {"month": month}).status_code == 404


@pytest.mark.usefixtures("time_machine_at")
def test_the_trend_is_the_return_rate_of_each_month_with_the_target(qa_client: Client, asha: User) -> None:
    Target.objects.create(code="return_rate", first_day=date(2020, 4, 1), percent=90, set_at=timezone.now())
    for _ in range(8):
        submitted_audit(by=asha, month=OCTOBER)
    for _ in range(2):
        owe(asha, OCTOBER)
    submitted_audit(by=asha, month=NOVEMBER)
    owe(asha, date(2026, 12, 1))
    html = qa_client.get(RETURNS).text
    assert rows_of(html, "Return rate by month") == ["October 2026 8 of 10 (80%)", "November 2026 1 of 1"]
    assert "Return rate by month, with the target of 90%" in html
    assert 'x1="90.00%"' in html
    assert rows_of(qa_client.get(RETURNS, {"month": "2026-10"}).text, "Return rate by month") == [
        "October 2026 8 of 10 (80%)"
    ]


@pytest.mark.usefixtures("time_machine_at")
def test_an_auditor_without_a_team_and_a_service_manager_who_audits(qa_client: Client, sanjay: User) -> None:
    owe(auditor("Nora Nowhere"))
    MembershipFactory(user=sanjay, role=Role.AUDITOR)
    owe(sanjay)
    service = TeamFactory(name="North").service
    assert rows_of(qa_client.get(RETURNS).text, "By auditor") == [
        f"Sanjay Service No team, {service} 0 of 1 0 1 0 Nobody",
        "Nora Nowhere No team, No service 0 of 1 0 1 0 Nobody",
    ]


def test_before_the_first_month_the_page_says_so(qa_client: Client) -> None:
    assert "Nothing has been given out yet" in qa_client.get(RETURNS).text


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.usefixtures("time_machine_at")
def test_it_costs_the_same_for_one_auditor_and_for_three(
    rows: int, qa_client: Client, assert_queries: AssertQueries
) -> None:
    for number in range(rows):
        late = owe(auditor(f"Auditor {number}"), first_due_on=date(2026, 11, 20))
        owe(late.auditor, date(2026, 10 - number, 1))
        Reminder.objects.create(
            allocation=late,
            step=ReminderStep.LATE_NUDGE,
            told=late.auditor,
            on=date(2026, 11, 23),
            due_on=late.due_on,
        )
    with assert_queries(9):  # roles, months, settings, counts, closures, late, places, reminders, trend
        qa_client.get(RETURNS)


class TestPercentBars:
    def test_where_the_parts_go(self) -> None:
        chart = percent_bars("returns", "By month", [("May", Ratio(8, 10)), ("June", Ratio(0, 0))], target=95)
        assert [(bar.label, bar.y, bar.width) for bar in chart.bars] == [
            ("May: 8 of 10 (80%)", 0, "80.00%"),
            ("June: 0 of 0", 58, "0.00%"),
        ]
        assert (chart.target_x, chart.target_anchor, chart.target_y, chart.height) == (
            "95.00%",
            "end",
            116,
            142,
        )
        assert chart.description == "May: 8 of 10 (80%). June: 0 of 0."

    def test_a_low_target_has_its_words_to_the_right(self) -> None:
        assert percent_bars("returns", "By month", [], target=20).target_anchor == "start"
