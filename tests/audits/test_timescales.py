"""The calculator beside dates that were worked out by hand, and what must hold for any dates."""

from datetime import date, timedelta
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.enums import EventKind, PlacementKind, TimescaleUnit
from audits.timescale_seed import IN_FORCE_FROM, SEED
from audits.timescales import (
    DUTIES,
    LATE,
    MISSED,
    NOT_YET_DUE,
    ON_TIME,
    UNITS,
    Due,
    Duty,
    Event,
    Interval,
    Rule,
    counted_in,
    gaps_in,
    is_unexplained,
    judged,
    longest_gap,
    passed_twice,
    schedule,
)

SEEDED = {
    code: Rule(
        IN_FORCE_FROM,
        *(Interval(*span) if span else None for span in spans),
        later_after=later_after,
        source=source,
        is_law=is_law,
    )
    for code, *spans, later_after, source, is_law in SEED
}
FAR = date(2029, 12, 31)


def dues(
    code: str, *events: tuple[str, date], until: date, closures: frozenset[date] = frozenset()
) -> list[Due]:
    return schedule(DUTIES[code], [SEEDED[code]], [Event(*event) for event in events], until, closures)


def lines(found: list[Due]) -> list[tuple[date, date | None, str, int]]:
    return [(due.due_on, due.done_on, due.state, due.late_by) for due in found]


def test_a_placement_is_visited_in_a_week_and_then_six_weeks_from_each_visit() -> None:
    found = dues(
        "visit_cla",
        ("placement", date(2026, 1, 5)),
        ("visit", date(2026, 1, 9)),
        ("visit", date(2026, 2, 27)),
        until=date(2026, 4, 1),
    )
    assert lines(found) == [
        (date(2026, 1, 12), date(2026, 1, 9), ON_TIME, 0),
        (date(2026, 2, 20), date(2026, 2, 27), LATE, 7),
        (date(2026, 4, 10), None, NOT_YET_DUE, 0),
    ]


def test_while_nobody_comes_the_visit_is_due_again_every_six_weeks() -> None:
    """In twenty weeks three visits were due, not one: two were missed and the last came two weeks late."""
    found = dues(
        "visit_cla",
        ("placement", date(2026, 1, 5)),
        ("visit", date(2026, 1, 5)),
        ("visit", date(2026, 5, 25)),
        until=date(2026, 6, 1),
    )
    assert lines(found) == [
        (date(2026, 1, 12), date(2026, 1, 5), ON_TIME, 0),
        (date(2026, 2, 16), None, MISSED, 0),
        (date(2026, 3, 30), None, MISSED, 0),
        (date(2026, 5, 11), date(2026, 5, 25), LATE, 14),
        (date(2026, 7, 6), None, NOT_YET_DUE, 0),
    ]


def test_a_visit_on_the_day_it_is_due_is_on_time_and_a_day_after_is_one_day_late() -> None:
    placed = ("placement", date(2026, 1, 5))
    assert lines(dues("visit_cla", placed, ("visit", date(2026, 1, 12)), until=date(2026, 1, 20)))[0] == (
        date(2026, 1, 12),
        date(2026, 1, 12),
        ON_TIME,
        0,
    )
    assert lines(dues("visit_cla", placed, ("visit", date(2026, 1, 13)), until=date(2026, 1, 20)))[0] == (
        date(2026, 1, 12),
        date(2026, 1, 13),
        LATE,
        1,
    )


def test_what_is_due_on_the_last_day_is_not_yet_late() -> None:
    placed = ("placement", date(2026, 1, 5))
    assert lines(dues("visit_cla", placed, until=date(2026, 1, 12))) == [
        (date(2026, 1, 12), None, NOT_YET_DUE, 0)
    ]
    assert lines(dues("visit_cla", placed, until=date(2026, 1, 13)))[0] == (
        date(2026, 1, 12),
        None,
        MISSED,
        0,
    )


