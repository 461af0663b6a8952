"""Which auditor reads which child: the best assignment under hard blocks. Imports no Django.

The rules are docs/domain.md, section 6; docs/adr/0004-allocation-solver.md says how it is solved and why so.
Hard blocks are never broken. Within them the assignment is the best there is: first by the number of children
covered and the fairness of the year's load, then by each of the other costs in `Problem.costs` in turn, each
of which counts only between assignments equal in everything before. The last is a lot drawn from the seed, so
that ties favour nobody and the same seed and data give the same answer.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audits.draw import Child, Gap, Rules

Costs = NDArray[np.int64]
Pairs = NDArray[np.bool_]

LOTS = 2**20
NAMES_LISTED = 5


@dataclass(frozen=True, slots=True)
class Auditor:
    """Somebody who may be given audits.

    `room` is how many more audits they can take this month. A fair share of the year's audits follows monthly
    `capacity` times `months_available`: the months of the year so far, this one included, in which they could
    be given work. `known_as` are the keys that Child.held_by may name them by. `line_teams` are the teams in
    their line of management, `recent_teams` those whose children they audited lately.
    """

    id: str
    name: str
    room: int
    knows: frozenset[str] = frozenset()
    known_as: frozenset[str] = frozenset()
    own_teams: frozenset[str] = frozenset()
    line_teams: frozenset[str] = frozenset()
    recent_teams: frozenset[str] = frozenset()
    exempt: bool = False
    capacity: int = 1
    months_available: int = 1
    audits_this_year: int = 0

    @property
    def possible_this_year(self) -> int:
        return self.capacity * self.months_available


@dataclass(frozen=True, slots=True)
class Assigned:
    child: Child
    auditor: Auditor
    because: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who reads whom, in order of child reference; `load` counts this draw's by auditor id, 0 included."""

    assigned: tuple[Assigned, ...]
    not_covered: tuple[Gap, ...]
    load: Mapping[str, int]


class Block(NamedTuple):
    """What forbids a pair, as the end of a sentence about one auditor or about several."""

    one: str
    several: str


def hard_block(child: Child, auditor: Auditor, rules: Rules) -> Block | None:
    """What forbids this auditor this child; None when nothing does (docs/domain.md, section 6).

    Room is not looked at: whether an auditor is full depends on who else is given what.
    """
    if auditor.exempt:
        return Block("is exempt this month", "are exempt this month")
    if child.pathway in rules.specialist_pathways - auditor.knows:
        pathway = rules.name_of(child.pathway)
        return Block(f"does not know {pathway}", f"do not know {pathway}")
    if held := sorted(auditor.known_as & child.held_by.keys()):
        role = f"the child's {child.held_by[held[0]]} in the last 12 months"
        return Block(f"is or was {role}", f"are or were {role}")
    if rules.own_team_blocked and child.team in auditor.own_teams:
        return Block("works in the child's team", "work in the child's team")
    return None


def assign(children: Iterable[Child], auditors: Iterable[Auditor], *, seed: int, rules: Rules) -> Assignment:
    """Give each child one auditor: as many children, and as fairly, as the hard blocks and room allow.

    If any assignment covers every child, one is found. Otherwise as many as possible are covered, and
    `not_covered` names for each of the others what stands in the way.
    """
    problem = Problem(
        sorted(children, key=lambda child: child.reference),
        sorted(auditors, key=lambda auditor: auditor.id),
        rules,
    )
    given = problem.solve(seed)
    load = Counter(given.values())
    return Assignment(
        assigned=tuple(
            Assigned(problem.children[row], problem.auditors[index], problem.because(row, index))
            for row, index in given.items()
        ),
        not_covered=tuple(
            Gap(
                f"Child {child.reference} ({rules.name_of(child.pathway)}, {child.team})",
                problem.why_nobody(row, given),
            )
            for row, child in enumerate(problem.children)
            if row not in given
        ),
        load={
            auditor.id: load[index] for index, auditor in enumerate(problem.auditors) if not auditor.exempt
        },
    )


