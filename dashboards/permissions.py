"""Who may open the reports (docs/access.md)."""

from accounts.enums import Role
from accounts.roles import roles_of
from audits.querysets import Person


def can_read_reports(user: Person) -> bool:
    """The council's figures, whole and without suppression: the QA lead's and the PSW's."""
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW)
