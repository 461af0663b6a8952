"""Tables by team and pathway: whole for the QA team, with small numbers left out for everybody else."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Team, User
from audits.enums import AREAS, Grade, Section
from core.dates import FinancialYear, Quarter
from core.shares import Ratio
from dashboards.by_group import GroupTable, grades_by_group
from dashboards.figures import NotVisible
from dashboards.suppression import left_out
from tests.conftest import AssertQueries
from tests.factories.accounts import TeamFactory, senior_leader
from tests.factories.audits import RoundFactory, submitted_audits

MAY, AUGUST = date(2024, 5, 1), date(2024, 8, 1)
Q1, YEAR = Quarter(2024, 1), FinancialYear(2024)
GRADES = (Grade.OUTSTANDING, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE)

Cells = dict[str, dict[str, int]]
tables = st.integers(1, 5).flatmap(
    lambda rows: st.lists(
        st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=rows, max_size=rows),
        min_size=1,
        max_size=4,
    )
)


@given(counts=tables)
def test_nothing_small_is_shown_and_nobody_is_left_out_alone(counts: list[list[tuple[int, int]]]) -> None:
    """With two rows left out whole, each of their cells may be anything up to what they add up to."""
    made: list[Cells] = [
        {f"r{place}": {"a": one, "b": two} for place, (one, two) in enumerate(rows)} for rows in counts
    ]
    hidden = left_out(made)
    for table in made:
        assert all(
            count >= 5 for row, cells in table.items() if row not in hidden for count in cells.values()
        )
    assert len(hidden) != 1 or len(made[0]) == 1


def grade(team: Team, month: date, *counts: int, **areas: str) -> None:
    """So many audits of the team with each overall grade."""
    for overall, count in zip(GRADES, counts, strict=True):
        audits = submitted_audits(month, [{"overall": overall} | areas] * count)
        for audit in audits:
            audit.allocation.team = team
            audit.allocation.save(update_fields=("team",))


@pytest.fixture
def teams(db: None) -> dict[str, Team]:
    """North and East have enough of each overall grade, South and West have few; every area is spread."""
    made = {name: TeamFactory(name=name) for name in ("North", "East", "South", "West")}
    RoundFactory(month=MAY)
    return made


def overall(found: list[GroupTable]) -> dict[str, list[int | None]]:
    return {line.label: list(line.cells.values()) for line in found[0].lines}


class TestTables:
    def test_the_qa_team_reads_every_number(self, teams: dict[str, Team], quentin: User) -> None:
        grade(teams["North"], MAY, 5, 6, 7, 5)
        grade(teams["South"], MAY, 0, 1, 0, 0)
        found = grades_by_group(Q1, "team", quentin, sections=[Section.OVERALL])
        assert overall(found) == {"North": [5, 6, 7, 5], "South": [0, 1, 0, 0]}
        assert found[0].lines[0].good_or_better == Ratio(11, 23)
        assert (found[0].is_suppressed, list(found[0].totals.values())) == (False, [5, 7, 7, 5])

    def test_a_director_reads_what_gives_nobody_away(self, teams: dict[str, Team]) -> None:
        """All areas are Good in all audits, so every team is small there: nobody has a row."""
        grade(teams["North"], MAY, 5, 6, 7, 5)
        grade(teams["South"], MAY, 0, 1, 0, 0)
        found = grades_by_group(Q1, "team", senior_leader("Dina"))
        assert len(found) == 1 + len(AREAS)
        assert overall(found) == {"North": [None] * 4, "South": [None] * 4}
        assert [line.graded for line in found[0].lines] == [None, None]
        assert found[0].lines[0].good_or_better is None
        assert (found[0].is_suppressed, list(found[0].totals.values())) == (True, [5, 7, 7, 5])

    def test_left_out_in_one_quarter_is_left_out_of_the_year(
        self, teams: dict[str, Team], quentin: User
    ) -> None:
        spread = [dict.fromkeys(AREAS, one) | {"overall": one} for one in GRADES for _ in range(5)]
        for name, month in (
            ("North", MAY),
            ("East", MAY),
            ("South", MAY),
            ("North", AUGUST),
            ("East", AUGUST),
        ):
            for audit in submitted_audits(month, spread):
                audit.allocation.team = teams[name]
                audit.allocation.save(update_fields=("team",))
        grade(teams["South"], AUGUST, 0, 1, 0, 0)
        whole = grades_by_group(Q1, "team", quentin, for_board=True, sections=[Section.OVERALL])
        assert overall(whole) == {name: [5, 5, 5, 5] for name in ("East", "North", "South")}
        year = grades_by_group(YEAR, "team", quentin, for_board=True, sections=[Section.OVERALL])
        assert [line.label for line in year[0].lines if line.is_left_out] == ["North", "South"]
        assert overall(year)["East"] == [10, 10, 10, 10]

    def test_by_pathway(self, teams: dict[str, Team], priya: User) -> None:
        grade(teams["North"], MAY, 0, 2, 0, 0)
        assert overall(grades_by_group(Q1, "pathway", priya)) == {"Child in need": [0, 2, 0, 0]}

    def test_nobody_else_has_them(
        self, teams: dict[str, Team], meera: User, sanjay: User, stella: User
    ) -> None:
        for user in (meera, sanjay, stella):
            with pytest.raises(NotVisible):
                grades_by_group(Q1, "team", user)

    def test_what_it_costs_does_not_grow(
        self, teams: dict[str, Team], quentin: User, assert_queries: AssertQueries
    ) -> None:
        for count in (1, 30):
            grade(teams["North"], MAY, 0, count, 0, 0)
            grades_by_group(Q1, "team", quentin)
            with assert_queries(2):
                grades_by_group(YEAR, "team", quentin)
