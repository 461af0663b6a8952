"""The tracker: which actions fit the filters, how old the overdue ones are, and the table of a file."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import Team, User
from actions.deadlines import BANDS, days_over, due_dates_of
from actions.enums import TO_BE_DONE
from actions.models import Action, FindingTheme
from actions.querysets import ActionQuerySet
from actions.selectors import is_overdue, is_owed
from actions.tracker_forms import OVER, OWED, TrackerFilterForm
from core.cell_writer import Cell
from core.dates import LONDON, Quarter, add_months, london_date

HEADINGS = (
    "Action", "Service", "Team", "Child", "Owner", "Priority", "Status", "Comes from", "Audit", "Theme", "About",
    "What shall be done", "What was found", "How success will be seen", "Raised", "First due", "Due",
    "Working days over", "Done", "Evidence", "What is different for the child", "Verification", "Verified",
)  # fmt: skip


def teams_of_tracker(rows: ActionQuerySet) -> list[Team]:
    """The teams of these actions with their services. One query."""
    return list(Team.objects.filter(pk__in=rows.order_by().values("team")).select_related("service"))


def is_of_age(band: str, on: date, closures: AbstractSet[date]) -> Q:
    """Overdue on that day with an age in the band."""
    first, last = due_dates_of(band, on, closures)
    within = Q(due_on__lte=last) if first is None else Q(due_on__range=(first, last))
    return is_owed() & within


def filtered(
    rows: ActionQuerySet, form: TrackerFilterForm, *, on: date, closures: AbstractSet[date]
) -> ActionQuerySet:
    """The actions that fit every filter."""
    chosen = form.chosen
    for name, column in (
        ("service", "team__service"),
        ("team", "team"),
        ("priority", "priority"),
        ("source", "source"),
    ):
        if name in chosen:
            rows = rows.filter(**{column: chosen[name]})
    if theme := chosen.get("theme"):
        tags = FindingTheme.objects.filter(finding__action=OuterRef("pk"), theme__code=theme)
        rows = rows.filter(Q(theme__code=theme) | Exists(tags))
    if "owner" in chosen:
        rows = rows.filter(owner__in=User.objects.matching(chosen["owner"]).values("pk"))
    if status := chosen.get("status"):
        rows = rows.filter(is_owed()) if status == OWED else rows.filter(status=status)
    if age := chosen.get("age"):
        rows = rows.filter(is_overdue(on) if age == OVER else is_of_age(age, on, closures))
    if quarter := chosen.get("quarter"):
        rows = rows.filter(is_raised_in(form.quarters[quarter]))
    return rows


def is_raised_in(quarter: Quarter) -> Q:
    """Raised on a London day of the quarter."""
    following = add_months(quarter.first_day, 3)
    midnights = [datetime.combine(day, time(), LONDON) for day in (quarter.first_day, following)]
    return Q(opened_at__gte=midnights[0], opened_at__lt=midnights[1])


def counts_of(rows: ActionQuerySet, *, on: date, closures: AbstractSet[date]) -> dict[str, int]:
    """How many there are in all, how many are to be done and overdue, and how many of each age. One query."""
    bands = {f"band_{number}": is_of_age(band, on, closures) for number, band in enumerate(BANDS)}
    counted: Mapping[str, Any] = rows.order_by().aggregate(
        all=Count("pk"),
        owed=Count("pk", filter=is_owed()),
        overdue=Count("pk", filter=is_overdue(on)),
        **{name: Count("pk", filter=which) for name, which in bands.items()},
    )
    return dict(counted)


def themes_of(action: Action) -> list[str]:
    """The theme it was raised for, and those of the finding it is about, by their names."""
    themes = {action.theme} if action.theme else set()
    if hasattr(action, "finding"):
        themes.update(action.finding.themes.all())
    return sorted(theme.name for theme in themes)


def table_of(rows: ActionQuerySet, *, on: date, closures: AbstractSet[date]) -> Iterator[list[Cell]]:
    """The rows of the file, under HEADINGS."""
    related = ("team__service", "child", "owner", "audit__allocation", "theme", "finding")
    listed = rows.select_related(*related).prefetch_related("finding__themes")
    for action in listed.iterator(chunk_size=500):
        owed = action.status in TO_BE_DONE
        yield [
            action.reference,
            str(action.team.service or ""),
            action.team.name,
            action.child.reference if action.child else None,
            action.owner.name,
            action.get_priority_display(),
            action.get_status_display(),
            action.get_source_display(),
            action.audit.allocation.reference if action.audit else None,
            "; ".join(themes_of(action)),
            action.about,
            action.what,
            action.why,
            action.success,
            london_date(action.opened_at),
            action.first_due_on,
            action.due_on,
            days_over(action.due_on, on, closures) if owed else None,
            london_date(action.done_at) if action.done_at else None,
            action.evidence,
            action.impact,
            action.get_verification_display(),
            london_date(action.verified_at) if action.verified_at else None,
        ]
