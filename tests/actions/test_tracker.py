"""The tracker: who sees what of it, the filters in its address, and the files that leave."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from openpyxl import load_workbook

from accounts.models import Team, User
from actions.models import Finding, SavedView, Theme
from actions.services.progress import complete_action
from actions.tracker_facts import HEADINGS
from audits.enums import ActionPriority
from audits.models import ExportRecord
from core.guards import lifted
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import TeamFactory, person, senior_leader, team_manager
from tests.factories.actions import ActionFactory
from tests.factories.audits import ChildFactory
from tests.factories.paths import finding_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

PAGE = "/actions/tracker/"


@pytest.fixture
def north(db: None) -> Team:
    team: Team = TeamFactory(name="North")
    return team


@pytest.fixture
def south(db: None) -> Team:
    team: Team = TeamFactory(name="South")
    return team


@pytest.fixture
def tara(south: Team) -> User:
    return team_manager("Tara South", south)


def shown(client: Client, query: str = "") -> set[str]:
    return {action.reference for action, _ in client.get(PAGE + query).context["rows"]}


class TestWhoSeesWhat:
    def test_the_qa_lead_all_managers_and_leaders_theirs(
        self, meera: User, sanjay: User, quentin: User, tara: User, client_for: ClientFor
    ) -> None:
        south = TeamFactory(name="South")
        ours = ActionFactory(team=TeamFactory(name="North"), owner=meera).reference
        theirs = ActionFactory(team=south, owner=tara).reference
        leader = senior_leader("Lena Leader", south.service)
        seen = {who.name: shown(client_for(who)) for who in (quentin, meera, sanjay, tara, leader)}
        assert seen == {
            "Quentin Lead": {ours, theirs},
            "Meera Manager": {ours},
            "Sanjay Service": {ours},
            "Tara South": {theirs},
            "Lena Leader": {theirs},
        }


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("?priority=p0", {"late"}),
            ("?status=owed", {"late", "soon"}),
            ("?status=done", {"done"}),
            ("?age=over", {"late"}),
            ("?age=1+to+5", {"late"}),
            ("?age=Over+20", set()),
            ("?owner=tara", {"soon"}),
            ("?quarter=2026-27+Q3", {"late", "soon", "done"}),
            ("?quarter=2026-27+Q2", set()),
            ("?priority=p9&age=%00&team=x&quarter=never", {"late", "soon", "done"}),
        ],
    )
    def test_each(self, query: str, found: set[str], meera: User, tara: User, qa_client: Client) -> None:
        north, south = TeamFactory(name="North"), TeamFactory(name="South")
        named = {
            "late": ActionFactory(
                team=north, owner=meera, first_due_on=date(2026, 11, 20), priority=ActionPriority.P0
            ),
            "soon": ActionFactory(team=south, owner=tara, first_due_on=date(2026, 11, 27)),
            "done": complete_action(ActionFactory(team=north, owner=meera), by=meera, evidence="Seen."),
        }
        assert shown(qa_client, query) == {named[name].reference for name in found}

    def test_a_theme_is_that_of_the_action_or_of_its_finding(
        self, meera: User, north: Team, qa_client: Client
    ) -> None:
        fathers, records = Theme.objects.order_by("name")[:2]
        raised, about, _ = (
            ActionFactory(team=north, owner=meera, theme=theme) for theme in (fathers, None, records)
        )
        finding = Finding.objects.create(
            audit=finding_of(north, records).audit, kind="action", text="Late.", action=about
        )
        finding.tags.create(theme=fathers)
        finding.tags.create(theme=records)
        assert shown(qa_client, f"?theme={fathers.code}") == {raised.reference, about.reference}
        file = qa_client.post(f"{PAGE}?theme={fathers.code}", {"reason": "Board", "format": "csv"})
        rows = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))
        assert {row["Action"]: row["Theme"] for row in rows} == {
            raised.reference: fathers.name,
            about.reference: f"{fathers.name}; {records.name}",
        }

    def test_what_is_owed_is_before_what_waits_and_what_is_over(
        self, meera: User, north: Team, qa_client: Client
    ) -> None:
        done = {"done_at": datetime(2026, 11, 2, tzinfo=UTC), "evidence": "Seen.", "verification": "always"}
        by = {"team": north, "owner": meera}
        given_up = ActionFactory(**by, status="cancelled", priority="p0", first_due_on=date(2026, 1, 5))
        waits = ActionFactory(**by, **done, status="done", priority="p0", first_due_on=date(2026, 2, 5))
        learning = ActionFactory(**by, priority="p3", first_due_on=date(2026, 12, 30))
        late = ActionFactory(**by, priority="p2", first_due_on=date(2026, 11, 5))
        listed = [action for action, _ in qa_client.get(PAGE).context["rows"]]
        assert listed == [late, learning, waits, given_up]

    def test_the_ages_add_up_to_what_is_overdue(self, meera: User, north: Team, qa_client: Client) -> None:
        for day in (date(2026, 11, 24), date(2026, 11, 16), date(2026, 11, 4), date(2026, 9, 1)):
            ActionFactory(team=north, owner=meera, first_due_on=day)
        figures = {row["label"]: row["count"] for row in qa_client.get(PAGE).context["figures"]}
        assert figures == {
            "To be done": 4,
            "Overdue": 4,
            "1 to 5 working days over": 1,
            "6 to 10 working days over": 1,
            "11 to 20 working days over": 1,
            "Over 20 working days over": 1,
        }

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_costs_the_same_for_one_and_for_three(
        self, rows: int, meera: User, north: Team, qa_client: Client, assert_queries: AssertQueries
    ) -> None:
        for _ in range(rows):
            ActionFactory(team=north, owner=meera, first_due_on=date(2026, 11, 4))
        with assert_queries(6):
            qa_client.get(f"{PAGE}?age=over")


class TestFiles:
    ASKED = {"reason": "For the Board of 3 December", "format": "csv"}

    def test_a_csv_of_what_the_filters_show_and_a_record_of_it(
        self, meera: User, quentin: User, north: Team, qa_client: Client
    ) -> None:
        child = ChildFactory(team=north, reference="7712345")
        late = ActionFactory(
            team=north,
            owner=meera,
            child=child,
            first_due_on=date(2026, 11, 20),
            what="=HYPERLINK(1)",
            why="＝1+1",
        )
        ActionFactory(team=north, owner=meera, first_due_on=date(2026, 12, 1))
        answer = qa_client.post(f"{PAGE}?age=over", self.ASKED)
        assert answer["Content-Disposition"] == 'attachment; filename="actions-2026-11-25.csv"'
        heading, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        told = dict(zip(heading, row, strict=True))
        assert heading == list(HEADINGS)
        assert (told["Action"], told["Child"], told["Working days over"]) == (late.reference, "7712345", "3")
        assert told["What shall be done"] == "'=HYPERLINK(1)"
        assert told["What was found"] == "'＝1+1"
        kept = ExportRecord.objects.get()
        assert (kept.by, kept.rows, kept.filters, kept.reason) == (
            quentin,
            1,
            "age=over",
            "For the Board of 3 December",
        )

    def test_a_workbook(self, meera: User, north: Team, qa_client: Client) -> None:
        action = ActionFactory(team=north, owner=meera, what="=1+1")
        answer = qa_client.post(PAGE, self.ASKED | {"format": "xlsx"})
        sheet = load_workbook(io.BytesIO(answer.content)).active
        assert [cell.value for cell in sheet[1]] == list(HEADINGS)
        assert (sheet["A2"].value, sheet["L2"].data_type) == (action.reference, "s")

    def test_without_a_reason_nothing_leaves(self, meera: User, north: Team, qa_client: Client) -> None:
        ActionFactory(team=north, owner=meera)
        answer = qa_client.post(PAGE, {"format": "csv", "reason": " "})
        assert "Say what the file is for" in answer.content.decode()
        assert ExportRecord.objects.count() == 0

    def test_a_team_manager_takes_out_only_the_actions_of_their_team(
        self, meera: User, north: Team, south: Team, manager_client: Client
    ) -> None:
        ours = ActionFactory(team=north, owner=meera)
        ActionFactory(team=south, owner=meera)  # hers, of a team that she does not manage
        answer = manager_client.post(PAGE, self.ASKED)
        _, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert [row[0] for row in rows] == [ours.reference]

    def test_a_service_manager_takes_out_nothing(
        self, sanjay: User, meera: User, north: Team, client_for: ClientFor
    ) -> None:
        ActionFactory(team=north, owner=meera)
        answer = client_for(sanjay).post(PAGE, self.ASKED)
        assert answer["Content-Type"] == "text/html; charset=utf-8"
        assert answer.context["export"] is None
        assert ExportRecord.objects.count() == 0

    def test_information_governance_sees_every_export_and_others_their_own(
        self, meera: User, north: Team, qa_client: Client, manager_client: Client, client_for: ClientFor
    ) -> None:
        ActionFactory(team=north, owner=meera)
        qa_client.post(PAGE, self.ASKED)
        ian = person("Ian Records", "information_governance")
        seen = {
            name: len(client.get("/records/exports/").context["page_obj"])
            for name, client in (("ian", client_for(ian)), ("meera", manager_client), ("quentin", qa_client))
        }
        assert seen == {"ian": 1, "meera": 0, "quentin": 1}

    def test_the_database_keeps_the_record(self, meera: User, north: Team, qa_client: Client) -> None:
        ActionFactory(team=north, owner=meera)
        qa_client.post(PAGE, self.ASKED)
        statement = "UPDATE audits_exportrecord SET reason = 'x'"
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        with lifted(), connection.cursor() as cursor:  # the twin
            cursor.execute(statement)
        assert ExportRecord.objects.get().reason == "x"


class TestSavedViews:
    def test_kept_under_a_name_and_deleted_by_its_owner_alone(
        self, qa_client: Client, psw_client: Client, quentin: User
    ) -> None:
        qa_client.post(f"{PAGE}?age=over&priority=p1&nonsense=1", {"name": "Late breaches"})
        view = SavedView.objects.get()
        assert (view.person, view.query) == (quentin, "priority=p1&age=over")
        assert list(qa_client.get("/actions/tracker/views/").context["views"]) == [view]
        assert list(psw_client.get("/actions/tracker/views/").context["views"]) == []
        assert psw_client.post(f"/actions/tracker/views/{view.pk}/delete/").status_code == 404
        assert qa_client.post(f"/actions/tracker/views/{view.pk}/delete/").status_code == 302
        assert SavedView.objects.count() == 0

    def test_the_same_name_is_the_new_filters(self, qa_client: Client) -> None:
        for query in ("age=over", "priority=p0"):
            qa_client.post(f"{PAGE}?{query}", {"name": "Mine"})
        assert SavedView.objects.get().query == "priority=p0"


def test_the_boards_list_has_references_and_nothing_of_a_child(
    meera: User, north: Team, qa_client: Client
) -> None:
    child = ChildFactory(team=north, reference="7712345")
    listed = ActionFactory(team=north, owner=meera, child=child, first_due_on=date(2026, 10, 1))
    ActionFactory(team=north, owner=meera, first_due_on=date(2026, 10, 1))
    listed.escalations.create(step="board", at=datetime(2026, 11, 2, tzinfo=UTC))
    html = qa_client.get("/actions/board/").content.decode()
    assert listed.reference in html
    assert [secret for secret in ("7712345", listed.what, listed.why) if secret in html] == []
    complete_action(listed, by=meera, evidence="On file since Monday.")
    assert "Nothing is on the list" in qa_client.get("/actions/board/").content.decode()
