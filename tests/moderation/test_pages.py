"""The pages of a panel, from preparing it to the reply, and what they cost."""

from __future__ import annotations

import re
from datetime import date, timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audits.enums import GRADED_SECTIONS, Grade
from audits.models import Audit
from core.dates import add_months
from moderation.enums import PanelStatus, SeatStatus
from moderation.models import Decision, ModerationSettings, Outcome, Panel, Reading, Reply
from moderation.services.panels import close_panel, release_panel, start_meeting
from moderation.services.seats import answer_invitation
from moderation.services.selection import select_for_moderation
from tests.conftest import AssertQueries, ClientFor
from tests.factories.audits import submitted_audit
from tests.factories.moderation import (
    WHY,
    convened_panel,
    decided,
    draft_panel,
    in_meeting,
    met_panel,
    moderator,
    recorded,
    released_panel,
    seat_of,
)

pytestmark = pytest.mark.django_db


def url(name: str, *args: object) -> str:
    return reverse(f"moderation:{name}", args=args)


def decision_form(version: int, **choices: str) -> dict[str, object]:
    """What the chair sends: Good confirmed everywhere but in these."""
    data: dict[str, object] = {"version": version}
    for section in GRADED_SECTIONS:
        data[f"{section}_choice"] = choices.get(section, Grade.GOOD)
        if section in choices:
            data |= {f"{section}_reasons": ["outdated"], f"{section}_note": WHY}
    return data


def test_from_preparing_to_the_reply(
    quentin: User, priya: User, mona: User, felix: User, asha: User, client_for: ClientFor
) -> None:
    audits = [submitted_audit(by=asha), submitted_audit(by=asha)]
    references = [audit.allocation.reference for audit in audits]
    for audit in audits:
        select_for_moderation(audit)
    panel = draft_panel()
    chair = client_for(quentin)
    where = panel.reference

    assert chair.post(url("table_add", where), {"audits": references}).status_code == 302
    chair.post(url("member_add", where), {"person": quentin.pk, "part": "chair", "reason": "Chairs."})
    for who in (mona, felix):
        chair.post(url("member_add", where), {"person": who.pk, "part": "moderator", "reason": "Turn."})
    assert "Mona Moderator, moderator" in " ".join(chair.get(url("panel_convene", where)).text.split())
    chair.post(url("panel_convene", where))
    for who in (quentin, mona, felix):
        client = client_for(who)
        address = url("invitation", where)
        client.get(address)
        assert seat_of(panel, who).status == SeatStatus.INVITED  # opening it answers nothing
        client.post(address, {"accept": "yes", "reason": ""})
        assert seat_of(panel, who).status == SeatStatus.ACCEPTED
    assert chair.post(url("panel_release", where)).status_code == 302

    for reading in Reading.objects.select_related("moderator", "tabling__audit__allocation"):
        client = client_for(reading.moderator)
        data = {f"{section}_grade": Grade.GOOD for section in GRADED_SECTIONS}
        data |= {"version": "0", "form_quality": "clear", "record": "yes", "plans_grade": Grade.INADEQUATE}
        address = url("reading", where, reading.tabling.audit.allocation.reference)
        assert "your grade differs" in client.post(address, data).text
        saved = Reading.objects.get(pk=reading.pk)
        data |= {"version": str(saved.version), "plans_note": WHY}
        data_with_reasons: dict[str, object] = {**data, "plans_reasons": ["outdated"]}
        assert client.post(address, data_with_reasons).status_code == 302
    assert set(Reading.objects.values_list("status", flat=True)) == {"complete"}

    here = [str(pk) for pk in panel.members.values_list("pk", flat=True)]
    chair.post(url("meeting_start", where), {"attended": here})
    screen = chair.get(url("meeting_audit", where, references[0])).text
    assert "two steps down" in screen
    assert WHY in screen
    for reference in references:
        answer = chair.post(
            url("meeting_audit", where, reference), decision_form(0, plans=Grade.REQUIRES_IMPROVEMENT)
        )
        assert answer.status_code == 302
    assert chair.get(url("meeting", where))["Location"] == url("panel_close", where)
    assert chair.post(url("panel_close", where)).status_code == 302
    assert set(Audit.objects.values_list("status", flat=True)) == {"finalised"}

    outcome = Outcome.objects.order_by("pk")[0]
    own = client_for(asha)
    page = own.get(url("outcome_detail", outcome.pk)).text
    assert "One step down" in page
    own.post(url("outcome_acknowledge", outcome.pk))
    own.post(url("outcome_detail", outcome.pk), {"text": "See the note of 9 July."})
    principal = client_for(priya)
    principal.post(url("reply_decide", outcome.pk), {"decision": "stays", "answer": "It came later."})
    assert Reply.objects.get().is_upheld is False
    assert "The grades stay" in own.get(url("outcome_detail", outcome.pk)).text


