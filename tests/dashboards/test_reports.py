"""The report as a working document: its words, its way to publication, its versions, and who is told."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.enums import Role
from accounts.models import User
from audits.models import Allocation, ExportRecord
from audits.work import work_of
from core.dates import FinancialYear, Quarter
from core.errors import RuleViolation
from core.guards import drop_guards
from dashboards.composing import Words
from dashboards.contents import Contents
from dashboards.documents import contents_of, working_copy
from dashboards.enums import ReportEdition, ReportStatus
from dashboards.guards import GUARDS
from dashboards.models import ReportDocument, ReportMove, ReportSection, ReportVersion
from dashboards.moves import MOVES, check_report_move
from dashboards.names import without
from dashboards.services.reports import (
    StaleSection,
    correct_report,
    publish_report,
    return_report,
    save_section,
    send_report,
    start_report,
)
from dashboards.suppression import WITHHELD
from dashboards.teams import TeamGrades, grades_by_team
from notifications.models import Message
from tests.conftest import AssertQueries, ClientFor
from tests.dashboards.worked_example import Q2, build
from tests.factories.accounts import TeamFactory, person
from tests.factories.audits import ActivityRecordFactory, RoundFactory, submitted_audits

pytestmark = pytest.mark.django_db

OCTOBER = datetime(2024, 10, 30, 11, 0, tzinfo=UTC)
GOOD = "Overall {{ overall.good_or_better }} are good or better; before it was {{overall.good_or_better.before}}."
PRINTED = "Overall 29 of 64 (45%) are good or better; before it was 19 of 70 (27%)."
URL = "/reports/2024-25/Q2/report/"


@pytest.fixture
def document(quentin: User) -> ReportDocument:
    build()
    return start_report(Q2, by=quentin, at=OCTOBER)


def write(document: ReportDocument, by: User, key: str, narrative: str, required: str = "") -> ReportSection:
    version = document.sections.get(key=key).version
    return save_section(document, key, Words(narrative, required), version=version, by=by)


def published(document: ReportDocument, quentin: User, priya: User) -> ReportVersion:
    write(document, quentin, "headline", GOOD)
    send_report(document, by=quentin, at=OCTOBER)
    return publish_report(document, by=priya, at=OCTOBER)


class TestWriting:
    def test_beginning_twice_is_once(self, document: ReportDocument, priya: User) -> None:
        assert start_report(Q2, by=priya) == document
        assert [move.to_status for move in document.moves.all()] == ["draft"]

    def test_only_the_qa_team_writes(self, document: ReportDocument, meera: User) -> None:
        for act in (
            lambda: start_report(FinancialYear(2024), by=meera),
            lambda: write(document, meera, "visits", "Mine."),
            lambda: send_report(document, by=meera),
        ):
            with pytest.raises(RuleViolation) as refusal:
                act()
            assert refusal.value.sentence == "The QA lead and the Principal Social Worker write the reports."

    def test_a_stale_tab_loses_nothing(self, document: ReportDocument, quentin: User, priya: User) -> None:
        write(document, priya, "visits", "First.")
        with pytest.raises(StaleSection) as stale:
            save_section(document, "visits", Words("Second."), version=0, by=quentin)
        assert stale.value.section.narrative == "First."
        assert document.sections.get(key="visits").narrative == "First."

    def test_actions_are_for_priority_areas(self, document: ReportDocument, quentin: User) -> None:
        assert write(document, quentin, "visits", "", "Look at gaps.").required == "Look at gaps."
        assert write(document, quentin, "strengths", "", "Look at gaps.").required == ""

    def test_in_review_nobody_changes_the_words(
        self, document: ReportDocument, quentin: User, priya: User
    ) -> None:
        send_report(document, by=quentin, at=OCTOBER)
        with pytest.raises(RuleViolation) as refusal:
            write(document, priya, "visits", "Late.")
        assert (
            refusal.value.sentence == "The report is in review. Return it first if something has to change."
        )


class TestTheWords:
    def test_figures_are_filled_in_and_loose_numbers_pointed_out(
        self, document: ReportDocument, quentin: User
    ) -> None:
        write(document, quentin, "headline", f"{GOOD} It was 99% in 2024-25 Q1, and 64 came back.")
        copy = working_copy(Q2, document, at=OCTOBER)
        contents = copy.contents(ReportEdition.WHOLE, "Draft")
        assert contents.parts[0].texts[0].words == f"{PRINTED} It was 99% in 2024-25 Q1, and 64 came back."
        found = [problem.sentence for problem in copy.problems if problem.part.key == "headline"]
        assert found == [
            "No table of this report holds 99%. Put the figure in by its name, or check it.",
        ]

    def test_a_figure_that_is_not_there_stops_the_report(
        self, document: ReportDocument, quentin: User
    ) -> None:
        write(document, quentin, "visits", "{{ visits.excellent }}")
        with pytest.raises(RuleViolation) as refusal:
            send_report(document, by=quentin, at=OCTOBER)
        assert refusal.value.sentence == (
            "Visits: There is no figure called visits.excellent. Choose one from the list."
        )
        document.refresh_from_db()
        assert document.status == ReportStatus.DRAFT

    @pytest.mark.parametrize(
        ("text", "left"),
        [
            ("See CJA-2024-07-001 and ACT-0231.", "See [left out] and [left out]."),
            ("Meera Manager said so", "[left out] said so"),
            ("Meera Managers", "Meera Managers"),
        ],
    )
    def test_the_board_reads_no_identifier(self, text: str, left: str) -> None:
        assert without(text, ["Meera Manager"]) == left

    def test_words_are_never_a_template(self, document: ReportDocument, quentin: User) -> None:
        write(document, quentin, "headline", "{% debug %} {{ request.user }} <b>bold</b>")
        copy = working_copy(Q2, document, at=OCTOBER)
        words = copy.contents(ReportEdition.WHOLE, "Draft").parts[0].texts[0].words
        assert words == "{% debug %} {{ request.user }} <b>bold</b>"


class TestPublishing:
    def test_keeps_words_and_figures_for_good(
        self, document: ReportDocument, quentin: User, priya: User
    ) -> None:
        version = published(document, quentin, priya)
        submitted_audits(Q2.months[0], [{"overall": "inadequate"}])
        kept = contents_of(version, ReportEdition.WHOLE)
        assert kept.parts[0].texts[0].words == PRINTED
        assert kept.subtitle.startswith(
            "Version 1, published on 30 October 2024. Figures counted on 30 October"
        )
        assert [(move.from_status, move.to_status, move.by) for move in document.moves.all()] == [
            ("", "draft", quentin),
            ("draft", "in_review", quentin),
            ("in_review", "published", priya),
        ]

    def test_never_by_whoever_sent_it(self, document: ReportDocument, priya: User) -> None:
        send_report(document, by=priya, at=OCTOBER)
        with pytest.raises(RuleViolation) as refusal:
            publish_report(document, by=priya, at=OCTOBER)
        assert refusal.value.sentence == (
            "The Principal Social Worker reviews a report, and never one that they sent themselves."
        )

    def test_the_database_knows_that_they_are_two(self, document: ReportDocument, quentin: User) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            ReportVersion.objects.create(
                document=document,
                number=1,
                contents={},
                board_contents={},
                sent_by=quentin,
                published_by=quentin,
                published_at=OCTOBER,
            )

    def test_not_before_its_period_is_over(self, quentin: User, priya: User) -> None:
        document = start_report(Q2, by=quentin)
        at = datetime(2024, 9, 30, 22, 30, tzinfo=UTC)
        send_report(document, by=quentin, at=at)
        with pytest.raises(RuleViolation) as refusal:
            publish_report(document, by=priya, at=at)
        assert refusal.value.sentence == (
            "2024-25 Q2 goes on until 30 September 2024. Publish its report after that day."
        )

    def test_a_correction_makes_the_next_version(
        self, document: ReportDocument, quentin: User, priya: User
    ) -> None:
        first = published(document, quentin, priya)
        correct_report(document, reason="A quote was wrong.", by=quentin, at=OCTOBER)
        write(document, quentin, "headline", "Corrected.")
        send_report(document, by=quentin, at=OCTOBER)
        second = publish_report(document, by=priya, at=OCTOBER)
        assert [first.number, second.number] == [1, 2]
        assert list(ReportVersion.objects.newest()) == [second]
        first.refresh_from_db()
        assert contents_of(first, ReportEdition.WHOLE).parts[0].texts[0].words == PRINTED

    def test_returned_with_a_reason(self, document: ReportDocument, quentin: User, priya: User) -> None:
        send_report(document, by=quentin, at=OCTOBER)
        with pytest.raises(RuleViolation) as refusal:
            return_report(document, reason=" ", by=priya)
        assert refusal.value.sentence == "Say what has to change."
        assert return_report(document, reason="Say more.", by=priya).status == ReportStatus.DRAFT
        assert [
            str(item.recipient) for item in Message.objects.filter(kind="dashboards.report_returned")
        ] == ["Quentin Lead"]

    @pytest.mark.parametrize(
        ("before", "after"),
        [(one, other) for one in ReportStatus for other in ReportStatus if other not in MOVES[one]],
    )
    def test_no_other_move(self, before: ReportStatus, after: ReportStatus) -> None:
        with pytest.raises(RuleViolation):
            check_report_move(before, after)


class TestWhoIsTold:
    def test_the_psw_to_review_and_the_readers_once_a_version(
        self, document: ReportDocument, quentin: User, priya: User, sanjay: User
    ) -> None:
        leader = person("Lena Leader", Role.SENIOR_LEADER)
        send_report(document, by=quentin, at=OCTOBER)
        assert [item.title for item in work_of(priya, Q2.last_day)] == ["Review the report 2024-25 Q2"]
        version = publish_report(document, by=priya, at=OCTOBER)
        told = Message.objects.filter(kind__startswith="dashboards.").order_by("kind", "recipient__name")
        assert [(message.kind, message.recipient) for message in told] == [
            ("dashboards.report_published", leader),
            ("dashboards.report_published", quentin),
            ("dashboards.report_published", sanjay),
            ("dashboards.report_sent", priya),
        ]
        assert told[0].context == {
            "period": "2024-25 Q2",
            "number": version.number,
            "path": "/reports/published/2024-25/Q2/1/",
        }


class TestTheBoardsEdition:
    @pytest.fixture
    def teams(self) -> TeamGrades:
        for name, grades in (("North", (9, 9)), ("South", (8, 7)), ("East", (6, 2)), ("West", (7, 3))):
            team = TeamFactory(name=name)
            given = ["good"] * grades[0] + ["inadequate"] * grades[1]
            audits = submitted_audits(Q2.months[0], [{"overall": grade} for grade in given])
            Allocation.objects.filter(audit__in=audits).update(team=team)
        return grades_by_team((Q2,))

    def test_small_numbers_are_withheld(self, teams: TeamGrades) -> None:
        whole = {row[0]: row[1:] for row in teams.table("", is_released=False).rows}
        board = {row[0]: row[1:] for row in teams.table("", is_released=True).rows}
        assert whole["East"] == ("0", "6", "0", "2", "8")
        assert board["East"][:4] == (WITHHELD,) * 4
        small = [cell for name, row in board.items() if name != "All teams" for cell in row if cell in "1234"]
        assert small == []
        assert whole["All teams"] == board["All teams"]

    def test_a_table_that_tells_nothing_is_a_sentence(self) -> None:
        submitted_audits(Q2.months[0], [{"overall": grade} for grade in ["good"] * 6 + ["inadequate"] * 2])
        parts = {
            edition: next(
                part
                for part in working_copy(Q2, None, at=OCTOBER).contents(edition, "Draft").parts
                if part.key == "teams"
            )
            for edition in ReportEdition
        }
        assert (parts[ReportEdition.BOARD].tables, len(parts[ReportEdition.WHOLE].tables)) == ((), 2)
        assert [text.words for text in parts[ReportEdition.BOARD].texts] == [
            f"{caption}, 2024-25 Q2: withheld, since each team has a count under 5 or would give one away."
            for caption in ("Overall grades by team", "Good or better by team and area")
        ]
        assert parts[ReportEdition.WHOLE].texts == ()

    def test_what_was_handed_in_by_then_is_listed_and_not_for_the_board(self) -> None:
        for number, at in ((2, OCTOBER), (1, OCTOBER), (3, OCTOBER + timedelta(minutes=1))):
            ActivityRecordFactory(
                allocation__reference=f"DIP-2024-08-00{number}",
                allocation__round=RoundFactory(month=Q2.months[1]),
                handed_in_at=at,
            )
        ActivityRecordFactory(allocation__round=RoundFactory(month=date(2024, 10, 1)), handed_in_at=OCTOBER)
        listed = {
            edition: [
                row
                for part in working_copy(Q2, None, at=OCTOBER).contents(edition, "Draft").parts
                for table in part.tables
                if table.caption == "Handed in, 2024-25 Q2"
                for row in table.rows
            ]
            for edition in ReportEdition
        }
        found = ("Chronologies of five files.", "Two do not say what the events mean.")
        assert listed[ReportEdition.WHOLE] == [("DIP-2024-08-001", *found), ("DIP-2024-08-002", *found)]
        assert listed[ReportEdition.BOARD] == []

    def test_without_suppression_they_would_show(self, teams: TeamGrades) -> None:
        whole = {row[0]: row[1:] for row in teams.table("", is_released=False).rows}
        assert "2" in whole["East"]

    def test_readers_outside_the_qa_team_get_it_whatever_they_ask(
        self, document: ReportDocument, quentin: User, priya: User, sanjay: User, client_for: ClientFor
    ) -> None:
        write(document, quentin, "strengths", "Sanjay Service did well in CJA-2024-07-001.")
        published(document, quentin, priya)
        address = "/reports/published/2024-25/Q2/1/"
        page = client_for(sanjay).get(f"{address}?edition=whole").content.decode()
        assert "[left out] did well in [left out]." in page
        whole = client_for(priya).get(address).content.decode()
        assert "Sanjay Service did well in CJA-2024-07-001." in whole

    def test_an_older_version_is_gone_for_them(
        self, document: ReportDocument, quentin: User, priya: User, sanjay: User, client_for: ClientFor
    ) -> None:
        published(document, quentin, priya)
        correct_report(document, reason="Wrong.", by=quentin)
        send_report(document, by=quentin, at=OCTOBER)
        publish_report(document, by=priya, at=OCTOBER)
        statuses = [
            client_for(who).get("/reports/published/2024-25/Q2/1/").status_code for who in (sanjay, priya)
        ]
        assert statuses == [404, 200]


GUARDED = {
    "version": "UPDATE dashboards_reportversion SET number = 7",
    "version, deleted": "DELETE FROM dashboards_reportversion",
    "move": "UPDATE dashboards_reportmove SET reason = 'Another.'",
    "section": "UPDATE dashboards_reportsection SET narrative = 'Another.'",
}


class TestGuards:
    @pytest.fixture(autouse=True)
    def kept(self, document: ReportDocument, quentin: User, priya: User) -> None:
        published(document, quentin, priya)

    @pytest.mark.parametrize("statement", GUARDED.values(), ids=GUARDED)
    def test_the_database_refuses(self, statement: str) -> None:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    @pytest.mark.parametrize("statement", GUARDED.values(), ids=GUARDED)
    def test_without_the_guard_it_would_not(self, statement: str) -> None:
        drop_guards(GUARDS)
        with connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount > 0


class TestPages:
    def test_begun_written_sent_and_published_by_two(
        self,
        qa_client: Client,
        psw_client: Client,
        time_machine_at: None,
    ) -> None:
        address = "/reports/2026-27/Q2/report/"
        assert "This report has not been begun" in qa_client.get(address).content.decode()
        qa_client.post(f"{address}start/")
        qa_client.post(f"{address}parts/headline/", {"narrative": "Nothing came back.", "version": 0})
        assert "Nothing came back." in qa_client.get(f"{address}preview/").content.decode()
        qa_client.post(f"{address}send/")
        assert qa_client.post(f"{address}publish/").status_code == 200
        assert psw_client.post(f"{address}publish/").headers["Location"] == address
        assert ReportVersion.objects.get().published_by.name == "Priya Principal"

    def test_a_stale_form_gets_both_texts(
        self, document: ReportDocument, priya: User, qa_client: Client
    ) -> None:
        write(document, priya, "visits", "Saved by Priya.")
        response = qa_client.post(f"{URL}parts/visits/", {"narrative": "Typed here.", "version": 0})
        page = response.content.decode()
        assert response.status_code == 409
        assert ("Saved by Priya." in page, "Typed here." in page) == (True, True)
        again = qa_client.post(f"{URL}parts/visits/", {"narrative": "Typed here.", "version": 1})
        assert again.headers["Location"] == URL
        assert document.sections.get(key="visits").narrative == "Typed here."

    @pytest.mark.parametrize("kind", ["docx", "xlsx", "pdf"])
    def test_a_file_asks_why_and_keeps_it(
        self,
        document: ReportDocument,
        qa_client: Client,
        kind: str,
    ) -> None:
        posted = {"file": kind, "edition": "board", "reason": " "}
        assert qa_client.post(f"{URL}file/", posted).headers["Content-Type"].startswith("text/html")
        assert not ExportRecord.objects.exists()
        response = qa_client.post(f"{URL}file/", posted | {"reason": "For the Board"})
        assert response.headers["Content-Disposition"] == (
            f'attachment; filename="report-2024-25-Q2-draft-board.{kind}"'
        )
        record = ExportRecord.objects.get()
        assert (record.by.name, record.what, record.format, record.filters, record.reason) == (
            "Quentin Lead",
            "Report 2024-25 Q2, draft",
            kind,
            "edition=board",
            "For the Board",
        )

    def test_a_period_that_has_not_begun_has_no_report(self, qa_client: Client) -> None:
        assert qa_client.get("/reports/2090-91/Q1/report/").status_code == 404

    def test_what_the_lists_cost_does_not_grow(
        self, qa_client: Client, quentin: User, priya: User, assert_queries: AssertQueries
    ) -> None:
        for number in (1, 2, 3):
            document = start_report(Quarter(2024, number), by=quentin)
            send_report(document, by=quentin, at=datetime(2026, 1, 1, tzinfo=UTC))
            publish_report(document, by=priya, at=datetime(2026, 1, 1, tzinfo=UTC))
            if number == 2:
                continue
            with assert_queries(3):
                qa_client.get("/reports/published/")


def test_the_year_has_its_report_too(quentin: User) -> None:
    build()
    document = start_report(FinancialYear(2024), by=quentin)
    contents: Contents = working_copy(FinancialYear(2024), document, at=OCTOBER).contents(
        ReportEdition.BOARD, "Draft"
    )
    tables: dict[str, Any] = {table.caption: table for part in contents.parts for table in part.tables}
    assert contents.title == "Annual quality assurance report 2024-25"
    assert contents.subtitle.endswith(". 2024-25 goes on until 31 March 2025.")
    assert tables["Progress against targets, 2024-25"].rows[-1][-1] == "Not reached yet: it takes 134 of 134"
    assert tables["Key figures of 2024-25"].rows[0][:2] == ("Overall: good or better", "48 of 134 (36%)")
    assert tables["Overall grades, quarter by quarter"].columns[1:] == tuple(
        f"2024-25 Q{number}" for number in (1, 2, 3, 4)
    )
    by_quarter = {row[0]: row[1:] for row in tables["Overall grades, quarter by quarter"].rows}
    assert by_quarter["Overall: good or better"] == ("19 of 70 (27%)", "29 of 64 (45%)", "0 of 0", "0 of 0")
    assert by_quarter["Overall: Outstanding"] == ("0 of 70 (0%)", "3 of 64 (5%)", "0 of 0", "0 of 0")
    key = {row[0]: row[1:] for row in tables["Key figures, quarter by quarter"].rows}
    assert key["Overall: good or better"] == by_quarter["Overall: good or better"]
    assert ReportMove.objects.filter(document=document).count() == 1
