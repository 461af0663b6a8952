"""Raising actions: by hand, from a panel, from a theme, and what an auditor proposed (docs/domain.md, section 8)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Team, User
from actions import signals
from actions.enums import ActionMoveKind, ActionSource, ActionStatus
from actions.models import Action, ActionMove, ActionSettings, Theme
from actions.permissions import can_raise_action, can_raise_from_panel
from actions.services.moving import given
from audits.enums import ActionPriority
from audits.models import Audit, Child, ProposedAction
from audits.selectors import action_owners
from audits.services.proposed_actions import default_due_on
from core.dates import london_date
from core.errors import RuleViolation


@dataclass(frozen=True)
class NewAction:
    """What an action says when it is raised. `due_on` None: by its priority. `child` None: about the whole team."""

    what: str
    why: str
    success: str
    owner: User
    team: Team
    priority: str
    due_on: date | None = None
    about: str = ""
    audit: Audit | None = None
    child: Child | None = None
    theme: Theme | None = None


@transaction.atomic
def raise_action(
    content: NewAction, *, by: User, source: ActionSource = ActionSource.HAND, at: datetime | None = None
) -> Action:
    """Raise an action by hand, from a panel or from a theme.

    Effects, in order: the action is open under the next reference; the move is recorded; action_opened is sent.

    Raises:
        RuleViolation: `by` may not, a text is empty, the owner manages no team or service, or the due date is over.

    """
    at = at or timezone.now()
    if source == ActionSource.HAND and not can_raise_action(by):
        raise RuleViolation("The QA lead and the Principal Social Worker raise actions by hand.")
    if source == ActionSource.PANEL and not (content.audit and can_raise_from_panel(by, content.audit)):
        raise RuleViolation(
            "Who runs the panel, and its members once they have read the audit, raise actions from it, never about an "
            "audit of their own."
        )
    today = london_date(at)
    due_on = content.due_on or default_due_on(content.priority, today)
    _check_content(content, due_on, today)
    return _open(
        Action(
            source=source,
            what=content.what.strip(),
            why=content.why.strip(),
            about=content.about,
            success=content.success.strip(),
            audit=content.audit,
            child=content.child,
            team=content.team,
            theme=content.theme,
            owner=content.owner,
            priority=content.priority,
            first_due_on=due_on,
            due_on=due_on,
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def open_proposed_actions(audit: Audit, *, at: datetime | None = None) -> list[Action]:
    """Make the actions that an auditor proposed real, once each: submitting again adds only what was added since.

    An action proposed with a day that is past by now is due today.
    """
    at = at or timezone.now()
    today = london_date(at)
    proposed = audit.proposed_actions.filter(action__isnull=True).select_related("owner").order_by("pk")
    return [_open(_action_of(row, audit, today), by=audit.allocation.auditor, at=at) for row in proposed]


def _action_of(proposed: ProposedAction, audit: Audit, today: date) -> Action:
    due_on = max(proposed.due_on, today)
    return Action(
        source=ActionSource.AUDIT,
        what=proposed.what,
        why=proposed.why,
        about=proposed.about,
        success=proposed.success,
        audit=audit,
        proposed=proposed,
        child=audit.allocation.child,
        team=audit.team,
        owner=proposed.owner,
        priority=proposed.priority,
        first_due_on=due_on,
        due_on=due_on,
    )


def next_number() -> int:
    """The number of the next reference. Until the transaction ends nobody else is given one."""
    ActionSettings.objects.get_or_create(pk=1)
    ActionSettings.objects.select_for_update().get(pk=1)
    last = Action.objects.order_by("-pk").values_list("reference", flat=True).first()
    return int(last.rpartition("-")[2]) + 1 if last else 1


def pathway_when_opened(audit: Audit | None, child: Child | None) -> str:
    """The pathway that an action counts on: its audit's, or else the child's today; none for an action of a team."""
    if audit is not None:
        return audit.pathway
    return child.pathway if child else ""


def _open(action: Action, *, by: User | None, at: datetime) -> Action:
    action.reference = f"ACT-{next_number():04d}"
    action.status, action.opened_by, action.opened_at = ActionStatus.OPEN, by, at
    action.pathway = pathway_when_opened(action.audit, action.child)
    action.save()
    ActionMove.objects.create(
        action=action,
        kind=ActionMoveKind.OPEN,
        to_status=ActionStatus.OPEN,
        from_due_on=action.due_on,
        to_due_on=action.due_on,
        by=by,
        at=at,
    )
    signals.action_opened.send(Action, action=action, by=by, at=at)
    return action


def _check_content(content: NewAction, due_on: date, today: date) -> None:
    given(content.what, "Say what shall be done.")
    given(content.why, "Say what was found that makes this necessary.")
    given(content.success, "Say how success will be seen: a result that somebody can observe.")
    if content.priority not in ActionPriority.values:
        raise RuleViolation("Choose a priority.")
    if due_on < today:
        raise RuleViolation("The due date is over. Choose today or a later day.")
    check_owner(content.owner, today)


def check_owner(owner: User, today: date) -> None:
    if not action_owners(today).filter(pk=owner.pk).exists():
        raise RuleViolation("Choose an owner who manages a team or a service today.")
