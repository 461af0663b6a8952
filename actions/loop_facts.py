"""Is the loop closing? What was done about what audits found, in figures with their numerators and denominators."""

from collections import defaultdict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time
from statistics import median

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import TruncDate

from actions.deadlines import BANDS
from actions.enums import CLOSED, ActionMoveKind, ActionStatus
from actions.models import ActionMove
from actions.querysets import ActionQuerySet
from actions.selectors import is_overdue, is_owed
from actions.tracker_facts import is_of_age
from core.dates import LONDON, add_months, london_date
from core.shares import Ratio

MONTHS = 12
FEWEST_SHOWN = 5
"""Below it a team's figure could point at one child or one person, and leaves the QA team for nobody above."""


@dataclass(frozen=True)
class Median:
    """How long a team or a theme took from raised to done; `days` is None where it is too few to show."""

    label: str
    closed: int
    days: int | None


@dataclass(frozen=True)
class Loop:
    """The figures of the last twelve months, and of what is open today."""

    open: int
    overdue: Ratio
    ages: list[tuple[str, Ratio]]
    on_time: Ratio
    closed: int
    verified: Ratio
    returned: Ratio
    by_team: list[Median]
    by_theme: list[Median]


def loop_of(rows: ActionQuerySet, *, on: date, closures: AbstractSet[date], is_suppressed: bool) -> Loop:
    """Count these actions as they stand on the day. Two queries.

    An action counts for the theme it was raised for and for those of the finding it is about, once for each.

    Args:
        is_suppressed: whether teams and themes with fewer than five closed are shown without their days.

    """
    since = add_months(on, -MONTHS)
    began = datetime.combine(since, time(), LONDON)
    closed_lately = Q(status__in=CLOSED, done_at__gte=began)
    fell_due = Q(first_due_on__range=(since, on)) & ~Q(status=ActionStatus.CANCELLED)
    sent_back = ActionMove.objects.filter(action=OuterRef("pk"), kind=ActionMoveKind.RETURN)
    bands = {f"band_{number}": is_of_age(band, on, closures) for number, band in enumerate(BANDS)}
    counted = (
        rows.order_by()
        .annotate(was_returned=Exists(sent_back), done_on=TruncDate("done_at", tzinfo=LONDON))
        .aggregate(
            open=Count("pk", filter=is_owed()),
            overdue=Count("pk", filter=is_overdue(on)),
            fell_due=Count("pk", filter=fell_due),
            on_time=Count("pk", filter=fell_due & Q(status__in=CLOSED, done_on__lte=F("first_due_on"))),
            closed=Count("pk", filter=closed_lately),
            verified=Count("pk", filter=closed_lately & Q(status=ActionStatus.VERIFIED)),
            returned=Count("pk", filter=closed_lately & Q(was_returned=True)),
            **{name: Count("pk", filter=which) for name, which in bands.items()},
        )
    )
    by_team: defaultdict[str, list[int]] = defaultdict(list)
    by_theme: defaultdict[str, list[int]] = defaultdict(list)
    themes_of: defaultdict[tuple[int, str, int], set[str]] = defaultdict(set)
    took = rows.filter(closed_lately).order_by()
    for pk, team, opened_at, done_at, *themes in took.values_list(
        "pk", "team__name", "opened_at", "done_at", "theme__name", "finding__themes__name"
    ):
        if done_at is not None:
            days = (london_date(done_at) - london_date(opened_at)).days
            themes_of[pk, team, days].update(theme for theme in themes if theme)
    for (_, team, days), its_themes in themes_of.items():
        by_team[team].append(days)
        for theme in its_themes:
            by_theme[theme].append(days)
    return Loop(
        open=counted["open"],
        overdue=Ratio(counted["overdue"], counted["open"]),
        ages=[(band, Ratio(counted[f"band_{number}"], counted["open"])) for number, band in enumerate(BANDS)],
        on_time=Ratio(counted["on_time"], counted["fell_due"]),
        closed=counted["closed"],
        verified=Ratio(counted["verified"], counted["closed"]),
        returned=Ratio(counted["returned"], counted["closed"]),
        by_team=_medians(by_team, is_suppressed=is_suppressed),
        by_theme=_medians(by_theme, is_suppressed=is_suppressed),
    )


def _medians(days_of: dict[str, list[int]], *, is_suppressed: bool) -> list[Median]:
    return [
        Median(
            label,
            len(days),
            None if is_suppressed and len(days) < FEWEST_SHOWN else int(median(days) + 0.5),
        )
        for label, days in sorted(days_of.items())
    ]
