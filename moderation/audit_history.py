"""What moderation did with an audit, for the page of its history. Whoever still reads it blind does not open that page.

Each event is told to whom its row is visible (docs/access.md).
"""

from accounts.models import User
from audits.history import HistoryEvent
from audits.models import Audit
from moderation.enums import TablingStatus, Verdict
from moderation.models import Decision, Outcome, Reading, Tabling
from moderation.permissions import can_run_moderation
from moderation.verdicts import in_words


def what_panels_did(audit: Audit, user: User) -> list[HistoryEvent]:
    """Tabled and not reached: who sits on the panel. Decided: the auditor once it is closed. Who runs moderation: all.

    Three queries.
    """
    tablings = Tabling.objects.visible_to(user).filter(audit=audit).select_related("panel", "tabled_by")
    decisions = Decision.objects.visible_to(user).filter(tabling__audit=audit)
    events = []
    for row in tablings:
        panel = row.panel
        title, by = f"Tabled at {panel.reference}", str(row.tabled_by or "")
        events.append(HistoryEvent(row.tabled_at, title, by, row.because))
        if row.status == TablingStatus.CARRIED_OVER and panel.closed_at:
            events.append(HistoryEvent(panel.closed_at, f"Not reached at {panel.reference}: carried over"))
    for decision in decisions.select_related("by", "tabling__panel").prefetch_related("lines"):
        what = "Decision taken back at" if decision.is_taken_back else "Decided at"
        title = f"{what} {decision.tabling.panel.reference}"
        events.append(HistoryEvent(decision.at, title, decision.by.name, changes_in_words(decision)))
    return events


def changes_in_words(decision: Decision) -> str:
    """Each grade that was not confirmed, in a line, with both grades and why; nothing for one that takes back."""
    if decision.is_taken_back:
        return ""
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
        HistoryEvent(row.recorded_at, f"Read for {row.tabling.panel.reference}", str(row.moderator))
        for row in rows
        if row.recorded_at
    ]


def what_came_of_it(audit: Audit, user: User) -> list[HistoryEvent]:
    """The outcome, that it was read, the reply and its decision. One query."""
    outcomes = Outcome.objects.visible_to(user).filter(decision__tabling__audit=audit)
    events = []
    for outcome in outcomes.select_related("auditor", "reply__decided_by"):
        auditor = outcome.auditor.name
        events.append(HistoryEvent(outcome.told_at, f"{auditor} told of the outcome"))
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
