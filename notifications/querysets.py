"""Which messages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.enums import Role
from accounts.models import User
from accounts.roles import roles_of
from notifications.enums import MessageStatus

if TYPE_CHECKING:
    from notifications.models import Message  # noqa: F401 - the rows of the set below

MESSAGE_ROLES = (Role.QA_LEAD, Role.PSW, Role.SYSTEM_ADMINISTRATOR)
"""Who looks after the mail. Messages hold no child's data, so the system administrator may see them."""


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Every message for those who look after the mail, none for anybody else."""
        return self if roles_of(user).any_of(*MESSAGE_ROLES) else self.none()

    def queued(self) -> Self:
        return self.filter(status=MessageStatus.QUEUED)

    def waiting(self) -> Self:
        """Queued and not tried yet."""
        return self.queued().filter(attempts=0)

    def retrying(self) -> Self:
        """Tried at least once, and to be tried again."""
        return self.queued().filter(attempts__gt=0)

    def dead(self) -> Self:
        """Given up: somebody has to look."""
        return self.filter(status=MessageStatus.DEAD)

    def not_final(self) -> Self:
        """Waiting, being retried, or given up: what somebody may still send or set aside."""
        return self.filter(status__in=(MessageStatus.QUEUED, MessageStatus.DEAD))

    def unleased(self, at: datetime) -> Self:
        """No sender holds it at that moment."""
        return self.filter(models.Q(lease__isnull=True) | models.Q(due_at__lte=at))

    def sent(self) -> Self:
        return self.filter(status=MessageStatus.SENT)

    def due(self, at: datetime) -> Self:
        """What a sender may take at that moment: a row that is being sent is not due until its lease ends."""
        return self.queued().filter(due_at__lte=at)
