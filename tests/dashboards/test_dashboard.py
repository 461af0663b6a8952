"""The dashboard: whose figures each role has, what is withheld, and what stands out from chance."""

import csv
import re
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import JobRole, Role
from accounts.models import Team, User
from audits.enums import AREAS, AuditStatus
from audits.models import Allocation, Audit, AuditSection, ExportRecord
from core.shares import Ratio
from dashboards.dashboard.months import SHOWN, SOURCES
from dashboards.dashboard.parts import parts_open_to
from dashboards.dashboard.subjects import SUBJECTS, Subject
from dashboards.figures import figures_of
from dashboards.funnel import funnel
from dashboards.measures.definition import Measure
from dashboards.measures.table import MEASURES
from dashboards.run_charts import run_chart
from dashboards.selectors.audits import OF_THE_AUDIT
from dashboards.selectors.keys import Source
from dashboards.services.roll_up import roll_up_due_quarters
from dashboards.services.targets import Typed, type_figure
from tests.conftest import AssertQueries, ClientFor
from tests.dashboards.pages import tables_of
from tests.dashboards.worked_example import Q1, Q2, build
from tests.factories.accounts import TeamFactory, auditor, person
from tests.factories.audits import ChildFactory, HoldingFactory, submitted_audit, submitted_audits

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


def page(client: Client, subject: str = "", **asked: str) -> str:
    response = client.get(f"{URL}{subject}", {"from": "2024-25 Q2", "to": "2024-25 Q2", **asked})
    assert response.status_code == 200
    return response.content.decode()


def saved(client: Client, subject: str, ident: str, **asked: str) -> list[list[str]]:
    response = client.get(f"{URL}{subject}/{ident}.csv", {"from": "2024-25 Q2", "to": "2024-25 Q2", **asked})
    assert response.status_code == 200
    return list(csv.reader(StringIO(response.content.decode("utf-8-sig"))))


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
        Audit.objects.update(status=AuditStatus.FINALISED, finalised_at=F("submitted_at"))
        table = tables_of(page(manager_client))["Overall: grades, quarter by quarter"]
        assert table["2024-25 Q2"][4] == "9 of 18 (50%)"

    def test_and_no_other(self, teams: dict[str, Team], manager_client: Client) -> None:
        south = {"to": "2024-25 Q2", "part": f"team-{teams['South'].pk}"}
        for address in (URL, f"{URL}months/", f"{URL}grades/overall.csv"):
            assert manager_client.get(address, south).status_code == 404
            assert manager_client.get(address, {"part": "council"}).status_code == 404
        assert manager_client.get(URL, {"part": f"team-{teams['North'].pk}"}).status_code == 200

    def test_an_auditor_has_no_page_of_actions_or_coverage(self, auditor_client: Client) -> None:
        answers = {one.key: auditor_client.get(f"{URL}{one.key}/").status_code for one in SUBJECTS}
        assert {key for key, status in answers.items() if status == 404} == {"actions", "coverage"}
        assert set(answers.values()) == {200, 404}

    @pytest.mark.parametrize(
        "asked",
        [
            {"to": "2024-25 Q9"},
            {"to": "nonsense"},
            {"from": "2031-32 Q1"},
            {"pathway": "none"},
            {"part": "team-0"},
        ],
    )
    def test_what_the_address_does_not_know_is_no_page(
        self, teams: dict[str, Team], psw_client: Client, asked: dict[str, str]
    ) -> None:
        assert psw_client.get(URL, asked).status_code == 404


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

    def test_nor_in_the_file(self, teams: dict[str, Team], lena: User, client_for: ClientFor) -> None:
        rows = saved(client_for(lena), "grades", "teams")
        assert [cell for row in rows[1:-1] for cell in row if re.fullmatch("[1-4]", cell)] == []
        assert rows[1] == ["East", *["withheld"] * 4, "8"]

    def test_nor_of_one_pathway_of_which_the_whole_would_tell_the_rest(
        self, teams: dict[str, Team], lena: User, psw_client: Client, client_for: ClientFor
    ) -> None:
        assert self.CAPTION in tables_of(page(psw_client, pathway="cin"))
        assert self.CAPTION not in tables_of(page(client_for(lena), pathway="cin"))

    def test_coverage_by_team(
        self, teams: dict[str, Team], lena: User, psw_client: Client, client_for: ClientFor
    ) -> None:
        for name, (audited, others) in {"North": (2, 9), "South": (7, 6), "West": (8, 9)}.items():
            for number in range(audited + others):
                child = ChildFactory(team=teams[name], pathway="cin")
                HoldingFactory(child=child, team=teams[name], starts_on="2024-01-01", ends_on=None)
                if number < audited:
                    submitted_audit(month=Q2.months[0], allocation={"child": child, "team": teams[name]})
        caption = "Open children audited in twelve months, by team"
        assert tables_of(page(psw_client, "coverage/"))[caption]["North"] == ["2 of 11 (18%)", "11"]
        shown = tables_of(page(client_for(lena), "coverage/"))[caption]
        assert shown["North"] == ["withheld", "11"]
        assert shown["South"] == ["withheld", "13"], "or the council's own figure would tell North's"
        assert shown["West"] == ["8 of 17 (47%)", "17"]

    def test_the_whole_is_everybodys(
        self, teams: dict[str, Team], lena: User, psw_client: Client, client_for: ClientFor
    ) -> None:
        caption, row = "Overall: grades, quarter by quarter", "2024-25 Q2"
        shown = [tables_of(page(client))[caption][row] for client in (client_for(lena), psw_client)]
        assert shown[0] == shown[1]
        assert shown[0][4] == "30 of 51 (59%)"