def best_assignment(costs: Iterable[Costs], open_to: Pairs) -> NDArray[np.intp]:
    """The column given to each row, best by the first cost, among those by the second, and so on.

    `open_to` says which pairs may be used; every row must be able to get a column of its own. Each cost is a
    table of small non-negative whole numbers, so that the arithmetic in floats is exact.

    After each cost only its optimal assignments stay open. By duality they are exactly those that use pairs
    without slack and leave out no column whose price is below zero (complementary slackness).
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - a second and 50 MB that only a draw needs

    rows = np.arange(len(open_to))
    needed = np.zeros(open_to.shape[1], dtype=bool)
    chosen = rows
    for cost in costs:
        more_than_all = len(rows) * cost.max(initial=0) + 1.0
        priced = np.where(open_to, cost - more_than_all * needed, np.inf)
        chosen = linear_sum_assignment(priced)[1]
        prices = np.zeros(len(needed))
        while True:
            slack = priced - (priced[rows, chosen] - prices[chosen])[:, None] - prices
            reductions = slack.min(axis=0, initial=0)
            if not reductions.any():
                break
            prices += reductions
        open_to, needed = slack == 0, prices < 0
    return chosen


class Problem:
    """The children drawn and the auditors as a table: a row for each child, a column for each audit.

    `slots` are the columns, (auditor, which of the audits they have room for). After them comes a column for
    each child that stands for "nobody".
    """

    def __init__(self, children: list[Child], auditors: list[Auditor], rules: Rules) -> None:
        self.children, self.auditors, self.rules = children, auditors, rules
        self.blocks = [[hard_block(child, auditor, rules) for auditor in auditors] for child in children]
        self.may = self.table([[block is None for block in row] for row in self.blocks]).astype(bool)
        self.room = np.array([auditor.room for auditor in auditors], dtype=np.int64)
        self.shares = np.array(
            [auditor.audits_this_year / auditor.possible_this_year for auditor in auditors]
        )
        self.slots = [
            (index, nth)
            for index, auditor in enumerate(auditors)
            for nth in range(0 if auditor.exempt else min(auditor.room, len(children)))
        ]
        self.of_slot = [index for index, _ in self.slots]

    def solve(self, seed: int) -> dict[int, int]:
        """The auditor given to each child covered, both by their place in the lists."""
        chosen = best_assignment(self.costs(seed), self.open_to())
        return {row: self.slots[column][0] for row, column in enumerate(chosen) if column < len(self.slots)}

    def open_to(self) -> Pairs:
        """Which columns each child may be given: the slots of auditors not blocked, and its own "nobody"."""
        return np.hstack([self.may[:, self.of_slot], np.eye(len(self.children), dtype=bool)])

    def table(self, by_auditor: list[list[bool]]) -> Costs:
        """Child by auditor, whichever of them there are none of."""
        return np.array(by_auditor, dtype=np.int64).reshape(len(self.children), len(self.auditors))

    def costs(self, seed: int) -> Iterable[Costs]:
        """What to keep low, the most important first (docs/domain.md, section 6).

        The first is coverage and fairness in one. An auditor's next audit costs more the more they have had
        for their capacity and availability (the Sainte-Lague divisors, which share out in proportion), and
        nobody costs most. Only the order of these costs matters, never their size: the sets of slots that can
        be filled are the bases of a matroid, whose cheapest basis is the same under all costs of one order.
        So their ranks do, which are small whole numbers. Where not all can be covered, a lot then says who is
        left over: no child because few auditors know its pathway or all are in its line.
        """
        shape = len(self.children), len(self.slots)
        dearness = [
            Fraction(2 * (auditor.audits_this_year + nth) + 1, auditor.possible_this_year)
            for auditor, nth in ((self.auditors[index], nth) for index, nth in self.slots)
        ]
        rank = {cost: place for place, cost in enumerate(sorted(set(dearness)))}
        lots = self.lots(seed)
        fairness = np.broadcast_to(np.array([rank[cost] for cost in dearness], dtype=np.int64), shape)
        later_in_month = np.broadcast_to(np.array([nth for _, nth in self.slots], dtype=np.int64), shape)
        yield self.with_nobody(fairness, len(rank))
        yield self.with_nobody(np.zeros(shape, dtype=np.int64), lots[:, 0])
        for soft_block in (self.in_line, self.unfamiliar, self.paired_lately):
            table = self.table(
                [[soft_block(child, auditor) for auditor in self.auditors] for child in self.children]
            )
            yield self.with_nobody(table[:, self.of_slot])
        yield self.with_nobody(later_in_month)
        yield self.with_nobody(lots[:, 1:])

    def lots(self, seed: int) -> Costs:
        """For each child a lot for being left over, then one for each slot."""
        lot = random.Random(seed)  # noqa: S311 - a lot that can be repeated, not a secret
        shape = len(self.children), len(self.slots) + 1
        return np.array([int(lot.random() * LOTS) for _ in range(math.prod(shape))], dtype=np.int64).reshape(
            shape
        )

    def with_nobody(self, costs: Costs, nobody: int | Costs = 0) -> Costs:
        """The costs with those of "nobody" after them: one for all children, or one for each."""
        return np.hstack([costs, np.broadcast_to(nobody, (len(self.children), len(self.children)))])

    def in_line(self, child: Child, auditor: Auditor) -> bool:
        return child.team in auditor.line_teams

    def unfamiliar(self, child: Child, auditor: Auditor) -> bool:
        return child.pathway not in auditor.knows

    def paired_lately(self, child: Child, auditor: Auditor) -> bool:
        return child.team in auditor.recent_teams

    def because(self, row: int, index: int) -> str:
        """The facts that the choice of this auditor for this child rests on."""
        child, auditor = self.children[row], self.auditors[index]
        others = self.may[row] & (self.room > 0)
        others[index] = False
        had = (
            f"{auditor.name} has had {auditor.audits_this_year} of the {auditor.possible_this_year} audits "
            f"they could have had this year ({_percent(self.shares[index])})"
        )
        if others.any():
            low, high = _percent(self.shares[others].min()), _percent(self.shares[others].max())
            figures = low if low == high else f"{low} to {high}"
            count = "the other auditor" if others.sum() == 1 else f"the {others.sum()} others"
            sentences = [f"{had}; {count} who could take this child: {figures}."]
        else:
            sentences = [f"{had}; no other auditor with room may take this child."]
        if self.in_line(child, auditor):
            sentences.append(f"{child.team} is in their line of management.")
        if self.unfamiliar(child, auditor):
            sentences.append(f"They are not marked as knowing {self.rules.name_of(child.pathway)}.")
        if self.paired_lately(child, auditor):
            sentences.append(f"They audited a child of {child.team} lately.")
        return " ".join(sentences)

    def why_nobody(self, row: int, given: Mapping[int, int]) -> str:
        """What stands in the way of a child left over: blocks alone, or too little room.

        Follows the chain of who may take this child, whom they were given, and who else may take those. All
        auditors reached are full, the children reached can go to nobody else, and there is one too many of
        them: Hall's condition fails here, which is why no assignment does better.
        """
        given_to = defaultdict(list)
        for other, index in given.items():
            given_to[index].append(other)
        reached = np.zeros(len(self.auditors), dtype=bool)
        waiting = [row]
        while waiting:
            new = self.may[waiting.pop()] & ~reached
            waiting += [other for index in np.flatnonzero(new).tolist() for other in given_to[index]]
            reached |= new
        if not reached.any():
            blocks = Counter(block for block in self.blocks[row] if block)
            counts = [f"{n} {block.one if n == 1 else block.several}" for block, n in blocks.most_common()]
            return f"No auditor may take this child: {', '.join(counts) or 'there are none'}."

        pathway = self.children[row].pathway
        others = [
            auditor for auditor, is_reached in zip(self.auditors, reached, strict=True) if not is_reached
        ]
        if all(auditor.exempt for auditor in others):
            fact = "No auditor has room this month"
        elif pathway in self.rules.specialist_pathways and all(
            auditor.exempt or pathway not in auditor.knows for auditor in others
        ):
            fact = f"No auditor who knows {self.rules.name_of(pathway)} has room this month"
        else:
            fact = "No auditor who may take this child has room this month"
        names = sorted(self.auditors[index].name for index in np.flatnonzero(reached))
        who = ", ".join(names) if len(names) <= NAMES_LISTED else f"{len(names)} auditors"
        rivals = (~(self.may & ~reached).any(axis=1)).sum()
        return (
            f"{fact}: {who} can take {self.room[reached].sum()} in all; "
            f"{rivals} of the children drawn can go to nobody else."
        )


def _percent(share: float) -> str:
    """Whole percent, half up."""
    return f"{int(share * 100 + 0.5)}%"
