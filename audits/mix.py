"""Who gets a dip sample and who an observation (docs/domain.md, section 6). Imports no Django."""

from collections import Counter
from collections.abc import Mapping

KINDS = ("dip_sample", "observation")


def share_out(had_this_year: Mapping[str, Counter[str]]) -> dict[str, str]:
    """One kind for each person: the one they had less of this year, else the one fewer people get this month.

    The same people give the same answer, in whatever order they come.

    Args:
        had_this_year: for each person, by e-mail address, how many of each kind they had.

    """
    given: Counter[str] = Counter()
    kinds = {}
    undecided = []
    for person in sorted(had_this_year):
        had = had_this_year[person]
        if had[KINDS[0]] == had[KINDS[1]]:
            undecided.append(person)
        else:
            kinds[person] = min(KINDS, key=lambda kind: had[kind])
            given[kinds[person]] += 1
    for person in undecided:
        kinds[person] = min(KINDS, key=lambda kind: given[kind])
        given[kinds[person]] += 1
    return kinds
