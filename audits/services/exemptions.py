"""Exemptions and grace periods: asked for, decided on, ended (docs/domain.md, section 6)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audits.enums import ExemptionKind, ExemptionStatus
from audits.models import Allocation, Exemption
from audits.permissions import can_decide_exemption, can_request_exemption
from audits.services.ledger import excuse_allocation
from audits.signals import exemption_decided
from core.dates import add_months, london_date
from core.errors import RuleViolation

LONGEST_MONTHS = 12
"""A longer absence is a change of role, which ends being an auditor."""


@transaction.atomic
def request_exemption(  # noqa: PLR0913 - what a request is
    auditor: User,
    *,
    kind: ExemptionKind,
    reason: str,
    starts_on: date,
    ends_on: date,
    by: User,
    at: datetime | None = None,
) -> Exemption:
    """Ask that an auditor be given nothing for a time, both days included. The same request twice is one.

    Raises:
        RuleViolation: `by` may not ask for them, they are no auditor, there is no reason, the dates are in the wrong
            order, over or too far apart, or they overlap with an exemption that was asked for or approved.

    """
    at = at or timezone.now()
    on = london_date(at)
    if not can_request_exemption(by, auditor):
        raise RuleViolation(
            "You may ask for yourself and for those you manage. Business support, the QA lead and the Principal "
            "Social Worker may ask for any auditor."
        )
    User.objects.select_for_update().get(pk=auditor.pk)
    if not User.objects.holding(Role.AUDITOR, on).filter(pk=auditor.pk).exists():
        raise RuleViolation(f"{auditor} is not an auditor, so there is nothing to be exempt from.")
    if not reason.strip():
        raise RuleViolation("Give a reason, so that it can be decided on.")
    if ends_on < starts_on:
        raise RuleViolation("The last day must not come before the first.")
    if ends_on < on:
        raise RuleViolation("The last day is over. Ask the QA lead to excuse the audits of that time.")
    if ends_on >= add_months(starts_on, LONGEST_MONTHS):
        raise RuleViolation(f"An exemption lasts {LONGEST_MONTHS} months at most. Ask for a shorter one.")
    overlapping = auditor.exemptions.filter(
        status__in=(ExemptionStatus.REQUESTED, ExemptionStatus.APPROVED),
        starts_on__lte=ends_on,
        ends_on__gte=starts_on,
    ).first()
    if overlapping:
        if (overlapping.kind, overlapping.starts_on, overlapping.ends_on) == (kind, starts_on, ends_on):
            return overlapping
        raise RuleViolation(f"{auditor} already has one for some of these days ({overlapping}).")
    return Exemption.objects.create(
        auditor=auditor,
        kind=kind,
        reason=reason.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        requested_by=by,
        requested_at=at,
    )


@transaction.atomic
def decide_exemption(
    exemption: Exemption,
    *,
    approve: bool,
    by: User,
    note: str = "",
    excuse: Iterable[Allocation] = (),
    at: datetime | None = None,
) -> Exemption:
    """Approve or refuse a request. The same decision twice is one.

    Effects, in order: the decision is recorded; the allocations named in `excuse` are excused, which only an approval
    does; exemption_decided is sent. From now on an approved exemption keeps its months free of new allocations.

    Raises:
        RuleViolation: `by` may not decide this one, it was decided otherwise, a refusal has no note, or an allocation
            is another auditor's, no longer stands or was met.

    """
    at = at or timezone.now()
    to_status = ExemptionStatus.APPROVED if approve else ExemptionStatus.REFUSED
    current = _locked(exemption, by=by)
    if current.status == to_status:
        return current
    if current.status != ExemptionStatus.REQUESTED:
        raise RuleViolation(f"This has been decided already: {current.get_status_display().lower()}.")
    if not approve and not note.strip():
        raise RuleViolation("Say why it is refused, so that the auditor knows.")
    _decide(current, to_status, by=by, at=at, note=note)
    for allocation in excuse if approve else ():
        if allocation.auditor_id != current.auditor_id:
            raise RuleViolation(f"{allocation} is not {current.auditor}'s.")
        excuse_allocation(allocation, by=by, reason=f"Exempt: {current}", at=at)
    exemption_decided.send(Exemption, exemption=current)
    return current


@transaction.atomic
def end_exemption(exemption: Exemption, *, by: User, note: str = "", at: datetime | None = None) -> Exemption:
    """End an approved exemption today; one that has not begun is refused after all. Twice is once.

    Raises:
        RuleViolation: `by` may not decide this one, or it was never approved or is over.

    """
    at = at or timezone.now()
    on = london_date(at)
    current = _locked(exemption, by=by)
    if current.status == ExemptionStatus.ENDED:
        return current
    if current.status != ExemptionStatus.APPROVED or current.ends_on < on:
        raise RuleViolation("Only an exemption that is approved and not over can be ended.")
    if current.starts_on > on:
        _decide(current, ExemptionStatus.REFUSED, by=by, at=at, note=note)
    else:
        current.ends_on = on
        _decide(current, ExemptionStatus.ENDED, by=by, at=at, note=note)
    return current


def _locked(exemption: Exemption, *, by: User) -> Exemption:
    rows = Exemption.objects.select_for_update(of=("self",)).select_related("auditor")
    current = rows.get(pk=exemption.pk)
    if not can_decide_exemption(by, current):
        raise RuleViolation(
            "The QA lead and the Principal Social Worker decide, and never on an exemption of their own."
        )
    return current


def _decide(exemption: Exemption, to_status: ExemptionStatus, *, by: User, at: datetime, note: str) -> None:
    exemption.status, exemption.decided_by, exemption.decided_at = to_status, by, at
    exemption.decision_note = note.strip()
    exemption.save(update_fields=("status", "decided_by", "decided_at", "decision_note", "ends_on"))
