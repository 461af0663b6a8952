"""What the dates entered for an audit say: to its questions and to the ceilings of its grades."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps

from audits.completeness import GivenAnswer
from audits.enums import ChildSeen, EventKind, Pathway
from audits.models import Audit, AuditDates, AuditEvent, ProgrammeSettings, TimescaleRule
from audits.selectors import TimescaleFacts, timescale_facts
from audits.timescale_facts import kinds_on, timescales_of
from audits.timescale_seed import SEED, install_seed_rules
from tests.conftest import AssertQueries
from tests.factories.audits import ChildFactory, started_audit

pytestmark = pytest.mark.django_db

STARTED_ON = date(2026, 11, 25)


def audit_with(
    pathway: str, *events: tuple[str, date], placement: str = "", none_found: tuple[str, ...] = ()
) -> Audit:
    """An audit that was started on 25 November 2026, so that 25 May to 25 November are graded."""
    audit = started_audit(child=ChildFactory(pathway=pathway))
    audit.started_at = datetime(2026, 11, 25, 10, tzinfo=UTC)
    audit.save()
    AuditDates.objects.create(audit=audit, placement=placement, none_found=list(none_found))
    AuditEvent.objects.bulk_create(AuditEvent(audit=audit, kind=kind, on=on) for kind, on in events)
    return audit


def every(days: int, first: date, last: date = STARTED_ON) -> list[tuple[str, date]]:
    return [
        (EventKind.VISIT, first + timedelta(days=number))
        for number in range(0, (last - first).days + 1, days)
    ]


def test_the_shipped_rules_are_there_once() -> None:
    install_seed_rules(apps)
    assert sorted(TimescaleRule.objects.values_list("duty", flat=True)) == sorted(line[0] for line in SEED)


def test_without_dates_nothing_is_said_and_one_query_asked(assert_queries: AssertQueries) -> None:
    audit = started_audit()
    with assert_queries(1):
        found = timescales_of(audit)
    assert (found.proposals, found.facts, found.results) == ({}, TimescaleFacts(), ())


@pytest.mark.parametrize("rows", [1, 3])
def test_with_dates_it_costs_the_same_for_one_and_for_three(rows: int, assert_queries: AssertQueries) -> None:
    audit = audit_with(Pathway.CIN, *every(14, date(2026, 10, 1))[:rows])
    with assert_queries(5):  # dates, settings, events, rules, closures
        timescale_facts(audit)


@pytest.mark.parametrize(
    ("started_at", "first", "last"),
    [
        # the clocks go forward at 1:00 on 29 March 2026 and back at 2:00 on 25 October 2026
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2025, 9, 28), date(2026, 3, 28)),
        (datetime(2026, 3, 29, 23, 30, tzinfo=UTC), date(2025, 9, 30), date(2026, 3, 30)),
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), date(2026, 4, 25), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 4, 25), date(2026, 10, 25)),
        # the end of a month that is shorter six months before
        (datetime(2026, 8, 31, 10, tzinfo=UTC), date(2026, 2, 28), date(2026, 8, 31)),
    ],
)
def test_the_graded_months_end_on_the_day_it_is_in_london(
    started_at: datetime, first: date, last: date
) -> None:
    audit = audit_with(Pathway.CIN)
    audit.started_at = started_at
    found = timescales_of(audit)
    assert (found.first, found.last) == (first, last)


def test_v1_counts_what_fell_due_in_the_six_months() -> None:
    """Placed on 1 January 2026: six weeks from each visit. 25 May is graded, 24 May is not."""
    audit = audit_with(
        Pathway.CLA,
        (EventKind.PLACEMENT, date(2026, 1, 1)),
        (EventKind.VISIT, date(2026, 1, 6)),
        (EventKind.VISIT, date(2026, 2, 16)),  # due 17 February
        (EventKind.VISIT, date(2026, 3, 29)),  # due 30 March
        (EventKind.VISIT, date(2026, 5, 10)),  # due 10 May
        (EventKind.VISIT, date(2026, 6, 21)),  # due 21 June
        (EventKind.VISIT, date(2026, 8, 5)),  # due 2 August: 3 days late
        (EventKind.VISIT, date(2026, 9, 16)),  # due 16 September
        (EventKind.VISIT, date(2026, 10, 28)),  # due 28 October
        placement="short_of_18",
    )
    found = timescales_of(audit)
    assert found.proposals["V1"].answer == GivenAnswer("partly", counted=3, counted_of=4)
    assert found.proposals["V1"].because == (
        "3 of 4 visits on time; the longest gap was 45 days, from 21 June 2026 to 5 August 2026."
    )
    assert found.facts == TimescaleFacts(unexplained_visit_gap=True)
    AuditEvent.objects.create(audit=audit, kind=EventKind.GAP_AGREED, on=date(2026, 8, 1))
    assert timescale_facts(audit).unexplained_visit_gap is False


def test_a_placement_of_no_known_kind_says_nothing() -> None:
    audit = audit_with(
        Pathway.CLA, (EventKind.PLACEMENT, date(2026, 1, 1)), (EventKind.VISIT, date(2026, 1, 6))
    )
    assert "V1" not in timescales_of(audit).proposals


def test_the_months_that_are_graded_are_a_setting() -> None:
    ProgrammeSettings.objects.create(months_graded=3)
    audit = audit_with(Pathway.CIN, *every(14, date(2026, 3, 2)))
    assert timescales_of(audit).first == date(2026, 8, 25)


def test_a_child_on_a_plan_unseen_over_two_intervals() -> None:
    """Ten working days each: from 1 September the visits fall due on the 15th and the 29th."""
    plan = (EventKind.ICPC, date(2026, 9, 1))
    seen_late = audit_with(Pathway.CP, plan, *every(7, date(2026, 9, 29)))
    assert timescale_facts(seen_late).child_unseen_two_intervals is False
    not_seen = audit_with(Pathway.CP, plan, *every(7, date(2026, 9, 1)))
    assert timescale_facts(not_seen).child_unseen_two_intervals is False
    AuditEvent.objects.filter(audit=not_seen, on__gt=date(2026, 9, 1), on__lt=date(2026, 10, 6)).update(
        seen=ChildSeen.NOT_SEEN
    )
    facts = timescale_facts(not_seen)
    assert (facts.child_unseen_two_intervals, facts.unexplained_visit_gap) == (True, False)


def test_only_of_a_child_on_a_plan_is_it_asked_whether_it_was_unseen() -> None:
    audit = audit_with(Pathway.CIN, (EventKind.OPENED, date(2026, 1, 5)), (EventKind.VISIT, date(2026, 1, 8)))
    facts = timescale_facts(audit)
    assert (facts.unexplained_visit_gap, facts.child_unseen_two_intervals) == (True, None)


@pytest.mark.parametrize(
    ("last_held", "gap", "answer"),
    [
        (date(2026, 8, 25), False, "partly"),
        (date(2026, 8, 24), True, "partly"),
        (date(2026, 11, 2), False, "yes"),
    ],
)
def test_supervision(last_held: date, gap: bool, answer: str) -> None:  # noqa: FBT001 - a case of the table
    held = [date(2026, month, 2) for month in range(5, 12)]
    days = {day for day in held if day < last_held} | {last_held}
    audit = audit_with(Pathway.CIN, *((EventKind.SUPERVISION, day) for day in days))
    found = timescales_of(audit)
    assert found.facts.supervision_gap is gap
    assert found.proposals["S1"].answer.value == answer


def test_what_was_looked_for_and_not_found_counts_from_the_first_day_that_is_graded() -> None:
    audit = audit_with(Pathway.CIN, none_found=("supervision", "assessment", "visit"))
    found = timescales_of(audit)
    assert found.facts == TimescaleFacts(
        unexplained_visit_gap=True, supervision_gap=True, no_assessment_when_due=True
    )
    assert found.proposals["S1"].answer == GivenAnswer("no")
    assert found.proposals["V1"].answer.value == "no"
    assert "A2" not in found.proposals


@pytest.mark.parametrize(
    ("events", "value", "fact"),
    [
        ([(EventKind.REFERRAL, date(2026, 8, 3)), (EventKind.ASSESSMENT, date(2026, 10, 5))], "yes", False),
        ([(EventKind.REFERRAL, date(2026, 8, 3)), (EventKind.ASSESSMENT, date(2026, 10, 7))], "no", False),
        ([(EventKind.REFERRAL, date(2026, 8, 3))], "no", True),
        ([(EventKind.REFERRAL, date(2026, 11, 2))], "not_applicable", False),
        ([(EventKind.ASSESSMENT, date(2025, 11, 24))], None, True),
        ([(EventKind.ASSESSMENT, date(2025, 11, 26))], None, False),
    ],
)
def test_assessments(events: list[tuple[str, date]], value: str | None, fact: bool) -> None:  # noqa: FBT001
    """45 working days from Monday 3 August 2026, without 31 August, end on 6 October."""
    found = timescales_of(audit_with(Pathway.CIN, *events))
    proposal = found.proposals.get("A2")
    assert (proposal.answer.value if proposal else None) == value
    assert found.facts.no_assessment_when_due is fact


def test_m1_asks_for_the_last_meeting_of_each_type() -> None:
    audit = audit_with(
        Pathway.CP,
        (EventKind.STRATEGY_DISCUSSION, date(2026, 6, 1)),
        (EventKind.ICPC, date(2026, 6, 22)),
        (EventKind.RCPC, date(2026, 9, 23)),
        (EventKind.CORE_GROUP, date(2026, 7, 1)),
    )
    proposal = timescales_of(audit).proposals["M1"]
    assert proposal.answer == GivenAnswer("partly")
    assert proposal.because == (
        "Initial child protection conference: due 22 June 2026, done 22 June 2026, on time. "
        "Review child protection conferences: due 22 September 2026, done 23 September 2026, 1 day late. "
        "Core groups: due 4 November 2026, not done."
    )


def test_a_pathway_is_offered_its_own_kinds_of_dates() -> None:
    assert kinds_on(Pathway.LEAVING_CARE) == [
        EventKind.OPENED,
        EventKind.REFERRAL,
        EventKind.ASSESSMENT,
        EventKind.SUPERVISION,
    ]
    assert EventKind.PLACEMENT not in kinds_on(Pathway.CP)
    assert EventKind.GAP_AGREED in kinds_on(Pathway.CLA)


def test_an_answer_agrees_or_does_not() -> None:
    audit = audit_with(
        Pathway.CIN, (EventKind.OPENED, date(2026, 10, 26)), (EventKind.VISIT, date(2026, 11, 2))
    )
    proposal = timescales_of(audit).proposals["V1"]
    assert proposal.answer == GivenAnswer("yes", counted=1, counted_of=1)
    assert proposal.agrees_with(GivenAnswer("yes", counted=1, counted_of=1, note="Well done."))
    assert not proposal.agrees_with(GivenAnswer("yes", counted=2, counted_of=2))
    assert not proposal.agrees_with(GivenAnswer("partly", counted=1, counted_of=1))
