"""Somebody who adds and subtracts everything that is shown, to learn what is not."""

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.optimize import LinearConstraint, milp

Variable = tuple[str, ...]
MOST = 500
"""No count is larger."""


class Attacker:
    """Knows everything that is shown, that counts are whole numbers from nought, and how to solve equations."""

    def __init__(self, variables: Sequence[Variable]) -> None:
        self.place = {variable: number for number, variable in enumerate(variables)}
        self.rows: list[np.ndarray] = []
        self.sums: list[int] = []

    def learns(self, variables: Iterable[Variable], total: int) -> None:
        row = np.zeros(len(self.place))
        for variable in variables:
            row[self.place[variable]] += 1
        self.rows.append(row)
        self.sums.append(total)

    def weighs(self, variables: Sequence[Variable], weights: Sequence[int], total: int) -> None:
        """Learns that the variables, each times its weight, add up to the total."""
        row = np.zeros(len(self.place))
        for variable, weight in zip(variables, weights, strict=True):
            row[self.place[variable]] += weight
        self.rows.append(row)
        self.sums.append(total)

    def range_of(self, *variables: Variable) -> tuple[int, int]:
        """The smallest and the largest sum of these that fits everything known."""
        aim = np.zeros(len(self.place))
        for variable in variables:
            aim[self.place[variable]] = 1
        known = LinearConstraint(np.array(self.rows), self.sums, self.sums) if self.rows else ()
        ends = []
        for sign in (1, -1):
            found = milp(sign * aim, constraints=known, integrality=np.ones(len(aim)), bounds=(0, MOST))
            ends.append(round(sign * found.fun) if found.success else MOST)
        return ends[0], ends[1]
