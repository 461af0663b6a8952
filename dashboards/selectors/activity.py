"""Audits of every kind that were given out, and how many of them were handed in."""

from collections import Counter, defaultdict
from datetime import date, datetime

from django.db.models import Count

from audits.models import ActivityRecord, Allocation
from audits.querysets import MET
from dashboards.selectors.keys import ALLOCATED, Key


def activities_handed_in(first: date, last: date, *, by: datetime) -> list[ActivityRecord]:
    """The dip samples and observations of the months that were handed in up to a moment, by reference. One query."""
    rows = ActivityRecord.objects.filter(allocation__round__month__range=(first, last), handed_in_at__lte=by)
    return list(rows.select_related("allocation").order_by("allocation__reference"))


def counts_of_activity(first: date, last: date) -> dict[Key, Counter[str]]:
    """What stands in the ledger for the months, as "activity.dip_sample": each row once, where it went; and those of
    every kind that were handed in. One query.
    """
    rows = (
        Allocation.objects.filter(ALLOCATED, round__month__range=(first, last))
        .order_by()
        .values_list("round__month", "kind")
        .annotate(given=Count("pk"), handed_in=Count("pk", filter=MET))
    )
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for month, kind, given, handed_in in rows:
        found[(month,)][f"activity.{kind}"] = given
        found[(month,)]["activity.handed_in"] += handed_in
    return dict(found)
