"""Which children a round audits: a random draw in proportion to pathway and team. Imports no Django.

The rules are docs/domain.md, section 6. The seed gives each open child a lot number, and within a pathway and
team the lowest lots are drawn, so a draw can be repeated and explained. Nothing depends on the order in which
the children are given.

How many each pathway and team gets: the places are shared out over the pathways by largest remainder. Within
a pathway most teams' shares are fractions below one, where the largest remainders would be the same large
teams' every month and a small team's children would never be read; there the fractions are rounded by lot, so
that every team stays within one of its share and every child of a pathway has the same chance.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple


class Stratum(NamedTuple):
    pathway: str
    team: str


Scope = tuple[str | None, str | None]
"""Pathway and team; None stands for any."""
ANYWHERE: Scope = (None, None)

Node = tuple[str, str]
Edge = tuple[Node, Node]


@dataclass(frozen=True, slots=True)
class Child:
    """An open child of the caseload.

    `last_audited` is any day of the last month the child was allocated an audit for. `held_by` names the
    people who must not audit the child, by the key an auditor is known as, with what they are or were to the
    child in the last 12 months ("social worker").
    """

    reference: str
    pathway: str
    team: str
    sibling_group: str = ""
    last_audited: date | None = None
    held_by: Mapping[str, str] = field(default_factory=dict)

    @property
    def stratum(self) -> Stratum:
        return Stratum(self.pathway, self.team)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a council sets for itself; the values here are the ones the product is shipped with.

    `pathway_weights` over-samples (2 counts each child twice, 0 leaves the pathway out); a pathway not named
    weighs 1. Only auditors who know a pathway in `specialist_pathways` may audit a child on it.
    `pathway_names` gives the words that sentences use.
    """

    months_between_audits: int = 12
    own_team_blocked: bool = True
    specialist_pathways: frozenset[str] = frozenset({"leaving_care"})
    pathway_weights: Mapping[str, Decimal] = field(default_factory=dict)
    pathway_names: Mapping[str, str] = field(default_factory=dict)

    def name_of(self, pathway: str) -> str:
        return self.pathway_names.get(pathway, pathway)

    def weight_of(self, pathway: str) -> Fraction:
        return Fraction(self.pathway_weights.get(pathway, 1))


@dataclass(frozen=True, slots=True)
class Drawn:
    child: Child
    because: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that should have been covered and is not, and the reason."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Draw:
    """The children drawn, in order of reference.

    `short` lists the places that a pathway and team could not fill itself; `not_covered` those nobody could.
    """

    seed: int
    drawn: tuple[Drawn, ...]
    short: tuple[Gap, ...]
    not_covered: tuple[Gap, ...]


def draw(children: Iterable[Child], *, month: date, wanted: int, seed: int, rules: Rules) -> Draw:
    """Draw `wanted` children for the round of `month` (docs/domain.md, section 6).

    Shares follow the open children, times the pathway's weight. Children audited in the months before, and
    brothers and sisters of a child already drawn, are passed over; a place that its pathway and team cannot
    fill goes by lot to another team of the pathway, then to any pathway. Fewer than `wanted` are drawn only
    when no child is left that may be.
    Raises ValueError when two children have the same reference.
    """
    caseload = sorted(
        (child for child in children if rules.weight_of(child.pathway)), key=lambda child: child.reference
    )
    if len({child.reference for child in caseload}) < len(caseload):
        raise ValueError("Two children have the same reference.")
    rng = random.Random(seed)  # noqa: S311 - a draw that can be repeated, not a secret
    # Only random() is asked: the one method whose stream Python promises to keep from version to version.
    by_lot = sorted(caseload, key=lambda _: rng.random())
    places = share_out(caseload, wanted, rules=rules, rng=rng)

    resting = {
        child.reference
        for child in caseload
        if child.last_audited and _months_between(child.last_audited, month) <= rules.months_between_audits
    }
    pools: defaultdict[Scope, list[Child]] = defaultdict(list)
    for child in by_lot:
        if child.reference not in resting:
            for scope in _widening(child.stratum):
                pools[scope].append(child)
    place_of = _fill(places, pools)

    words = _Words(caseload, resting, place_of, rules)
    unfilled = wanted - len(place_of)
    return Draw(
        seed=seed,
        drawn=tuple(
            Drawn(child, words.because(child, out_of=len(pools[child.stratum])))
            for child in caseload
            if child.reference in place_of
        ),
        short=tuple(
            Gap(f"{short} of {count} for {words.name(stratum)}", words.why_short(stratum))
            for stratum, count in sorted(places.items())
            if (short := count - words.at_home[stratum])
        ),
        not_covered=(
            (Gap(f"{unfilled} of the {wanted} child journey audits", words.why_short(ANYWHERE)),)
            if unfilled
            else ()
        ),
    )


