"""Actions in a real browser: a manager clears them on a phone without JavaScript, the QA lead looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.models import Team, User
from actions.enums import ActionStatus
from actions.models import Action, Finding, Theme
from actions.services.changes import ask_to_cancel
from actions.services.escalation import escalate_overdue
from actions.services.hand_offs import open_hand_off
from actions.services.progress import complete_action, start_action
from actions.services.verification import return_action
from audits.enums import ActionPriority
from audits.models import Audit
from core.dates import add_working_days
from moderation.models import Panel
from tests.browser import NARROW, assert_accessible, assert_summary_links_focus
from tests.factories.accounts import TeamFactory
from tests.factories.actions import ActionFactory
from tests.factories.audits import ChildFactory, submitted_audit
from tests.factories.moderation import met_panel, moderator
from tests.factories.paths import finding_of, inadequate_audit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def north(db: None) -> Team:
    team: Team = TeamFactory(name="North")
    return team


@pytest.fixture
def plain(browser: Browser, base_url: str) -> Iterator[Page]:
    """A phone that runs no script."""
    context = browser.new_context(base_url=base_url, java_script_enabled=False, viewport=NARROW)
    yield context.new_page()
    context.close()


@pytest.fixture
def signed_in_plain(plain: Page, base_url: str) -> Callable[[User], None]:
    def sign_in(user: User) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        cookie = client.cookies[name].value
        plain.context.add_cookies([{"name": name, "value": cookie, "url": base_url}])

    return sign_in


def owed(owner: User, team: Team, what: str, **fields: object) -> Action:
    made: Action = ActionFactory(owner=owner, team=team, what=what, **fields)
    return made


def card_of(page: Page, action: Action) -> Locator:
    return page.locator(f"article[id='{action.reference}']")


def update(page: Page, action: Action, says: str, **typed: str) -> None:
    """Open the action's form, choose what to say, fill in its fields by their names and save."""
    card = card_of(page, action)
    card.get_by_text(f"Update {action.reference}").click()
    card.get_by_role("radio", name=says).check()
    for name, value in typed.items():
        card.locator(f"[name='{action.reference}-{name}']").fill(value)
    card.get_by_role("button", name="Save").click()


def status_of(action: Action) -> str:
    action.refresh_from_db(fields=("status",))
    return action.status


def test_a_manager_clears_the_week_on_a_phone_without_javascript(
    plain: Page, signed_in_plain: Callable[[User], None], meera: User, quentin: User, north: Team
) -> None:
    visit = owed(meera, north, "Visit the child in the placement.", priority=ActionPriority.P0)
    plan = owed(meera, north, "Write the contingency into the plan.", priority=ActionPriority.P1)
    group = owed(meera, north, "Hold the core group.", priority=ActionPriority.P1)
    letter = owed(meera, north, "Send the plan to both parents.")
    school = owed(meera, north, "Bring the views of the school into the review.")

    signed_in_plain(meera)
    plain.goto("/actions/")
    update(plain, visit, "I have begun")
    expect(plain.get_by_text(f"{visit.reference}: in progress.")).to_be_visible()
    update(plain, visit, "I want to say how it stands", note="Seen at school today, the visit is tomorrow.")
    assert visit.moves.get(kind="note").reason == "Seen at school today, the visit is tomorrow."

    update(plain, plan, "It is done", impact="The carer knows what would happen.")
    expect(plain.get_by_role("link", name="Say what shows that it is done")).to_be_visible()
    assert status_of(plan) == ActionStatus.OPEN
    card = card_of(plain, plan)
    expect(card.get_by_label("What is different for the child")).to_have_value(
        "The carer knows what would happen."
    )
    expect(card.get_by_role("radio", name="It is done")).to_be_checked()
    card.get_by_label("What shows that it is done?").fill("The plan of today, section 6.")
    card.get_by_role("button", name="Save").click()
    expect(plain.get_by_text(f"{plan.reference}: done.")).to_be_visible()
    update(plain, group, "It is done", evidence="The minutes of today.")

    later = add_working_days(letter.first_due_on, 5)
    update(
        plain,
        letter,
        "It needs more time",
        due_on_0=str(later.day),
        due_on_1=str(later.month),
        due_on_2=str(later.year),
        longer_reason="Post is slow.",
    )
    letter.refresh_from_db()
    assert letter.due_on == later

    for waits in (letter, school):
        card_of(plain, waits).get_by_label(f"No change of {waits.reference}").check()
    plain.get_by_label("No change: what do they wait for?").fill("The review is next week.")
    plain.get_by_role("button", name="Note it on those ticked").click()
    expect(plain.get_by_text("Noted on 2 actions.")).to_be_visible()
    assert [a.moves.filter(kind="note").count() for a in (letter, school)] == [1, 1]
    assert [status_of(a) for a in (visit, plan, group)] == ["in_progress", "done", "done"]

    signed_in_plain(quentin)
    plain.goto("/actions/verification/")
    card = card_of(plain, plan)
    card.get_by_text(f"Verify {plan.reference} or send it back").click()
    card.get_by_label("Yes, it is verified").check()
    card.get_by_role("button", name="Save").click()
    expect(plain.get_by_text(f"{plan.reference}: verified.")).to_be_visible()
    card = card_of(plain, group)
    card.get_by_text(f"Verify {group.reference} or send it back").click()
    card.get_by_label("No, it goes back to its owner").check()
    card.get_by_label("What is missing?").fill("The minutes name no school.")
    card.get_by_role("button", name="Save").click()
    expect(plain.get_by_text("Nothing waits")).to_be_visible()
    assert [status_of(plan), status_of(group)] == ["verified", "returned"]

    signed_in_plain(meera)
    plain.goto("/actions/?show=returned")
    expect(card_of(plain, group).locator(".govuk-inset-text")).to_have_text("The minutes name no school.")


