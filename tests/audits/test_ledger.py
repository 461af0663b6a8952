"""What may be done with an obligation, by whom, and what the ledger shows of it (docs/domain.md, section 6)."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from audits.enums import (
    GRADED_SECTIONS,
    AllocationKind,
    AllocationMoveKind,
    AllocationStatus,
    AuditStatus,
    ExemptionKind,
    ExemptionStatus,
    RoundStatus,
    WithdrawalReason,
)
from audits.ledger import Line, table_by
from audits.ledger_facts import GROUPINGS, ledger_of, tables_of
from audits.models import Allocation, AllocationMove, Audit, Child
from audits.moves import ALLOCATION_MOVES
from audits.services.audits import submit_audit
from audits.services.ledger import (
    close_round,
    excuse_allocation,
    extend_allocation,
    reallocate_allocation,
    withdraw_allocation,
    withdraw_children_who_left,
)
from core.errors import RuleViolation
from notifications.models import Message
from tests.audits.test_round_pages import text_of
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import TeamFactory, UserFactory, auditor
from tests.factories.audits import (
    ActivityRecordFactory,
    AllocationFactory,
    AuditFactory,
    DipSampleFactory,
    ExemptionFactory,
    RoundFactory,
    started_audit,
    submitted_audit,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

NOVEMBER = date(2026, 11, 1)
DUE = date(2026, 11, 30)
LATER = date(2026, 12, 7)
"""Five working days after the first due date, the furthest that a line manager goes."""

DETAIL = "/programme/2026-11/CJA-2026-11-001/"


@pytest.fixture
def row(asha: User) -> Allocation:
    """Asha's audit of a child of the South team, which Nora could take over."""
    auditor("Nora Next", team=TeamFactory(name="West"))
    made: Allocation = AllocationFactory(
        reference="CJA-2026-11-001",
        auditor=asha,
        child__team=TeamFactory(name="South"),
        because="Drawn by lot.\nAsha.",
    )
    AuditFactory(allocation=made)
    return made


@pytest.fixture
def nora(row: Allocation) -> User:
    return User.objects.get(name="Nora Next")


@pytest.fixture
def lena(asha: User) -> User:
    """Lena, Asha's line manager, who has no other role."""
    asha.line_manager = UserFactory(name="Lena Line")
    asha.save()
    return asha.line_manager


Move = Callable[[Allocation, User], object]
MOVES: dict[str, Move] = {
    "excuse": lambda row, by: excuse_allocation(row, by=by, reason="Ill."),
    "withdraw": lambda row, by: withdraw_allocation(row, because=WithdrawalReason.MOVED_AWAY, by=by),
    "reallocate": lambda row, by: reallocate_allocation(
        row, to=User.objects.get(name="Nora Next"), by=by, reason="Ill."
    ),
    "extend": lambda row, by: extend_allocation(row, due_on=LATER, by=by, reason="Ill."),
}
ENDS = {
    "excuse": AllocationStatus.EXCUSED,
    "withdraw": AllocationStatus.WITHDRAWN,
    "reallocate": AllocationStatus.REALLOCATED,
    "extend": AllocationStatus.ALLOCATED,
}


def as_it_is(row: Allocation) -> tuple[str, date, date, int, int]:
    now = Allocation.objects.get(pk=row.pk)
    return now.status, now.first_due_on, now.due_on, now.moves.count(), Allocation.objects.count()


