"""Where an audit stands: for its page, what was last done, what may be done now, and the grades that count."""

from collections.abc import Callable, Sequence
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
    can_read_submitted_audits,
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


def standing_of(audit: Audit, user: User, rows: Sequence[AuditSection]) -> dict[str, Any]:
    """Where the audit, with its waiting reopening, stands: what may be done now, the last move, the final grades.

    `rows` are its sections. One query, and none while it is submitted.
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
        "grades": final_grades_in(rows) if audit.status in COUNTED_APART else [],
    }


def final_grades_in(rows: Sequence[AuditSection]) -> list[AuditSection]:
    graded = [row for row in rows if row.section in GRADED_SECTIONS]
    return sorted(graded, key=lambda row: GRADED_SECTIONS.index(Section(row.section)))


def waiting_reopening(user: User, audit: Audit) -> Reopening | None:
    """What waits for a decision, for those who propose and decide (ReopeningQuerySet.visible_to). No query."""
    return getattr(audit, "waiting", None) if can_read_submitted_audits(user) else None
