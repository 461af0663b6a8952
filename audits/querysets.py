"""Which rows, for whom. `visible_to(user)` is the only way from a request to a row (docs/access.md)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Self, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, FilteredRelation, Max, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.roles import roles_of
from audits.enums import (
    AWAITING_MODERATION,
    BAND_GRADES,
    HANDED_IN,
    AllocationKind,
    AllocationMoveKind,
    AllocationStatus,
    AuditStatus,
    ConcernStatus,
    ExemptionStatus,
    ImportStatus,
    ReopeningStatus,
    ReplyOutcome,
    RoundStatus,
    ToolStatus,
)
from audits.readers import also_read_by, kept_from

if TYPE_CHECKING:  # named in strings below, where the linter does not look
    from audits.models import (  # noqa: F401
        AccessRecord,
        ActivityRecord,
        Allocation,
        Audit,
        CaseloadImport,
        Child,
        Closure,
        Exemption,
        ExportRecord,
        Holding,
        ImmediateConcern,
        Reopening,
        Round,
        TimescaleRule,
        Tool,
        ToolVersion,
    )

Person: TypeAlias = User | AnonymousUser

PROGRAMME_ROLES = (Role.QA_LEAD, Role.PSW, Role.BUSINESS_SUPPORT)
"""Who prepares the programme, and so sees the whole caseload and every obligation."""

READING_ROLES = (Role.QA_LEAD, Role.PSW)
"""Who reads every submitted audit."""


def above_ceiling(to_section: str = "") -> Q:
    """A page of an audit that its auditor graded above the ceiling, as audits/grading.py says in is_above.

    Args:
        to_section: the way to the page from the rows that are filtered, such as "sections__".

    """
    condition = Q()
    for number, ceiling in enumerate(BAND_GRADES[1:], start=1):
        better = BAND_GRADES[:number]
        condition |= Q(**{f"{to_section}ceiling": ceiling, f"{to_section}grade__in": better})
    return condition


GOOD_PRACTICE = "O2"
"""The question that nominates work as good practice; its note says what others should learn."""

STANDING = (AllocationStatus.PROPOSED, AllocationStatus.ALLOCATED)

MET = Q(audit__status__in=HANDED_IN) | Q(activity_record__isnull=False)
"""Of an allocation: its audit was submitted, or its dip sample or observation handed in."""


class ChildQuerySet(models.QuerySet["Child"]):
    def visible_to(self, user: Person) -> Self:
        return self if roles_of(user).any_of(*PROGRAMME_ROLES) else self.none()

    def open(self) -> Self:
        return self.filter(closed_on__isnull=True)

    def with_last_audit(self) -> Self:
        """Each with `last_audit_at`, when the newest audit of the child was submitted, or None; a void one is none."""
        return self.annotate(
            last_audit_at=Max(
                "allocations__audit__submitted_at", filter=Q(allocations__audit__status__in=HANDED_IN)
            )
        )


class HoldingQuerySet(models.QuerySet["Holding"]):
    def between(self, first: date, last: date) -> Self:
        """Holdings that held on any day from first to last."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first), starts_on__lte=last)


class CaseloadImportQuerySet(models.QuerySet["CaseloadImport"]):
    def visible_to(self, user: Person) -> Self:
        return self if roles_of(user).any_of(*PROGRAMME_ROLES) else self.none()

    def applied(self) -> Self:
        return self.filter(status=ImportStatus.APPLIED)

    def waiting(self) -> Self:
        """Previews that nobody has applied or discarded."""
        return self.filter(status=ImportStatus.PREVIEW)


class ToolQuerySet(models.QuerySet["Tool"]):
    def visible_to(self, user: Person) -> Self:
        return self if roles_of(user).any_of(*READING_ROLES) else self.none()


class ToolVersionQuerySet(models.QuerySet["ToolVersion"]):
    def visible_to(self, user: Person) -> Self:
        return self if roles_of(user).any_of(*READING_ROLES) else self.none()

    def published(self) -> Self:
        return self.filter(status=ToolStatus.PUBLISHED)


class ClosureQuerySet(models.QuerySet["Closure"]):
    def visible_to(self, user: Person) -> Self:
        """The page of closures: those who prepare the programme. Counting working days asks for no person."""
        return self if roles_of(user).any_of(*PROGRAMME_ROLES) else self.none()


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, user: Person) -> Self:
        return self if roles_of(user).any_of(*PROGRAMME_ROLES) else self.none()