class TestMoves:
    @pytest.mark.parametrize("name", MOVES)
    def test_each_is_recorded_once_however_often_it_is_made(
        self, row: Allocation, quentin: User, name: str
    ) -> None:
        MOVES[name](row, quentin)
        MOVES[name](row, quentin)
        due_on = LATER if name == "extend" else DUE
        assert as_it_is(row) == (ENDS[name], DUE, due_on, 1, 2 if name == "reallocate" else 1)
        [move] = AllocationMove.objects.all()
        assert (move.kind, move.from_status, move.to_status, move.from_due_on, move.to_due_on, move.by) == (
            name,
            AllocationStatus.ALLOCATED,
            ENDS[name],
            DUE,
            due_on,
            quentin,
        )
        assert move.reason == ("The child moved away" if name == "withdraw" else "Ill.")

    @pytest.mark.parametrize("name", MOVES)
    @pytest.mark.parametrize("who", ["asha", "meera", "sanjay", "bella", "sid", "stella"])
    def test_refused_to_everybody_else(
        self, row: Allocation, name: str, who: str, request: pytest.FixtureRequest
    ) -> None:
        before = as_it_is(row)
        with pytest.raises(RuleViolation, match="Only the"):
            MOVES[name](row, request.getfixturevalue(who))
        assert as_it_is(row) == before

    @pytest.mark.parametrize("name", MOVES)
    def test_nobody_lets_themselves_off(self, row: Allocation, quentin: User, priya: User, name: str) -> None:
        Allocation.objects.update(auditor=quentin)
        before = as_it_is(row)
        with pytest.raises(RuleViolation, match="never (with an audit of )?their own"):
            MOVES[name](row, quentin)
        assert as_it_is(row) == before
        MOVES[name](row, priya)
        assert as_it_is(row) != before

    @pytest.mark.parametrize("name", MOVES)
    @pytest.mark.parametrize(
        "status", [status for status in AllocationStatus if not ALLOCATION_MOVES[status]]
    )
    def test_what_no_longer_stands_stays(
        self, row: Allocation, quentin: User, name: str, status: AllocationStatus
    ) -> None:
        Allocation.objects.filter(pk=row.pk).update(status=status)
        if status == AllocationStatus.REALLOCATED:
            AllocationFactory(replaces=row, auditor=quentin, child=row.child, round=row.round)
        before = as_it_is(row)
        if ENDS[name] == status and name != "reallocate":
            MOVES[name](row, quentin)
        else:
            with pytest.raises(RuleViolation, match="CJA-2026-11-001"):
                MOVES[name](row, quentin)
        assert as_it_is(row) == before

    @pytest.mark.parametrize("name", MOVES)
    def test_a_submitted_audit_stays(self, quentin: User, name: str) -> None:
        auditor("Nora Next")
        row = submitted_audit().allocation
        before = as_it_is(row)
        with pytest.raises(RuleViolation, match="was submitted"):
            MOVES[name](row, quentin)
        assert as_it_is(row) == before

    def test_a_reason_is_needed(self, row: Allocation, nora: User, quentin: User) -> None:
        before = as_it_is(row)
        for move in (
            lambda: excuse_allocation(row, by=quentin, reason=" "),
            lambda: withdraw_allocation(row, because=WithdrawalReason.OTHER, by=quentin, note=" "),
            lambda: reallocate_allocation(row, to=nora, by=quentin, reason=""),
            lambda: extend_allocation(row, due_on=LATER, by=quentin, reason=""),
        ):
            with pytest.raises(RuleViolation, match="Give a reason"):
                move()
        assert as_it_is(row) == before

    def test_the_database_keeps_moves_whole(self, row: Allocation, quentin: User) -> None:
        excuse_allocation(row, by=quentin, reason="Ill.")
        with pytest.raises(IntegrityError):
            AllocationMove.objects.update(to_due_on=LATER)


