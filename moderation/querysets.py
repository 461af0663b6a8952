"""Which rows of moderation, for whom. `visible_to(user)` is the only way from a request to a row (docs/access.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Cast

from accounts.enums import Role
from accounts.models import User
from accounts.roles import roles_of
from audits.enums import AWAITING_MODERATION, AuditStatus
from moderation.enums import (
    OPEN_EARNED,
    PAPERS_OUT,
    READ,
    CalibrationStatus,
    EarnedStatus,
    PanelStatus,
    ReadingStatus,
    SeatStatus,
    TablingStatus,
)

if TYPE_CHECKING:  # named in strings below, where the linter does not look
    from moderation.models import (  # noqa: F401
        CalibrationExercise,
        CalibrationGrade,
        Decision,
        EarnedExemption,
        ModerationCase,
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

CALIBRATING_ROLES = (Role.AUDITOR, Role.MODERATOR, *CHAIR_ROLES)
"""Who grades a calibration exercise (docs/domain.md, section 7, R11)."""

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
        """MOD of the measures: decided by a panel that is closed, and by no later one (docs/domain.md, section 10).

        An audit that was reopened and decided again counts once, with its last decision.
        """
        later = self.model.objects.decided().filter(
            audit=OuterRef("audit"), decision__gt=OuterRef("decision")
        )
        return self.decided().exclude(Exists(later))

    def decided(self) -> Self:
        """Decided by a panel that is closed, whether or not a later one decided again."""
        return self.filter(status=TablingStatus.DECIDED, panel__status=PanelStatus.CLOSED)


class ReadingQuerySet(models.QuerySet["Reading"]):
    def visible_to(self, user: Person) -> Self:
        """One's own, while one sits on the panel, its papers are out and no conflict of interest has come up."""
        return (
            self.standing()
            .without_conflict()
            .filter(
                moderator_id=user.pk,
                member__status=SeatStatus.ACCEPTED,
                tabling__panel__status__in=PAPERS_OUT,
            )
        )

    def without_conflict(self) -> Self:
        """Those whose reader may still moderate the audit: a conflict may be noted after the reading was given."""
        return self.exclude(tabling__conflicts__person=F("moderator"))

    def standing(self) -> Self:
        return self.exclude(status=ReadingStatus.WITHDRAWN)

    def recorded(self) -> Self:
        return self.filter(status__in=READ)

    def owed(self) -> Self:
        """Still to be read or explained, at panels whose papers are out."""
        return self.without_conflict().filter(
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


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def visible_to(self, user: Person) -> Self:
        return self if roles_of(user).any_of(*CHAIR_ROLES) else self.filter(auditor_id=user.pk)


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(self, user: Person) -> Self:
        return self if roles_of(user).any_of(*CHAIR_ROLES) else self.filter(auditor_id=user.pk)

    def waiting(self) -> Self:
        return self.filter(decided_at__isnull=True)


class ModerationCaseQuerySet(models.QuerySet["ModerationCase"]):
    def visible_to(self, user: Person) -> Self:
        """The queue is for those who run moderation."""
        return self if roles_of(user).any_of(*CHAIR_ROLES) else self.none()

    def for_a_panel(self) -> Self:
        """Audits that a panel must see and that wait for one, on a table or not."""
        return self.filter(must_moderate=True, audit__status__in=AWAITING_MODERATION)

    def waiting(self) -> Self:
        """Those of them that are on no table yet."""
        return self.for_a_panel().exclude(audit__tablings__status=TablingStatus.TABLED)

    def on_a_table(self) -> Self:
        return self.for_a_panel().filter(audit__tablings__status=TablingStatus.TABLED)

    def returned(self) -> Self:
        """With their auditors for more evidence; they come back."""
        return self.filter(must_moderate=True, audit__status=AuditStatus.RETURNED)

    def because(self, reason: str) -> Self:
        """Those for which this is a reason; the list is searched as text, which both databases can."""
        return self.annotate(reasons_text=Cast("reasons", models.TextField())).filter(
            reasons_text__contains=f'"{reason}"'
        )

    def to_draw(self) -> Self:
        """Audits of exempt auditors for which no lot has been drawn yet."""
        return self.filter(must_moderate=False, draw__isnull=True, audit__status__in=AWAITING_MODERATION)


class EarnedExemptionQuerySet(models.QuerySet["EarnedExemption"]):
    def visible_to(self, user: Person) -> Self:
        """The register is for those who run moderation; everybody reads their own, once it is granted."""
        if roles_of(user).any_of(*CHAIR_ROLES):
            return self
        return self.filter(auditor_id=user.pk, status__in=(EarnedStatus.GRANTED, EarnedStatus.ENDED))

    def proposed(self) -> Self:
        return self.filter(status=EarnedStatus.PROPOSED)

    def in_force(self) -> Self:
        return self.filter(status=EarnedStatus.GRANTED)

    def open(self) -> Self:
        return self.filter(status__in=OPEN_EARNED)

    def as_register(self) -> Self:
        """What waits longest first, then what is in force by the day it lapses, then what is over, the latest first."""
        proposed, granted = Q(status=EarnedStatus.PROPOSED), Q(status=EarnedStatus.GRANTED)
        return self.order_by(
            Case(When(proposed, then=0), When(granted, then=1), default=2),
            Case(When(proposed, then="proposed_at")),
            Case(When(granted, then="review_on")),
            "-proposed_at",
            "-pk",
        )


class CalibrationExerciseQuerySet(models.QuerySet["CalibrationExercise"]):
    def visible_to(self, user: Person) -> Self:
        """Those who run moderation see all, those who grade see them once they are open."""
        roles = roles_of(user)
        if roles.any_of(*CHAIR_ROLES):
            return self
        if roles.any_of(*CALIBRATING_ROLES):
            return self.exclude(status=CalibrationStatus.DRAFT)
        return self.none()

    def open(self) -> Self:
        return self.filter(status=CalibrationStatus.OPEN)


class CalibrationGradeQuerySet(models.QuerySet["CalibrationGrade"]):
    def visible_to(self, user: Person) -> Self:
        """One's own; those of all once the exercise is closed, and before that of nobody, whoever asks."""
        own = Q(person_id=user.pk)
        if roles_of(user).any_of(*CALIBRATING_ROLES):
            return self.filter(own | Q(text__exercise__status=CalibrationStatus.CLOSED))
        return self.filter(own)
