"""The pages around an audit, at both widths: its dates, what is decided on it, its history, and the rules behind it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from audits.completeness import GivenAnswer, SectionContent
from audits.enums import Section
from audits.models import Audit
from audits.services.audits import save_section, start_audit
from audits.services.moves import finalise_audit, propose_reopening
from audits.services.timescales import add_dates
from audits.services.tools import install_seed_tools
from audits.timescale_seed import install_seed_rules
from tests.browser import assert_accessible, assert_summary_links_focus
from tests.factories.audits import AllocationFactory, AuditFactory, submitted_audit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def what_is_shipped(transactional_db: None) -> None:
    """A flushed test database has lost what the migrations installed."""
    install_seed_tools()
    install_seed_rules(apps)


def test_the_auditor_enters_dates_and_reads_the_advice(
    page: Page, sign_in_as: Callable[[User], None], asha: User
) -> None:
    audit = start_audit(AuditFactory(allocation=AllocationFactory(auditor=asha)), by=asha)
    today = timezone.localdate()
    days = [today - timedelta(days=14 * number) for number in range(12)]
    add_dates(audit, kind="visit", days=days, seen="alone", by=asha)
    add_dates(audit, kind="supervision", days=[today - timedelta(days=80)], by=asha)
    sign_in_as(asha)
    url = f"/audits/{audit.allocation.reference}/"
    page.goto(f"{url}dates/")
    visits = page.locator("details", has_text="Visit: 12 dates")
    expect(visits.get_by_role("button")).to_have_count(0)
    visits.locator("summary").press("Enter")
    expect(visits.get_by_role("button")).to_have_count(12)
    assert_accessible(page)
    page.get_by_role("button", name="Add the dates").click()
    assert_accessible(page)
    assert_summary_links_focus(page)
    content = SectionContent(grade="good", answers={"P1": GivenAnswer("no")})
    save_section(audit, Section.PLANS, content, version=0, complete=False, by=asha)
    page.goto(f"{url}plans/")
    expect(page.locator("#grade-advice")).to_be_visible()
    assert_accessible(page)


def test_the_qa_lead_returns_voids_and_reopens(
    page: Page, sign_in_as: Callable[[User], None], asha: User, quentin: User, priya: User
) -> None:
    audit = submitted_audit(by=asha)
    url = f"/audits/{audit.allocation.reference}/"
    sign_in_as(quentin)
    for path in ("return/", "void/"):
        page.goto(url + path)
        assert_accessible(page)
        page.locator("main form button[type=submit]").click()
        assert_accessible(page)
        assert_summary_links_focus(page)
    finalise_audit(audit, grades={}, by=priya)
    page.goto(f"{url}reopen/")
    assert_accessible(page)
    propose_reopening(Audit.objects.get(), by=quentin, reason="The school wrote.")
    for path in ("", "history/", "print/"):
        page.goto(url + path)
        assert_accessible(page)
    page.context.clear_cookies()
    sign_in_as(priya)
    page.goto(url)
    page.get_by_role("link", name="Decide on it").click()
    assert_accessible(page)


def test_the_rules_of_the_council(page: Page, sign_in_as: Callable[[User], None], quentin: User) -> None:
    sign_in_as(quentin)
    for path in ("timescales/", "timescales/visit_cin/", "ceilings/", "ceilings/no_plan/"):
        page.goto(f"/setup/{path}")
        assert_accessible(page)
    page.locator("main form button[type=submit]").click()
    assert_accessible(page)
    assert_summary_links_focus(page)
