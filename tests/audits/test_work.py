"""One list of everything owed, most urgent first."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audits import work
from audits.work import WorkItem, register_work, work_of

TODAY = date(2026, 11, 25)

items = st.builds(
    WorkItem,
    title=st.sampled_from("abcdef"),
    url=st.just("/"),
    due_on=st.none() | st.integers(-40, 40).map(lambda days: TODAY + timedelta(days=days)),
    is_urgent=st.booleans(),
)


def test_urgent_then_late_then_what_waits_then_what_is_due_later(monkeypatch: pytest.MonkeyPatch) -> None:
    late, waiting, later = (
        WorkItem("late", "/", due_on=TODAY - timedelta(days=1)),
        WorkItem("waiting", "/"),
        WorkItem("later", "/", due_on=TODAY + timedelta(days=1)),
    )
    urgent = WorkItem("urgent", "/", due_on=TODAY + timedelta(days=3), is_urgent=True)
    monkeypatch.setattr(
        work, "_registered", [lambda user, today: [later, waiting, urgent], lambda user, today: [late]]
    )
    assert work_of(User(), TODAY) == [urgent, late, waiting, later]


@given(st.lists(items))
def test_nothing_owed_is_left_out(owed: list[WorkItem]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(work, "_registered", [lambda user, today: owed])
        listed = work_of(User(), TODAY)
    assert sorted(map(id, listed)) == sorted(map(id, owed))


def test_registering_twice_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_registered", [])
    for _ in range(2):
        register_work(_one)
    assert work_of(User(), TODAY) == [WorkItem("one", "/")]


def _one(user: User, today: date) -> list[WorkItem]:
    return [WorkItem("one", "/")]
