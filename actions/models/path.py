"""What follows from a grade: the path of an Inadequate audit, re-audits, and the hand-off to supervision."""

from datetime import date, datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from actions.enums import PathMoveKind, PathStepKind, PathStepStatus, ReauditReason
from actions.models.settings import multiple_of_five
from actions.querysets import HandOffQuerySet, PathStepQuerySet, ReauditQuerySet, UrgentPathQuerySet
from audits.models import Audit


class PathSettings(models.Model):
    """What this council has chosen for what follows from grades. One row, edited on a page (docs/domain.md, 8).

    `sampled` counts the audits that stood in the draw of Requires improvement, so that each block of it is whole;
    `sample_seed` decides the draw. How long the first steps have is ConcernSettings'.
    """

    reaudit_from_weeks = models.PositiveSmallIntegerField(
        "weeks after which a re-audit may be given out",
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(52)],
    )
    reaudit_until_weeks = models.PositiveSmallIntegerField(
        "weeks within which a re-audit is in",
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(52)],
    )
    impact_after_months = models.PositiveSmallIntegerField(
        "months after which the impact check is due",
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    sample_percent = models.PositiveSmallIntegerField(
        "share of audits that are Requires improvement overall which is audited again, in percent",
        default=10,
        validators=[MaxValueValidator(100), multiple_of_five],
    )
    sample_seed = models.PositiveIntegerField("seed of that draw", default=1)
    sampled = models.PositiveIntegerField("audits that stood in that draw", default=0)
    hand_off_days = models.PositiveSmallIntegerField(
        "working days within which the learning is handed over in supervision",
        default=40,
        validators=[MinValueValidator(1), MaxValueValidator(250)],
    )
    children_for_theme = models.PositiveSmallIntegerField(
        "children on whose files a theme is found in a quarter before it counts",
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="path_settings_one_row"),
            models.CheckConstraint(
                condition=Q(reaudit_until_weeks__gt=F("reaudit_from_weeks")), name="path_settings_window"
            ),
        ]

    def __str__(self) -> str:
        return "Settings of what follows from grades"

    @classmethod
    def current(cls) -> "PathSettings":
        """The council's settings: the defaults until somebody changes one."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class UrgentPath(models.Model):
    """That an audit was submitted as Inadequate overall, on its auditor's grade, and what follows began.

    It stays, whatever a panel makes of the grade: the child was not to wait for the panel.
    """

    audit = models.OneToOneField(Audit, on_delete=models.PROTECT, related_name="urgent_path")
    began_at = models.DateTimeField()

    objects = UrgentPathQuerySet.as_manager()

    class Meta:
        ordering = ("-began_at", "-pk")

    def __str__(self) -> str:
        return f"What follows from {self.audit_id}"


class PathStep(models.Model):
    """One step of the path: when it is due, and who did what on which day.

    An impact check says what is different for the child now, and is verified by somebody who did not record it.
    """

    path = models.ForeignKey(UrgentPath, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=PathStepKind.choices)
    due_on = models.DateField()
    status = models.CharField(max_length=20, choices=PathStepStatus.choices, default=PathStepStatus.DUE)
    held_on = models.DateField("day it was held", null=True, blank=True)
    text = models.TextField(blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)

    objects = PathStepQuerySet.as_manager()

    class Meta:
        ordering = ("path_id", "due_on", "pk")
        indexes = [models.Index(fields=("status", "due_on"), name="path_step_status_due")]
        constraints = [
            models.UniqueConstraint(fields=("path", "kind"), name="path_step_once"),
            models.CheckConstraint(
                condition=Q(kind__in=PathStepKind.values, status__in=PathStepStatus.values),
                name="path_step_words_known",
            ),
            models.CheckConstraint(
                condition=Q(status=PathStepStatus.DUE, done_by__isnull=True, done_at__isnull=True, text="")
                | ~Q(status=PathStepStatus.DUE)
                & Q(done_by__isnull=False, done_at__isnull=False, held_on__isnull=False)
                & ~Q(text=""),
                name="path_step_done_says_what",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=PathStepStatus.VERIFIED, verified_by__isnull=False, verified_at__isnull=False
                )
                | ~Q(status=PathStepStatus.VERIFIED) & Q(verified_by__isnull=True, verified_at__isnull=True),
                name="path_step_verified_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("done_by")),
                name="path_step_verified_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class PathMove(models.Model):
    """That a step was recorded, returned or verified: by whom, when, with which words. Rows never change."""

    step = models.ForeignKey(PathStep, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(max_length=20, choices=PathMoveKind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PathMoveKind.values), name="path_move_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.step_id}: {self.get_kind_display()}"


class SampleDraw(models.Model):
    """That an audit, submitted as Requires improvement overall, stood in the draw of re-audits. Once for an audit."""

    audit = models.OneToOneField(Audit, on_delete=models.PROTECT, related_name="sample_draw")
    number = models.PositiveIntegerField("place in the draw", unique=True)
    seed = models.PositiveIntegerField()
    percent = models.PositiveSmallIntegerField()
    is_drawn = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number}: {'drawn' if self.is_drawn else 'not drawn'}"


class Reaudit(models.Model):
    """That a file is to be audited again, by another auditor, within a time. Given out, it is an allocation that says
    whose file it audits again (`Allocation.audits_again`).
    """

    first = models.OneToOneField(Audit, on_delete=models.PROTECT, related_name="reaudit")
    because = models.CharField(max_length=20, choices=ReauditReason.choices)
    opens_on = models.DateField("may be given out from")
    closes_on = models.DateField("to be in by")
    dropped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_reason = models.TextField("why none is needed", blank=True)

    objects = ReauditQuerySet.as_manager()

    given_id: int | None
    given_reference: str | None
    given_to: str | None
    given_due_on: date | None
    again_at: datetime | None
    again_grade: str | None
    first_grade: str | None
    """These only on rows read by ReauditQuerySet.with_outcome()."""

    class Meta:
        ordering = ("closes_on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(because__in=ReauditReason.values), name="reaudit_reason_known"
            ),
            models.CheckConstraint(condition=Q(closes_on__gt=F("opens_on")), name="reaudit_window_in_order"),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True, dropped_by__isnull=True, dropped_reason="")
                | Q(dropped_at__isnull=False, dropped_by__isnull=False) & ~Q(dropped_reason=""),
                name="reaudit_dropped_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Re-audit of {self.first_id}"


class SupervisionHandOff(models.Model):
    """That the learning of an audit is to be handed over in the worker's supervision; closed with its date.

    `manager` is who supervises the worker: the manager of the audit's team when it was allocated, if they still manage
    a team at submission, else the team's manager then.
    """

    audit = models.OneToOneField(Audit, on_delete=models.PROTECT, related_name="hand_off")
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="hand_offs"
    )
    due_on = models.DateField()
    supervised_on = models.DateField("date of the supervision", null=True, blank=True)
    note = models.TextField("what was taken from it", blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = HandOffQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "pk")
        indexes = [
            models.Index(
                fields=("manager", "due_on"), condition=Q(closed_at__isnull=True), name="hand_off_owed"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    closed_at__isnull=True, closed_by__isnull=True, supervised_on__isnull=True, note=""
                )
                | Q(closed_at__isnull=False, closed_by__isnull=False, supervised_on__isnull=False)
                & ~Q(note=""),
                name="hand_off_closed_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"Hand-off of {self.audit_id}"