class AllocationQuerySet(models.QuerySet["Allocation"]):
    def visible_to(self, user: Person) -> Self:
        """Who owes what: the programme's people see all of it, everybody their own, managers their people's.

        A draft is seen by those who prepare it and by nobody else.
        """
        roles = roles_of(user)
        if roles.any_of(*PROGRAMME_ROLES):
            return self
        theirs = Q(auditor_id=user.pk) | Q(auditor__line_manager_id=user.pk)
        if roles.manages or roles.manages_services:
            people = Membership.objects.on(timezone.localdate()).filter(
                Q(team__in=roles.manages) | Q(team__service__in=roles.manages_services),
                role__in=(Role.TEAM_MEMBER, Role.TEAM_MANAGER),
            )
            theirs |= Q(auditor__in=people.values("user"))
        return self.filter(theirs).exclude(round__status=RoundStatus.DRAFT)

    def live(self) -> Self:
        """Obligations that still stand or were met: neither excused, withdrawn nor passed on."""
        return self.filter(status=AllocationStatus.ALLOCATED)

    def given_out(self) -> Self:
        """Every row of the ledger: whatever was published, whatever became of it.

        Audits brought in from a form service are not in it: what was given out besides them is not known.
        """
        return self.exclude(round__status=RoundStatus.DRAFT).filter(audit__imported__isnull=True)

    def cjas(self) -> Self:
        return self.filter(kind=AllocationKind.CJA)

    def other_kinds(self) -> Self:
        """Dip samples and observations: obligations without a child."""
        return self.exclude(kind=AllocationKind.CJA)

    def outstanding(self) -> Self:
        """Live obligations that have not been met."""
        return self.live().exclude(MET)

    def child_has_left(self) -> Self:
        """Outstanding audits of children who are no longer in the caseload."""
        return self.outstanding().filter(child__closed_on__isnull=False)

    def awaited(self) -> Self:
        """Audits that somebody still has to submit, in months that are not closed."""
        return self.live().filter(
            round__status=RoundStatus.PUBLISHED,
            audit__status__in=(AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS),
        )

    def with_issued_at(self) -> Self:
        """Each with `issued_at`, when its auditor was told of it: with the round, or when it was reallocated."""
        reallocated_at = Max(
            "replaces__moves__at", filter=Q(replaces__moves__kind=AllocationMoveKind.REALLOCATE)
        )
        return self.annotate(issued_at=Coalesce(reallocated_at, F("round__published_at")))

    def standing(self) -> Self:
        """Live obligations and those a draft proposes: what another draw must take account of."""
        return self.filter(status__in=STANDING)


class ActivityRecordQuerySet(models.QuerySet["ActivityRecord"]):
    def visible_to(self, user: Person) -> Self:
        """The QA lead and the PSW read all; everybody their own, and line managers those of their reports."""
        if roles_of(user).any_of(*READING_ROLES):
            return self
        return self.filter(
            Q(allocation__auditor_id=user.pk) | Q(allocation__auditor__line_manager_id=user.pk)
        )


class ExemptionQuerySet(models.QuerySet["Exemption"]):
    def visible_to(self, user: Person) -> Self:
        """Reasons for leave are nobody's business but the programme's people's, one's own and one's line manager's."""
        if roles_of(user).any_of(*PROGRAMME_ROLES):
            return self
        return self.filter(Q(auditor_id=user.pk) | Q(auditor__line_manager_id=user.pk))

    def waiting(self) -> Self:
        return self.filter(status=ExemptionStatus.REQUESTED)

    def in_force(self, first: date, last: date) -> Self:
        """Those that hold, or held, on any day from first to last."""
        return self.filter(
            status__in=(ExemptionStatus.APPROVED, ExemptionStatus.ENDED),
            starts_on__lte=last,
            ends_on__gte=first,
        )


