"""What a learning brief is chosen from, and whom it may not name."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from accounts.models import Team
from actions.models import Finding, FindingTheme, Theme
from audits.enums import HANDED_IN
from audits.models import Audit, Child
from audits.querysets import Person
from core.dates import Quarter
from core.shares import Ratio
from dashboards.suppression import SMALLEST

NEWEST = 25


@dataclass(frozen=True)
class ThemeFound:
    """A theme, and on how many of the children's files that were audited in the quarters it was found."""

    theme: Theme
    files: Ratio

    @property
    def proposed(self) -> str:
        """The point that it begins with. A small number is not said."""
        if self.files.numerator < SMALLEST:
            return f"{self.theme.name}: found on fewer than {SMALLEST} children’s files."
        return f"{self.theme.name}: found on {self.files.of('children’s files')}."


def themes_found(quarters: Sequence[Quarter]) -> list[ThemeFound]:
    """The themes in use that were found in the quarters, most often first. Three queries."""
    audited = Audit.objects.filter(
        status__in=HANDED_IN,
        allocation__round__month__range=(quarters[0].first_day, quarters[-1].last_day),
    )
    children = audited.aggregate(found=Count("allocation__child", distinct=True))["found"]
    rows = (
        FindingTheme.objects.filter(finding__audit__in=audited)
        .order_by()
        .values_list("theme")
        .annotate(children=Count("finding__audit__allocation__child", distinct=True))
    )
    found: defaultdict[int, int] = defaultdict(int, rows)
    themes = Theme.objects.filter(pk__in=found, is_in_use=True)
    made = [ThemeFound(theme, Ratio(found[theme.pk], children)) for theme in themes]
    return sorted(made, key=lambda one: (-one.files.numerator, one.theme.name))


def findings_to_choose(user: Person, quarters: Sequence[Quarter]) -> list[Finding]:
    """The newest findings of the quarters that this person may see, each with its audit. One query."""
    rows = Finding.objects.visible_to(user).filter(
        audit__allocation__round__month__range=(quarters[0].first_day, quarters[-1].last_day)
    )
    return list(rows.select_related("audit__allocation").order_by("-audit__submitted_at", "pk")[:NEWEST])


def nominations_to_choose(user: Person) -> list[Audit]:
    """The newest nominations of good practice that this person may read, each with its `learning`. One query."""
    rows = Audit.objects.visible_to(user).nominated().exclude(answers__note="")
    return list(rows.select_related("allocation").order_by("-submitted_at", "pk")[:NEWEST])


def names_of_workers_and_teams() -> list[str]:
    """Every social worker that a child's file names, and every team. Two queries.

    A team whose name is a word of the field, such as Permanence, is looked for as "Permanence team".
    """
    workers = Child.objects.exclude(worker_name="").order_by().values_list("worker_name", flat=True)
    teams = Team.objects.order_by().values_list("name", flat=True)
    return [*workers.distinct(), *(said for team in teams for said in _as_said(team))]


def _as_said(team: str) -> tuple[str, ...]:
    return (team,) if "team" in team.lower() else (f"{team} team", f"team {team}")
