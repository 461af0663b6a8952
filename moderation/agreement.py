"""How far panels agree with auditors, and which way the difference leans. Imports no Django.

The rules are docs/domain.md, sections 7 and 10. A pair is an auditor's grade and the panel's, both on the scale of
four. "Not applicable" is no grade of the scale: a pair with it on one side is no agreement, up or down, and is
counted apart as a change of applicability; with it on both sides there is nothing to compare.

- Agreed, up and down are counted of the pairs, so their shares sum to all of them.
- Weighted kappa (Cohen 1968) with quadratic weights; its standard error is the large-sample one of Fleiss, Cohen
  and Everitt (1969) and its interval that of the normal distribution.
- Gwet's AC2 (2008, 2014) with the same weights, which stays sensible where nearly all grades are alike; its standard
  error is Gwet's for two raters and its interval that of Student's t with n - 1 degrees of freedom.

Both are given from 10 pairs on, with the reason where there is none. A lean is said only when the exact sign test
supports it: among the audits that were moved, how far from half and half are ups and downs.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb, sqrt

from core.shares import CHANCE_LEVEL, SMALLEST_FOR_PERCENT, Z_95, Ratio

SCALE = ("inadequate", "requires_improvement", "good", "outstanding")
NOT_APPLICABLE = "not_applicable"

Pair = tuple[str, str]
"""The auditor's grade and the panel's, by their stable codes."""

Table = Sequence[Sequence[float]]
"""Rows by the first rater's grade, columns by the second's; counts in the one, weights in the other."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient with its standard error and its 95% interval, which is cut off at 1 and at -1."""

    value: float
    error: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why there is no coefficient, as a sentence."""

    why: str

    def __str__(self) -> str:
        return self.why


Coefficient = Estimate | Unknown


@dataclass(frozen=True)
class Agreement:
    """The pairs of one area, auditor, pathway or month, compared. Made by `compare`."""

    counts: Mapping[Pair, int]
    """How many pairs of each kind, both grades on the scale."""
    applicability_changed: int
    """Pairs with "not applicable" on one side, which are not among `counts`."""

    @cached_property
    def pairs(self) -> int:
        return sum(self.counts.values())

    @cached_property
    def steps(self) -> Mapping[int, int]:
        """How many pairs moved by so many steps; above nought the panel graded higher."""
        steps: Counter[int] = Counter()
        for (auditor, panel), count in self.counts.items():
            steps[SCALE.index(panel) - SCALE.index(auditor)] += count
        return steps

    @property
    def agreed(self) -> Ratio:
        return Ratio(self.steps.get(0, 0), self.pairs)

    @property
    def up(self) -> Ratio:
        return Ratio(sum(count for step, count in self.steps.items() if step > 0), self.pairs)

    @property
    def down(self) -> Ratio:
        return Ratio(sum(count for step, count in self.steps.items() if step < 0), self.pairs)

    @property
    def two_step(self) -> Ratio:
        """Changed by two steps or three."""
        return Ratio(sum(count for step, count in self.steps.items() if abs(step) > 1), self.pairs)

    @property
    def mean_shift(self) -> float | None:
        """Steps by which the panel's grade is higher on average; None without pairs."""
        if not self.pairs:
            return None
        return sum(step * count for step, count in self.steps.items()) / self.pairs

    @property
    def shift_in_words(self) -> str:
        """Such as "+0.12": to two places, with its sign; "0.00" where nothing shifts; empty without pairs."""
        if self.mean_shift is None:
            return ""
        if self.mean_shift == 0:
            return "0.00"
        return f"{self.mean_shift:+.2f}".replace("-", "\N{MINUS SIGN}")

    @cached_property
    def table(self) -> Table:
        return [[self.counts.get((auditor, panel), 0) for panel in SCALE] for auditor in SCALE]

    @cached_property
    def kappa(self) -> Coefficient:
        """Quadratic-weighted kappa, from 10 pairs on."""
        return self._too_few or weighted_kappa(self.table, quadratic_weights(len(SCALE)))

    @cached_property
    def ac2(self) -> Coefficient:
        """Gwet's AC2 with quadratic weights, from 10 pairs on."""
        return self._too_few or gwet_ac2(self.table, quadratic_weights(len(SCALE)))

    @property
    def _too_few(self) -> Unknown | None:
        if self.pairs >= SMALLEST_FOR_PERCENT:
            return None
        return Unknown(f"Too few to say: below {SMALLEST_FOR_PERCENT} grades compared.")


@dataclass(frozen=True, slots=True)
class Lean:
    """Which way panels move an auditor's grades: so many audits up and so many down, one sign for each audit.

    The grades of one audit are decided together, so counting each of them would claim more than the panel saw.
    """

    up: int
    down: int

    @property
    def direction(self) -> str:
        """Lenient where more go down than chance explains, harsh where more go up; empty where neither is supported."""
        if sign_test(self.up, self.down) >= CHANCE_LEVEL:
            return ""
        return "lenient" if self.down > self.up else "harsh"

    @property
    def in_words(self) -> str:
        """What may be said of the direction, never more than the numbers support."""
        moved = f"{self.down} marked down, {self.up} marked up"
        if not self.up + self.down:
            return "No audit was moved up or down."
        if not self.direction:
            return f"No direction beyond chance: {moved}."
        than = "higher" if self.direction == "lenient" else "lower"
        return f"Grades {than} than panels do, beyond chance: {moved}."


