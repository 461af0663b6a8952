"""Which themes come back in a team. Knows no Django (docs/domain.md, section 8)."""

from collections.abc import Collection, Mapping

from core.dates import Quarter

QUARTERS_LOOKED_AT = 4
QUARTERS_TO_RECUR = 3


def last_quarters(current: Quarter) -> tuple[Quarter, ...]:
    """The four quarters that are looked at, earliest first: the current one and the three before it."""
    quarters = [current]
    while len(quarters) < QUARTERS_LOOKED_AT:
        quarters.append(quarters[-1].previous())
    return tuple(reversed(quarters))


def stands_in(
    children: Mapping[Quarter, int], quarters: Collection[Quarter], *, least: int
) -> tuple[Quarter, ...]:
    """The quarters in which a theme was found on the files of at least so many children."""
    return tuple(quarter for quarter in quarters if children.get(quarter, 0) >= least)


def is_recurring(children: Mapping[Quarter, int], quarters: Collection[Quarter], *, least: int) -> bool:
    """Whether a theme stands in three of the four quarters in a team.

    Args:
        children: by quarter of allocation, on how many children's files it was found.
        quarters: those of `last_quarters`.
        least: on how many children's files it has to be found to stand in a quarter; 1 or more.

    """
    return len(stands_in(children, quarters, least=least)) >= QUARTERS_TO_RECUR
