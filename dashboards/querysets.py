"""Which reports, for whom (docs/access.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Max

from accounts.enums import Role
from accounts.roles import roles_of
from audits.querysets import READING_ROLES, Person

if TYPE_CHECKING:
    from dashboards.models import (  # noqa: F401 - the rows of the sets
        BriefVersion,
        LearningBrief,
        PerformanceFigure,
        ReportDocument,
        ReportVersion,
    )

BRIEF_READERS = (
    *READING_ROLES,
    Role.AUDITOR,
    Role.MODERATOR,
    Role.TEAM_MANAGER,
    Role.SERVICE_MANAGER,
    Role.SENIOR_LEADER,
)
"""Who learns from a published brief: everybody who audits, manages or leads."""

PUBLISHED_READERS = (*READING_ROLES, Role.SENIOR_LEADER, Role.SERVICE_MANAGER)
"""Who reads what is published. All but the QA lead and the PSW read the Board's edition of it."""


class ReportDocumentQuerySet(models.QuerySet["ReportDocument"]):
    def visible_to(self, user: Person) -> Self:
        """Reports that are being written: the QA lead's and the PSW's."""
        return self if roles_of(user).any_of(*READING_ROLES) else self.none()


class PerformanceFigureQuerySet(models.QuerySet["PerformanceFigure"]):
    def visible_to(self, user: Person) -> Self:
        """The QA lead's and the PSW's; everybody else reads them where a report prints them."""
        return self if roles_of(user).any_of(*READING_ROLES) else self.none()


class ReportVersionQuerySet(models.QuerySet["ReportVersion"]):
    def visible_to(self, user: Person) -> Self:
        """The QA lead and the PSW every version; leaders and service managers the newest of each report."""
        roles = roles_of(user)
        if roles.any_of(*READING_ROLES):
            return self
        return self.newest() if roles.any_of(*PUBLISHED_READERS) else self.none()

    def newest(self) -> Self:
        """The last version of each report."""
        return self.alias(last=Max("document__versions__number")).filter(number=F("last"))


class LearningBriefQuerySet(models.QuerySet["LearningBrief"]):
    def visible_to(self, user: Person) -> Self:
        """Briefs while they are written: the QA lead's and the PSW's."""
        return self if roles_of(user).any_of(*READING_ROLES) else self.none()


class BriefVersionQuerySet(models.QuerySet["BriefVersion"]):
    def visible_to(self, user: Person) -> Self:
        """The QA lead and the PSW every version, the other readers the newest of each brief."""
        roles = roles_of(user)
        if roles.any_of(*READING_ROLES):
            return self
        return self.newest() if roles.any_of(*BRIEF_READERS) else self.none()

    def newest(self) -> Self:
        """The last version of each brief."""
        return self.alias(last=Max("brief__versions__number")).filter(number=F("last"))
