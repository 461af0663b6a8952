"""From the contact logs to the answers that count: the pure rules."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from audits.completeness import GivenAnswer
from audits.enums import FamilyMember, FamilyOutcome, WorkerOutcome
from audits.involvement import Asked, family_answers, family_outcome, other_than_the_log, worker_outcome

LINES = st.lists(
    st.builds(
        Asked,
        st.sampled_from(FamilyMember.values),
        st.sampled_from(FamilyOutcome.values),
        st.text(max_size=9),
    ),
    max_size=8,
)


def test_the_worker_took_part_if_they_ever_did_else_what_came_last() -> None:
    assert worker_outcome([]) == "not_invited"
    assert worker_outcome(["invited"]) == "invited"
    assert worker_outcome(["invited", "declined"]) == "declined"
    assert worker_outcome(["declined", "invited"]) == "invited"
    assert worker_outcome(["invited", "took_part", "left"]) == "took_part"


def test_the_most_that_was_reached_with_anybody_counts() -> None:
    mother_unreached, father = Asked("mother", "no_reply"), Asked("father", "feedback")
    assert family_outcome([]) == ""
    assert family_outcome([mother_unreached]) == "no_reply"
    assert family_outcome([mother_unreached, Asked("child", "declined")]) == "declined"
    assert family_outcome([mother_unreached, father]) == "feedback"


def test_not_appropriate_counts_only_where_it_is_so_for_everybody() -> None:
    child = Asked("child", "not_appropriate", "Pre-verbal.")
    assert family_outcome([child]) == "not_appropriate"
    assert family_outcome([child, Asked("mother", "not_tried", "No time.")]) == "not_tried"
    assert family_outcome([child, Asked("mother", "no_reply")]) == "no_reply"


def test_the_log_answers_who_was_tried_what_came_of_it_and_who_answered() -> None:
    log = [
        Asked("mother", "no_reply"),
        Asked("child", "not_appropriate", "Six months old."),
        Asked("father", "feedback"),
        Asked("mother", "feedback"),
        Asked("father", "feedback"),
    ]
    assert family_answers(log) == {
        "F1": GivenAnswer(selected=("mother", "father")),
        "F1_outcome": GivenAnswer(value="feedback"),
        "F2": GivenAnswer(selected=("father", "mother")),
    }


def test_the_reasons_stand_beside_an_outcome_without_contact_each_once() -> None:
    log = [Asked(who, "not_appropriate", "A court case.") for who in ("mother", "father")]
    assert family_answers(log)["F1_outcome"] == GivenAnswer("not_appropriate", note="A court case.")


@given(LINES)
def test_who_answered_was_tried_and_the_outcome_says_so(log: list[Asked]) -> None:
    answers = family_answers(log)
    assert set(answers["F2"].selected) <= set(answers["F1"].selected)
    assert (answers["F1_outcome"].value == "feedback") == bool(answers["F2"].selected)
    assert (answers["F1_outcome"].value in {"feedback", "declined", "no_reply"}) == bool(
        answers["F1"].selected
    )


@given(LINES, st.randoms())
def test_the_order_of_the_log_changes_no_outcome(log: list[Asked], rng: object) -> None:
    shuffled = list(log)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    assert family_outcome(shuffled) == family_outcome(log)


@given(st.lists(st.sampled_from(WorkerOutcome.values), max_size=6))
def test_the_worker_is_said_to_have_taken_part_only_if_logged(outcomes: list[str]) -> None:
    assert (worker_outcome(outcomes) == "took_part") == ("took_part" in outcomes)


def test_an_answer_that_is_not_what_the_log_says_is_pointed_out() -> None:
    day = date(2026, 11, 3)
    said = {"W1": GivenAnswer("took_part"), "W3": GivenAnswer(dated_on=day)}
    assert other_than_the_log(said, ["invited", "took_part"], day) == []
    assert [gap.field for gap in other_than_the_log(said, ["invited"], None)] == ["W1", "W3"]
    assert other_than_the_log({"W1": GivenAnswer()}, ["invited"], None) == []
    assert other_than_the_log({"W1": GivenAnswer("not_invited")}, [], None) == []
    assert other_than_the_log({}, ["took_part"], day) == []