def test_a_child_visited_more_often_has_not_more_visits_due() -> None:
    """Fortnightly visits in a six-week interval: each sixth week is one due date, the others are named beside it."""
    fortnightly = [("visit", date(2026, 1, 5) + timedelta(weeks=2 * number)) for number in range(7)]
    found = dues("visit_cla", ("placement", date(2026, 1, 5)), *fortnightly, until=date(2026, 4, 1))
    assert lines(found) == [
        (date(2026, 1, 12), date(2026, 1, 5), ON_TIME, 0),
        (date(2026, 2, 16), date(2026, 2, 16), ON_TIME, 0),
        (date(2026, 3, 30), date(2026, 3, 30), ON_TIME, 0),
        (date(2026, 5, 11), None, NOT_YET_DUE, 0),
    ]
    assert found[1].besides == (date(2026, 1, 19), date(2026, 2, 2))


@pytest.mark.parametrize(
    ("code", "visited_on", "due_on"),
    [
        ("visit_cla_to_18", date(2025, 11, 20), date(2026, 1, 1)),  # still in the first year
        ("visit_cla_to_18", date(2025, 12, 20), date(2026, 3, 20)),  # six weeks on, the year is over
        ("visit_cla", date(2025, 12, 20), date(2026, 1, 31)),  # not to 18: six weeks all the same
    ],
)
def test_after_a_year_a_placement_to_18_is_visited_every_three_months(
    code: str, visited_on: date, due_on: date
) -> None:
    events = [("placement", date(2025, 1, 5)), *_every_six_weeks(date(2025, 1, 5), visited_on)]
    found = dues(code, *events, ("visit", visited_on), until=visited_on)
    assert found[-1].due_on == due_on


def _every_six_weeks(first: date, last: date) -> list[tuple[str, date]]:
    return [("visit", first + timedelta(days=days)) for days in range(0, (last - first).days, 42)]


@pytest.mark.parametrize(
    ("code", "due_on"),
    [("visit_cla_parents", date(2026, 5, 4)), ("visit_cla_temporary", date(2026, 4, 20))],
)
def test_with_parents_or_a_temporary_carer_visits_are_weekly_to_the_first_review(
    code: str, due_on: date
) -> None:
    weekly = [("visit", date(2026, 3, day)) for day in (9, 16, 23)]
    placed, reviewed = ("placement", date(2026, 3, 2)), ("review", date(2026, 3, 27))
    before = dues(code, placed, *weekly, until=date(2026, 3, 24))
    assert [due.due_on for due in before] == [date(2026, 3, day) for day in (9, 16, 23, 30)]
    after = dues(code, placed, *weekly, reviewed, until=date(2026, 4, 1))
    assert [due.due_on for due in after] == [*(date(2026, 3, day) for day in (9, 16, 23)), due_on]


def test_a_care_order_at_home_is_a_week_and_then_six_weeks_for_ever() -> None:
    found = dues(
        "visit_cla_care_order",
        ("placement", date(2024, 1, 1)),
        *_every_six_weeks(date(2024, 1, 1), date(2026, 1, 1)),
        until=date(2026, 1, 1),
    )
    assert {due.state for due in found[:-1]} == {ON_TIME}
    assert (found[-1].due_on - found[-1].counted_from).days == 42


def test_a_care_order_made_while_the_child_lives_at_home_starts_the_clock_again() -> None:
    """Regulation 28(5): within one week of the making of the order, whatever was due by the placement before it."""
    visits = [("visit", date(2026, 1, 8)), ("visit", date(2026, 2, 18)), ("visit", date(2026, 3, 12))]
    order = ("care_order", date(2026, 3, 3))
    found = dues(
        "visit_cla_care_order", ("placement", date(2026, 1, 5)), order, *visits, until=date(2026, 3, 20)
    )
    assert lines(found) == [
        (date(2026, 1, 12), date(2026, 1, 8), ON_TIME, 0),
        (date(2026, 2, 19), date(2026, 2, 18), ON_TIME, 0),
        (date(2026, 3, 10), date(2026, 3, 12), LATE, 2),
        (date(2026, 4, 23), None, NOT_YET_DUE, 0),
    ]
    alone = dues("visit_cla_care_order", order, ("visit", date(2026, 3, 12)), until=date(2026, 3, 20))
    assert lines(alone) == lines(found)[2:]


