"""Writing an audit in a real browser: nothing typed is lost, whatever happens in the middle."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from audits.enums import Section
from audits.models import Audit, AuditSection
from audits.services.audits import start_audit
from audits.services.involvement import log_worker_contact, save_worker_feedback
from audits.services.tools import install_seed_tools
from tests.browser import assert_accessible
from tests.factories.accounts import PASSWORD, auditor
from tests.factories.audits import AllocationFactory, AuditFactory, started_audit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAVED = re.compile(r"^Saved \d\d:\d\d$")
EVIDENCE = "What is the evidence for this grade?"


@pytest.fixture
def asha() -> User:
    user = auditor("Asha Auditor")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def audit(asha: User) -> Audit:
    return started_audit(asha)


@pytest.fixture
def writing(page: Page, sign_in_as: Callable[[User], None], asha: User, audit: Audit) -> Page:
    """Asha has the Visits page open."""
    sign_in_as(asha)
    page.goto(f"/audits/{audit.allocation.reference}/visits/")
    return page


def says(page: Page, words: str | re.Pattern[str]) -> None:
    """Wait until the line at the foot of the page says so."""
    expect(page.locator("[data-autosave-line]")).to_have_text(words, timeout=15_000)


def evidence_of(audit: Audit) -> str:
    return AuditSection.objects.get(audit=audit, section=Section.VISITS).evidence


def test_what_is_typed_is_saved_by_itself(writing: Page, audit: Audit) -> None:
    writing.get_by_label(EVIDENCE).fill("Six visits of six.")
    expect(writing.locator("[data-autosave-line]")).to_have_text(re.compile("Not saved yet|Saving|Saved"))
    says(writing, SAVED)
    assert evidence_of(audit) == "Six visits of six."
    assert writing.locator("[data-autosave-news]").get_attribute("aria-live") == "polite"
    expect(writing.locator("[data-autosave-news]")).to_have_text(SAVED)
    assert_accessible(writing)
    writing.get_by_role("button", name="Save and continue").click()
    expect(writing.get_by_role("heading", level=1)).to_contain_text("Assessments")


def test_offline_the_text_waits_and_is_saved_when_the_connection_is_back(writing: Page, audit: Audit) -> None:
    text = writing.get_by_label(EVIDENCE)
    text.fill("Before the tunnel. ")
    says(writing, SAVED)
    writing.context.set_offline(True)
    text.press_sequentially("In the tunnel. ")
    says(writing, "You are offline. Your text is on this page and will be saved when the connection is back.")
    assert_accessible(writing)
    writing.get_by_role("button", name="Save and continue").click()  # does not throw the page away
    expect(text).to_have_value("Before the tunnel. In the tunnel. ")
    assert evidence_of(audit) == "Before the tunnel. "
    text.press_sequentially("Still in it.")
    writing.context.set_offline(False)
    says(writing, SAVED)
    assert evidence_of(audit) == "Before the tunnel. In the tunnel. Still in it."


def test_an_answer_that_is_lost_on_the_way_is_no_conflict(writing: Page, audit: Audit) -> None:
    lost: list[str] = []

    def lose_the_first_answer(route: object) -> None:
        if lost:
            route.continue_()  # type: ignore[attr-defined]
            return
        lost.append("one")
        route.fetch()  # type: ignore[attr-defined]  # the service saves it
        route.abort()  # type: ignore[attr-defined]  # and the browser never hears of it

    writing.route("**/autosave/", lose_the_first_answer)
    text = writing.get_by_label(EVIDENCE)
    text.fill("First.")
    says(writing, re.compile("the service does not answer"))
    assert evidence_of(audit) == "First."
    text.press_sequentially(" Second.")
    says(writing, SAVED)
    assert evidence_of(audit) == "First. Second."


def test_of_two_tabs_the_second_is_shown_both_texts(writing: Page, audit: Audit) -> None:
    other = writing.context.new_page()
    other.goto(writing.url)
    other.get_by_label(EVIDENCE).fill("From the other tab.")
    says(other, SAVED)
    writing.get_by_label(EVIDENCE).fill("From this tab.")
    says(writing, re.compile("^Not saved: this page was saved somewhere else"))
    assert evidence_of(audit) == "From the other tab."
    assert_accessible(writing)
    writing.get_by_role("button", name="Show both texts").click()
    expect(writing.locator(".app-conflict")).to_contain_text("From the other tab.")
    expect(writing.locator(".app-conflict")).to_contain_text("From this tab.")
    expect(writing.get_by_label(EVIDENCE)).to_have_value("From this tab.")
    assert_accessible(writing)
    writing.get_by_role("button", name="Save and come back later").click()
    expect(writing.get_by_role("heading", level=1)).to_contain_text("Audit the journey")
    assert evidence_of(audit) == "From this tab."


def test_signed_out_in_the_middle_and_back_without_losing_a_character(
    writing: Page, audit: Audit, asha: User
) -> None:
    text = writing.get_by_label(EVIDENCE)
    text.fill("Before. ")
    says(writing, SAVED)
    Session.objects.all().delete()
    text.press_sequentially("After ‘signing out’ & <typing> on. ")
    says(writing, re.compile("^You have been signed out. Your text is on this page"))
    assert_accessible(writing)
    text.press_sequentially("And on.")
    writing.get_by_role("button", name="Save and continue").click()  # stays, since nobody is signed in
    expect(text).to_have_value("Before. After ‘signing out’ & <typing> on. And on.")
    assert evidence_of(audit) == "Before. "
    with writing.context.expect_page() as opened:
        writing.get_by_role("link", name="Sign in (opens in a new tab)").click()
    sign_in_on(opened.value, asha)
    writing.bring_to_front()
    writing.evaluate(
        "window.dispatchEvent(new Event('focus'))"
    )  # a headless browser's tabs all have the focus
    says(writing, SAVED)
    assert evidence_of(audit) == "Before. After ‘signing out’ & <typing> on. And on."
    writing.get_by_role("button", name="Save and continue").click()
    expect(writing.get_by_role("heading", level=1)).to_contain_text("Assessments")


def sign_in_on(tab: Page, user: User) -> None:
    tab.get_by_label("E-mail address").fill(user.email)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_have_text("My work")


def test_somebody_else_who_signs_in_meanwhile_saves_nothing(
    writing: Page, audit: Audit, sign_in_as: Callable[[User], None]
) -> None:
    stranger = auditor("Cora Colleague")
    writing.get_by_label(EVIDENCE).fill("Mine.")
    says(writing, SAVED)
    sign_in_as(stranger)
    writing.get_by_label(EVIDENCE).fill("Mine still.")
    says(writing, re.compile("no longer yours to write, or you signed in as somebody else"))
    expect(writing.get_by_label(EVIDENCE)).to_have_value("Mine still.")
    assert evidence_of(audit) == "Mine."


def test_leaving_with_something_unsaved_asks_first_and_otherwise_does_not(writing: Page) -> None:
    asked: list[str] = []
    writing.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    text = writing.get_by_label(EVIDENCE)
    text.fill("Saved.")
    says(writing, SAVED)
    writing.reload()
    assert asked == []
    writing.context.set_offline(True)
    writing.get_by_label(EVIDENCE).press_sequentially("Unsaved.")
    writing.context.set_offline(False)
    writing.route("**/autosave/", lambda route: route.abort())
    writing.reload()
    assert asked == ["beforeunload"]


def test_the_browser_stores_no_text(writing: Page) -> None:
    writing.get_by_label(EVIDENCE).fill("Nowhere but on the page.")
    says(writing, SAVED)
    assert writing.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert writing.evaluate("indexedDB.databases().then(all => all.length)") == 0
    assert writing.evaluate("caches.keys().then(all => all.length)") == 0


@pytest.fixture
def without_script(browser: Browser, base_url: str) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    yield context.new_page()
    context.close()


def test_without_a_script_a_lapsed_session_loses_nothing_either(
    without_script: Page, asha: User, audit: Audit
) -> None:
    page = without_script
    page.goto("/sign-in/")
    sign_in_on(page, asha)
    page.goto(f"/audits/{audit.allocation.reference}/visits/")
    expect(page.locator("#autosave")).to_be_hidden()
    words = "‘Six’ of <six> & more.\n\n  Second line. 💚"
    page.get_by_label(EVIDENCE).fill(words)
    Session.objects.all().delete()
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You were signed out")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in (opens in a new tab)").click()
    sign_in_on(opened.value, asha)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Press Save once more")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Assessments")
    assert evidence_of(audit) == words


def test_the_page_that_keeps_what_was_typed_is_accessible(writing: Page) -> None:
    Session.objects.all().delete()
    writing.get_by_role("button", name="Save and continue").click()
    expect(writing.get_by_role("heading", level=1)).to_have_text("You were signed out")
    assert_accessible(writing)


def test_a_whole_audit_by_keyboard_alone(page: Page, sign_in_as: Callable[[User], None], asha: User) -> None:
    """From My work to submitted, with Tab, Space, the arrows and Enter.

    It was started when family feedback was one page of the audit, and its worker has been spoken to.
    """
    install_seed_tools()
    audit = AuditFactory(allocation=AllocationFactory(auditor=asha, child__pathway="leaving_care"), age=18)
    start_audit(audit, by=asha)
    Audit.objects.filter(pk=audit.pk).update(feedback_by_person=False)
    on = date(2026, 11, 3)
    log_worker_contact(audit, on=on, how="telephone", outcome="took_part", note="", token=uuid4(), by=asha)
    save_worker_feedback(audit, on=on, text="Reliable visits.", version=0, by=asha)
    audit.sections.update(version=0, saved_at=None, is_complete=False)
    sign_in_as(asha)
    page.goto("/")
    tab_to(page, "a", f"Carry on with {audit.allocation.reference}")
    page.keyboard.press("Enter")
    for section in Section:
        expect(page.get_by_role("heading", level=1)).to_contain_text(section.label)
        write_page_by_keyboard(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Check your answers")
    tab_to(page, "button", "Submit the audit")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("You have submitted")


def tab_to(page: Page, tag: str, words: str) -> None:
    """Press Tab until the focus is on what says so."""
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate(
            "([tag, words]) => (({activeElement: at}) => at.matches(tag) && at.textContent.includes(words))(document)",
            [tag, words],
        ):
            return
    pytest.fail(f"the keyboard does not reach {words}")


def write_page_by_keyboard(page: Page) -> None:
    """Answer whatever the focus comes to, and press Save and continue when it comes to that."""
    for _ in range(400):
        page.keyboard.press("Tab")
        kind, name, words = page.evaluate(
            "(({type, name, textContent}) => [type || '', name || '', textContent])(document.activeElement)"
        )
        inside = page.evaluate("document.activeElement.closest('main form') !== null")
        if not inside:
            continue
        assert page.evaluate(IS_SEEN), f"{name} has the focus and is hidden"
        if kind in ("radio", "checkbox"):
            page.keyboard.press("ArrowDown" if name == "W5" else "Space")  # no immediate concern
        elif kind == "textarea":
            page.keyboard.type("The record shows it.")
        elif kind == "text":
            page.keyboard.type(
                {"0": "3", "1": "11", "2": "2026"}.get(name[-1], "4") if "dated" in name else "4"
            )
        elif "Save and continue" in words:
            page.keyboard.press("Enter")
            return
    pytest.fail("the keyboard does not reach Save and continue")


IS_SEEN = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const bar = document.getElementById("autosave").getBoundingClientRect();
  return box.top >= 0 && box.top < bar.top;
}"""
"""Whether the top of what has the focus is on the screen and not under the line at its foot."""


def test_the_script_is_only_where_a_form_asks_for_it() -> None:
    templates = Path(settings.BASE_DIR) / "templates"
    loading = [path.name for path in templates.rglob("*.html") if "app/autosave.js" in path.read_text()]
    assert loading == ["saved_while_written.html"]