class TestExtend:
    def test_a_line_manager_goes_five_working_days_in_all(
        self, row: Allocation, lena: User, quentin: User
    ) -> None:
        extend_allocation(row, due_on=date(2026, 12, 2), by=lena, reason="Court.")
        extend_allocation(row, due_on=LATER, by=lena, reason="Court again.")
        with pytest.raises(RuleViolation, match="to 7 December 2026. Ask the QA lead for longer"):
            extend_allocation(row, due_on=date(2026, 12, 8), by=lena, reason="And again.")
        assert as_it_is(row)[:4] == (AllocationStatus.ALLOCATED, DUE, LATER, 2)
        extend_allocation(row, due_on=date(2027, 1, 29), by=quentin, reason="Long trial.")
        assert as_it_is(row)[:4] == (AllocationStatus.ALLOCATED, DUE, date(2027, 1, 29), 3)

    @pytest.mark.parametrize(
        ("day", "sentence"),
        [
            (date(2026, 11, 30), "after 30 November 2026"),
            (date(2026, 11, 27), "after 30 November 2026"),
            (date(2026, 12, 5), "5 December 2026 is not a working day"),
            (date(2026, 12, 25), "25 December 2026 is not a working day"),
        ],
    )
    def test_refused_days(self, row: Allocation, quentin: User, day: date, sentence: str) -> None:
        with pytest.raises(RuleViolation, match=sentence):
            extend_allocation(row, due_on=day, by=quentin, reason="Court.")

    def test_never_to_a_day_that_has_come(self, row: Allocation, quentin: User) -> None:
        with time_machine.travel(datetime(2026, 12, 2, 9, tzinfo=UTC)):
            for day in (date(2026, 12, 1), date(2026, 12, 2)):
                with pytest.raises(RuleViolation, match="after today"):
                    extend_allocation(row, due_on=day, by=quentin, reason="Court.")


class TestReallocate:
    def test_the_new_auditor_starts_afresh(self, quentin: User, asha: User) -> None:
        nora = auditor("Nora Next")
        audit = started_audit(asha, reference="CJA-2026-11-009", because="Drawn by lot.\nAsha.")
        audit.sections.filter(section="visits").update(evidence="A draft.")
        new = reallocate_allocation(audit.allocation, to=nora, by=quentin, reason="Ill.")
        assert (new.reference, new.auditor, new.replaces, new.status) == (
            "CJA-2026-11-010",
            nora,
            audit.allocation,
            AllocationStatus.ALLOCATED,
        )
        assert new.first_due_on == new.due_on == date(2026, 12, 9)  # ten working days, not the three left
        assert new.because == "Drawn by lot.\nQuentin Lead gave it to Nora Next instead of Asha Auditor."
        assert new.audit.status == AuditStatus.ALLOCATED
        assert new.audit.sections.count() == 0
        assert audit.sections.get(section="visits").evidence == "A draft."
        for person in (asha, quentin, nora):
            assert audit not in Audit.objects.visible_to(person)
        assert list(Audit.objects.visible_to(nora)) == [new.audit]
        told = Message.objects.get()
        assert (told.recipient, told.subject_key) == (nora, "CJA-2026-11-010")

    def test_the_due_date_stays_where_there_is_time(self, row: Allocation, nora: User, quentin: User) -> None:
        Allocation.objects.update(due_on=date(2026, 12, 31))
        new = reallocate_allocation(row, to=nora, by=quentin, reason="Ill.")
        assert new.first_due_on == new.due_on == date(2026, 12, 31)

    def test_hard_blocks_room_and_role_are_kept(self, row: Allocation, nora: User, quentin: User) -> None:
        own_team = auditor("Tom Team", team=row.team)
        stranger = UserFactory(name="No Auditor")
        full = auditor("Fay Full")
        AllocationFactory(round=row.round, auditor=full)
        for person, why in (
            (own_team, "works in the child's team"),
            (stranger, "is not an auditor this month"),
            (full, "has no room this month"),
            (row.auditor, "has CJA-2026-11-001 already"),
        ):
            with pytest.raises(RuleViolation, match=why):
                reallocate_allocation(row, to=person, by=quentin, reason="Ill.")
        assert as_it_is(row)[0] == AllocationStatus.ALLOCATED

    def test_a_child_who_left_and_a_dip_sample_are_not_passed_on(
        self, row: Allocation, nora: User, quentin: User
    ) -> None:
        Child.objects.update(closed_on=NOVEMBER)
        with pytest.raises(RuleViolation, match="has left the caseload. Withdraw CJA-2026-11-001"):
            reallocate_allocation(row, to=nora, by=quentin, reason="Ill.")
        dip = dip_sample(row.auditor)
        with pytest.raises(RuleViolation, match="Excuse it instead"):
            reallocate_allocation(dip, to=nora, by=quentin, reason="Ill.")

    def test_to_somebody_else_after_all_is_refused(self, row: Allocation, nora: User, quentin: User) -> None:
        reallocate_allocation(row, to=nora, by=quentin, reason="Ill.")
        with pytest.raises(RuleViolation, match="given to somebody else"):
            reallocate_allocation(row, to=auditor("Third Person"), by=quentin, reason="Ill.")


