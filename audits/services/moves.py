"""What happens to an audit once it is submitted: returned, final, reopened by two people, void.

Every move goes through `move_audit`: the table of moves is asked and a row is written that is never changed.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits.enums import (
    BAND_GRADES,
    GRADED_SECTIONS,
    AuditStatus,
    Grade,
    ReopeningStatus,
    Section,
    WithdrawalReason,
)
from audits.models import Audit, AuditMove, AuditSection, Reopening
from audits.moves import check_move
from audits.permissions import (
    can_decide_reopening,
    can_finalise_audit,
    can_propose_reopening,
    can_return_audit,
    can_void_audit,
)
from audits.querysets import AuditQuerySet
from audits.services.ledger import withdraw_allocation
from audits.signals import audit_finalised, audit_reopened, audit_returned, audit_voided
from core.errors import RuleViolation

NOT_YOURS = (
    "Only the QA lead and the Principal Social Worker do this, and never with an audit of their own. "
    "Ask the other of the two."
)


@transaction.atomic
def return_audit(audit: Audit, *, by: User, reason: str, at: datetime | None = None) -> Audit:
    """Return an audit for evidence: its auditor may write again. The same return twice is once.

    Until it is submitted again its grades count as they were last submitted, and only its auditor opens the text.

    Effects, in order: the status changes; the move is recorded with the reason; audit_returned is sent, by which
    the auditor is told by mail.

    Raises:
        RuleViolation: `by` may not, there is no reason, or the audit is not with the panel.

    """
    return return_locked(locked_audit(audit), by=by, reason=reason, at=at)


def return_locked(audit: Audit, *, by: User, reason: str, at: datetime | None = None) -> Audit:
    """What return_audit does with an audit that the caller's transaction has locked."""
    at = at or timezone.now()
    if not can_return_audit(by, audit):
        raise RuleViolation(NOT_YOURS)
    if _is_repeated(audit, AuditStatus.RETURNED, by=by, reason=reason):
        return audit
    _check_reason(reason, "Say what evidence is missing, so that the auditor knows what to add.")
    move_audit(audit, AuditStatus.RETURNED, by=by, reason=reason, at=at)
    audit_returned.send(Audit, audit=audit, by=by, at=at)
    return audit


@transaction.atomic
def finalise_audit(
    audit: Audit, *, grades: Mapping[str, str], by: User | None, at: datetime | None = None
) -> Audit:
    """Make an audit final, with the grades that a panel decided on. The same twice is once.

    Effects, in order: the final grade of each section in `grades` is set, every other stays the auditor's; the
    status and the moment change; the move is recorded; audit_finalised is sent. From now on the database refuses
    every change to the grades, the evidence and the answers.

    Args:
        grades: the moderated grade by graded section; what is missing stays as the auditor graded it.
        by: who decided for the panel; None where no panel had to, for an exempt auditor's audit that was not sampled.

    Raises:
        RuleViolation: `by` may not, the audit is not with the panel, or a grade does not fit its section.

    """
    return finalise_locked(locked_audit(audit), grades=grades, by=by, at=at)