def test_a_new_placement_starts_the_clock_again() -> None:
    found = dues(
        "visit_cla",
        ("placement", date(2026, 1, 5)),
        ("visit", date(2026, 1, 8)),
        ("placement", date(2026, 2, 2)),
        ("visit", date(2026, 2, 10)),
        until=date(2026, 3, 1),
    )
    assert lines(found) == [
        (date(2026, 1, 12), date(2026, 1, 8), ON_TIME, 0),
        (date(2026, 2, 9), date(2026, 2, 10), LATE, 1),
        (date(2026, 3, 24), None, NOT_YET_DUE, 0),
    ]


def test_without_the_start_of_the_placement_nothing_is_said_of_its_visits() -> None:
    assert dues("visit_cla", ("visit", date(2026, 1, 8)), until=FAR) == []


def test_reviews_over_christmas_and_at_the_ends_of_months() -> None:
    """Looked after from Monday 1 December 2025: 2 to 5, 8 to 12, 15 to 19, 22 to 24 and 29 to 31 are 20 days."""
    found = dues(
        "review_cla",
        ("care_started", date(2025, 12, 1)),
        ("review", date(2025, 12, 31)),
        ("review", date(2026, 3, 31)),
        until=date(2026, 4, 1),
    )
    assert lines(found) == [
        (date(2025, 12, 31), date(2025, 12, 31), ON_TIME, 0),
        (date(2026, 3, 31), date(2026, 3, 31), ON_TIME, 0),
        (date(2026, 9, 30), None, NOT_YET_DUE, 0),
    ]


def test_of_reviews_without_their_start_six_months_are_asked() -> None:
    found = dues(
        "review_cla", ("review", date(2026, 1, 12)), ("review", date(2026, 7, 14)), until=date(2026, 8, 1)
    )
    assert lines(found) == [
        (date(2026, 7, 12), date(2026, 7, 14), LATE, 2),
        (date(2027, 1, 14), None, NOT_YET_DUE, 0),
    ]


def test_supervision_missed_at_the_ends_of_months_does_not_drift() -> None:
    found = dues("supervision", ("opened", date(2026, 1, 31)), until=date(2026, 5, 10))
    assert [due.due_on for due in found] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
    ]
    assert [due.state for due in found] == [MISSED, MISSED, MISSED, NOT_YET_DUE]


def test_a_leap_day() -> None:
    held = dues("supervision", ("supervision", date(2024, 1, 31)), until=date(2024, 2, 10))
    assert [due.due_on for due in held] == [date(2024, 2, 29)]
    yearly = dues("annual_assessment", ("assessment", date(2024, 2, 29)), until=date(2024, 3, 1))
    assert [due.due_on for due in yearly] == [date(2025, 2, 28)]


@pytest.mark.parametrize(
    ("code", "start", "started_on", "due_on"),
    [
        # Good Friday is 3 April 2026, Easter Monday 6 April
        ("icpc", "strategy_discussion", date(2026, 3, 17), date(2026, 4, 9)),
        # 25 and 26 December 2025 and 1 January 2026
        ("assessment", "referral", date(2025, 11, 10), date(2026, 1, 15)),
        # the state funeral of 19 September 2022
        ("visit_cp", "icpc", date(2022, 9, 9), date(2022, 9, 26)),
        # May Day and the coronation, 1 and 8 May 2023
        ("visit_cp", "icpc", date(2023, 4, 28), date(2023, 5, 16)),
        # Boxing Day 2026 is a Saturday: Monday 28 December is its substitute
        ("core_group", "icpc", date(2026, 12, 18), date(2027, 1, 6)),
        # three months of 30 November
        ("rcpc", "icpc", date(2025, 11, 30), date(2026, 2, 28)),
        # the clocks go forward on 29 March 2026 and back on 25 October 2026
        ("visit_cla", "placement", date(2026, 3, 25), date(2026, 4, 1)),
        ("visit_cla", "placement", date(2026, 10, 22), date(2026, 10, 29)),
        ("visit_cin", "opened", date(2026, 7, 31), date(2026, 8, 28)),
    ],
)
def test_first_due_dates_worked_out_by_hand(code: str, start: str, started_on: date, due_on: date) -> None:
    assert dues(code, (start, started_on), until=started_on)[0].due_on == due_on


