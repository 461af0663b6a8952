"""What is counted of actions."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta

from django.db.models import (
    Case,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate, TruncMonth

from actions.enums import CLOSED, TO_BE_DONE, ActionMoveKind, ActionStatus
from actions.models import Action, ActionMove
from core.dates import LONDON, Quarter, add_working_days
from dashboards.scopes import COUNCIL, Scope
from dashboards.selectors.keys import By, Counts, Key

ACTION_FIELDS = {"service": "team__service", "team": "team", "pathway": "pathway"}
OVERDUE_BANDS = {"1_5": (0, 5), "6_10": (5, 10), "11_20": (10, 20), "over_20": (20, None)}
"""By name of the band: above how many working days over, and up to how many."""


def counts_of_actions(
    quarters: Sequence[Quarter],
    today: date,
    closures: AbstractSet[date],
    *,
    by: By = (),
    scope: Scope = COUNCIL,
) -> dict[Key, Counter[str]]:
    """What is counted of actions by the quarter they were first due or were done in, and what stood at its end.

    An action that was cancelled counts nowhere. What stood open or overdue at the end of a quarter goes by the due
    dates of today: an extension given since shows there, too, until the quarter is frozen. Two queries.
    """
    narrowed = {ACTION_FIELDS[name]: value for name, value in scope.parts.items()}
    rows = Action.objects.exclude(status=ActionStatus.CANCELLED).filter(**narrowed).order_by()
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for source in (
        _actions_due_and_done(rows, quarters, today, by),
        _actions_at_the_end(rows, quarters, today, closures, by),
    ):
        for key, name, count in source:
            found[key][name] += count
    return dict(found)


def _actions_due_and_done(rows: QuerySet[Action], quarters: Sequence[Quarter], today: date, by: By) -> Counts:
    first, last = quarters[0].first_day, quarters[-1].last_day
    fields = [ACTION_FIELDS[name] for name in by]
    in_question = Q(first_due_on__range=(first, last)) | Q(
        done_at__gte=_after(first - timedelta(days=1)), done_at__lt=_after(last)
    )
    dated = rows.filter(in_question).annotate(
        due_month=TruncMonth("first_due_on"),
        done_on=Case(When(status__in=CLOSED, then=TruncDate("done_at", tzinfo=LONDON))),
        done_month=TruncMonth("done_on"),
        took=ExpressionWrapper(
            F("done_on") - TruncDate("opened_at", tzinfo=LONDON), output_field=DurationField()
        ),
        is_due=Q(first_due_on__range=(first, min(last, today))),
        was_on_time=Coalesce(Q(done_on__lte=F("first_due_on")), Value(False)),
        was_returned=Exists(ActionMove.objects.filter(action=OuterRef("pk"), kind=ActionMoveKind.RETURN)),
    )
    found = dated.values_list(
        *fields, "due_month", "done_month", "took", "is_due", "was_on_time", "was_returned", "status"
    ).annotate(Count("pk"))
    for *key, due, done, took, is_due, was_on_time, was_returned, status, count in found:
        if is_due:
            yield (due, *key), "actions.first_due", count
            if was_on_time:
                yield (due, *key), "actions.done_by_first_due", count
        if done and first <= done <= last:
            yield (done, *key), "actions.closed", count
            yield (done, *key), f"actions.days.{took.days}", count
            if status == ActionStatus.VERIFIED:
                yield (done, *key), "actions.verified", count
            if was_returned:
                yield (done, *key), "actions.returned", count


def _actions_at_the_end(
    rows: QuerySet[Action], quarters: Sequence[Quarter], today: date, closures: AbstractSet[date], by: By
) -> Counts:
    fields = [ACTION_FIELDS[name] for name in by]
    counted: dict[str, Count] = {}
    names: dict[str, tuple[Quarter, str]] = {}
    for place, quarter in enumerate(quarters):
        day = min(quarter.last_day, today)
        is_open = Q(opened_at__lt=_after(day)) & (Q(status__in=TO_BE_DONE) | Q(done_at__gte=_after(day)))
        states = {"open": is_open, "overdue": is_open & Q(due_on__lt=day)}
        for band, (above, up_to) in OVERDUE_BANDS.items():
            states[f"overdue.{band}"] = is_open & Q(due_on__lt=add_working_days(day, -above, closures))
            if up_to is not None:
                states[f"overdue.{band}"] &= Q(due_on__gte=add_working_days(day, -up_to, closures))
        for state, condition in states.items():
            alias = f"c{place}_{len(names)}"
            counted[alias], names[alias] = Count("pk", filter=condition), (quarter, f"at_end.actions.{state}")
    first_end = min(quarters[0].last_day, today)
    stood = rows.filter(Q(status__in=TO_BE_DONE) | Q(done_at__gte=_after(first_end)))
    for row in stood.values(*fields).annotate(**counted) if fields else [stood.aggregate(**counted)]:
        key = tuple(row[field] for field in fields)
        for alias, (quarter, name) in names.items():
            if row[alias]:
                yield (quarter.first_day, *key), name, row[alias]


def _after(day: date) -> datetime:
    """The first moment after a day in London: set against moments as they are kept, so that no row is converted."""
    return datetime.combine(day + timedelta(days=1), time(), LONDON)
