"""Somebody new finds help; the Principal Social Worker reads a tool as its auditors see it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from audits.services.tools import install_seed_tools
from tests.browser import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def shipped_tools(transactional_db: None) -> None:
    """A flushed test database has lost what the migration installed."""
    install_seed_tools()


def test_a_new_auditor_reads_the_help(page: Page, sign_in_as: Callable[[User], None], asha: User) -> None:
    sign_in_as(asha)
    page.goto("/")
    page.get_by_role("link", name="Help", exact=True).click()
    for name in (
        "How to grade well",
        "What happens to my audit",
        "Your actions",
        "Glossary",
        "Accessibility statement",
        "Privacy notice",
    ):
        page.goto("/help/")
        assert_accessible(page)
        page.get_by_role("main").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        assert_accessible(page)


def test_the_psw_reads_a_tool_as_its_auditors_see_it(
    page: Page, sign_in_as: Callable[[User], None], priya: User
) -> None:
    sign_in_as(priya)
    page.goto("/")
    page.get_by_role("link", name="Set up").click()
    page.get_by_role("link", name="Audit tools").click()
    assert_accessible(page)
    page.get_by_role("link", name="Child in need and child protection").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Child in need and child protection")
    page.get_by_text("What each grade looks like").first.click()
    assert_accessible(page)
    expect(page.get_by_role("rowheader", name="V5", exact=True)).to_be_visible()
    page.get_by_role("link", name="Front door or assessment").click()
    expect(page.get_by_role("rowheader", name="V5", exact=True)).to_have_count(0)


def test_the_statements_are_open_to_anybody(page: Page) -> None:
    page.goto("/help/accessibility/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Accessibility statement")
    assert_accessible(page)
    page.get_by_role("contentinfo").get_by_role("link", name="Privacy notice").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Privacy notice")
    assert_accessible(page)
