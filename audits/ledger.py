"""The ledger's arithmetic: what became of everything that was allocated. Imports no Django.

docs/domain.md, section 6: allocated = excused + withdrawn + reallocated + returned + outstanding + never returned.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, fields
from typing import TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class Line:
    """What became of some obligations. `allocated` is counted by itself, never added up from the others."""

    allocated: int = 0
    excused: int = 0
    withdrawn: int = 0
    reallocated: int = 0
    returned: int = 0
    outstanding: int = 0
    never_returned: int = 0

    def __add__(self, other: "Line") -> "Line":
        return Line(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))

    @property
    def parts(self) -> tuple[int, ...]:
        """What became of them, in the order of the columns."""
        return astuple(self)[1:]

    @property
    def balances(self) -> bool:
        return self.allocated == sum(self.parts)


COLUMNS = tuple(field.name for field in fields(Line))
"""The columns in the order in which they are shown."""


@dataclass(frozen=True)
class Table:
    """Lines by what they were grouped by, and all of them together."""

    lines: tuple[tuple[str, Line], ...]
    total: Line

    @property
    def balances(self) -> bool:
        """Whether every line does, and the total of the lines with them."""
        return self.total.balances and all(line.balances for _, line in self.lines)


def table_by(
    rows: Iterable[Row], line_of: Callable[[Row], Line], group_of: Callable[[Row], tuple[str, str]]
) -> Table:
    """The rows added up by group.

    Args:
        rows: counted obligations.
        line_of: the counts of a row.
        group_of: what a row is sorted by, and the words for it; two groups may share their words.

    """
    sums: defaultdict[tuple[str, str], Line] = defaultdict(Line)
    for row in rows:
        sums[group_of(row)] += line_of(row)
    return Table(tuple((words, sums[key, words]) for key, words in sorted(sums)), sum(sums.values(), Line()))
