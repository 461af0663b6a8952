"""The spread of a calibration exercise: how far apart people grade the same text. Imports no Django."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from core.shares import Ratio
from core.text import fold
from moderation.agreement import SCALE


@dataclass(frozen=True, slots=True)
class Spread:
    """What was given one text: how many gave each grade, best first, and how they stand to each other."""

    counts: tuple[tuple[str, int], ...]
    reference: str

    @property
    def graded(self) -> int:
        return sum(count for _, count in self.counts)

    @property
    def agreeing_pairs(self) -> Ratio:
        """Of all pairs of people, those that gave the same grade."""
        pairs = self.graded * (self.graded - 1) // 2
        return Ratio(sum(count * (count - 1) // 2 for _, count in self.counts), pairs)

    @property
    def as_reference(self) -> Ratio:
        """Who gave the reference grade, where there is one."""
        return Ratio(dict(self.counts).get(self.reference, 0), self.graded)

    @property
    def steps_apart(self) -> int:
        """Steps between the highest and the lowest grade given."""
        given = [SCALE.index(grade) for grade, count in self.counts if count]
        return max(given) - min(given) if given else 0


def spread_of(grades: Iterable[str], reference: str = "") -> Spread:
    """The spread of the grades given to one text."""
    counts = Counter(grades)
    return Spread(tuple((grade, counts[grade]) for grade in reversed(SCALE)), reference)


def names_left(text: str, names: Iterable[str]) -> list[str]:
    """Which of the names still stand in the text, whatever their spelling; a part of three letters or more counts."""
    words = f" {' '.join(_words(text))} "
    found = []
    for name in names:
        parts = [name, *name.split()]
        if any(len(part) > 2 and f" {' '.join(_words(part))} " in words for part in parts):
            found.append(name)
    return found


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in fold(text)).split()
