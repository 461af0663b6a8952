"""The same small drawing for every practice question, so that the eye compares them. Imports no Django.

templates/dashboards/_small_multiples.html draws them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.shares import Ratio

HEIGHT = 60
"""Pixels: how high a bar of 100% is; the template has them too."""
GAP = 0.25
"""The share of a bar's place that stays white."""


@dataclass(frozen=True)
class SmallMultiple:
    """One question over the periods: its words, the newest share as printed, and the drawing.

    `bars` is one path for all, of 100 units in width: a template that wrote each bar would take longer than the figures
    do. `ends` are the middle of the first and the last bar, with their percent sign, and what is set over them.
    """

    ident: str
    label: str
    printed: str
    description: str
    bars: str
    ends: tuple[tuple[str, str], ...]


def small_multiple(ident: str, label: str, periods: Sequence[tuple[str, Ratio]]) -> SmallMultiple:
    """Draw the share of each period, earliest first; at least one is needed. Nothing is drawn of nothing counted."""
    step = 100 / len(periods)
    return SmallMultiple(
        ident=ident,
        label=label,
        printed=f"{periods[-1][0]}: {periods[-1][1]}",
        description=" ".join(f"{period}: {share}." for period, share in periods),
        bars="".join(
            f"M{step * (place + GAP / 2):.2f} {HEIGHT}v{-_height(share)}h{step * (1 - GAP):.2f}V{HEIGHT}z"
            for place, (_, share) in enumerate(periods)
        ),
        ends=tuple(
            (f"{step * (place + 0.5):.2f}%", _short(periods[place][1]))
            for place in sorted({0, len(periods) - 1})
        ),
    )


def _height(share: Ratio) -> int:
    return round(HEIGHT * share.numerator / share.denominator) if share.denominator else 0


def _short(share: Ratio) -> str:
    if not share.denominator:
        return "none"
    return f"{share.numerator}/{share.denominator}" if share.percent is None else f"{share.percent}%"