def test_two_chairs_both_see_both(priya: User, mona: User, felix: User, client_for: ClientFor) -> None:
    panel = met_panel(submitted_audit(), chair=priya, moderators=[mona, felix])
    address = url("meeting_audit", panel.reference, panel.tablings.get().audit.allocation.reference)
    client = client_for(priya)
    client.post(address, decision_form(0, visits=Grade.INADEQUATE))
    late = client.post(address, decision_form(0, visits=Grade.OUTSTANDING))
    assert late.status_code == HTTPStatus.CONFLICT
    assert "Inadequate, two steps down" in late.text  # theirs
    assert re.search(r'name="visits_choice"[^>]*value="outstanding"[^>]*checked', late.text)  # mine
    assert Decision.objects.count() == 1
    assert client.post(address, decision_form(1, visits=Grade.OUTSTANDING)).status_code == 302
    assert Decision.objects.count() == 2


def test_a_change_without_a_reason_keeps_what_was_typed(
    priya: User, mona: User, felix: User, client_for: ClientFor
) -> None:
    panel = met_panel(submitted_audit(), chair=priya, moderators=[mona, felix])
    address = url("meeting_audit", panel.reference, panel.tablings.get().audit.allocation.reference)
    data = {**decision_form(0, visits=Grade.INADEQUATE), "visits_reasons": []}
    answer = client_for(priya).post(address, data)
    assert "a change needs at least one reason" in answer.text
    assert WHY in answer.text
    assert Decision.objects.count() == 0


def test_a_refused_step_says_why(priya: User, mona: User, felix: User, client_for: ClientFor) -> None:
    panel = draft_panel()
    answer = client_for(priya).post(url("panel_convene", panel.reference))
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "It has no chair" in answer.text


def test_the_settings_are_kept(psw_client: Client) -> None:
    page = psw_client.get(reverse("moderation_settings_edit")).text
    assert "Audits that one moderator reads" in page
    numbers = {
        "months_ahead": 3,
        "meets_on_working_day": 5,
        "audits_per_moderator": 4,
        "reserves": 1,
        "days_to_answer": 2,
        "days_before_meeting": 2,
        "moderate_within": 10,
        "outcome_within": 4,
        "days_to_acknowledge": 3,
        "access_days_after_close": 14,
        "is_blind_by_default": "on",
    }
    assert psw_client.post(reverse("moderation_settings_edit"), numbers).status_code == 302
    saved = ModerationSettings.current()
    assert (saved.months_ahead, saved.access_days_after_close, saved.is_blind_by_default) == (3, 14, True)


@pytest.mark.parametrize("count", [1, 3])
def test_what_lists_cost(
    count: int, priya: User, mona: User, felix: User, client_for: ClientFor, assert_queries: AssertQueries
) -> None:
    audits = [submitted_audit() for _ in range(count)]
    panel = released_panel(*audits, chair=priya, moderators=[mona, felix])
    for number in range(1, count + 1):
        draft_panel(add_months(panel.month, number))
    chair, member = client_for(priya), client_for(mona)
    with assert_queries(3):
        chair.get(url("panel_list"))
    with assert_queries(3):
        member.get(url("panel_list"))
    with assert_queries(5):
        chair.get(url("panel_table", panel.reference))
    with assert_queries(4):
        member.get(url("panel_table", panel.reference))
    with assert_queries(6):
        chair.get(url("panel_readings", panel.reference))


