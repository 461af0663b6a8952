"""The pages around a panel in a real browser: queue, register, agreement, calibration, invitations, attendance."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from audits.enums import GRADED_SECTIONS, Grade
from moderation.enums import SeatStatus
from moderation.models import CalibrationExercise, CalibrationText, EarnedExemption, Outcome
from moderation.services.calibration import sweep_calibrations
from moderation.services.panels import close_panel
from moderation.services.selection import select_for_moderation
from tests.browser import assert_accessible, assert_summary_links_focus
from tests.factories.accounts import auditor
from tests.factories.audits import submitted_audit
from tests.factories.fairness import decided_audit, earned_exemption
from tests.factories.moderation import (
    convened_panel,
    met_panel,
    moderator,
    released_panel,
    seat_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignIn = Callable[[User], None]


@pytest.fixture
def mona(transactional_db: None) -> User:
    return moderator("Mona Moderator", "Safeguarding")


@pytest.fixture
def felix(transactional_db: None) -> User:
    return moderator("Felix Fairfax", "Permanence")


def test_the_queue_says_why_and_how_long(page: Page, sign_in_as: SignIn, asha: User, quentin: User) -> None:
    today = timezone.localdate()
    select_for_moderation(submitted_audit(by=asha, submitted_on=today - timedelta(days=40)))
    select_for_moderation(submitted_audit(by=asha, overall=Grade.INADEQUATE))
    sign_in_as(quentin)
    page.goto("/moderation/")
    expect(page.get_by_text("Too long", exact=True).last).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Reason").select_option(label="Overall Inadequate")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row")).to_have_count(2)
    menu = page.get_by_role("navigation", name="Menu")
    expect(menu.get_by_role("link", name="Moderation")).to_have_attribute(
        "aria-current", re.compile("page|true")
    )
    page.get_by_role("link", name="On a table").click()
    expect(
        page.get_by_role("heading", name="Nothing fits").or_(page.get_by_text("Nothing here"))
    ).to_be_visible()
    assert_accessible(page)


def test_an_earned_exemption_is_declined_and_another_ended(
    page: Page, sign_in_as: SignIn, asha: User, quentin: User
) -> None:
    today = timezone.localdate()
    earned_exemption(asha, starts_on=today, status="proposed")
    earned_exemption(auditor("Bo Auditor"), starts_on=today - timedelta(days=60))
    sign_in_as(quentin)
    page.goto("/moderation/exemptions/")
    assert_accessible(page)
    page.get_by_role("link", name="Asha Auditor").click()
    assert_accessible(page)
    page.get_by_role("group", name="What do you decide?").get_by_label("Decline").check()
    page.get_by_label("Note").fill("All were of one team.")
    page.locator("main").get_by_role("button").last.click()
    expect(page.get_by_text("Declined. It is proposed again only after another decision")).to_be_visible()
    assert_accessible(page)
    page.goto("/moderation/exemptions/")
    page.get_by_role("link", name="Bo Auditor").click()
    page.get_by_label("Why does it end today?").fill("Moves to another service.")
    page.locator("main").get_by_role("button").last.click()
    expect(page.get_by_text("Ended. Bo Auditor is being told by mail")).to_be_visible()
    page.goto("/moderation/exemptions/")
    expect(page.get_by_text("Moves to another service.")).to_be_visible()
    assert_accessible(page)
    assert set(EarnedExemption.objects.values_list("status", flat=True)) == {"declined", "ended"}


def test_agreement_by_name_and_ones_own(page: Page, sign_in_as: SignIn, asha: User, quentin: User) -> None:
    month = timezone.localdate().replace(day=1)
    decided_audit(asha, month=month, final=Grade.INADEQUATE, closed_on=month)
    decided_audit(asha, month=month, closed_on=month)
    sign_in_as(quentin)
    page.goto("/moderation/agreement/")
    assert_accessible(page)
    page.get_by_role("link", name="Asha Auditor").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Moderation of Asha Auditor")
    assert_accessible(page)
    sign_in_as(asha)
    page.goto("/moderation/agreement/mine/")
    expect(page.get_by_text("1 of 2").first).to_be_visible()
    assert_accessible(page)
    page.goto("/moderation/agreement/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("not found", ignore_case=True)


def test_a_calibration_exercise_from_its_preparation_to_the_spread(
    page: Page, sign_in_as: SignIn, asha: User, quentin: User
) -> None:
    audit = submitted_audit(by=auditor("Olly Auditor"))
    sign_in_as(quentin)
    page.goto("/moderation/calibration/")
    assert_accessible(page)
    page.get_by_text("Prepare an exercise").click()
    page.get_by_role("button", name="Copy its texts").click()
    assert_summary_links_focus(page)
    assert_accessible(page)
    page.get_by_label("Title").fill("A child in need, aged 11")
    page.get_by_label("Reference of the audit").fill(audit.allocation.reference)
    page.get_by_role("button", name="Copy its texts").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("A child in need, aged 11")
    assert_accessible(page)
    page.get_by_role("link", name="Visits").click()
    assert_accessible(page)
    page.get_by_label("I have read it").check()
    page.get_by_role("button", name="Save").click()
    CalibrationText.objects.update(is_checked=True)
    exercise = CalibrationExercise.objects.get()
    page.goto(f"/moderation/calibration/{exercise.reference}/open/")
    assert_accessible(page)
    page.locator("main").get_by_role("button").last.click()
    exercise.refresh_from_db()
    assert exercise.status == "open"

    sign_in_as(asha)
    page.goto(f"/moderation/calibration/{exercise.reference}/")
    assert_accessible(page)
    for text in exercise.texts.all():
        group = page.get_by_role("group", name=f"Your grade: {text.get_section_display()}")
        group.get_by_label("Good", exact=True).check()
    page.locator("main").get_by_role("button").last.click()
    expect(page.get_by_text("You have graded all of it.")).to_be_visible()
    assert_accessible(page)

    sweep_calibrations(at=timezone.now() + timedelta(days=60))
    page.goto(f"/moderation/calibration/{exercise.reference}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("the spread")
    assert_accessible(page)


def test_an_invitation_is_declined_by_enter_in_its_reason(
    page: Page, sign_in_as: SignIn, priya: User, mona: User, felix: User
) -> None:
    panel = convened_panel(submitted_audit(), chair=priya, moderators=[mona, felix])
    sign_in_as(mona)
    page.goto(f"/moderation/panels/{panel.reference}/invitation/")
    assert_accessible(page)
    page.get_by_label("If you cannot come").fill("On leave.")
    page.get_by_label("If you cannot come").press("Enter")
    expect(page.get_by_text("You are not expected")).to_be_visible()
    assert seat_of(panel, mona).status == SeatStatus.DECLINED
    sign_in_as(priya)
    for name in ("", "table/", "readings/", "edit/", "members/add/", "table/add/", "release/"):
        page.goto(f"/moderation/panels/{panel.reference}/{name}")
        assert_accessible(page)


def test_the_chair_decides_by_keyboard_alone_and_takes_it_back(
    page: Page, sign_in_as: SignIn, priya: User, mona: User, felix: User
) -> None:
    panel = met_panel(submitted_audit(), submitted_audit(), chair=priya, moderators=[mona, felix])
    first = panel.tablings.order_by("pk")[0]
    sign_in_as(priya)
    page.goto(f"/moderation/panels/{panel.reference}/meeting/")
    page.keyboard.press("Enter")
    assert panel.tablings.filter(decision__isnull=False).count() == 0
    assert_accessible(page)
    for section in GRADED_SECTIONS:
        page.get_by_role("group", name=f"Decision: {section.label}").get_by_role("radio").first.focus()
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("group", name="Decision: Overall").get_by_label("Good")).to_be_checked()
    page.get_by_role("button", name="Decide and next").press("Enter")
    expect(page.get_by_text("It can be changed until the panel is closed.")).to_be_visible()
    expect(page.get_by_text("audit 2 of 2, 1 decided")).to_be_visible()
    page.keyboard.press("Enter")
    assert panel.tablings.filter(decision__isnull=False).count() == 1
    page.get_by_role("link", name=first.audit.allocation.reference).first.click()
    page.get_by_role("button", name="Take the decision back").press("Enter")
    expect(page.get_by_text("is taken back.")).to_be_visible()
    assert panel.tablings.filter(decision__isnull=False).count() == 0
    assert_accessible(page)


def test_the_outcome_is_acknowledged_and_attendance_shown(
    page: Page, sign_in_as: SignIn, asha: User, priya: User, mona: User, felix: User
) -> None:
    panel = met_panel(
        submitted_audit(by=asha), chair=priya, moderators=[mona, felix], month=date(2026, 11, 1)
    )
    sign_in_as(priya)
    page.goto(f"/moderation/panels/{panel.reference}/meeting/")
    for section in GRADED_SECTIONS:
        page.get_by_role("group", name=f"Decision: {section.label}").get_by_label("Good").check()
    page.get_by_role("button", name="Decide and next").click()
    close_panel(panel, by=priya)
    for address in ("attendance/", f"{panel.reference}/outcomes/", ""):
        page.goto(f"/moderation/panels/{address}")
        assert_accessible(page)
    page.goto("/moderation/outcomes/")
    assert_accessible(page)
    sign_in_as(asha)
    page.goto(f"/moderation/outcomes/{Outcome.objects.get().pk}/")
    assert_accessible(page)
    page.get_by_role("button", name="I have read this").click()
    expect(page.get_by_text("It is noted that you have read this outcome.")).to_be_visible()
    assert Outcome.objects.get().acknowledged_at is not None


def test_a_reader_who_is_told_the_auditor_is_thanked_and_sees_no_paper(
    page: Page, sign_in_as: SignIn, asha: User, priya: User, mona: User, felix: User
) -> None:
    audit = submitted_audit(by=asha)
    panel = released_panel(audit, chair=priya, moderators=[mona, felix], blind=True)
    reader = panel.tablings.get().readings.get().moderator
    User.objects.filter(pk=asha.pk).update(line_manager=reader)
    sign_in_as(reader)
    page.goto(f"/moderation/panels/{panel.reference}/readings/{audit.allocation.reference}/")
    expect(page.get_by_text("Somebody else reads it.")).to_be_visible()
    assert_accessible(page)
