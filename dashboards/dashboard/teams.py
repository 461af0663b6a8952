"""Teams beside each other: whole for who answers for them, with small numbers left out for everybody else."""

from collections.abc import Mapping
from datetime import date

from accounts.models import Team
from audits.enums import BAND_GRADES
from core.dates import Quarter
from core.shares import Ratio
from dashboards.contents import Table
from dashboards.dashboard.blocks import Block
from dashboards.dashboard.withholding import LEFT_OUT
from dashboards.funnel import funnel
from dashboards.models import QuarterSummary
from dashboards.scopes import Scope
from dashboards.selectors.caseload import counts_of_caseload
from dashboards.suppression import WITHHELD, release
from dashboards.teams import TeamGrades

GOOD = BAND_GRADES[:2]
FUNNEL = (
    "Each point is a team: further right are more audits, higher up are more of them good or better overall. The line "
    "is all of them. Outside the whole lines is what chance explains less than once in 500 times, outside the broken "
    "ones less than once in 20."
)


def team_blocks(teams: TeamGrades, period: str, scope: Scope, *, is_released: bool) -> list[Block]:
    """The funnel, where there is something to draw, and the grades of every team.

    Released of a service, what all of its teams have together is left out of a quarter where it is small itself.
    """
    pooled, released = teams.pooled, teams.released
    has_whole = not is_released or scope.is_council or not teams.has_small_whole
    whole = Ratio(0, 0)
    points = []
    for name, counts in pooled.items():
        good = _good_of(counts)
        whole = Ratio(whole.numerator + good.numerator, whole.denominator + good.denominator)
        if not is_released or name in released.shown:
            points.append((name, good))
    grades = Block(
        "teams",
        "Grades of every team, by name",
        teams.table(f"Overall grades by team, {period}", is_released=is_released, has_whole=has_whole),
        note=LEFT_OUT if is_released else "",
    )
    drawn = funnel(points, whole, of="council" if scope.is_council else "service") if has_whole else None
    if drawn is None:
        return [grades]
    return [Block("funnel", drawn.title, drawn.table, "dashboards/_funnel.html", drawn, note=FUNNEL), grades]


def _good_of(counts: Mapping[str, int]) -> Ratio:
    return Ratio(sum(counts[grade] for grade in GOOD), sum(counts.values()))


def coverage_by_team(counted: Mapping[str, Ratio], *, is_released: bool) -> Block:
    """How many of a team's open children were audited in the twelve months up to the end."""
    released = release(
        {
            name: {"audited": share.numerator, "not audited": share.denominator - share.numerator}
            for name, share in counted.items()
        }
    )
    rows = tuple(
        (
            name,
            str(share) if not is_released or name in released.shown else WITHHELD,
            str(share.denominator) if not is_released or name in released.with_total else WITHHELD,
        )
        for name, share in counted.items()
    )
    return Block(
        ident="coverage-teams",
        sentence="How much of each team’s caseload was audited, by name",
        table=Table(
            caption="Open children audited in twelve months, by team",
            columns=("Team", "Audited in twelve months", "Open children"),
            rows=rows,
        ),
        note=LEFT_OUT if is_released else "",
    )


def caseloads_by_team(quarter: Quarter, scope: Scope, *, on: date) -> dict[str, Ratio]:
    """Children audited of those open, by the name of the team. Four queries at most."""
    counted = _caseloads(quarter, scope, on=on)
    names = Team.objects.filter(pk__in=counted).order_by("name").values_list("pk", "name")
    return {name: counted[pk] for pk, name in names}


def _caseloads(quarter: Quarter, scope: Scope, *, on: date) -> dict[int, Ratio]:
    """By team: as it was kept where the quarter is frozen, else counted now."""
    kept = QuarterSummary.objects.filter(
        roll_up__first_day=quarter.first_day, roll_up__frozen_at__isnull=False, scope__startswith="team="
    ).values_list("scope", "counts")
    whole_teams = {key.removeprefix("team="): counts for key, counts in kept if "," not in key}
    by_team = {int(team): counts for team, counts in whole_teams.items()}
    if by_team and scope.service is not None:
        own = set(Team.objects.filter(service=scope.service).values_list("pk", flat=True))
        by_team = {team: counts for team, counts in by_team.items() if team in own}
    if not whole_teams:
        found = counts_of_caseload([quarter], on, by=("team",), scope=scope)
        by_team = {team: counts for (_, team), counts in found.items()}
    shares = {
        team: Ratio(
            _sum(counts, f"at_end.audited.{scope.pathway}"), _sum(counts, f"at_end.open.{scope.pathway}")
        )
        for team, counts in by_team.items()
    }
    return {team: share for team, share in shares.items() if share.denominator}


def _sum(counts: Mapping[str, int], beginning: str) -> int:
    return sum(count for name, count in counts.items() if name.startswith(beginning))