def share_out(
    children: Iterable[Child], places: int, *, rules: Rules, rng: random.Random
) -> dict[Stratum, int]:
    """How many of the `places` each pathway and team gets, in proportion to its children.

    Pathways by largest remainder of weight times children; teams within them by lot (see round_by_lot).
    """
    size = Counter(child.stratum for child in children)
    of_pathway: Counter[str] = Counter()
    for stratum, count in size.items():
        of_pathway[stratum.pathway] += count
    seats = largest_remainder(
        {pathway: count * rules.weight_of(pathway) for pathway, count in sorted(of_pathway.items())},
        places,
        rng,
    )
    return round_by_lot(
        {
            stratum: Fraction(seats[stratum.pathway] * count, of_pathway[stratum.pathway])
            for stratum, count in sorted(size.items())
        },
        rng,
    )


def largest_remainder(sizes: Mapping[str, Fraction], places: int, rng: random.Random) -> dict[str, int]:
    """Share `places` out in proportion to `sizes`, each share within one of its quota; ties go by lot."""
    total = sum(sizes.values())
    if not total:
        return dict.fromkeys(sizes, 0)
    quotas = {name: places * size / total for name, size in sizes.items()}
    shares = {name: math.floor(quota) for name, quota in quotas.items()}
    ranked = sorted(quotas, key=lambda name: (shares[name] - quotas[name], rng.random()))
    for name in ranked[: places - sum(shares.values())]:
        shares[name] += 1
    return shares


def round_by_lot(shares: Mapping[Stratum, Fraction], rng: random.Random) -> dict[Stratum, int]:
    """Round each share to the whole number above or below by lot, so that on average it is the share.

    The shares of each pathway must add up to a whole number, which is kept; each team's total also becomes a
    whole number next to its own share. Works on the flow pathway -> team -> all: wherever amounts are not
    whole they form a cycle, and moving a random amount round it keeps every sum and makes one more whole.
    """
    flow: defaultdict[Edge, Fraction] = defaultdict(Fraction)
    for (pathway, team), share in shares.items():
        flow[("pathway", pathway), ("team", team)] = share
        flow[("team", team), ("all", "")] += share
    loose: defaultdict[Node, dict[Node, Edge]] = defaultdict(dict)
    for edge, amount in flow.items():
        if amount.denominator != 1:
            loose[edge[0]][edge[1]] = loose[edge[1]][edge[0]] = edge
    for start in list(loose):
        while loose[start]:
            cycle = _cycle(loose, start)
            up = min(_to_whole(flow[edge], sign) for edge, sign in cycle)
            down = min(_to_whole(flow[edge], -sign) for edge, sign in cycle)
            step = up if rng.random() * (up + down) < down else -down
            for edge, sign in cycle:
                flow[edge] += sign * step
                if flow[edge].denominator == 1:
                    del loose[edge[0]][edge[1]], loose[edge[1]][edge[0]]
    return {stratum: int(flow[("pathway", stratum.pathway), ("team", stratum.team)]) for stratum in shares}