@pytest.mark.parametrize(
    ("measures", "sources"),
    [
        *(
            ([one for one in MEASURES if one.code.startswith(subject.listed)], subject.sources)
            for subject in SUBJECTS
            if subject.listed
        ),
        (SHOWN, SOURCES),
    ],
    ids=[subject.key for subject in SUBJECTS],
)
def test_a_page_counts_all_that_its_measures_are_made_of(
    measures: list[Measure], sources: frozenset[Source]
) -> None:
    names = {term.removeprefix("-") for one in measures for term in (*one.counts, *one.of)}
    counted = {name for source in sources for name in OF_THE_AUDIT.get(source, ())}
    assert names & {name for counts in OF_THE_AUDIT.values() for name in counts} <= counted


class TestNumberByNumber:
    """Every figure of a page is the report's, and its file has what the page prints."""

    @pytest.fixture(autouse=True)
    def _worked_example(self, db: None) -> None:
        build()

    @pytest.mark.parametrize("subject", [one for one in SUBJECTS if one.listed], ids=lambda one: one.key)
    def test_of_each_subject(self, psw_client: Client, subject: Subject) -> None:
        report = figures_of(Q2, since=Q1)
        html = page(psw_client, f"{subject.key}/", **{"from": "2024-25 Q1"})
        printed = {cell for rows in tables_of(html).values() for cells in rows.values() for cell in cells}
        expanded_codes = [
            code
            for code in report.figures
            if code.startswith(tuple(one for one in subject.listed if "{" not in one))
            or (subject.key == "grades" and code.split(".")[0] in AREAS)
        ]
        assert len(expanded_codes) > 3
        missing = [
            (code, str(quarter))
            for code in expanded_codes
            for quarter in (Q1, Q2)
            if not code.endswith("not_evidenced") and report.printed_in(code, quarter) not in printed
        ]
        assert missing == []

    def test_every_share_of_the_json_stands_on_a_page(self, psw_client: Client) -> None:
        printed = set()
        for subject in SUBJECTS:
            for rows in tables_of(page(psw_client, f"{subject.key}/")).values():
                printed |= {cell for cells in rows.values() for cell in cells}
        shares = {
            one["code"]: f"{one['numerator']} of {one['denominator']} ({one['percent']}%)"
            for one in figures_of(Q2).as_document()["measures"]
            if one["percent"] is not None and one["unit"] == "share" and not one["code"].endswith("evidenced")
        }
        assert len(shares) > 40
        assert {code: words for code, words in shares.items() if words not in printed} == {}

    @pytest.mark.parametrize("subject", SUBJECTS, ids=lambda one: one.key)
    def test_the_file_is_the_table(self, psw_client: Client, subject: Subject) -> None:
        html = page(psw_client, f"{subject.key}/")
        tables = tables_of(html)
        idents = re.findall(rf"/reports/dashboard/{subject.key}/([\w-]+)\.csv", html)
        assert idents
        files = [saved(psw_client, subject.key, ident) for ident in idents]
        for rows in files:
            shown = {name: [cell.removeprefix("'") for cell in cells] for name, *cells in rows[1:]}
            assert any(
                shown == {name: cells for name, cells in table.items() if name in shown}
                for table in tables.values()
            )
        kept = ExportRecord.objects.order_by("pk").values_list("format", "by__name")
        assert list(kept) == [("csv", kept[0][1])] * len(idents)

    def test_no_such_table(self, psw_client: Client) -> None:
        assert psw_client.get(f"{URL}grades/nothing.csv").status_code == 404
        assert psw_client.get(f"{URL}nothing/overall.csv").status_code == 404


