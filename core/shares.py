"""So many of so many: printing a share, and saying what chance alone would do to it. Imports no Django.

The rules are docs/domain.md, section 10: numerator and denominator beside each percentage, whole percent half up,
below 10 in the denominator the fraction alone, and what is noise is called noise.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import comb, sqrt

SMALLEST_FOR_PERCENT = 10
CHANCE_LEVEL = Fraction(1, 20)
Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Ratio:
    """So many of so many, always printed as both."""

    numerator: int
    denominator: int

    def __str__(self) -> str:
        return self.of("")

    def of(self, things: str) -> str:
        """The ratio in words: 29 of 64 audits (45%), or 3 of 9 audits where no percentage is printed."""
        percent = self.percent
        words = f"{self.numerator} of {self.denominator}{things and f' {things}'}"
        return words if percent is None else f"{words} ({percent}%)"

    @property
    def percent(self) -> int | None:
        """Whole percent, half up; None below 10 in the denominator, where only the fraction is printed."""
        if self.denominator < SMALLEST_FOR_PERCENT:
            return None
        return whole_percent(self.numerator, self.denominator)


def whole_percent(numerator: int, denominator: int) -> int:
    """Whole percent, exactly, halves away from nought, so that a rise and its reverse print alike."""
    percent = (200 * abs(numerator) + denominator) // (2 * denominator)
    return percent if numerator >= 0 else -percent


def wilson_interval(numerator: int, denominator: int) -> tuple[float, float]:
    """The Wilson score interval at 95%, in percent to one decimal place; `denominator` is at least one."""
    share = numerator / denominator
    spread = Z_95**2 / denominator
    centre = share + spread / 2
    margin = sqrt(spread * (share * (1 - share) + spread / 4))
    low, high = (centre - margin) / (1 + spread), (centre + margin) / (1 + spread)
    return round(100 * max(low, 0.0), 1), round(100 * min(high, 1.0), 1)


def chance_of_difference(hits: int, trials: int, other_hits: int, other_trials: int) -> Fraction:
    """The p-value of Fisher's exact test, two-sided, as an exact fraction.

    The chance, were the two shares equal, of a split of all the hits between the two groups that is as
    unlikely as the one seen, or more so.
    """
    total = hits + other_hits
    lowest, highest = max(0, total - other_trials), min(total, trials)
    ways = comb(trials, lowest) * comb(other_trials, total - lowest)
    splits = {}
    for split in range(lowest, highest + 1):
        splits[split] = ways
        ways = ways * (trials - split) * (total - split) // ((split + 1) * (other_trials - total + split + 1))
    return Fraction(
        sum(ways for ways in splits.values() if ways <= splits[hits]), comb(trials + other_trials, total)
    )
