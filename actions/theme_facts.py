"""Themes by team and quarter, each question in a fixed number of queries (docs/domain.md, section 8)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from accounts.models import Team
from actions.models import FindingTheme, PathSettings, Theme
from actions.recurrence import is_recurring, last_quarters, stands_in
from audits.enums import HANDED_IN
from core.dates import Quarter, add_months


@dataclass(frozen=True)
class ThemeOfTeam:
    """On how many children's files of a team a theme was found, in each of the four quarters looked at.

    `stands_in` are the quarters in which it was found on enough of them.
    """

    theme: Theme
    team: Team
    children: dict[Quarter, int]
    stands_in: tuple[Quarter, ...]
    is_recurring: bool


def themes_of_teams(
    teams: Collection[Team] | None, on: date, *, theme: Theme | None = None
) -> list[ThemeOfTeam]:
    """Every theme found in the teams in the last four quarters, by the month of allocation; recurring ones first.

    A child counts once in a quarter, however often a theme is found. Two queries.

    Args:
        teams: those to look at; None for all. on: the day whose quarter is the last of the four.

    """
    quarters = last_quarters(Quarter.of(on))
    least = PathSettings.current().children_for_theme
    tags = FindingTheme.objects.filter(
        finding__audit__status__in=HANDED_IN,
        finding__audit__allocation__round__month__gte=quarters[0].first_day,
        finding__audit__allocation__round__month__lt=add_months(quarters[-1].first_day, 3),
        theme__is_in_use=True,
    )
    if teams is not None:
        tags = tags.filter(finding__audit__team__in=[team.pk for team in teams])
    if theme is not None:
        tags = tags.filter(theme=theme)
    found: defaultdict[tuple[int, int], defaultdict[Quarter, set[int]]] = defaultdict(
        lambda: defaultdict(set)
    )
    themes: dict[int, Theme] = {}
    team_of: dict[int, Team] = {}
    rows = tags.order_by().values_list(
        "theme",
        "theme__code",
        "theme__name",
        "finding__audit__team",
        "finding__audit__team__name",
        "finding__audit__allocation__round__month",
        "finding__audit__allocation__child",
    )
    for theme_id, code, name, team_id, team_name, month, child_id in rows.distinct():
        themes.setdefault(theme_id, Theme(pk=theme_id, code=code, name=name))
        team_of.setdefault(team_id, Team(pk=team_id, name=team_name))
        found[theme_id, team_id][Quarter.of(month)].add(child_id)
    made = []
    for (theme_id, team_id), by_quarter in found.items():
        children = {quarter: len(by_quarter[quarter]) for quarter in quarters}
        made.append(
            ThemeOfTeam(
                theme=themes[theme_id],
                team=team_of[team_id],
                children=children,
                stands_in=stands_in(children, quarters, least=least),
                is_recurring=is_recurring(children, quarters, least=least),
            )
        )
    return sorted(
        made,
        key=lambda row: (not row.is_recurring, -sum(row.children.values()), row.theme.name, row.team.name),
    )


def recurring_themes(teams: Collection[Team] | None, on: date) -> dict[int, list[Theme]]:
    """By the team's id: its recurring themes, the most found first; a team without one is left out. Two queries.

    For the weekly tracker mail (names only) and the measure "recurrence".
    """
    recurring: defaultdict[int, list[Theme]] = defaultdict(list)
    for row in themes_of_teams(teams, on):
        if row.is_recurring:
            recurring[row.team.pk].append(row.theme)
    return dict(recurring)
