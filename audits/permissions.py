"""Who may do what in the audit programme (docs/access.md). Pages and buttons both ask here."""

from accounts.enums import Role
from accounts.models import User
from accounts.roles import roles_of
from audits.enums import BEING_WRITTEN, READABLE, AllocationKind, AllocationStatus, AuditStatus, ConcernStatus
from audits.models import Allocation, Audit, Exemption, ImmediateConcern, Reopening, ToolVersion
from audits.querysets import PROGRAMME_ROLES, READING_ROLES, Person


def can_read_caseload(user: Person) -> bool:
    return roles_of(user).any_of(*PROGRAMME_ROLES)


def can_import_caseload(user: Person) -> bool:
    return roles_of(user).any_of(*PROGRAMME_ROLES)


def can_draw_round(user: Person) -> bool:
    """Draw a draft and swap auditors in it: business support prepares, too."""
    return roles_of(user).any_of(*PROGRAMME_ROLES)


def can_publish_round(user: Person) -> bool:
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW)


def can_close_round(user: Person) -> bool:
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW)


def can_see_ledger(user: Person) -> bool:
    """The programme's people see all of it, managers what their people were given."""
    roles = roles_of(user)
    return roles.any_of(*PROGRAMME_ROLES) or bool(roles.manages or roles.manages_services)


def can_move_allocation(user: Person, allocation: Allocation) -> bool:
    """Excuse, withdraw, reallocate or extend without limit; nobody does so with an obligation of their own."""
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW) and allocation.auditor_id != user.pk


def can_extend_allocation(user: Person, allocation: Allocation) -> bool:
    """Extend at all: the auditor's line manager may, as far as the settings go."""
    return can_move_allocation(user, allocation) or _is_line_manager(user, allocation.auditor)


def can_read_child_of(user: Person, allocation: Allocation) -> bool:
    """Which child it is: the programme's people and whoever owes it now, not those who only see that it is owed."""
    owes_it = allocation.auditor_id == user.pk and allocation.status == AllocationStatus.ALLOCATED
    return owes_it or roles_of(user).any_of(*PROGRAMME_ROLES)


def can_read_reasons_of(user: Person, allocation: Allocation) -> bool:
    """Why it was excused or passed on may be private, as an exemption's reason is."""
    return (
        allocation.auditor_id == user.pk
        or _is_line_manager(user, allocation.auditor)
        or roles_of(user).any_of(*PROGRAMME_ROLES)
    )


def can_hand_in_activity(user: Person, allocation: Allocation) -> bool:
    """A dip sample or an observation: only the auditor it is allocated to."""
    return allocation.auditor_id == user.pk and allocation.kind != AllocationKind.CJA


def can_list_activities(user: Person) -> bool:
    """The list of dip samples and observations that were handed in; visible_to asks the same."""
    return roles_of(user).any_of(*READING_ROLES)


def can_request_exemption(user: Person, auditor: User) -> bool:
    """For oneself, for those one manages, and the programme's people for anybody."""
    return auditor.pk == user.pk or _is_line_manager(user, auditor) or roles_of(user).any_of(*PROGRAMME_ROLES)


def can_decide_exemptions(user: Person) -> bool:
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW)


def can_decide_exemption(user: Person, exemption: Exemption) -> bool:
    """Approve, refuse or end one; never one's own."""
    return can_decide_exemptions(user) and exemption.auditor_id != user.pk


def can_change_programme_settings(user: Person) -> bool:
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW)


def can_change_timescales(user: Person) -> bool:
    """Read and change the rules of when things are due."""
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW)


def can_read_tools(user: Person) -> bool:
    """Read whole audit tools, drafts included; an auditor meets the questions in the audit."""
    return roles_of(user).any_of(*READING_ROLES)


def can_draft_tools(user: Person) -> bool:
    """Make new versions of the tools, change them while they are drafts, send them for approval."""
    return roles_of(user).any_of(Role.QA_LEAD)


def can_approve_tools(user: Person) -> bool:
    return roles_of(user).any_of(Role.PSW)