class TestMonths:
    def test_frozen_months_stay_as_they_froze(self, psw_client: Client) -> None:
        submitted_audits(Q2.months[0], [{"overall": "good"}] * 12)
        table = "Overall: good or better, month by month"
        live = tables_of(page(psw_client, "months/"))[table]
        assert live["July 2024"][0] == "12 of 12 (100%)"
        roll_up_due_quarters(at=datetime(2024, 11, 1, tzinfo=UTC))
        AuditSection.objects.filter(section="overall").update(final_grade="inadequate")
        assert tables_of(page(psw_client, "months/"))[table] == live
        teams = tables_of(page(psw_client))["Overall grades by team, 2024-25 Q2"]
        assert teams["All teams"] == ["0", "12", "0", "0", "12"]

    def test_a_change_is_said_where_the_rules_support_it(self) -> None:
        steady = run_chart("x", "Good", [(f"month {n}", Ratio(10 + n % 3, 20)) for n in range(12)])
        assert steady is not None
        assert "No month and no run of months differs" in steady.sentence
        fallen = run_chart("x", "Good", [(f"month {n}", Ratio(18 if n < 9 else 6, 20)) for n in range(18)])
        assert fallen is not None
        assert "The level changed: 9 months in a row" in fallen.sentence
        rising = run_chart("x", "Good", [(f"month {n}", Ratio(8 + n, 20)) for n in range(6)])
        assert rising is not None
        assert "It rose 6 months in a row" in rising.sentence
        falling = run_chart("x", "Good", [(f"month {n}", Ratio(14 - n, 20)) for n in range(6)])
        assert falling is not None
        assert "It fell 6 months in a row" in falling.sentence
        outlier = run_chart("x", "Good", [(f"month {n}", Ratio(0 if n == 5 else 18, 20)) for n in range(12)])
        assert outlier is not None
        assert "month 5 lies outside what chance explains" in outlier.sentence
        few = run_chart("x", "Good", [("May", Ratio(3, 9)), ("June", Ratio(0, 0))])
        assert few is not None
        assert few.sentence.endswith("There are too few months yet to tell a lasting change.")
        assert run_chart("x", "Good", [("May", Ratio(0, 0))]) is None

    @given(
        st.lists(
            st.integers(0, 30).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), max_size=24
        )
    )
    def test_every_month_lies_in_the_drawing(self, months: list[tuple[int, int]]) -> None:
        chart = run_chart("x", "Good", [(str(place), Ratio(*one)) for place, one in enumerate(months)])
        for month in chart.months if chart else ():
            assert 0 < month.y <= chart.axis_y
            assert 0 < float(month.x.removesuffix("%")) < 100
        limits = re.findall(r"M([0-9.]+) ([0-9]+)h([0-9.]+)", chart.limits if chart else "")
        assert len(limits) == 2 * len(chart.months if chart else ())
        for x, y, width in limits:
            assert 0 < float(x) < float(x) + float(width) < 100
            assert 0 < int(y) <= chart.axis_y


@pytest.mark.parametrize(
    ("subject", "queries"),
    [
        ("grades", 11),
        ("questions", 9),
        ("returns", 9),
        ("feedback", 10),
        ("moderation", 10),
        ("actions", 12),
        ("coverage", 9),
        ("months", 7),
    ],
)
def test_what_it_costs_does_not_grow(
    teams: dict[str, Team], psw_client: Client, assert_queries: AssertQueries, subject: str, queries: int
) -> None:
    for _ in range(2):
        with assert_queries(queries):
            page(psw_client, f"{subject}/")
        submitted_audits(Q2.months[1], [{"overall": "good"}] * 5)
        TeamFactory(name="Another")


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda one: one.key)
def test_a_managers_page_costs_no_more_than_twelve(
    teams: dict[str, Team], sanjay: User, client_for: ClientFor, subject: Subject
) -> None:
    client, costs = client_for(sanjay), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            page(client, f"{subject.key}/")
        costs.append(len([one for one in queries if "SAVEPOINT" not in one["sql"]]))
        submitted_audits(Q2.months[1], [{"overall": "good"}] * 5)
    assert costs[0] == costs[1] <= 14, "session and user among them"


class TestBesideThePerformanceDashboard:
    CAPTION = "2024-25 Q2: the council’s performance figures beside the audits"

    @pytest.fixture(autouse=True)
    def _typed(self, teams: dict[str, Team], priya: User) -> None:
        type_figure(
            Typed(Q2, "overall.good_or_better", "Assessments in time", "Children’s dashboard", 180, 200),
            by=priya,
        )

    def test_what_the_council_typed_in_stands_beside_the_finding(
        self, psw_client: Client, lena: User, client_for: ClientFor
    ) -> None:
        for client in (psw_client, client_for(lena)):
            assert tables_of(page(client))[self.CAPTION]["Assessments in time"] == [
                "Children’s dashboard",
                "2024-25 Q2",
                "180 of 200 (90%)",
                "Overall: good or better",
                "30 of 51 (59%)",
            ]

    def test_but_not_of_a_part_or_on_a_page_without_that_measure(
        self, psw_client: Client, manager_client: Client
    ) -> None:
        assert self.CAPTION not in tables_of(page(psw_client, pathway="cin"))
        assert self.CAPTION not in tables_of(page(psw_client, "feedback/"))
        assert self.CAPTION not in tables_of(page(manager_client))
