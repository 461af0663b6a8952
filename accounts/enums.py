"""Job roles people have in the council, and roles they hold in this service."""

from django.db import models


class JobRole(models.TextChoices):
    DIRECTOR = "director", "Director"
    ASSISTANT_DIRECTOR = "assistant_director", "Assistant Director"
    SERVICE_MANAGER = "service_manager", "Service Manager"
    TEAM_MANAGER = "team_manager", "Team Manager"
    IRO = "iro", "Independent Reviewing Officer"
    CP_CHAIR = "cp_chair", "Child protection chair"
    ADVANCED_PRACTITIONER = "advanced_practitioner", "Advanced Practitioner"
    SENIOR_SOCIAL_WORKER = "senior_social_worker", "Senior Social Worker"
    SOCIAL_WORKER = "social_worker", "Social Worker"
    PRINCIPAL_SOCIAL_WORKER = "principal_social_worker", "Principal Social Worker"
    QA_LEAD = "qa_lead", "QA lead"
    BUSINESS_SUPPORT = "business_support", "Business Support"
    OTHER = "other", "Other"


class Role(models.TextChoices):
    """What a membership lets its holder do (docs/domain.md, section 2; docs/access.md has the matrix)."""

    TEAM_MEMBER = "team_member", "Works in a team"
    TEAM_MANAGER = "team_manager", "Team manager"
    SERVICE_MANAGER = "service_manager", "Service manager"
    SENIOR_LEADER = "senior_leader", "Senior leader"
    AUDITOR = "auditor", "Auditor"
    MODERATOR = "moderator", "Moderator"
    QA_LEAD = "qa_lead", "QA lead"
    PSW = "psw", "Principal Social Worker"
    BUSINESS_SUPPORT = "business_support", "Business support"
    INFORMATION_GOVERNANCE = "information_governance", "Information governance"
    SYSTEM_ADMINISTRATOR = "system_administrator", "System administrator"


PEOPLE_ROLES = (Role.BUSINESS_SUPPORT, Role.SYSTEM_ADMINISTRATOR)
"""Who manages people, teams and roles."""

TEAM_ROLES = (Role.TEAM_MEMBER, Role.TEAM_MANAGER)
"""Roles held in one team."""

SERVICE_ROLES = (Role.SERVICE_MANAGER, Role.SENIOR_LEADER)
"""Roles held in a service. A senior leader leads one service (Assistant Director) or all of them (Director)."""

PLAIN_ROLES = (
    Role.AUDITOR,
    Role.MODERATOR,
    Role.QA_LEAD,
    Role.PSW,
    Role.BUSINESS_SUPPORT,
    Role.INFORMATION_GOVERNANCE,
    Role.SYSTEM_ADMINISTRATOR,
)
"""Roles held in the council as a whole."""

ONE_HOLDER_ROLES = (Role.TEAM_MANAGER, Role.SERVICE_MANAGER)
"""A team has one manager and a service one service manager (docs/domain.md, section 2)."""


class Pathway(models.TextChoices):
    """The pathways a child may be on, and an auditor may know (docs/domain.md, section 2)."""

    CIN = "cin", "Child in need"
    CP = "cp", "Child protection"
    CLA = "cla", "Child looked after"
    LEAVING_CARE = "leaving_care", "Leaving care"
    FRONT_DOOR = "front_door", "Front door or assessment"
