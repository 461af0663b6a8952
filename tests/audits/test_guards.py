"""The database refuses what must never change, whatever asks it; and what is not refused still works."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from audits.enums import (
    AccessKind,
    ActionPriority,
    AuditStatus,
    ConcernMoveKind,
    ContactHow,
    EventKind,
    FamilyMember,
    Grade,
    ToldAs,
    WorkerOutcome,
)
from audits.guards import GUARDS
from audits.models import (
    Answer,
    Audit,
    AuditDates,
    AuditEvent,
    AuditMove,
    AuditSection,
    CeilingChange,
    ConcernMove,
    ConcernTold,
    FamilyAnswer,
    FamilyContact,
    FamilyFeedback,
    GradeDescriptor,
    ImmediateConcern,
    ProposedAction,
    Question,
    Reopening,
    TimescaleRule,
    ToolVersion,
    ToolVersionMove,
    UrgentNotice,
    WorkerContact,
    WorkerFeedback,
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
    ActivityRecordFactory,
    QuestionFactory,
    ToolFactory,
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
    "activity_records": "UPDATE audits_activityrecord SET better = 'Nothing.'",
    "activity_records, deleted": "DELETE FROM audits_activityrecord",
    "tool_version_moves": "UPDATE audits_toolversionmove SET reason = 'Another.'",
    "tool_version_moves, deleted": "DELETE FROM audits_toolversionmove",
    "worker_replies": "UPDATE audits_workerreply SET outcome = 'agrees'",
    "worker_replies, deleted": "DELETE FROM audits_workerreply",
    "access_records": "UPDATE audits_accessrecord SET kind = 'pdf'",
    "access_records, deleted": "DELETE FROM audits_accessrecord",
    "decided_reopenings": "UPDATE audits_reopening SET decision_note = 'Another.'",
    "decided_reopenings, deleted": "DELETE FROM audits_reopening",
    "concern_moves": "UPDATE audits_concernmove SET note = 'Another.'",
    "concern_moves, deleted": "DELETE FROM audits_concernmove",
    "concern_told": "UPDATE audits_concerntold SET is_escalation = NOT is_escalation",
    "concern_told, deleted": "DELETE FROM audits_concerntold",
    "urgent_notices": "UPDATE audits_urgentnotice SET told_as = 'psw'",
    "urgent_notices, deleted": "DELETE FROM audits_urgentnotice",
    "ceiling_changes": "UPDATE audits_ceilingchange SET reason = 'Another.'",
    "ceiling_changes, deleted": "DELETE FROM audits_ceilingchange",
    "timescale_rules": "UPDATE audits_timescalerule SET source = 'Another.'",
    "timescale_rules_kept": "DELETE FROM audits_timescalerule WHERE duty = 'visit_cin'",
    "final_worker_contacts": "UPDATE audits_workercontact SET note = 'Another.'",
    "final_worker_contacts_kept": "DELETE FROM audits_workercontact",
    "final_worker_feedback": "UPDATE audits_workerfeedback SET text = 'Another.'",
    "final_worker_feedback_kept": "DELETE FROM audits_workerfeedback",
    "final_family_contacts": "UPDATE audits_familycontact SET reason = 'Another.'",
    "final_family_contacts_kept": "DELETE FROM audits_familycontact",
    "final_family_feedback": "UPDATE audits_familyfeedback SET version = 7",
    "final_family_feedback_kept": (
        "DELETE FROM audits_familyfeedback WHERE id NOT IN (SELECT feedback_id FROM audits_familyanswer)"
    ),
    "final_family_answers": "UPDATE audits_familyanswer SET value = 'no'",
    "final_family_answers_kept": "DELETE FROM audits_familyanswer",
    "final_proposed_actions": "UPDATE audits_proposedaction SET what = 'Another.'",
    "final_proposed_actions_kept": "DELETE FROM audits_proposedaction",
    "final_sections, the grade": "UPDATE audits_auditsection SET grade = 'inadequate' WHERE section = 'visits'",
    "final_sections, the final grade": (
        "UPDATE audits_auditsection SET final_grade = 'inadequate' WHERE section = 'visits'"
    ),
    "final_sections, evidence": "UPDATE audits_auditsection SET evidence = 'Better.' WHERE section = 'visits'",
    "final_sections_kept": "DELETE FROM audits_auditsection",
    "final_answers": "UPDATE audits_answer SET value = 'no'",
    "final_answers_kept": "DELETE FROM audits_answer",
    "final_dates": "UPDATE audits_auditevent SET seen = 'alone'",
    "final_dates_kept": "DELETE FROM audits_auditevent",
    "final_circumstances": "UPDATE audits_auditdates SET version = 7",
    "final_circumstances_kept": "DELETE FROM audits_auditdates",
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
    "published_questions_kept": "DELETE FROM audits_question WHERE code = 'V14'",
    "published_descriptors": "UPDATE audits_gradedescriptor SET text = 'Fine.'",
    "published_descriptors_kept": "DELETE FROM audits_gradedescriptor",
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
    around_the_pages(audit, question, quentin)
    finalise_audit(audit, grades={}, by=quentin)
    again = audit_at(AuditStatus.FINALISED, asha)
    proposed = propose_reopening(again, by=quentin, reason="New evidence.")
    decide_reopening(proposed, by=priya, approve=False, reason="No.")
    excuse_allocation(started_audit(asha).allocation, by=quentin, reason="Ill.")
    record_access(audit, kind=AccessKind.PAGE, by=quentin)
    ActivityRecordFactory()
    ToolVersionMove.objects.create(version=audit.tool_version, to_status="draft", at=audit.submitted_at)
    CeilingChange.objects.create(
        code="no_plan",
        is_on=False,
        grade=Grade.REQUIRES_IMPROVEMENT,
        starts_on=date(2026, 11, 1),
        reason="A trial.",
        by=quentin,
        at=audit.submitted_at,
    )
    something_urgent(audit, priya)


def something_urgent(audit: Audit, told: User) -> None:
    """A concern and an urgent notice of which this person was told."""
    concern = ImmediateConcern.objects.create(
        child_reference="5694372",
        risk="Alone.",
        reached_nobody=True,
        raised_by=audit.allocation.auditor,
        raised_at=audit.submitted_at,
    )
    ConcernMove.objects.create(concern=concern, kind=ConcernMoveKind.RAISE, at=concern.raised_at)
    ConcernTold.objects.create(concern=concern, person=told, told_as=ToldAs.PSW, at=concern.raised_at)
    UrgentNotice.objects.create(audit=audit, person=told, told_as=ToldAs.PSW, at=audit.submitted_at)


def around_the_pages(audit: Audit, question: Question, manager: User) -> None:
    """Who was asked, what they said and what shall follow."""
    day = date(2026, 11, 3)
    WorkerContact.objects.create(
        audit=audit, on=day, how=ContactHow.VIDEO, outcome=WorkerOutcome.TOOK_PART, note="An hour."
    )
    WorkerFeedback.objects.create(audit=audit, on=day, text="Good work.")
    WorkerReply.objects.create(
        audit=audit,
        outcome="agrees",
        said_on=day,
        text="Yes.",
        recorded_by=manager,
        recorded_at=audit.submitted_at,
    )
    for person in (FamilyMember.MOTHER, FamilyMember.FATHER):
        FamilyContact.objects.create(
            audit=audit, on=day, person=person, how=ContactHow.VIDEO, outcome="feedback"
        )
        feedback = FamilyFeedback.objects.create(audit=audit, person=person)
    FamilyAnswer.objects.create(feedback=feedback, question=question, value="yes")
    ProposedAction.objects.create(
        audit=audit,
        what="Hold the review.",
        why="It is late.",
        owner=manager,
        priority=ActionPriority.P2,
        default_due_on=day,
        due_on=day,
        success="It was held.",
    )


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


TO_A_CLOSED_AUDIT = {
    "final_sections_added": "audits_auditsection",
    "final_answers_added": "audits_answer",
    "final_dates_added": "audits_auditevent",
    "final_circumstances_added": "audits_auditdates",
    "final_worker_contacts_added": "audits_workercontact",
    "final_worker_feedback_added": "audits_workerfeedback",
    "final_family_contacts_added": "audits_familycontact",
    "final_family_feedback_added": "audits_familyfeedback",
    "final_family_answers_added": "audits_familyanswer",
    "final_proposed_actions_added": "audits_proposedaction",
    "published_questions_added": "audits_question",
    "published_descriptors_added": "audits_gradedescriptor",
}
"""What may not be added to, by the guard that refuses it."""


def belongs_by(name: str) -> str:
    """The column by which the rows of that guard belong to an audit or to a version."""
    if name == "final_family_answers_added":
        return "feedback_id"
    return "version_id" if name.startswith("published") else "audit_id"


def parents_of_rows(asha: User, quentin: User) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """By the column of a row that names where it belongs: an open audit or version with one row of everything, a
    final audit and a published version with none, and a void audit.
    """
    audit, final, void = (submitted_audit(by=asha) for _ in range(3))
    question = QuestionFactory()
    Answer.objects.create(audit=audit, question=question, value="yes")
    AuditEvent.objects.create(audit=audit, kind=EventKind.VISIT, on=date(2026, 11, 3))
    AuditDates.objects.create(audit=audit)
    around_the_pages(audit, question, quentin)
    draft = ToolVersionFactory(number=8, status="draft", published_at=None)
    QuestionFactory(version=draft, code="V15")
    GradeDescriptor.objects.create(version=draft, section="visits", grade="good", text="In time.")
    feedback = {}
    for closed in (final, void):
        AuditSection.objects.filter(audit=closed).delete()
        feedback[closed.pk] = FamilyFeedback.objects.create(audit=closed, person=FamilyMember.CARER).pk
    Audit.objects.filter(pk=final.pk).update(status="finalised", finalised_at=final.submitted_at)
    Audit.objects.filter(pk=void.pk).update(status="void")
    holds = FamilyFeedback.objects.get(audit=audit, answers__isnull=False)
    return (
        {"audit_id": audit.pk, "feedback_id": holds.pk, "version_id": draft.pk},
        {"audit_id": final.pk, "feedback_id": feedback[final.pk], "version_id": question.version_id},
        {"audit_id": void.pk, "feedback_id": feedback[void.pk], "version_id": question.version_id},
    )


def copied(table: str, column: str, here: int, there: int) -> str:
    """The statement that copies one row of the open audit or version to another."""
    with connection.cursor() as cursor:
        names = [field.name for field in connection.introspection.get_table_description(cursor, table)]
    names.remove("id")
    values = [str(there) if name == column else name for name in names]
    if "token" in names:
        values[names.index("token")] = "'00000000000040008000000000000001'"
    if "person" in names:
        values[names.index("person")] = "'other'"
    return (  # every word is of this file or the database's own
        f"INSERT INTO {table} ({', '.join(quoted(names))}) "  # noqa: S608
        f"SELECT {', '.join(value if value[0] in chr(39) + '0123456789' else quoted([value])[0] for value in values)} "
        f"FROM {table} WHERE {column} = {here} ORDER BY id LIMIT 1"
    )


def quoted(names: list[str]) -> list[str]:
    return [connection.ops.quote_name(name) for name in names]


@pytest.mark.parametrize("closed", ["final", "void"])
@pytest.mark.parametrize("name", TO_A_CLOSED_AUDIT)
def test_nothing_is_added_or_moved_to_what_is_closed(
    name: str, closed: str, asha: User, quentin: User
) -> None:
    """Each with its twin: without the guard the same statement passes."""
    guards = {guard.name: guard for guard in GUARDS}
    changes = guards[name.removesuffix("_added")]
    table = TO_A_CLOSED_AUDIT[name]
    assert (guards[name].table, guards[name].operations) == (table, ("INSERT",))
    column = belongs_by(name)
    here, final, void = (rows[column] for rows in parents_of_rows(asha, quentin))
    there = final if closed == "final" else void
    add = copied(table, column, here, there)
    move = (
        f"UPDATE {table} SET {column} = {there} "  # noqa: S608
        f"WHERE id = (SELECT MIN(id) FROM {table} WHERE {column} = {here})"
    )
    assert (refused(add), refused(move)) == (guards[name].sentence, changes.sentence)
    drop_guards([guards[name], changes])
    with transaction.atomic():
        assert refused(add) == ""
        transaction.set_rollback(True)
    assert refused(move) == ""


def test_what_is_open_is_added_to(asha: User, quentin: User) -> None:
    """The same statements pass where the audit is not final and the version is a draft."""
    parents_of_rows(asha, quentin)
    another = submitted_audit(by=asha)
    AuditSection.objects.filter(audit=another).delete()
    draft = ToolVersionFactory(tool=ToolFactory(code="other"), number=9, status="draft", published_at=None)
    feedback = FamilyFeedback.objects.create(audit=another, person=FamilyMember.CARER)
    there = {"audit_id": another.pk, "feedback_id": feedback.pk, "version_id": draft.pk}
    here = {
        "audit_id": Answer.objects.get().audit_id,
        "feedback_id": FamilyAnswer.objects.get().feedback_id,
        "version_id": ToolVersion.objects.get(number=8).pk,
    }
    for name, table in TO_A_CLOSED_AUDIT.items():
        column = belongs_by(name)
        assert refused(copied(table, column, here[column], there[column])) == "", name


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


def test_a_timescale_that_has_not_begun_can_be_taken_back() -> None:
    newest = TimescaleRule.objects.get(duty="visit_cin")
    newest.pk, newest.starts_on = None, date(2098, 1, 1)
    newest.save()
    assert (
        refused("DELETE FROM audits_timescalerule WHERE duty = 'visit_cin' AND starts_on = '2098-01-01'")
        == ""
    )


def test_what_is_not_final_can_be_written(asha: User, quentin: User) -> None:
    around_the_pages(submitted_audit(by=asha), QuestionFactory(), quentin)
    for name, statement in STATEMENTS.items():
        if name.startswith("final_") and not name.startswith("final_audits"):
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
