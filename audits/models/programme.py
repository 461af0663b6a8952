"""The monthly programme: rounds, and the ledger of who was given what."""

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Team
from audits.enums import AllocationKind, AllocationStatus, Pathway, ReminderStep, RoundStatus
from audits.models.caseload import Child
from audits.querysets import AllocationQuerySet, RoundQuerySet

MOST_CJAS = 500
"""No round is larger."""


def working_days(verbose_name: str, default: int) -> "models.PositiveSmallIntegerField[int, int]":
    """How many working days before or after the due date a step of the reminders falls."""
    return models.PositiveSmallIntegerField(
        verbose_name, default=default, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )


class ProgrammeSettings(models.Model):
    """What this council has chosen for its programme. One row, edited on a page (docs/domain.md, section 6).

    `pathway_weights` holds decimals as text by pathway: {"cla": "1.5"}. A pathway that is not in it weighs 1.
    """

    cjas_per_month = models.PositiveSmallIntegerField(
        "child journey audits a month, at least",
        default=25,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_CJAS)],
    )
    months_between_audits = models.PositiveSmallIntegerField(
        "months before the same child is drawn again", default=12, validators=[MaxValueValidator(60)]
    )
    own_team_blocked = models.BooleanField("never give an auditor a child of their own team", default=True)
    pathway_weights = models.JSONField("weight of each pathway in the draw", default=dict, blank=True)
    draws_mix = models.BooleanField(
        "give the remaining auditors a dip sample or an observation", default=True
    )
    line_manager_extension = models.PositiveSmallIntegerField(
        "working days by which a line manager may extend", default=5, validators=[MaxValueValidator(60)]
    )
    days_when_reallocated = models.PositiveSmallIntegerField(
        "working days that an auditor has at least when given somebody else's audit",
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    first_nudge_before = working_days("working days before the due date of the first reminder", 10)
    second_nudge_before = working_days("working days before the due date of the second reminder", 3)
    late_nudge_after = working_days("working days after the due date when the auditor is told it is late", 1)
    service_manager_after = working_days("working days late when the service manager is told", 5)
    assistant_director_after = working_days("working days late when the assistant director is told", 10)
    months_graded = models.PositiveSmallIntegerField(
        "months before its start that an audit grades",
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
    )
    months_without_supervision = models.PositiveSmallIntegerField(
        "months without supervision that are too long",
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="programme_settings_one_row")]

    def __str__(self) -> str:
        return "Programme settings"

    @property
    def reminder_offsets(self) -> dict[str, int]:
        """By step of the reminders: working days from the due date, below nought before it."""
        return {
            ReminderStep.FIRST_NUDGE: -self.first_nudge_before,
            ReminderStep.SECOND_NUDGE: -self.second_nudge_before,
            ReminderStep.LATE_NUDGE: self.late_nudge_after,
            ReminderStep.SERVICE_MANAGER: self.service_manager_after,
            ReminderStep.ASSISTANT_DIRECTOR: self.assistant_director_after,
        }

    @classmethod
    def current(cls) -> "ProgrammeSettings":
        """The council's settings: the defaults until somebody changes one."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class Round(models.Model):
    """One calendar month of audits, known by its first day."""

    month = models.DateField(unique=True)
    status = models.CharField(max_length=20, choices=RoundStatus.choices, default=RoundStatus.DRAFT)
    seed = models.BigIntegerField()
    cjas_wanted = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    not_covered = models.JSONField(default=list, blank=True)
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ("-month",)
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="round_month_is_first_day"),
            models.CheckConstraint(condition=Q(due_on__gte=F("month")), name="round_due_after_start"),
            models.CheckConstraint(
                condition=Q(status=RoundStatus.DRAFT, published_at__isnull=True)
                | Q(status__in=(RoundStatus.PUBLISHED, RoundStatus.CLOSED), published_at__isnull=False),
                name="round_published_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(status=RoundStatus.CLOSED) | Q(closed_at__isnull=True),
                name="round_only_closed_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%B %Y}"

    @property
    def reference(self) -> str:
        """The month as used in addresses and commands, such as 2026-11."""
        return f"{self.month:%Y-%m}"


class Allocation(models.Model):
    """One row of the ledger: what one auditor was given. Rows are never deleted once published."""

    reference = models.CharField(max_length=30, unique=True)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="allocations")
    kind = models.CharField(max_length=20, choices=AllocationKind.choices, default=AllocationKind.CJA)
    status = models.CharField(
        max_length=20, choices=AllocationStatus.choices, default=AllocationStatus.PROPOSED
    )
    auditor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="allocations"
    )
    child = models.ForeignKey(
        Child, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations"
    )
    pathway = models.CharField(max_length=20, choices=Pathway.choices, blank=True)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations"
    )
    because = models.TextField(blank=True)
    first_due_on = models.DateField()
    due_on = models.DateField()
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    audits_again = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="audited_again_by"
    )
    """Of a re-audit: the allocation of the first audit, which another auditor had."""

    issued_at: datetime
    """Only on rows read by AllocationQuerySet.with_issued_at()."""

    objects = AllocationQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "reference")
        indexes = [
            models.Index(fields=("auditor", "due_on"), name="allocation_auditor_due"),
            models.Index(fields=("round", "status"), name="allocation_round_status"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("round", "child"),
                condition=Q(status__in=(AllocationStatus.PROPOSED, AllocationStatus.ALLOCATED)),
                name="allocation_one_open_per_child",
            ),
            models.UniqueConstraint(
                fields=("audits_again",),
                condition=Q(status=AllocationStatus.ALLOCATED),
                name="allocation_one_open_reaudit",
            ),
            models.CheckConstraint(
                condition=Q(kind=AllocationKind.CJA, child__isnull=False, team__isnull=False)
                & Q(pathway__in=Pathway.values)
                | ~Q(kind=AllocationKind.CJA),
                name="allocation_cja_has_child",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("first_due_on")), name="allocation_due_never_earlier"
            ),
            models.CheckConstraint(
                condition=Q(status__in=AllocationStatus.values), name="allocation_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def audited_child(self) -> Child:
        """The child of a child journey audit; the database holds that there is one."""
        if self.child is None:
            raise ValueError(f"{self.reference} is not an audit of one child")
        return self.child
