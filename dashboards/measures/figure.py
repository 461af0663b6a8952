"""A measure of a period beside the period before and the year so far, and what may be said. Imports no Django."""

from dataclasses import dataclass
from functools import cached_property

from core.shares import CHANCE_LEVEL, Ratio, chance_of_difference, whole_percent, wilson_interval
from dashboards.measures.definition import Measure, Tally, Unit, ratio, signed
from moderation.agreement import Coefficient, Estimate

Statistic = Coefficient | float | None
"""A kappa or a median; None where there is none."""


@dataclass(frozen=True)
class Figure:
    """One measure of a quarter, beside the quarter before and the year so far."""

    measure: Measure
    now: Ratio
    before: Ratio
    year_to_date: Ratio | None
    """The pooled counts; None for a change in a number, which a year does not add up."""
    statistics: tuple[Statistic, Statistic, Statistic] = (None, None, None)
    """The same three of a kappa or a median."""
    is_over: bool = True
    """Whether the period is over: of one that goes on what is missing yet would pass for a change."""

    @property
    def printed(self) -> str:
        """The figure as every page and document prints it, with its numerator and denominator."""
        return self.measure.printed(self.now, self.statistics[0])

    @property
    def printed_before(self) -> str:
        return self.measure.printed(self.before, self.statistics[1])

    @property
    def printed_year_to_date(self) -> str:
        """Empty for a change in a number."""
        return (
            "" if self.year_to_date is None else self.measure.printed(self.year_to_date, self.statistics[2])
        )

    @property
    def value(self) -> float | None:
        """The mean or the kappa, to two places, or the median; None for other measures, and where there is none."""
        statistic = self.statistics[0]
        if isinstance(statistic, Estimate):
            return round(statistic.value, 2)
        if isinstance(statistic, float):
            return statistic
        return self.measure.mean_of(self.now)

    @property
    def value_interval_95(self) -> tuple[float, float] | None:
        """The interval of a kappa, to two places."""
        kappa = self.statistics[0]
        return (round(kappa.low, 2), round(kappa.high, 2)) if isinstance(kappa, Estimate) else None

    @property
    def percent(self) -> int | None:
        return self.measure.percent_of(self.now)

    @property
    def percent_before(self) -> int | None:
        return self.measure.percent_of(self.before)

    @property
    def interval_95(self) -> tuple[float, float] | None:
        """The Wilson 95% interval in percent, to one decimal place; None where no percentage is printed."""
        if self.percent is None or not self.measure.is_share:
            return None
        return wilson_interval(self.now.numerator, self.now.denominator)

    @cached_property
    def points(self) -> int | None:
        """Whole percentage points of change, from the counts and not from the two printed percentages.

        None where either percentage is not printed.
        """
        if not self._is_comparable:
            return None
        now, before = self.now, self.before
        return whole_percent(
            now.numerator * before.denominator - before.numerator * now.denominator,
            now.denominator * before.denominator,
        )

    @cached_property
    def change_supported(self) -> bool | None:
        """Whether the two periods differ by more than chance (Fisher's exact test, two-sided, 5%).

        None where either percentage is not printed, which is too few to say, and while the period goes on.
        """
        if not self._is_comparable or not self.is_over:
            return None
        now, before = self.now, self.before
        return (
            chance_of_difference(now.numerator, now.denominator, before.numerator, before.denominator)
            < CHANCE_LEVEL
        )

    @property
    def change_in_words(self) -> str:
        """Such as "+18 points, supported change"; the points alone where the difference may be chance."""
        if not self.measure.is_share:
            return "not tested"
        if self.points is None:
            return "too few"
        points = f"{signed(self.points)} point{_s(self.points)}"
        if not self.is_over:
            return f"{points}, not tested yet"
        return f"{points}, supported change" if self.change_supported else points

    @property
    def change_said(self) -> str:
        """Such as "a rise of 18 percentage points"; empty unless more than chance explains it."""
        if not self.change_supported or self.points is None:
            return ""
        return f"a {'rise' if self.points > 0 else 'fall'} of {abs(self.points)} percentage point{_s(self.points)}"

    @property
    def _is_comparable(self) -> bool:
        return self.measure.is_share and None not in (self.percent, self.percent_before)


def _s(points: int) -> str:
    return "" if abs(points) == 1 else "s"


def figure(
    measure: Measure, now: Tally, before: Tally, year_to_date: Tally, *, is_over: bool = True
) -> Figure:
    """An expanded `measure` of a quarter, beside the quarter before and the pooled quarters of its year."""
    year = None if measure.unit == Unit.CHANGE else ratio(measure, year_to_date)
    statistics = (measure.statistic_of(now), measure.statistic_of(before), measure.statistic_of(year_to_date))
    return Figure(measure, ratio(measure, now), ratio(measure, before), year, statistics, is_over)