def can_approve_tool(user: Person, version: ToolVersion) -> bool:
    """Approve or return this version: never the person who sent it for approval, whatever roles they hold."""
    return can_approve_tools(user) and version.proposed_by_id != user.pk


def can_read_submitted_audits(user: Person) -> bool:
    """Read every submitted audit, and not only their own; visible_to asks the same."""
    return roles_of(user).any_of(*READING_ROLES)


def can_read_final_audits(user: Person) -> bool:
    """Read final audits of one's team, one's service, or all of them; visible_to says which."""
    roles = roles_of(user)
    return roles.leads_all or bool(roles.manages or roles.manages_services or roles.leads_services)


def can_write_audit(user: Person, audit: Audit) -> bool:
    """Only the auditor it is allocated to, until it is submitted."""
    allocation = audit.allocation
    return (
        allocation.auditor_id == user.pk
        and allocation.status == AllocationStatus.ALLOCATED
        and audit.status in (AuditStatus.ALLOCATED, *BEING_WRITTEN)
    )


def can_change_ceilings(user: Person) -> bool:
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW)


def can_record_reply(user: Person, audit: Audit) -> bool:
    """The manager of the child's team, or the service manager above; never the auditor. visible_to asks the same."""
    roles = roles_of(user)
    manages = audit.team_id in roles.manages or audit.team.service_id in roles.manages_services
    return manages and audit.allocation.auditor_id != user.pk


def can_change_concern_settings(user: Person) -> bool:
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW)


def can_acknowledge_concern(user: Person, concern: ImmediateConcern) -> bool:
    """Take it on: whoever was told, and for them the managers, the QA lead and the PSW; never who raised it.

    Everybody who may read a concern of somebody else's is one of these (ImmediateConcernQuerySet.visible_to).
    """
    return user.is_active and concern.raised_by_id != user.pk


def can_close_concern(user: Person, concern: ImmediateConcern) -> bool:
    return can_acknowledge_concern(user, concern) and concern.status == ConcernStatus.ACKNOWLEDGED


def can_see_who_was_told(user: Person, concern: ImmediateConcern) -> bool:
    """A reference typed by hand does not tell its writer whose child it is."""
    return concern.raised_by_id != user.pk or concern.audit_id is not None


def can_read_text_of(user: Person, audit: Audit) -> bool:
    """Open the pages of an audit that one may see: while it is being written, or void, its auditor alone does."""
    return audit.status in READABLE or audit.allocation.auditor_id == user.pk


def can_read_move_reasons_of(user: Person, audit: Audit) -> bool:
    """Why it was returned, reopened or declared void: its auditor and those who decide so."""
    return audit.allocation.auditor_id == user.pk or can_read_submitted_audits(user)


def can_read_whole_log(user: Person) -> bool:
    """Who read what, of everybody."""
    return Role.INFORMATION_GOVERNANCE in roles_of(user)


def can_return_audit(user: Person, audit: Audit) -> bool:
    return _decides_on(user, audit)


def can_finalise_audit(user: Person, audit: Audit) -> bool:
    """For a panel: whoever chairs it (docs/domain.md, section 7, R4), and never the auditor."""
    return _decides_on(user, audit)


def can_void_audit(user: Person, audit: Audit) -> bool:
    return _decides_on(user, audit)


def can_propose_reopening(user: Person, audit: Audit) -> bool:
    return Role.QA_LEAD in roles_of(user) and audit.allocation.auditor_id != user.pk


def can_decide_reopenings(user: Person) -> bool:
    return Role.PSW in roles_of(user)


def can_decide_reopening(user: Person, reopening: Reopening) -> bool:
    """Two people reopen an audit, and neither is its auditor; the database holds that they are two."""
    those_concerned = (reopening.proposed_by_id, reopening.audit.allocation.auditor_id)
    return can_decide_reopenings(user) and user.pk not in those_concerned


def _decides_on(user: Person, audit: Audit) -> bool:
    """The QA lead and the PSW, each for the other's audits: a conflict of interest beats a role."""
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW) and audit.allocation.auditor_id != user.pk


def _is_line_manager(user: Person, auditor: User) -> bool:
    return user.is_active and auditor.line_manager_id is not None and auditor.line_manager_id == user.pk
