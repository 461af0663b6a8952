"""Telling those above of what stays undone, one step after the other (docs/domain.md, section 8)."""

from collections import Counter, defaultdict
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.chain import Chain
from accounts.enums import Role
from accounts.models import User
from actions.deadlines import steps_due
from actions.enums import EscalationStep
from actions.models import Action, ActionSettings, Escalation, EscalationPause
from audits.selectors import closures
from core.dates import is_working_day, london_date
from notifications.services import queue_message

KIND = "actions.escalated"
NOBODY = 0
"""The Improvement Board's list is a page: nobody is mailed."""
ROLE_TOLD = {
    EscalationStep.SERVICE_MANAGER: Role.SERVICE_MANAGER,
    EscalationStep.ASSISTANT_DIRECTOR: Role.SENIOR_LEADER,
}


@transaction.atomic
def escalate_overdue(*, at: datetime) -> dict[str, int]:
    """Tell each step of the ladder that an overdue action has reached by the London day of `at`. Each step once.

    Passes wait for one another. A person gets at most one mail of it a day; what comes up later that day waits for the
    next working day, and nothing is told on a day without work. What is paused until today or later stays where it is,
    and tells all it reached once the pause is over. Where nobody can be told, it waits until somebody can.

    Effects, in order: for each person with something new a mail with counts is queued; each step in it is recorded
    with who was told.

    Returns:
        How many mails were queued and how many steps were recorded.

    """
    on, closed = london_date(at), closures()
    counts = {"mails": 0, "steps": 0}
    if not is_working_day(on, closed):
        return counts
    ActionSettings.objects.get_or_create(pk=1)
    ladder = ActionSettings.objects.select_for_update().get(pk=1).ladder
    chain = Chain(on)
    new: defaultdict[int, list[tuple[Action, str]]] = defaultdict(list)
    for action in overdue_and_not_paused(on):
        told = {escalation.step for escalation in action.escalations.all()}
        for step in steps_due(action.due_on, on, after=ladder, told=told, closures=closed):
            person = told_of(action, step, chain)
            if person is not None:
                new[person].append((action, step))
    people = User.objects.in_bulk(new)
    for person, steps in sorted(new.items()):
        if person != NOBODY:
            by_step = Counter(step for _, step in steps)
            context = {"count": len({action.pk for action, _ in steps}), "own": by_step["team_manager"]}
            if not queue_message(KIND, to=people[person], subject_key=f"{on:%Y-%m-%d}", context=context):
                continue
            counts["mails"] += 1
        Escalation.objects.bulk_create(
            Escalation(action=action, step=step, at=at, told=people.get(person)) for action, step in steps
        )
        counts["steps"] += len(steps)
    return counts


def overdue_and_not_paused(on: date) -> list[Action]:
    """What may be escalated on that day, with what was told of it. Two queries."""
    paused = EscalationPause.objects.filter(action=OuterRef("pk"), until__gte=on)
    rows = Action.objects.overdue(on).exclude(Exists(paused)).select_related("team")
    return list(rows.prefetch_related("escalations").order_by("due_on", "reference"))


def told_of(action: Action, step: str, chain: Chain) -> int | None:
    """Who is told of the step: one person, NOBODY for the Board's list, None where nobody can be told.

    First the owner, or the manager of the team where the owner may no longer sign in; then the service manager and the
    Assistant Director of the team's service, never the owner; where there is none the QA lead, then the PSW.
    """
    if step == EscalationStep.BOARD:
        return NOBODY
    if step == EscalationStep.TEAM_MANAGER:
        owner = action.owner_id if action.owner_id in chain.active else chain.manager_of(action.team_id)
        if owner is not None:
            return owner
        role = Role.SERVICE_MANAGER
    else:
        role = ROLE_TOLD[EscalationStep(step)]
    return next(iter(chain.in_line(role, [action.team.service_id], besides=action.owner_id)), None)
