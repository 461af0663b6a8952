"""A child at risk now, and an audit that needs managers the same day: who said so, who was told, who acts."""

import re
import uuid
from typing import NamedTuple

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Team
from audits.enums import ConcernMoveKind, ConcernStatus, ToldAs
from audits.models.audit import Audit
from audits.querysets import ImmediateConcernQuerySet

INSTRUCTION = (
    "Telephone first. Do not wait for this form or for an answer to it. "
    "If the child is in danger at this moment, telephone the police."
)
TELEPHONES = (
    "Police, when a child is in danger now: 999\n"
    "Duty social worker, in office hours: 01632 960 100\n"
    "Emergency duty team, at all other times: 01632 960 300"
)


class Telephone(NamedTuple):
    """Whom a number reaches, and the number as people read it."""

    who: str
    number: str

    @property
    def href(self) -> str:
        """What a telephone dials at a touch; "" where there is more to it than a number."""
        dialled = re.sub(r"[\s().-]", "", self.number)
        return f"tel:{dialled}" if re.fullmatch(r"\+?[0-9]{3,15}", dialled) else ""


class ConcernSettings(models.Model):
    """What this council does when a child is at risk or an audit is Inadequate. One row, edited on a page.

    `telephones` has a line for each number: whom it reaches, a colon, the number.
    """

    instruction = models.TextField(max_length=1000, default=INSTRUCTION)
    telephones = models.TextField(max_length=1000, default=TELEPHONES)
    escalate_after_minutes = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(5), MaxValueValidator(240)]
    )
    review_within_days = models.PositiveSmallIntegerField(
        default=2, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    plan_within_days = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(40)]
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="concern_settings_one_row")]

    def __str__(self) -> str:
        return "When a child is at risk now"

    @property
    def telephone_lines(self) -> list[Telephone]:
        """Whom each number reaches, and the number."""
        lines = (line.rpartition(":") for line in self.telephones.splitlines() if line.strip())
        return [Telephone(who.strip(), number.strip()) for who, _, number in lines]

    @classmethod
    def current(cls) -> "ConcernSettings":
        """The council's settings: the defaults until somebody changes one."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class ImmediateConcern(models.Model):
    """That somebody says a child is at risk now (docs/domain.md, section 5).

    `team` is the child's team at that moment, where the caseload knows the child. `key` is made with the form, so
    that a form posted twice raises one concern.
    """

    key = models.UUIDField(default=uuid.uuid4, editable=False)
    child_reference = models.CharField(max_length=40)
    audit = models.ForeignKey(
        Audit, null=True, blank=True, on_delete=models.PROTECT, related_name="immediate_concerns"
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="immediate_concerns"
    )
    risk = models.TextField()
    telephoned = models.CharField("whom its raiser telephoned, and when", max_length=500, blank=True)
    reached_nobody = models.BooleanField(default=False)
    status = models.CharField(max_length=20, choices=ConcernStatus.choices, default=ConcernStatus.RAISED)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    response = models.TextField("what will be done", blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField("what came of it", blank=True)

    objects = ImmediateConcernQuerySet.as_manager()

    class Meta:
        ordering = ("-raised_at", "-pk")
        indexes = [
            models.Index(
                fields=("raised_at",),
                condition=Q(status=ConcernStatus.RAISED, escalated_at__isnull=True),
                name="concern_to_escalate",
            ),
            models.Index(fields=("status", "-raised_at"), name="concern_status_raised"),
        ]
        constraints = [
            models.UniqueConstraint(fields=("raised_by", "key"), name="concern_once_per_form"),
            models.CheckConstraint(
                condition=~Q(child_reference="") & ~Q(risk=""), name="concern_says_child_and_risk"
            ),
            models.CheckConstraint(
                condition=Q(reached_nobody=True, telephoned="")
                | (Q(reached_nobody=False) & ~Q(telephoned="")),
                name="concern_says_who_was_telephoned",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=ConcernStatus.RAISED, acknowledged_by__isnull=True, acknowledged_at__isnull=True
                )
                | Q(
                    status__in=(ConcernStatus.ACKNOWLEDGED, ConcernStatus.CLOSED),
                    acknowledged_by__isnull=False,
                    acknowledged_at__isnull=False,
                )
                & ~Q(response=""),
                name="concern_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status=ConcernStatus.CLOSED) & Q(closed_by__isnull=True, closed_at__isnull=True)
                | Q(status=ConcernStatus.CLOSED, closed_by__isnull=False, closed_at__isnull=False)
                & ~Q(outcome=""),
                name="concern_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_by__isnull=True) | ~Q(acknowledged_by=F("raised_by")),
                name="concern_never_acknowledged_by_its_raiser",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Its name in mails, addresses and titles."""
        return f"CON-{self.pk}"


class ConcernMove(models.Model):
    """What happened to a concern: what, by whom, when, with which words. Rows are added and never changed.

    `by` is empty for what the timetable did.
    """

    concern = models.ForeignKey(ImmediateConcern, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(max_length=20, choices=ConcernMoveKind.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.UniqueConstraint(fields=("concern", "kind"), name="concern_moves_once"),
            models.CheckConstraint(condition=Q(kind__in=ConcernMoveKind.values), name="concern_move_known"),
        ]

    def __str__(self) -> str:
        return f"{self.concern_id}: {self.get_kind_display()}"


class ConcernTold(models.Model):
    """That a person was told of a concern, and because they are what. Each is told once in each part."""

    concern = models.ForeignKey(ImmediateConcern, on_delete=models.PROTECT, related_name="told")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    told_as = models.CharField(max_length=30, choices=ToldAs.choices)
    is_escalation = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.UniqueConstraint(fields=("concern", "person", "is_escalation"), name="concern_told_once"),
            models.CheckConstraint(condition=Q(told_as__in=ToldAs.values), name="concern_told_as_known"),
        ]

    def __str__(self) -> str:
        return f"{self.concern_id}: {self.person_id}"


class UrgentNotice(models.Model):
    """That a person was told, the same day, of an audit that its auditor graded Inadequate overall. Once each."""

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="urgent_notices")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    told_as = models.CharField(max_length=30, choices=ToldAs.choices)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.UniqueConstraint(fields=("audit", "person"), name="urgent_notice_once"),
            models.CheckConstraint(condition=Q(told_as__in=ToldAs.values), name="urgent_told_as_known"),
        ]

    def __str__(self) -> str:
        return f"{self.audit_id}: {self.person_id}"
