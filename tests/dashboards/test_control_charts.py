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
    fewest_crossings,
    funnel_limits,
    most_run,
)

counts = st.integers(1, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize(
    ("points", "longest", "crossings"),
    [
        (10, 6, 2),
        (11, 6, 2),
        (12, 7, 3),
        (14, 7, 4),
        (16, 7, 4),
        (18, 7, 5),
        (20, 7, 6),
        (22, 7, 7),
        (23, 8, 7),
        (24, 8, 8),
    ],
)
def test_the_published_limits_of_runs(points: int, longest: int, crossings: int) -> None:
    """The limits that Anhoej and Olesen give for so many useful observations."""
    assert (most_run(points), fewest_crossings(points)) == (longest, crossings)


@given(st.integers(10, 120))
def test_crossings_are_the_five_percent_point_of_a_binomial(points: int) -> None:
    assert fewest_crossings(points) == int(binom.ppf(0.05, points - 1, 0.5))


def test_limits_of_a_p_chart() -> None:
    """By hand: 30 of 150 is 0.2; for 50 it is 0.2 +- 3 x 0.05657."""
    chart = control_chart([(10, 50), (12, 50), (8, 50)])
    assert chart.centre == pytest.approx(0.2)
    assert chart.limits[0] == (pytest.approx(0.0303, abs=1e-4), pytest.approx(0.3697, abs=1e-4))
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
    assert chart.limits[0] == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.4102, abs=5e-5))
    assert chart.outside == (14, 22)


def test_a_month_beyond_its_limits_is_found() -> None:
    chart = control_chart([(10, 50)] * 8 + [(30, 50)])
    assert chart.outside == (8,)
    assert not chart.is_steady


def test_a_year_that_moves_up_is_a_shift_and_noise_is_not() -> None:
    assert control_chart([(8, 20)] * 6 + [(11, 20)] * 7).has_shift is False  # half lies on the median
    assert control_chart([(n, 40) for n in (14, 15, 13, 15, 14, 13, 19, 20, 21, 19, 20, 22)]).has_shift
    noise = [(n, 40) for n in (14, 19, 13, 20, 16, 13, 19, 15, 21, 14, 20, 15)]
    assert control_chart(noise).is_steady


def test_too_few_months_say_nothing_of_runs() -> None:
    chart = control_chart([(1, 20), (2, 20), (3, 20), (9, 20), (10, 20), (11, 20)])
    assert (chart.most_run, chart.fewest_crossings, chart.has_shift) == (None, None, False)


@given(st.lists(counts, min_size=1, max_size=30))
def test_a_chart_keeps_within_bounds(series: list[tuple[int, int]]) -> None:
    chart = control_chart(series)
    assert len(chart.shares) == len(chart.limits) == len(series)
    for low, high in chart.limits:
        assert 0 <= low <= chart.centre + 1e-12
        assert chart.centre - 1e-12 <= high <= 1
    assert chart.longest_run <= len(series)


@given(st.lists(counts, min_size=10, max_size=30))
def test_backwards_it_is_the_same_chart(series: list[tuple[int, int]]) -> None:
    one, two = control_chart(series), control_chart(series[::-1])
    assert (one.longest_run, one.crossings, one.is_steady) == (two.longest_run, two.crossings, two.is_steady)


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
