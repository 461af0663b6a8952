"""What is noise and what is not, over months and between teams. Knows no Django (docs/domain.md, section 10).

Sources. p-charts: D. C. Montgomery, Introduction to Statistical Quality Control, limits of three standard deviations.
Runs: J. Anhoej and A. V. Olesen, Run Charts Revisited, PLoS ONE 9(11), 2014: a run is too long above
round(log2(n) + 3), crossings of the median are too few below the 5% point of a binomial with n - 1 tosses. Funnels:
D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in Medicine 24, 2005, with exact
binomial limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import comb, log2, sqrt
from statistics import median

SIGMAS = 3
FEWEST_FOR_RUNS = 10
"""Months off the median below which runs say nothing."""
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
        longest_run, most_run: points on one side of the median in a row, and how many chance explains; `most_run` is
            None where there are too few points to say.
        crossings, fewest_crossings: how often the median is crossed, and the fewest that chance explains.

    """

    shares: tuple[float, ...]
    centre: float
    limits: tuple[tuple[float, float], ...]
    outside: tuple[int, ...]
    longest_run: int
    most_run: int | None
    crossings: int
    fewest_crossings: int | None

    @property
    def has_shift(self) -> bool:
        """Whether the months run on one side for longer, or cross the middle less often, than chance explains."""
        if self.most_run is None or self.fewest_crossings is None:
            return False
        return self.longest_run > self.most_run or self.crossings < self.fewest_crossings

    @property
    def is_steady(self) -> bool:
        """Whether nothing but chance is needed to explain it."""
        return not self.outside and not self.has_shift


def control_chart(counts: Sequence[Count]) -> ControlChart:
    """The p-chart of counts in the order of time, with the two rules of runs. At least one count is needed."""
    shares = tuple(numerator / denominator for numerator, denominator in counts)
    centre = sum(numerator for numerator, _ in counts) / sum(denominator for _, denominator in counts)
    limits = []
    for _, denominator in counts:
        spread = SIGMAS * sqrt(centre * (1 - centre) / denominator)
        limits.append((max(0.0, centre - spread), min(1.0, centre + spread)))
    middle = median(shares)
    sides = [share > middle for share in shares if share != middle]
    enough = len(sides) >= FEWEST_FOR_RUNS
    return ControlChart(
        shares=shares,
        centre=centre,
        limits=tuple(limits),
        outside=tuple(
            place
            for place, (share, (low, high)) in enumerate(zip(shares, limits, strict=True))
            if not low <= share <= high
        ),
        longest_run=max((len(list(run)) for _, run in groupby(sides)), default=0),
        most_run=most_run(len(sides)) if enough else None,
        crossings=sum(one != two for one, two in pairwise(sides)),
        fewest_crossings=fewest_crossings(len(sides)) if enough else None,
    )


def most_run(points: int) -> int:
    """The longest run on one side of the median that chance explains among so many points off it.

    >>> [most_run(points) for points in (10, 12, 20, 23)]
    [6, 7, 7, 8]
    """
    return round(log2(points) + 3)


def fewest_crossings(points: int) -> int:
    """The fewest crossings of the median that chance explains among so many points off it.

    >>> [fewest_crossings(points) for points in (10, 12, 20, 24)]
    [2, 3, 6, 8]
    """
    tosses = points - 1
    ways, crossings = 1, 0
    while 20 * ways < 2**tosses:
        crossings += 1
        ways += comb(tosses, crossings)
    return crossings


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