def test_a_due_date_counted_in_weeks_stays_on_christmas_day() -> None:
    found = dues(
        "visit_cla",
        ("placement", date(2026, 11, 10)),
        ("visit", date(2026, 11, 13)),
        until=date(2026, 11, 30),
    )
    assert found[-1].due_on == date(2026, 12, 25)


def test_lateness_is_in_working_days_where_the_rule_counts_those() -> None:
    found = dues(
        "assessment",
        ("referral", date(2025, 11, 10)),
        ("assessment", date(2026, 1, 19)),
        until=date(2026, 2, 1),
    )
    assert lines(found) == [(date(2026, 1, 15), date(2026, 1, 19), LATE, 2)]


def test_the_councils_own_closures_are_no_working_days() -> None:
    closed = frozenset({date(2026, 12, 24)})
    found = dues("visit_cp", ("icpc", date(2026, 12, 18)), until=date(2026, 12, 18), closures=closed)
    assert found[0].due_on == date(2027, 1, 7)


def test_each_referral_has_its_own_assessment() -> None:
    found = dues(
        "assessment",
        ("referral", date(2026, 1, 5)),
        ("assessment", date(2026, 2, 2)),
        ("referral", date(2026, 6, 1)),
        until=date(2026, 9, 1),
    )
    assert [(due.state, due.done_on) for due in found] == [(ON_TIME, date(2026, 2, 2)), (MISSED, None)]


def test_the_iro_speaks_to_the_child_before_each_review_and_after_the_one_before() -> None:
    found = dues(
        "iro_contact",
        ("review", date(2026, 1, 12)),
        ("review", date(2026, 7, 6)),
        ("iro_contact", date(2026, 1, 12)),
        until=date(2026, 8, 1),
    )
    assert lines(found) == [
        (date(2026, 1, 12), date(2026, 1, 12), ON_TIME, 0),
        (date(2026, 7, 6), None, MISSED, 0),
    ]


def test_a_rag_rating_is_due_five_working_days_after_a_review() -> None:
    """Monday 31 August 2026 is a bank holiday."""
    found = dues("rag", ("review", date(2026, 8, 26)), ("rag", date(2026, 9, 4)), until=date(2026, 9, 30))
    assert lines(found) == [(date(2026, 9, 3), date(2026, 9, 4), LATE, 1)]


def test_the_rule_in_force_on_the_day_counted_from_decides() -> None:
    stricter = Rule(date(2026, 3, 1), Interval(10, "days"), Interval(10, "days"))
    lax = Rule(date(2020, 1, 1), Interval(20, "days"), Interval(20, "days"))
    events = [
        Event("opened", date(2026, 2, 1)),
        Event("visit", date(2026, 2, 20)),
        Event("visit", date(2026, 3, 5)),
    ]
    found = schedule(DUTIES["visit_cin"], [stricter, lax], events, date(2026, 3, 6))
    assert [(due.due_on, due.rule) for due in found] == [
        (date(2026, 2, 21), lax),
        (date(2026, 3, 12), lax),
        (date(2026, 3, 15), stricter),
    ]


def test_before_any_rule_was_in_force_nothing_is_due() -> None:
    rule = Rule(date(2026, 3, 1), Interval(10, "days"), Interval(10, "days"))
    assert schedule(DUTIES["visit_cin"], [rule], [Event("opened", date(2026, 2, 1))], FAR) == []