def dip_sample(of: User, month: date = NOVEMBER, **facts: object) -> Allocation:
    made: Allocation = AllocationFactory(
        kind=AllocationKind.DIP_SAMPLE,
        reference=f"DIP-{month:%Y-%m}-001",
        round=RoundFactory(month=month),
        auditor=of,
        child=None,
        team=None,
        pathway="",
        **facts,
    )
    return made


class TestClose:
    def test_what_is_not_returned_never_will_be(self, row: Allocation, quentin: User) -> None:
        dip, returned = dip_sample(row.auditor), submitted_audit().allocation
        with time_machine.travel(datetime(2026, 12, 1, 9, tzinfo=UTC)):
            closed = close_round(row.round, by=quentin)
            close_round(row.round, by=quentin)
        assert (closed.status, closed.closed_by) == (RoundStatus.CLOSED, quentin)
        assert as_it_is(row)[0] == AllocationStatus.NEVER_RETURNED
        assert as_it_is(dip)[0] == as_it_is(returned)[0] == AllocationStatus.ALLOCATED
        assert [move.kind for move in AllocationMove.objects.all()] == [AllocationMoveKind.CLOSE]
        assert not Audit.objects.visible_to(row.auditor).filter(allocation=row).exists()

    def test_not_before_the_last_audit_is_due(self, row: Allocation, quentin: User, bella: User) -> None:
        with pytest.raises(RuleViolation, match="after 30 November 2026"):
            close_round(row.round, by=quentin)
        with pytest.raises(RuleViolation, match="Only the QA lead"):
            close_round(row.round, by=bella)
        extend_allocation(row, due_on=LATER, by=quentin, reason="Court.")
        with (
            time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC)),
            pytest.raises(RuleViolation, match="after 7 December 2026"),
        ):
            close_round(row.round, by=quentin)
        with pytest.raises(RuleViolation, match="has not been published"):
            close_round(RoundFactory(month=date(2026, 12, 1), status=RoundStatus.DRAFT), by=quentin)


class TestChildrenWhoLeft:
    def test_all_at_once_but_ones_own(self, row: Allocation, quentin: User, bella: User) -> None:
        own: Allocation = AllocationFactory(auditor=quentin, child__closed_on=NOVEMBER)
        stays: Allocation = AllocationFactory()
        Child.objects.filter(pk=row.child_id).update(closed_on=NOVEMBER)
        with pytest.raises(RuleViolation, match="Only the QA lead"):
            withdraw_children_who_left(row.round, by=bella)
        assert withdraw_children_who_left(row.round, by=quentin, note="Import of 20 November") == ([row], 1)
        assert AllocationMove.objects.get().reason == "The case was closed: Import of 20 November"
        assert [as_it_is(one)[0] for one in (row, own, stays)] == ["withdrawn", "allocated", "allocated"]