@pytest.mark.parametrize("count", [1, 3])
def test_what_outcomes_and_the_meeting_cost(
    count: int, priya: User, mona: User, felix: User, client_for: ClientFor, assert_queries: AssertQueries
) -> None:
    audits = [submitted_audit() for _ in range(count)]
    panel = released_panel(*audits, chair=priya, moderators=[mona, felix])
    for reading in Reading.objects.select_related("moderator", "tabling__panel"):
        recorded(reading, plans=Grade.INADEQUATE)
    in_meeting(panel, by=priya)
    chair = client_for(priya)
    with assert_queries(11):
        chair.get(url("meeting_audit", panel.reference, audits[0].allocation.reference))
    for tabling in panel.tablings.all():
        decided(tabling, by=priya, plans=Grade.INADEQUATE)
    close_panel(panel, by=priya)
    with assert_queries(3):
        chair.get(url("outcome_list"))
    with assert_queries(5):
        chair.get(url("panel_outcomes", panel.reference))
    with assert_queries(6):
        chair.get(url("outcome_detail", Outcome.objects.order_by("pk")[0].pk))


def test_empty_pages_say_what_comes_next(asha: User, priya: User, client_for: ClientFor) -> None:
    assert "You are not asked to a panel" in client_for(asha).get(url("panel_list")).text
    assert "No panel is planned" in client_for(priya).get(url("panel_list")).text
    panel = draft_panel(date(2027, 1, 1))
    assert "Nobody is on this panel yet" in client_for(priya).get(url("panel_detail", panel.reference)).text
    assert panel.status == PanelStatus.DRAFT
    assert Panel.objects.count() == 1


OF_A_CHAIR = {
    "panel_detail": 7,
    "panel_edit": 2,
    "member_add": 3,
    "member_remove": 3,
    "panel_release": 7,
    "meeting_start": 3,
    "table_add": 6,
    "invitation": 3,
    "attendance": 2,
}
OF_A_MODERATOR = {"panel_detail": 4, "invitation": 3, "reading": 9}
OF_A_MEETING = {"meeting": 4, "meeting_start": 3, "panel_close": 4}


def address_of(name: str, panel: Panel, user: User) -> str:
    if name == "attendance":
        return url(name)
    if name == "member_remove":
        return url(name, panel.reference, seat_of(panel, user).pk)
    if name == "reading":
        reading = Reading.objects.filter(moderator=user).order_by("pk")[0]
        return url(name, panel.reference, reading.tabling.audit.allocation.reference)
    return url(name, panel.reference)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", OF_A_CHAIR)
