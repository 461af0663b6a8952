"""Where an audit stands: for its page, what was last done, what may be done now, and the grades that count."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from accounts.models import User
from audits.enums import GRADED_SECTIONS, AuditStatus, Section
from audits.models import Audit, AuditMove, AuditSection, Reopening
from audits.moves import MOVES
from audits.permissions import (
    can_decide_reopening,
    can_propose_reopening,
    can_read_move_reasons_of,
    can_return_audit,
    can_void_audit,
)

ACTIONS: tuple[tuple[AuditStatus, str, str, Callable[[User, Audit], bool]], ...] = (
    (AuditStatus.RETURNED, "Return it for evidence", "audits:audit_return", can_return_audit),
    (AuditStatus.REOPENED, "Propose to reopen it", "audits:reopening_propose", can_propose_reopening),
    (AuditStatus.VOID, "Declare it void", "audits:audit_void", can_void_audit),
)
"""Where each leads, its words, its page, and who may."""

COUNTED_APART = (AuditStatus.RETURNED, AuditStatus.FINALISED, AuditStatus.REOPENED)
"""The grades that count need not be those that stand on the audit's pages."""

MOVED_BY_OTHERS = (*COUNTED_APART, AuditStatus.VOID)
"""Somebody else than its auditor decided so, and the page says who and why."""


def standing_of(audit: Audit, user: User) -> dict[str, Any]:
    """Where the audit stands, for its page: what may be done now, the last move, what waits, and the final grades.

    Three queries at most, and none while it is submitted.
    """
    waiting = waiting_reopening(user, audit) if audit.status == AuditStatus.FINALISED else None
    last_move = None
    if audit.status in MOVED_BY_OTHERS:
        last_move = AuditMove.objects.filter(audit=audit).select_related("by").order_by("at", "pk").last()
    return {
        "actions": [
            {"label": label, "url": reverse(url, args=(audit.allocation.reference,))}
            for to_status, label, url, may in ACTIONS
            if to_status in MOVES[audit.status]
            and may(user, audit)
            and not (to_status == AuditStatus.REOPENED and waiting)
        ],
        "waiting": waiting,
        "decides": waiting is not None and can_decide_reopening(user, waiting),
        "last_move": last_move,
        "reads_reason": can_read_move_reasons_of(user, audit),
        "grades": final_grades_of(audit) if audit.status in COUNTED_APART else [],
    }


def final_grades_of(audit: Audit) -> list[AuditSection]:
    rows = AuditSection.objects.filter(audit=audit, section__in=GRADED_SECTIONS)
    return sorted(rows, key=lambda row: GRADED_SECTIONS.index(Section(row.section)))


def waiting_reopening(user: User, audit: Audit) -> Reopening | None:
    rows = Reopening.objects.visible_to(user).waiting().filter(audit=audit)
    return rows.select_related("proposed_by", "audit__allocation").first()