class TestArithmetic:
    @given(st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 50), min_size=6, max_size=6))))
    def test_a_table_balances_as_its_rows_do(self, rows: list[tuple[int, list[int]]]) -> None:
        table = table_by(
            rows, lambda row: Line(sum(row[1]), *row[1]), lambda row: (str(row[0]), f"G{row[0]}")
        )
        assert table.balances
        assert table.total.allocated == sum(sum(parts) for _, parts in rows)
        assert [words for words, _ in table.lines] == sorted({f"G{group}" for group, _ in rows})
        wrong = table_by(
            [*rows, (9, [1, 0, 0, 0, 0, 0])], lambda row: Line(0, *row[1]), lambda row: (str(row[0]), "")
        )
        assert not wrong.balances

    @settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        moves=st.lists(st.tuples(st.integers(0, 3), st.sampled_from([*MOVES, "submit", "close"])), max_size=8)
    )
    def test_whatever_is_done_the_ledger_balances(self, quentin: User, moves: list[tuple[int, str]]) -> None:
        """Each example in a transaction of its own, which is rolled back."""
        with transaction.atomic():
            auditor("Nora Next", capacity=9)
            rows = [
                AuditFactory(
                    allocation=AllocationFactory(reference=f"CJA-2026-11-{n:03d}", auditor=UserFactory())
                ).allocation
                for n in range(4)
            ]
            for number, name in moves:
                try:
                    if name == "submit":
                        submitted_audit(
                            allocation={"reference": f"CJA-2026-11-{Allocation.objects.count():03d}"}
                        )
                    elif name == "close":
                        close_round(rows[0].round, by=quentin, at=datetime(2027, 2, 1, 9, tzinfo=UTC))
                    else:
                        MOVES[name](rows[number], quentin)
                except RuleViolation:
                    continue
            tables = tables_of(ledger_of(Allocation.objects.all()), *GROUPINGS)
            assert all(table.balances for table in tables.values())
            assert {table.total.allocated for table in tables.values()} == {Allocation.objects.count()}
            transaction.set_rollback(True)

    def test_a_row_that_is_nowhere_shows(self, row: Allocation) -> None:
        """The twin: a proposal in a published month is in no column."""
        Allocation.objects.update(status=AllocationStatus.PROPOSED)
        tables = tables_of(ledger_of(Allocation.objects.all()), *GROUPINGS)
        assert [table.balances for table in tables.values()] == [False] * 4