def finalise_locked(
    audit: Audit,
    *,
    grades: Mapping[str, str],
    by: User | None,
    why: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Audit:
    """What finalise_audit does with an audit that the caller's transaction has locked.

    `why` is what the panel said of the sections it changed, for whoever hears of audit_finalised.
    """
    at = at or timezone.now()
    if by is not None and not can_finalise_audit(by, audit):
        raise RuleViolation(NOT_YOURS)
    rows = {row.section: row for row in AuditSection.objects.filter(audit=audit, section__in=GRADED_SECTIONS)}
    for section, grade in grades.items():
        _check_final_grade(section, grade)
    if _is_repeated(audit, AuditStatus.FINALISED, by=by, reason="") and all(
        rows[section].final_grade == grade for section, grade in grades.items()
    ):
        return audit
    check_move(audit.status, AuditStatus.FINALISED)
    for row in rows.values():
        row.final_grade = grades.get(row.section, row.grade)
    AuditSection.objects.bulk_update(rows.values(), ("final_grade",))
    audit.finalised_at = at
    final = {row.section: {"grade": row.final_grade} for row in rows.values()}
    move_audit(audit, AuditStatus.FINALISED, by=by, at=at, save=("finalised_at",), kept=final)
    audit_finalised.send(Audit, audit=audit, by=by, at=at, why=why or {})
    return audit


@transaction.atomic
def propose_reopening(audit: Audit, *, by: User, reason: str, at: datetime | None = None) -> Reopening:
    """Propose that a final audit be reopened, which somebody else decides. The same proposal twice is one.

    Effects, in order: the proposal is recorded; it waits under My work of the Principal Social Worker.

    Raises:
        RuleViolation: `by` may not, there is no reason, the audit is not final, or another proposal waits.

    """
    audit = locked_audit(audit)
    if not can_propose_reopening(by, audit):
        raise RuleViolation("Only the QA lead proposes this, and never for an audit of their own.")
    check_move(audit.status, AuditStatus.REOPENED)
    _check_reason(reason, "Say why the audit has to be reopened, so that it can be decided on.")
    waiting = audit.reopenings.waiting().first()
    if waiting:
        if (waiting.proposed_by_id, waiting.reason) == (by.pk, reason.strip()):
            return waiting
        raise RuleViolation(
            f"Reopening {audit} has been proposed already. It waits for the Principal Social Worker."
        )
    return Reopening.objects.create(
        audit=audit, reason=reason.strip(), proposed_by=by, proposed_at=at or timezone.now()
    )


@transaction.atomic
def decide_reopening(
    reopening: Reopening, *, by: User, approve: bool, reason: str = "", at: datetime | None = None
) -> Reopening:
    """Approve or refuse that a final audit be reopened. The same decision twice is one.

    Effects, in order: the decision is recorded, and the row no longer changes; when approved, the audit is reopened
    with its move, which carries the proposal's reason, and audit_reopened is sent, by which the auditor is told by
    mail. Until it is final again its grades count as they were.

    Raises:
        RuleViolation: `by` may not decide this one, a refusal has no reason, it was decided otherwise, or the audit
            is no longer final.

    """
    at = at or timezone.now()
    audit = locked_audit(reopening.audit)
    current = Reopening.objects.select_for_update(of=("self",)).get(pk=reopening.pk)
    current.audit = audit
    if not can_decide_reopening(by, current):
        raise RuleViolation(
            "Only the Principal Social Worker decides this, and neither on an audit nor on a proposal of their own."
        )
    to_status = ReopeningStatus.APPROVED if approve else ReopeningStatus.REFUSED
    if (current.status, current.decided_by_id) == (to_status, by.pk):
        return current
    if current.status != ReopeningStatus.PROPOSED:
        raise RuleViolation(f"This has been decided already: {current.get_status_display().lower()}.")
    if not approve:
        _check_reason(reason, "Say why it is refused, so that the QA lead knows.")
    current.status, current.decided_by, current.decided_at = to_status, by, at
    current.decision_note = reason.strip()
    current.save(update_fields=("status", "decided_by", "decided_at", "decision_note"))
    if approve:
        audit.finalised_at = None
        move_audit(audit, AuditStatus.REOPENED, by=by, reason=current.reason, at=at, save=("finalised_at",))
        audit_reopened.send(Audit, audit=audit, by=by, at=at)
    return current


@transaction.atomic
def void_audit(audit: Audit, *, by: User, reason: str, at: datetime | None = None) -> Audit:
    """Declare a submitted audit void, as when it is of the wrong child. The same twice is once.

    Effects, in order: the status changes; the move is recorded with the reason; its obligation is withdrawn with its
    own move, so that the ledger balances, no report counts it and the child may be drawn again; audit_voided is
    sent, by which the auditor is told by mail.

    Raises:
        RuleViolation: `by` may not, there is no reason, or the audit was not submitted or is final.

    """
    at = at or timezone.now()
    audit = locked_audit(audit)
    if not can_void_audit(by, audit):
        raise RuleViolation(NOT_YOURS)
    if _is_repeated(audit, AuditStatus.VOID, by=by, reason=reason):
        return audit
    _check_reason(reason, "Say why the audit is void. Its auditor reads it, and it is kept in the ledger.")
    move_audit(audit, AuditStatus.VOID, by=by, reason=reason, at=at)
    audit.allocation = withdraw_allocation(
        audit.allocation, because=WithdrawalReason.OTHER, by=by, note=f"Void: {reason.strip()}", at=at
    )
    audit_voided.send(Audit, audit=audit, by=by, at=at)
    return audit


def locked_audit(audit: Audit) -> Audit:
    """The audit and its allocation as they stand, both locked: without a lock of its own, the allocation would be
    read as it was before this query waited, and a draft could be submitted after it was given to somebody else.
    """
    return _for_update().get(pk=audit.pk)


def locked_audits(audits: Collection[int]) -> dict[int, Audit]:
    """By id these audits, each locked as locked_audit does; in one query and always in the same order."""
    rows = _for_update().filter(pk__in=audits).order_by("pk")
    return {audit.pk: audit for audit in rows}


def _for_update() -> AuditQuerySet:
    rows: AuditQuerySet = Audit.objects.select_for_update(of=("self", "allocation"))
    return rows.select_related("allocation__auditor", "worker_feedback")


def move_audit(  # noqa: PLR0913 - what a move is
    audit: Audit,
    to_status: AuditStatus,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    save: tuple[str, ...] = (),
    kept: Mapping[str, Any] | None = None,
) -> None:
    """Move a locked audit: its status and the fields in `save` are saved, and the move is written down.

    Args:
        kept: what the audit said at this moment, by section, to be kept with the move.

    Raises:
        RuleViolation: the table of moves does not have it.

    """
    check_move(audit.status, to_status)
    from_status, audit.status = audit.status, to_status
    audit.save(update_fields=("status", *save))
    AuditMove.objects.create(
        audit=audit,
        from_status=from_status,
        to_status=to_status,
        by=by,
        at=at,
        reason=reason.strip(),
        kept=dict(kept or {}),
    )


def _is_repeated(audit: Audit, to_status: AuditStatus, *, by: User | None, reason: str) -> bool:
    """Whether the audit is there already because the same person moved it for the same reason: a double click."""
    if audit.status != to_status:
        return False
    last = audit.moves.latest("at", "pk")
    return last.by_id == (by.pk if by else None) and last.reason == reason.strip()


def _check_reason(reason: str, sentence: str) -> None:
    if not reason.strip():
        raise RuleViolation(sentence)


def _check_final_grade(section: str, grade: str) -> None:
    allowed = BAND_GRADES if section == Section.OVERALL else tuple(Grade)
    if section not in GRADED_SECTIONS or grade not in allowed:
        label = Section(section).label if section in Section.values else section
        raise RuleViolation(f"“{grade}” is no grade for {label}. Choose one of the grades of the scale.")