@pytest.fixture
def week(meera: User, quentin: User, asha: User, north: Team) -> Action:
    """One action of each state, a panel that meets, a hand-off; the action is overdue and on the board's list."""
    today = timezone.localdate()
    safety = owed(
        meera,
        north,
        "Visit the child in the placement and see the bedroom.",
        priority=ActionPriority.P0,
        first_due_on=today - timedelta(days=60),
        child=ChildFactory(team=north),
    )
    escalate_overdue(at=timezone.now())
    start_action(safety, by=meera)
    done = owed(meera, north, "Write the contingency into the plan.", priority=ActionPriority.P1)
    complete_action(
        done, by=meera, evidence="The plan of today.", impact="The carer knows what would happen."
    )
    again = owed(meera, north, "Hold the core group.", priority=ActionPriority.P1)
    complete_action(again, by=meera, evidence="The minutes.")
    return_action(again, by=quentin, reason="The minutes name no school.")
    ask_to_cancel(owed(meera, north, "Send the plan to the father."), by=meera, reason="He has it.")
    audit = submitted_audit(by=asha, allocation={"child": ChildFactory(team=north), "team": north})
    finding_of(north, Theme.objects.create(code="letters-in-time", name="Letters in time"))
    open_hand_off(audit, at=timezone.now())
    seats = [moderator("Mona Moderator", "Safeguarding"), moderator("Felix Fairfax", "Permanence")]
    met_panel(audit, chair=quentin, moderators=seats)
    return safety


def test_every_page_of_actions_is_accessible_wide_and_narrow(
    page: Page, sign_in_as: Callable[[User], None], meera: User, quentin: User, week: Action
) -> None:
    late = inadequate_audit(week.team, submitted_on=date(2026, 6, 1))[0]
    inadequate = late.allocation.reference
    sign_in_as(meera)
    page.goto("/actions/")
    assert_accessible(page)
    page.get_by_text(f"Update {week.reference}").click()
    card_of(page, week).get_by_role("radio", name="It is done").check()
    assert_accessible(page)
    card_of(page, week).get_by_role("button", name="Save").click()
    assert page.title() == "Error: My actions – Child Journey Audits"
    assert_summary_links_focus(page)
    assert_accessible(page)
    audit = Audit.objects.get(tablings__isnull=False)
    reference = audit.allocation.reference
    for path in (f"/actions/{week.reference}/", "/actions/tracker/", "/actions/loop/", "/actions/hand-offs/"):
        page.goto(path)
        assert_accessible(page)
    page.goto(f"/actions/hand-offs/{reference}/")
    assert_accessible(page)

    sign_in_as(quentin)
    for path in (
        f"/actions/{week.reference}/",
        "/actions/tracker/",
        "/actions/verification/",
        "/actions/verification/?show=cancellations",
        "/actions/loop/",
        "/actions/board/",
        "/actions/raise/",
        "/actions/hand-offs/",
        "/actions/themes/",
        "/actions/themes/letters-in-time/",
        "/actions/findings/",
        f"/actions/findings/{Finding.objects.get().pk}/",
        "/actions/themes/add/",
        "/actions/themes/letters-in-time/dip-sample/",
        "/actions/dip-samples/",
        "/actions/tracker/views/",
        "/setup/actions/",
        "/setup/after-audits/",
        "/actions/inadequate/",
        "/actions/re-audits/",
        f"/actions/inadequate/{inadequate}/",
        f"/actions/inadequate/{inadequate}/review/",
        f"/actions/re-audits/{inadequate}/",
    ):
        page.goto(path)
        assert_accessible(page)


