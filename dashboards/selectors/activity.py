"""Audits of every kind that were given out."""

from collections import Counter, defaultdict
from datetime import date

from django.db.models import Count

from audits.models import Allocation
from dashboards.selectors.keys import ALLOCATED, Key


def counts_of_activity(first: date, last: date) -> dict[Key, Counter[str]]:
    """What stands in the ledger for the months, as "activity.dip_sample": each row once, where it went. One query."""
    rows = (
        Allocation.objects.filter(ALLOCATED, round__month__range=(first, last))
        .order_by()
        .values_list("round__month", "kind")
        .annotate(Count("pk"))
    )
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for month, kind, count in rows:
        found[(month,)][f"activity.{kind}"] = count
    return dict(found)