def test_what_a_chairs_page_costs(
    name: str,
    count: int,
    *,
    quentin: User,
    priya: User,
    mona: User,
    felix: User,
    client_for: ClientFor,
    assert_queries: AssertQueries,
) -> None:
    audits = [submitted_audit() for _ in range(count)]
    others = [moderator(f"Moderator {number}", "Permanence") for number in range(count)]
    panel = convened_panel(*audits, chair=priya, moderators=[mona, felix, *others])
    for member in panel.members.select_related("person"):
        answer_invitation(member, accept=True, by=member.person)
    if name == "meeting_start":
        release_panel(panel, by=priya)
    for number in range(1, count + 1):
        met = met_panel(
            submitted_audit(), chair=quentin, moderators=[mona, felix], month=date(2025, number, 1)
        )
        close_panel(met, by=quentin)
    address, client = address_of(name, panel, priya), client_for(priya)
    with assert_queries(OF_A_CHAIR[name]):
        assert client.get(address).status_code == HTTPStatus.OK


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", OF_A_MODERATOR)
def test_what_a_moderators_page_costs(
    name: str,
    count: int,
    *,
    priya: User,
    mona: User,
    felix: User,
    client_for: ClientFor,
    assert_queries: AssertQueries,
) -> None:
    audits = [submitted_audit() for _ in range(2 * count)]
    panel = released_panel(*audits, chair=priya, moderators=[mona, felix], blind=True)
    assert Reading.objects.filter(moderator=mona).count() == count
    address, client = address_of(name, panel, mona), client_for(mona)
    with assert_queries(OF_A_MODERATOR[name]):
        assert client.get(address).status_code == HTTPStatus.OK


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", OF_A_MEETING)
def test_what_a_page_of_the_meeting_costs(
    name: str,
    count: int,
    *,
    priya: User,
    mona: User,
    felix: User,
    client_for: ClientFor,
    assert_queries: AssertQueries,
) -> None:
    audits = [submitted_audit() for _ in range(count)]
    panel = met_panel(*audits, chair=priya, moderators=[mona, felix])
    if name == "panel_close":
        for tabling in panel.tablings.all():
            decided(tabling, by=priya, plans=Grade.INADEQUATE)
    client = client_for(priya)
    with assert_queries(OF_A_MEETING[name]):
        assert client.get(address_of(name, panel, priya)).status_code in {HTTPStatus.OK, HTTPStatus.FOUND}


OVERRIDE = "The gap fell in the week of the flood."


def above_its_ceiling(by: User) -> Audit:
    """Submitted with Visits graded Good, above Requires improvement, and why."""
    audit = submitted_audit(by=by)
    audit.sections.filter(section="visits").update(
        ceiling=Grade.REQUIRES_IMPROVEMENT,
        ceiling_reason="there is a gap in statutory visits that nobody explained",
        override_reason=OVERRIDE,
    )
    return audit


@pytest.mark.parametrize("blind", [False, True])
def test_a_grade_above_its_ceiling_is_read_with_its_reason_except_blind(
    blind: bool,  # noqa: FBT001 - a parameter of the test
    *,
    asha: User,
    priya: User,
    mona: User,
    felix: User,
    client_for: ClientFor,
) -> None:
    audit = above_its_ceiling(asha)
    panel = released_panel(audit, chair=priya, moderators=[mona, felix], blind=blind)
    reader = Reading.objects.get(tabling__panel=panel).moderator
    page = client_for(reader).get(url("reading", panel.reference, audit.allocation.reference)).text
    assert (OVERRIDE in page) is not blind
    in_meeting(panel, by=priya)
    page = client_for(priya).get(url("meeting_audit", panel.reference, audit.allocation.reference)).text
    assert page.count("The auditor graded above that:") == 1
    assert OVERRIDE in page


def test_a_panel_whose_day_has_passed_is_overdue(priya: User, client_for: ClientFor) -> None:
    late, coming = draft_panel(date(2026, 1, 1)), draft_panel(date(2026, 2, 1))
    Panel.objects.filter(pk=late.pk).update(meets_on=timezone.localdate() - timedelta(days=1))
    page = client_for(priya).get(url("panel_list")).text
    missed, to_come = page.split("To come")
    assert "its day has passed" in missed
    assert (late.reference in missed, late.reference in to_come) == (True, False)
    assert (coming.reference in missed, coming.reference in to_come) == (False, True)
    assert "Overdue" in missed
    assert "Overdue" not in to_come


def test_attendance_of_a_year(
    priya: User, mona: User, felix: User, rosa: User, client_for: ClientFor
) -> None:
    panel = released_panel(submitted_audit(), chair=priya, moderators=[mona, felix, rosa])
    start_meeting(panel, attended={seat_of(panel, who).pk for who in (priya, mona, felix)}, by=priya)
    close_panel(panel, by=priya)
    page = " ".join(client_for(priya).get(url("attendance")).text.split())
    assert "3 of 4" in page
    assert "1 of 4" in page
    assert (
        "No panel of this year is closed" in client_for(priya).get(f"{url('attendance')}?year=2024-25").text
    )
