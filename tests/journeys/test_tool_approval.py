"""The QA lead changes a tool and sends it for approval; the Principal Social Worker looks at it and publishes it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from audits.models import ToolInForce
from audits.services.tools import install_seed_tools
from tests.browser import assert_accessible, assert_summary_links_focus

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def shipped_tools(transactional_db: None) -> None:
    """A flushed test database has lost what the migration installed."""
    install_seed_tools()


def test_a_tool_is_changed_and_approved_by_two(
    page: Page, sign_in_as: Callable[[User], None], quentin: User, priya: User
) -> None:
    sign_in_as(quentin)
    page.goto("/setup/tools/cla/")
    page.get_by_role("button", name="Start a new version").click()
    assert_accessible(page)
    page.get_by_role("link", name="Visits").click()
    assert_accessible(page)
    page.get_by_role("button", name=re.compile("move V2 before the question above")).press("Enter")
    expect(page.get_by_text("V2 is moved up.")).to_be_visible()
    page.get_by_role("button", name="Add a question").click()
    page.get_by_role("button", name="Save").click()
    assert_accessible(page)
    assert_summary_links_focus(page)
    page.get_by_label("Code").fill("V20")
    page.get_by_label("Question", exact=True).fill("Was the home warm?")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("V20 is added at the end of the page.")).to_be_visible()
    page.get_by_role("link", name="Remove V6").click()
    expect(page.get_by_text("its own measures: yes")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Remove it from the draft").click()
    page.get_by_role("link", name="Change the draft").click()
    page.get_by_role("button", name="Check and send for approval").click()
    page.get_by_label("What has changed, and why?").fill("The home matters.")
    page.get_by_label("Those measures may lose their question").check()
    assert_accessible(page)
    page.get_by_role("button", name="Send for approval").click()
    expect(page.get_by_text("Sent. The Principal Social Worker is being told by mail.")).to_be_visible()

    page.context.clear_cookies()
    sign_in_as(priya)
    page.goto("/")
    page.get_by_role("link", name="Approve or return Child looked after, version 2").click()
    expect(page.get_by_text("Added: V20 Was the home warm?")).to_be_visible()
    assert_accessible(page)
    page.goto("/setup/tools/cla/2/preview/cla/visits/")
    assert_accessible(page)
    expect(page.get_by_role("group", name="V20. Was the home warm?")).to_be_visible()
    page.goto("/setup/tools/cla/2/decide/")
    page.get_by_label("Yes, publish it").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Child looked after, version 2 is published.")).to_be_visible()
    assert_accessible(page)
    assert ToolInForce.objects.get(pathway="cla").version.number == 2