def test_the_longest_gap_reaches_over_the_edges_of_the_window() -> None:
    days = [date(2026, 1, 1), date(2026, 3, 3), date(2026, 4, 6)]
    gap = longest_gap(days, date(2026, 2, 1), date(2026, 4, 20))
    assert gap is not None
    assert (gap.first, gap.last, gap.days) == (date(2026, 1, 1), date(2026, 3, 3), 61)
    inside = longest_gap(days, date(2026, 3, 10), date(2026, 4, 20))
    assert inside is not None
    assert inside.days == 34
    assert longest_gap([], date(2026, 3, 10), date(2026, 4, 20)) is None


def test_a_gap_is_explained_by_what_a_manager_agreed_while_it_lasted() -> None:
    found = dues(
        "visit_cla",
        ("placement", date(2026, 1, 5)),
        ("visit", date(2026, 1, 5)),
        ("visit", date(2026, 2, 27)),
        until=date(2026, 3, 1),
    )
    late, end = found[1], date(2026, 3, 1)
    assert not is_unexplained(found[0], [], end)
    assert is_unexplained(late, [], end)
    assert not is_unexplained(late, [date(2026, 2, 10)], end)
    assert is_unexplained(late, [date(2026, 2, 28)], end)  # agreed after the event


def test_longer_than_two_intervals() -> None:
    first, rule = date(2026, 1, 1), Rule(date(2020, 1, 1), Interval(10, "days"), Interval(10, "days"))
    for days, twice in ((20, False), (21, True)):
        events = [Event("opened", first), Event("visit", first), Event("visit", first + timedelta(days=days))]
        found = schedule(DUTIES["visit_cin"], [rule], events, first + timedelta(days=days))
        assert passed_twice(found) is twice


def test_what_the_counts_say() -> None:
    on_time, late = (
        Due(date(2026, 1, 1), date(2025, 12, 1), SEEDED["supervision"], state) for state in (ON_TIME, LATE)
    )
    assert [judged(dues) for dues in ([], [on_time], [on_time, late], [late])] == [
        "not_applicable",
        "yes",
        "partly",
        "no",
    ]


def test_the_table_that_is_shipped_is_that_of_the_domain() -> None:
    """docs/domain.md, section 9, row by row; whether it is law stands beside it."""
    table = {code: (rule.in_words, rule.is_law) for code, rule in SEEDED.items()}
    assert table == {
        "visit_cla": ("within 1 week, then every 6 weeks", True),
        "visit_cla_to_18": ("within 1 week, then every 6 weeks, after 12 months every 3 months", True),
        "visit_cla_parents": ("within 1 week, then every week, later every 6 weeks", True),
        "visit_cla_temporary": ("within 1 week, then every week, later every 4 weeks", True),
        "visit_cla_care_order": ("within 1 week, then every 6 weeks", True),
        "review_cla": ("within 20 working days, then every 3 months, later every 6 months", True),
        "iro_contact": ("by that day", True),
        "assessment": ("within 45 working days", True),
        "icpc": ("within 15 working days", True),
        "rcpc": ("within 3 months, then every 6 months", True),
        "core_group": ("within 10 working days, then every 6 weeks", True),
        "visit_cp": ("within 10 working days, then every 10 working days", False),
        "visit_cin": ("within 20 working days, then every 20 working days", False),
        "supervision": ("within 1 month, then every month", False),
        "annual_assessment": ("within 12 months, then every 12 months", False),
        "rag": ("within 5 working days", False),
    }
    assert {rule.starts_on for rule in SEEDED.values()} == {date(2011, 4, 1)}


def test_the_words_of_the_calculator_are_those_of_the_database() -> None:
    assert set(UNITS) == set(TimescaleUnit.values)
    assert {duty.placement for duty in DUTIES.values()} - {""} == set(PlacementKind.values)
    used = {kind for duty in DUTIES.values() for kind in (duty.met_by, *duty.starts)}
    assert used == set(EventKind.values) - {EventKind.GAP_AGREED}
    assert set(SEEDED) == set(DUTIES)


