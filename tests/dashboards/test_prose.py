"""Figures put in by name, and numbers in the words that no table holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.shares import Ratio
from dashboards.prose import KnownNumbers, LooseNumber, loose_numbers, unknown_fields, with_figures

TABLES = KnownNumbers(
    counts=frozenset({29, 64, 18, 1240}),
    percents=frozenset({45, 27}),
    shares=frozenset({Ratio(29, 64), Ratio(18, 1240), Ratio(3, 8)}),
)
SAID = {"overall.good_or_better": "29 of 64 (45%)"}


def loose(text: str) -> list[str]:
    return [number.written for number in loose_numbers(text, TABLES)]


def test_a_named_figure_prints_what_the_table_says() -> None:
    text = "Good or better: {{ overall.good_or_better }}, and {{overall.good_or_better}} again."
    assert with_figures(text, SAID.get) == "Good or better: 29 of 64 (45%), and 29 of 64 (45%) again."


def test_a_name_that_is_not_known_stays_and_is_named() -> None:
    text = "{{ overall.great }} and {{ overall.good_or_better }} and {{ overall.great }}"
    assert unknown_fields(text, SAID) == ["overall.great"]
    assert with_figures(text, SAID.get).count("{{ overall.great }}") == 2


@pytest.mark.parametrize(
    "text", ["{% include 'x' %}", "{{ 7|add:7 }}", "{{ a.__class__ }}{{ x }}", "{{", "}}", "{{ }}"]
)
def test_nothing_else_is_a_template(text: str) -> None:
    assert with_figures(text, SAID.get) == text


@pytest.mark.parametrize(
    "text",
    [
        "29 of 64 audits (45%) were good or better, 18 points more than 27%.",
        "1,240 children were open, 18 of 1,240 of them.",
        "One in three, twenty-nine of sixty-four, forty five per cent; weighted, often, seventeenth.",
        "29 of the 64, and 29 out of all 64.",
        "The panel met on 28 November 2026 and in March 2026, from 14:30.",
        "In 2024-25 Q2, as CJA-2026-11-014 and ACT-0231 show for V4 and P1.",
        "Since 2019 this has been so; see section 7.",
        "1. Visits\n2) Plans",
        "Forty-five percent by {{ overall.good_or_better }}.",
        "",
    ],
)
def test_what_tables_hold_and_what_is_no_figure_is_quiet(text: str) -> None:
    assert loose(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It rose to 46%.", ["46%"]),
        ("It rose to 46 per cent.", ["46%"]),
        ("29% of them", ["29%"]),  # 29 is a count, not a percentage
        ("45 audits", ["45"]),  # 45 is a percentage, not a count
        ("On average 2.5 visits", ["2.5"]),
        ("12,345 and 99999999999999", ["12,345", "99999999999999"]),
        ("Twelve audits, twenty-nine and forty six percent", ["Twelve", "forty six percent"]),
        ("There were 7 of 64.", ["7 of 64"]),
        ("18 of the 64 audits", ["18 of the 64"]),  # both are counts, and no table has the one of the other
        ("29 out of 64 audits (46%), 29 of 64 (45%)", ["29 out of 64 audits (46%)"]),
        ("3 of 8 (38%)", ["3 of 8 (38%)"]),  # of fewer than 10 no percentage is printed
    ],
)
def test_what_no_table_holds_is_pointed_out(text: str, found: list[str]) -> None:
    assert loose(text) == found


def test_the_line_is_named() -> None:
    assert list(loose_numbers("Fine: 29.\n{{ a.b }} fine\n\nBut 30 is not.", TABLES)) == [
        LooseNumber("30", 4)
    ]


@given(st.text(max_size=200))
def test_no_text_is_a_fault(text: str) -> None:
    assert all(number.written for number in loose_numbers(text, TABLES))
    assert unknown_fields(with_figures(text, SAID.get), SAID) == unknown_fields(text, SAID)


@given(st.integers(0, 10**6))
def test_a_number_is_quiet_exactly_when_a_table_holds_it(number: int) -> None:
    said = loose(f"There were {number} of them.")
    assert said == ([] if number in TABLES.counts or 1900 <= number <= 2099 else [str(number)])
