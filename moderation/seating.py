"""Which moderator reads which audit: the best assignment under hard blocks. Imports no Django.

The rules are docs/domain.md, section 7 (R3, R4). Nobody reads their own audit, a child they hold or held, or an
audit of their line manager or direct report: those moderators arrive in `Tabled.forbidden` and are never given it.
Within that the assignment is the best there is: first by how many readings find a reader, then by even load, then
by how many stay with the reader they were given to, then by how many readers do not know the pathway, then by a lot
from the seed, so that ties favour nobody and the same seed and data give the same answer. It is solved exactly, as a
program in whole numbers (scipy's HiGHS): a table of audits and moderators is small, and a greedy choice can leave an
audit without a reader that had one.
"""

import random
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LOTS = 1000

Row = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tabled:
    """An audit on the table; `forbidden` are the ids of moderators who must not read it (R3)."""

    reference: str
    pathway: str
    forbidden: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Moderator:
    """A member of the panel who reads; `most` is how many audits at most, None for no limit."""

    id: int
    name: str
    knows: frozenset[str] = frozenset()
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Seating:
    """Who reads what.

    Attributes:
        readers: by audit reference the ids of its readers, in ascending order; every audit is there.
        because: by audit reference and moderator id, the facts that the choice rests on.
        not_covered: a sentence for each audit with fewer readers than wanted.
        load: how many audits each moderator reads, 0 included.

    """

    readers: Mapping[str, tuple[int, ...]]
    because: Mapping[tuple[str, int], str]
    not_covered: tuple[str, ...]
    load: Mapping[int, int]


