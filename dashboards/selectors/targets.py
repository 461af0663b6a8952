"""What the council aims at in a quarter, and what its performance dashboard says of it."""

from collections.abc import Iterable

from core.dates import Quarter
from dashboards.aims import SHIPPED, Aim
from dashboards.enums import Direction
from dashboards.models import PerformanceFigure, Target


def targets_in(quarter: Quarter) -> dict[str, Aim]:
    """The targets that hold in the quarter, by the code of the measure. One query."""
    found = {aim.code: aim for aim in SHIPPED}
    for row in Target.objects.filter(first_day__lte=quarter.first_day).order_by("first_day"):
        found.pop(row.code, None)
        if row.percent is not None:
            found[row.code] = Aim(
                row.code, row.percent, is_most=row.direction == Direction.AT_MOST, since=row.quarter
            )
    return found


def performance_figures(quarters: Iterable[Quarter]) -> list[PerformanceFigure]:
    """The typed-in figures of the quarters, earliest quarter first. One query."""
    first_days = [quarter.first_day for quarter in quarters]
    return list(
        PerformanceFigure.objects.filter(first_day__in=first_days).order_by("first_day", "code", "name", "pk")
    )
