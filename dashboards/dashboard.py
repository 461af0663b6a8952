"""The dashboard of one part of the council: which parts a person may open, and what each shows."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from accounts.enums import Role
from accounts.models import Team, User
from accounts.roles import roles_of
from audits.enums import AREAS, BAND_GRADES, Section
from core.dates import Quarter
from core.shares import Ratio
from dashboards.composing import KEY_FIGURES
from dashboards.contents import Chart, Table
from dashboards.figures import Report, figures_of
from dashboards.funnel import Funnel, funnel
from dashboards.permissions import can_read_reports
from dashboards.quarterly import finding
from dashboards.scopes import COUNCIL, Scope
from dashboards.teams import TeamGrades, grades_by_team

QUARTERS_SHOWN = 4
GOOD = BAND_GRADES[:2]
OWN = "mine"
WHOLE = "council"


@dataclass(frozen=True)
class Part:
    """One part of the council that a person may open: its name in the address and in words."""

    key: str
    label: str
    scope: Scope


def parts_open_to(user: User) -> list[Part]:
    """What this person has figures of, widest first (docs/access.md). One query at most."""
    roles = roles_of(user)
    parts = []
    if can_read_reports(user) or Role.SENIOR_LEADER in roles:
        parts.append(Part(WHOLE, "The whole council", COUNCIL))
    reads_all = can_read_reports(user)
    if reads_all or roles.manages or roles.manages_services:
        teams = Team.objects.select_related("service").order_by("service__name", "name")
        own = Q(pk__in=roles.manages) | Q(service__in=roles.manages_services)
        found = list(teams if reads_all else teams.filter(own))
        services = dict.fromkeys(
            team.service for team in found if reads_all or team.service_id in roles.manages_services
        )
        parts += [Part(f"service-{one.pk}", one.name, Scope(service=one.pk)) for one in services if one]
        parts += [Part(f"team-{one.pk}", one.name, Scope(team=one.pk)) for one in found]
    if Role.AUDITOR in roles:
        parts.append(Part(OWN, "Your own audits", Scope(auditor=user.pk)))
    return parts


@dataclass(frozen=True)
class Dashboard:
    """What one page shows."""

    report: Report
    charts: list[Chart]
    key_figures: Table
    funnel: Funnel | None
    teams: Table | None


def dashboard_of(user: User, part: Part, quarter: Quarter) -> Dashboard:
    """The figures of a part with the quarters before; of the council also its teams, withheld where they have to be.

    Raises:
        NotVisible: this person has no figures of that part.

    """
    first = quarter
    for _ in range(QUARTERS_SHOWN - 1):
        first = first.previous()
    report = figures_of(quarter, part.scope, user, since=first)
    shown = [one for one in report.by_quarter if first <= one <= quarter]
    teams = grades_by_team((quarter,)) if part.scope.is_council else None
    whole = can_read_reports(user)
    return Dashboard(
        report=report,
        charts=[_chart(report, section, shown) for section in (Section.OVERALL, *AREAS)],
        key_figures=_key_figures(report, shown),
        funnel=_funnel(teams, is_released=not whole) if teams else None,
        teams=teams.table(f"Overall grades by team, {quarter}", is_released=not whole) if teams else None,
    )


def _chart(report: Report, section: Section, quarters: list[Quarter]) -> Chart:
    good = report.figures[f"{section}.good_or_better"]
    things = "graded audits" if section in AREAS else "audits"
    return Chart(
        ident=section.value,
        title=finding(section.label, good, things, report.before),
        periods=tuple(
            (
                str(quarter),
                {
                    grade.value: report.by_quarter[quarter].get(f"{section}.{grade}", 0)
                    for grade in BAND_GRADES
                },
            )
            for quarter in quarters
        ),
    )


def _key_figures(report: Report, quarters: list[Quarter]) -> Table:
    codes = [code for code in KEY_FIGURES if code in report.figures]
    return Table(
        caption="Key figures, quarter by quarter",
        columns=("Measure", *map(str, quarters), "Difference on the quarter before"),
        rows=tuple(
            (
                report.figures[code].measure.label,
                *(str(report.in_quarter(code, quarter)) for quarter in quarters),
                report.figures[code].change_in_words,
            )
            for code in codes
        ),
    )


def _funnel(teams: TeamGrades, *, is_released: bool) -> Funnel | None:
    """Good or better by team. Outside the QA team only teams whose every number is shown in the table."""
    pooled, released = teams.pooled, teams.released
    whole = Ratio(0, 0)
    points = []
    for name, counts in pooled.items():
        share = _good_of(counts)
        whole = Ratio(whole.numerator + share.numerator, whole.denominator + share.denominator)
        if not is_released or name in released.shown:
            points.append((name, share))
    return funnel(points, whole)


def _good_of(counts: Mapping[str, int]) -> Ratio:
    return Ratio(sum(counts[grade] for grade in GOOD), sum(counts.values()))
