"""Grades by team or pathway side by side, with small numbers left out for whoever is not in the QA team.

What may be shown is decided in dashboards/suppression.py (docs/domain.md, section 10). Everybody who may not read the
audits themselves gets the suppressed table; nobody gets both a suppressed table and the figures of one team.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from accounts.models import Team
from audits.enums import AREAS, BAND_GRADES, GRADED_SECTIONS, Pathway, Section
from audits.querysets import Person
from core.dates import Quarter
from core.shares import Ratio
from dashboards.figures import NotVisible, Period, quarters_of
from dashboards.permissions import can_read_reports, can_read_suppressed
from dashboards.selectors import counts_of_grades
from dashboards.suppression import left_out

Group = Literal["team", "pathway"]


@dataclass(frozen=True)
class GroupLine:
    """One team or pathway: how many audits have each grade of the section; None where the number is left out."""

    label: str
    cells: Mapping[str, int | None]
    graded: int | None

    @property
    def good_or_better(self) -> Ratio | None:
        """None where the numbers are left out."""
        good = [self.cells[grade.value] for grade in BAND_GRADES[:2]]
        if self.graded is None or None in good:
            return None
        return Ratio(sum(count or 0 for count in good), self.graded)

    @property
    def is_left_out(self) -> bool:
        return None in self.cells.values()


@dataclass(frozen=True)
class GroupTable:
    """One section's grades by team or pathway, pooled over the period; `totals` are the council's own."""

    section: Section
    lines: list[GroupLine]
    totals: Mapping[str, int]
    is_suppressed: bool


def grades_by_group(
    period: Period,
    group: Group,
    user: Person | None,
    *,
    sections: Sequence[Section] = (Section.OVERALL, *AREAS),
    for_board: bool = False,
) -> list[GroupTable]:
    """A table for each section. Counted as the records stand. Two queries for teams, one for pathways.

    A row that has to be left out of one section in one quarter is left out of all sections, and of every period that
    pools the quarter: so no table can be subtracted from another.

    Args:
        user: the QA lead and the PSW see every number; senior leaders the suppressed table.
        for_board: suppressed whoever reads it, as what leaves the QA team.

    Raises:
        NotVisible: anybody else.

    """
    whole = user is None or can_read_reports(user)
    if not whole and (user is None or not can_read_suppressed(user)):
        raise NotVisible(group)
    is_suppressed = for_board or not whole
    quarters = quarters_of(period)
    counted = counts_of_grades(quarters[0].first_day, quarters[-1].last_day, by=(group,))
    by_quarter: defaultdict[Quarter, defaultdict[int | str, Counter[str]]] = defaultdict(
        lambda: defaultdict(Counter)
    )
    for (month, value), counts in counted.items():
        by_quarter[Quarter.of(month)][value].update(counts)
    rows = {row for counts in by_quarter.values() for row in counts}
    pooled = {row: sum((by_quarter[quarter][row] for quarter in quarters), Counter[str]()) for row in rows}
    hidden = _left_out(by_quarter) if is_suppressed else frozenset()
    labels = _labels(group)
    return [
        _table(Section(section), pooled, labels, hidden, is_suppressed=is_suppressed) for section in sections
    ]


def _left_out(by_quarter: Mapping[Quarter, Mapping[int | str, Counter[str]]]) -> frozenset[int | str]:
    """Who is left out of one section in one quarter is left out of all. Who had no audit in a quarter is not in it."""
    return left_out(
        {
            row: {grade.value: counts[f"{section}.{grade}"] for grade in BAND_GRADES}
            for row, counts in rows.items()
            if any(counts.values())
        }
        for rows in by_quarter.values()
        for section in GRADED_SECTIONS
    )


def _table(
    section: Section,
    pooled: Mapping[int | str, Counter[str]],
    labels: Mapping[int | str, str],
    hidden: frozenset[int | str],
    *,
    is_suppressed: bool,
) -> GroupTable:
    lines = []
    for row, counts in pooled.items():
        cells = {grade.value: counts[f"{section}.{grade}"] for grade in BAND_GRADES}
        lines.append(
            GroupLine(
                label=labels[row],
                cells=dict.fromkeys(cells) if row in hidden else dict(cells),
                graded=None if row in hidden else sum(cells.values()),
            )
        )
    totals = {
        grade.value: sum(counts[f"{section}.{grade}"] for counts in pooled.values()) for grade in BAND_GRADES
    }
    return GroupTable(section, sorted(lines, key=lambda line: line.label), totals, is_suppressed)


def _labels(group: Group) -> Mapping[int | str, str]:
    if group == "pathway":
        return {pathway.value: pathway.label for pathway in Pathway}
    return dict(Team.objects.values_list("pk", "name"))
