"""What a person is, today: read from their memberships once for each request, never from the session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.enums import Role

if TYPE_CHECKING:
    from accounts.models import User


Post: TypeAlias = tuple[str, int | None, int | None]
"""A role with the ids of the team and the service that it is held in."""


@dataclass(frozen=True)
class Roles:
    """The roles that hold on one day, with the teams and services they are held in.

    Attributes:
        held: every role, wherever it is held.
        member_of: ids of teams worked in. manages: ids of teams managed.
        manages_services, leads_services: ids of services.
        leads_all: a senior leader of no one service (the Director).

    """

    held: frozenset[str]
    member_of: frozenset[int]
    manages: frozenset[int]
    manages_services: frozenset[int]
    leads_services: frozenset[int]
    leads_all: bool

    def __contains__(self, role: Role) -> bool:
        return role in self.held

    def any_of(self, *roles: Role) -> bool:
        """Whether at least one of the roles is held."""
        return not self.held.isdisjoint(roles)


NOBODY = Roles(frozenset(), frozenset(), frozenset(), frozenset(), frozenset(), leads_all=False)


def roles_on(user: User, day: date) -> Roles:
    """The roles a person holds on that day; none when they may not sign in. One query."""
    if not user.is_active:
        return NOBODY
    return _roles_from(user.memberships.on(day).values_list("role", "team_id", "service_id"))


def remember_roles(people: Sequence[User]) -> None:
    """Read today's roles of many people at once, so that roles_of asks no more for any of them. One query."""
    if not people:
        return
    memberships = type(people[0].memberships.all())(people[0].memberships.model)
    held: defaultdict[int, list[Post]] = defaultdict(list)
    rows = memberships.on(timezone.localdate()).filter(user__in=people)
    for person, role, team, service in rows.values_list("user", "role", "team_id", "service_id"):
        held[person].append((role, team, service))
    for user in people:
        user._roles_today = _roles_from(held[user.pk]) if user.is_active else NOBODY  # type: ignore[attr-defined]  # noqa: SLF001 - as in roles_of


def _roles_from(posts: Iterable[Post]) -> Roles:
    rows = list(posts)
    return Roles(
        held=frozenset(role for role, _, _ in rows),
        member_of=frozenset(team for role, team, _ in rows if role == Role.TEAM_MEMBER and team),
        manages=frozenset(team for role, team, _ in rows if role == Role.TEAM_MANAGER and team),
        manages_services=frozenset(
            service for role, _, service in rows if role == Role.SERVICE_MANAGER and service
        ),
        leads_services=frozenset(
            service for role, _, service in rows if role == Role.SENIOR_LEADER and service
        ),
        leads_all=any(role == Role.SENIOR_LEADER and service is None for role, _, service in rows),
    )


def roles_of(user: User | AnonymousUser) -> Roles:
    """Today's roles of the person of this request. Read once and kept on the object, which lives one request."""
    if isinstance(user, AnonymousUser):
        return NOBODY
    kept: Roles | None = getattr(user, "_roles_today", None)
    if kept is None:
        kept = roles_on(user, timezone.localdate())
        user._roles_today = kept  # type: ignore[attr-defined]  # noqa: SLF001 - the person of this request
    return kept
