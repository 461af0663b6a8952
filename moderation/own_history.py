"""What moderation knows of an audit's history: tabled, read, decided, told, replied to (docs/access.md)."""

from accounts.models import User
from audits.history import HistoryEvent
from audits.models import Audit
from moderation.enums import PanelStatus, TablingStatus, Verdict
from moderation.models import Decision, Outcome, Reading, Tabling
from moderation.permissions import can_run_moderation
from moderation.verdicts import in_words


def what_panels_did(audit: Audit, user: User) -> list[HistoryEvent]:
    """Each panel it was tabled at, and what a closed one decided; what changed and why is for its auditor and for
    those who run moderation. Two queries.

    While a panel meets its decisions may still change, so nothing of them is told. Whoever is to read the audit blind
    has no history of it.
    """
    rows = Tabling.objects.filter(audit=audit).exclude(status=TablingStatus.TAKEN_OFF)
    tablings = list(rows.select_related("panel", "tabled_by"))
    decisions = Decision.objects.filter(holds_for__audit=audit, holds_for__panel__status=PanelStatus.CLOSED)
    found = {
        decision.tabling_id: decision for decision in decisions.select_related("by").prefetch_related("lines")
    }
    tells = audit.allocation.auditor_id == user.pk or can_run_moderation(user)
    events = []
    for tabling in tablings:
        panel = tabling.panel
        by = str(tabling.tabled_by or "")
        events.append(HistoryEvent(tabling.tabled_at, f"Put on the table of the {panel}", by))
        if panel.closed_at is None:
            continue
        if decision := found.get(tabling.pk):
            title = "Returned by" if tabling.status == TablingStatus.RETURNED else "Decided by"
            text = changes_in_words(decision) if tells else ""
            events.append(HistoryEvent(decision.at, f"{title} the {panel}", str(decision.by), text))
        else:
            events.append(HistoryEvent(panel.closed_at, f"Not reached by the {panel}: carried over"))
    return events


def changes_in_words(decision: Decision) -> str:
    """Each grade that was not confirmed, in a line, with both grades and why."""
    lines = [
        f"{line.get_section_display()}: returned for evidence. {line.narrative}"
        if line.verdict == Verdict.RETURNED
        else f"{line.get_section_display()}: {line.get_auditor_grade_display()} to {line.get_final_grade_display()}, "
        f"{in_words(line.auditor_grade, line.final_grade)}. {line.narrative}"
        for line in decision.lines.all()
        if line.verdict != Verdict.CONFIRMED
    ]
    return "\n".join(lines) or "Every grade was confirmed."


def who_read_it(audit: Audit, user: User) -> list[HistoryEvent]:
    """The moderators' readings, for those who run moderation, and never of an audit of their own. One query."""
    if audit.allocation.auditor_id == user.pk or not can_run_moderation(user):
        return []
    rows = (
        Reading.objects.recorded().filter(tabling__audit=audit).select_related("moderator", "tabling__panel")
    )
    return [
        HistoryEvent(reading.recorded_at, f"Read for the {reading.tabling.panel}", str(reading.moderator))
        for reading in rows
        if reading.recorded_at
    ]


def what_came_of_it(audit: Audit, user: User) -> list[HistoryEvent]:
    """The outcome, that it was read, the reply and its decision, for who may see the outcome. One query."""
    rows = Outcome.objects.visible_to(user).filter(decision__tabling__audit=audit)
    events = []
    for outcome in rows.select_related("auditor", "reply__decided_by"):
        auditor = str(outcome.auditor)
        events.append(HistoryEvent(outcome.told_at, "The auditor is told the outcome"))
        if outcome.acknowledged_at:
            events.append(HistoryEvent(outcome.acknowledged_at, "Outcome acknowledged", auditor))
        reply = getattr(outcome, "reply", None)
        if reply is None:
            continue
        events.append(HistoryEvent(reply.at, "Reply to the outcome", auditor, reply.text))
        if reply.decided_at:
            title = "Reply upheld" if reply.is_upheld else "Reply decided: the grades stay"
            events.append(HistoryEvent(reply.decided_at, title, str(reply.decided_by), reply.answer))
    return events


HISTORY = (what_panels_did, who_read_it, what_came_of_it)
