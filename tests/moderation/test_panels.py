"""A panel from the month it is made ahead to the day it closes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audits.enums import AuditStatus, Grade
from audits.models import Audit, AuditSection
from core.dates import add_working_days, london_date
from core.errors import RuleViolation
from moderation.enums import PanelStatus, ReadingStatus, SeatPart, SeatStatus, TablingStatus
from moderation.models import ModerationSettings, Outcome, Panel, PanelMember, PanelMove, Reading, SeatMove
from moderation.moves import PANEL_MOVES, PANEL_REFUSALS, SEAT_MOVES, check_panel_move, check_seat_move
from moderation.selectors import attendance_by_panel, sum_of_attendance
from moderation.services.decisions import RETURN
from moderation.services.panels import (
    close_panel,
    convene_panel,
    make_panels_ahead,
    plan_panel,
    release_panel,
    start_meeting,
)
from moderation.services.seats import add_member, answer_invitation, propose_members, remove_member
from moderation.services.tablings import table_audits, take_off_table
from moderation.tasks import sweep_panels
from notifications.models import Message
from tests.factories.audits import ExemptionFactory, started_audit, submitted_audit
from tests.factories.moderation import (
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

ONE_SERVICE = "All its moderators are from one service."


def mails(kind: str) -> list[str]:
    """Who is told of that, by name."""
    rows = Message.objects.filter(kind=f"moderation.{kind}")
    return sorted(rows.values_list("recipient__name", flat=True))


def test_panels_are_made_ahead_once_and_meet_on_the_working_day_of_the_settings() -> None:
    at = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert make_panels_ahead(at=at) == 7
    assert make_panels_ahead(at=at) == 0
    assert sweep_panels(at.isoformat()) == {"made": 0}
    assert list(Panel.objects.order_by("month").values_list("reference", "meets_on"))[:3] == [
        ("PANEL-2026-11", date(2026, 11, 13)),
        ("PANEL-2026-12", date(2026, 12, 14)),
        ("PANEL-2027-01", date(2027, 1, 15)),  # 1 January is a bank holiday
    ]


def test_the_settings_say_how_many_on_which_day_and_whether_blind() -> None:
    ModerationSettings.objects.create(pk=1, months_ahead=1, meets_on_working_day=1, is_blind_by_default=True)
    assert make_panels_ahead(at=datetime(2026, 11, 25, 9, tzinfo=UTC)) == 2
    assert list(Panel.objects.order_by("month").values_list("meets_on", "is_blind")) == [
        (date(2026, 11, 2), True),
        (date(2026, 12, 1), True),
    ]


@pytest.mark.parametrize("from_status", PanelStatus)
@pytest.mark.parametrize("to_status", PanelStatus)
def test_only_the_next_status_follows(from_status: str, to_status: str) -> None:
    if PANEL_MOVES[from_status] == to_status:
        check_panel_move(from_status, to_status)
    else:
        with pytest.raises(RuleViolation) as refusal:
            check_panel_move(from_status, to_status)
        assert refusal.value.sentence == PANEL_REFUSALS[from_status]


@pytest.mark.parametrize("from_status", SeatStatus)
@pytest.mark.parametrize("to_status", SeatStatus)
def test_the_moves_of_a_seat(from_status: str, to_status: str) -> None:
    if to_status in SEAT_MOVES[from_status]:
        check_seat_move(from_status, to_status)
    else:
        with pytest.raises(RuleViolation):
            check_seat_move(from_status, to_status)


def test_the_rotation_proposes_who_sat_least_and_leaves_what_was_chosen_by_hand(
    priya: User, mona: User, felix: User, rosa: User
) -> None:
    ModerationSettings.objects.create(pk=1, reserves=1)
    panel = draft_panel()
    table_audits(panel, audits=[submitted_audit()], by=priya)
    assert propose_members(panel, by=priya) == []
    seats = panel.members.filter(status=SeatStatus.PROPOSED)
    assert seats.get(part=SeatPart.CHAIR).person == priya
    assert {seat.part for seat in seats} == {"chair", "moderator", "reserve"}
    sitting = list(seats.filter(part=SeatPart.MODERATOR))
    assert len(sitting) == 2
    assert all("Has not sat on a panel yet." in seat.because for seat in seats)
    remove_member(sitting[0], reason="On leave that week.", by=priya)
    propose_members(panel, by=priya)
    sitting[0].refresh_from_db()
    assert sitting[0].status == SeatStatus.REMOVED
    assert panel.members.filter(status=SeatStatus.PROPOSED, part=SeatPart.MODERATOR).count() == 2


def test_who_is_exempt_on_the_day_is_not_proposed(priya: User, mona: User, felix: User) -> None:
    panel = draft_panel()
    ExemptionFactory(
        auditor=mona,
        status="approved",
        decided_by=priya,
        decided_at=timezone.now(),
        starts_on=panel.meets_on,
        ends_on=panel.meets_on,
    )
    propose_members(panel, by=priya)
    assert not panel.members.filter(person=mona).exists()
    with pytest.raises(RuleViolation, match="may not sit"):
        add_member(panel, person=mona, part=SeatPart.MODERATOR, reason="Anyway.", by=priya)


def test_a_panel_of_one_service_is_not_convened(priya: User, felix: User, rosa: User) -> None:
    panel = draft_panel()
    for who, part in ((priya, SeatPart.CHAIR), (felix, SeatPart.MODERATOR), (rosa, SeatPart.MODERATOR)):
        add_member(panel, person=who, part=part, reason="By hand.", by=priya)
    with pytest.raises(RuleViolation, match=ONE_SERVICE):
        convene_panel(panel, by=priya)
    assert panel.moves.count() == 0
    assert mails("invitation") == []


@pytest.mark.parametrize(
    ("parts", "gap"),
    [
        (["chair"], "It has fewer than two moderators."),
        (["moderator"], "It has no chair."),
    ],
)
def test_what_a_panel_lacks_is_said(priya: User, mona: User, parts: list[str], gap: str) -> None:
    panel = draft_panel()
    for part in parts:
        who = priya if part == "chair" else mona
        add_member(panel, person=who, part=SeatPart(part), reason="By hand.", by=priya)
    with pytest.raises(RuleViolation, match=gap):
        convene_panel(panel, by=priya)


def test_somebody_must_know_each_pathway_on_the_table(priya: User) -> None:
    panel = draft_panel()
    table_audits(panel, audits=[submitted_audit(allocation={"child__pathway": "leaving_care"})], by=priya)
    add_member(panel, person=priya, part=SeatPart.CHAIR, reason="By hand.", by=priya)
    for name, service in (("Ann Other", "North service"), ("Ben Other", "South service")):
        who = moderator(name, service, pathways=("cin",))
        add_member(panel, person=who, part=SeatPart.MODERATOR, reason="By hand.", by=priya)
    with pytest.raises(RuleViolation, match="No moderator knows Leaving care."):
        convene_panel(panel, by=priya)


def test_convening_invites_the_members_and_not_the_reserves(
    priya: User, mona: User, felix: User, rosa: User
) -> None:
    panel = convened_panel(submitted_audit(), chair=priya, moderators=[mona, felix], reserves=[rosa])
    assert convene_panel(panel, by=priya).status == PanelStatus.CONVENED
    assert mails("invitation") == ["Felix Fairfax", "Mona Moderator", "Priya Principal"]
    assert seat_of(panel, rosa).status == SeatStatus.PROPOSED
    event = Message.objects.get(kind="moderation.invitation", recipient=mona).context["event"]
    assert event["on"] == f"{panel.meets_on:%Y-%m-%d}"
    assert list(panel.moves.values_list("from_status", "to_status", "by__name")) == [
        ("draft", "convened", "Priya Principal")
    ]


def test_a_decline_calls_the_next_reserve_at_once(priya: User, mona: User, felix: User, rosa: User) -> None:
    panel = convened_panel(submitted_audit(), chair=priya, moderators=[mona, felix], reserves=[rosa])
    answer_invitation(seat_of(panel, felix), accept=False, by=felix, reason="On leave.")
    answer_invitation(seat_of(panel, felix), accept=False, by=felix)
    seat = seat_of(panel, rosa)
    assert (seat.part, seat.status) == (SeatPart.MODERATOR, SeatStatus.INVITED)
    assert seat.moves.last().reason == "Called because Felix Fairfax declined."
    assert mails("invitation") == ["Felix Fairfax", "Mona Moderator", "Priya Principal", "Rosa Reserve"]


def test_only_the_invited_answer_and_only_their_own(priya: User, mona: User, felix: User, rosa: User) -> None:
    panel = convened_panel(submitted_audit(), chair=priya, moderators=[mona, felix], reserves=[rosa])
    for seat, by in ((seat_of(panel, mona), felix), (seat_of(panel, rosa), rosa)):
        with pytest.raises(RuleViolation, match="Only the person who was invited"):
            answer_invitation(seat, accept=True, by=by)


def test_papers_wait_for_a_panel_that_has_accepted(priya: User, mona: User, felix: User) -> None:
    panel = convened_panel(submitted_audit(), chair=priya, moderators=[mona, felix])
    with pytest.raises(RuleViolation, match="Of those who accepted: It has no chair"):
        release_panel(panel, by=priya)
    for who in (priya, mona, felix):
        answer_invitation(seat_of(panel, who), accept=True, by=who)
    assert release_panel(panel, by=priya).status == PanelStatus.RELEASED
    assert mails("papers_out") == ["Felix Fairfax", "Mona Moderator", "Priya Principal"]


def test_papers_are_shared_out_evenly_and_never_to_somebody_in_conflict(
    priya: User, mona: User, felix: User
) -> None:
    audits = [submitted_audit(by=mona), submitted_audit(), submitted_audit(), submitted_audit()]
    panel = released_panel(*audits, chair=priya, moderators=[mona, felix])
    readers = dict(Reading.objects.values_list("tabling__audit", "moderator"))
    assert readers[audits[0].pk] == felix.pk
    assert sorted(list(readers.values()).count(who.pk) for who in (mona, felix)) == [2, 2]
    assert Message.objects.get(kind="moderation.papers_out", recipient=mona).context["count"] == 2
    assert panel.released_at is not None


def test_nothing_on_the_table_is_nothing_to_release(priya: User, mona: User, felix: User) -> None:
    with pytest.raises(RuleViolation, match="Nothing is on the table"):
        released_panel(chair=priya, moderators=[mona, felix])


def test_blind_is_frozen_at_release(priya: User, mona: User, felix: User) -> None:
    panel = released_panel(submitted_audit(), chair=priya, moderators=[mona, felix], blind=True)
    plan = {"meets_on": panel.meets_on, "meets_at": None, "place": "Room 2", "by": priya}
    with pytest.raises(RuleViolation, match="The papers are out"):
        plan_panel(panel, is_blind=False, **plan)
    assert plan_panel(panel, is_blind=True, **plan).place == "Room 2"
    assert mails("panel_moved") == []


def test_another_day_is_told_to_whoever_is_coming(priya: User, mona: User, felix: User) -> None:
    panel = convened_panel(submitted_audit(), chair=priya, moderators=[mona, felix])
    plan_panel(
        panel,
        meets_on=panel.meets_on + timedelta(days=1),
        meets_at=None,
        place="https://meet.example/1",
        is_blind=False,
        by=priya,
    )
    assert mails("panel_moved") == ["Felix Fairfax", "Mona Moderator", "Priya Principal"]
    message = Message.objects.filter(kind="moderation.panel_moved").first()
    assert message is not None
    assert "meet.example" not in str(message.context)


def test_somebody_taken_off_loses_their_readings_and_a_reserve_is_called(
    priya: User, mona: User, felix: User, rosa: User
) -> None:
    panel = released_panel(
        submitted_audit(), submitted_audit(), chair=priya, moderators=[mona, felix], reserves=[rosa]
    )
    remove_member(seat_of(panel, felix), reason="Moved to another council.", by=priya)
    assert mails("member_removed") == ["Felix Fairfax"]
    assert Reading.objects.standing().filter(moderator=felix).count() == 0
    assert Reading.objects.standing().filter(moderator=mona).count() == 2
    answer_invitation(seat_of(panel, rosa), accept=True, by=rosa)
    readers = sorted(Reading.objects.standing().values_list("moderator__name", flat=True))
    assert set(readers) <= {"Mona Moderator", "Rosa Reserve"}


def test_what_is_recorded_stays_when_its_reader_leaves(priya: User, mona: User, felix: User) -> None:
    panel = released_panel(submitted_audit(), chair=priya, moderators=[mona, felix])
    reading = Reading.objects.select_related("moderator", "tabling__panel").get()
    recorded(reading)
    remove_member(seat_of(panel, reading.moderator), reason="On leave.", by=priya)
    assert Reading.objects.get(pk=reading.pk).status == ReadingStatus.COMPLETE


def test_an_audit_is_on_one_table(priya: User) -> None:
    audit = submitted_audit()
    first, second = draft_panel(date(2026, 11, 1)), draft_panel(date(2026, 12, 1))
    table_audits(first, audits=[audit], by=priya)
    table_audits(first, audits=[audit], by=priya)
    assert first.tablings.count() == 1
    with pytest.raises(RuleViolation, match="on the table of the Panel of November 2026"):
        table_audits(second, audits=[audit], by=priya)
    take_off_table(first.tablings.get(), by=priya)
    assert len(table_audits(second, audits=[audit], by=priya)) == 1


def test_a_draft_is_not_tabled(priya: User) -> None:
    with pytest.raises(RuleViolation, match="is not waiting for a panel: in progress"):
        table_audits(draft_panel(), audits=[started_audit()], by=priya)


def test_a_meeting_needs_a_panel_in_the_room(priya: User, mona: User, felix: User) -> None:
    panel = released_panel(submitted_audit(), chair=priya, moderators=[mona, felix])
    with pytest.raises(RuleViolation, match="fewer than two moderators"):
        start_meeting(panel, attended={seat_of(panel, priya).pk, seat_of(panel, mona).pk}, by=priya)
    assert set(PanelMember.objects.values_list("attended", flat=True)) == {None}


def test_starting_records_attendance_and_lapses_what_was_not_read(
    priya: User, mona: User, felix: User, rosa: User
) -> None:
    panel = released_panel(submitted_audit(), submitted_audit(), chair=priya, moderators=[mona, felix, rosa])
    done = Reading.objects.select_related("moderator", "tabling__panel").order_by("pk")[0]
    recorded(done)
    here = {seat_of(panel, who).pk for who in (priya, mona, felix)}
    start_meeting(panel, attended=here, by=priya)
    assert dict(panel.members.values_list("person__name", "attended")) == {
        "Priya Principal": True,
        "Mona Moderator": True,
        "Felix Fairfax": True,
        "Rosa Reserve": False,
    }
    assert set(Reading.objects.values_list("status", flat=True)) == {"complete", "missed"}
    days = (panel.month, panel.month)
    assert attendance_by_panel(*days) == []  # until it is closed
    close_panel(panel, by=priya)
    (line,) = attendance_by_panel(*days)
    assert (line.invited, line.accepted, line.declined, line.attended, line.dropped_out) == (4, 4, 0, 3, 1)
    assert (str(line.came), str(line.did_not_come)) == ("3 of 4", "1 of 4")
    assert sum_of_attendance([line, line]).invited == 8


def test_closing_makes_final_returns_and_carries_over(priya: User, mona: User, felix: User) -> None:
    confirmed, returned, left = submitted_audit(), submitted_audit(), submitted_audit()
    panel = met_panel(confirmed, returned, left, chair=priya, moderators=[mona, felix])
    by_audit = {tabling.audit_id: tabling for tabling in panel.tablings.all()}
    decided(by_audit[confirmed.pk], by=priya, plans=Grade.INADEQUATE, overall=Grade.REQUIRES_IMPROVEMENT)
    decided(by_audit[returned.pk], by=priya, visits=RETURN)
    closed = close_panel(panel, by=priya)
    assert close_panel(panel, by=priya).closed_at == closed.closed_at
    assert dict(panel.tablings.values_list("audit", "status")) == {
        confirmed.pk: TablingStatus.DECIDED,
        returned.pk: TablingStatus.RETURNED,
        left.pk: TablingStatus.CARRIED_OVER,
    }
    assert dict(Audit.objects.values_list("pk", "status")) == {
        confirmed.pk: AuditStatus.FINALISED,
        returned.pk: AuditStatus.RETURNED,
        left.pk: AuditStatus.SUBMITTED,
    }
    grades = AuditSection.objects.filter(audit=confirmed, section__in=("visits", "plans", "overall"))
    assert list(grades.order_by("section").values_list("section", "grade", "final_grade")) == [
        ("overall", "good", "requires_improvement"),
        ("plans", "good", "inadequate"),
        ("visits", "good", "good"),
    ]
    came_back = Outcome.objects.get(decision__tabling__audit=returned)
    assert came_back.is_return
    outcome = Outcome.objects.get(decision__tabling__audit=confirmed)
    assert not outcome.is_return
    assert outcome.auditor == confirmed.allocation.auditor
    assert outcome.due_on == add_working_days(london_date(closed.closed_at), 5)
    assert mails("outcome_written") == ["Asha Auditor"]
    reason = returned.moves.last().reason
    assert reason.startswith("Visits: ")


def test_what_is_carried_over_goes_to_another_table(priya: User, mona: User, felix: User) -> None:
    audit = submitted_audit()
    panel = met_panel(audit, chair=priya, moderators=[mona, felix])
    close_panel(panel, by=priya)
    following = draft_panel(date(2027, 3, 1))
    assert len(table_audits(following, audits=[audit], by=priya)) == 1


def test_a_closed_panel_changes_no_more(priya: User, mona: User, felix: User) -> None:
    panel = met_panel(submitted_audit(), chair=priya, moderators=[mona, felix])
    close_panel(panel, by=priya)
    for act in (
        lambda: convene_panel(panel, by=priya),
        lambda: start_meeting(panel, attended=set(), by=priya),
        lambda: propose_members(panel, by=priya),
        lambda: table_audits(panel, audits=[], by=priya),
        lambda: remove_member(seat_of(panel, mona), reason="Late.", by=priya),
    ):
        with pytest.raises(RuleViolation, match="This panel is closed"):
            act()


def test_nobody_but_qa_lead_and_psw_runs_a_panel(priya: User, mona: User, felix: User, asha: User) -> None:
    panel = released_panel(submitted_audit(), chair=priya, moderators=[mona, felix])
    seat = seat_of(panel, felix)
    for act in (
        lambda: table_audits(panel, audits=[], by=mona),
        lambda: remove_member(seat, reason="No.", by=mona),
        lambda: add_member(panel, person=asha, part=SeatPart.MODERATOR, reason="No.", by=mona),
        lambda: start_meeting(panel, attended=set(), by=mona),
        lambda: close_panel(panel, by=mona),
    ):
        with pytest.raises(RuleViolation, match="Only the QA lead"):
            act()


def test_chairs_chair_and_moderators_moderate(priya: User, quentin: User, mona: User) -> None:
    panel = draft_panel()
    for who, part in ((quentin, SeatPart.MODERATOR), (mona, SeatPart.CHAIR)):
        with pytest.raises(RuleViolation, match="Nobody else chairs"):
            add_member(panel, person=who, part=part, reason="By hand.", by=priya)
    add_member(panel, person=priya, part=SeatPart.CHAIR, reason="By hand.", by=priya)
    with pytest.raises(RuleViolation, match="This panel has a chair"):
        add_member(panel, person=quentin, part=SeatPart.CHAIR, reason="By hand.", by=priya)
    second = PanelMember(panel=panel, person=quentin, part=SeatPart.CHAIR)
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


def test_history_says_who_did_what(priya: User, mona: User, felix: User) -> None:
    panel = in_meeting(released_panel(submitted_audit(), chair=priya, moderators=[mona, felix]), by=priya)
    close_panel(panel, by=priya)
    assert list(PanelMove.objects.values_list("to_status", flat=True)) == [
        "convened",
        "released",
        "meeting",
        "closed",
    ]
    assert list(SeatMove.objects.filter(member__person=mona).values_list("to_status", "by__name")) == [
        ("proposed", "Priya Principal"),
        ("invited", "Priya Principal"),
        ("accepted", "Mona Moderator"),
    ]


def test_a_void_audit_leaves_the_table_when_the_panel_closes(
    priya: User, quentin: User, mona: User, felix: User
) -> None:
    audit = submitted_audit()
    panel = met_panel(audit, chair=priya, moderators=[mona, felix])
    decided(panel.tablings.get(), by=priya)
    Audit.objects.filter(pk=audit.pk).update(status=AuditStatus.VOID)
    close_panel(panel, by=priya)
    assert panel.tablings.get().status == TablingStatus.TAKEN_OFF
    assert Outcome.objects.count() == 0


def test_a_role_that_ended_runs_nothing(quentin: User, priya: User) -> None:
    panel = draft_panel()
    quentin.memberships.filter(role=Role.QA_LEAD).update(ends_on=timezone.localdate())
    with pytest.raises(RuleViolation):
        propose_members(panel, by=User.objects.get(pk=quentin.pk))
