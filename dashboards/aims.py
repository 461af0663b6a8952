"""Targets, and how far a measure is from its own (docs/domain.md, section 10). Imports no Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.dates import Quarter
from core.shares import Ratio
from dashboards.measures.figure import Figure


@dataclass(frozen=True)
class Aim:
    """The whole percentage that a measure should reach, on which side of it, and since when; None for `since` as
    shipped.
    """

    code: str
    percent: int
    is_most: bool = False
    since: Quarter | None = None

    def __str__(self) -> str:
        return f"{'at most' if self.is_most else 'at least'} {self.percent}%"

    def limit(self, of: int) -> int:
        """The numerator that just reaches it, of so many: rounded to the side that reaches it."""
        return self.percent * of // 100 if self.is_most else -(-self.percent * of // 100)

    def is_reached(self, counted: Ratio) -> bool:
        """From the counts, and not from the rounded percentage: 189 of 199 prints 95% and does not reach 95%."""
        limit = self.limit(counted.denominator)
        return counted.numerator <= limit if self.is_most else counted.numerator >= limit


SHIPPED = (Aim("return_rate", 95), Aim("moderation.coverage", 100))
"""What the first council aimed at, until this council sets its own (docs/domain.md, section 10)."""


@dataclass(frozen=True)
class Progress:
    """A figure beside its target."""

    aim: Aim
    figure: Figure

    @property
    def is_reached(self) -> bool | None:
        """None where no percentage is printed: too few to say."""
        return None if self.figure.percent is None else self.aim.is_reached(self.figure.now)

    @property
    def in_words(self) -> str:
        """Such as "Not reached: it takes 64 of 67"."""
        if self.is_reached is None:
            return "Too few to say"
        if self.is_reached:
            return "Reached" if self.figure.is_over else "Reached so far"
        whole = self.figure.now.denominator
        reached = "Not reached" if self.figure.is_over else "Not reached yet"
        return (
            f"{reached}: it takes {self.aim.limit(whole)} of {whole}{' or fewer' if self.aim.is_most else ''}"
        )

    def as_document(self) -> dict[str, Any]:
        """As JSON holds it; scripts rely on the keys."""
        now = self.figure.now
        return {
            "code": self.aim.code,
            "label": self.figure.measure.label,
            "direction": "at_most" if self.aim.is_most else "at_least",
            "target": self.aim.percent,
            "since": str(self.aim.since) if self.aim.since else None,
            "numerator": now.numerator,
            "denominator": now.denominator,
            "percent": self.figure.percent,
            "takes": self.aim.limit(now.denominator),
            "reached": self.is_reached,
        }


def progress_of(figures: Mapping[str, Figure], aims: Mapping[str, Aim]) -> list[Progress]:
    """The figures that have a target, in the order of the table of measures."""
    return [Progress(aims[code], figure) for code, figure in figures.items() if code in aims]
