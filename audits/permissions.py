"""Who may do what in the audit programme (docs/access.md). Pages and buttons both ask here."""

from accounts.enums import Role
from accounts.roles import roles_of
from audits.enums import AllocationStatus, AuditStatus
from audits.models import Audit
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


def can_change_programme_settings(user: Person) -> bool:
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW)


def can_read_tools(user: Person) -> bool:
    """Read whole audit tools, drafts included; an auditor meets the questions in the audit."""
    return roles_of(user).any_of(*READING_ROLES)


def can_read_submitted_audits(user: Person) -> bool:
    """Read every submitted audit, and not only their own; visible_to asks the same."""
    return roles_of(user).any_of(*READING_ROLES)


def can_write_audit(user: Person, audit: Audit) -> bool:
    """Only the auditor it is allocated to, until it is submitted."""
    allocation = audit.allocation
    return (
        allocation.auditor_id == user.pk
        and allocation.status == AllocationStatus.ALLOCATED
        and audit.status != AuditStatus.SUBMITTED
    )
