"""Moderation's fairness in a real browser: the queue, agreement, the register, a calibration exercise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from audits.enums import GRADED_SECTIONS, Grade
from core.dates import add_months
from moderation.enums import EarnedStatus
from moderation.models import CalibrationExercise, EarnedExemption
from moderation.services.calibration import sweep_calibrations
from moderation.services.earned import sweep_moderation_exemptions
from moderation.services.selection import select_for_moderation
from tests.browser import assert_accessible, assert_summary_links_focus
from tests.factories.accounts import auditor
from tests.factories.audits import submitted_audit
from tests.factories.fairness import earning_auditor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_queue_to_an_exemption(
    page: Page, sign_in_as: Callable[[User], None], asha: User, quentin: User
) -> None:
    this_month = timezone.localdate().replace(day=1)
    months = tuple(add_months(this_month, -number) for number in range(8, 2, -1))
    bo = auditor("Bo Auditor")
    for who in (asha, bo):
        earning_auditor(who, months=months)
    sweep_moderation_exemptions()
    waiting = submitted_audit(by=asha, overall=Grade.INADEQUATE, month=add_months(this_month, -2))
    select_for_moderation(waiting)

    sign_in_as(quentin)
    page.goto("/moderation/")
    expect(page.get_by_text(waiting.allocation.reference)).to_be_visible()
    expect(page.get_by_text("Too long")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Agreement", exact=True).click()
    expect(page.get_by_role("table", name="Overall grade by auditor")).to_contain_text("Asha Auditor")
    assert_accessible(page)

    page.get_by_role("link", name="Earned exemptions", exact=True).click()
    assert_accessible(page)
    page.get_by_role("link", name="Asha Auditor").first.click()
    page.get_by_label("Grant it").check()
    assert_accessible(page)
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Granted. Asha Auditor is being told by mail.")).to_be_visible()

    page.goto("/moderation/exemptions/")
    page.get_by_role("link", name="Bo Auditor").first.click()
    page.get_by_label("Decline it").check()
    page.get_by_role("button", name="Decide").click()
    assert_summary_links_focus(page)
    assert_accessible(page)
    page.get_by_label("Note (optional when you grant it)").fill("Moves to another service next month.")
    page.get_by_role("button", name="Decide").click()
    page.goto("/moderation/exemptions/")
    expect(page.get_by_text("Moves to another service next month.")).to_be_visible()
    assert_accessible(page)
    settled = EarnedExemption.objects.order_by("auditor__name").values_list("auditor__name", "status")
    assert list(settled) == [
        ("Asha Auditor", EarnedStatus.GRANTED),
        ("Bo Auditor", EarnedStatus.DECLINED),
    ]

    sign_in_as(asha)
    page.goto("/moderation/agreement/mine/")
    expect(page.get_by_role("heading", name="Exemption from moderation")).to_be_visible()
    expect(page.get_by_text("Earned. 15% of audits")).to_be_visible()
    assert_accessible(page)


def test_a_calibration_exercise_from_preparing_to_the_spread(
    page: Page, sign_in_as: Callable[[User], None], asha: User, quentin: User
) -> None:
    source = submitted_audit(by=auditor("Bo Auditor"))
    sign_in_as(quentin)
    page.goto("/moderation/calibration/prepare/")
    page.get_by_label("Title").fill("A child in need, aged 11")
    page.get_by_label("Reference of the audit whose texts are used").fill(source.allocation.reference)
    assert_accessible(page)
    page.get_by_role("button", name="Copy its texts").click()
    exercise = CalibrationExercise.objects.get()
    where = f"/moderation/calibration/{exercise.reference}/"
    assert page.url.endswith(where)
    assert_accessible(page)
    for section in GRADED_SECTIONS:
        page.goto(f"{where}{section}/")
        page.locator("textarea[name=words]").fill("The child was seen each week and says it helps.")
        page.locator("input[name=is_checked]").check()
        page.get_by_label("The grade you would give (optional)").select_option("good")
        if section == "visits":
            assert_accessible(page)
        page.locator("main form button").last.click()
    page.goto(f"{where}open/")
    closes_on = timezone.localdate() + timedelta(days=7)
    for number, part in enumerate((closes_on.day, closes_on.month, closes_on.year)):
        page.locator(f"input[name=closes_on_{number}]").fill(str(part))
    assert_accessible(page)
    page.locator("main form button").last.click()
    assert_accessible(page)

    sign_in_as(asha)
    page.goto(where)
    expect(page.get_by_text(source.allocation.reference)).to_have_count(0)
    expect(page.get_by_text("Bo Auditor")).to_have_count(0)
    assert_accessible(page)
    for section in GRADED_SECTIONS:
        page.locator(f"input[name={section}][value=requires_improvement]").check()
    page.locator("main form button").last.click()
    expect(page.get_by_text("Your grades are kept.")).to_be_visible()
    assert_accessible(page)

    sweep_calibrations(at=timezone.now() + timedelta(days=8))
    page.goto(where)
    expect(page.get_by_text("given by 0 of 1").first).to_be_visible()
    assert_accessible(page)
    page.goto("/moderation/calibration/")
    assert_accessible(page)
