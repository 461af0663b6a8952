"""The quarter in a real browser: what the Principal Social Worker opens, and what it keeps."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
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
