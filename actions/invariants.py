"""What must hold across closing the loop, derived anew from the rows (docs/domain.md, section 8)."""

from collections.abc import Iterator
from itertools import pairwise

from django.db.models import F, Q

from actions.enums import CLOSED, TO_BE_DONE, ActionMoveKind, ActionStatus, EscalationStep, Verification
from actions.models import Action, Escalation
from actions.verifying import ALWAYS_VERIFIED
from audits.enums import HANDED_IN
from audits.invariants import Check
from audits.models import ProposedAction


def actions_are_where_their_moves_took_them() -> Iterator[str]:
    for action in Action.objects.prefetch_related("moves"):
        moves = list(action.moves.all())
        if not moves or moves[0].kind != ActionMoveKind.OPEN:
            yield f"{action} was never opened."
            continue
        steps_meet = all(one.to_status == two.from_status for one, two in pairwise(moves))
        if not steps_meet or moves[-1].to_status != action.status:
            yield f"{action} is {action.get_status_display().lower()}, which its moves do not say."


def due_dates_are_those_of_the_moves() -> Iterator[str]:
    for action in Action.objects.prefetch_related("moves"):
        moves = list(action.moves.all())
        dates = [(move.from_due_on, move.to_due_on) for move in moves]
        if not dates:
            continue
        steps_meet = all(one[1] == two[0] for one, two in pairwise(dates))
        if not (dates[0][0] == action.first_due_on and dates[-1][1] == action.due_on and steps_meet):
            yield f"{action}: its due dates are not those of its moves."


def nobody_verified_their_own() -> Iterator[str]:
    own = Q(verified_by=F("owner")) | Q(verified_by=F("completed_by"))
    for action in Action.objects.filter(own):
        yield f"{action} was verified by who owns it or completed it."


def urgent_priorities_are_always_verified() -> Iterator[str]:
    urgent = Action.objects.filter(status__in=CLOSED, priority__in=ALWAYS_VERIFIED)
    for action in urgent.exclude(verification__in=(Verification.ALWAYS, Verification.BEFORE)):
        yield f"{action} is {action.priority.upper()} and was not put to verification."


def what_was_proposed_is_owed_once() -> Iterator[str]:
    submitted = ProposedAction.objects.filter(audit__status__in=HANDED_IN, action__isnull=True)
    for proposed in submitted.select_related("audit__allocation"):
        yield f"{proposed.audit} was submitted, and an action that it proposes is owed by nobody."


def the_ladder_is_climbed_in_order() -> Iterator[str]:
    order = list(EscalationStep)
    listed = Escalation.objects.filter(step=EscalationStep.BOARD, action__status__in=TO_BE_DONE)
    for escalation in listed.select_related("action").prefetch_related("action__escalations"):
        told = {one.step for one in escalation.action.escalations.all()}
        if missing := [step.label for step in order if step not in told]:
            yield f"{escalation.action} is on the Board's list without: {', '.join(missing).lower()}."


def what_is_verified_was_done_before() -> Iterator[str]:
    for action in Action.objects.filter(status=ActionStatus.VERIFIED, verified_at__lt=F("done_at")):
        yield f"{action} was verified before it was done."


CHECKS = (
    Check("action_moves", "Actions are where their moves took them", actions_are_where_their_moves_took_them),
    Check(
        "action_due_dates", "Due dates of actions are those of their moves", due_dates_are_those_of_the_moves
    ),
    Check("own_verification", "Nobody verified an action of their own", nobody_verified_their_own),
    Check("urgent_verified", "Every P0 and P1 is verified", urgent_priorities_are_always_verified),
    Check("proposals_owed", "What a submitted audit proposes is owed, once", what_was_proposed_is_owed_once),
    Check("ladder", "The Board's list holds what every step was told of", the_ladder_is_climbed_in_order),
    Check("verified_after_done", "What is verified was done before", what_is_verified_was_done_before),
)
