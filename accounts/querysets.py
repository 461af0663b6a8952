"""Which people, teams and memberships."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import BaseUserManager
from django.db import models
from django.db.models import Q

from accounts.enums import Role

if TYPE_CHECKING:
    from accounts.models import Membership, Service, Team, User


class MembershipQuerySet(models.QuerySet["Membership"]):
    def on(self, day: date) -> Self:
        """Memberships that hold on that day, both ends included."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def between(self, first: date, last: date) -> Self:
        """Memberships that held on any day from first to last."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first), starts_on__lte=last)


class TeamQuerySet(models.QuerySet["Team"]):
    def unplaced(self) -> Self:
        """Teams that an import created and nobody has put into a service yet."""
        return self.filter(service__isnull=True)


class ServiceQuerySet(models.QuerySet["Service"]):
    pass


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def holding(self, role: Role, on: date) -> Self:
        """Active people who hold the role on that day."""
        held = Q(memberships__ends_on__isnull=True) | Q(memberships__ends_on__gte=on)
        return self.active().filter(held, memberships__role=role, memberships__starts_on__lte=on).distinct()


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """E-mail addresses are kept in lower case, so that one person has one account."""

    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> User:
        """A person who may sign in once they have a password; without one they must set it by mail."""
        user: User = self.model(email=email.strip().lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user
