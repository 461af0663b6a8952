"""Telling managers what is late of what follows from grades: one mail a day, counts only."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.models import User
from actions.enums import PathStepKind
from actions.models import PathStep, Reaudit, SupervisionHandOff
from actions.places import Places
from actions.services.hand_offs import open_missing_hand_offs
from audits.selectors import closures
from core.dates import is_working_day, london_date
from notifications.services import queue_message

LATE = "actions.follow_up_late"


@dataclass
class Late:
    """How many of each kind are late for one person."""

    reviews: int = 0
    plans: int = 0
    impact_checks: int = 0
    hand_offs: int = 0
    reaudits: int = 0

    @property
    def is_pressing(self) -> bool:
        """Whether it is told each day; hand-offs alone are told on the first working day of a week."""
        return bool(self.reviews or self.plans or self.impact_checks or self.reaudits)


@transaction.atomic
def remind_of_what_follows(*, at: datetime) -> dict[str, int]:
    """Tell everybody what is late by the London day of `at`: one mail a person and day, none on a day without work.

    Told are: the service manager of reviews, the team manager of plans and impact checks, the worker's manager of
    hand-offs (in the first mail of a week alone, unless something else is late), the QA lead of re-audits that nobody
    has though their window is half over. Where a place is not filled, the service manager, then the QA lead.

    Effects, in order: hand-offs of audits submitted before there was one are opened; for each person with something
    late a mail is queued. Twice is once.

    Returns:
        How many hand-offs were opened and how many mails were queued.

    """
    on, closed = london_date(at), closures()
    counts = {"opened": open_missing_hand_offs(), "mails": 0}
    if not is_working_day(on, closed):
        return counts
    first_of_week = not any(
        is_working_day(on - timedelta(days=days), closed) for days in range(1, on.weekday() + 1)
    )
    late = late_by_person(on)
    people = User.objects.in_bulk(late)
    for person, what in late.items():
        if not (what.is_pressing or first_of_week):
            continue
        context = {**vars(what), "count": sum(vars(what).values())}
        counts["mails"] += queue_message(
            LATE, to=people[person], subject_key=f"{on:%Y-%m-%d}", context=context
        )
    return counts


def late_by_person(on: date) -> dict[int, Late]:
    """What is late on a day, by the id of the person who is told of it. Four queries."""
    found: defaultdict[int, Late] = defaultdict(Late)
    who = Places(on)
    steps = (
        PathStep.objects.owed().filter(due_on__lt=on).select_related("path__audit__allocation__child__team")
    )
    for step in steps:
        for person in who.told_of_step(step):
            late = found[person]
            if step.kind == PathStepKind.REVIEW:
                late.reviews += 1
            elif step.kind == PathStepKind.PLAN:
                late.plans += 1
            else:
                late.impact_checks += 1
    hand_offs = SupervisionHandOff.objects.owed().filter(due_on__lt=on)
    for hand_off in hand_offs.select_related("audit__team", "audit__allocation"):
        for person in who.told_of_hand_off(hand_off):
            found[person].hand_offs += 1
    waiting = Reaudit.objects.waiting().filter(opens_on__lte=on).select_related("first__allocation")
    for reaudit in waiting:
        if on >= reaudit.opens_on + (reaudit.closes_on - reaudit.opens_on) / 2:
            for person in who.of_standards(leaving_out=reaudit.first.allocation.auditor_id):
                found[person].reaudits += 1
    return dict(found)
