"""How many children's cases were open."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from audits.models import Allocation, Holding
from core.dates import Quarter, add_months
from dashboards.scopes import COUNCIL, Scope
from dashboards.selectors.keys import SUBMITTED, By, Key, given_out

HOLDING_FIELDS = {"service": "team__service", "team": "team", "pathway": "pathway"}


def counts_of_caseload(
    quarters: Iterable[Quarter], today: date, *, by: By = (), scope: Scope = COUNCIL
) -> dict[Key, Counter[str]]:
    """How many children's cases were open at the end of each quarter, as "at_end.open.cla", or today if it goes on;
    and how many of these were audited in the twelve months up to it, as "at_end.audited.cla".

    The team and the pathway are those that the child had then. One query.
    """
    held = Holding.objects.filter(**{HOLDING_FIELDS[name]: value for name, value in scope.parts.items()})
    counted: dict[str, Count] = {}
    names: list[tuple[Quarter, str]] = []
    for place, quarter in enumerate(quarters):
        day = min(quarter.last_day, today)
        is_open = Q(starts_on__lte=day) & (Q(ends_on__gt=day) | Q(ends_on__isnull=True))
        states = {"open": is_open, "audited": is_open & Q(child__in=_audited_in_the_year_to(quarter))}
        for state, condition in states.items():
            counted[f"{state}_{place}"] = Count("pk", filter=condition)
            names.append((quarter, state))
    rows = held.order_by().values_list("pathway", *(HOLDING_FIELDS[name] for name in by)).annotate(**counted)
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for pathway, *values in rows:
        key, counts = values[: len(by)], values[len(by) :]
        for (quarter, state), count in zip(names, counts, strict=True):
            if count:
                found[quarter.first_day, *key][f"at_end.{state}.{pathway}"] += count
    return dict(found)


def _audited_in_the_year_to(quarter: Quarter) -> QuerySet[Allocation, Any]:
    """The children with a submitted audit allocated for one of the twelve months that the quarter ends."""
    first = add_months(quarter.first_day, -9)
    return given_out(first, quarter.last_day, COUNCIL).filter(SUBMITTED).values("child")
