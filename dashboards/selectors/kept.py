"""What was frozen, told apart finer than its summaries: by month and by team."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.db.models import IntegerField, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from core.dates import Quarter
from dashboards.models import FrozenAllocation, QuarterRollUp
from dashboards.scopes import Scope

KEPT_FIELDS = {"month": "allocation__round__month", "quarter": "roll_up__first_day", "team": "team"}
"""What frozen counts are told apart by, and where they hold it. A month is lost with an allocation disposed of."""


def frozen_among(first: Quarter, last: Quarter) -> set[Quarter]:
    """The quarters among these that are frozen. One query."""
    rows = QuarterRollUp.objects.filter(
        frozen_at__isnull=False, first_day__range=(first.first_day, last.first_day)
    )
    return {Quarter.of(first_day) for first_day in rows.values_list("first_day", flat=True)}


def counts_of_frozen(
    quarters: Collection[Quarter], names: Collection[str], *, by: Collection[str], scope: Scope
) -> dict[tuple[Any, ...], Counter[str]]:
    """The counts of these names in frozen quarters, by the names of KEPT_FIELDS. One query."""
    fields = [KEPT_FIELDS[name] for name in by]
    rows = (
        FrozenAllocation.objects.filter(
            roll_up__frozen_at__isnull=False,
            roll_up__first_day__in=[quarter.first_day for quarter in quarters],
            **scope.parts,
        )
        .order_by()
        .values_list(*fields)
        .annotate(
            **{
                f"count_{place}": Sum(Cast(KT(f"counts__{name}"), IntegerField()))
                for place, name in enumerate(names)
            }
        )
    )
    return {
        tuple(row[: len(fields)]): Counter(
            {name: count or 0 for name, count in zip(names, row[len(fields) :], strict=True)}
        )
        for row in rows
    }
