"""Which rows of moderation, for whom. `visible_to(user)` is the only way from a request to a row (docs/access.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.enums import Role
from accounts.models import User
from accounts.roles import roles_of
from moderation.enums import (
    PAPERS_OUT,
    READ,
    PanelStatus,
    ReadingStatus,
    SeatStatus,
    TablingStatus,
)

if TYPE_CHECKING:  # named in strings below, where the linter does not look
    from moderation.models import (  # noqa: F401
        Decision,
        Outcome,
        Panel,
        PanelMember,
        Reading,
        Reply,
        Tabling,
    )

Person: TypeAlias = User | AnonymousUser

CHAIR_ROLES = (Role.QA_LEAD, Role.PSW)
"""Who runs moderation and may chair a panel (docs/domain.md, section 7, R4)."""

ASKED = (SeatStatus.INVITED, SeatStatus.ACCEPTED, SeatStatus.DECLINED)


class PanelQuerySet(models.QuerySet["Panel"]):
    def visible_to(self, user: Person) -> Self:
        """All for those who run moderation; for anybody else those to which they were invited."""
        if roles_of(user).any_of(*CHAIR_ROLES):
            return self
        return self.filter(members__person_id=user.pk, members__status__in=ASKED)

    def open(self) -> Self:
        return self.exclude(status=PanelStatus.CLOSED)


class PanelMemberQuerySet(models.QuerySet["PanelMember"]):
    def visible_to(self, user: Person) -> Self:
        """Those of the panels one may see; a seat that was not offered yet only by those who run moderation."""
        if roles_of(user).any_of(*CHAIR_ROLES):
            return self
        return self.filter(
            panel__members__person_id=user.pk, panel__members__status__in=ASKED, status__in=ASKED
        )

    def coming(self) -> Self:
        return self.filter(status=SeatStatus.ACCEPTED)


class TablingQuerySet(models.QuerySet["Tabling"]):
    def visible_to(self, user: Person) -> Self:
        """On the table of a panel whose papers are out, for its members who may moderate the audit.

        That an audit is tabled says nothing of its auditor or grades: what a page shows of those asks further.
        """
        if roles_of(user).any_of(*CHAIR_ROLES):
            return self
        return self.filter(
            panel__members__person_id=user.pk,
            panel__members__status=SeatStatus.ACCEPTED,
            panel__status__in=(*PAPERS_OUT, PanelStatus.CLOSED),
        ).exclude(auditor_id=user.pk)

    def on_the_table(self) -> Self:
        return self.filter(status=TablingStatus.TABLED)

    def counted(self) -> Self:
        """MOD of the measures: decided by a panel that is closed (docs/domain.md, section 10)."""
        return self.filter(status=TablingStatus.DECIDED)


class ReadingQuerySet(models.QuerySet["Reading"]):
    def visible_to(self, user: Person) -> Self:
        """One's own, while one sits on the panel and its papers are out."""
        return self.filter(
            moderator_id=user.pk,
            member__status=SeatStatus.ACCEPTED,
            tabling__panel__status__in=PAPERS_OUT,
        ).exclude(status=ReadingStatus.WITHDRAWN)

    def standing(self) -> Self:
        return self.exclude(status=ReadingStatus.WITHDRAWN)

    def recorded(self) -> Self:
        return self.filter(status__in=READ)

    def owed(self) -> Self:
        """Still to be read or explained, at panels whose papers are out."""
        return self.filter(
            status__in=(ReadingStatus.TO_DO, ReadingStatus.RECORDED),
            member__status=SeatStatus.ACCEPTED,
            tabling__status=TablingStatus.TABLED,
            tabling__panel__status__in=PAPERS_OUT,
        )


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, user: Person) -> Self:
        """For those who run moderation, and for the auditor once the panel is closed and it holds."""
        if roles_of(user).any_of(*CHAIR_ROLES):
            return self
        return self.filter(auditor_id=user.pk, holds_for__panel__status=PanelStatus.CLOSED)

    def counted(self) -> Self:
        """Those that hold and made a grade final: MOD of the measures."""
        return self.filter(holds_for__status=TablingStatus.DECIDED)


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def visible_to(self, user: Person) -> Self:
        return self if roles_of(user).any_of(*CHAIR_ROLES) else self.filter(auditor_id=user.pk)


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(self, user: Person) -> Self:
        return self if roles_of(user).any_of(*CHAIR_ROLES) else self.filter(auditor_id=user.pk)

    def waiting(self) -> Self:
        return self.filter(decided_at__isnull=True)
