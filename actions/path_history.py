"""What followed from an audit, in its history."""

from accounts.models import User
from actions.enums import PathMoveKind
from actions.models import PathMove, SampleDraw, UrgentPath
from audits.history import HistoryEvent
from audits.models import Allocation, Audit
from audits.permissions import can_read_submitted_audits


def what_followed(audit: Audit, user: User) -> list[HistoryEvent]:
    """The path of an Inadequate audit and its draw for a re-audit, for those who may see them; and re-audits.

    That a file is audited again is told to whoever may see both audits, so that no re-audit is read before its time.
    """
    events = []
    paths = UrgentPath.objects.visible_to(user).filter(audit=audit)
    moves = PathMove.objects.filter(step__path__in=paths).select_related("step", "by")
    for move in moves:
        what = move.step.get_kind_display()
        words = "recorded" if move.kind == PathMoveKind.RECORD else move.get_kind_display().lower()
        events.append(HistoryEvent(move.at, f"{what}: {words}", move.by.name, move.text))
    if can_read_submitted_audits(user):
        events += [
            HistoryEvent(draw.at, "Drawn for a re-audit" if draw.is_drawn else "Not drawn for a re-audit")
            for draw in SampleDraw.objects.filter(audit=audit)
        ]
    seen = Audit.objects.visible_to(user).filter(submitted_at__isnull=False).order_by()
    again = Allocation.objects.live().filter(audits_again=audit.allocation_id, audit__in=seen.values("pk"))
    for allocation in again.select_related("audit", "auditor"):
        at = allocation.audit.submitted_at
        if at is not None:
            events.append(HistoryEvent(at, f"Audited again: {allocation}", allocation.auditor.name))
    return events
