"""What a manager or a leader takes out of the service: small numbers of a team cannot be worked out from all of it."""

import csv
import random
import re
from collections import Counter
from collections.abc import Callable
from io import BytesIO, StringIO

import pytest
from django.db.models import F
from django.test import Client
from openpyxl import load_workbook

from accounts.enums import JobRole, Role
from accounts.models import Team, User
from audits.enums import BAND_GRADES, AuditStatus
from audits.models import Allocation, Audit, ExportRecord
from core.dates import Quarter
from dashboards.dashboard import pages
from dashboards.dashboard.pages import Asked, page_of
from dashboards.dashboard.parts import parts_open_to
from dashboards.dashboard.subjects import GRADES, MONTHS, SUBJECTS
from dashboards.dashboard.withholding import Cells
from dashboards.suppression import SMALLEST, WITHHELD
from tests.dashboards.attacker import Attacker, Variable
from tests.dashboards.pages import tables_of
from tests.dashboards.worked_example import Q1, Q2
from tests.factories.accounts import ServiceFactory, TeamFactory, person, service_manager, team_manager
from tests.factories.audits import submitted_audits

pytestmark = pytest.mark.django_db

URL = "/reports/dashboard/"
QUARTERS = (Q1, Q2)
PATHWAYS = ("cin", "cla")
ASKED_FOR = ("", "cin")
"""The other pathway is the whole less this one."""
LABELS = {grade.label: grade.value for grade in BAND_GRADES}
GOOD = "Good or better"
OVERALL, BY_TEAM = "Overall: grades, quarter by quarter", "Overall grades by team, 2024-25 Q2"

Council = Counter[Variable]
"""How many audits: team, pathway, month as 2024-04, grade."""


def build(council: Council, status: AuditStatus = AuditStatus.FINALISED) -> dict[str, Team]:
    """Finalised audits of that council. North, South and East are one service, West another."""
    services = [ServiceFactory(name="Children"), ServiceFactory(name="Families")]
    teams = {
        name: TeamFactory(name=name, service=services[name == "West"])
        for name in ("North", "South", "East", "West")
    }
    made: dict[tuple[str, str, str], list[str]] = {}
    for (team, pathway, month, grade), count in council.items():
        made.setdefault((team, pathway, month), []).extend([grade] * count)
    months = {f"{month:%Y-%m}": month for quarter in QUARTERS for month in quarter.months}
    for (team, pathway, month), grades in made.items():
        audits = submitted_audits(months[month], [{"overall": grade} for grade in grades])
        Allocation.objects.filter(audit__in=audits).update(team=teams[team], pathway=pathway)
    if status == AuditStatus.FINALISED:
        Audit.objects.update(status=status, finalised_at=F("submitted_at"))
    return teams


def random_council(seed: int) -> Council:
    """Teams of which some have small numbers, in some quarters, on some pathways."""
    rng = random.Random(seed)
    council: Council = Counter()
    for team in ("North", "South", "East", "West"):
        for quarter in QUARTERS:
            for grade in BAND_GRADES:
                for _ in range(rng.choice([1, 3, 6, 7, 8, 9])):
                    month = rng.choice(quarter.months)
                    council[team, rng.choice(PATHWAYS), f"{month:%Y-%m}", grade.value] += 1
    return council


VARIABLES = [
    (team, pathway, f"{month:%Y-%m}", grade.value)
    for team in ("North", "South", "East", "West")
    for pathway in PATHWAYS
    for quarter in QUARTERS
    for month in quarter.months
    for grade in BAND_GRADES
]


def those(teams: set[str], pathway: str, months: set[str], grades: set[str]) -> list[Variable]:
    return [
        one
        for one in VARIABLES
        if one[0] in teams
        and pathway in ("", one[1])
        and one[2] in months
        and (not grades or one[3] in grades)
    ]


def months_in(*quarters: Quarter) -> set[str]:
    return {f"{month:%Y-%m}" for quarter in quarters for month in quarter.months}


