"""The ledger in a real browser: an auditor asks for an exemption, the QA lead decides, extends and reads the ledger."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from core.dates import add_working_days, last_working_day_of_month
from tests.browser import assert_accessible, assert_summary_links_focus
from tests.factories.accounts import TeamFactory, auditor
from tests.factories.audits import AllocationFactory, AuditFactory, DipSampleFactory, RoundFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_a_request_to_a_ledger_that_balances(  # noqa: PLR0915 - one story
    page: Page, sign_in_as: Callable[[User], None], asha: User, quentin: User
) -> None:
    today = timezone.localdate()
    month = (today.replace(day=28) + timedelta(days=10)).replace(day=1)
    due_on = last_working_day_of_month(month)
    round_ = RoundFactory(month=month, due_on=due_on)
    auditor("Nora Next")
    for n in (1, 2, 3):
        row = AllocationFactory(
            reference=f"CJA-{month:%Y-%m}-{n:03d}",
            round=round_,
            auditor=asha,
            child__team=TeamFactory(name="South"),
        )
        AuditFactory(allocation=row)

    sign_in_as(asha)
    page.goto("/")
    assert_accessible(page)
    page.get_by_role("link", name="Ask for an exemption").click()
    assert_accessible(page)
    page.get_by_role("button", name="Ask for an exemption").or_(
        page.get_by_role("link", name="Ask for an exemption")
    ).first.click()
    page.get_by_role("button", name="Send the request").click()
    assert_summary_links_focus(page)
    assert_accessible(page)
    page.get_by_label("High caseload").check()
    page.get_by_label("Reason", exact=True).fill("Twelve children came this week.")
    for legend, day in (("First day", month), ("Last day", due_on)):
        group = page.get_by_role("group", name=legend)
        group.get_by_label("Day").fill(str(day.day))
        group.get_by_label("Month").fill(str(day.month))
        group.get_by_label("Year").fill(str(day.year))
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_text("Waiting for a decision")).to_be_visible()
    assert_accessible(page)

    sign_in_as(quentin)
    page.goto("/")
    page.get_by_role("link", name="Decide on the exemption of Asha Auditor").click()
    assert_accessible(page)
    page.get_by_label("Yes, approve it").check()
    page.get_by_label(f"CJA-{month:%Y-%m}-001").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Approved", exact=True)).to_be_visible()

    page.goto(f"/programme/{month:%Y-%m}/")
    assert_accessible(page)
    page.get_by_role("link", name=f"CJA-{month:%Y-%m}-002").click()
    assert_accessible(page)
    page.get_by_role("link", name="Extend").click()
    later = add_working_days(due_on, 3)
    page.get_by_label("Day").fill(str(later.day))
    page.get_by_label("Month").fill(str(later.month))
    page.get_by_label("Year").fill(str(later.year))
    page.get_by_label("Reason", exact=True).fill("Court all week.")
    assert_accessible(page)
    page.get_by_role("button", name="Extend").click()
    expect(page.get_by_text("Court all week.")).to_be_visible()
    page.goto(f"/programme/{month:%Y-%m}/CJA-{month:%Y-%m}-003/")
    page.get_by_role("link", name="Give to somebody else").click()
    page.get_by_label("Give it to").select_option("nora.next@council.example")
    page.get_by_label("Reason", exact=True).fill("Asha is away.")
    assert_accessible(page)
    page.get_by_role("button", name="Give to somebody else").click()
    expect(page.get_by_text("It was replaced by")).to_be_visible()
    assert_accessible(page)

    page.goto(f"/programme/{month:%Y-%m}/ledger/")
    proof = "Balances: 4 allocated = 1 excused + 0 withdrawn + 1 reallocated + 0 returned + 2 outstanding"
    expect(page.get_by_text(proof)).to_have_count(3)
    assert_accessible(page)
    page.goto("/programme/ledger/")
    assert_accessible(page)
    page.goto("/programme/exemptions/")
    assert_accessible(page)


def test_a_dip_sample_is_handed_in_and_read(
    page: Page, sign_in_as: Callable[[User], None], asha: User, quentin: User
) -> None:
    DipSampleFactory(reference="DIP-2026-11-001", auditor=asha)
    sign_in_as(asha)
    page.goto("/")
    page.get_by_role("link", name="Hand in dip sample DIP-2026-11-001").click()
    page.get_by_role("button", name="Hand it in").click()
    assert_summary_links_focus(page)
    assert_accessible(page)
    day = timezone.localdate()
    for label, words in (("Day", day.day), ("Month", day.month), ("Year", day.year), ("How many files", 6)):
        page.get_by_label(label).fill(str(words))
    for label in ("What did you look at?", "What was good?", "What has to be better?"):
        page.get_by_label(label).fill("Chronologies.")
    page.get_by_role("button", name="Hand it in").click()
    expect(page.get_by_text("DIP-2026-11-001 is handed in.")).to_be_visible()
    assert_accessible(page)

    sign_in_as(quentin)
    page.goto("/programme/")
    page.get_by_role("link", name="Dip samples and observations").click()
    assert_accessible(page)
    page.get_by_label("Kind").select_option("Dip sample")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="DIP-2026-11-001").click()
    expect(page.get_by_text("Files read")).to_be_visible()
