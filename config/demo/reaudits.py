"""Re-audits in the demonstration council: given out month by month, to another auditor, in their window."""

import random
from datetime import datetime, timedelta

from accounts.models import User
from actions.models import Reaudit
from actions.services.paths import drop_reaudit, follow_grade, give_reaudit
from audits.models import Allocation, Audit, Child, Round
from audits.services.rounds import auditor_choices
from config.demo.times import working_hour
from core.dates import add_working_days, last_day_of_month, london_date

LATEST_OPENING = timedelta(days=8)
"""A re-audit whose window opens up to then in a month is given out for that month."""
WORKING_DAYS = 15
LEFT = "The child has left the caseload. The learning of the first audit went to the team's supervision."


def begin_what_follows(round_: Round) -> None:
    """What the grades of a month's audits ask for, from the moment each was submitted."""
    rows = Audit.objects.submitted().filter(allocation__round=round_).select_related("allocation")
    for audit in rows.order_by("submitted_at", "pk"):
        if audit.submitted_at is not None:
            follow_grade(audit, at=audit.submitted_at)


class Reauditing:
    """The QA lead, for their own audits the Principal Social Worker, giving re-audits out up to the moment `at`."""

    def __init__(self, seed: int, *, qa_lead: User, psw: User, at: datetime) -> None:
        self.rng = random.Random(seed + 8)  # noqa: S311 - a story, not a secret
        self.qa_lead, self.psw, self.at = qa_lead, psw, at

    def give_out(self, round_: Round, *, issued_at: datetime) -> None:
        """Those that may be given out for that month are; of a child who has left it is said that none is needed."""
        opened = Reaudit.objects.waiting().filter(opens_on__lte=round_.month + LATEST_OPENING)
        rows = opened.select_related("first__allocation__auditor", "first__allocation__child")
        for reaudit in rows.order_by("closes_on", "pk"):
            first = reaudit.first.allocation
            by = self.psw if first.auditor_id == self.qa_lead.pk else self.qa_lead
            on = max(reaudit.opens_on, london_date(issued_at)) + timedelta(days=self.rng.randint(1, 3))
            moment = working_hour(self.rng, on)
            if moment >= self.at:
                continue
            if first.audited_child.closed_on:
                drop_reaudit(reaudit, by=by, reason=LEFT, at=moment)
            elif not Allocation.objects.standing().filter(child=first.child_id, round=round_).exists():
                self._give(reaudit, round_, by=by, at=moment)

    def _give(self, reaudit: Reaudit, round_: Round, *, by: User, at: datetime) -> None:
        on, first = london_date(at), reaudit.first.allocation
        latest = max(add_working_days(on, WORKING_DAYS), round_.month + timedelta(days=6))
        if on < reaudit.closes_on:
            latest = min(latest, reaudit.closes_on)
        due_on = add_working_days(latest + timedelta(days=1), -1)
        if due_on <= on or not round_.month <= due_on <= last_day_of_month(round_.month):
            return
        choices = auditor_choices(
            Child.objects.filter(pk=first.audited_child.pk), round_, first_auditor=first.auditor
        )
        free = [choice.auditor.id for choice in choices if choice.block is None]
        if free:
            give_reaudit(reaudit, to=User.objects.get(email=free[0]), by=by, due_on=due_on, at=at)
