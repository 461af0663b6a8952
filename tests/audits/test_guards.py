"""The database refuses what must never change, whatever asks it; and what is not refused still works."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from audits.enums import AccessKind, AuditStatus, EventKind, ReplyOutcome
from audits.guards import GUARDS
from audits.models import (
    Answer,
    Audit,
    AuditDates,
    AuditEvent,
    AuditMove,
    Reopening,
    ToolVersionMove,
    WorkerReply,
)
from audits.services.access import record_access
from audits.services.ledger import excuse_allocation
from audits.services.moves import decide_reopening, finalise_audit, propose_reopening
from core.guards import (
    Guard,
    drop_guards,
    guards_not_in_force,
    install_guards,
    lifted,
    register_guards,
    registered_guards,
)
from tests.factories.audits import (
    QuestionFactory,
    ToolVersionFactory,
    audit_at,
    started_audit,
    submitted_audit,
)

pytestmark = pytest.mark.django_db

STATEMENTS = {
    "audit_moves": "UPDATE audits_auditmove SET reason = 'Another.'",
    "audit_moves, deleted": "DELETE FROM audits_auditmove",
    "allocation_moves": "UPDATE audits_allocationmove SET by_id = NULL",
    "allocation_moves, deleted": "DELETE FROM audits_allocationmove",
    "tool_version_moves": "UPDATE audits_toolversionmove SET reason = 'Another.'",
    "tool_version_moves, deleted": "DELETE FROM audits_toolversionmove",
    "worker_replies": "UPDATE audits_workerreply SET outcome = 'agrees'",
    "worker_replies, deleted": "DELETE FROM audits_workerreply",
    "access_records": "UPDATE audits_accessrecord SET kind = 'pdf'",
    "access_records, deleted": "DELETE FROM audits_accessrecord",
    "decided_reopenings": "UPDATE audits_reopening SET decision_note = 'Another.'",
    "decided_reopenings, deleted": "DELETE FROM audits_reopening",
    "final_sections, the grade": "UPDATE audits_auditsection SET grade = 'inadequate' WHERE section = 'visits'",
    "final_sections, the final grade": (
        "UPDATE audits_auditsection SET final_grade = 'inadequate' WHERE section = 'visits'"
    ),
    "final_sections, evidence": "UPDATE audits_auditsection SET evidence = 'Better.' WHERE section = 'visits'",
    "final_sections, deleted": "DELETE FROM audits_auditsection",
    "final_answers": "UPDATE audits_answer SET value = 'no'",
    "final_answers, deleted": "DELETE FROM audits_answer",
    "final_dates": "UPDATE audits_auditevent SET seen = 'alone'",
    "final_dates, deleted": "DELETE FROM audits_auditevent",
    "final_circumstances": "UPDATE audits_auditdates SET version = 7",
    "final_circumstances, deleted": "DELETE FROM audits_auditdates",
    "final_audits, its status": (
        "UPDATE audits_audit SET status = 'submitted', finalised_at = NULL WHERE status = 'finalised'"
    ),
    "final_audits, its moment": (
        "UPDATE audits_audit SET submitted_at = '2020-01-01 12:00:00+00' WHERE status = 'finalised'"
    ),
    "published_versions, its status": (
        "UPDATE audits_toolversion SET status = 'draft', published_at = NULL WHERE number = 2"
    ),
    "published_versions, its number": "UPDATE audits_toolversion SET number = 77 WHERE number = 2",
    "published_questions": "UPDATE audits_question SET text = 'Was anybody seen?' WHERE code = 'V4'",
    "published_questions, deleted": "DELETE FROM audits_question WHERE code = 'V14'",
    "published_descriptors": "UPDATE audits_gradedescriptor SET text = 'Fine.'",
    "published_descriptors, deleted": "DELETE FROM audits_gradedescriptor",
}
"""By the guard that refuses it."""


@pytest.fixture
def history(asha: User, quentin: User, priya: User) -> None:
    """Something of everything that is guarded."""
    question = QuestionFactory()
    audit = submitted_audit(by=asha)
    Answer.objects.create(audit=audit, question=question, value="yes")
    AuditEvent.objects.create(audit=audit, kind=EventKind.VISIT, on=date(2026, 11, 3))
    AuditDates.objects.create(audit=audit)
    finalise_audit(audit, grades={}, by=quentin)
    again = audit_at(AuditStatus.FINALISED, asha)
    proposed = propose_reopening(again, by=quentin, reason="New evidence.")
    decide_reopening(proposed, by=priya, approve=False, reason="No.")
    excuse_allocation(started_audit(asha).allocation, by=quentin, reason="Ill.")
    record_access(audit, kind=AccessKind.PAGE, by=quentin)
    WorkerReply.objects.create(
        audit=audit,
        outcome=ReplyOutcome.DISAGREES,
        said_on=date(2026, 11, 20),
        text="I saw him twice.",
        recorded_by=quentin,
        recorded_at=audit.submitted_at,
    )
    ToolVersionMove.objects.create(version=audit.tool_version, to_status="draft", at=audit.submitted_at)


def refused(statement: str) -> str:
    """The sentence with which the database refuses a statement; empty where it does not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except IntegrityError as refusal:
        return str(refusal).split("\n", maxsplit=1)[0]
    return ""


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("name", STATEMENTS)
def test_the_database_refuses(name: str) -> None:
    [guard] = [guard for guard in GUARDS if guard.name == name.split(",", maxsplit=1)[0]]
    assert refused(STATEMENTS[name]) == guard.sentence


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("name", STATEMENTS)
def test_without_the_guard_the_same_statement_passes(name: str) -> None:
    """The twin: each statement is refused by its guard alone."""
    [guard] = [guard for guard in GUARDS if guard.name == name.split(",", maxsplit=1)[0]]
    drop_guards([guard])
    assert refused(STATEMENTS[name]) == ""