def compare(pairs: Iterable[Pair]) -> Agreement:
    """Compare auditors' grades with panels', pair by pair."""
    return from_counts(Counter(pairs))


def from_counts(counts: Mapping[Pair, int]) -> Agreement:
    """The same from pairs that the database has counted already."""
    return Agreement(
        counts={pair: count for pair, count in counts.items() if count and NOT_APPLICABLE not in pair},
        applicability_changed=sum(count for pair, count in counts.items() if pair.count(NOT_APPLICABLE) == 1),
    )


def pool(agreements: Iterable[Agreement]) -> Agreement:
    """Several compared as one: counts are added, nothing is averaged."""
    total: Counter[Pair] = Counter()
    changed = 0
    for agreement in agreements:
        total.update(agreement.counts)
        changed += agreement.applicability_changed
    return Agreement(dict(total), changed)


def quadratic_weights(size: int) -> Table:
    """1 for the same grade, 0 for the ends of the scale, and between them less with the square of the distance."""
    return [[1 - (row - column) ** 2 / (size - 1) ** 2 for column in range(size)] for row in range(size)]


def weighted_kappa(table: Table, weights: Table) -> Coefficient:
    """Cohen's weighted kappa of two raters.

    Unknown when chance alone would agree completely: all grades of both are the same one, so that there is no
    disagreement that could have been avoided.
    """
    n = sum(map(sum, table))
    if not n:
        return Unknown("Nothing to compare.")
    size = range(len(table))
    share = [[cell / n for cell in row] for row in table]
    rows = [sum(row) for row in share]
    columns = [sum(row[column] for row in share) for column in size]
    observed = sum(weights[i][j] * share[i][j] for i in size for j in size)
    expected = sum(weights[i][j] * rows[i] * columns[j] for i in size for j in size)
    if sum(cell > 0 for cell in rows) == 1 and sum(cell > 0 for cell in columns) == 1 and expected >= 1:
        return Unknown("Every grade is the same one, so kappa is not defined.")
    value = (observed - expected) / (1 - expected)
    of_row = [sum(weights[i][j] * columns[j] for j in size) for i in size]
    of_column = [sum(weights[i][j] * rows[i] for i in size) for j in size]
    squares = sum(
        share[i][j] * (weights[i][j] * (1 - expected) - (of_row[i] + of_column[j]) * (1 - observed)) ** 2
        for i in size
        for j in size
    )
    variance = (squares - (observed * expected - 2 * expected + observed) ** 2) / (n * (1 - expected) ** 4)
    return _estimate(value, variance, Z_95)


def gwet_ac2(table: Table, weights: Table) -> Coefficient:
    """Gwet's AC2 of two raters; with weights of 1 and 0 it is AC1."""
    n = sum(map(sum, table))
    if n < 2:
        return Unknown("Nothing to compare.")
    size = range(len(table))
    categories = len(table)
    share = [[cell / n for cell in row] for row in table]
    used = [(sum(share[k]) + sum(row[k] for row in share)) / 2 for k in size]
    factor = sum(map(sum, weights)) / (categories * (categories - 1))
    observed = sum(weights[i][j] * share[i][j] for i in size for j in size)
    expected = factor * sum(part * (1 - part) for part in used)
    value = (observed - expected) / (1 - expected)
    squares = sum(
        share[i][j] * (weights[i][j] - 2 * (1 - value) * factor * (1 - (used[i] + used[j]) / 2)) ** 2
        for i in size
        for j in size
    )
    variance = (squares - (observed - 2 * (1 - value) * expected) ** 2) / (n * (1 - expected) ** 2)
    return _estimate(value, variance, _t_95(int(n) - 1))


def _estimate(value: float, variance: float, quantile: float) -> Estimate:
    error = sqrt(max(variance, 0.0))
    return Estimate(value, error, max(value - quantile * error, -1.0), min(value + quantile * error, 1.0))


def _t_95(degrees: int) -> float:
    """The 97.5% quantile of Student's t."""
    from scipy.special import stdtrit  # noqa: PLC0415 - scipy is loaded only where it is needed

    return float(stdtrit(degrees, 0.975))


def sign_test(up: int, down: int) -> float:
    """The chance, were ups and downs equally likely, of a split at least as uneven: exact, two-sided."""
    changed = up + down
    tail = sum(comb(changed, k) for k in range(min(up, down) + 1))
    return min(2 * tail / (1 << changed), 1.0)


def recurring(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The reasons given more than once for changed grades, the most frequent first."""
    return sorted(
        ((reason, count) for reason, count in counts.items() if count > 1),
        key=lambda item: (-item[1], item[0]),
    )
