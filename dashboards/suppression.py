"""What may leave the QA team of a table by team, so that no small number can be worked out. Knows no Django.

A count under 5 says too much of one team's few children. Leaving out that cell alone is not enough: it is the
total less the others. So a team with a small cell has its whole row left out, its total kept where that gives nothing
away; and where the rows that are left out can still be told apart by their totals, more rows or the totals go, too
(docs/domain.md, section 10; the reasons are in docs/adr).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

SMALLEST = 5
"""The smallest count of one team that leaves the QA team."""
WITHHELD = "withheld"
"""What stands where a count is left out."""

R = TypeVar("R", bound=Hashable)
C = TypeVar("C", bound=Hashable)
Table = Mapping[R, Mapping[C, int]]
"""Counts by row (a team) and column (such as a grade); every row has every column."""


@dataclass(frozen=True)
class Released:
    """What is shown of a table: which rows hold cells, which rows hold a total, and whether the columns hold theirs.

    Column totals are the council's own figures, and are shown but where one row is the whole table.
    """

    shown: frozenset[Hashable]
    with_total: frozenset[Hashable]
    with_column_totals: bool

    def cell(self, row: Hashable, count: int) -> int | None:
        """The count, or None where it is left out."""
        return count if row in self.shown else None

    def total(self, row: Hashable, count: int) -> int | None:
        """The row's total, or None where it is left out."""
        return count if row in self.with_total else None


def release(table: Table[R, C]) -> Released:
    """Which rows and row totals of the table may be shown beside its column totals.

    Nothing shown is under 5. Whatever is left out cannot be worked out from what is shown: at least two values are
    possible for it, but where the column's total is nought.
    """
    totals = {row: sum(cells.values()) for row, cells in table.items()}
    hidden = {row for row, cells in table.items() if min(cells.values(), default=0) < SMALLEST}
    by_size = sorted((row for row in table if row not in hidden), key=lambda row: (totals[row], str(row)))
    while hidden and by_size and _gives_away(table, totals, hidden):
        hidden.add(by_size.pop(0))
    with_total = {row for row in table if totals[row] >= SMALLEST}
    if hidden - with_total or _gives_away(table, totals, hidden):
        with_total -= hidden
    lone = len(hidden) == 1
    return Released(frozenset(table.keys() - hidden), frozenset(with_total), with_column_totals=not lone)


def release_part(table: Table[R, C], whole: Released, *, may_be_nought: C) -> frozenset[Hashable]:
    """Which rows of a table may be shown beside its column totals and another table with the same row totals.

    Args:
        table: counts of the same things by something else, such as the grades of one area.
        whole: what is shown of the table of the same rows and row totals, such as the overall grades. A row whose total
            is left out there is left out here.
        may_be_nought: the column in which none is no small number, such as "not applicable".

    """
    totals = {row: sum(cells.values()) for row, cells in table.items()}
    hidden = {
        row
        for row, cells in table.items()
        if row not in whole.with_total
        or any(
            count < SMALLEST and not (column == may_be_nought and not count)
            for column, count in cells.items()
        )
    }
    by_size = sorted((row for row in table if row not in hidden), key=lambda row: (totals[row], str(row)))
    while hidden and by_size and _gives_away(table, totals, hidden):
        hidden.add(by_size.pop(0))
    return frozenset(table.keys() - hidden)


def release_periods(tables: Mapping[str, Table[R, C]]) -> tuple[dict[str, Released], Released]:
    """The same for several periods shown beside the table that pools them.

    A row left out of one period would be the pooled row less the other periods: so it is left out of the pooled table.
    What is small there is small in each period, so nothing else has to be.

    Returns:
        By period what is shown of its table, and what is shown of the pooled one.

    """
    released = {period: release(table) for period, table in tables.items()}
    rows = {row for table in tables.values() for row in table}
    told = {row for period, table in tables.items() for row in table if row not in released[period].shown}
    pooled = Released(
        frozenset(rows - told),
        frozenset(rows - told),
        with_column_totals=all(part.with_column_totals for part in released.values()),
    )
    return released, pooled


def _gives_away(table: Table[R, C], totals: Mapping[R, int], hidden: set[R]) -> bool:
    """Whether a hidden cell has one possible value, when the totals of rows and columns are known.

    Between given totals a cell lies from max(0, row + column - all) to min(row, column), and reaches both ends.
    """
    everything = sum(totals[row] for row in hidden)
    columns = {column for row in hidden for column in table[row]}
    for column in columns:
        column_total = sum(table[row].get(column, 0) for row in hidden)
        for row in hidden:
            lowest = max(0, totals[row] + column_total - everything)
            if column_total and lowest == min(totals[row], column_total):
                return True
    return False
