"""Which actions, for whom. `visible_to(user)` is the only way from a request to a row (docs/access.md)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Q, When

from accounts.enums import Role
from accounts.models import User
from accounts.roles import roles_of
from actions.enums import CLOSED, TO_BE_DONE, ActionStatus, Verification
from audits.enums import ActionPriority

if TYPE_CHECKING:  # named in strings below, where the linter does not look
    from actions.models import Action, Theme  # noqa: F401

Person: TypeAlias = User | AnonymousUser

TRACKING_ROLES = (Role.QA_LEAD, Role.PSW)
"""Who sees every action, verifies and decides on cancellations."""


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, user: Person) -> Self:
        """QA lead and PSW all; everybody what they own or raised; managers and leaders those of their teams."""
        roles = roles_of(user)
        if roles.any_of(*TRACKING_ROLES) or roles.leads_all:
            return self
        theirs = Q(owner_id=user.pk) | Q(opened_by_id=user.pk)
        if roles.manages:
            theirs |= Q(team__in=roles.manages)
        if services := roles.manages_services | roles.leads_services:
            theirs |= Q(team__service__in=services)
        return self.filter(theirs)

    def answered_by(self, user: Person) -> Self:
        """What the person owns, and what the teams owe that they manage: my actions."""
        return self.filter(Q(owner_id=user.pk) | Q(team__in=roles_of(user).manages))

    def most_pressing_first(self) -> Self:
        """Immediate safety, then by due date."""
        is_safety = Case(When(priority=ActionPriority.P0, then=0), default=1)
        return self.order_by(is_safety, "due_on", "priority", "reference")

    def to_be_done(self) -> Self:
        """What somebody still owes."""
        return self.filter(status__in=TO_BE_DONE)

    def overdue(self, on: date) -> Self:
        return self.to_be_done().filter(due_on__lt=on)

    def closed(self) -> Self:
        return self.filter(status__in=CLOSED)

    def awaiting_verification(self) -> Self:
        """Done, and to be verified: the urgent priorities and what was drawn."""
        return self.filter(
            status=ActionStatus.DONE, verification__in=(Verification.ALWAYS, Verification.SAMPLED)
        )


class ThemeQuerySet(models.QuerySet["Theme"]):
    def visible_to(self, user: Person) -> Self:
        """The page of themes: the QA lead and the PSW."""
        return self if roles_of(user).any_of(*TRACKING_ROLES) else self.none()

    def in_use(self) -> Self:
        return self.filter(is_in_use=True)
