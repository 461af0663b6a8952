"""Each check sees the one thing it is for, put into the database behind the services' back."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import User
from audits.enums import AllocationStatus, AuditStatus, RoundStatus
from audits.guards import GUARDS
from audits.invariants import CHECKS
from audits.models import Allocation, AllocationMove, Audit, AuditMove, Child, Round, ToolInForce, ToolVersion
from audits.services.activities import ActivityContent, hand_in_activity
from audits.services.audits import start_audit
from audits.services.ledger import (
    close_round,
    excuse_allocation,
    extend_allocation,
    reallocate_allocation,
)
from audits.services.rounds import draw_round, publish_round
from core.guards import drop_guards, lifted
from tests.factories.accounts import TeamFactory, auditor
from tests.factories.audits import ChildFactory, HoldingFactory, ToolVersionFactory, submitted_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def council(quentin: User) -> None:
    """A closed month, a published one with something of everything, and a draft."""
    ToolVersionFactory()
    for _ in range(12):
        ChildFactory(team=TeamFactory(name="North"))
    HoldingFactory(child=ChildFactory(team=TeamFactory(name="North")))
    for n in range(6):
        auditor(f"Auditor {n}")
    taker = auditor("Tara Taker", capacity=0)
    november = publish_round(draw_round(NOVEMBER, by=None, cjas=2, seed=1), by=None)
    december = publish_round(draw_round(DECEMBER, by=None, cjas=4, seed=1), by=None)
    close_round(november, by=quentin, at=datetime(2026, 12, 1, 9, tzinfo=UTC))
    first, second, third, fourth = december.allocations.cjas().order_by("reference")
    extend_allocation(first, due_on=date(2027, 1, 8), by=quentin, reason="Court.")
    excuse_allocation(second, by=quentin, reason="Ill.")
    taker.auditor_profile.monthly_capacity = 3
    taker.auditor_profile.save()
    reallocate_allocation(third, to=taker, by=quentin, reason="Ill.")
    start_audit(fourth.audit, by=fourth.auditor)
    other = december.allocations.get(kind="observation")
    seen = ActivityContent(NOVEMBER, "Supervision.", "She asks.", "Nothing.", setting="supervision")
    hand_in_activity(other, seen, by=other.auditor)
    draw_round(date(2027, 1, 1), by=None, cjas=2, seed=1)


def broken() -> list[str]:
    return [check.name for check in CHECKS if list(check.broken())]


def december(status: AllocationStatus = AllocationStatus.ALLOCATED) -> Allocation:
    rows = Allocation.objects.cjas().filter(round__month=DECEMBER, status=status)
    return rows.order_by("reference")[0]


def change(row: Allocation, **columns: object) -> None:
    Allocation.objects.filter(pk=row.pk).update(**columns)


def complete_no_more() -> None:
    audit = submitted_audit(month=DECEMBER)
    make_moves(audit)
    audit.sections.filter(section="visits").update(is_complete=False)


def served_by_what_nobody_approved() -> None:
    ToolInForce.objects.filter(pathway="cla").update(
        version=ToolVersion.objects.get(tool__code="leaving_care")
    )


def no_final_grade() -> None:
    audit = submitted_audit(month=DECEMBER)
    make_moves(audit)
    audit.sections.filter(section="visits").update(final_grade="")


def void_and_owed() -> None:
    audit = submitted_audit(month=DECEMBER)
    make_moves(audit)
    move(audit, "submitted", "void")


def reopened_by_one() -> None:
    audit = submitted_audit(month=DECEMBER)
    make_moves(audit)
    move(audit, "submitted", "finalised")
    move(audit, "finalised", "reopened")


def move(audit: Audit, before: str, after: str) -> None:
    AuditMove.objects.create(audit=audit, from_status=before, to_status=after, at=audit.submitted_at)
    Audit.objects.filter(pk=audit.pk).update(
        status=after, finalised_at=audit.submitted_at if after == "finalised" else None
    )


def submitted_and_excused() -> None:
    audit = submitted_audit(month=DECEMBER)
    make_moves(audit)
    excuse = {"status": AllocationStatus.EXCUSED}
    AllocationMove.objects.create(
        allocation=audit.allocation,
        kind="excuse",
        from_status=AllocationStatus.ALLOCATED,
        to_status=AllocationStatus.EXCUSED,
        from_due_on=audit.allocation.due_on,
        to_due_on=audit.allocation.due_on,
        at=audit.submitted_at,
        reason="Ill.",
    )
    change(audit.allocation, **excuse)


def handed_in_and_excused() -> None:
    row = Allocation.objects.get(activity_record__isnull=False)
    facts = {"from_due_on": row.due_on, "to_due_on": row.due_on, "at": row.round.published_at}
    AllocationMove.objects.create(
        allocation=row, kind="excuse", from_status="allocated", to_status="excused", reason="Ill.", **facts
    )
    change(row, status=AllocationStatus.EXCUSED)


def make_moves(audit: Audit) -> None:
    for before, after in (("allocated", "in_progress"), ("in_progress", "submitted")):
        AuditMove.objects.create(audit=audit, from_status=before, to_status=after, at=audit.submitted_at)


def twice_in_a_month() -> None:
    one, two = Allocation.objects.cjas().filter(round__month=NOVEMBER)
    change(two, child=one.child)


def reallocated_to_another_child() -> None:
    new = Allocation.objects.get(replaces__isnull=False)
    change(new, child=ChildFactory())


def audited_again_by_the_same() -> None:
    """January repeats an audit of another child; nobody gave it out so."""
    first = Allocation.objects.filter(round__month=NOVEMBER).cjas().earliest("reference")
    Allocation.objects.filter(round__month=date(2027, 1, 1)).cjas().update(audits_again=first)


def own_move() -> None:
    move = AllocationMove.objects.get(kind="excuse")
    AllocationMove.objects.filter(pk=move.pk).update(by=move.allocation.auditor)


CORRUPTIONS: dict[str, tuple[Callable[[], object], set[str]]] = {
    "ledger_balances": (
        lambda: change(december(), status=AllocationStatus.PROPOSED),
        {"ledger_balances", "drafts_and_ledger_apart"},
    ),
    "published_audits_exist": (
        lambda: Audit.objects.filter(allocation__round__month=NOVEMBER).delete(),
        {"published_audits_exist"},
    ),
    "drafts_and_ledger_apart": (
        lambda: Allocation.objects.filter(round__status=RoundStatus.DRAFT).update(status="allocated"),
        {"drafts_and_ledger_apart"},
    ),
    "closed_months": (
        lambda: Round.objects.filter(month=NOVEMBER).update(status=RoundStatus.PUBLISHED, closed_at=None),
        {"closed_months"},
    ),
    "submitted_stand": (submitted_and_excused, {"submitted_stand", "ledger_balances"}),
    "handed_in_stand": (handed_in_and_excused, {"handed_in_stand", "ledger_balances"}),
    "submitted_complete": (complete_no_more, {"submitted_complete"}),
    "final_grades": (no_final_grade, {"final_grades"}),
    "tools_in_force": (served_by_what_nobody_approved, {"tools_in_force"}),
    "void_withdrawn": (void_and_owed, {"void_withdrawn"}),
    "reopened_by_two": (reopened_by_one, {"reopened_by_two"}),
    "first_due_dates": (
        lambda: change(december(AllocationStatus.EXCUSED), first_due_on=date(2026, 12, 30)),
        {"first_due_dates"},
    ),
    "allocation_moves": (
        lambda: change(december(), status=AllocationStatus.WITHDRAWN),
        {"allocation_moves"},
    ),
    "reallocations": (reallocated_to_another_child, {"reallocations"}),
    "child_once": (twice_in_a_month, {"child_once"}),
    "own_obligations": (own_move, {"own_obligations"}),
    "holdings": (
        lambda: Child.objects.filter(holdings__isnull=False).update(closed_on=NOVEMBER),
        {"holdings"},
    ),
    "guards": (lambda: drop_guards(GUARDS[:1]), {"guards"}),
    "reaudits": (audited_again_by_the_same, {"reaudits"}),
    "audit_moves": (
        lambda: AuditMove.objects.filter(to_status=AuditStatus.IN_PROGRESS).delete(),
        {"audit_moves"},
    ),
}


@pytest.mark.usefixtures("council")
def test_what_the_services_made_holds() -> None:
    assert broken() == []
    document = json.loads(run("--json"))
    assert document["holds"] is True
    assert {check["name"] for check in document["checks"]} >= set(CORRUPTIONS)
    assert {check.name for check in CHECKS} == set(CORRUPTIONS)


@pytest.mark.usefixtures("council")
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corrupted_row_is_seen(name: str) -> None:
    corrupt, seen_by = CORRUPTIONS[name]
    with lifted() if name != "guards" else nullcontext():
        corrupt()
    assert set(broken()) == seen_by
    assert name in seen_by


@pytest.mark.usefixtures("council")
def test_the_command_says_what_is_wrong_and_exits_1() -> None:
    change(december(), status=AllocationStatus.WITHDRAWN)
    out = StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("check_invariants", "--json", stdout=out)
    assert exit_.value.code == 1
    [found] = [check for check in json.loads(out.getvalue())["checks"] if not check["holds"]]
    assert found["name"] == "allocation_moves"
    assert found["broken"] == ["CJA-2026-12-001 is withdrawn, which no move says."]


@pytest.mark.usefixtures("council")
def test_for_people_it_is_a_list() -> None:
    assert run().splitlines()[0] == "holds: The ledger balances by month, service, job role and auditor"


def run(*options: str) -> str:
    out = StringIO()
    call_command("check_invariants", *options, stdout=out)
    return out.getvalue()