class TestPages:
    def test_the_ledger_of_a_month_and_a_year(
        self, qa_client: Client, row: Allocation, quentin: User
    ) -> None:
        submitted_audit(by=row.auditor)
        excuse_allocation(row, by=quentin, reason="Ill.")
        ActivityRecordFactory(allocation=dip_sample(row.auditor))
        DipSampleFactory(auditor=row.auditor)
        proof = (
            "Balances: 2 allocated = 1 excused + 0 withdrawn + 0 reallocated + 1 returned + 0 outstanding + "
            "0 never returned."
        )
        page = text_of(qa_client.get("/programme/2026-11/ledger/").text)
        assert page.count(proof) == 3
        assert "Dip sample: 2 allocated = 0 excused + 0 withdrawn + 1 returned + 1 outstanding" in page
        page = text_of(qa_client.get("/programme/ledger/").text)
        assert page.count(proof) == 4
        assert "November 2026 2 1 0 0 1 0 0" in page
        assert "No child journey audits" in text_of(qa_client.get("/programme/ledger/?year=2025-26").text)
        assert qa_client.get("/programme/ledger/?year=nonsense").status_code == 200
        assert qa_client.get("/programme/2026-10/ledger/").status_code == 404

    def test_managers_see_their_part(
        self, manager_client: Client, row: Allocation, client_for: ClientFor, lena: User
    ) -> None:
        AllocationFactory(auditor=auditor("Someone Else"))
        assert "2 allocated" not in text_of(manager_client.get("/programme/2026-11/ledger/").text)
        assert "Balances: 1 allocated" in text_of(manager_client.get("/programme/2026-11/ledger/").text)
        assert client_for(lena).get(DETAIL).status_code == 200
        assert client_for(lena).get("/programme/2026-11/ledger/").status_code == 404

    def test_an_obligation_and_what_may_be_done(
        self, qa_client: Client, support_client: Client, client_for: ClientFor, row: Allocation, lena: User
    ) -> None:
        assert qa_client.get(DETAIL).text.count(f'href="{DETAIL}') == 4
        assert support_client.get(DETAIL).text.count(f'href="{DETAIL}') == 0
        line_manager = client_for(lena)
        assert line_manager.get(DETAIL).text.count(f'href="{DETAIL}') == 1
        assert "You may extend to 7 December 2026" in line_manager.get(f"{DETAIL}extend/").text
        for move in ("excuse", "withdraw", "reallocate"):
            assert line_manager.post(f"{DETAIL}{move}/").status_code == 404

    def test_extending_on_a_page(self, qa_client: Client, row: Allocation) -> None:
        data = {"due_on_0": "7", "due_on_1": "12", "due_on_2": "2026", "reason": "Court all week."}
        page = text_of(qa_client.post(f"{DETAIL}extend/", {**data, "due_on_0": "6"}).text)
        assert "6 December 2026 is not a working day. Choose one." in page
        page = text_of(qa_client.post(f"{DETAIL}extend/", data, follow=True).text)
        assert "extended from 30 November 2026 to 7 December 2026 by Quentin Lead. Court all week." in page

    def test_the_other_moves_on_pages(
        self, qa_client: Client, auditor_client: Client, row: Allocation, nora: User
    ) -> None:
        data = {"auditor": nora.email, "reason": "Ill."}
        page = text_of(qa_client.post(f"{DETAIL}reallocate/", data, follow=True).text)
        assert "It was replaced by CJA-2026-11-002" in page
        assert qa_client.get(f"{DETAIL}excuse/").url == DETAIL
        second = DETAIL.replace("001", "002")
        page = text_of(qa_client.post(f"{second}withdraw/", {"because": "other"}).text)
        assert "Enter the reason." in page
        qa_client.post(f"{second}withdraw/", {"because": "case_closed", "note": ""})
        assert Allocation.objects.get(reference="CJA-2026-11-002").status == AllocationStatus.WITHDRAWN
        assert "CJA-2026-11-001" not in auditor_client.get("/").text
        assert "CJA-2026-11-001" not in auditor_client.get("/audits/").text
        third: Allocation = AllocationFactory(reference="CJA-2026-11-003", auditor=nora)
        qa_client.post(DETAIL.replace("001", "003") + "excuse/", {"reason": "Ill."})
        assert as_it_is(third)[0] == AllocationStatus.EXCUSED

    def test_children_who_left(self, qa_client: Client, support_client: Client, row: Allocation) -> None:
        assert "left the caseload" not in qa_client.get("/programme/2026-11/").text
        Child.objects.update(closed_on=NOVEMBER)
        assert "1 child has left the caseload" in text_of(qa_client.get("/programme/2026-11/").text)
        assert "Look at the children who left: November 2026" in text_of(qa_client.get("/").text)
        assert "withdraw-left" not in support_client.get("/programme/2026-11/").text
        page = text_of(qa_client.post("/programme/2026-11/withdraw-left/", {"note": ""}, follow=True).text)
        assert "1 withdrawn." in page
        assert "children who left" not in qa_client.get("/").text

    def test_closing_on_a_page(self, qa_client: Client, row: Allocation) -> None:
        page = text_of(qa_client.post("/programme/2026-11/close/", follow=True).text)
        assert "November 2026 can be closed after 30 November 2026" in page
        with time_machine.travel(datetime(2026, 12, 1, 9, tzinfo=UTC)):
            qa_client.force_login(User.objects.get(name="Quentin Lead"))
            assert "Close the month" in qa_client.get("/programme/2026-11/").text
            page = text_of(qa_client.get("/programme/2026-11/close/").text)
            assert "Closing says that 1 audit will never be returned." in page
            page = text_of(qa_client.post("/programme/2026-11/close/", follow=True).text)
        assert "November 2026 is closed." in page
        assert "Never returned" in page

    def test_who_was_exempt_stands_in_the_ledger_of_those_days_and_no_others(
        self, qa_client: Client, manager_client: Client, row: Allocation, quentin: User
    ) -> None:
        ExemptionFactory(
            auditor=auditor("Opal Away"),
            kind=ExemptionKind.LEAVE,
            reason="A private matter.",
            starts_on=date(2026, 11, 2),
            ends_on=date(2026, 11, 27),
            status=ExemptionStatus.APPROVED,
            decided_by=quentin,
            decided_at=timezone.now(),
        )
        line = "Opal Away : Leave, 2 November 2026 to 27 November 2026"
        page = text_of(qa_client.get("/programme/2026-11/ledger/").text)
        assert line in page
        assert "A private matter." not in page
        RoundFactory(month=date(2026, 10, 1))
        assert line not in text_of(qa_client.get("/programme/2026-10/ledger/").text)
        assert "Opal Away" not in manager_client.get("/programme/2026-11/ledger/").text

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries(
        self, qa_client: Client, row: Allocation, quentin: User, assert_queries: AssertQueries, rows: int
    ) -> None:
        for n in range(rows):
            extend_allocation(row, due_on=date(2026, 12, 1 + n), by=quentin, reason="Court.")
            AllocationFactory(round=RoundFactory(month=date(2026, 4 + n, 1)))
        with assert_queries(4):  # roles, rows, services, exemptions
            qa_client.get("/programme/ledger/")
        with assert_queries(4):
            qa_client.get("/programme/2026-11/ledger/")
        with assert_queries(4):
            qa_client.get(DETAIL)


