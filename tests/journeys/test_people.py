"""Business support brings a colleague in, and the colleague gets in, in a real browser."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.services import send_password_link
from tests.browser import assert_accessible, assert_summary_links_focus
from tests.factories.accounts import PASSWORD, ServiceFactory, TeamFactory, team_manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW = "three unlikely otters"


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def heading(page: Page, words: str) -> None:
    """The page has this heading, and is accessible."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
    assert_accessible(page)


def test_business_support_adds_a_colleague(page: Page, bella: User) -> None:
    TeamFactory(name="North")
    page.goto("/setup/people/")
    heading(page, "Sign in")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_title("Error: Sign in – Child Journey Audits")
    assert_accessible(page)
    assert_summary_links_focus(page)
    sign_in(page, bella.email, PASSWORD)
    heading(page, "People")

    page.get_by_role("button", name="Add a person").click()
    heading(page, "Add a person")
    page.get_by_role("button", name="Add and send the mail").click()
    assert_accessible(page)
    assert_summary_links_focus(page)
    page.get_by_label("Name").fill("Zoë O’Neill")
    page.get_by_label("E-mail address", exact=True).fill("zoe@council.example")
    page.get_by_label("Job role").select_option("Team Manager")
    page.get_by_role("button", name="Add and send the mail").click()
    heading(page, "Zoë O’Neill")

    page.get_by_role("button", name="In a team").click()
    heading(page, "Give Zoë O’Neill a role in a team")
    page.get_by_label("Team manager").check()
    page.get_by_role("combobox", name="Team").select_option("North")
    page.get_by_role("button", name="Give the role").click()
    expect(page.get_by_role("table", name="Roles held now or later")).to_contain_text("Team manager, North")

    page.get_by_role("button", name="In the council").click()
    heading(page, "Give Zoë O’Neill a role in the council")
    page.get_by_label("Auditor").check()
    page.get_by_role("button", name="Give the role").click()
    heading(page, "Auditor profile of Zoë O’Neill")
    page.get_by_label("Child in need").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The auditor profile of Zoë O’Neill has been changed.")).to_be_visible()
    assert_accessible(page)


def test_a_new_colleague_follows_the_link_and_gets_in(page: Page, meera: User) -> None:
    User.objects.filter(pk=meera.pk).update(password="!")
    send_password_link(meera)
    (message,) = mail.outbox
    link = re.search(r"http://127\.0\.0\.1:8000(/password/set/\S+)", str(message.body))
    assert link
    page.goto(link[1])
    heading(page, "Choose a password")
    page.get_by_role("button", name="Set the password").click()
    assert_summary_links_focus(page)
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    heading(page, "Your password is set")
    page.get_by_role("button", name="Sign in").click()
    sign_in(page, meera.email, NEW)
    page.get_by_role("link", name="your account").click()
    heading(page, "Your account")
    expect(page.get_by_text("Team manager, North")).to_be_visible()
    page.get_by_role("link", name="Change password").click()
    heading(page, "Change your password")


def test_a_colleague_leaves(page: Page, sign_in_as: Callable[[User], None], bella: User, asha: User) -> None:
    sign_in_as(bella)
    page.goto("/setup/people/?role=auditor")
    page.get_by_role("link", name="Asha Auditor").click()
    heading(page, "Asha Auditor")
    page.get_by_role("link", name="End the role Auditor").click()
    heading(page, "Asha Auditor End the role “Auditor”")
    page.get_by_role("button", name="End the role").click()
    expect(page.get_by_role("table", name="Roles that have ended")).to_contain_text("Auditor")
    page.get_by_role("link", name="Deactivate Asha Auditor").click()
    heading(page, "Deactivate Asha Auditor")
    page.get_by_role("button", name="Deactivate").click()
    heading(page, "Asha Auditor Deactivated")
    page.get_by_role("button", name="Reactivate").click()
    heading(page, "Reactivate Asha Auditor")


def test_a_team_is_placed_in_a_service(page: Page, sign_in_as: Callable[[User], None], sid: User) -> None:
    team_manager("Meera Manager", TeamFactory(name="North", service=None))
    ServiceFactory(name="Safeguarding")
    sign_in_as(sid)
    page.goto("/")
    page.get_by_role("link", name="Teams").click()
    heading(page, "Teams")
    row = page.get_by_role("row", name="North")
    expect(row).to_contain_text("Needs placing in a service")
    expect(row).to_contain_text("Meera Manager")
    row.get_by_role("link", name="North").click()
    heading(page, "Change a team")
    page.get_by_role("combobox", name="Service").select_option("Safeguarding")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="North")).to_contain_text("Safeguarding")
    page.get_by_role("link", name="Services").click()
    heading(page, "Services")


def test_somebody_who_forgot_their_password_asks_for_a_link(page: Page, stella: User) -> None:
    page.goto("/sign-in/")
    page.get_by_role("link", name="Set your password").click()
    heading(page, "Set your password")
    page.get_by_label("E-mail address").fill(stella.email)
    page.get_by_role("button", name="Send the link").click()
    heading(page, "Look at your e-mail")
    assert [message.to for message in mail.outbox] == [[stella.email]]
    page.goto("/password/set/1-no-longer/")
    heading(page, "This link no longer works")
