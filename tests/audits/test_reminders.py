"""When the steps of the reminders fall, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.reminders import reached_steps, steps_to_tell
from core.dates import add_working_days, is_working_day

OFFSETS = {"first": -10, "second": -3, "late": 1, "manager": 5, "director": 10}
DUE = date(2026, 11, 30)
LONG_AGO = date(2026, 11, 1)
NONE: frozenset[date] = frozenset()

days = st.dates(date(2026, 9, 1), date(2027, 6, 30))
closed_days = st.frozensets(st.dates(date(2026, 9, 1), date(2027, 8, 31)), max_size=20)


def to_tell(on: date, *, due_on: date = DUE, issued_on: date = LONG_AGO, **changes: object) -> list[str]:
    facts = {"offsets": OFFSETS, "told": (), "closures": NONE} | changes
    return steps_to_tell(due_on, issued_on=issued_on, on=on, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("on", "steps"),
    [
        (date(2026, 11, 13), []),
        (date(2026, 11, 16), ["first"]),
        (date(2026, 11, 24), ["first"]),
        (date(2026, 11, 25), ["first", "second"]),
        (date(2026, 11, 28), []),
        (date(2026, 11, 30), ["first", "second"]),
        (date(2026, 12, 1), ["first", "second", "late"]),
        (date(2026, 12, 4), ["first", "second", "late"]),
        (date(2026, 12, 7), ["first", "second", "late", "manager"]),
        (date(2026, 12, 14), [*OFFSETS]),
    ],
)
def test_the_steps_of_an_audit_due_on_30_november_2026(on: date, steps: list[str]) -> None:
    assert to_tell(on) == steps


def test_a_closure_moves_what_is_after_it_later_and_what_is_before_it_earlier() -> None:
    closed = frozenset({date(2026, 11, 27), date(2026, 12, 1)})
    assert to_tell(date(2026, 11, 24), closures=closed, told=("first",)) == ["second"]
    assert to_tell(date(2026, 12, 1), closures=closed, told=("first", "second")) == []
    assert to_tell(date(2026, 12, 2), closures=closed, told=("first", "second")) == ["late"]


def test_christmas_is_no_working_day() -> None:
    due_on = date(2026, 12, 24)
    assert to_tell(date(2026, 12, 28), due_on=due_on, told=("first", "second")) == []
    assert to_tell(date(2026, 12, 29), due_on=due_on, told=("first", "second")) == ["late"]


def test_what_had_fallen_when_the_audit_was_issued_is_not_told() -> None:
    assert to_tell(date(2026, 11, 16), issued_on=date(2026, 11, 16)) == []
    assert to_tell(date(2026, 11, 25), issued_on=date(2026, 11, 20)) == ["second"]


def test_an_extension_moves_what_is_to_come_and_brings_nothing_back() -> None:
    told = ("first", "second", "late")
    extended = date(2026, 12, 11)
    assert to_tell(date(2026, 12, 7), due_on=extended, told=told) == []
    assert to_tell(date(2026, 12, 17), due_on=extended, told=told) == []
    assert to_tell(date(2026, 12, 18), due_on=extended, told=told) == ["manager"]


@given(due_on=days, closures=closed_days, off=st.sets(st.integers(0, 60)))
def test_however_many_days_nobody_asks_each_step_is_told_once_in_order_and_never_early(
    due_on: date, closures: frozenset[date], off: set[int]
) -> None:
    told: list[str] = []
    first = add_working_days(due_on, -20, closures)
    for number in range(120):
        on = first + timedelta(days=number)
        if number in off:
            continue
        steps = to_tell(on, due_on=due_on, issued_on=first, told=told, closures=closures)
        assert not steps or is_working_day(on, closures)
        assert all(add_working_days(due_on, OFFSETS[step], closures) <= on for step in steps)
        told += steps
    assert told == [*OFFSETS]


@given(due_on=days, on=days, later=st.integers(0, 40), closures=closed_days)
def test_a_later_day_reaches_at_least_as_much(
    due_on: date, on: date, later: int, closures: frozenset[date]
) -> None:
    now, then = (
        reached_steps(due_on, issued_on=LONG_AGO, on=day, offsets=OFFSETS, closures=closures)
        for day in (on, on + timedelta(days=later))
    )
    assert then[: len(now)] == now


@given(due_on=days, moved=st.integers(1, 30), on=days, closures=closed_days)
def test_a_later_due_date_reaches_no_more(
    due_on: date, moved: int, on: date, closures: frozenset[date]
) -> None:
    long_ago = date(2026, 1, 1)
    before, after = (
        reached_steps(day, issued_on=long_ago, on=on, offsets=OFFSETS, closures=closures)
        for day in (due_on, due_on + timedelta(days=moved))
    )
    assert before[: len(after)] == after
