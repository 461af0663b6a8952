"""The same small drawing for every practice question, so that the eye compares them. Imports no Django.

templates/dashboards/_small_multiples.html draws them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.shares import Ratio

TOP, HEIGHT = 22, 60
"""Pixels: where the field of the bars begins, and how high a bar of 100% is."""
GAP = 0.25
"""The share of a bar's place that stays white."""


@dataclass(frozen=True)
class Column:
    """One period: x, width and middle carry their percent sign; `text` is set over the first and the last alone."""

    x: str
    width: str
    middle: str
    y: int
    height: int
    text: str


@dataclass(frozen=True)
class SmallMultiple:
    """One question over the periods: its words, the newest share as printed, and the drawing."""

    ident: str
    label: str
    printed: str
    description: str
    columns: tuple[Column, ...]
    base: int = TOP + HEIGHT


def small_multiple(ident: str, label: str, periods: Sequence[tuple[str, Ratio]]) -> SmallMultiple:
    """Draw the share of each period, earliest first; at least one is needed. Nothing is drawn of nothing counted."""
    step = 100 / len(periods)
    columns = []
    for place, (_, share) in enumerate(periods):
        height = round(HEIGHT * share.numerator / share.denominator) if share.denominator else 0
        ends = place in (0, len(periods) - 1)
        columns.append(
            Column(
                x=f"{step * (place + GAP / 2):.2f}%",
                width=f"{step * (1 - GAP):.2f}%",
                middle=f"{step * (place + 0.5):.2f}%",
                y=TOP + HEIGHT - height,
                height=height,
                text=_short(share) if ends else "",
            )
        )
    return SmallMultiple(
        ident=ident,
        label=label,
        printed=f"{periods[-1][0]}: {periods[-1][1]}",
        description=" ".join(f"{period}: {share}." for period, share in periods),
        columns=tuple(columns),
    )


def _short(share: Ratio) -> str:
    if not share.denominator:
        return "none"
    return f"{share.numerator}/{share.denominator}" if share.percent is None else f"{share.percent}%"
