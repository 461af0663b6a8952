"""A child at risk now, and the advice beside a grade, in a browser: seen at both widths, by keyboard and by axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from accounts.models import User
from tests.browser import assert_accessible, assert_summary_links_focus
from tests.factories.accounts import TeamFactory
from tests.factories.audits import GradeDescriptorFactory, QuestionFactory, started_audit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignIn = Callable[[User], None]


def test_a_concern_is_raised_from_an_audit_and_acknowledged(
    page: Page, sign_in_as: SignIn, asha: User, meera: User
) -> None:
    QuestionFactory(code="A1", section="assessments")
    audit = started_audit(asha, child__team=TeamFactory(name="North"))
    GradeDescriptorFactory(
        version=audit.tool_version, section="assessments", grade="good", text="In time; balanced"
    )
    sign_in_as(asha)
    page.goto(f"/audits/{audit.allocation.reference}/assessments/")
    page.get_by_role("radio", name="No", exact=True).first.check()
    page.get_by_role("button", name="Save and work out the advice again").click()
    page.get_by_text("At most").wait_for()
    assert_accessible(page)
    page.get_by_role("link", name="A child is at risk now").click()
    assert_accessible(page)
    page.get_by_role("button", name="Tell the managers now").click()
    assert_accessible(page)
    assert_summary_links_focus(page)
    page.get_by_label("What is the risk?").fill("She is alone.")
    page.get_by_role("radio", name="No, I could not reach anybody").check()
    page.get_by_role("button", name="Tell the managers now").click()
    page.get_by_text("keep telephoning").wait_for()
    assert_accessible(page)
    page.context.clear_cookies()
    sign_in_as(meera)
    page.goto("/")
    page.get_by_role("link", name="Acknowledge CON-").click()
    page.get_by_label("What will you do, and by when?").fill("I am going there.")
    page.get_by_role("button", name="Acknowledge it").click()
    page.get_by_text("You have acknowledged").wait_for()
    assert_accessible(page)
