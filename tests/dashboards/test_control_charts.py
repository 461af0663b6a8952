"""What is called a change over months and a difference between teams, against published numbers and by properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from dashboards.control_charts import (
    ALARM,
    WARNING,
    control_chart,
    funnel_limits,
)

counts = st.integers(1, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


def test_limits_of_a_p_chart() -> None:
    """By hand: 30 of 150 is 0.2; for 50 it is 0.2 +- 3 x 0.05657."""
    chart = control_chart([(10, 50), (12, 50), (8, 50)])
    assert chart.centre == pytest.approx(0.2)
    assert chart.limits[0] == pytest.approx((0.0303, 0.3697), abs=1e-4)
    assert chart.outside == ()
    assert chart.is_steady


ORANGE_JUICE = (
    *(
        12,
        15,
        8,
        10,
        4,
        7,
        16,
        9,
        14,
        10,
        5,
        6,
        17,
        12,
        22,
        8,
        10,
        5,
        13,
        11,
        20,
        18,
        24,
        15,
        9,
        12,
        7,
        13,
        9,
        6,
    ),
    *(),
)
"""Cans that leak of 50 in each of 30 samples: Montgomery's first example of a p-chart."""


def test_the_p_chart_of_the_textbook() -> None:
    """Its centre is 0.2313, its limits 0.0524 and 0.4102; the samples 15 and 23 lie outside."""
    chart = control_chart([(cans, 50) for cans in ORANGE_JUICE])
    assert chart.centre == pytest.approx(0.2313, abs=5e-5)
    assert chart.limits[0] == pytest.approx((0.0524, 0.4102), abs=5e-5)
    assert chart.outside == (14, 22)


def test_a_month_beyond_its_limits_is_found() -> None:
    chart = control_chart([(10, 50)] * 8 + [(30, 50)])
    assert chart.outside == (8,)
    assert not chart.is_steady


def test_nine_months_on_one_side_are_a_shift_and_eight_are_not() -> None:
    """Nelson's second test. Nine of 22 and nine of 18 in 40 have their centre at half; so have eight of each."""
    nine = control_chart([(22, 40)] * 9 + [(18, 40)] * 9)
    assert (nine.centre, nine.longest_side, nine.has_shift, nine.outside) == (0.5, 9, True, ())
    eight = control_chart([(22, 40)] * 8 + [(18, 40)] * 8)
    assert (eight.longest_side, eight.has_shift, eight.is_steady) == (8, False, True)


def test_a_month_on_the_centre_ends_a_run() -> None:
    chart = control_chart([(22, 40)] * 8 + [(20, 40)] + [(22, 40)] + [(18, 40)] * 9)
    assert chart.centre == 0.5
    assert chart.longest_side == 9  # those below; the nine above have one on the centre among them
    assert control_chart([(1, 3), (2, 6), (3, 9)]).longest_side == 0


def test_six_months_that_rise_or_fall_are_a_trend_and_five_are_not() -> None:
    """Nelson's third test; months of different size, a month equal to the one before ends it."""
    rising = [(10, 40), (9, 30), (16, 50), (14, 40), (18, 50), (19, 50)]
    up = control_chart([(20, 50), *rising])
    assert (up.longest_rise, up.has_rise, up.has_fall) == (6, True, False)
    down = control_chart([*rising[::-1], (20, 50)])
    assert (down.longest_fall, down.has_fall, down.has_rise) == (6, True, False)
    assert control_chart(rising[1:]).is_steady
    assert control_chart([*rising[:3], (8, 25), *rising[3:]]).longest_rise == 4


def test_noise_is_steady() -> None:
    noise = [(n, 40) for n in (14, 19, 13, 20, 16, 13, 19, 15, 21, 14, 20, 15)]
    assert control_chart(noise).is_steady


@given(st.lists(counts, min_size=1, max_size=30))
def test_a_chart_keeps_within_bounds(series: list[tuple[int, int]]) -> None:
    chart = control_chart(series)
    assert len(chart.shares) == len(chart.limits) == len(series)
    for low, high in chart.limits:
        assert 0 <= low <= chart.centre + 1e-12
        assert chart.centre - 1e-12 <= high <= 1
    assert max(chart.longest_side, chart.longest_rise, chart.longest_fall) <= len(series)


@given(st.lists(counts, min_size=10, max_size=30))
def test_backwards_it_is_the_same_chart(series: list[tuple[int, int]]) -> None:
    one, two = control_chart(series), control_chart(series[::-1])
    assert (one.longest_side, one.is_steady) == (two.longest_side, two.is_steady)
    assert (one.longest_rise, one.longest_fall) == (two.longest_fall, two.longest_rise)


@given(st.integers(0, 100), st.integers(1, 80), st.sampled_from([WARNING, ALARM]))
def test_a_funnel_leaves_out_no_more_than_its_chance(percent: int, of: int, chance: float) -> None:
    low, high = funnel_limits(percent / 100, of, chance)
    assert 0 <= low <= high <= 1
    expected = binom(of, percent / 100)
    assert expected.cdf(round(low * of) - 1) < chance / 2 + 1e-9
    assert expected.sf(round(high * of)) < chance / 2 + 1e-9


@given(st.integers(1, 99), st.integers(2, 60))
def test_the_outer_limits_lie_outside_the_inner(percent: int, of: int) -> None:
    inner, outer = funnel_limits(percent / 100, of, WARNING), funnel_limits(percent / 100, of, ALARM)
    assert outer[0] <= inner[0]
    assert inner[1] <= outer[1]
