"""Teams beside each other without a ranking: which of them differ by more than chance. Imports no Django.

A small team's share moves far by chance alone, a large one's little: the limits are a funnel (control_charts.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.shares import Ratio
from dashboards.contents import Table
from dashboards.control_charts import ALARM, WARNING, funnel_limits

TOP, HEIGHT, BELOW = 10, 260, 46
"""Pixels: above the plot, of the plot, and under it for the words of the axis."""
LEFT, RIGHT = 8, 96
"""Percent of the width where the plot begins and ends."""
RADIUS = 6


@dataclass(frozen=True)
class Point:
    """One team. `number` is that of its row in the table."""

    number: int
    x: str
    y: int
    label_y: int
    is_beyond: bool


@dataclass(frozen=True)
class Funnel:
    """The drawing, its finding in words, and its table; `description` says every number.

    `alarm` and `warning` are one path each for both limits, in percent of the width and pixels of the height.
    """

    title: str
    description: str
    height: int
    alarm: str
    warning: str
    points: tuple[Point, ...]
    centre_y: int
    axis_y: int
    words_y: int
    largest: int
    table: Table


def funnel(teams: Sequence[tuple[str, Ratio]], whole: Ratio, *, of: str = "council") -> Funnel | None:
    """The teams with something counted against the share of `whole`, in the order given; None where there is none.

    `of` says whose share it is, in words.
    """
    counted = [(label, share) for label, share in teams if share.denominator]
    if not counted or not whole.denominator:
        return None
    centre = whole.numerator / whole.denominator
    largest = max(share.denominator for _, share in counted)
    limits = {size: funnel_limits(centre, size, ALARM) for size in range(1, largest + 1)}
    warnings = {size: funnel_limits(centre, size, WARNING) for size in range(1, largest + 1)}
    beyond = [label for label, share in counted if _is_beyond(share, limits)]
    rows = tuple(
        (
            f"{number}. {label}",
            str(share),
            f"{round(100 * limits[share.denominator][0])}% to {round(100 * limits[share.denominator][1])}%",
            "more than chance explains" if label in beyond else "as chance explains",
        )
        for number, (label, share) in enumerate(counted, start=1)
    )
    return Funnel(
        title=_title(beyond, of),
        description=" ".join(f"{row[0]}: {row[1]}, {row[3]}." for row in rows),
        height=TOP + HEIGHT + BELOW,
        alarm=_path(limits, largest),
        warning=_path(warnings, largest),
        points=tuple(
            Point(
                number=number,
                x=f"{_percent(share.denominator, largest):.2f}%",
                y=_y(share.numerator / share.denominator),
                label_y=_y(share.numerator / share.denominator) - RADIUS - 3,
                is_beyond=label in beyond,
            )
            for number, (label, share) in enumerate(counted, start=1)
        ),
        centre_y=_y(centre),
        axis_y=TOP + HEIGHT,
        words_y=TOP + HEIGHT + 20,
        largest=largest,
        table=Table(
            caption="Teams against what chance explains",
            columns=("Team", "Good or better", "Chance alone, of so many", "Reading"),
            rows=rows,
        ),
    )


def _is_beyond(share: Ratio, limits: dict[int, tuple[float, float]]) -> bool:
    low, high = limits[share.denominator]
    return not low <= share.numerator / share.denominator <= high


def _title(beyond: Sequence[str], of: str) -> str:
    if not beyond:
        return f"No team differs from the {of} by more than chance explains"
    verb = "differs" if len(beyond) == 1 else "differ"
    return f"{' and '.join(beyond)} {verb} from the {of} by more than chance explains"


def _path(limits: dict[int, tuple[float, float]], largest: int) -> str:
    return "".join(
        f"{'L' if size > 1 else 'M'}{_percent(size, largest):.2f} {_y(limits[size][side])}"
        for side in (0, 1)
        for size in limits
    )


def _percent(size: int, largest: int) -> float:
    return LEFT + (RIGHT - LEFT) * size / largest


def _y(share: float) -> int:
    return TOP + round(HEIGHT * (1 - share))
