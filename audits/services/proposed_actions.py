"""The actions that an auditor proposes in an audit (docs/domain.md, section 8). They are carried out elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits.enums import ActionPriority
from audits.models import Audit, BegunAction, FollowUpSettings, ProposedAction
from audits.permissions import can_change_programme_settings
from audits.selectors import action_owners, closures
from audits.services.writing import StalePage, audit_for_writing
from core.dates import add_working_days
from core.errors import RuleViolation

ADDED_ALREADY = (
    "This action was added already, perhaps in another tab. You can change it from the list of actions."
)


@dataclass(frozen=True)
class ActionContent:
    """What an action says. `due_on` is None for the day that goes with its priority."""

    what: str
    why: str
    about: str
    owner: User
    priority: ActionPriority
    due_on: date | None
    later_reason: str
    success: str


def default_due_on(priority: str, on: date) -> date:
    """The day by which an action of the priority is due when it is proposed on that day. Two queries.

    Nought working days is the same day, even when nobody works on it.
    """
    days = FollowUpSettings.current().days[priority]
    return add_working_days(on, days, closures()) if days else on


class NotWhole(RuleViolation):
    """The action lacks something, or its parts do not go together."""


class AlreadyAdded(RuleViolation):
    """The form became an action before, which says something else."""


@transaction.atomic
def keep_begun_action(
    audit: Audit, typed: Mapping[str, str], *, token: UUID, version: int, by: User
) -> BegunAction:
    """Keep what is typed of an action that is not added yet. The same again changes nothing.

    Args:
        typed: what the browser sent, by the name of the field; it need not be whole, nor make sense.
        version: of what was kept before of the same form; 0 for nothing.

    Raises:
        StalePage: another save came first and said something else.
        RuleViolation: the audit is not this person's to write, or the action was added or given up meanwhile.

    """
    audit = audit_for_writing(audit, by=by)
    if audit.proposed_actions.filter(token=token).exists():
        raise AlreadyAdded(ADDED_ALREADY)
    begun = audit.begun_actions.filter(token=token).first()
    if begun is None:
        if version:
            raise RuleViolation(
                "What you began was given up, perhaps in another tab. You can still add the action from this page."
            )
        begun = BegunAction(audit=audit, token=token, version=0)
    if begun.version != version:
        if begun.typed != typed:
            raise StalePage(begun.version)
        return begun
    begun.typed, begun.version, begun.saved_at = dict(typed), version + 1, timezone.now()
    begun.save()
    return begun


@transaction.atomic
def give_up_begun_action(audit: Audit, token: UUID, *, by: User) -> None:
    """Take away what was begun. Twice is once.

    Raises:
        RuleViolation: the audit is not this person's to write.

    """
    audit_for_writing(audit, by=by).begun_actions.filter(token=token).delete()


@transaction.atomic
def propose_action(
    audit: Audit,
    content: ActionContent,
    *,
    token: UUID,
    by: User,
    typed: Mapping[str, str] | None = None,
    version: int = 0,
) -> ProposedAction:
    """Add an action to the audit; the same form sent twice is one action.

    Effects, in order: the action is kept; what was begun of it is taken away.

    Args:
        typed: the same as the browser sent it, to be told from what is kept of what was begun.
        version: of what was kept before of the same form.

    Raises:
        StalePage: another tab kept something else of the same form.
        AlreadyAdded: the form became an action that says something else.
        RuleViolation: the audit is not this person's to write, or the action is not whole (see _checked).

    """
    audit = audit_for_writing(audit, by=by)
    columns = _checked(content)
    if made := audit.proposed_actions.filter(token=token).first():
        if all(getattr(made, name) == value for name, value in columns.items()):
            return made
        raise AlreadyAdded(ADDED_ALREADY)
    begun = audit.begun_actions.filter(token=token).first()
    if begun and begun.version != version and begun.typed != typed:
        raise StalePage(begun.version)
    action = ProposedAction.objects.create(audit=audit, token=token, **columns)
    if begun:
        begun.delete()
    return action


@transaction.atomic
def change_action(
    audit: Audit, action_id: int, content: ActionContent, *, version: int, by: User
) -> ProposedAction:
    """Change an action of the audit. Its priority counts from today; the same content again changes nothing.

    Raises:
        StalePage: another save came first and said something else.
        RuleViolation: the audit is not this person's to write, the action was removed, or it is not whole.

    """
    audit = audit_for_writing(audit, by=by)
    action = audit.proposed_actions.filter(pk=action_id).select_related("owner").first()
    if action is None:
        raise RuleViolation("This action was removed. Go back to the actions and add it again.")
    columns = _checked(content)
    if all(getattr(action, name) == value for name, value in columns.items()):
        return action
    if action.version != version:
        raise StalePage(action.version)
    for name, value in columns.items():
        setattr(action, name, value)
    action.version = version + 1
    action.save(update_fields=(*columns, "version"))
    return action


@transaction.atomic
def remove_action(audit: Audit, action_id: int, *, by: User) -> None:
    """Take an action out of the audit. Twice is once.

    Raises:
        RuleViolation: the audit is not this person's to write.

    """
    audit_for_writing(audit, by=by).proposed_actions.filter(pk=action_id).delete()


@transaction.atomic
def save_follow_up_settings(settings: FollowUpSettings, *, by: User) -> FollowUpSettings:
    """Keep the council's defaults. What was proposed already stays as it is.

    Raises:
        RuleViolation: `by` may not.

    """
    if not can_change_programme_settings(by):
        raise RuleViolation("Only the QA lead and the Principal Social Worker change these settings.")
    settings.save()
    return settings


def _checked(content: ActionContent) -> dict[str, object]:
    """The columns of an action that is whole.

    Raises:
        NotWhole: a text is empty, the owner is nobody who owns actions, the due date is over, or it is later
            than the priority asks and nobody says why.

    """
    today = timezone.localdate()
    for text, sentence in (
        (content.what, "Say what shall be done."),
        (content.why, "Say what you found that makes this necessary."),
        (content.success, "Say how success will be seen: a result that somebody can observe."),
    ):
        if not text.strip():
            raise NotWhole(sentence)
    if not action_owners(today).filter(pk=content.owner.pk).exists():
        raise NotWhole("Choose an owner who manages a team or a service today.")
    by_priority = default_due_on(content.priority, today)
    due_on = content.due_on or by_priority
    if due_on < today:
        raise NotWhole("The due date is over. Choose today or a later day.")
    is_later = due_on > by_priority
    if is_later and not content.later_reason.strip():
        raise NotWhole(
            f"By its priority this is due by {by_priority:%-d %B %Y}. Say why it can wait, or choose an earlier day."
        )
    return {
        "what": content.what,
        "why": content.why,
        "about": content.about,
        "owner": content.owner,
        "priority": content.priority,
        "default_due_on": by_priority,
        "due_on": due_on,
        "later_reason": content.later_reason if is_later else "",
        "success": content.success,
    }
