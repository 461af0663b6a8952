"""Hints that make an action specific."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.models.follow_up import VAGUE_WORDS
from audits.smart import hints, listed_words, vague_words_in

WORDS = listed_words(VAGUE_WORDS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ensure that visits happen", ["ensure"]),
        ("ENSURING safety and monitored weekly", ["ensure", "monitor"]),
        ("Be aware of the pattern", ["be aware"]),
        ("Meera visits on 3 December and sees his bedroom", []),
        ("The measure of it", []),
        ("Insured and unsupported", []),
    ],
)
def test_vague_words_are_found_whole_and_with_endings(text: str, found: list[str]) -> None:
    assert vague_words_in(text, WORDS) == found


def test_a_hint_names_the_words_and_says_what_to_do() -> None:
    assert hints("Ensure and monitor contact", "The plan is reviewed", WORDS) == [
        "“ensure”, “monitor” in what shall be done: say who does what, so that somebody can see it done.",
        "“review” in how success will be seen: say what will be different, and where it shows.",
    ]


def test_success_that_repeats_the_action_is_said() -> None:
    assert hints("Visit him.", " visit  HIM.", []) == [
        "Success repeats the action: say what will be different for the child once it is done."
    ]


def test_a_specific_action_draws_no_hint() -> None:
    assert hints("Meera visits him at school by 4 December.", "He names somebody he can ring.", WORDS) == []


@given(st.text(max_size=80), st.text(max_size=80), st.lists(st.text(max_size=10), max_size=5))
def test_any_text_and_any_list_is_answered(what: str, success: str, words: list[str]) -> None:
    assert isinstance(hints(what, success, listed_words(",".join(words))), list)


@given(st.sampled_from(WORDS), st.sampled_from(["Do it, ", "(", "and "]), st.sampled_from([".", " now", ""]))
def test_a_listed_word_is_always_found(word: str, before: str, after: str) -> None:
    assert word in vague_words_in(f"{before}{word}{after}", WORDS)