class AuditQuerySet(models.QuerySet["Audit"]):
    def visible_to(self, user: Person) -> Self:
        """Whose audits this person may open (docs/access.md); what of the text they read, can_read_text_of says.

        A draft is its auditor's alone. Once submitted, the QA lead and the PSW see it too, and whoever an upper app
        names in audits/readers.py; once final, also the managers and leaders of the child's team, then and now. What
        that file closes to somebody, such as a moderator before their blind reading, stays closed whatever they are.
        """
        own = _own(user)
        handed_in = Q(status__in=HANDED_IN)
        if roles_of(user).any_of(*READING_ROLES):
            return self.filter(own | handed_in | Q(status=AuditStatus.VOID)).exclude(kept_from(user))
        final = Q(status=AuditStatus.FINALISED) & _of_a_team_led_by(user)
        return self.filter(own | final | (handed_in & also_read_by(user))).exclude(kept_from(user))

    def tabled_for(self, user: Person) -> Self:
        """What audits/readers.py opens to the person: what is tabled at a panel of theirs. A part of `visible_to`."""
        return self.filter(also_read_by(user))

    def own(self, user: Person) -> Self:
        """What the person was given and still has: a part of `visible_to` that takes no query for their roles."""
        return self.filter(_own(user))

    def with_waiting_reopening(self) -> Self:
        """Each with `waiting`, where a reopening waits for a decision. No query of its own."""
        waits = Q(reopenings__status=ReopeningStatus.PROPOSED)
        return self.annotate(waiting=FilteredRelation("reopenings", condition=waits)).select_related(
            "waiting__proposed_by"
        )

    def submitted(self) -> Self:
        """SUB of the measures: submitted at least once and not void."""
        return self.filter(status__in=HANDED_IN)

    def overriding_a_ceiling(self) -> Self:
        """Those with a grade above its ceiling: they always go to moderation (docs/domain.md, section 5)."""
        above = self.model.objects.order_by().filter(above_ceiling("sections__"))
        return self.filter(pk__in=above.values("pk"))

    def disputed(self) -> Self:
        """Disputed by the social worker: always moderated, whatever the auditor's exemption (docs/domain.md, 7)."""
        return self.filter(worker_reply__outcome=ReplyOutcome.DISAGREES)

    def with_family_unasked(self) -> Self:
        """Each with `is_family_unasked`: nothing is logged of asking the family, and the audit has such a log."""
        unasked = Q(feedback_by_person=True, family_contacts__isnull=True)
        return self.annotate(
            is_family_unasked=Exists(self.model._default_manager.filter(unasked, pk=OuterRef("pk")))  # noqa: SLF001
        )

    def open_to_reply_by(self, user: Person) -> Self:
        """Whose worker's reply this person records: handed in and not final, of a team or a service that they manage.

        Never an audit of their own, whoever they manage. This opens the page of the reply, never the audit.
        """
        roles = roles_of(user)
        theirs = Q(team__in=roles.manages) | Q(team__service__in=roles.manages_services)
        return self.filter(theirs, status__in=AWAITING_MODERATION).exclude(allocation__auditor=user.pk)

    def nominated(self) -> Self:
        """Nominated as good practice by its auditor (question O2), each with `learning`, what others should learn.

        Only what was handed in and is not being written again.
        """
        return self.filter(
            status__in=(*AWAITING_MODERATION, AuditStatus.FINALISED),
            answers__question__code=GOOD_PRACTICE,
            answers__value="yes",
        ).annotate(learning=F("answers__note"))

    def answered_for_by(self, user: Person) -> Self:
        """Those whose child this person answers for now: as manager of the team that holds the child, service
        manager, assistant director or Director, and as QA lead or PSW. It lets nobody read an audit: it is for pages
        that say what cannot wait.
        """
        roles = roles_of(user)
        if roles.leads_all or roles.any_of(*READING_ROLES):
            return self
        return self.filter(
            Q(allocation__child__team__in=roles.manages)
            | Q(allocation__child__team__service__in=roles.manages_services | roles.leads_services)
        )


class ImmediateConcernQuerySet(models.QuerySet["ImmediateConcern"]):
    def visible_to(self, user: Person) -> Self:
        """Who raised it, who was told, the managers of the team and its service now, the QA lead and the PSW."""
        roles = roles_of(user)
        if roles.leads_all or roles.any_of(*READING_ROLES):
            return self
        told = self.model.objects.order_by().filter(told__person=user.pk)
        return self.filter(
            Q(raised_by_id=user.pk)
            | Q(pk__in=told.values("pk"))
            | Q(team__in=roles.manages)
            | Q(team__service__in=roles.manages_services | roles.leads_services)
        )

    def waiting(self) -> Self:
        """Raised, and acknowledged by nobody."""
        return self.filter(status=ConcernStatus.RAISED)

    def to_escalate(self, *, raised_by_then: datetime) -> Self:
        """Waiting since that moment or longer, and not escalated."""
        return self.waiting().filter(escalated_at__isnull=True, raised_at__lte=raised_by_then)


class TimescaleRuleQuerySet(models.QuerySet["TimescaleRule"]):
    def visible_to(self, user: Person) -> Self:
        """The page that lists them is the QA lead's and the PSW's; an auditor meets a rule beside a due date."""
        return self if roles_of(user).any_of(*READING_ROLES) else self.none()


def _own(user: Person) -> Q:
    return Q(allocation__auditor_id=user.pk) & (
        Q(allocation__status=AllocationStatus.ALLOCATED) | Q(status=AuditStatus.VOID)
    )


def _of_a_team_led_by(user: Person) -> Q:
    """Audits of the teams that this person manages or leads: the child's team then, and the child's team now."""
    roles = roles_of(user)
    if roles.leads_all:
        return Q()
    services = roles.manages_services | roles.leads_services
    led = Q(pk__in=[])
    if roles.manages:
        led |= Q(team__in=roles.manages) | Q(allocation__child__team__in=roles.manages)
    if services:
        led |= Q(team__service__in=services) | Q(allocation__child__team__service__in=services)
    return led


class ReopeningQuerySet(models.QuerySet["Reopening"]):
    def visible_to(self, user: Person) -> Self:
        """Those who propose and those who decide."""
        return self if roles_of(user).any_of(*READING_ROLES) else self.none()

    def waiting(self) -> Self:
        return self.filter(status=ReopeningStatus.PROPOSED)


class AccessRecordQuerySet(models.QuerySet["AccessRecord"]):
    def visible_to(self, user: Person) -> Self:
        """Information governance sees who read what; everybody else what they opened themselves."""
        if Role.INFORMATION_GOVERNANCE in roles_of(user):
            return self
        return self.filter(person_id=user.pk)


class ExportRecordQuerySet(models.QuerySet["ExportRecord"]):
    def visible_to(self, user: Person) -> Self:
        """Information governance sees every export; everybody else their own."""
        if Role.INFORMATION_GOVERNANCE in roles_of(user):
            return self
        return self.filter(by_id=user.pk)
