"""Who may do what with an action (docs/access.md). Pages and buttons both ask here."""

from accounts.enums import Role
from accounts.roles import roles_of
from actions.models import Action
from actions.querysets import TRACKING_ROLES, Person
from audits.enums import HANDED_IN
from audits.models import Audit


def can_track_actions(user: Person) -> bool:
    """See the whole tracker, the verification queue and the themes."""
    return roles_of(user).any_of(*TRACKING_ROLES)


def can_open_tracker(user: Person) -> bool:
    """The tracker of what one may see: the QA lead and the PSW all, managers and leaders that of their teams."""
    roles = roles_of(user)
    leads = roles.manages or roles.manages_services or roles.leads_services or roles.leads_all
    return can_track_actions(user) or bool(leads)


def can_export_actions(user: Person) -> bool:
    """The QA lead and the PSW what they see; a team manager the actions of their team."""
    return can_track_actions(user) or bool(roles_of(user).manages)


def can_see_board_list(user: Person) -> bool:
    """What is on the Improvement Board's list: the QA lead, the PSW, the Director."""
    return can_track_actions(user) or roles_of(user).leads_all


def can_raise_action(user: Person) -> bool:
    """By hand; an auditor proposes in the audit, a panel's member raises from the panel."""
    return can_track_actions(user)


def can_raise_from_panel(user: Person, audit: Audit) -> bool:
    """Who runs the panel, and its members once they may read the audit; of one handed in, and never one's own.

    A member with a conflict of interest may not read it, nor one whose blind reading is awaited (audits/readers.py).
    """
    if audit.status not in HANDED_IN or audit.allocation.auditor_id == user.pk:
        return False
    audits = Audit.objects.visible_to(user)
    return (audits if can_raise_action(user) else audits.tabled_for(user)).filter(pk=audit.pk).exists()


def can_update_action(user: Person, action: Action) -> bool:
    """Start, complete, note and ask: its owner, the manager of its team, the QA lead."""
    roles = roles_of(user)
    return action.owner_id == user.pk or action.team_id in roles.manages or Role.QA_LEAD in roles


def can_extend_action(user: Person, action: Action) -> bool:
    return can_update_action(user, action) or can_track_actions(user)


def can_assign_action(user: Person, action: Action) -> bool:  # noqa: ARG001 - asked like the others
    return can_track_actions(user)


def can_verify_action(user: Person, action: Action) -> bool:
    """The QA lead or the Principal Social Worker, never the owner and never who completed it."""
    return can_track_actions(user) and user.pk not in (action.owner_id, action.completed_by_id)


def can_decide_cancellation(user: Person, action: Action, *, asked_by_id: int | None) -> bool:
    """The QA lead or the Principal Social Worker, never the owner and never who asked."""
    return can_track_actions(user) and user.pk not in (action.owner_id, asked_by_id)


def can_pause_escalation(user: Person, action: Action) -> bool:
    return can_track_actions(user) and action.owner_id != user.pk


def can_change_action_settings(user: Person) -> bool:
    return can_track_actions(user)


def can_see_child_of(user: Person, action: Action) -> bool:
    """Whose child it is about: its owner, the manager of its team, who raised it, the QA lead and the PSW."""
    own = user.pk in (action.owner_id, action.opened_by_id) or action.team_id in roles_of(user).manages
    return own or can_track_actions(user)
