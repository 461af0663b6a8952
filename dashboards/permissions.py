"""Who may open the reports (docs/access.md)."""

from accounts.enums import Role
from accounts.models import Team
from accounts.roles import roles_of
from audits.querysets import PROGRAMME_ROLES, READING_ROLES, Person
from dashboards.models import LearningBrief, ReportDocument
from dashboards.querysets import BRIEF_READERS, PUBLISHED_READERS
from dashboards.scopes import Scope


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


def can_read_figures(user: Person, scope: Scope) -> bool:
    """Whose figures of which part, as counted: QA lead and PSW all, managers theirs, everybody their own audits'.

    A senior leader has the council's and each pathway's; of teams, what small numbers allow (dashboards/teams.py).
    """
    roles = roles_of(user)
    if roles.any_of(Role.QA_LEAD, Role.PSW):
        return True
    if scope.auditor is not None:
        return scope.auditor == user.pk
    if scope.team is None and scope.service is None:
        return Role.SENIOR_LEADER in roles
    if scope.team is not None:
        return scope.service is None and (
            scope.team in roles.manages
            or Team.objects.filter(pk=scope.team, service__in=roles.manages_services).exists()
        )
    return scope.service is not None and scope.service in roles.manages_services


def can_restate(user: Person) -> bool:
    """Report a frozen quarter by a definition that changed since, with the reason."""
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW)


def can_change_report_settings(user: Person) -> bool:
    return roles_of(user).any_of(Role.QA_LEAD, Role.PSW)


def can_set_targets(user: Person) -> bool:
    """What the council aims at, and what its performance dashboard says."""
    return roles_of(user).any_of(*READING_ROLES)


def can_write_reports(user: Person) -> bool:
    """The words of quarterly and annual reports, and their files."""
    return roles_of(user).any_of(*READING_ROLES)


def can_review_report(user: Person, document: ReportDocument) -> bool:
    """The PSW, never a report that they sent for review themselves."""
    return Role.PSW in roles_of(user) and document.sent_by_id != user.pk


def can_read_published(user: Person) -> bool:
    """What is published: the QA team whole, leaders and service managers the Board's edition."""
    return roles_of(user).any_of(*PUBLISHED_READERS)


def can_write_briefs(user: Person) -> bool:
    """The words of learning briefs."""
    return roles_of(user).any_of(*READING_ROLES)


def can_review_brief(user: Person, brief: LearningBrief) -> bool:
    """The QA lead or the PSW, never a brief that they sent themselves."""
    return can_write_briefs(user) and brief.sent_by_id != user.pk


def can_read_briefs(user: Person) -> bool:
    """What is published for everybody who audits, manages or leads."""
    return roles_of(user).any_of(*BRIEF_READERS)
