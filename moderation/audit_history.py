"""What panels did with an audit, for the page of its history. Whoever still reads it blind does not open that page."""

from accounts.models import User
from audits.history import HistoryEvent
from audits.models import Audit
from moderation.models import Decision, Outcome, Tabling


def what_panels_did(audit: Audit, user: User) -> list[HistoryEvent]:
    """Tabled, decided and told, each to whom its rows are visible. Three queries.

    A member of the panel sees that the audit was tabled; its auditor what was decided, once the panel is closed; who
    runs moderation all of it. Neither a reading nor who read is told here.
    """
    tablings = Tabling.objects.visible_to(user).filter(audit=audit).select_related("panel", "tabled_by")
    decisions = Decision.objects.visible_to(user).filter(tabling__audit=audit)
    outcomes = Outcome.objects.visible_to(user).filter(decision__tabling__audit=audit)
    events = [
        HistoryEvent(row.tabled_at, f"Tabled at {row.panel.reference}", str(row.tabled_by or ""), row.because)
        for row in tablings
    ]
    for decision in decisions.select_related("by", "tabling__panel"):
        what = "Decision taken back at" if decision.is_taken_back else "Decided at"
        events.append(
            HistoryEvent(decision.at, f"{what} {decision.tabling.panel.reference}", decision.by.name)
        )
    for outcome in outcomes.select_related("auditor"):
        events.append(HistoryEvent(outcome.told_at, f"{outcome.auditor} told of the outcome"))
        if outcome.acknowledged_at:
            events.append(HistoryEvent(outcome.acknowledged_at, "Outcome acknowledged", outcome.auditor.name))
    return events
