"""Rows with what a page shows beside them, in a fixed number of queries."""

from datetime import date

from django.db.models import Prefetch

from accounts.enums import Role
from accounts.models import Membership
from accounts.querysets import ServiceQuerySet, TeamQuerySet, UserQuerySet


def people_with_roles(people: UserQuerySet, on: date) -> UserQuerySet:
    """The people, each with `roles`: the memberships that hold on that day."""
    held = Membership.objects.on(on).select_related("team", "service")
    return people.prefetch_related(Prefetch("memberships", held, to_attr="roles"))


def teams_with_managers(teams: TeamQuerySet, on: date) -> TeamQuerySet:
    """The teams, each with `managers`: the role of whoever manages it on that day."""
    held = Membership.objects.on(on).filter(role=Role.TEAM_MANAGER).select_related("user")
    return teams.prefetch_related(Prefetch("memberships", held, to_attr="managers"))


def services_with_managers(services: ServiceQuerySet, on: date) -> ServiceQuerySet:
    """The services, each with `managers`: the role of whoever manages it on that day."""
    held = Membership.objects.on(on).filter(role=Role.SERVICE_MANAGER).select_related("user")
    return services.prefetch_related(Prefetch("memberships", held, to_attr="managers"))
