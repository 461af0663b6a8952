"""Cells as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import cells

DAY_ZERO = date(1899, 12, 30)
DAYS = st.dates(date(1927, 5, 18), date(2099, 12, 31))


def read(value: object, until: int = 2036) -> date | None:
    return cells.day(value, day_zero=DAY_ZERO, two_digit_years_until=until)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written",
    [
        "09/06/2015", "9/6/2015", "09-06-2015", "09.06.2015", "9 June 2015", "9-Jun-2015", "09 JUN 15", "9/6/15",
        "2015-06-09", "2015/06/09", "20150609", "2015-06-09T00:00:00", "2015-06-09 23:30:00.000Z",
        "09/06/2015 00:00", "09/06/2015 11:15:00 PM", "42164", "42164.5", 42164, 42164.75, 20150609,
    ],
)  # fmt: skip
def test_ninth_of_june_however_it_is_written(written: object) -> None:
    assert read(written) == date(2015, 6, 9)


@pytest.mark.parametrize(
    "written",
    [
        "12/31/2015", "31/02/2015", "00/00/0000", "June 2015", "9 Juno 2015", "9/6/215", "soon", "15-06", "2015", 2015,
        "99999999", "٠٩/٠٦/٢٠١٥", "1/1/1899", True, None, 0.5, 1e300, -5, 99_999_999,
    ],
)  # fmt: skip
def test_what_is_no_date(written: object) -> None:
    assert read(written) is None


def test_years_of_two_figures_turn_at_the_year_given() -> None:
    assert read("31/12/36") == date(2036, 12, 31)
    assert read("31/12/37") == date(1937, 12, 31)


def test_workbooks_may_count_from_1904() -> None:
    assert cells.day(40702, day_zero=date(1904, 1, 1), two_digit_years_until=2036) == date(2015, 6, 9)


@settings(deadline=None)
@given(DAYS)
def test_a_day_is_read_back_from_every_way_of_writing_it(day: date) -> None:
    serial = (day - DAY_ZERO).days
    ways = (
        f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}", f"{day:%d %B %Y}", f"{day:%d-%b-%Y}",
        day.isoformat(), f"{day.isoformat()}T13:05:00", serial, serial + 0.25,
    )  # fmt: skip
    assert {read(way) for way in ways} == {day}


@settings(deadline=None)
@given(st.text() | st.integers() | st.floats() | st.booleans() | st.none())
def test_any_cell_is_a_day_since_1900_or_none(value: object) -> None:
    found = read(value)
    assert found is None or found.year >= 1900


@pytest.mark.parametrize(
    "value",
    [
        "",
        "  ",
        "\u200b",
        "#N/A",
        "#n/a",
        "#REF!",
        "#DIV/0!",
        "#NAME?",
        "n/a",
        "None",
        "NULL",
        "-",
        "0",
        0,
        0.0,
        None,
    ],
)
def test_what_says_nothing(value: object) -> None:
    assert cells.present(value) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("Wren\u00a0Hale", "Wren Hale"),
        ("  Wren \n Hale\u200b ", "Wren Hale"),
        ("Zoe\u0308", "Zoë"),
        ("\x00North", "North"),
        (False, False),
        (True, True),
        (7, 7),
        ("#1 Team", "#1 Team"),
    ],
)
def test_what_is_said(value: object, said: object) -> None:
    assert cells.present(value) is said or cells.present(value) == said  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.text())
def test_clean_text_stays_as_it_is(text: str) -> None:
    once = cells.clean(text)
    assert cells.clean(once) == once


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("b) Female", "Female"),
        ("Female", "Female"),
        ("11)Female", "Female"),
        ("a) ", ""),
        (None, ""),
        (2, "2"),
    ],
)
def test_the_letter_of_a_coded_list_is_not_part_of_the_words(value: object, words: str) -> None:
    assert cells.label(value) == words  # type: ignore[arg-type]
