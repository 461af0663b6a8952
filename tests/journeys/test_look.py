"""The look in a real browser, on pages that show one of everything."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from accounts.models import User
from tests.browser import assert_accessible, assert_summary_links_focus

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.core.sample_pages"),
]


@pytest.fixture(autouse=True)
def sample_templates(settings: Any) -> None:
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["DIRS"].append(Path(__file__).parent.parent / "core" / "templates")


@pytest.fixture
def at(page: Page, sign_in_as: Callable[[User], None], asha: User) -> Callable[[str], None]:
    """Opens an address of the sample pages, signed in."""
    sign_in_as(asha)
    return lambda path: page.goto(path) and None


def test_a_form_with_every_kind_of_field(page: Page, at: Callable[[str], None]) -> None:
    at("/sample/every-field/")
    assert page.title() == "Every kind of field – Child Journey Audits"
    assert_accessible(page)


def test_a_refused_form_leads_to_each_control(page: Page, at: Callable[[str], None]) -> None:
    at("/sample/every-field/")
    page.get_by_role("button", name="Save and continue").click()
    assert page.title() == "Error: Every kind of field – Child Journey Audits"
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    assert_accessible(page)
    assert_summary_links_focus(page)


def test_a_revealed_field_shows_with_its_item(page: Page, at: Callable[[str], None]) -> None:
    at("/sample/every-field/")
    reason = page.get_by_label("Why does it not apply?")
    assert not reason.is_visible()
    page.get_by_label("Not applicable").check()
    assert reason.is_visible()
    page.get_by_label("Good", exact=True).check()
    assert not reason.is_visible()


def test_every_component(page: Page, at: Callable[[str], None]) -> None:
    at("/sample/components/")
    assert_accessible(page)


@pytest.mark.parametrize("path", ["/sample/raises/403/", "/sample/raises/409/", "/no-such-page/"])
def test_refusals(page: Page, at: Callable[[str], None], path: str) -> None:
    at(path)
    assert_accessible(page)


def test_the_skip_link_is_first_and_leads_to_the_content(page: Page, at: Callable[[str], None]) -> None:
    at("/sample/every-field/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"
