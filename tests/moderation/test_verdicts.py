"""What a changed grade is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.verdicts import SCALE, differences, in_words, steps_between, verdict_on

GRADES = st.sampled_from([*SCALE, "not_applicable"])


@pytest.mark.parametrize(
    ("auditor", "final", "verdict", "steps", "words"),
    [
        ("good", "good", "confirmed", 0, "the same"),
        ("good", "requires_improvement", "down", -1, "one step down"),
        ("outstanding", "inadequate", "down", -3, "three steps down"),
        ("inadequate", "good", "up", 2, "two steps up"),
        ("not_applicable", "good", "applicability", 0, "applies"),
        ("good", "not_applicable", "applicability", 0, "does not apply"),
        ("not_applicable", "not_applicable", "confirmed", 0, "the same"),
    ],
)
def test_words(auditor: str, final: str, verdict: str, steps: int, words: str) -> None:
    assert (verdict_on(auditor, final), steps_between(auditor, final), in_words(auditor, final)) == (
        verdict,
        steps,
        words,
    )


@given(GRADES, GRADES)
def test_there_and_back_is_the_same_way(one: str, other: str) -> None:
    assert steps_between(one, other) == -steps_between(other, one)
    assert (verdict_on(one, other) == "confirmed") is (one == other)
    assert (verdict_on(one, other) == "up") is (verdict_on(other, one) == "down")


def test_only_what_differs_and_was_graded() -> None:
    auditor = {"visits": "good", "plans": "good", "overall": "good"}
    assert differences(auditor, {"visits": "good", "plans": "inadequate", "overall": ""}) == {
        "plans": ("good", "inadequate")
    }
