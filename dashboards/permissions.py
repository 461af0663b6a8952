"""Who may open the reports (docs/access.md)."""

from accounts.enums import Role
from accounts.roles import roles_of
from audits.querysets import PROGRAMME_ROLES, Person


def can_read_reports(user: Person) -> bool:
    """The council's figures, whole and without suppression: the QA lead's and the PSW's."""
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW)


def can_read_returns(user: Person) -> bool:
    """Who owes what, as far as one sees it: the programme's people all, managers their people's."""
    roles = roles_of(user)
    return roles.any_of(*PROGRAMME_ROLES) or bool(roles.manages or roles.manages_services)


def can_open_programme(user: Person) -> bool:
    """The pages beside the returns, which managers do not have."""
    return roles_of(user).any_of(*PROGRAMME_ROLES)
