"""Late audits in a real browser: a closure, a reminder, and what the service manager and the QA lead see of it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from audits.models import Closure
from audits.services.reminders import send_reminders
from core.dates import add_working_days, is_working_day, last_working_day_of_month
from tests.browser import assert_accessible, assert_summary_links_focus
from tests.factories.audits import AllocationFactory, AuditFactory, RoundFactory, submitted_audit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def row_of(page: Page, header: str) -> Locator:
    """The row of a table that this header names."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=header))


def test_the_service_manager_is_told_and_finds_who_is_late(
    page: Page,
    sign_in_as: Callable[[User], None],
    asha: User,
    sanjay: User,
    quentin: User,
) -> None:
    now = timezone.now()
    today = timezone.localdate()
    told_on = today if is_working_day(today) else add_working_days(today, -1)
    due_on = add_working_days(told_on, -6)
    late_round = RoundFactory(month=due_on.replace(day=1), drawn_at=now - timedelta(days=60))
    AuditFactory(
        allocation=AllocationFactory(
            auditor=asha, round=late_round, first_due_on=due_on, child__team__name="Team South"
        )
    )
    submitted_audit(by=asha, month=late_round.month, submitted_on=due_on)
    send_reminders(at=now - timedelta(days=(today - told_on).days))

    sign_in_as(sanjay)
    page.goto("/")
    page.get_by_role("link", name="Returns").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Returns of {late_round}")
    line = page.get_by_role("row", name="Asha Auditor")
    expect(line).to_contain_text("1 of 2")
    expect(line).to_contain_text("service manager's stage (Sanjay Service told)")
    expect(page.get_by_role("img", name="Return rate by month, with the target of 95%")).to_be_visible()
    assert_accessible(page)

    sign_in_as(quentin)
    page.goto("/programme/")
    tabs = page.get_by_role("navigation", name="Programme", exact=True)
    tabs.get_by_role("link", name="Returns").click()
    expect(page.get_by_role("row", name="Asha Auditor")).to_contain_text("1 of 2")
    assert_accessible(page)
    tabs.get_by_role("link", name="Closures").click()
    page.get_by_role("button", name="Add the closure").click()
    assert_summary_links_focus(page)
    assert_accessible(page)
    closed = last_working_day_of_month(date(today.year + 1, 1, 1))
    for label, value in (("Day", closed.day), ("Month", closed.month), ("Year", closed.year)):
        page.get_by_label(label, exact=True).fill(str(value))
    page.get_by_label("Reason").fill("Training day of the whole council")
    page.get_by_role("button", name="Add the closure").click()
    expect(page.get_by_text("no longer counts as a working day.")).to_be_visible()
    assert [closure.day for closure in Closure.objects.all()] == [closed]
    assert_accessible(page)

    tabs.get_by_role("link", name="Calendar").click()
    expect(row_of(page, f"{late_round}")).to_contain_text("1 of 2")
    assert_accessible(page)
    page.goto(f"/programme/calendar/?year={closed.year - 1}-{closed.year % 100}")
    january = row_of(page, f"{closed:%B %Y}")
    expect(january).to_contain_text(f"{closed.day}: Training day of the whole council")
    expect(january).not_to_contain_text(f"{closed.day} January")