def test_no_change_since_by_keyboard_alone(
    page: Page, sign_in_as: Callable[[User], None], meera: User, north: Team
) -> None:
    waiting = [owed(meera, north, f"Write to school {number}.") for number in (1, 2, 3)]
    sign_in_as(meera)
    page.goto("/actions/")
    for action in waiting[:2]:
        box = card_of(page, action).get_by_label(f"No change of {action.reference}")
        press_until_focused(page, box)
        page.keyboard.press("Space")
        expect(box).to_be_checked()
    words = page.get_by_label("No change: what do they wait for?")
    press_until_focused(page, words)
    page.keyboard.type("The schools are closed this week.")
    press_until_focused(page, page.get_by_role("button", name="Note it on those ticked"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Noted on 2 actions.")).to_be_visible()
    assert [action.moves.filter(kind="note").count() for action in waiting] == [1, 1, 0]


def test_two_tabs_and_the_back_button_lose_nothing(
    plain: Page, signed_in_plain: Callable[[User], None], meera: User, north: Team
) -> None:
    visit = owed(meera, north, "Visit the child in the placement.", priority=ActionPriority.P1)
    signed_in_plain(meera)
    plain.goto("/actions/")
    other = plain.context.new_page()
    other.goto("/actions/")
    update(plain, visit, "I have begun")
    expect(plain.get_by_text(f"{visit.reference}: in progress.")).to_be_visible()

    update(other, visit, "It is done", evidence="Seen alone on Tuesday.")
    expect(other.get_by_text(f"{visit.reference} was changed by somebody else").first).to_be_visible()
    card = card_of(other, visit)
    expect(card.get_by_label("What shows that it is done?")).to_have_value("Seen alone on Tuesday.")
    assert status_of(visit) == ActionStatus.IN_PROGRESS
    card.get_by_role("button", name="Save").click()
    expect(other.get_by_text(f"{visit.reference}: done.")).to_be_visible()

    plain.go_back()  # the page is asked for again, not taken from the browser's store
    expect(plain.get_by_role("heading", name="My actions")).to_be_visible()
    expect(card_of(plain, visit)).to_have_count(0)
    plain.goto("/actions/?show=done")
    expect(card_of(plain, visit)).to_contain_text("Seen alone on Tuesday.")


def press_until_focused(page: Page, target: Locator) -> None:
    """Tab on, as somebody without a mouse does, until the element has the focus."""
    for _ in range(60):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(target)


def test_the_chair_raises_an_action_from_the_meeting(
    page: Page, sign_in_as: Callable[[User], None], quentin: User, week: Action
) -> None:
    audit = Audit.objects.get(tablings__isnull=False)
    reference = audit.allocation.reference
    sign_in_as(quentin)
    page.goto(f"/moderation/panels/{Panel.objects.get().reference}/meeting/{reference}/")
    page.get_by_role("link", name=f"Raise an action from this panel about {reference}").click()
    expect(page.get_by_text(f"From a panel, about {reference}")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Raise the action").click()
    assert_summary_links_focus(page)
    assert_accessible(page)
    page.get_by_label("What shall be done?").fill("Invite the father to the meeting.")
    page.get_by_label("What was found?").fill("He was not invited.")
    page.get_by_label("How will success be seen?").fill("His views are in the minutes.")
    page.get_by_label("P1").check()
    page.get_by_role("button", name="Raise the action").click()
    expect(page.get_by_text("A moderation panel")).to_be_visible()
    made = Action.objects.get(what="Invite the father to the meeting.")
    assert (made.audit, made.owner.name) == (audit, "Meera Manager")
    assert_accessible(page)
