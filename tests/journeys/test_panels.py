"""A panel in a real browser: invited, read blind, decided on one screen, closed, told, replied to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from audits.enums import GRADED_SECTIONS
from moderation.enums import SeatStatus
from moderation.models import Outcome, Reading
from moderation.services.selection import select_for_moderation
from tests.browser import assert_accessible, assert_summary_links_focus
from tests.factories.audits import submitted_audit
from tests.factories.moderation import draft_panel, moderator, seat_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_invitation_to_the_reply(  # noqa: PLR0915 - one story
    page: Page, sign_in_as: Callable[[User], None], asha: User, quentin: User, priya: User
) -> None:
    mona, felix = moderator("Mona Moderator", "Safeguarding"), moderator("Felix Fairfax", "Permanence")
    asha.line_manager = felix
    asha.save()
    audit = submitted_audit(by=asha)
    reference = audit.allocation.reference
    select_for_moderation(audit)
    panel = draft_panel(is_blind=True)
    where = f"/moderation/panels/{panel.reference}/"

    sign_in_as(quentin)
    page.goto(f"{where}table/")
    page.get_by_role("link", name="Put audits on the table").click()
    page.get_by_label(reference).check()
    assert_accessible(page)
    page.get_by_role("button", name="Put on the table").click()
    expect(page.get_by_text("1 audit put on the table.")).to_be_visible()
    for who, part in ((quentin, "Chair"), (mona, "Moderator"), (felix, "Moderator")):
        page.goto(f"{where}members/add/")
        page.get_by_label("Person").select_option(label=who.name)
        page.get_by_label(part, exact=True).check()
        page.get_by_label("Reason").fill("It is their turn.")
        page.get_by_role("button", name="Put on the panel").click()
        expect(page.get_by_text(f"{who.name} is on the panel")).to_be_visible()
    page.get_by_role("link", name="Send the invitations").click()
    assert_accessible(page)
    page.get_by_role("button", name="Send the invitations").click()
    expect(page.get_by_text("The invitations are on their way.")).to_be_visible()

    sign_in_as(mona)
    page.goto("/")
    page.get_by_role("link", name=f"Answer the invitation to {panel.reference}").click()
    assert_accessible(page)
    page.get_by_role("button", name="I can come").click()
    expect(page.get_by_text("You are expected")).to_be_visible()
    assert_accessible(page)
    assert seat_of(panel, mona).status == SeatStatus.ACCEPTED
    for who in (felix, quentin):
        sign_in_as(who)
        page.goto(f"{where}invitation/")
        page.get_by_role("button", name="I can come").click()
        expect(page.get_by_text("You are expected")).to_be_visible()
    page.goto(where)
    page.get_by_role("link", name="Release the papers").click()
    assert_accessible(page)
    page.get_by_role("button", name="Release the papers").click()
    expect(page.get_by_text("The papers are out.")).to_be_visible()

    sign_in_as(mona)
    page.goto("/")
    page.get_by_role("link", name=f"Read {reference}").click()
    expect(page.get_by_text("Asha Auditor")).to_have_count(0)
    assert_accessible(page)
    page.get_by_role("button", name="Record my reading").click()
    assert_summary_links_focus(page)
    assert_accessible(page)
    for section in GRADED_SECTIONS:
        grade = "Inadequate" if section == "plans" else "Good"
        group = page.get_by_role("group", name=f"Your grade: {section.label}")
        group.get_by_label(grade, exact=True).check()
        page.get_by_label(f"What your grade rests on: {section.label}").fill("The record of June.")
    page.get_by_label("Some gaps").check()
    page.get_by_role("button", name="Record my reading").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        f"{panel.reference} Why your grades differ: {reference}"
    )
    page.get_by_label("Outdated plan or assessment").check()
    page.get_by_role("button", name="Record my reasons").click()
    expect(page.get_by_text("Your reasons are recorded.")).to_be_visible()
    assert_accessible(page)
    assert Reading.objects.get().status == "complete"

    sign_in_as(quentin)
    page.goto(where)
    page.get_by_role("link", name="Start the meeting").click()
    assert_accessible(page)
    page.get_by_role("button", name="Start the meeting").click()
    expect(page.get_by_text("two steps down").first).to_be_visible()
    assert_accessible(page)
    page.get_by_role("group", name="Decision: Plans and planning").get_by_label(
        "Requires improvement: one step down"
    ).check()
    page.get_by_role("button", name="Decide and next").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Close the Panel")
    assert_accessible(page)
    page.get_by_role("button", name="Close the panel").click()
    expect(page.get_by_text("Plans and planning: moved down to Requires improvement")).to_be_visible()
    assert_accessible(page)

    sign_in_as(asha)
    page.goto("/")
    page.get_by_role("link", name=f"Read the outcome of {reference}").click()
    expect(page.get_by_text("One step down")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Your reply").fill("See the note of 9 July.")
    page.get_by_role("button", name="Send my reply").click()
    expect(page.get_by_text("It waits for a decision.")).to_be_visible()

    sign_in_as(priya)
    page.goto("/")
    page.get_by_role("link", name=f"Decide on the reply about {reference}").click()
    assert_accessible(page)
    page.get_by_label("The grades stay").check()
    page.get_by_label("Why", exact=True).fill("The note came after the period that is graded.")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("heading", name="The grades stay")).to_be_visible()
    assert Outcome.objects.get().reply.is_upheld is False
