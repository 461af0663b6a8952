"""A month in a real browser: the QA lead plans, reviews, swaps, publishes."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from audits.models import Audit
from core.dates import add_months
from tests.browser import assert_accessible, assert_summary_links_focus
from tests.factories.accounts import TeamFactory, auditor
from tests.factories.audits import ChildFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_qa_lead_plans_next_month(page: Page, sign_in_as: Callable[[User], None], quentin: User) -> None:
    for team in ("Case Management Team North", "Children Looked After Team South"):
        for _ in range(12):
            ChildFactory(team=TeamFactory(name=team))
    for n in range(5):
        auditor(f"Auditor {n}", capacity=2)
    ChildFactory(pathway="leaving_care", team=TeamFactory(name="Leaving Care Team"))
    month = add_months(timezone.localdate().replace(day=1), 1)
    sign_in_as(quentin)

    page.goto("/programme/")
    expect(page.get_by_role("heading", level=2)).to_have_text("No month has been drawn")
    assert_accessible(page)
    page.get_by_role("link", name=f"Plan {month:%B %Y}").click()
    assert_accessible(page)
    page.get_by_label("Child journey audits").fill("many")
    page.get_by_role("button", name="Draw the month").click()
    assert_summary_links_focus(page)
    assert_accessible(page)
    page.get_by_label("Child journey audits").fill("11")
    page.get_by_role("button", name="Draw the month").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{month:%B %Y}")
    expect(page.get_by_role("heading", name="Not covered")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(11)
    assert_accessible(page)
    drawn = {"auditor": page.get_by_role("row").nth(1).get_by_role("cell").nth(2).text_content()}
    auditor("Nora New", capacity=2)
    page.get_by_role("link", name="Swap auditor").first.click()
    page.get_by_text("Who cannot take this child, and why").click()
    assert_accessible(page)
    page.get_by_label("Give it to").select_option("nora.new@council.example")
    page.get_by_label("Reason", exact=True).fill("Nora is new and starts with an easy one")
    page.get_by_role("button", name="Swap the auditor").click()
    expect(
        page.get_by_text(f"Quentin Lead gave it to Nora New instead of {drawn['auditor']}")
    ).to_be_visible()

    page.get_by_role("link", name="Check and publish").click()
    expect(page.get_by_role("heading", name="Who will be told")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Publish and tell 6 auditors").click()
    expect(page.get_by_text("6 auditors are being told by mail.")).to_be_visible()
    assert_accessible(page)
    assert Audit.objects.count() == 10
    page.goto("/programme/")
    assert_accessible(page)
    page.goto("/setup/programme/")
    assert_accessible(page)
