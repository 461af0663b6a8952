"""What closing the loop asks of a person, for My work."""

from datetime import date

from django.urls import reverse

from accounts.models import User
from actions.enums import ActionStatus
from actions.models import Action
from actions.permissions import can_track_actions
from actions.selectors import is_due_soon, is_overdue
from audits.enums import ActionPriority
from audits.work import WorkItem

SHOWN_ONE_BY_ONE = 5


def actions_to_update(user: User, today: date) -> list[WorkItem]:
    """What the person owns and is overdue, due within 7 days, returned, or about immediate safety. One query.

    The most pressing one by one, the others in one line, so that they do not bury everything else.
    """
    owed = Action.objects.to_be_done().filter(owner=user).exclude(status=ActionStatus.CANCEL_ASKED)
    pressing = list(
        (
            owed.filter(is_overdue(today))
            | owed.filter(is_due_soon(today))
            | owed.filter(status=ActionStatus.RETURNED)
            | owed.filter(priority=ActionPriority.P0)
        ).most_pressing_first()
    )
    items = [
        WorkItem(
            f"Follow up {action.reference}"
            + (", which was returned" if action.status == ActionStatus.RETURNED else ""),
            reverse("actions:action_detail", args=(action.reference,)),
            action.what,
            due_on=action.due_on,
            is_urgent=action.priority == ActionPriority.P0,
        )
        for action in pressing[:SHOWN_ONE_BY_ONE]
    ]
    if others := pressing[SHOWN_ONE_BY_ONE:]:
        items.append(
            WorkItem(
                f"{len(others)} more action{'' if len(others) == 1 else 's'} to follow up",
                reverse("actions:my_actions"),
                "Overdue, due within 7 days or returned.",
                due_on=min(action.due_on for action in others),
            )
        )
    return items


def actions_to_check(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001 - what registered work takes
    """What waits for the QA lead and the Principal Social Worker: verification, and cancellations to decide."""
    if not can_track_actions(user):
        return []
    others = Action.objects.exclude(owner=user)
    to_verify = others.awaiting_verification().exclude(completed_by=user).count()
    to_decide = others.filter(status=ActionStatus.CANCEL_ASKED).count()
    items = []
    if to_verify:
        title = f"Verify {to_verify} completed action{'' if to_verify == 1 else 's'}"
        items.append(WorkItem(title, reverse("actions:verification"), "P0 and P1 first."))
    if to_decide:
        title = f"Decide on {to_decide} cancellation{'' if to_decide == 1 else 's'} of actions"
        url = f"{reverse('actions:verification')}?show=cancellations"
        items.append(WorkItem(title, url, "Their owners say that they are no longer needed."))
    return items


WORK = (actions_to_update, actions_to_check)
