"""Everything that the measures of some quarters count."""

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from itertools import pairwise

from core.dates import NO_CLOSURES, Quarter
from dashboards.scopes import COUNCIL, Scope
from dashboards.selectors.actions import counts_of_actions
from dashboards.selectors.activity import counts_of_activity
from dashboards.selectors.audits import counts_of_audits
from dashboards.selectors.caseload import counts_of_caseload
from dashboards.selectors.keys import EVERYTHING, Key, Source, Tallies, nothing_counted
from dashboards.selectors.panels import counts_of_panels
from dashboards.selectors.recurrence import counts_of_recurrence


def tallies(  # noqa: PLR0913 - which quarters, as of when, of whom, and what of it
    first: Quarter,
    last: Quarter,
    *,
    today: date,
    scope: Scope = COUNCIL,
    kept: Mapping[Quarter, Counter[str]] | None = None,
    closed_days: AbstractSet[date] = NO_CLOSURES,
    sources: AbstractSet[Source] = EVERYTHING,
) -> Tallies:
    """Everything that the measures of the quarters from `first` to `last` count. Twelve queries of the council,
    eight of a part.

    Of an auditor there are no caseload and no actions. What is `kept` is taken as it is, and only the quarters from
    the first to the last that are not kept are counted: none where all are. "submitted_before" is what the quarter
    before submitted.
    """
    found = nothing_counted(first, last)
    kept = kept or {}
    found.update({quarter: Counter(counts) for quarter, counts in kept.items()})
    if open_quarters := [quarter for quarter in found if quarter not in kept]:
        for part in _parts(open_quarters, today, scope, closed_days, sources):
            for (month, *_), counts in part.items():
                if (quarter := Quarter.of(month)) not in kept:
                    found[quarter].update(counts)
    for before, quarter in pairwise(found):
        found[quarter]["submitted_before"] = found[before]["submitted"]
    return found


def _parts(
    quarters: list[Quarter],
    today: date,
    scope: Scope,
    closed_days: AbstractSet[date],
    sources: AbstractSet[Source],
) -> Iterator[dict[Key, Counter[str]]]:
    first, last = quarters[0].first_day, quarters[-1].last_day
    yield counts_of_audits(first, last, scope=scope, today=today, sources=sources)
    if scope.auditor is None:
        if Source.ACTIONS in sources:
            yield counts_of_actions(quarters, today, closed_days, scope=scope)
        if Source.CASELOAD in sources:
            yield counts_of_caseload(quarters, today, scope=scope)
    if scope.is_council:
        if Source.PANELS in sources:
            yield counts_of_panels(first, last)
        if Source.ACTIVITY in sources:
            yield counts_of_activity(first, last)
        if Source.RECURRENCE in sources:
            yield counts_of_recurrence(quarters)
