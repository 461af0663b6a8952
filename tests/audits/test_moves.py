"""What happens to an audit once it is submitted, and every way in which each move is refused."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.dispatch import Signal

from accounts.enums import Role
from accounts.models import User
from audits import readers
from audits.enums import AllocationStatus, AuditStatus, ReopeningStatus, Section
from audits.invariants import CHECKS
from audits.models import AllocationMove, Audit, AuditMove, AuditSection, Reopening
from audits.moves import MOVES, REFUSALS
from audits.permissions import can_read_text_of
from audits.readers import register_readers
from audits.services import audits as writing
from audits.services.moves import (
    decide_reopening,
    finalise_audit,
    propose_reopening,
    return_audit,
    void_audit,
)
from audits.signals import audit_finalised, audit_reopened, audit_returned, audit_submitted, audit_voided
from core.errors import RuleViolation
from notifications.models import Message
from tests.factories.accounts import (
    MembershipFactory,
    TeamFactory,
    person,
    senior_leader,
    service_manager,
    team_manager,
)
from tests.factories.audits import audit_at, submitted_audit

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
WHY = "The gap in September is not explained."


def moves_of(audit: Audit) -> list[tuple[str, str, str, str]]:
    rows = AuditMove.objects.filter(audit=audit).select_related("by")
    return [(row.from_status, row.to_status, row.by.name if row.by else "", row.reason) for row in rows]


SIGNALS = {
    "submitted": audit_submitted,
    "returned": audit_returned,
    "finalised": audit_finalised,
    "reopened": audit_reopened,
    "voided": audit_voided,
}


@pytest.fixture
def heard() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """What the signals announced, in order."""
    said: list[tuple[str, dict[str, Any]]] = []

    def listen(signal: Signal, sender: type, **given: Any) -> None:
        [name] = [name for name, known in SIGNALS.items() if known is signal]
        said.append((name, given))

    for signal in SIGNALS.values():
        signal.connect(listen)
    yield said
    for signal in SIGNALS.values():
        signal.disconnect(listen)


def test_returning_is_recorded_announced_and_mailed_without_grade_or_child(
    asha: User, quentin: User, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    audit = return_audit(submitted_audit(by=asha), by=quentin, reason=f" {WHY} ", at=AT)
    assert audit.status == Audit.objects.get().status == AuditStatus.RETURNED
    assert moves_of(audit) == [("submitted", "returned", "Quentin Lead", WHY)]
    assert heard == [("returned", {"audit": audit, "by": quentin, "at": AT})]
    message = Message.objects.get()
    reference = audit.allocation.reference
    assert (message.kind, message.recipient) == ("audits.audit_returned", asha)
    assert message.context == {"reference": reference, "path": f"/audits/{reference}/"}


def test_a_returned_audit_is_submitted_again_and_keeps_its_first_moment(
    asha: User, quentin: User, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    audit = submitted_audit(by=asha)
    return_audit(audit, by=quentin, reason=WHY, at=AT)
    AuditSection.objects.filter(audit=audit, section=Section.VISITS).update(grade="requires_improvement")
    assert AuditSection.objects.get(audit=audit, section=Section.VISITS).final_grade == "good"
    again = writing.submit_audit(audit, by=asha)
    assert (again.status, again.submitted_at) == (AuditStatus.RESUBMITTED, audit.submitted_at)
    assert AuditSection.objects.get(audit=audit, section=Section.VISITS).final_grade == "requires_improvement"
    assert [(name, said.get("first")) for name, said in heard] == [("returned", None), ("submitted", False)]
    twice = return_audit(again, by=quentin, reason="Still not explained.")
    assert twice.status == AuditStatus.RETURNED
    assert Message.objects.filter(kind="audits.audit_returned").count() == 2


def test_what_is_final_has_the_panels_grades_and_keeps_the_auditors(
    asha: User, priya: User, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    audit = submitted_audit(by=asha, overall="outstanding")
    finalise_audit(audit, grades={"overall": "good", "plans": "requires_improvement"}, by=priya, at=AT)
    audit.refresh_from_db()
    assert (audit.status, audit.finalised_at) == (AuditStatus.FINALISED, AT)
    grades = {row.section: (row.grade, row.final_grade) for row in audit.sections.exclude(grade="")}
    assert grades == {
        "visits": ("good", "good"),
        "assessments": ("good", "good"),
        "supervision": ("good", "good"),
        "plans": ("good", "requires_improvement"),
        "meetings": ("good", "good"),
        "overall": ("outstanding", "good"),
    }
    assert moves_of(audit) == [("submitted", "finalised", "Priya Principal", "")]
    assert heard == [("finalised", {"audit": audit, "by": priya, "at": AT, "why": {}})]


def test_the_system_finalises_what_no_panel_has_to_read(asha: User) -> None:
    audit = finalise_audit(submitted_audit(by=asha), grades={}, by=None)
    assert moves_of(audit) == [("submitted", "finalised", "", "")]


@pytest.mark.parametrize(
    ("section", "grade"),
    [
        ("overall", "not_applicable"),
        ("visits", "brilliant"),
        ("visits", ""),
        ("feedback", "good"),
        ("x", "good"),
    ],
)
def test_a_grade_that_does_not_fit_is_refused(asha: User, priya: User, section: str, grade: str) -> None:
    audit = submitted_audit(by=asha)
    with pytest.raises(RuleViolation, match="is no grade for"):
        finalise_audit(audit, grades={section: grade}, by=priya)
    assert Audit.objects.get().status == AuditStatus.SUBMITTED


def test_the_database_refuses_a_final_grade_that_does_not_fit(asha: User) -> None:
    rows = submitted_audit(by=asha).sections.filter(section=Section.OVERALL)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(final_grade="not_applicable")


def test_two_people_reopen_an_audit(
    asha: User, quentin: User, priya: User, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    audit = audit_at(AuditStatus.FINALISED, asha)
    proposed = propose_reopening(audit, by=quentin, reason=WHY, at=AT - timedelta(days=1))
    assert Audit.objects.get().status == AuditStatus.FINALISED
    decided = decide_reopening(proposed, by=priya, approve=True, at=AT)
    assert (decided.status, decided.decided_by, decided.decided_at) == (ReopeningStatus.APPROVED, priya, AT)
    audit.refresh_from_db()
    assert (audit.status, audit.finalised_at) == (AuditStatus.REOPENED, None)
    assert moves_of(audit) == [("finalised", "reopened", "Priya Principal", WHY)]
    assert heard == [("reopened", {"audit": audit, "by": priya, "at": AT})]
    assert [(row.kind, row.recipient) for row in Message.objects.all()] == [("audits.audit_reopened", asha)]
    assert list(audit.sections.filter(section="visits").values_list("final_grade", flat=True)) == ["good"]


def test_a_refused_reopening_changes_nothing_else(asha: User, quentin: User, priya: User) -> None:
    audit = audit_at(AuditStatus.FINALISED, asha)
    proposed = propose_reopening(audit, by=quentin, reason=WHY)
    with pytest.raises(RuleViolation, match="Say why it is refused"):
        decide_reopening(proposed, by=priya, approve=False)
    decided = decide_reopening(proposed, by=priya, approve=False, reason="The panel had that record.")
    assert (decided.status, decided.decision_note) == ("refused", "The panel had that record.")
    assert Audit.objects.get().status == AuditStatus.FINALISED
    assert propose_reopening(audit, by=quentin, reason="New: the school's letter.").pk != proposed.pk


def test_one_proposal_waits_at_a_time(asha: User, quentin: User) -> None:
    audit = audit_at(AuditStatus.FINALISED, asha)
    first = propose_reopening(audit, by=quentin, reason=WHY)
    assert propose_reopening(audit, by=quentin, reason=WHY) == first
    with pytest.raises(RuleViolation, match="has been proposed already"):
        propose_reopening(audit, by=quentin, reason="Another reason.")


def test_what_is_decided_is_not_decided_otherwise(asha: User, quentin: User, priya: User) -> None:
    proposed = propose_reopening(audit_at(AuditStatus.FINALISED, asha), by=quentin, reason=WHY)
    first = decide_reopening(proposed, by=priya, approve=True, at=AT)
    assert decide_reopening(proposed, by=priya, approve=True).decided_at == first.decided_at
    with pytest.raises(RuleViolation, match="^This has been decided already: approved.$"):
        decide_reopening(proposed, by=priya, approve=False, reason="No.")
    assert AuditMove.objects.count() == 1


def test_nobody_decides_on_their_own_proposal_and_the_database_holds_it(asha: User) -> None:
    both = person("Berta Both", Role.QA_LEAD, Role.PSW)
    proposed = propose_reopening(audit_at(AuditStatus.FINALISED, asha), by=both, reason=WHY)
    with pytest.raises(RuleViolation, match="neither on an audit nor on a proposal of their own"):
        decide_reopening(proposed, by=both, approve=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reopening.objects.update(status="approved", decided_by=both, decided_at=AT)


def test_a_void_audit_is_withdrawn_and_counts_nowhere(
    asha: User, quentin: User, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    reason = "It is of the twin brother."
    audit = void_audit(submitted_audit(by=asha), by=quentin, reason=reason, at=AT)
    assert audit.allocation.status == AllocationStatus.WITHDRAWN
    assert moves_of(audit) == [("submitted", "void", "Quentin Lead", reason)]
    move = AllocationMove.objects.get()
    assert (move.to_status, move.by, move.at, move.reason) == ("withdrawn", quentin, AT, f"Void: {reason}")
    assert heard == [("voided", {"audit": audit, "by": quentin, "at": AT})]
    assert [(row.kind, row.recipient) for row in Message.objects.all()] == [("audits.audit_voided", asha)]
    assert not Audit.objects.submitted().exists()
    about_the_ledger = [check for check in CHECKS if check.name in ("ledger_balances", "void_withdrawn")]
    assert [list(check.broken()) for check in about_the_ledger] == [[], []]


def submit(audit: Audit, by: User) -> Any:
    return writing.submit_audit(audit, by=audit.allocation.auditor)


def start(audit: Audit, by: User) -> Any:
    return writing.start_audit(audit, by=audit.allocation.auditor)


def give_back(audit: Audit, by: User) -> Any:
    return return_audit(audit, by=by, reason=WHY)


def finalise(audit: Audit, by: User) -> Any:
    return finalise_audit(audit, grades={}, by=by)


def propose(audit: Audit, by: User) -> Any:
    return propose_reopening(audit, by=by, reason=WHY)


def void(audit: Audit, by: User) -> Any:
    return void_audit(audit, by=by, reason=WHY)


TRIES: dict[str, tuple[Callable[[Audit, User], Any], set[str]]] = {
    "return": (give_back, {"submitted", "resubmitted"}),
    "finalise": (finalise, {"submitted", "resubmitted"}),
    "propose reopening": (propose, {"finalised"}),
    "void": (void, {"submitted", "returned", "resubmitted", "reopened"}),
}
"""Each move, and the statuses from which it is made."""


@pytest.mark.parametrize("status", AuditStatus)
@pytest.mark.parametrize("name", TRIES)
def test_every_move_from_every_status(name: str, status: AuditStatus, asha: User, quentin: User) -> None:
    move, allowed = TRIES[name]
    audit = audit_at(status, asha)
    AuditMove.objects.create(audit=audit, from_status=status, to_status=status, by=asha, at=AT)
    if status in allowed:
        move(audit, quentin)
        return
    with pytest.raises(RuleViolation) as refused:
        move(audit, quentin)
    assert refused.value.sentence == REFUSALS[status]
    audit.refresh_from_db()
    assert audit.status == status
    assert AuditMove.objects.count() == 1


@pytest.mark.parametrize("status", AuditStatus)
@pytest.mark.parametrize(
    ("writes", "allowed"),
    [(start, {"allocated", "in_progress", "returned", "reopened"}), (submit, {"returned", "reopened"})],
)
def test_writing_from_every_status(
    writes: Callable[[Audit, User], Any], allowed: set[str], status: AuditStatus, asha: User
) -> None:
    """One that is in progress here has nothing written; submitting one that is submitted is submitting once."""
    audit = audit_at(status, asha)
    once_more = writes is submit and status in ("submitted", "resubmitted", "finalised")
    if status in allowed or once_more:
        writes(audit, asha)
        return
    with pytest.raises(RuleViolation):
        writes(audit, asha)
    audit.refresh_from_db()
    assert audit.status == status


def test_the_table_of_these_tests_is_the_table_of_moves() -> None:
    """The twin: a move that the table gained or lost is one that these tests do not expect."""
    targets = {"return": "returned", "finalise": "finalised", "propose reopening": "reopened", "void": "void"}
    for name, (_, allowed) in TRIES.items():
        assert {status.value for status in AuditStatus if targets[name] in MOVES[status]} == allowed


MOVERS = {"return": give_back, "finalise": finalise, "void": void}


@pytest.mark.parametrize("name", MOVERS)
@pytest.mark.parametrize("who", ["asha", "meera", "sanjay", "bella", "sid", "stella"])
def test_only_the_qa_lead_and_the_psw_decide(
    name: str, who: str, asha: User, request: pytest.FixtureRequest
) -> None:
    audit = submitted_audit(by=asha)
    with pytest.raises(RuleViolation, match="^Only the QA lead and the Principal Social Worker do this"):
        MOVERS[name](audit, request.getfixturevalue(who))
    assert not AuditMove.objects.exists()


@pytest.mark.parametrize("name", MOVERS)
@pytest.mark.parametrize("who", ["quentin", "priya"])
def test_nobody_decides_on_an_audit_of_their_own(
    name: str, who: str, quentin: User, priya: User, request: pytest.FixtureRequest
) -> None:
    own = request.getfixturevalue(who)
    audit = submitted_audit(by=own)
    with pytest.raises(RuleViolation, match="never with an audit of their own"):
        MOVERS[name](audit, own)
    MOVERS[name](audit, priya if own == quentin else quentin)


@pytest.mark.parametrize("who", ["asha", "priya", "meera", "bella", "stella"])
def test_only_the_qa_lead_proposes_a_reopening(who: str, asha: User, request: pytest.FixtureRequest) -> None:
    audit = audit_at(AuditStatus.FINALISED, asha)
    with pytest.raises(RuleViolation, match="^Only the QA lead proposes this"):
        propose_reopening(audit, by=request.getfixturevalue(who), reason=WHY)


@pytest.mark.parametrize("who", ["asha", "quentin", "meera", "bella", "stella"])
def test_only_the_psw_decides_on_a_reopening(
    who: str, asha: User, quentin: User, request: pytest.FixtureRequest
) -> None:
    proposed = propose_reopening(audit_at(AuditStatus.FINALISED, asha), by=quentin, reason=WHY)
    with pytest.raises(RuleViolation, match="^Only the Principal Social Worker decides this"):
        decide_reopening(proposed, by=request.getfixturevalue(who), approve=True)
    assert Reopening.objects.get().status == ReopeningStatus.PROPOSED


def test_nobody_reopens_their_own(quentin: User, priya: User) -> None:
    with pytest.raises(RuleViolation, match="never for an audit of their own"):
        propose_reopening(audit_at(AuditStatus.FINALISED, quentin), by=quentin, reason=WHY)
    proposed = propose_reopening(audit_at(AuditStatus.FINALISED, priya), by=quentin, reason=WHY)
    with pytest.raises(RuleViolation, match="neither on an audit nor on a proposal"):
        decide_reopening(proposed, by=priya, approve=True)


@pytest.mark.parametrize("move", [return_audit, void_audit])
def test_a_reason_is_asked_for(move: Callable[..., Audit], asha: User, quentin: User) -> None:
    with pytest.raises(RuleViolation, match="^Say "):
        move(submitted_audit(by=asha), by=quentin, reason=" \n ")
    with pytest.raises(RuleViolation, match="^Say why the audit has to be reopened"):
        propose_reopening(audit_at(AuditStatus.FINALISED, asha), by=quentin, reason=" ")


def test_a_double_click_moves_once_and_another_reason_is_refused(asha: User, quentin: User) -> None:
    audit = submitted_audit(by=asha)
    for _ in range(2):
        return_audit(audit, by=quentin, reason=WHY)
    with pytest.raises(RuleViolation, match="was returned for evidence"):
        return_audit(audit, by=quentin, reason="Another reason.")
    for _ in range(2):
        void_audit(audit, by=quentin, reason=WHY)
    final = submitted_audit(by=asha)
    for _ in range(2):
        finalise_audit(final, grades={"visits": "inadequate"}, by=quentin)
    with pytest.raises(RuleViolation, match="This audit is final"):
        finalise_audit(final, grades={"visits": "good"}, by=quentin)
    assert [row.to_status for row in AuditMove.objects.all()] == ["returned", "void", "finalised"]
    assert (Message.objects.count(), AllocationMove.objects.count()) == (2, 1)


READ_BY = {
    AuditStatus.ALLOCATED: {"asha"},
    AuditStatus.IN_PROGRESS: {"asha"},
    AuditStatus.SUBMITTED: {"asha", "quentin", "priya"},
    AuditStatus.RETURNED: {"asha", "quentin", "priya"},
    AuditStatus.RESUBMITTED: {"asha", "quentin", "priya"},
    AuditStatus.FINALISED: {
        *("asha", "quentin", "priya", "Then", "Now", "Service then", "Service now", "AD then", "AD now"),
        "Director",
    },
    AuditStatus.REOPENED: {"asha", "quentin", "priya"},
    AuditStatus.VOID: {"asha", "quentin", "priya"},
}
READ_TEXT_BY = READ_BY | {
    AuditStatus.RETURNED: {"asha"},
    AuditStatus.REOPENED: {"asha"},
    AuditStatus.VOID: {"asha"},
}
"""While it is written again, and once it is void, the others see that it is there and not what it says."""


@pytest.mark.parametrize("status", AuditStatus)
def test_who_reads_an_audit(status: AuditStatus, asha: User, request: pytest.FixtureRequest) -> None:
    then, now, other = TeamFactory(name="Team then"), TeamFactory(name="Team now"), TeamFactory(name="Other")
    audit = audit_at(status, asha, child__team=then)
    audit.allocation.audited_child.team = now
    audit.allocation.audited_child.save(update_fields=("team",))
    gone = team_manager("Was Manager", TeamFactory(name="Team before"))
    people = {
        "asha": asha,
        **{name: request.getfixturevalue(name) for name in ("quentin", "priya", "bella", "sid", "stella")},
        "Then": team_manager("Tina Then", then),
        "Now": team_manager("Norbert Now", now),
        "Service then": service_manager("Sven Then", then.service),
        "Service now": service_manager("Sven Now", now.service),
        "AD then": senior_leader("Ada Then", then.service),
        "AD now": senior_leader("Ada Now", now.service),
        "Director": senior_leader("Dora Director"),
        "Other": team_manager("Otto Other", other),
        "Other service": service_manager("Oda Other", other.service),
        "Other AD": senior_leader("Oona Other", other.service),
        "Before": gone,
        "IG": person("Ian Records", Role.INFORMATION_GOVERNANCE),
        "Moderator": person("Mo Derator", Role.MODERATOR),
    }
    visible = {name for name, user in people.items() if Audit.objects.visible_to(user).exists()}
    assert visible == READ_BY[status]
    reads = {name for name in visible if can_read_text_of(people[name], Audit.objects.get())}
    assert reads == READ_TEXT_BY[status] & READ_BY[status]


def test_who_reads_is_one_indexed_condition(asha: User, meera: User) -> None:
    """No list of ids of audits is ever loaded and sent back."""
    audit_at(AuditStatus.FINALISED, asha)
    sql = str(Audit.objects.visible_to(meera).query)
    assert re.findall(r'"audits_audit"\."id" IN \((?!SELECT)', sql) == []


@pytest.mark.parametrize("status", AuditStatus)
def test_a_registered_reader_opens_what_was_submitted_and_never_a_draft(
    status: AuditStatus, asha: User, stella: User, bella: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "_registered", [])
    audit = audit_at(status, asha)
    assert not Audit.objects.visible_to(stella).exists()
    register_readers(lambda user: Q(pk=audit.pk) if user == stella else None)
    handed_in = status not in ("allocated", "in_progress", "void")
    assert Audit.objects.visible_to(stella).exists() is handed_in
    assert not Audit.objects.visible_to(bella).exists()


def test_a_register_that_fails_opens_nothing(
    asha: User, stella: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(user: object) -> None:
        raise RuntimeError(user)

    audit_at(AuditStatus.FINALISED, asha)
    monkeypatch.setattr(readers, "_registered", [])
    register_readers(fails)
    with pytest.raises(RuntimeError):
        Audit.objects.visible_to(stella).exists()


def test_a_role_that_ended_opens_nothing(asha: User, stella: User) -> None:
    audit = audit_at(AuditStatus.FINALISED, asha)
    membership = MembershipFactory(user=stella, role=Role.TEAM_MANAGER, team=audit.team)
    assert Audit.objects.visible_to(User.objects.get(pk=stella.pk)).exists()
    membership.ends_on = membership.starts_on
    membership.save()
    assert not Audit.objects.visible_to(User.objects.get(pk=stella.pk)).exists()
