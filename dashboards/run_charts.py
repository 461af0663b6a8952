"""A share month by month with what chance alone explains. Imports no Django; the arithmetic is control_charts.py's.

templates/dashboards/_run_chart.html draws it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.shares import Ratio
from dashboards.contents import Table
from dashboards.control_charts import A_SHIFT, ControlChart, control_chart

TOP, HEIGHT, BELOW = 16, 200, 34
"""Pixels: above the field, of the field, and under it for the names of the months."""
LEFT, RIGHT = 8, 99
"""Percent of the width where the field begins and ends."""


@dataclass(frozen=True)
class Month:
    """One month; x carries its percent sign, y is in pixels."""

    x: str
    y: int
    is_outside: bool


@dataclass(frozen=True)
class RunChart:
    """The drawing; `sentence` is its finding and `description` says every number.

    `limits` is one path for the least and the most of every month, in percent of the width and pixels of the height.
    """

    ident: str
    sentence: str
    description: str
    height: int
    months: tuple[Month, ...]
    limits: str
    centre_y: int
    axis_y: int
    words_y: int
    first: str
    last: str
    table: Table


def run_chart(ident: str, label: str, months: Sequence[tuple[str, Ratio]]) -> RunChart | None:
    """Draw the months with something counted, in the order given; None where there are none."""
    counted = [(month, share) for month, share in months if share.denominator]
    if not counted:
        return None
    chart = control_chart([(share.numerator, share.denominator) for _, share in counted])
    names = [month for month, _ in counted]
    whole = Ratio(
        sum(share.numerator for _, share in counted), sum(share.denominator for _, share in counted)
    )
    step = (RIGHT - LEFT) / len(counted)
    rows = tuple(
        (
            month,
            str(share),
            f"{round(100 * low)}% to {round(100 * high)}%",
            "more than chance explains" if place in chart.outside else "as chance explains",
        )
        for place, ((month, share), (low, high)) in enumerate(zip(counted, chart.limits, strict=True))
    )
    return RunChart(
        ident=ident,
        sentence=f"{label}: {whole} over {_months(len(counted))}. {_reading(chart, names)}",
        description=" ".join(f"{month}: {share}, {reading}." for month, share, _, reading in rows),
        height=TOP + HEIGHT + BELOW,
        months=tuple(
            Month(
                x=f"{LEFT + step * (place + 0.5):.2f}%",
                y=_y(chart.shares[place]),
                is_outside=place in chart.outside,
            )
            for place in range(len(counted))
        ),
        limits="".join(
            f"M{LEFT + step * place:.2f} {_y(limit)}h{step:.2f}"
            for place, limits in enumerate(chart.limits)
            for limit in limits
        ),
        centre_y=_y(chart.centre),
        axis_y=TOP + HEIGHT,
        words_y=TOP + HEIGHT + 22,
        first=names[0],
        last=names[-1],
        table=Table(f"{label}, month by month", ("Month", "Counted", "Chance alone", "Reading"), rows),
    )


def _reading(chart: ControlChart, names: Sequence[str]) -> str:
    """What the rules say; that something changed is said only where one of them does."""
    said = []
    if chart.outside:
        verb = "lies" if len(chart.outside) == 1 else "lie"
        said.append(
            f"{' and '.join(names[place] for place in chart.outside)} {verb} outside what chance explains."
        )
    if chart.has_shift:
        said.append(f"The level changed: {chart.longest_side} months in a row lie on one side of the whole.")
    if chart.has_rise:
        said.append(f"It rose {chart.longest_rise} months in a row, which chance does not explain.")
    if chart.has_fall:
        said.append(f"It fell {chart.longest_fall} months in a row, which chance does not explain.")
    if not said:
        said.append("No month and no run of months differs by more than chance explains.")
    if len(names) < A_SHIFT:
        said.append("There are too few months yet to tell a lasting change.")
    return " ".join(said)


def _months(count: int) -> str:
    return "1 month" if count == 1 else f"{count} months"


def _y(share: float) -> int:
    return TOP + round(HEIGHT * (1 - share))
