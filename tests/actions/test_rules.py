"""The arithmetic of closing the loop: the moves, the draw for verification, how late something is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.deadlines import BANDS, age_of, days_over, due_dates_of, steps_due
from actions.enums import ActionMoveKind, ActionStatus
from actions.moves import MOVES, REFUSALS, check_move
from actions.verifying import BLOCK, is_drawn
from core.dates import NO_CLOSURES, add_working_days
from core.errors import RuleViolation

LADDER = {"team_manager": 1, "service_manager": 5, "assistant_director": 10, "board": 20}
DUE = date(2026, 11, 6)
"""A Friday."""

ALLOWED = {
    ("start", "open"): "in_progress",
    ("start", "returned"): "in_progress",
    ("note", "open"): "open",
    ("note", "in_progress"): "in_progress",
    ("note", "returned"): "returned",
    ("note", "cancel_asked"): "cancel_asked",
    ("complete", "open"): "done",
    ("complete", "in_progress"): "done",
    ("complete", "returned"): "done",
    ("verify", "done"): "verified",
    ("return", "done"): "returned",
    ("extend", "open"): "open",
    ("extend", "in_progress"): "in_progress",
    ("extend", "returned"): "returned",
    ("assign", "open"): "open",
    ("assign", "in_progress"): "in_progress",
    ("assign", "returned"): "returned",
    ("assign", "cancel_asked"): "cancel_asked",
    ("ask_cancel", "open"): "cancel_asked",
    ("ask_cancel", "in_progress"): "cancel_asked",
    ("ask_cancel", "returned"): "cancel_asked",
    ("keep", "cancel_asked"): "in_progress",
    ("cancel", "cancel_asked"): "cancelled",
}


@pytest.mark.parametrize("kind", [kind for kind in ActionMoveKind.values if kind != ActionMoveKind.OPEN])
@pytest.mark.parametrize("status", ActionStatus.values)
def test_every_move_from_every_status(kind: str, status: str) -> None:
    if (kind, status) in ALLOWED:
        assert check_move("ACT-0001", status, kind) == ALLOWED[kind, status]
    else:
        with pytest.raises(RuleViolation) as refusal:
            check_move("ACT-0001", status, kind)
        assert refusal.value.sentence == REFUSALS[status].format("ACT-0001")


def test_nothing_leads_out_of_what_is_verified_or_cancelled() -> None:
    left = {status for table in MOVES.values() for status in table}
    assert left & {ActionStatus.VERIFIED, ActionStatus.CANCELLED} == set()


@given(st.integers(0, 20).map(lambda share: share * 5), st.integers(0, 2**31), st.integers(0, 500))
def test_each_block_of_the_draw_holds_exactly_its_share(percent: int, seed: int, block: int) -> None:
    numbers = range(block * BLOCK, (block + 1) * BLOCK)
    assert sum(is_drawn(number, percent=percent, seed=seed) for number in numbers) == BLOCK * percent // 100


@given(st.integers(0, 10_000), st.integers(0, 2**31))
def test_the_draw_can_be_repeated(number: int, seed: int) -> None:
    assert is_drawn(number, percent=20, seed=seed) == is_drawn(number, percent=20, seed=seed)


def test_the_seed_decides_which_are_drawn() -> None:
    drawn = {seed: [n for n in range(BLOCK) if is_drawn(n, percent=20, seed=seed)] for seed in (1, 2, 3)}
    assert len({tuple(numbers) for numbers in drawn.values()}) == 3


@pytest.mark.parametrize(
    ("on", "days"),
    [
        (date(2026, 11, 5), 0),
        (date(2026, 11, 6), 0),
        (date(2026, 11, 7), 1),  # Saturday: over, and nobody has worked since
        (date(2026, 11, 9), 1),
        (date(2026, 11, 13), 5),
        (date(2026, 11, 20), 10),
        (date(2026, 12, 4), 20),
    ],
)
def test_how_many_working_days_over(on: date, days: int) -> None:
    assert days_over(DUE, on, NO_CLOSURES) == days


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (0, None),
        (1, "1 to 5"),
        (5, "1 to 5"),
        (6, "6 to 10"),
        (10, "6 to 10"),
        (11, "11 to 20"),
        (20, "11 to 20"),
        (21, "Over 20"),
        (400, "Over 20"),
    ],
)
def test_age_bands(days: int, band: str | None) -> None:
    assert age_of(days) == band


@given(st.integers(1, 1000))
def test_everything_over_has_an_age(days: int) -> None:
    assert age_of(days) in BANDS


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.sampled_from(BANDS), st.integers(1, 60))
def test_the_due_dates_of_an_age_are_those_and_no_others(on: date, band: str, ago: int) -> None:
    first, last = due_dates_of(band, on, NO_CLOSURES)
    due = on - timedelta(days=ago)
    is_within = due <= last and (first is None or first <= due)
    assert is_within == (age_of(days_over(due, on, NO_CLOSURES)) == band)


@pytest.mark.parametrize(
    ("days", "told", "due"),
    [
        (0, set(), []),
        (1, set(), ["team_manager"]),
        (5, {"team_manager"}, ["service_manager"]),
        (5, set(), ["team_manager", "service_manager"]),
        (30, {"team_manager", "service_manager"}, ["assistant_director", "board"]),
        (30, set(LADDER), []),
    ],
)
def test_steps_of_the_ladder(days: int, told: set[str], due: list[str]) -> None:
    on = add_working_days(DUE, days)
    assert steps_due(DUE, on, after=LADDER, told=told, closures=NO_CLOSURES) == due


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_step_that_has_come_stays_come(first: int, more: int) -> None:
    earlier = steps_due(DUE, DUE + timedelta(days=first), after=LADDER, told=set(), closures=NO_CLOSURES)
    later = steps_due(DUE, DUE + timedelta(days=first + more), after=LADDER, told=set(), closures=NO_CLOSURES)
    assert later[: len(earlier)] == earlier