def _cycle(loose: Mapping[Node, Mapping[Node, Edge]], start: Node) -> list[tuple[Edge, int]]:
    """A cycle of loose edges reached from `start`: +1 where it runs with the flow, -1 where against it.

    The sums at every node are whole, so no node has a single loose edge and the walk meets itself.
    """
    path: list[Node] = [start]
    came_from: Node | None = None
    while path[-1] not in path[:-1]:
        here = path[-1]
        path.append(next(node for node in loose[here] if node != came_from))
        came_from = here
    around = path[path.index(path[-1]) :]
    edges = [(tail, loose[tail][head]) for tail, head in pairwise(around)]
    return [(edge, 1 if edge[0] == tail else -1) for tail, edge in edges]


def _to_whole(amount: Fraction, sign: int) -> Fraction:
    """How far `amount` can go up (or, for a sign of -1, down) until it is whole."""
    return math.ceil(amount) - amount if sign > 0 else amount - math.floor(amount)


def _widening(stratum: Stratum) -> tuple[Scope, Scope, Scope]:
    """Where a place may be filled from, in this order."""
    return stratum, (stratum.pathway, None), ANYWHERE


def _fill(places: Mapping[Stratum, int], pools: Mapping[Scope, Collection[Child]]) -> dict[str, Stratum]:
    """Give each place to the lowest lot that may have it, widening the pool only once all have had their own.

    Returns the place that each child drawn fills, by the child's reference.
    """
    place_of: dict[str, Stratum] = {}
    families: set[str] = set()
    left = dict(places)
    for step in range(3):
        for place in sorted(left):
            pool = iter(pools.get(_widening(place)[step], ()))
            while left[place] and (child := next(pool, None)):
                if child.reference not in place_of and child.sibling_group not in families:
                    place_of[child.reference] = place
                    left[place] -= 1
                    families |= {child.sibling_group} - {""}
    return place_of


def _months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month


class _Words:
    """The sentences of a draw, with the counts they quote."""

    def __init__(
        self,
        caseload: Collection[Child],
        resting: Collection[str],
        place_of: Mapping[str, Stratum],
        rules: Rules,
    ) -> None:
        self.place_of, self.rules = place_of, rules
        self.at_home: Counter[Scope] = Counter()
        self.open: Counter[Scope] = Counter()
        self.drawn: Counter[Scope] = Counter()
        self.resting: Counter[Scope] = Counter()
        self.siblings: Counter[Scope] = Counter()
        families = {child.sibling_group for child in caseload if child.reference in place_of} - {""}
        for child in caseload:
            for scope in _widening(child.stratum):
                self.open[scope] += 1
                self.drawn[scope] += child.reference in place_of
                self.at_home[scope] += place_of.get(child.reference) == scope
                self.resting[scope] += child.reference in resting
                self.siblings[scope] += (
                    child.reference not in resting
                    and child.reference not in place_of
                    and child.sibling_group in families
                )

    def name(self, stratum: Stratum) -> str:
        return f"{self.rules.name_of(stratum.pathway)}, {stratum.team}"

    def because(self, child: Child, *, out_of: int) -> str:
        place = self.place_of[child.reference]
        if place != child.stratum:
            return f"Drawn by lot for a place that {self.name(place)} could not fill."
        return (
            f"Drawn by lot: {self.at_home[place]} of the {out_of} who could be drawn for {self.name(place)}."
        )

    def why_short(self, scope: Scope) -> str:
        reasons = []
        if self.resting[scope]:
            reasons.append(
                f"{self.resting[scope]} audited in the last {self.rules.months_between_audits} months"
            )
        if self.siblings[scope]:
            reasons.append(f"{self.siblings[scope]} with a brother or sister in this round")
        drawn = f"{self.drawn[scope]} of {self.open[scope]} open children drawn"
        return f"{'; '.join([drawn, *reasons])}."
