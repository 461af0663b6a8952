"""Grades by team: whole for the QA team, with small numbers left out for everybody else."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from accounts.models import Team
from audits.enums import BAND_GRADES, Grade, Section
from core.dates import Quarter
from core.shares import Ratio
from dashboards.contents import Table
from dashboards.scopes import COUNCIL, Scope
from dashboards.selectors.kept import counts_of_frozen, frozen_among
from dashboards.selectors.keys import FINAL_GRADE, SUBMITTED, given_out
from dashboards.suppression import SMALLEST, WITHHELD, Released, release, release_part, release_periods

NO_TEAM = "No team"
ALL_TEAMS = "All teams"

Grades = dict[str, dict[str, int]]
"""By team, how many audits have each overall grade; every team has every grade."""


@dataclass(frozen=True)
class TeamGrades:
    """The overall grades of a period by team, quarter by quarter."""

    by_quarter: Mapping[Quarter, Grades]

    @property
    def pooled(self) -> Grades:
        """The quarters added."""
        total: Grades = {}
        for grades in self.by_quarter.values():
            for team, counts in grades.items():
                kept = total.setdefault(team, dict.fromkeys(counts, 0))
                for grade, count in counts.items():
                    kept[grade] += count
        return dict(sorted(total.items()))

    @property
    def released(self) -> Released:
        """What of the pooled table may leave the QA team, where each quarter's has left it already."""
        if len(self.by_quarter) == 1:
            return release(self.pooled)
        return release_periods({str(quarter): grades for quarter, grades in self.by_quarter.items()})[1]

    @property
    def has_small_whole(self) -> bool:
        """Whether all teams together have a grade under 5 times in one of the quarters."""
        return any(
            sum(counts[grade] for counts in grades.values()) < SMALLEST
            for grades in self.by_quarter.values()
            if grades
            for grade in BAND_GRADES
        )

    def table(self, caption: str, *, is_released: bool, has_whole: bool = True) -> Table:
        """A row for each team by name, never by rank, and one for all of them unless that is known to nobody."""
        pooled, released = self.pooled, self.released if is_released else None
        rows = [self._row(team, counts, released) for team, counts in pooled.items()]
        if has_whole and (released is None or released.with_column_totals):
            whole = [sum(counts[grade] for counts in pooled.values()) for grade in BAND_GRADES]
            rows.append((ALL_TEAMS, *map(str, whole), str(sum(whole))))
        return Table(
            caption=caption,
            columns=("Team", *(grade.label for grade in BAND_GRADES), "Audits"),
            rows=tuple(rows),
        )

    def _row(self, team: str, counts: Mapping[str, int], released: Released | None) -> tuple[str, ...]:
        total = sum(counts.values())
        if released is None:
            return (team, *(str(counts[grade]) for grade in BAND_GRADES), str(total))
        cells: Iterable[int | None] = (
            *(released.cell(team, counts[grade]) for grade in BAND_GRADES),
            released.total(team, total),
        )
        return (team, *(WITHHELD if cell is None else str(cell) for cell in cells))


def areas_table(
    caption: str, overall: TeamGrades, areas: Mapping[Section, TeamGrades], *, is_released: bool
) -> Table:
    """A row for each team by name: of the audits graded in each area, how many are good or better.

    Released, a team stands in an area only where it does in every quarter of the period.
    """
    columns = []
    for by_area in areas.values():
        quarters = {
            quarter: _good_or_not(grades, by_area.by_quarter.get(quarter, {}))
            for quarter, grades in overall.by_quarter.items()
        }
        withheld = {
            team
            for quarter, table in quarters.items()
            for team in table
            if is_released
            and team
            not in release_part(table, release(overall.by_quarter[quarter]), may_be_nought=NOT_GRADED)
        }
        columns.append((quarters.values(), withheld))
    return Table(
        caption=caption,
        columns=("Team", *(area.label for area in areas)),
        rows=tuple(
            (team, *(WITHHELD if team in withheld else _share(tables, team) for tables, withheld in columns))
            for team in overall.pooled
        ),
    )


GOOD, NOT_GOOD, NOT_GRADED = "good", "not good", "not graded"


def _good_or_not(overall: Grades, area: Grades) -> Grades:
    """By team, the audits that are good or better in the area, those that are not, and those not graded in it."""
    found = {}
    for team, counts in overall.items():
        grades = area.get(team, {})
        good = sum(grades.get(grade, 0) for grade in (Grade.OUTSTANDING, Grade.GOOD))
        graded = sum(grades.values())
        found[team] = {
            GOOD: good,
            NOT_GOOD: graded - good,
            NOT_GRADED: sum(counts.values()) - graded,
        }
    return found


def _share(tables: Iterable[Grades], team: str) -> str:
    counts = [table[team] for table in tables if team in table]
    good = sum(one[GOOD] for one in counts)
    return str(Ratio(good, good + sum(one[NOT_GOOD] for one in counts)))


def grades_by_team(quarters: Sequence[Quarter], scope: Scope = COUNCIL) -> TeamGrades:
    """The overall grades of the audits allocated for `quarters`, by the team that held the child.

    Those of frozen quarters are the frozen ones. Four queries at most.
    """
    return grades_by_section(quarters, (Section.OVERALL,), scope)[Section.OVERALL]


def grades_by_section(
    quarters: Sequence[Quarter], sections: Sequence[Section], scope: Scope = COUNCIL
) -> dict[Section, TeamGrades]:
    """The same of several sections, each by itself. Four queries at most."""
    frozen = frozen_among(quarters[0], quarters[-1]) & set(quarters)
    found: dict[Section, dict[Quarter, defaultdict[int | None, dict[str, int]]]] = {
        section: {
            quarter: defaultdict(lambda: {grade.value: 0 for grade in BAND_GRADES}) for quarter in quarters
        }
        for section in sections
    }
    if frozen:
        names = [f"{section}.{grade}" for section in sections for grade in BAND_GRADES]
        for (first_day, team), counts in counts_of_frozen(
            frozen, names, by=("quarter", "team"), scope=scope
        ).items():
            for section in sections:
                kept = {grade.value: counts[f"{section}.{grade}"] for grade in BAND_GRADES}
                if any(kept.values()):
                    found[section][Quarter.of(first_day)][team] = kept
    if counted_now := [quarter for quarter in quarters if quarter not in frozen]:
        rows = (
            given_out(counted_now[0].first_day, counted_now[-1].last_day, scope)
            .filter(
                SUBMITTED,
                audit__sections__section__in=sections,
                audit__sections__final_grade__in=BAND_GRADES,
            )
            .values_list("round__month", "team", "audit__sections__section", FINAL_GRADE)
            .annotate(Count("pk"))
        )
        for month, team, section, grade, count in rows:
            if (quarter := Quarter.of(month)) not in frozen:
                found[Section(section)][quarter][team][grade] += count
    teams = {team for of_section in found.values() for grades in of_section.values() for team in grades}
    named = dict(Team.objects.filter(pk__in=[team for team in teams if team]).values_list("pk", "name"))
    return {
        section: TeamGrades(
            {
                quarter: {
                    named.get(team, NO_TEAM) if team else NO_TEAM: counts for team, counts in grades.items()
                }
                for quarter, grades in of_section.items()
            }
        )
        for section, of_section in found.items()
    }