class Taking:
    """One person who saves every table of grades with every filter, and puts all of it together."""

    def __init__(self, user: User, teams: dict[str, Team]) -> None:
        self.user, self.attacker, self.cells = user, Attacker(VARIABLES), 0
        for part in parts_open_to(user):
            scope = part.scope
            names = {
                name
                for name, team in teams.items()
                if scope.team in (None, team.pk) and scope.service in (None, team.service_id)
            }
            for pathway in ASKED_FOR:
                for shown in (QUARTERS[:1], QUARTERS[1:], QUARTERS):
                    self._take(Asked(part, pathway, shown), names)

    def _rows(self, asked: Asked) -> dict[str, list[dict[str, str]]]:
        """The rows of every file of the two pages, as they are saved."""
        pages = [page_of(self.user, one, asked) for one in SUBJECTS if one.key in (GRADES, MONTHS)]
        tables = {one.paper.ident: one.paper.table for page in pages for one in page.shown if one.paper}
        return {
            ident: [dict(zip(table.columns, row, strict=True)) for row in table.rows]
            for ident, table in tables.items()
        }

    def _take(self, asked: Asked, teams: set[str]) -> None:
        pathway, shown, rows = asked.pathway, asked.quarters, self._rows(asked)
        for row in rows["overall"]:
            months = months_in(next(one for one in QUARTERS if str(one) == row["Quarter"]))
            for label in (*LABELS, GOOD):
                self._read(row[label], teams, pathway, months, _grades(label))
        for row in rows.get("teams", []):
            whose = teams if row["Team"] == "All teams" else {row["Team"]}
            for label in (*LABELS, "Audits"):
                self._read(row[label], whose, pathway, months_in(*shown), _grades(label))
        for row in rows.get("funnel", []):
            self._read(row[GOOD], {row["Team"].split(". ")[1]}, pathway, months_in(*shown), _grades(GOOD))
        for row in rows.get("overall-good_or_better", []):
            months = {
                f"{month:%Y-%m}"
                for one in QUARTERS
                for month in one.months
                if f"{month:%B %Y}" == row["Month"]
            }
            if months:
                self._read(row["Counted"], teams, pathway, months, _grades(GOOD))

    def _read(self, cell: str, teams: set[str], pathway: str, months: set[str], grades: set[str]) -> None:
        if cell == WITHHELD:
            return
        numbers = [int(number) for number in re.findall(r"\d+", cell)]
        self.cells += 1
        self.attacker.learns(those(teams, pathway, months, grades), numbers[0])
        if len(numbers) > 1:
            self.attacker.learns(those(teams, pathway, months, set()), numbers[1])

    def knows(self, council: Council) -> list[str]:
        """The small numbers of teams, of all pathways and of one, that only one value fits."""
        found = []
        for team in ("North", "South", "East", "West"):
            for quarter in QUARTERS:
                for pathway in ASKED_FOR:
                    for grade in BAND_GRADES:
                        cell = those({team}, pathway, months_in(quarter), {grade.value})
                        count = sum(council[one] for one in cell)
                        if 0 < count < SMALLEST and len({*self.attacker.range_of(*cell)}) == 1:
                            found.append(f"{team}, {quarter}, {pathway or 'all'}, {grade}: {count}")
        return found


def _grades(label: str) -> set[str]:
    if label == GOOD:
        return {"outstanding", "good"}
    return {LABELS[label]} if label in LABELS else set()


Readers = dict[str, Callable[[dict[str, Team]], User]]
READERS: Readers = {
    "leader": lambda _: person("Lena Leader", Role.SENIOR_LEADER, job_role=JobRole.DIRECTOR),
    "service manager": lambda teams: service_manager("Sanjay Service", teams["North"].service),
    "team manager": lambda teams: team_manager("Meera Manager", teams["North"]),
}


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_works_out_a_small_number_from_all_they_may_take(who: str, seed: int) -> None:
    council = random_council(seed)
    teams = build(council)
    reader = READERS[who](teams)
    taking = Taking(reader, teams)
    assert taking.knows(council) == []


def test_it_is_not_because_nothing_is_shown() -> None:
    council: Council = Counter()
    for team, outstanding in {"North": 6, "South": 7, "East": 8, "West": 2}.items():
        council[team, "cin", "2024-05", "outstanding"] = outstanding
        council.update({(team, "cin", "2024-05", grade): 6 for grade in ("good", "requires_improvement")})
        council[team, "cin", "2024-05", "inadequate"] = 9
    teams = build(council)
    read = {}
    for who, make in READERS.items():
        reader = make(teams)
        taking = Taking(reader, teams)
        read[who] = (taking.cells > 10, taking.knows(council))
    assert read == dict.fromkeys(READERS, (True, []))


