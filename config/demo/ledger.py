"""What became of the demonstration council's obligations besides being met: moves, exemptions, closed months."""

import random
from datetime import date, datetime, timedelta

from accounts.enums import Role
from accounts.models import User
from audits.enums import AllocationStatus, ExemptionKind, WithdrawalReason
from audits.models import Allocation, Round
from audits.services.exemptions import decide_exemption, request_exemption
from audits.services.ledger import (
    close_round,
    excuse_allocation,
    extend_allocation,
    reallocate_allocation,
    withdraw_allocation,
)
from audits.services.rounds import swap_choices
from config.demo.times import working_hour
from core.dates import add_working_days, last_day_of_month, london_date

AWAY = (
    (ExemptionKind.LEAVE, "Parental leave; back at the end of the month."),
    (ExemptionKind.NEW_IN_POST, "Started this month and has not had the auditor's induction yet."),
    (ExemptionKind.HIGH_CASELOAD, "Covers two vacant posts until the new workers start."),
    (ExemptionKind.VACANCY, "The team is without a deputy; agreed with the service manager."),
    (ExemptionKind.OTHER, "Gives evidence in a long trial."),
)
EXTENSIONS = (
    "Two days in court that could not be foreseen.",
    "The social worker is back from leave on Monday and wants to take part.",
    "The family asked to be seen after the review.",
)
DAYS_UNTIL_CLOSED = 18
"""Working days after the due date, when the last of the late audits is in."""


class Steward:
    """The QA lead looking after the months up to the moment `at`."""

    def __init__(self, seed: int, *, qa_lead: User, at: datetime) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - a story, not a secret
        self.qa_lead = qa_lead
        self.at = at
        people = User.objects.holding(Role.AUDITOR, london_date(at)).order_by("email")
        self.auditors = list(people.exclude(pk=qa_lead.pk))

    def excuse_from(self, month: date, *, before: datetime) -> None:
        """Two auditors ask to be given nothing that month and are granted it; now and then a third is not."""
        people = self.rng.sample(self.auditors, 3)
        for number, auditor in enumerate(people[: 3 if month.month % 4 == 0 else 2]):
            kind, reason = self.rng.choice(AWAY)
            asked = request_exemption(
                auditor,
                kind=kind,
                reason=reason,
                starts_on=month,
                ends_on=last_day_of_month(month),
                by=auditor,
                at=before - timedelta(days=3, hours=number),
            )
            approve = number < 2
            note = "" if approve else "Two of your service are away that month. Can it be January?"
            decide_exemption(
                asked, approve=approve, by=self.qa_lead, note=note, at=before - timedelta(days=1)
            )

    def look_after(self, round_: Round) -> None:
        """Of a month's audits one is excused, one withdrawn, one reallocated and two are extended."""
        rows = list(round_.allocations.cjas().live().select_related("auditor__line_manager", "round"))
        self.rng.shuffle(rows)
        at = working_hour(self.rng, round_.month + timedelta(days=self.rng.randint(4, 9)))
        if at >= self.at or len(rows) < 5:
            return
        excused, withdrawn, passed_on, *extended = rows[:5]
        if round_.month.month % 2:
            self.excuse_with_exemption(excused, at=at)
        else:
            excuse_allocation(excused, by=self.qa_lead, reason="Signed off sick for three weeks.", at=at)
        because = self.rng.choice((WithdrawalReason.CASE_CLOSED, WithdrawalReason.MOVED_AWAY))
        withdraw_allocation(withdrawn, because=because, by=self.qa_lead, at=at)
        takers = [choice.auditor.id for choice in swap_choices(passed_on) if choice.block is None]
        if takers:
            to = User.objects.get(email=takers[0])
            reason = "Knows the family from a former post."
            reallocate_allocation(passed_on, to=to, by=self.qa_lead, reason=reason, at=at)
        for row in extended:
            by = row.auditor.line_manager or self.qa_lead
            due_on = add_working_days(row.first_due_on, self.rng.randint(2, 5))
            extend_allocation(row, due_on=due_on, by=by, reason=self.rng.choice(EXTENSIONS), at=at)

    def excuse_with_exemption(self, allocation: Allocation, *, at: datetime) -> None:
        """Somebody falls ill after their audit was given out."""
        auditor, month = allocation.auditor, allocation.round.month
        if auditor.exemptions.filter(ends_on__gte=month).exists():
            excuse_allocation(allocation, by=self.qa_lead, reason="Signed off sick for three weeks.", at=at)
            return
        asked = request_exemption(
            auditor,
            kind=ExemptionKind.LEAVE,
            reason="Signed off until the end of the month.",
            starts_on=london_date(at),
            ends_on=last_day_of_month(month),
            by=auditor.line_manager or self.qa_lead,
            at=at,
        )
        decide_exemption(
            asked, approve=True, by=self.qa_lead, excuse=[allocation], at=at + timedelta(hours=1)
        )

    def close(self, round_: Round) -> None:
        """What has not come in by then never will."""
        at = working_hour(self.rng, add_working_days(round_.due_on, DAYS_UNTIL_CLOSED))
        close_round(round_, by=self.qa_lead, at=min(at, self.at))

    def leave_one_waiting(self, round_: Round) -> None:
        """A request with an audit to excuse, for who signs in as the QA lead."""
        rows = round_.allocations.cjas().filter(status=AllocationStatus.ALLOCATED, audit__submitted_at=None)
        today = london_date(self.at)
        for row in rows.select_related("auditor").order_by("reference"):
            if row.auditor in self.auditors and not row.auditor.exemptions.exists():
                request_exemption(
                    row.auditor,
                    kind=ExemptionKind.HIGH_CASELOAD,
                    reason="Took over twelve children this week and cannot see to the audit this month.",
                    starts_on=round_.month,
                    ends_on=last_day_of_month(today + timedelta(days=31)),
                    by=row.auditor,
                    at=self.at - timedelta(hours=5),
                )
                return
