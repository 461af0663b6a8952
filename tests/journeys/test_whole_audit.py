"""One audit from asking the family to the worker's reply, by keyboard alone: with the script, and without it."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from audits.enums import Section
from audits.models import Allocation, Audit, FamilyAnswer, ProposedAction, WorkerReply
from audits.services.tools import install_seed_tools
from tests.browser import assert_accessible
from tests.factories.accounts import TeamFactory, auditor, team_manager
from tests.factories.audits import AllocationFactory, AuditFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAVED = re.compile(r"^Saved \d\d:\d\d$")


@pytest.fixture(params=["with the script", "without a script"])
def writing(request: pytest.FixtureRequest, browser: Browser, base_url: str, page: Page) -> Iterator[Page]:
    """A browser of each kind."""
    if request.param == "with the script":
        yield page
        return
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    yield context.new_page()
    context.close()


def has_script(page: Page) -> bool:
    return bool(page.locator(".govuk-frontend-supported").count())


def check(page: Page) -> None:
    """What every page keeps; axe itself is a script."""
    if has_script(page):
        assert_accessible(page)


def sign_in(page: Page, user: User, base_url: str) -> None:
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": base_url}])
    page.goto("/")


def test_from_asking_the_family_to_the_workers_reply(writing: Page, base_url: str) -> None:
    page, today = writing, timezone.localdate()
    install_seed_tools()
    north = TeamFactory(name="North")
    meera, asha = team_manager("Meera Manager", north), auditor("Asha Auditor")
    allocation = AllocationFactory(auditor=asha, child__pathway="leaving_care", child__team=north)
    audit = AuditFactory(allocation=allocation, team=north, age=18)

    sign_in(page, asha, base_url)
    check(page)
    the_family_is_asked_first(page, allocation, today)
    press(page, "button", "Start the audit")
    expect(page.get_by_role("link", name="Begin with About the child")).to_be_visible()
    expect(page.locator("main")).to_contain_text("You have completed 0 of 9 sections.")
    check(page)
    the_worker_takes_part_and_is_told(page, today)
    press(page, "a", "About the child")
    the_sections_are_written(page, today)
    assert FamilyAnswer.objects.get(question__code="F10").note == "The record shows it."
    page.goto(f"/audits/{allocation.reference}/actions/")
    an_action_with_a_vague_word_gets_a_hint(page, meera)
    page.goto(f"/audits/{allocation.reference}/check/")
    expect(page.locator("main")).to_contain_text("Ensure that his plan is read.")
    check(page)
    assert page.locator("main ul.govuk-list--bullet").all_inner_texts() == []  # nothing is needed any more
    press(page, "button", "Submit the audit")
    expect(page.locator("main")).to_contain_text("You have submitted")
    check(page)
    assert Audit.objects.get(pk=audit.pk).status == "submitted"

    sign_in(page, meera, base_url)
    the_manager_records_the_reply(page, allocation, today)


def the_family_is_asked_first(page: Page, allocation: Allocation, today: date) -> None:
    press(page, "a", f"Write {allocation.reference}")
    expect(page.locator("main")).to_contain_text("You have not asked the family yet.")
    check(page)
    press(page, "a", "log whom you asked")
    check(page)
    day = {"on_0": today.day, "on_1": today.month, "on_2": today.year}
    fill(page, {**day, "person": "mother", "outcome": "feedback", "how": "telephone"}, "Add to the log")
    expect(page.locator("main table")).to_contain_text("Mother")
    why = "He is away at sea."
    fill(page, {**day, "person": "father", "outcome": "not_tried", "reason": why}, "Add to the log")
    expect(page.locator("main table")).to_contain_text(why)
    check(page)
    press(page, "a", "Back to the audit")


def the_worker_takes_part_and_is_told(page: Page, today: date) -> None:
    press(page, "a", "The social worker")
    check(page)
    day = {"on_0": today.day, "on_1": today.month, "on_2": today.year}
    fill(page, {**day, "how": "video", "outcome": "took_part", "note": "An hour."}, "Add to the log")
    expect(page.locator("main table")).to_contain_text("Took part")
    press(page, "a", "Write what you told them")
    fill(page, {**day, "text": "Reliable visits."}, "Save")
    expect(page.locator("main")).to_contain_text("Reliable visits.")
    check(page)
    press(page, "a", "Back to the audit's sections")


def the_sections_are_written(page: Page, today: date) -> None:
    for section in Section:
        expect(page.get_by_role("heading", level=1)).to_contain_text(section.label)
        check(page)
        if section != Section.FEEDBACK:
            write_page(page, "Save and continue", today)
            continue
        press(page, "a", "What they said: Mother")
        check(page)
        write_page(page, "Save", today)
        expect(page.locator("main")).to_contain_text("Written")
        press(page, "a", "Continue to Audit process")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Check your answers")


def an_action_with_a_vague_word_gets_a_hint(page: Page, owner: User) -> None:
    press(page, "a", "Add an action")
    check(page)
    words = {"what": "Ensure that his plan is read.", "why": "Nobody has read it with him."}
    fill(page, words, "" if has_script(page) else "Save and come back later")
    if has_script(page):
        expect(page.locator("[data-autosave-line]")).to_have_text(SAVED, timeout=15_000)
        page.goto(page.url.replace("/add/", "/"))
    expect(page.locator("main")).to_contain_text("You began an action")
    check(page)
    press(page, "a", "Carry on with it")
    rest = {"priority": "p2", "success": "He says what it means for him."}
    fill(page, {**rest, "owner": str(owner.pk)}, "Add the action")
    expect(page.locator("main .govuk-inset-text")).to_contain_text("ensure", ignore_case=True)
    expect(page.locator("main")).not_to_contain_text("You began an action")
    check(page)
    assert ProposedAction.objects.get().what == words["what"]


def the_manager_records_the_reply(page: Page, allocation: Allocation, today: date) -> None:
    check(page)
    press(page, "a", f"Record the social worker's reply to {allocation.reference}")
    expect(page.locator("main")).to_contain_text("Reliable visits.")
    check(page)
    day = {"said_on_0": today.day, "said_on_1": today.month, "said_on_2": today.year}
    fill(page, {"outcome": "agrees", **day, "text": "That is fair."}, "Record the reply")
    expect(page.locator("main")).to_contain_text("The worker's reply: ")
    check(page)
    assert WorkerReply.objects.get().text == "That is fair."


def press(page: Page, tag: str, words: str) -> None:
    """Tab until the focus is on what says so, and press Enter."""
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate(
            "([tag, words]) => (({activeElement: at}) => at.matches(tag) && at.textContent.includes(words))(document)",
            [tag, words],
        ):
            go(page)
            return
    pytest.fail(f"the keyboard does not reach {words}")


def go(page: Page) -> None:
    """Press Enter, and wait for the page to which that leads."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