@pytest.mark.parametrize(
    ("name", "table"),
    [("submitted_audits", "audits_audit"), ("published_versions_kept", "audits_toolversion")],
)
def test_rows_that_nothing_else_keeps_are_not_deleted_either(name: str, table: str, asha: User) -> None:
    """Without its guard the same row can be deleted."""
    [guard] = [guard for guard in GUARDS if guard.name == name]
    version = ToolVersionFactory(number=9, status="superseded")
    audit = audit_at(AuditStatus.ALLOCATED, asha)
    row = version.pk if table == "audits_toolversion" else audit.pk
    if row == audit.pk:
        moment = audit.allocation.round.drawn_at
        Audit.objects.filter(pk=row).update(
            status="void", started_at=moment, submitted_at=moment, tool_version=version
        )
    statement = f"DELETE FROM {table} WHERE id = {row}"  # noqa: S608 - both are written above
    assert refused(statement) == guard.sentence
    drop_guards([guard])
    assert refused(statement) == ""


def test_what_is_not_final_can_be_written(asha: User) -> None:
    submitted_audit(by=asha)
    for name, statement in STATEMENTS.items():
        if name.startswith("final_sections"):
            assert refused(statement) == ""


def test_a_reopened_audit_is_written_again(asha: User, quentin: User, priya: User) -> None:
    audit = audit_at(AuditStatus.FINALISED, asha)
    proposed = propose_reopening(audit, by=quentin, reason="New evidence.")
    assert refused("UPDATE audits_reopening SET reason = 'In other words.'") == ""
    assert refused(STATEMENTS["final_sections, evidence"]) != ""
    decide_reopening(proposed, by=priya, approve=True)
    assert refused(STATEMENTS["final_sections, evidence"]) == ""


def test_a_published_version_can_be_superseded(asha: User) -> None:
    submitted_audit(by=asha)
    assert refused("UPDATE audits_toolversion SET status = 'superseded' WHERE number = 2") == ""


def test_every_guard_of_every_app_is_in_force_and_the_check_sees_one_that_is_not() -> None:
    assert guards_not_in_force() == []
    drop_guards([GUARDS[0]])
    assert guards_not_in_force() == [GUARDS[0].name]
    install_guards([replace(GUARDS[0], sentence="Something weaker.", condition="1 = 0")])
    assert guards_not_in_force() == [GUARDS[0].name]
    install_guards(registered_guards())
    assert guards_not_in_force() == []


@pytest.fixture
def with_another_guard() -> Iterator[Guard]:
    guard = Guard("of_tests", "audits_closure", ("INSERT",), "It's shut.", "NEW.reason = 'x'")
    register_guards("tests", [guard])
    yield guard
    register_guards("tests", [])


def test_an_app_registers_its_own(with_another_guard: Guard) -> None:
    statement = "INSERT INTO audits_closure (day, reason) VALUES ('2026-12-24', '{}')"
    assert refused(statement.format("x")) == ""
    install_guards([with_another_guard])
    assert refused(statement.format("x")) == "It's shut."


@pytest.mark.usefixtures("history")
def test_lifted_lets_through_and_puts_back() -> None:
    with lifted():
        assert refused(STATEMENTS["audit_moves"]) == ""
    assert refused(STATEMENTS["audit_moves"]) != ""


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("history")
def test_a_database_can_be_emptied_and_is_guarded_afterwards() -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert (AuditMove.objects.count(), Reopening.objects.count()) == (0, 0)
    assert guards_not_in_force() == []
