"""Reminding auditors of what is due, and telling those above them of what is late."""

from collections import Counter, defaultdict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.chain import Chain
from accounts.enums import Role
from accounts.models import User
from audits.enums import STEPS_TO_AUDITORS, ReminderStep
from audits.models import Allocation, ProgrammeSettings, Reminder
from audits.reminders import reached_steps, steps_to_tell
from audits.selectors import closures
from core.dates import is_working_day, london_date, working_days_between
from notifications.services import queue_message

TO_AUDITOR, TO_MANAGER = "audits.audits_due", "audits.audits_late"
ROLE_TOLD = {
    ReminderStep.SERVICE_MANAGER: Role.SERVICE_MANAGER,
    ReminderStep.ASSISTANT_DIRECTOR: Role.SENIOR_LEADER,
}


@dataclass
class Digest:
    """What one person is told on one day: the audits at the steps that concern them, and which of it is new."""

    allocations: set[Allocation] = field(default_factory=set)
    new: list[tuple[Allocation, str]] = field(default_factory=list)


@transaction.atomic
def send_reminders(*, at: datetime) -> dict[str, int]:
    """Tell everybody what has fallen due by the London day of `at` and was not told. Twice is once.

    Passes wait for one another. A person gets at most one mail of each of the two kinds a day: to an auditor, and to
    those above about what is late; what comes up later that day waits for the next working day. Nothing is sent on
    a day without work.

    Effects, in order: for each person with something new a message is queued, and each step in it is recorded.

    Returns:
        How many mails were queued and how many steps were told in them.

    """
    on, closed = london_date(at), closures()
    counts = {"mails": 0, "steps": 0}
    if not is_working_day(on, closed):
        return counts
    ProgrammeSettings.objects.get_or_create(pk=1)
    settings = ProgrammeSettings.objects.select_for_update().get(pk=1)
    digests = _digests(on, settings, closed)
    people = User.objects.in_bulk([person for _, person in digests])
    for (kind, person), digest in digests.items():
        context = _context(digest, on=on, closed=closed)
        if not queue_message(kind, to=people[person], subject_key=f"{on:%Y-%m-%d}", context=context):
            continue
        Reminder.objects.bulk_create(
            Reminder(allocation=allocation, step=step, told=people[person], on=on, due_on=allocation.due_on)
            for allocation, step in digest.new
        )
        counts["mails"] += 1
        counts["steps"] += len(digest.new)
    return counts


def _digests(
    on: date, settings: ProgrammeSettings, closed: AbstractSet[date]
) -> dict[tuple[str, int], Digest]:
    """By kind of mail and person: what they are to be told today. Four queries."""
    chain = Chain(on)
    digests: defaultdict[tuple[str, int], Digest] = defaultdict(Digest)
    awaited = Allocation.objects.awaited().with_issued_at().prefetch_related("reminders")
    for allocation in awaited.order_by("due_on", "reference"):
        timing: dict[str, Any] = {
            "issued_on": london_date(allocation.issued_at),
            "on": on,
            "offsets": settings.reminder_offsets,
            "closures": closed,
        }
        told = {reminder.step for reminder in allocation.reminders.all()}
        new = steps_to_tell(allocation.due_on, told=told, **timing)
        for step in reached_steps(allocation.due_on, **timing):
            people = recipients(chain, allocation.auditor_id, step)
            kind = TO_AUDITOR if step in STEPS_TO_AUDITORS else TO_MANAGER
            for person in people:
                digests[kind, person].allocations.add(allocation)
                if step in new:
                    digests[kind, person].new.append((allocation, step))
    return {key: digest for key, digest in digests.items() if digest.new}


def recipients(chain: Chain, auditor: int, step: str) -> list[int]:
    """Whom a step is told: the auditor, or the holders of the step's role in the services of their teams."""
    if step in STEPS_TO_AUDITORS:
        return sorted({auditor} & chain.active)
    return chain.in_line(ROLE_TOLD[ReminderStep(step)], chain.services_of(auditor), besides=auditor)


def _context(digest: Digest, *, on: date, closed: AbstractSet[date]) -> dict[str, Any]:
    """Counts and dates for the mail, nothing else."""
    by_date = sorted(Counter(allocation.due_on for allocation in digest.allocations).items())
    return {
        "count": len(digest.allocations),
        "late": sum(count for due_on, count in by_date if due_on < on),
        "auditors": len({allocation.auditor_id for allocation in digest.allocations}),
        "sees_returns": any(step != ReminderStep.ASSISTANT_DIRECTOR for _, step in digest.new),
        "lines": [
            {
                "count": count,
                "due_on": f"{due_on:%-d %B %Y}",
                "is_late": due_on < on,
                "days": abs(working_days_between(on, due_on, closed)),
            }
            for due_on, count in by_date
        ],
    }
