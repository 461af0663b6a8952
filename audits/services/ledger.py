"""What may be done with an obligation once it is given out, and the closing of a month.

Each move locks the audit before the allocation, as writing an audit does, so that an audit which is being
submitted is not taken away at the same moment.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits.enums import (
    HANDED_IN,
    AllocationKind,
    AllocationMoveKind,
    AllocationStatus,
    RoundStatus,
    WithdrawalReason,
)
from audits.models import (
    ActivityRecord,
    Allocation,
    AllocationMove,
    Audit,
    Child,
    ProgrammeSettings,
    Round,
)
from audits.moves import check_allocation_move
from audits.permissions import can_close_round, can_extend_allocation, can_move_allocation
from audits.selectors import closures
from audits.services.rounds import auditor_choices, new_audit, swap_choices, team_managers
from audits.signals import allocation_reallocated
from core.dates import add_working_days, is_working_day, london_date
from core.errors import RuleViolation

NOT_YOURS_TO_MOVE = (
    "Only the QA lead and the Principal Social Worker do this, and never with an audit of their own."
)


@transaction.atomic
def excuse_allocation(
    allocation: Allocation, *, by: User, reason: str, at: datetime | None = None
) -> Allocation:
    """Let an auditor off. What they wrote stays with the row and is read by nobody. Twice is once.

    Effects, in order: the move is recorded; the allocation is excused.

    Raises:
        RuleViolation: `by` may not, there is no reason, or the allocation no longer stands or was met.

    """
    current, audit = _locked(allocation)
    if not can_move_allocation(by, current):
        raise RuleViolation(NOT_YOURS_TO_MOVE)
    if current.status != AllocationStatus.EXCUSED:
        _move(current, audit, AllocationMoveKind.EXCUSE, by=by, reason=reason, at=at)
    return current


@transaction.atomic
def withdraw_allocation(
    allocation: Allocation,
    *,
    because: WithdrawalReason,
    by: User,
    note: str = "",
    at: datetime | None = None,
) -> Allocation:
    """Take an audit out of the programme, because the case closed, the child moved or another reason. Twice is once.

    Effects, in order: the move is recorded; the allocation is withdrawn.

    Raises:
        RuleViolation: `by` may not, another reason is not named, or the allocation no longer stands or was met.

    """
    current, audit = _locked(allocation)
    if not can_move_allocation(by, current):
        raise RuleViolation(NOT_YOURS_TO_MOVE)
    if current.status == AllocationStatus.WITHDRAWN:
        return current
    label = "" if because == WithdrawalReason.OTHER else WithdrawalReason(because).label
    reason = ": ".join(part for part in (label, note.strip()) if part)
    _move(current, audit, AllocationMoveKind.WITHDRAW, by=by, reason=reason, at=at)
    return current


@transaction.atomic
def withdraw_children_who_left(round_: Round, *, by: User, note: str = "") -> tuple[list[Allocation], int]:
    """Withdraw every outstanding audit of a round whose child has left the caseload.

    Returns:
        What was withdrawn, and how many were left because they are `by`'s own.

    Raises:
        RuleViolation: `by` withdraws nothing at all.

    """
    if not can_close_round(by):
        raise RuleViolation(NOT_YOURS_TO_MOVE)
    rows = list(round_.allocations.child_has_left().order_by("reference"))
    others = [row for row in rows if row.auditor_id != by.pk]
    withdrawn = [
        withdraw_allocation(row, because=WithdrawalReason.CASE_CLOSED, by=by, note=note) for row in others
    ]
    return withdrawn, len(rows) - len(others)


@transaction.atomic
def reallocate_allocation(
    allocation: Allocation, *, to: User, by: User, reason: str, at: datetime | None = None
) -> Allocation:
    """Give a child to another auditor after publication. Twice to the same person is once.

    Effects, in order: the move is recorded and the old row stays as reallocated, its draft kept and read by nobody;
    a new allocation takes the round's next number and is due when the old one was, or later where that leaves
    fewer working days than the setting; a new audit is made with the child's facts as they stand;
    allocation_reallocated is sent.

    Returns:
        The new allocation.

    Raises:
        RuleViolation: `by` may not, there is no reason, the allocation no longer stands, was met or has no child in
            the caseload, or a rule keeps `to` from the child.

    """
    at = at or timezone.now()
    on = london_date(at)
    round_ = Round.objects.select_for_update().get(pk=allocation.round_id)  # one number at a time
    current, audit = _locked(allocation)
    if not can_move_allocation(by, current):
        raise RuleViolation(NOT_YOURS_TO_MOVE)
    if current.status == AllocationStatus.REALLOCATED and current.replaced_by.auditor_id == to.pk:
        return current.replaced_by
    check_allocation_move(
        current.reference, current.status, AllocationMoveKind.REALLOCATE, is_met=_is_met(current, audit)
    )
    if current.child is None:
        raise RuleViolation(f"{current} has no child that could be passed on. Excuse it instead.")
    if current.child.closed_on:
        raise RuleViolation(f"Child {current.child} has left the caseload. Withdraw {current} instead.")
    if to.pk == current.auditor_id:
        raise RuleViolation(f"{to} has {current} already. Choose somebody else.")
    blocks = {choice.auditor.id: choice.block for choice in swap_choices(current)}
    if (block := blocks.get(to.email, "is not an auditor this month")) is not None:
        raise RuleViolation(f"{to} {block}. Choose somebody else.")
    _move(current, audit, AllocationMoveKind.REALLOCATE, by=by, reason=reason, at=at)
    days = ProgrammeSettings.current().days_when_reallocated
    due_on = max(current.due_on, add_working_days(on, days, closures()))
    new = Allocation.objects.create(
        reference=_next_reference(round_),
        round=round_,
        status=AllocationStatus.ALLOCATED,
        auditor=to,
        child=current.child,
        pathway=current.child.pathway,
        team=current.child.team,
        because=f"{current.because.split(chr(10), 1)[0]}\n{by} gave it to {to} instead of {current.auditor}.",
        first_due_on=due_on,
        due_on=due_on,
        replaces=current,
        audits_again=current.audits_again,
    )
    new_audit(new, current.child, manager=team_managers(on).get(current.child.team_id), on=on).save()
    allocation_reallocated.send(Allocation, allocation=new)
    return new


def round_for_reaudit(first: Audit, *, due_on: date, on: date) -> Round:
    """The month that a re-audit due on that day belongs to: its own where that is published, else the one before it.

    Never one in which the child is given out already, and none that is over.

    Raises:
        RuleViolation: no such month is published.

    """
    taken = Allocation.objects.standing().filter(child=first.allocation.child_id)
    rounds = Round.objects.filter(
        status=RoundStatus.PUBLISHED, month__gte=on.replace(day=1), month__lte=due_on
    ).exclude(pk__in=taken.values("round"))
    round_ = rounds.order_by("-month").first()
    if round_ is None:
        raise RuleViolation(
            f"No month from {on:%B %Y} to {due_on:%B %Y} is published that does not have this child already. "
            "Publish the month first."
        )
    return round_


@transaction.atomic
def allocate_reaudit(
    first: Audit, *, to: User, by: User, due_on: date, because: str, at: datetime | None = None
) -> Allocation:
    """Give a child who was audited to another auditor, outside the draw. Twice to the same person is once.

    Effects, in order: an allocation takes the next number of the month that the day belongs to (round_for_reaudit),
    linked to the first; an audit is made with the child's facts as they stand; allocation_reallocated is sent, by
    which the auditor is told. The draw treats the child as audited from then on, and never gives it out twice.

    Raises:
        RuleViolation: `by` may not, the first audit does not count, the child has left, the day is past or no working
            day, no month is published, it is given out already, or a rule keeps `to` from the child.

    """
    at = at or timezone.now()
    on = london_date(at)
    current, audit = _locked(first.allocation)
    child = current.audited_child
    if not can_move_allocation(by, current):
        raise RuleViolation(NOT_YOURS_TO_MOVE)
    if audit is None or audit.status not in HANDED_IN:
        raise RuleViolation(f"{current} was not submitted or is void. There is nothing to audit again.")
    given = Allocation.objects.live().filter(audits_again=current).select_related("auditor").first()
    if given is not None:
        if given.auditor_id == to.pk:
            return given
        raise RuleViolation(f"The re-audit is given out already: {given}, to {given.auditor}.")
    if child.closed_on:
        raise RuleViolation(f"Child {child} has left the caseload. Say that no re-audit is needed, and why.")
    if due_on <= on or not is_working_day(due_on, closures()):
        raise RuleViolation(
            f"{due_on:%-d %B %Y} is past, today or no working day. Choose a later working day."
        )
    round_ = Round.objects.select_for_update().get(pk=round_for_reaudit(first, due_on=due_on, on=on).pk)
    choices = auditor_choices(Child.objects.filter(pk=child.pk), round_, first_auditor=current.auditor)
    blocks = {choice.auditor.id: choice.block for choice in choices}
    if (block := blocks.get(to.email, "is not an auditor this month")) is not None:
        raise RuleViolation(f"{to} {block}. Choose somebody else.")
    new = Allocation.objects.create(
        reference=_next_reference(round_),
        round=round_,
        status=AllocationStatus.ALLOCATED,
        auditor=to,
        child=child,
        pathway=child.pathway,
        team=child.team,
        because=because,
        first_due_on=due_on,
        due_on=due_on,
        audits_again=current,
    )
    new_audit(new, child, manager=team_managers(on).get(child.team_id), on=on).save()
    allocation_reallocated.send(Allocation, allocation=new)
    return new


@transaction.atomic
def extend_allocation(
    allocation: Allocation, *, due_on: date, by: User, reason: str, at: datetime | None = None
) -> Allocation:
    """Move the due date on; the first due date is kept, and "on time" goes by it. The same day twice is once.

    A line manager may go so many working days beyond the first due date in all (ProgrammeSettings); the QA lead and
    the Principal Social Worker further.

    Effects, in order: the move is recorded with both dates; the allocation is due on `due_on`.

    Raises:
        RuleViolation: `by` may not, or not so far; there is no reason; the day is past, no working day or not later
            than the due date; the allocation no longer stands or was met.

    """
    current, audit = _locked(allocation)
    if not can_extend_allocation(by, current):
        raise RuleViolation(
            "Only the auditor's line manager, the QA lead and the Principal Social Worker extend an audit, and "
            "never their own."
        )
    if due_on == current.due_on > current.first_due_on:
        return current
    check_allocation_move(
        current.reference, current.status, AllocationMoveKind.EXTEND, is_met=_is_met(current, audit)
    )
    closed = closures()
    if due_on <= london_date(at or timezone.now()) or due_on <= current.due_on:
        raise RuleViolation(f"Choose a day after today and after {current.due_on:%-d %B %Y}.")
    if not is_working_day(due_on, closed):
        raise RuleViolation(f"{due_on:%-d %B %Y} is not a working day. Choose one.")
    if not can_move_allocation(by, current):
        days = ProgrammeSettings.current().line_manager_extension
        latest = add_working_days(current.first_due_on, days, closed)
        if due_on > latest:
            raise RuleViolation(
                f"A line manager may extend {current} to {latest:%-d %B %Y}. Ask the QA lead for longer."
            )
    _move(current, audit, AllocationMoveKind.EXTEND, by=by, reason=reason, at=at, due_on=due_on)
    return current


@transaction.atomic
def close_round(round_: Round, *, by: User, at: datetime | None = None) -> Round:
    """Close a month: what was not returned never will be. Closing twice is closing once.

    A dip sample or an observation that was not handed in stays outstanding, and can no longer be handed in.

    Effects, in order: each outstanding child journey audit is never returned, with its move; the round is closed.

    Raises:
        RuleViolation: `by` may not, the round is a draft, or an audit is not due yet.

    """
    if not can_close_round(by):
        raise RuleViolation("Only the QA lead and the Principal Social Worker close a month.")
    at = at or timezone.now()
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    if locked.status == RoundStatus.CLOSED:
        return locked
    if locked.status == RoundStatus.DRAFT:
        raise RuleViolation(f"{locked} has not been published. Publish it first.")
    rows = [_locked(row) for row in locked.allocations.cjas().outstanding().order_by("reference")]
    outstanding = [
        (row, audit)
        for row, audit in rows
        if row.status == AllocationStatus.ALLOCATED and not _is_met(row, audit)
    ]
    last_due_on = max([locked.due_on, *(row.due_on for row, _ in outstanding)])
    if last_due_on >= london_date(at):
        raise RuleViolation(
            f"{locked} can be closed after {last_due_on:%-d %B %Y}, when the last of its audits is due."
        )
    for row, audit in outstanding:
        _move(row, audit, AllocationMoveKind.CLOSE, by=by, reason=f"{locked} was closed.", at=at)
    locked.status, locked.closed_at, locked.closed_by = RoundStatus.CLOSED, at, by
    locked.save(update_fields=("status", "closed_at", "closed_by"))
    return locked


def _locked(allocation: Allocation) -> tuple[Allocation, Audit | None]:
    """The allocation and its audit as they stand, locked in the order that every writer keeps."""
    audit = Audit.objects.select_for_update().filter(allocation=allocation.pk).first()
    rows = Allocation.objects.select_for_update(of=("self",)).select_related(
        "auditor", "child__team", "round", "audits_again__auditor"
    )
    return rows.get(pk=allocation.pk), audit


def _is_met(allocation: Allocation, audit: Audit | None) -> bool:
    if allocation.kind == AllocationKind.CJA:
        return audit is not None and audit.status in HANDED_IN
    return ActivityRecord.objects.filter(allocation=allocation).exists()


def _move(  # noqa: PLR0913 - what a move is
    allocation: Allocation,
    audit: Audit | None,
    kind: AllocationMoveKind,
    *,
    by: User,
    reason: str,
    at: datetime | None,
    due_on: date | None = None,
) -> None:
    to_status = check_allocation_move(
        allocation.reference, allocation.status, kind, is_met=_is_met(allocation, audit)
    )
    if not reason.strip():
        raise RuleViolation("Give a reason. It is kept in the ledger.")
    AllocationMove.objects.create(
        allocation=allocation,
        kind=kind,
        from_status=allocation.status,
        to_status=to_status,
        from_due_on=allocation.due_on,
        to_due_on=due_on or allocation.due_on,
        by=by,
        at=at or timezone.now(),
        reason=reason.strip(),
    )
    allocation.status, allocation.due_on = to_status, due_on or allocation.due_on
    allocation.save(update_fields=("status", "due_on"))


def _next_reference(round_: Round) -> str:
    """The next child journey audit of the round. Numbers have three digits, or more when a month has more."""
    taken = round_.allocations.filter(kind=AllocationKind.CJA).values_list("reference", flat=True)
    number = max((int(reference.rpartition("-")[2]) for reference in taken), default=0) + 1
    return f"CJA-{round_.reference}-{number:03d}"