class TestTwins:
    """Without each of the rules the same reader works a small number out."""

    @pytest.fixture
    def council(self) -> Council:
        """A service of which South alone has a small number; its whole has none."""
        council: Council = Counter()
        for team, outstanding in {"North": 6, "South": 1, "East": 7, "West": 9}.items():
            for grade in BAND_GRADES:
                council[team, "cin", "2024-05", grade.value] = 8
            council[team, "cin", "2024-05", "outstanding"] = outstanding
        return council

    def test_with_the_rules_it_is_safe(self, council: Council) -> None:
        assert self._known("service manager", council) == []

    def test_a_team_beside_the_service(self, council: Council, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pages, "_has_service_of", lambda *_: False)
        assert self._known("service manager", council)

    def test_small_numbers_of_the_own_team(self, council: Council, monkeypatch: pytest.MonkeyPatch) -> None:
        council["North", "cin", "2024-05", "good"] = 2
        monkeypatch.setattr(Cells, "withholds", lambda *_: False)
        assert self._known("team manager", council)

    def _known(self, who: str, council: Council) -> list[str]:
        teams = build(council)
        reader = READERS[who](teams)
        return Taking(reader, teams).knows(council)


class TestTheManagersPage:
    ASKED = {"from": "2024-25 Q2", "to": "2024-25 Q2"}

    def build(self, status: AuditStatus) -> dict[str, Team]:
        council: Council = Counter(
            {
                ("North", "cin", "2024-08", "good"): 3,
                ("North", "cin", "2024-08", "inadequate"): 9,
                ("South", "cla", "2024-08", "good"): 7,
            }
        )
        return build(council, status)

    def test_decided_audits_are_theirs_to_read_and_what_leaves_holds_less(
        self, meera: User, manager_client: Client
    ) -> None:
        self.build(AuditStatus.FINALISED)
        html = manager_client.get(URL, self.ASKED).content.decode()
        tables = tables_of(html)
        assert tables[OVERALL]["2024-25 Q2"] == [
            "0 of 12 (0%)",
            "3 of 12 (25%)",
            "0 of 12 (0%)",
            "9 of 12 (75%)",
            "3 of 12 (25%)",
        ]
        assert tables[f"As it leaves the service: {OVERALL}"]["2024-25 Q2"] == [WITHHELD] * 5
        for as_format, rows in (("csv", self._csv), ("xlsx", self._xlsx)):
            response = manager_client.get(f"{URL}grades/overall.{as_format}", self.ASKED)
            assert rows(response.content)[1] == ["2024-25 Q2", *[WITHHELD] * 5]
        assert set(ExportRecord.objects.values_list("format", "by")) == {
            ("csv", meera.pk),
            ("xlsx", meera.pk),
        }

    def test_a_quarter_with_an_undecided_audit_is_withheld_on_the_page_too(
        self, meera: User, manager_client: Client
    ) -> None:
        self.build(AuditStatus.FINALISED)
        one = Audit.objects.filter(allocation__team__name="North").earliest("pk")
        Audit.objects.filter(pk=one.pk).update(status=AuditStatus.REOPENED, finalised_at=None)
        html = manager_client.get(URL, self.ASKED).content.decode()
        assert tables_of(html)[OVERALL]["2024-25 Q2"] == [WITHHELD] * 5
        assert "3 of 12" not in html

    def test_who_owes_what_is_theirs_to_see_whatever_is_decided(
        self, meera: User, manager_client: Client
    ) -> None:
        self.build(AuditStatus.SUBMITTED)
        html = manager_client.get(f"{URL}returns/", self.ASKED).content.decode()
        assert tables_of(html)["Return rate, quarter by quarter"]["2024-25 Q2"] == ["12 of 12 (100%)"]

    def _csv(self, content: bytes) -> list[list[str]]:
        return list(csv.reader(StringIO(content.decode("utf-8-sig"))))

    def _xlsx(self, content: bytes) -> list[list[str]]:
        sheet = load_workbook(BytesIO(content)).active
        return [[str(cell) for cell in row] for row in sheet.values]
