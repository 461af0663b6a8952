"""Closures and the calendar, as those who run the programme use them and as others meet them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audits.enums import RoundStatus
from audits.models import Closure, Round
from audits.services.closures import add_closure, remove_closure
from audits.services.rounds import draw_round
from core.dates import Quarter, bank_holiday_names, bank_holidays
from core.errors import RuleViolation
from dashboards.quarterly import quarterly_report
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import auditor
from tests.factories.audits import (
    AllocationFactory,
    AuditFactory,
    ChildFactory,
    RoundFactory,
    submitted_audit,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

CLOSURES, CALENDAR = "/setup/closures/", "/programme/calendar/"
NEW_YEARS_EVE = {"day_0": "31", "day_1": "12", "day_2": "2026", "reason": "New Year's Eve"}


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split()).replace("&#x27;", "'")


class TestClosures:
    def test_a_closure_moves_the_due_date_of_the_next_draw_and_none_given_out(
        self, psw_client: Client
    ) -> None:
        given_out = RoundFactory(month=date(2026, 12, 1))
        page = text_of(psw_client.post(CLOSURES, NEW_YEARS_EVE, follow=True).text)
        assert "31 December 2026 no longer counts as a working day." in page
        assert "Thursday 31 December 2026 New Year's Eve" in page
        given_out.refresh_from_db()
        assert given_out.due_on == date(2026, 12, 31)
        Round.objects.all().delete()
        ChildFactory()
        auditor("Asha Auditor")
        assert draw_round(date(2026, 12, 1), by=None, cjas=1).due_on == date(2026, 12, 30)

    def test_every_count_of_working_days_leaves_it_out(self, auditor_client: Client, asha: User) -> None:
        """It is 25 November; the audit is due on Monday 30 November and the third quarter ends on 31 December."""
        AuditFactory(allocation=AllocationFactory(auditor=asha))
        third_quarter = Quarter(2026, 3)
        assert "in 3 working days" in auditor_client.get("/").text
        assert quarterly_report(third_quarter, at=timezone.now()).freezes_on == date(2027, 1, 22)
        for day in (date(2026, 11, 27), date(2027, 1, 4)):
            Closure.objects.create(day=day, reason="Closed")
        assert "in 2 working days" in auditor_client.get("/").text
        assert quarterly_report(third_quarter, at=timezone.now()).freezes_on == date(2027, 1, 25)

    def test_it_is_removed_again_and_twice_is_once(self, qa_client: Client) -> None:
        closure = Closure.objects.create(day=date(2026, 12, 31), reason="New Year's Eve")
        page = text_of(qa_client.post(f"{CLOSURES}{closure.pk}/remove/", follow=True).text)
        assert "31 December 2026 counts as a working day again." in page
        assert Closure.objects.count() == 0
        again = qa_client.post(f"{CLOSURES}{closure.pk}/remove/", follow=True)
        assert "This closure has been removed already." in text_of(again.text)

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (
                {"day_0": "25"},
                "Friday 25 December 2026 is a weekend or a bank holiday, so it is no working day. Choose another day.",
            ),
            ({"day_0": "26"}, "Saturday 26 December 2026 is a weekend or a bank holiday"),
            ({"day_0": "24"}, "24 December 2026 is a closure already. Remove it first to change its reason."),
            ({"day_0": "99"}, "Enter a real date, like 28 11 2026"),
            ({"reason": ""}, "Enter reason"),
            ({"reason": "x" * 101}, "Reason must be 100 characters or fewer"),
        ],
    )
    def test_refusals(self, qa_client: Client, data: dict[str, str], sentence: str) -> None:
        Closure.objects.create(day=date(2026, 12, 24), reason="Christmas Eve")
        response = qa_client.post(CLOSURES, NEW_YEARS_EVE | data)
        assert response.status_code == 200
        assert sentence in text_of(response.text)
        assert Closure.objects.count() == 1

    def test_business_support_sees_them_and_changes_none(self, support_client: Client) -> None:
        closure = Closure.objects.create(day=date(2026, 12, 24), reason="Christmas Eve")
        page = support_client.get(CLOSURES).text
        assert "Christmas Eve" in page
        assert "Add a closure" not in page
        assert "/remove/" not in page
        assert support_client.post(CLOSURES, NEW_YEARS_EVE).status_code == 404
        assert support_client.post(f"{CLOSURES}{closure.pk}/remove/").status_code == 404
        assert Closure.objects.count() == 1

    def test_the_service_refuses_them_too(self, bella: User) -> None:
        closure = Closure.objects.create(day=date(2026, 12, 24), reason="Christmas Eve")
        for attempt in (
            lambda: add_closure(date(2026, 12, 31), reason="New Year's Eve", by=bella),
            lambda: remove_closure(closure, by=bella),
        ):
            with pytest.raises(RuleViolation, match="Only the QA lead and the Principal Social Worker"):
                attempt()
        assert Closure.objects.count() == 1

    def test_the_bank_holidays_of_two_years_are_listed(self, support_client: Client) -> None:
        page = text_of(support_client.get(CLOSURES).text)
        assert page.count("Bank holidays in England in") == 2
        assert "Friday 25 December: Christmas Day" in page
        assert "Friday 26 March: Good Friday" in page
        assert set(bank_holiday_names(2027)) == bank_holidays(2027)

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries(self, qa_client: Client, assert_queries: AssertQueries, rows: int) -> None:
        for number in range(rows):
            Closure.objects.create(day=date(2026, 12, 21 + number), reason="Closed")
        with assert_queries(3):  # roles, page count, page
            qa_client.get(CLOSURES)


class TestCalendar:
    def test_a_year_month_by_month(self, qa_client: Client) -> None:
        submitted = submitted_audit(month=date(2026, 11, 1))
        AllocationFactory(round=submitted.allocation.round)
        RoundFactory(month=date(2027, 1, 1), status=RoundStatus.DRAFT)
        Closure.objects.create(day=date(2026, 12, 31), reason="New Year's Eve")
        page = qa_client.get(CALENDAR).text
        lines = [text_of(f"<tr {row}") for row in page.split("<tbody")[1].split("<tr ")[1:]]
        assert len(lines) == 12
        assert (
            lines[0]
            == "April 2026 No round Never 30 April 2026 0 Not published 3: Good Friday 6: Easter Monday"
        )
        assert lines[7] == "November 2026 Published 25 November 2026 30 November 2026 2 1 of 2 None"
        assert lines[8] == (
            "December 2026 Plan December to issue by 2 November 2026 30 December 2026 0 Not published "
            "25: Christmas Day 26: Boxing Day 28: Boxing Day (observed) 31: New Year's Eve"
        )
        assert lines[9].startswith(
            "January 2027 Draft to issue by 1 December 2026 29 January 2027 0 Not published"
        )
        assert 'href="/programme/draw/?month=2026-12-01"' in page
        assert "Plan November" not in page

    def test_another_year(self, support_client: Client) -> None:
        page = text_of(support_client.get(CALENDAR, {"year": "2027-28"}).text)
        assert "Calendar 2027-28" in page
        assert "Plan April" in page
        assert "June 2027 Not planned yet" in page
        for year in ("2027-29", "soon", "1999-00"):
            assert support_client.get(CALENDAR, {"year": year}).status_code == 404

    def test_it_is_the_programmes_peoples(self, client_for: ClientFor, meera: User, stella: User) -> None:
        for person in (meera, stella):
            assert client_for(person).get(CALENDAR).status_code == 404
            assert client_for(person).get(CLOSURES).status_code == 404

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries(self, qa_client: Client, assert_queries: AssertQueries, rows: int) -> None:
        for number in range(rows):
            AllocationFactory(round=RoundFactory(month=date(2026, 9 + number, 1)))
        with assert_queries(3):  # roles, months, closures
            qa_client.get(CALENDAR)
