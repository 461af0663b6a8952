"""People with names, so that a failing test reads like a story."""

from __future__ import annotations

from datetime import date
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.enums import JobRole, Role
from accounts.models import AuditorProfile, Membership, Service, Team, User
from audits.enums import Pathway

PASSWORD = "correct-horse-battery-staple"
LONG_AGO = date(2020, 4, 1)


class ServiceFactory(DjangoModelFactory[Service]):
    class Meta:
        model = Service
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"Service {n}")


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"Team {n}")
    service = factory.SubFactory(ServiceFactory)


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        django_get_or_create = ("email",)
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.LazyAttribute(lambda user: f"{user.name.lower().replace(' ', '.')}@council.example")
    job_role = JobRole.TEAM_MANAGER
    password = factory.django.Password(PASSWORD)


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = Role.TEAM_MEMBER
    starts_on = LONG_AGO


def person(name: str, *roles: Role, **fields: Any) -> User:
    """A person who holds council-wide roles since long ago."""
    user: User = UserFactory(name=name, **fields)
    for role in roles:
        MembershipFactory(user=user, role=role)
    return user


def auditor(
    name: str,
    *,
    capacity: int = 1,
    pathways: tuple[str, ...] = tuple(Pathway.values),
    team: Team | None = None,
) -> User:
    """An auditor who knows the pathways; a member of the team when one is given."""
    user = person(name, Role.AUDITOR)
    AuditorProfile.objects.create(
        user=user, monthly_capacity=capacity, pathways=list(pathways), auditing_since=LONG_AGO
    )
    if team:
        MembershipFactory(user=user, role=Role.TEAM_MEMBER, team=team)
    return user


def team_manager(name: str, team: Team, **fields: Any) -> User:
    """The manager of a team, since long ago."""
    user: User = UserFactory(name=name, **fields)
    MembershipFactory(user=user, role=Role.TEAM_MANAGER, team=team)
    return user


def service_manager(name: str, service: Service, **fields: Any) -> User:
    """The manager of a service, since long ago."""
    user: User = UserFactory(name=name, job_role=JobRole.SERVICE_MANAGER, **fields)
    MembershipFactory(user=user, role=Role.SERVICE_MANAGER, service=service)
    return user


def senior_leader(name: str, service: Service | None = None) -> User:
    """The assistant director of a service, or of no one service the director, since long ago."""
    job_role = JobRole.ASSISTANT_DIRECTOR if service else JobRole.DIRECTOR
    user: User = UserFactory(name=name, job_role=job_role)
    MembershipFactory(user=user, role=Role.SENIOR_LEADER, service=service)
    return user
