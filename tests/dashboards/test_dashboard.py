"""The dashboard: whose figures each role has, what is withheld, and what stands out from chance."""

import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import JobRole, Role
from accounts.models import Team, User
from audits.models import Allocation
from core.shares import Ratio
from dashboards.dashboard import parts_open_to
from dashboards.funnel import funnel
from tests.conftest import AssertQueries, ClientFor
from tests.dashboards.pages import tables_of
from tests.dashboards.worked_example import Q2
from tests.factories.accounts import TeamFactory, auditor, person
from tests.factories.audits import submitted_audits

URL = "/reports/dashboard/"
TEAMS = {"North": (9, 9), "South": (8, 7), "East": (6, 2), "West": (7, 3)}
"""Good and Inadequate of each team."""


class TestTheFunnel:
    def test_a_team_far_from_the_council_stands_out_and_one_as_far_by_chance_does_not(self) -> None:
        drawn = funnel([("Large", Ratio(5, 60)), ("Small", Ratio(0, 3))], Ratio(50, 100))
        assert drawn is not None
        assert drawn.title == "Large differs from the council by more than chance explains"
        assert drawn.table.rows == (
            ("1. Large", "5 of 60 (8%)", "30% to 70%", "more than chance explains"),
            ("2. Small", "0 of 3", "0% to 100%", "as chance explains"),
        )
        assert [point.is_beyond for point in drawn.points] == [True, False]

    def test_of_nothing_there_is_none(self) -> None:
        assert funnel([("North", Ratio(0, 0))], Ratio(0, 0)) is None

    @given(
        teams=st.lists(
            st.integers(1, 40).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))),
            min_size=1,
            max_size=8,
        )
    )
    def test_every_point_lies_in_the_drawing(self, teams: list[tuple[int, int]]) -> None:
        ratios = [Ratio(numerator, of) for numerator, of in teams]
        whole = Ratio(sum(one.numerator for one in ratios), sum(one.denominator for one in ratios))
        drawn = funnel([(f"Team {number}", one) for number, one in enumerate(ratios)], whole)
        assert drawn is not None
        assert len(drawn.points) == len(teams)
        for point in drawn.points:
            assert 0 <= point.y <= drawn.axis_y
            assert 0 <= float(point.x.removesuffix("%")) <= 100


@pytest.fixture
def teams(db: None) -> dict[str, Team]:
    made = {}
    for name, (good, inadequate) in TEAMS.items():
        made[name] = TeamFactory(name=name)
        grades = [{"overall": "good"}] * good + [{"overall": "inadequate"}] * inadequate
        audits = submitted_audits(Q2.months[0], grades)
        Allocation.objects.filter(audit__in=audits).update(team=made[name])
    return made


@pytest.fixture
def lena(db: None) -> User:
    return person("Lena Leader", Role.SENIOR_LEADER, job_role=JobRole.DIRECTOR)


def page(client: Client, **asked: str) -> str:
    response = client.get(URL, {"quarter": "2024-25 Q2", **asked})
    assert response.status_code == 200
    return response.content.decode()


class TestWhoseFigures:
    def test_each_role_has_its_own(
        self, teams: dict[str, Team], meera: User, sanjay: User, lena: User
    ) -> None:
        north = teams["North"]
        service = f"service-{north.service_id}"
        ada, stella, priya = auditor("Ada Auditor"), person("Stella Stranger"), person("Priya", Role.PSW)
        who = (ada, meera, sanjay, lena, stella)
        assert {one.name: [part.key for part in parts_open_to(one)] for one in who} == {
            "Ada Auditor": ["mine"],
            "Meera Manager": [f"team-{north.pk}"],
            "Sanjay Service": [service, f"team-{north.pk}"],
            "Lena Leader": ["council"],
            "Stella Stranger": [],
        }
        every = {"council", service, *(f"team-{team.pk}" for team in teams.values())}
        assert every - {part.key for part in parts_open_to(priya)} == set()

    def test_a_team_manager_reads_the_own_team_whole(
        self, teams: dict[str, Team], manager_client: Client
    ) -> None:
        table = tables_of(page(manager_client))["Key figures, quarter by quarter"]
        assert table["Overall: good or better"][3] == "9 of 18 (50%)"

    def test_and_no_other(self, teams: dict[str, Team], manager_client: Client) -> None:
        asked = {"quarter": "2024-25 Q2", "part": f"team-{teams['South'].pk}"}
        assert manager_client.get(URL, asked).status_code == 404
        assert manager_client.get(URL, {"part": "council"}).status_code == 404
        assert manager_client.get(URL, {"part": f"team-{teams['North'].pk}"}).status_code == 200

    @pytest.mark.parametrize("quarter", ["2024-25 Q9", "nonsense", "2031-32 Q1"])
    def test_no_such_quarter(self, teams: dict[str, Team], psw_client: Client, quarter: str) -> None:
        assert psw_client.get(URL, {"quarter": quarter}).status_code == 404


class TestSmallNumbers:
    CAPTION = "Overall grades by team, 2024-25 Q2"

    def test_the_qa_team_reads_them(self, teams: dict[str, Team], psw_client: Client) -> None:
        assert tables_of(page(psw_client))[self.CAPTION]["East"] == ["0", "6", "0", "2", "8"]

    def test_a_senior_leader_does_not(
        self, teams: dict[str, Team], lena: User, client_for: ClientFor
    ) -> None:
        html = page(client_for(lena))
        tables = tables_of(html)
        cells = [cell for name in TEAMS for cell in tables[self.CAPTION][name]]
        assert [cell for cell in cells if re.fullmatch("[1-4]", cell)] == []
        assert tables[self.CAPTION]["All teams"] == ["0", "30", "0", "21", "51"]
        assert "6 of 8" not in html

    def test_the_whole_is_everybodys(
        self, teams: dict[str, Team], lena: User, psw_client: Client, client_for: ClientFor
    ) -> None:
        caption, row = "Key figures, quarter by quarter", "Overall: good or better"
        shown = [tables_of(page(client))[caption][row] for client in (client_for(lena), psw_client)]
        assert shown[0] == shown[1]
        assert shown[0][3] == "30 of 51 (59%)"


def test_what_it_costs_does_not_grow(
    teams: dict[str, Team], psw_client: Client, assert_queries: AssertQueries
) -> None:
    for _ in range(2):
        with assert_queries(17):
            page(psw_client)
        submitted_audits(Q2.months[1], [{"overall": "good"}] * 5)
