"""Which people, teams and memberships."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from django.contrib.auth.models import AnonymousUser, BaseUserManager
from django.db import models
from django.db.models import Q

from accounts.enums import PEOPLE_ROLES, Role
from accounts.roles import roles_of
from core.text import collapse_spaces, fold

if TYPE_CHECKING:
    from accounts.models import Membership, Service, Team, User  # noqa: F401 - the rows of the sets below

    Person: TypeAlias = User | AnonymousUser


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, user: Person) -> Self:
        """Who held which role: those who manage people."""
        return self if roles_of(user).any_of(*PEOPLE_ROLES) else self.none()

    def on(self, day: date) -> Self:
        """Memberships that hold on that day."""
        return self.between(day, day)

    def between(self, first: date, last: date) -> Self:
        """Memberships that held on any day from first to last, both included."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=first), starts_on__lte=last)

    def managing_people(self, on: date) -> Self:
        """Roles that let an active person manage people on that day, and on every day after it."""
        return self.filter(
            role__in=PEOPLE_ROLES, ends_on__isnull=True, starts_on__lte=on, user__is_active=True
        )


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: Person) -> Self:
        """Teams on the pages that place and rename them: those who manage people."""
        return self if roles_of(user).any_of(*PEOPLE_ROLES) else self.none()

    def called(self, name: str) -> Self:
        """The team of that name, whatever its letter case and spaces; at most one."""
        return self.filter(name__iexact=collapse_spaces(name))

    def unplaced(self) -> Self:
        """Teams that an import created and nobody has put into a service yet."""
        return self.filter(service__isnull=True)


class ServiceQuerySet(models.QuerySet["Service"]):
    def visible_to(self, user: Person) -> Self:
        """Services on the pages that add and rename them: those who manage people."""
        return self if roles_of(user).any_of(*PEOPLE_ROLES) else self.none()


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Person) -> Self:
        """People on the pages that manage them: all for those who may, none for anybody else."""
        return self if roles_of(user).any_of(*PEOPLE_ROLES) else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)

    def holding(self, role: Role, on: date) -> Self:
        """Active people who hold the role on that day."""
        held = Q(memberships__ends_on__isnull=True) | Q(memberships__ends_on__gt=on)
        return self.active().filter(held, memberships__role=role, memberships__starts_on__lte=on).distinct()

    def holding_one_of(self, memberships: MembershipQuerySet) -> Self:
        """People who hold at least one of those memberships, active or not."""
        return self.filter(pk__in=memberships.values("user"))

    def matching(self, words: str) -> Self:
        """People whose name or address has each of the words in it, whatever accents and letter case."""
        found = self
        for word in fold(words).split():
            found = found.filter(search_text__contains=word)
        return found


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """E-mail addresses are kept in lower case, so that one person has one account."""

    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> User:
        """A person who may sign in once they have a password; without one they must set it by mail."""
        user: User = self.model(email=email.strip().lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user
