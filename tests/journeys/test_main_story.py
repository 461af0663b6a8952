"""The product's main story in a real browser: from the council's workbook to the quarter's grades."""

import random
import re
from collections.abc import Callable
from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.enums import Role
from accounts.models import User
from accounts.people_import import import_people
from audits.demo.annex_a_workbook import annex_a_workbook
from audits.models import Allocation, Audit, Child
from audits.services.tools import install_seed_tools
from config.demo.council import council, people_csv
from core.dates import Quarter, add_months
from tests.browser import assert_accessible, assert_summary_links_focus
from tests.factories.accounts import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SECTIONS = (
    "About the child",
    "Visits",
    "Assessments",
    "Supervision and management oversight",
    "Plans and planning",
    "Meetings and reviews",
    "Family feedback",
    "Audit process",
    "Overall",
)


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def people(today: date) -> dict[str, User]:
    """The demonstration council's people, who have been there for a year."""
    install_seed_tools()
    import_people(people_csv(council(random.Random(4))), on=add_months(today, -12))
    return {role: User.objects.holding(role, today).order_by("pk")[0] for role in (Role.QA_LEAD, Role.PSW)}


def test_from_the_workbook_to_the_quarter(
    page: Page, sign_in_as: Callable[[User], None], people: dict[str, User], today: date
) -> None:
    month = add_months(today.replace(day=1), 1)

    sign_in_as(people[Role.QA_LEAD])
    the_qa_lead_brings_in_the_caseload(page, today)
    the_qa_lead_draws_and_publishes(page, month)

    allocation = Allocation.objects.order_by("reference")[0]
    writer = allocation.auditor
    writer.set_password(PASSWORD)
    writer.save()
    page.context.clear_cookies()
    the_auditor_signs_in(page, writer)
    the_auditor_writes_and_submits(page, allocation)
    another_colleague_cannot_see_it(page, sign_in_as, allocation)

    page.context.clear_cookies()
    sign_in_as(people[Role.PSW])
    the_psw_reads_the_quarter(page, Quarter.of(month), allocation)


def follow(page: Page, words: str) -> None:
    """Follow the first link of the page's content that says so, whether it looks like a link or a button."""
    page.locator("main a", has_text=words).first.click()