FOCUSED = """() => {
  const at = document.activeElement;
  const box = at.getBoundingClientRect(), bar = document.getElementById("autosave");
  return {
    kind: at.type || "", name: at.name || "", value: at.value || "", words: at.textContent.trim(),
    inside: at.closest("main form") !== null, checked: at.checked || false,
    seen: box.top >= 0 && box.top < (bar && !bar.hidden ? bar.getBoundingClientRect().top : innerHeight),
  };
}"""
"""What has the focus, and whether its top is on the screen and not under the line at its foot."""


def fill(page: Page, values: dict[str, object], button: str) -> None:
    """Tab through the form, answer what is named, and press the button; without one, stop when all is answered."""
    left = {name: str(value) for name, value in values.items()}
    for _ in range(200):
        if not (left or button):
            return
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at["kind"] == "submit" and at["words"] == button and not left:
            go(page)
            return
        if not at["inside"] or (wanted := left.pop(at["name"], None)) is None:
            continue
        assert at["seen"], f"{at['name']} has the focus and is hidden"
        if at["kind"] == "radio":
            choose(page, wanted)
        elif at["kind"] == "select-one":
            for _ in range(20):
                if page.evaluate(FOCUSED)["value"] == wanted:
                    break
                page.keyboard.press("ArrowDown")
        else:
            page.keyboard.type(wanted)
    pytest.fail(f"the keyboard does not reach {left or button}")


def choose(page: Page, wanted: str) -> None:
    page.keyboard.press("Space")
    for _ in range(12):
        if page.evaluate(FOCUSED)["value"] == wanted:
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"no choice of {wanted}")


def write_page(page: Page, button: str, today: date) -> None:
    """Answer whatever the focus comes to, the first answer of each, and press the button."""
    parts = {"0": today.day, "1": today.month, "2": today.year}
    for _ in range(400):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if not at["inside"]:
            continue
        assert at["seen"], f"{at['name']} has the focus and is hidden"
        if at["kind"] == "radio" and at["name"] in ("W5", "state"):
            choose(page, {"W5": "no", "state": "completed"}[at["name"]])
        elif at["kind"] == "radio" or (at["kind"] == "checkbox" and not at["checked"]):
            page.keyboard.press("Space")
        elif at["kind"] == "textarea":
            page.keyboard.type("The record shows it.")
        elif at["kind"] == "text":
            page.keyboard.type(str(parts[at["name"][-1]]) if "dated" in at["name"] else "4")
        elif at["words"] == button:
            go(page)
            return
    pytest.fail(f"the keyboard does not reach {button}")
