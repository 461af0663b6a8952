"""What is noise and what is not, over months and between teams. Knows no Django (docs/domain.md, section 10).

Sources. p-charts: D. C. Montgomery, Introduction to Statistical Quality Control, limits of three standard deviations.
Signals: L. S. Nelson, The Shewhart Control Chart: Tests for Special Causes, Journal of Quality Technology 16(4), 1984,
tests 1 to 3: a point beyond its limits, nine points in a row on one side of the centre, six in a row that rise or fall.
Funnels: D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in Medicine 24, 2005,
with exact binomial limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import comb, sqrt

SIGMAS = 3
A_SHIFT, A_TREND = 9, 6
"""So many points in a row on one side of the centre, or each above or each below the one before, are a signal."""
WARNING, ALARM = 0.05, 0.002
"""The two-sided chances of a funnel's inner and outer limits."""

Count = tuple[int, int]
"""So many of so many; the second is at least one."""


@dataclass(frozen=True)
class ControlChart:
    """A share over time. Shares, centre and limits are from 0 to 1.

    Attributes:
        centre: the pooled share. limits: for each point the least and the most that chance alone explains.
        outside: places of points beyond their limits, counted from 0.
        longest_side: the most points in a row on one side of the centre; one that lies on it is on neither.
        longest_rise, longest_fall: the most points in a row that rise, or fall, from each to the next.

    """

    shares: tuple[float, ...]
    centre: float
    limits: tuple[tuple[float, float], ...]
    outside: tuple[int, ...]
    longest_side: int
    longest_rise: int
    longest_fall: int

    @property
    def has_shift(self) -> bool:
        return self.longest_side >= A_SHIFT

    @property
    def has_rise(self) -> bool:
        return self.longest_rise >= A_TREND

    @property
    def has_fall(self) -> bool:
        return self.longest_fall >= A_TREND

    @property
    def is_steady(self) -> bool:
        """Whether nothing but chance is needed to explain it."""
        return not (self.outside or self.has_shift or self.has_rise or self.has_fall)


def control_chart(counts: Sequence[Count]) -> ControlChart:
    """The p-chart of counts in the order of time, with what Nelson's tests look at. At least one count is needed."""
    shares = tuple(numerator / denominator for numerator, denominator in counts)
    counted, of = sum(numerator for numerator, _ in counts), sum(denominator for _, denominator in counts)
    centre = counted / of
    limits = []
    for _, denominator in counts:
        spread = SIGMAS * sqrt(centre * (1 - centre) / denominator)
        limits.append((max(0.0, centre - spread), min(1.0, centre + spread)))
    sides = [_sign(numerator * of - counted * denominator) for numerator, denominator in counts]
    steps = [_sign(two[0] * one[1] - one[0] * two[1]) for one, two in pairwise(counts)]
    return ControlChart(
        shares=shares,
        centre=centre,
        limits=tuple(limits),
        outside=tuple(
            place
            for place, (share, (low, high)) in enumerate(zip(shares, limits, strict=True))
            if not low <= share <= high
        ),
        longest_side=max(_longest(sides, 1), _longest(sides, -1)),
        longest_rise=_longest(steps, 1) + 1,
        longest_fall=_longest(steps, -1) + 1,
    )


def _sign(difference: int) -> int:
    return (difference > 0) - (difference < 0)


def _longest(signs: Sequence[int], wanted: int) -> int:
    return max((len(list(run)) for sign, run in groupby(signs) if sign == wanted), default=0)


def funnel_limits(share: float, denominator: int, chance: float) -> tuple[float, float]:
    """Between which shares a team of that size lies by chance, if it were as the council as a whole.

    Args:
        share: the council's, from 0 to 1.
        chance: two-sided; half of it lies beyond each limit at most.

    Returns:
        The least and the most, from 0 to 1. Both are whole counts of `denominator`, divided by it.

    """
    weights = [
        comb(denominator, hits) * share**hits * (1 - share) ** (denominator - hits)
        for hits in range(denominator + 1)
    ]
    low, below = 0, weights[0]
    while below < chance / 2:
        low += 1
        below += weights[low]
    high, above = denominator, weights[denominator]
    while above < chance / 2:
        high -= 1
        above += weights[high]
    return low / denominator, high / denominator
