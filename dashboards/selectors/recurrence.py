"""On how many audits a theme is found, and in how many teams it comes back (docs/domain.md, sections 8 and 10)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

from django.db.models import Count
from django.db.models.functions import TruncQuarter

from actions.models import PathSettings
from actions.recurrence import is_recurring, last_quarters
from core.dates import Quarter
from dashboards.scopes import COUNCIL
from dashboards.selectors.keys import SUBMITTED, By, Key, fields_by, given_out

THEME = "theme."
"""What the counts of themes begin with, before the code of the theme."""


def counts_of_recurrence(quarters: Sequence[Quarter]) -> dict[Key, Counter[str]]:
    """At the end of each quarter: the teams audited in the four quarters up to it, and those of a recurring theme; and
    on how many audits of the quarter each theme was found, as counts_of_themes tells it.

    A child counts once in a quarter, however often a theme is found. Two queries.
    """
    first, theme = last_quarters(quarters[0])[0], "audit__findings__tags__theme"
    rows = (
        given_out(first.first_day, quarters[-1].last_day, COUNCIL)
        .filter(SUBMITTED)
        .annotate(quarter=TruncQuarter("round__month"))
        .values_list("quarter", "audit__team", f"{theme}__code", f"{theme}__is_in_use")
        .annotate(Count("child", distinct=True), Count("pk", distinct=True))
    )
    audited: defaultdict[int, set[Quarter]] = defaultdict(set)
    children: defaultdict[tuple[int, str], dict[Quarter, int]] = defaultdict(dict)
    on_audits: defaultdict[Quarter, Counter[str]] = defaultdict(Counter)
    for first_day, team, found_theme, is_in_use, count, audits in rows:
        quarter = Quarter.of(first_day)
        audited[team].add(quarter)
        if is_in_use:
            children[team, found_theme][quarter] = count
        if found_theme:
            on_audits[quarter][f"{THEME}{found_theme}"] += audits
    least = PathSettings.current().children_for_theme
    found: dict[Key, Counter[str]] = {}
    for quarter in quarters:
        four = last_quarters(quarter)
        recurring = {team for (team, _), by in children.items() if is_recurring(by, four, least=least)}
        counts = Counter(
            {
                "at_end.recurrence.audited": sum(not seen.isdisjoint(four) for seen in audited.values()),
                "at_end.recurrence.teams": len(recurring),
            }
        )
        found[(quarter.first_day,)] = +counts + on_audits[quarter]
    return found


def counts_of_themes(first: date, last: date, *, by: By = ()) -> dict[Key, Counter[str]]:
    """On how many audits of the months each theme was found, as "theme.father". One query."""
    theme = "audit__findings__tags__theme__code"
    fields = fields_by(by)
    rows = (
        given_out(first, last, COUNCIL)
        .filter(SUBMITTED, **{f"{theme}__isnull": False})
        .values_list(*fields, theme)
        .annotate(Count("pk", distinct=True))
    )
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for *key, code, count in rows:
        found[tuple(key)][f"{THEME}{code}"] += count
    return dict(found)
