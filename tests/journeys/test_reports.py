"""The quarter in a real browser: what the Principal Social Worker opens, and what it keeps."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from accounts.models import User
from core.dates import Quarter
from dashboards.services.reports import start_report
from notifications.models import Message
from tests.browser import assert_accessible
from tests.dashboards.worked_example import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_psw_reads_the_quarter(page: Page, sign_in_as: Callable[[User], None], priya: User) -> None:
    build()
    sign_in_as(priya)

    page.goto("/")
    page.get_by_role("link", name="Reports").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reports")
    assert_accessible(page)

    page.get_by_role("link", name="2024-25 Q2", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2024-25 Q2")
    chart = page.get_by_role("img", name="Assessments: 24 of 60 graded audits (40%) good or better")
    expect(chart).to_have_accessible_description(
        "2024-25 Q2: Outstanding 1, Good 23, Requires improvement 28, Inadequate 8. "
        "2024-25 Q1: Outstanding 0, Good 8, Requires improvement 13, Inadequate 3."
    )
    assert_accessible(page)

    page.get_by_role("link", name="What each measure means").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Measures explained")
    assert_accessible(page)


NARROW: ViewportSize = {"width": 320, "height": 700}


def assert_fits(page: Page) -> None:
    """Nothing scrolls sideways at 320 pixels."""
    wide = page.viewport_size
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    if wide:
        page.set_viewport_size(wide)


def test_a_report_is_written_by_one_and_published_by_another(
    page: Page, sign_in_as: Callable[[User], None], quentin: User, priya: User, sanjay: User
) -> None:
    build()
    start_report(Quarter(2024, 2), by=quentin)
    sign_in_as(quentin)
    address = "/reports/2024-25/Q2/report/"
    page.goto(f"{address}parts/headline/")
    narrative = page.get_by_label("Narrative (optional)")
    narrative.fill("Overall {{ overall.good_or_better }} are good or better, against 97% hoped for.")
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("button", name="Save").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(address)
    expect(page.get_by_text("No table of this report holds 97%")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    page.goto(f"{address}send/")
    page.get_by_role("button", name="Send for review").click()

    sign_in_as(priya)
    page.goto(f"{address}publish/")
    assert_accessible(page)
    page.get_by_role("button", name="Publish").click()
    assert Message.objects.filter(kind="dashboards.report_published", recipient=sanjay).count() == 1

    sign_in_as(sanjay)
    page.goto("/reports/published/2024-25/Q2/1/")
    expect(page.get_by_text("Overall 29 of 64 (45%) are good or better")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)


def test_a_learning_brief_is_written_by_one_and_published_by_another(
    page: Page, sign_in_as: Callable[[User], None], quentin: User, priya: User, asha: User
) -> None:
    sign_in_as(quentin)
    page.goto("/reports/briefs/start/")
    page.get_by_label("What is it about?").fill("Hearing fathers")
    page.get_by_role("button", name="Begin").click()
    assert_accessible(page)
    assert_fits(page)
    address = page.url.removesuffix("choose/")
    for heading in ("What audits found", "What good looks like"):
        page.goto(f"{address}points/add/")
        assert_accessible(page)
        page.get_by_label(heading).check()
        page.get_by_label("The point").fill("He was asked what he hoped for.")
        page.get_by_role("button", name="Save").click()
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("link", name="Send for review").click()
    page.get_by_role("button", name="Send for review").click()

    sign_in_as(priya)
    page.goto(address)
    page.get_by_role("link", name="Publish", exact=True).click()
    page.get_by_role("button", name="Publish").click()

    sign_in_as(asha)
    page.goto("/reports/briefs/")
    assert_accessible(page)
    page.get_by_role("link", name="Hearing fathers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hearing fathers")
    assert_accessible(page)
    assert_fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save it as a PDF").click()
    assert download.value.suggested_filename.endswith("-01-version-1.pdf")