def the_qa_lead_brings_in_the_caseload(page: Page, today: date) -> None:
    page.goto("/")
    page.get_by_role("link", name="Caseload").click()
    assert_accessible(page)
    follow(page, "Import a caseload")
    assert_accessible(page)
    workbook = annex_a_workbook(children=120, seed=3, as_at=today)
    page.locator("input[type=file]").set_input_files(
        {"name": "annex a.xlsx", "mimeType": EXCEL, "buffer": workbook.getvalue()}
    )
    page.locator("main form button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("120")
    assert_accessible(page)
    assert Child.objects.count() == 0
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert Child.objects.open().count() == 120
    assert_accessible(page)


def the_qa_lead_draws_and_publishes(page: Page, month: date) -> None:
    page.get_by_role("link", name="Programme").click()
    assert_accessible(page)
    follow(page, "Plan")
    assert_accessible(page)
    page.get_by_label("Month").select_option(value=month.isoformat())
    page.get_by_label("Child journey audits").fill("6")
    page.get_by_role("button", name="Draw the month").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{month:%B %Y}")
    expect(page.locator("main tbody tr")).to_have_count(6)
    assert_accessible(page)
    swapped = Allocation.objects.order_by("reference")[0]
    follow(page, "Swap auditor")
    assert_accessible(page)
    page.get_by_label("Give it to").select_option(index=1)
    page.get_by_label("Reason").fill("To even out the year")
    page.locator("main form button[type=submit]").click()
    assert Allocation.objects.get(pk=swapped.pk).auditor != swapped.auditor
    follow(page, "Check and publish")
    assert_accessible(page)
    assert Audit.objects.count() == 0
    page.get_by_role("button", name="Publish and tell").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{month:%B %Y}")
    assert Audit.objects.count() == 6
    assert_accessible(page)


def the_auditor_signs_in(page: Page, writer: User) -> None:
    page.goto("/")
    assert_accessible(page)
    page.get_by_label("E-mail address").fill(writer.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("My work")
    assert_accessible(page)


def the_auditor_writes_and_submits(page: Page, allocation: Allocation) -> None:
    page.get_by_role("link", name=f"Write {allocation.reference}").click()
    assert_accessible(page)
    page.get_by_role("button", name="Start the audit").click()
    expect(page.locator("main")).to_contain_text("You have completed 0 of 9 sections.")
    assert_accessible(page)
    page.get_by_role("link", name="About the child", exact=True).click()
    for title in SECTIONS:
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)
        if title == "Visits":
            a_section_called_complete_too_early_says_what_is_missing(page)
        if title == "Family feedback":
            nobody_of_the_family_replied(page)
            continue
        write_section(page)
        if title in {"Visits", "Overall"}:
            assert_accessible(page)
        page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Check your answers")
    assert_accessible(page)
    page.get_by_role("button", name="Submit the audit").click()
    expect(page.locator("main")).to_contain_text(f"Submitted by {allocation.auditor.name} on")
    assert_accessible(page)
    page.go_back()
    page.goto("/")
    expect(page.locator("main")).to_contain_text("Finished lately")


def a_section_called_complete_too_early_says_what_is_missing(page: Page) -> None:
    page.get_by_label("What is the evidence for this grade?").fill("Half a sentence")
    page.get_by_label("Yes, I have completed it").check()
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_title(re.compile("^Error: Visits"))
    expect(page.get_by_label("What is the evidence for this grade?")).to_have_value("Half a sentence")
    assert_summary_links_focus(page)
    assert_accessible(page)


def nobody_of_the_family_replied(page: Page) -> None:
    today = timezone.localdate()
    for box, number in zip(("on_0", "on_1", "on_2"), (today.day, today.month, today.year), strict=True):
        page.locator(f"input[name={box}]").fill(str(number))
    for name, value in (("person", "mother"), ("outcome", "no_reply"), ("how", "telephone")):
        page.locator(f"input[name={name}][value={value}]").check()
    page.get_by_role("button", name="Add to the log").click()
    expect(page.locator("main table")).to_contain_text("Did not reply")
    assert_accessible(page)
    follow(page, "Continue to Audit process")


def write_section(page: Page) -> None:
    """Answer everything on the page, the first answer of each, and say that it is complete."""
    names = page.locator("main input[type=radio]").evaluate_all(
        "radios => [...new Set(radios.map(r => r.name))]"
    )
    for name in names:
        value = {"grade": "good", "state": "completed", "W1": "not_invited", "W3": "no", "W5": "no"}.get(name)
        radios = page.locator(f'input[name="{name}"]')
        (page.locator(f'input[name="{name}"][value="{value}"]') if value else radios.first).check()
    for box in page.locator("main input[type=checkbox]:visible").all():
        box.check()
    for number in page.locator("main input[inputmode=numeric]:not([name*=dated])").all():
        number.fill("4")
    for text in page.locator("main textarea:visible").all():
        text.fill("The record of 3 November shows it.")


def another_colleague_cannot_see_it(
    page: Page, sign_in_as: Callable[[User], None], allocation: Allocation
) -> None:
    page.context.clear_cookies()
    sign_in_as(
        User.objects.holding(Role.TEAM_MANAGER, timezone.localdate()).exclude(pk=allocation.auditor_id)[0]
    )
    response = page.goto(f"/audits/{allocation.reference}/")
    assert response is not None
    assert response.status == 404
    assert_accessible(page)


def the_psw_reads_the_quarter(page: Page, quarter: Quarter, allocation: Allocation) -> None:
    page.goto("/")
    page.get_by_role("link", name="Reports").click()
    assert_accessible(page)
    page.get_by_role("link", name=str(quarter), exact=True).click()
    expect(page.locator("main")).to_contain_text("1 of 1")
    assert_accessible(page)
    page.get_by_role("link", name="Audits", exact=True).click()
    page.get_by_role("link", name=allocation.reference).click()
    expect(page.locator("main")).to_contain_text("The record of 3 November shows it.")
    assert_accessible(page)