def at_once(moves: list[Callable[[], object]]) -> list[object]:
    """Runs each move in a connection of its own, all at the same moment."""
    ready = threading.Barrier(len(moves))
    outcomes: list[object] = []

    def run(move: Callable[[], object]) -> None:
        ready.wait()
        try:
            outcomes.append(move())
        except RuleViolation as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(move,)) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_reallocated_or_submitted_never_both(self, quentin: User, asha: User) -> None:
        people = [auditor(f"Taker {n}", capacity=9) for n in range(2)]
        for n in range(6):
            audit = started_audit(asha, reference=f"CJA-2026-11-{n * 10 + 101}")
            graded = audit.sections.filter(section__in=GRADED_SECTIONS)
            graded.update(grade="good", evidence="Seen.", difference="Safer.", is_complete=True)
            audit.sections.update(is_complete=True)
            at_once(
                [
                    lambda audit=audit: submit_audit(audit, by=asha),
                    lambda audit=audit: reallocate_allocation(
                        audit.allocation, to=people[0], by=quentin, reason="Ill."
                    ),
                ]
            )
            audit.refresh_from_db()
            is_reallocated = Allocation.objects.get(pk=audit.allocation_id).status == "reallocated"
            assert is_reallocated != (audit.status == AuditStatus.SUBMITTED)

    def test_two_take_over_one_child(self, row: Allocation, quentin: User) -> None:
        takers = [auditor(f"Taker {n}") for n in range(4)]
        outcomes = at_once(
            [
                lambda to=to: reallocate_allocation(row, to=to, by=quentin, reason="Ill.")
                for to in (*takers, *takers)
            ]
        )
        won = {str(one) for one in outcomes if isinstance(one, Allocation)}
        assert won == {"CJA-2026-11-002"}
        assert len([one for one in outcomes if isinstance(one, Allocation)]) in {1, 2}
        assert (Allocation.objects.count(), Audit.objects.count(), Message.objects.count()) == (2, 2, 1)