@dataclass(slots=True)
class _Program:
    """Minimise one cost after the other over choices that are each taken or not."""

    open_to: list[tuple[int, int]]
    most: Row
    rows: list[Row] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def hold(self, row: Row, low: float, high: float) -> None:
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def best(self, costs: Iterable[Row]) -> Row:
        """The choices with the least first cost, among those with the least second, and so on."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - a second, only where needed

        chosen = np.zeros(len(self.most))
        for cost in costs:
            found = milp(
                cost,
                constraints=LinearConstraint(np.array(self.rows), self.low, self.high),
                bounds=Bounds(0, self.most),
                integrality=np.ones(len(self.most)),
                options={"mip_rel_gap": 0},
            )
            if not found.success:
                raise RuntimeError(f"No seating found: {found.message}")
            chosen = np.rint(found.x)
            self.hold(cost, -np.inf, float(cost @ chosen))
        return chosen


def seat(
    table: Iterable[Tabled],
    moderators: Iterable[Moderator],
    *,
    seed: int,
    readers: int = 1,
    keep: Collection[tuple[str, int]] = (),
    stay: Collection[tuple[str, int]] = (),
) -> Seating:
    """Give each audit `readers` different moderators: as many as the blocks allow, and with even loads.

    `keep` are pairs (reference, moderator id) that stand, because the reading has begun; a pair that has become
    forbidden is not kept. `stay` are pairs that were given out and not begun: they stay as far as loads are even so.
    If any assignment gives every audit its readers, one is found; among those, one whose loads are as even as they can
    be, so where loads that differ by at most one are possible, they do.
    """
    audits = sorted(table, key=lambda audit: audit.reference)
    people = sorted(moderators, key=lambda moderator: moderator.id)
    pairs = [
        (row, column)
        for row, audit in enumerate(audits)
        for column, moderator in enumerate(people)
        if moderator.id not in audit.forbidden
    ]
    named = [(audits[row].reference, people[column].id) for row, column in pairs]
    standing = tuple(
        {n for n, pair in enumerate(named) if pair in pairs_named} for pairs_named in (keep, stay)
    )
    chosen = _solve(audits, people, pairs, seed=seed, readers=readers, standing=standing) if pairs else []
    load = Counter(people[column].id for _, column in chosen)
    given: dict[str, list[Moderator]] = {audit.reference: [] for audit in audits}
    for row, column in chosen:
        given[audits[row].reference].append(people[column])
    return Seating(
        readers={reference: tuple(reader.id for reader in found) for reference, found in given.items()},
        because={
            (audits[row].reference, people[column].id): _because(audits[row], people[column], people)
            for row, column in chosen
        },
        not_covered=tuple(
            _why_short(audit, people, len(given[audit.reference]), readers)
            for audit in audits
            if len(given[audit.reference]) < readers
        ),
        load={moderator.id: load[moderator.id] for moderator in people},
    )


def _solve(
    audits: list[Tabled],
    people: list[Moderator],
    pairs: list[tuple[int, int]],
    *,
    seed: int,
    readers: int,
    standing: tuple[set[int], ...],
) -> list[tuple[int, int]]:
    """The pairs chosen. Columns: a pair each; then for each moderator their first, second, ... audit.

    `standing` are the columns of pairs that are kept, and of those that stay where loads are even so.
    """
    steps = [
        (column, nth)
        for column, moderator in enumerate(people)
        for nth in range(len(audits) if moderator.most is None else min(moderator.most, len(audits)))
    ]
    width = len(pairs) + len(steps)
    program = _Program(pairs, np.ones(width))
    for row in range(len(audits)):
        of_audit = _row(width, {n: 1 for n, pair in enumerate(pairs) if pair[0] == row})
        program.hold(of_audit, 0, readers)
    for column in range(len(people)):
        read = {n: 1 for n, pair in enumerate(pairs) if pair[1] == column}
        taken = {len(pairs) + n: -1 for n, step in enumerate(steps) if step[0] == column}
        program.hold(_row(width, read | taken), 0, 0)
    kept, stays = standing
    lot = random.Random(seed)  # noqa: S311 - a lot that can be repeated, not a secret
    chosen = program.best(
        (
            _row(width, dict.fromkeys(kept, -1)),
            _row(width, dict.fromkeys(range(len(pairs)), -1)),
            _row(width, {len(pairs) + n: nth for n, (_, nth) in enumerate(steps)}),
            _row(width, dict.fromkeys(stays, -1)),
            _row(
                width,
                {
                    n: 1
                    for n, (row, column) in enumerate(pairs)
                    if audits[row].pathway not in people[column].knows
                },
            ),
            _row(width, {n: lot.randrange(LOTS) for n in range(len(pairs))}),
        )
    )
    return [pair for pair, is_chosen in zip(pairs, chosen, strict=False) if is_chosen]


def _named(
    pairs: list[tuple[int, int]],
    audits: list[Tabled],
    people: list[Moderator],
    named: Collection[tuple[str, int]],
) -> set[int]:
    return {n for n, (row, column) in enumerate(pairs) if (audits[row].reference, people[column].id) in named}


def _row(width: int, values: Mapping[int, float]) -> Row:
    row = np.zeros(width)
    row[list(values)] = list(values.values())
    return row


def _because(audit: Tabled, reader: Moderator, people: list[Moderator]) -> str:
    may = sum(moderator.id not in audit.forbidden for moderator in people)
    who = "nobody else on the panel may" if may == 1 else f"one of {may} on the panel who may"
    knows = "knows" if audit.pathway in reader.knows else "is not marked as knowing"
    return f"{reader.name} reads this audit: {who}, loads kept even; {knows} the pathway."


def _why_short(audit: Tabled, people: list[Moderator], found: int, wanted: int) -> str:
    may = [moderator for moderator in people if moderator.id not in audit.forbidden]
    if len(may) < wanted:
        conflicts = len(people) - len(may)
        return (
            f"{audit.reference} has {found} of {wanted} readers: {len(may)} of the {len(people)} on the panel "
            f"may read it, {conflicts} have a conflict of interest."
        )
    return f"{audit.reference} has {found} of {wanted} readers: those who may read it have as many audits as they can."
