"""Which actions, for whom. `visible_to(user)` is the only way from a request to a row (docs/access.md)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Count, OuterRef, Q, Subquery, When

from accounts.enums import Role
from accounts.models import User
from accounts.roles import roles_of
from actions.enums import (
    CLOSED,
    OWED_STEPS,
    TO_BE_DONE,
    ActionStatus,
    Verification,
)
from audits.enums import HANDED_IN, ActionPriority, Section
from audits.models import Allocation, Audit, AuditSection

if TYPE_CHECKING:  # named in strings below, where the linter does not look
    from actions.models import (  # noqa: F401
        Action,
        DipSampleProposal,
        Finding,
        PathStep,
        Reaudit,
        SavedView,
        SupervisionHandOff,
        Theme,
        UrgentPath,
    )

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

    def of_teams_managed_by(self, user: Person) -> Self:
        """The actions of the teams that the person manages today."""
        return self.filter(team__in=roles_of(user).manages)

    def at_step(self, step: str) -> Self:
        """Those of which that step of the escalation was told."""
        return self.filter(escalations__step=step)

    def most_pressing_first(self) -> Self:
        """What is still owed, what waits to be verified, the rest; in each immediate safety, then by due date."""
        stands = Case(When(status__in=TO_BE_DONE, then=0), When(status=ActionStatus.DONE, then=1), default=2)
        is_safety = Case(When(priority=ActionPriority.P0, then=0), default=1)
        return self.order_by(stands, is_safety, "due_on", "priority", "reference")

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

    def with_findings(self) -> Self:
        """Each with `found`: how many findings of audits that count are tagged with it."""
        counts = Count("tags", filter=Q(tags__finding__audit__status__in=HANDED_IN))
        return self.annotate(found=counts)


class UrgentPathQuerySet(models.QuerySet["UrgentPath"]):
    def visible_to(self, user: Person) -> Self:
        """Those who answer for the child now, the QA lead and the PSW; of an audit that counts. Never its auditor."""
        audits = Audit.objects.answered_for_by(user).filter(status__in=HANDED_IN)
        return self.filter(audit__in=audits.order_by().values("pk")).exclude(
            audit__allocation__auditor=user.pk
        )


class PathStepQuerySet(models.QuerySet["PathStep"]):
    def visible_to(self, user: Person) -> Self:
        """As the path they belong to."""
        audits = Audit.objects.answered_for_by(user).filter(status__in=HANDED_IN)
        return self.filter(path__audit__in=audits.order_by().values("pk")).exclude(
            path__audit__allocation__auditor=user.pk
        )

    def standing(self) -> Self:
        """Of audits that count: a void one asks nothing of anybody."""
        return self.filter(path__audit__status__in=HANDED_IN)

    def owed(self) -> Self:
        return self.standing().filter(status__in=OWED_STEPS)


class ReauditQuerySet(models.QuerySet["Reaudit"]):
    def visible_to(self, user: Person) -> Self:
        """The list of them: the QA lead and the PSW."""
        return self if roles_of(user).any_of(*TRACKING_ROLES) else self.none()

    def standing(self) -> Self:
        """Needed, of a first audit that counts."""
        return self.filter(first__status__in=HANDED_IN, dropped_at__isnull=True)

    def waiting(self) -> Self:
        """Needed, and given to nobody who still has it."""
        given = Allocation.objects.live().filter(audits_again__isnull=False)
        return self.standing().exclude(first__allocation__in=given.order_by().values("audits_again"))

    def with_outcome(self) -> Self:
        """Each with the allocation that stands for it and, once that is submitted, the overall grades that count.

        `given_id`, `given_reference`, `given_to`, `given_due_on`; `again_at`, when the re-audit was submitted;
        `first_grade` and `again_grade`.
        """
        given = Allocation.objects.live().filter(audits_again=OuterRef("first__allocation"))
        again = Audit.objects.submitted().filter(allocation__audits_again=OuterRef("first__allocation"))
        overall = AuditSection.objects.filter(section=Section.OVERALL)
        again_overall = overall.filter(
            audit__status__in=HANDED_IN, audit__allocation__audits_again=OuterRef("first__allocation")
        )
        return self.annotate(
            given_id=Subquery(given.order_by().values("pk")[:1]),
            given_reference=Subquery(given.order_by().values("reference")[:1]),
            given_to=Subquery(given.order_by().values("auditor__name")[:1]),
            given_due_on=Subquery(given.order_by().values("due_on")[:1]),
            again_at=Subquery(again.order_by().values("submitted_at")[:1]),
            again_grade=Subquery(again_overall.order_by().values("final_grade")[:1]),
            first_grade=Subquery(
                overall.filter(audit=OuterRef("first")).order_by().values("final_grade")[:1]
            ),
        )

    def to_give_out_first(self, on: date) -> Self:
        """Those that wait with their window open, those that wait for it, those given out, those that are over.

        Of rows with_outcome().
        """
        waits = Q(given_id__isnull=True, dropped_at__isnull=True)
        stands = Case(
            When(waits, opens_on__lte=on, then=0),
            When(waits, then=1),
            When(again_at__isnull=True, dropped_at__isnull=True, then=2),
            default=3,
        )
        return self.order_by(stands, "closes_on", "pk")


class HandOffQuerySet(models.QuerySet["SupervisionHandOff"]):
    def visible_to(self, user: Person) -> Self:
        """Whoever supervises the worker, those who manage the audit's team or its service, the QA lead and the PSW.

        Never the auditor; of an audit that counts.
        """
        standing = self.standing().exclude(audit__allocation__auditor=user.pk)
        roles = roles_of(user)
        if roles.any_of(*TRACKING_ROLES):
            return standing
        return standing.filter(
            Q(manager_id=user.pk)
            | Q(audit__team__in=roles.manages)
            | Q(audit__team__service__in=roles.manages_services)
        )

    def standing(self) -> Self:
        """Of audits that count."""
        return self.filter(audit__status__in=HANDED_IN)

    def owed(self) -> Self:
        return self.standing().filter(closed_at__isnull=True)

    def dated(self) -> Self:
        """The numerator of "supervision hand-off"; the denominator is SUB."""
        return self.standing().filter(closed_at__isnull=False)


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: Person) -> Self:
        """The pages of themes: the QA lead and the PSW; of audits that count."""
        return self.standing() if roles_of(user).any_of(*TRACKING_ROLES) else self.none()

    def standing(self) -> Self:
        return self.filter(audit__status__in=HANDED_IN)


class DipSampleProposalQuerySet(models.QuerySet["DipSampleProposal"]):
    def visible_to(self, user: Person) -> Self:
        return self if roles_of(user).any_of(*TRACKING_ROLES) else self.none()


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: Person) -> Self:
        """One's own."""
        return self.filter(person_id=user.pk)
