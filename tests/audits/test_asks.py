"""Whom a question is asked of and a choice offered to: in words, and as lines that are typed and read back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.asks import asks_in_words, offers_as_lines, offers_of_lines
from audits.enums import Pathway

AGES = st.integers(-1, 25)
ASKS = st.fixed_dictionaries(
    {},
    optional={
        "pathways": st.lists(st.sampled_from(Pathway.values), min_size=1, unique=True),
        "min_age": AGES,
        "max_age": AGES,
        "max_age_unless_disabled": AGES,
    },
).filter(bool)
OFFERS = st.dictionaries(st.from_regex(r"\A[a-z0-9_]{1,40}\Z"), ASKS, max_size=5)


@given(OFFERS)
def test_what_is_written_as_lines_reads_back(offers: dict[str, dict[str, Any]]) -> None:
    assert offers_of_lines(offers_as_lines(offers)) == (offers, [])


@given(st.text())
def test_whatever_is_typed_each_line_says_something_or_is_named(text: str) -> None:
    offers, wrong = offers_of_lines(text)
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(offers) <= len(lines)
    assert bool(wrong) or all(offers.values())


def test_as_people_write_it() -> None:
    typed = "plo: CIN, Child protection\n\n unborn : cin,cp , Up to age -1\nehcp: from 0\nv9: up to 7 unless disabled"
    assert offers_of_lines(typed) == (
        {
            "plo": {"pathways": ["cin", "cp"]},
            "unborn": {"pathways": ["cin", "cp"], "max_age": -1},
            "ehcp": {"min_age": 0},
            "v9": {"max_age_unless_disabled": 7},
        },
        [],
    )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("plo", "Line 1: write a colon and to whom “plo” is offered"),
        ("plo:", "Line 1: write a colon and to whom “plo” is offered"),
        (
            "\nplo: the moon",
            "Line 2: “the moon” is no pathway and no age. Write it like cla, or from age 16",
        ),
        (
            "plo: from age sixteen",
            "Line 1: “from age sixteen” is no pathway and no age. Write it like cla, or from age 16",
        ),
    ],
)
def test_what_says_nothing_is_named_with_its_line(typed: str, sentence: str) -> None:
    assert offers_of_lines(typed)[1] == [sentence]


@pytest.mark.parametrize(
    ("asks", "words"),
    [
        ({}, ""),
        ({"pathways": ["cla"], "min_age": 16}, "Child looked after; from 16"),
        ({"max_age": -1}, "only before birth"),
        ({"max_age_unless_disabled": 7}, "unless disabled, up to 7"),
    ],
)
def test_in_words(asks: dict[str, Any], words: str) -> None:
    assert asks_in_words(asks) == words
