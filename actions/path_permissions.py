"""Who may do what that follows from a grade (docs/access.md). Pages and buttons both ask here."""

from accounts.enums import Role
from accounts.roles import roles_of
from actions.enums import PathStepKind
from actions.models import DipSampleProposal, PathStep, Reaudit, SupervisionHandOff
from actions.querysets import TRACKING_ROLES, Person


def can_see_paths(user: Person) -> bool:
    """The list of what follows from Inadequate audits: those who answer for a team, a service or all."""
    roles = roles_of(user)
    manages = roles.manages or roles.manages_services or roles.leads_services
    return bool(manages) or roles.leads_all or roles.any_of(*TRACKING_ROLES)


def can_see_hand_offs(user: Person) -> bool:
    roles = roles_of(user)
    return bool(roles.manages or roles.manages_services) or roles.any_of(*TRACKING_ROLES)


def can_record_step(user: Person, step: PathStep) -> bool:
    """The review: who manages or leads the service of the child's team now. The plan and the impact check: who manages
    the team or its service. For all of them the QA lead and the PSW, and never the auditor.
    """
    allocation = step.path.audit.allocation
    if allocation.auditor_id == user.pk:
        return False
    roles, team = roles_of(user), allocation.audited_child.team
    if roles.any_of(*TRACKING_ROLES) or team.service_id in roles.manages_services:
        return True
    if step.kind == PathStepKind.REVIEW:
        return team.service_id in roles.leads_services or roles.leads_all
    return team.pk in roles.manages


def can_verify_step(user: Person, step: PathStep) -> bool:
    """An impact check: the QA lead or the PSW, neither who recorded it nor the auditor."""
    concerned = (step.done_by_id, step.path.audit.allocation.auditor_id)
    is_impact = step.kind == PathStepKind.IMPACT
    return is_impact and roles_of(user).any_of(*TRACKING_ROLES) and user.pk not in concerned


def can_see_reaudits(user: Person) -> bool:
    return roles_of(user).any_of(*TRACKING_ROLES)


def can_give_reaudit(user: Person, reaudit: Reaudit) -> bool:
    """Nobody decides on a re-audit of an audit of their own."""
    return can_see_reaudits(user) and reaudit.first.allocation.auditor_id != user.pk


def can_close_hand_off(user: Person, hand_off: SupervisionHandOff) -> bool:
    """Who supervises the worker, and who manages the audit's team or its service; never the auditor."""
    roles, audit = roles_of(user), hand_off.audit
    if audit.allocation.auditor_id == user.pk or not user.is_active:
        return False
    manages = audit.team_id in roles.manages or audit.team.service_id in roles.manages_services
    return hand_off.manager_id == user.pk or manages


def can_tag_findings(user: Person) -> bool:
    """Themes, findings, team actions from a theme, and dip samples proposed for one."""
    return roles_of(user).any_of(*TRACKING_ROLES)


def can_decide_dip_sample(user: Person, proposal: DipSampleProposal) -> bool:
    """The QA lead, or the PSW for what the QA lead proposed: two people."""
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW) and proposal.proposed_by_id != user.pk


def can_change_path_settings(user: Person) -> bool:
    return roles_of(user).any_of(*TRACKING_ROLES)
