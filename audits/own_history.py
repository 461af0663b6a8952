"""What the audit programme knows of an audit's history: allocation, moves, reopenings, the worker's reply."""

from accounts.models import User
from audits.enums import (
    GRADED_SECTIONS,
    AllocationMoveKind,
    AuditStatus,
    ConcernMoveKind,
    Grade,
    ReopeningStatus,
)
from audits.history import HistoryEvent
from audits.models import (
    Allocation,
    AllocationMove,
    Audit,
    AuditMove,
    ConcernMove,
    ImmediateConcern,
    Reopening,
    UrgentNotice,
    WorkerReply,
)
from audits.permissions import (
    can_draw_round,
    can_read_move_reasons_of,
    can_read_reasons_of,
    can_read_text_of,
)

TITLES: dict[str, str] = {
    AuditStatus.IN_PROGRESS: "Started",
    AuditStatus.SUBMITTED: "Submitted",
    AuditStatus.RETURNED: "Returned for evidence",
    AuditStatus.RESUBMITTED: "Submitted again",
    AuditStatus.FINALISED: "Final",
    AuditStatus.REOPENED: "Reopened",
    AuditStatus.VOID: "Declared void",
}


def how_it_was_given_out(audit: Audit, user: User) -> list[HistoryEvent]:
    """Publication, and what happened to the obligation and to those that it replaced."""
    line: list[Allocation] = [audit.allocation]
    rows = Allocation.objects.filter(round=audit.allocation.round_id, child=audit.allocation.child_id)
    before = {row.pk: row for row in rows.select_related("auditor", "round")}
    while (replaced := line[-1].replaces_id) is not None:
        line.append(before[replaced])
    names = can_draw_round(user)
    events = []
    if (published_at := audit.allocation.round.published_at) is not None:
        to = f" to {line[-1].auditor}" if names or len(line) == 1 else ""
        events.append(HistoryEvent(published_at, f"Allocated{to}"))
    moves = AllocationMove.objects.filter(allocation__in=line).select_related("by")
    by_id = {allocation.pk: (number, allocation) for number, allocation in enumerate(line)}
    for move in moves:
        number, allocation = by_id[move.allocation_id]
        if move.kind == AllocationMoveKind.WITHDRAW and audit.status == AuditStatus.VOID:
            continue  # the audit's own move says it
        title = move.get_kind_display()
        if move.kind == AllocationMoveKind.EXTEND:
            title = f"Extended to {move.to_due_on:%-d %B %Y}"
        elif move.kind == AllocationMoveKind.REALLOCATE:
            title = f"Reallocated to {line[number - 1].auditor}" if number == 1 or names else "Reallocated"
        reads = can_read_reasons_of(user, allocation)
        events.append(HistoryEvent(move.at, title, str(move.by or ""), move.reason if reads else ""))
    return events


def its_moves(audit: Audit, user: User) -> list[HistoryEvent]:
    reads_reasons, reads_text = can_read_move_reasons_of(user, audit), can_read_text_of(user, audit)
    events = []
    for move in audit.moves.select_related("by"):
        lines = [move.reason if reads_reasons else "", grades_in_words(move) if reads_text else ""]
        text = "\n".join(line for line in lines if line)
        events.append(HistoryEvent(move.at, TITLES[move.to_status], str(move.by or ""), text))
    return events


def grades_in_words(move: AuditMove) -> str:
    """The grades as they were submitted, or became final, at this move; "" where it kept none."""
    grades = ((section, move.kept.get(section, {}).get("grade")) for section in GRADED_SECTIONS)
    return "; ".join(f"{section.label}: {Grade(grade).label}" for section, grade in grades if grade)


def its_reopenings(audit: Audit, user: User) -> list[HistoryEvent]:
    """What was proposed and what was refused; an approval is a move of the audit."""
    events = []
    for row in (
        Reopening.objects.visible_to(user).filter(audit=audit).select_related("proposed_by", "decided_by")
    ):
        events.append(HistoryEvent(row.proposed_at, "Reopening proposed", row.proposed_by.name, row.reason))
        if row.status == ReopeningStatus.REFUSED and row.decided_by and row.decided_at:
            events.append(
                HistoryEvent(row.decided_at, "Reopening refused", row.decided_by.name, row.decision_note)
            )
    return events


def its_concerns(audit: Audit, user: User) -> list[HistoryEvent]:
    """The immediate concerns raised from the audit, for those who may read them. One query."""
    concerns = ImmediateConcern.objects.visible_to(user).filter(audit=audit).order_by()
    moves = ConcernMove.objects.filter(concern__in=concerns.values("pk")).select_related("by", "concern")
    events = []
    for move in moves:
        said = move.concern.risk if move.kind == ConcernMoveKind.RAISE else move.note
        title = f"Immediate concern {move.concern}: {move.get_kind_display().lower()}"
        events.append(HistoryEvent(move.at, title, str(move.by or ""), said))
    return events


def who_was_told_the_same_day(audit: Audit, user: User) -> list[HistoryEvent]:
    """That managers were told of an Inadequate audit: for its auditor, the QA lead, the PSW and each of the told."""
    notices = UrgentNotice.objects.filter(audit=audit).select_related("person")
    if not can_read_move_reasons_of(user, audit):
        notices = notices.filter(person=user.pk)
    return [
        HistoryEvent(notice.at, f"{notice.person} told the same day ({notice.get_told_as_display()})")
        for notice in notices
    ]


def the_workers_reply(audit: Audit, user: User) -> list[HistoryEvent]:
    """That the social worker replied, and how; what they said to those who read the audit with it."""
    reply = WorkerReply.objects.filter(audit=audit).select_related("recorded_by").first()
    if reply is None:
        return []
    title = f"The social worker replied: {reply.get_outcome_display().lower()}"
    text = reply.text if can_read_text_of(user, audit) else ""
    return [HistoryEvent(reply.recorded_at, title, reply.recorded_by.name, text)]


HISTORY = (
    how_it_was_given_out,
    its_reopenings,
    the_workers_reply,
    its_moves,
    who_was_told_the_same_day,
    its_concerns,
)
