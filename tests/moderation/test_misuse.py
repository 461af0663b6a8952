"""What is sent out of turn: nonsense, old pages, the back button, twice, and conflicts that come up later."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audits.enums import GRADED_SECTIONS, Grade
from audits.models import Audit
from moderation.enums import PanelStatus, ReadingStatus, SeatStatus
from moderation.models import Conflict, Decision, Outcome, Panel, Reading, Tabling
from moderation.services.panels import close_panel
from moderation.services.tablings import note_conflicts, recheck_readings
from tests.conftest import ClientFor
from tests.factories.accounts import auditor
from tests.factories.audits import submitted_audit
from tests.factories.moderation import (
    WHY,
    convened_panel,
    decided,
    in_meeting,
    met_panel,
    recorded,
    released_panel,
    seat_of,
)

pytestmark = pytest.mark.django_db


def url(name: str, *args: object) -> str:
    return reverse(f"moderation:{name}", args=args)


@pytest.fixture
def olly(db: None) -> User:
    """Olly, whose audit is moderated."""
    return auditor("Olly Auditor")


@pytest.fixture
def audit(olly: User) -> Audit:
    return submitted_audit(by=olly)


@pytest.fixture
def panel(audit: Audit, priya: User, mona: User, felix: User) -> Panel:
    return met_panel(audit, chair=priya, moderators=[mona, felix])


@pytest.fixture
def tabling(panel: Panel) -> Tabling:
    return panel.tablings.get()


@pytest.fixture
def chair(priya: User, client_for: ClientFor) -> Client:
    return client_for(priya)


def manages(who: User, audit: Audit) -> None:
    """A conflict that comes up now."""
    User.objects.filter(pk=audit.allocation.auditor_id).update(line_manager=who)


NONSENSE: dict[str, dict[str, object]] = {
    "nothing": {},
    "no version": {"visits_choice": "good"},
    "a version in words": {"version": "seven"},
    "a version below nought": {"version": "-1"},
    "a huge version": {"version": "9" * 40},
    "grades there are none of": {"version": "0", **{f"{s}_choice": "splendid" for s in GRADED_SECTIONS}},
    "reasons there are none of": {
        "version": "0",
        **{f"{s}_choice": "good" for s in GRADED_SECTIONS},
        "plans_choice": "inadequate",
        "plans_reasons": ["because"],
        "plans_note": WHY,
    },
    "zero bytes": {"version": "0", "plans_note": "\0", "visits_choice": "\0"},
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_decides_nothing(kind: str, tabling: Tabling, chair: Client) -> None:
    panel, reference = tabling.panel.reference, tabling.audit.allocation.reference
    answer = chair.post(url("meeting_audit", panel, reference), NONSENSE[kind])
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    chair.post(url("decision_take_back", panel, reference), NONSENSE[kind])
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_records_nothing(
    kind: str, audit: Audit, priya: User, mona: User, felix: User, client_for: ClientFor
) -> None:
    panel = released_panel(audit, chair=priya, moderators=[mona, felix])
    reading = Reading.objects.select_related("moderator").get()
    sent = {name.replace("_choice", "_grade"): value for name, value in NONSENSE[kind].items()}
    address = url("reading", panel.reference, audit.allocation.reference)
    answer = client_for(reading.moderator).post(address, {**sent, "record": "yes"})
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    reading.refresh_from_db()
    assert reading.status == ReadingStatus.TO_DO


def test_an_invitation_is_answered_by_one_of_its_buttons_alone(
    audit: Audit, priya: User, mona: User, felix: User, client_for: ClientFor
) -> None:
    panel = convened_panel(audit, chair=priya, moderators=[mona, felix])
    answer = client_for(mona).post(url("invitation", panel.reference), {"reason": "On leave."})
    assert "Press one of the two buttons." in answer.text
    assert seat_of(panel, mona).status == SeatStatus.INVITED
    client_for(mona).post(url("invitation", panel.reference), {"decline": "yes", "reason": "On leave."})
    assert seat_of(panel, mona).status == SeatStatus.DECLINED


def test_the_page_before_the_decision_sent_again_changes_nothing(tabling: Tabling, chair: Client) -> None:
    """The back button, and Decide once more: the same is once, something else is shown beside what holds."""
    address = url("meeting_audit", tabling.panel.reference, tabling.audit.allocation.reference)
    form = {"version": "0", **{f"{section}_choice": Grade.GOOD for section in GRADED_SECTIONS}}
    assert chair.post(address, form).status_code == HTTPStatus.FOUND
    assert chair.post(address, form).status_code == HTTPStatus.FOUND
    other = {**form, "plans_choice": "inadequate", "plans_reasons": ["outdated"], "plans_note": WHY}
    assert chair.post(address, other).status_code == HTTPStatus.CONFLICT
    assert Decision.objects.count() == 1


def test_closing_twice_tells_once_and_nothing_is_undone_after(
    tabling: Tabling, priya: User, chair: Client
) -> None:
    panel, reference = tabling.panel, tabling.audit.allocation.reference
    decided(tabling, by=priya, plans=Grade.INADEQUATE)
    for _ in range(2):
        assert chair.post(url("panel_close", panel.reference)).status_code == HTTPStatus.FOUND
    assert Outcome.objects.count() == 1
    chair.post(url("decision_take_back", panel.reference, reference), {"version": "1"})
    form = {"version": "1", **{f"{section}_choice": Grade.GOOD for section in GRADED_SECTIONS}}
    chair.post(url("meeting_audit", panel.reference, reference), form)
    assert Decision.objects.count() == 1
    tabling.audit.refresh_from_db()
    assert tabling.audit.sections.get(section="plans").final_grade == Grade.INADEQUATE


def test_the_twin_before_the_close_it_is_undone(tabling: Tabling, priya: User, chair: Client) -> None:
    decided(tabling, by=priya, plans=Grade.INADEQUATE)
    address = url("decision_take_back", tabling.panel.reference, tabling.audit.allocation.reference)
    chair.post(address, {"version": "1"})
    tabling.refresh_from_db()
    assert tabling.decision is None


@pytest.mark.parametrize("is_blind", [False, True])
def test_a_conflict_that_comes_up_once_the_papers_are_out_takes_the_reading_away(
    audit: Audit, priya: User, mona: User, felix: User, client_for: ClientFor, *, is_blind: bool
) -> None:
    panel = released_panel(audit, chair=priya, moderators=[mona, felix], blind=is_blind)
    reading = Reading.objects.select_related("moderator").get()
    reader, other = reading.moderator, felix if reading.moderator == mona else mona
    manages(reader, audit)
    recheck_readings(at=timezone.now())
    assert list(Reading.objects.standing().values_list("moderator", flat=True)) == [other.pk]
    address = url("reading", panel.reference, audit.allocation.reference)
    assert client_for(reader).get(address).status_code == HTTPStatus.NOT_FOUND
    assert client_for(other).get(address).status_code == HTTPStatus.OK


def test_a_conflict_noted_after_a_blind_reading_leaves_its_reasons_unasked(
    audit: Audit, priya: User, mona: User, felix: User, client_for: ClientFor
) -> None:
    """It was recorded in good faith and stays; the meeting does not go by it."""
    panel = released_panel(audit, chair=priya, moderators=[mona, felix], blind=True)
    reading = recorded(
        Reading.objects.select_related("moderator", "tabling__panel").get(), plans=Grade.INADEQUATE
    )
    assert reading.status == ReadingStatus.RECORDED
    manages(reading.moderator, audit)
    recheck_readings(at=timezone.now())
    address = url("reading", panel.reference, audit.allocation.reference)
    sent = {"version": "1", "plans_reasons": ["outdated"], "plans_note": WHY}
    client = client_for(reading.moderator)
    assert client.post(address, sent).status_code == HTTPStatus.NOT_FOUND
    assert "Say why your grades differ" not in client.get("/").text
    in_meeting(panel, by=priya)
    screen = client_for(priya).get(url("meeting_audit", panel.reference, audit.allocation.reference)).text
    assert f"{reading.moderator.name}:" not in screen
    assert "Nobody recorded a reading." in screen


def test_a_conflict_of_somebody_else_leaves_a_reading_alone(
    audit: Audit, priya: User, mona: User, felix: User
) -> None:
    released_panel(audit, chair=priya, moderators=[mona, felix])
    reading = Reading.objects.select_related("moderator").get()
    manages(felix if reading.moderator == mona else mona, audit)
    recheck_readings(at=timezone.now())
    assert Conflict.objects.count() == 1
    assert list(Reading.objects.owed()) == [reading]


def test_a_meeting_starts_although_a_reader_is_in_conflict_by_now(
    audit: Audit, priya: User, mona: User, felix: User
) -> None:
    panel = released_panel(audit, chair=priya, moderators=[mona, felix])
    reader = Reading.objects.select_related("moderator").get().moderator
    manages(reader, audit)
    assert in_meeting(panel, by=priya).status == PanelStatus.MEETING
    assert set(Reading.objects.values_list("status", flat=True)) == {ReadingStatus.WITHDRAWN}


def test_a_chair_in_conflict_since_the_papers_went_out_decides_no_longer(
    audit: Audit, priya: User, quentin: User, mona: User, felix: User, client_for: ClientFor
) -> None:
    panel = released_panel(audit, chair=priya, moderators=[mona, felix])
    manages(priya, audit)
    in_meeting(panel, by=priya)
    address = url("meeting_audit", panel.reference, audit.allocation.reference)
    form = {"version": "0", **{f"{section}_choice": Grade.GOOD for section in GRADED_SECTIONS}}
    assert client_for(priya).post(address, form).status_code == HTTPStatus.NOT_FOUND
    assert client_for(quentin).post(address, form).status_code == HTTPStatus.FOUND
    close_panel(panel, by=priya)
    assert Decision.objects.get().by == quentin


def test_the_twin_nothing_came_up_and_the_chair_decides(tabling: Tabling, chair: Client) -> None:
    note_conflicts(tabling.panel, on=timezone.localdate())
    address = url("meeting_audit", tabling.panel.reference, tabling.audit.allocation.reference)
    form = {"version": "0", **{f"{section}_choice": Grade.GOOD for section in GRADED_SECTIONS}}
    assert chair.post(address, form).status_code == HTTPStatus.FOUND
    assert Decision.objects.count() == 1