FEW = settings(max_examples=60)
DAYS = st.dates(date(2022, 7, 1), date(2023, 6, 30))
INTERVALS = st.builds(Interval, st.integers(1, 90), st.sampled_from(list(UNITS)))
RULES = st.builds(
    Rule, st.just(date(2000, 1, 1)), INTERVALS, INTERVALS, INTERVALS | st.none(), st.integers(1, 24)
)
AGAIN_DUTIES = st.sampled_from([duty for duty in DUTIES.values() if duty.shape == "again" and duty.starts])


def events_of(duty: Duty, start: date, days: list[date], review: date | None) -> list[Event]:
    events = [Event(duty.starts[0], start), *(Event(duty.met_by, day) for day in days)]
    return events if review is None else [*events, Event("review", review)]


@FEW
@given(AGAIN_DUTIES, RULES, DAYS, st.lists(DAYS, max_size=12), DAYS | st.none(), DAYS)
def test_whatever_the_dates(
    duty: Duty, rule: Rule, start: date, days: list[date], review: date | None, until: date
) -> None:
    found = schedule(duty, [rule], events_of(duty, start, days, review), until)
    assert all(
        (one.counted_from, one.due_on) < (two.counted_from, two.due_on) or one.state == ON_TIME
        for one, two in pairwise(found)
    )
    assert all(one.counted_from <= two.counted_from for one, two in pairwise(found))
    for due in found:
        assert due.due_on > due.counted_from
        assert (due.done_on is None) == (due.state in {MISSED, NOT_YET_DUE})
        assert (due.late_by > 0) == (due.state == LATE)
        if due.done_on is not None:
            assert (due.done_on <= due.due_on) == (due.state == ON_TIME)
            assert due.done_on >= due.counted_from
        if due.state == NOT_YET_DUE:
            assert due.due_on >= until
    counted = counted_in(found, date.min, date.max)
    states = [due.state for due in counted]
    assert states.count(ON_TIME) + states.count(LATE) + states.count(MISSED) == len(counted)
    met = [due.done_on for due in found if due.done_on]
    assert met == sorted(met)


@FEW
@given(INTERVALS, DAYS, st.lists(DAYS, max_size=12), DAYS)
def test_no_due_date_comes_before_the_one_before_it(
    interval: Interval, start: date, days: list[date], until: date
) -> None:
    rule = Rule(date(2000, 1, 1), interval, interval)
    found = schedule(DUTIES["visit_cin"], [rule], events_of(DUTIES["visit_cin"], start, days, None), until)
    inside = [due for due in found if due.counted_from >= start]
    assert all(one.due_on <= two.due_on for one, two in pairwise(inside))


@FEW
@given(st.integers(1, 60), st.sets(DAYS, min_size=1, max_size=12), st.integers(0, 200))
def test_every_breach_is_counted_once_and_nothing_else_is(interval: int, days: set[date], after: int) -> None:
    """A gap of g days in an interval of i has ceil(g / i) - 1 days on which something was due and not done in time."""
    rule = Rule(date(2000, 1, 1), Interval(interval, "days"), Interval(interval, "days"))
    first, until = min(days), max(days) + timedelta(days=after)
    events = [Event("opened", first), *(Event("visit", day) for day in days)]
    found = schedule(DUTIES["visit_cin"], [rule], events, until)
    gaps = [gap.days for gap in gaps_in(days, first, until)]
    assert sum(due.state in {LATE, MISSED} for due in found) == sum(
        max(0, ceil(gap / interval) - 1) for gap in gaps
    )


@FEW
@given(AGAIN_DUTIES, RULES, DAYS, st.lists(DAYS, max_size=12), st.integers(0, 400))
def test_what_is_decided_stays_decided_as_time_goes_by(
    duty: Duty, rule: Rule, start: date, days: list[date], later: int
) -> None:
    events = events_of(duty, start, days, None)
    until = max([start, *days])
    now = schedule(duty, [rule], events, until)
    then = schedule(duty, [rule], events, until + timedelta(days=later))
    decided = [due for due in now if due.is_counted]
    assert then[: len(decided)] == decided
