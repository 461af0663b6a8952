"""How many children's cases were open."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q

from audits.models import Holding
from core.dates import Quarter
from dashboards.scopes import COUNCIL, Scope
from dashboards.selectors.keys import By, Key


def counts_of_caseload(
    quarters: Iterable[Quarter], today: date, *, by: By = (), scope: Scope = COUNCIL
) -> dict[Key, Counter[str]]:
    """How many children's cases were open at the end of each quarter, as "at_end.open.cla", or today if it goes on.

    The team is the one that held the child then; the pathway is the child's now. One query.
    """
    fields = {"service": "team__service", "team": "team", "pathway": "child__pathway"}
    days = {f"q{place}": quarter for place, quarter in enumerate(quarters)}
    held = Holding.objects.filter(**{fields[name]: value for name, value in scope.parts.items()})
    counted = {
        name: Count(
            "child",
            distinct=True,
            filter=Q(starts_on__lte=day)
            & (Q(ends_on__gte=day) | Q(ends_on__isnull=True))
            & (Q(child__closed_on__gt=day) | Q(child__closed_on__isnull=True)),
        )
        for name, day in ((name, min(quarter.last_day, today)) for name, quarter in days.items())
    }
    rows = held.order_by().values_list("child__pathway", *(fields[name] for name in by)).annotate(**counted)
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for pathway, *values in rows:
        key, counts = values[: len(by)], values[len(by) :]
        for quarter, count in zip(days.values(), counts, strict=True):
            found[quarter.first_day, *key][f"at_end.open.{pathway}"] += count
    return dict(found)
