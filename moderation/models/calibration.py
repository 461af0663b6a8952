"""The calibration exercise: one shared text that everybody grades, each alone."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audits.enums import BAND_GRADES, GRADED_SECTIONS, Grade, Pathway, Section
from audits.models import Audit
from moderation.enums import CalibrationStatus
from moderation.querysets import CalibrationExerciseQuerySet, CalibrationGradeQuerySet


class CalibrationExercise(models.Model):
    """One exercise, open from when it is opened to the end of `closes_on` (docs/domain.md, section 7, R11)."""

    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120)
    introduction = models.TextField("what graders should know about the child", max_length=2000, blank=True)
    pathway = models.CharField(max_length=20, choices=Pathway.choices)
    source = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="calibrations")
    status = models.CharField(
        max_length=20, choices=CalibrationStatus.choices, default=CalibrationStatus.DRAFT
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closes_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CalibrationExerciseQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=CalibrationStatus.DRAFT, opened_at__isnull=True, closed_at__isnull=True)
                | Q(
                    status=CalibrationStatus.OPEN,
                    opened_at__isnull=False,
                    closes_on__isnull=False,
                    closed_at__isnull=True,
                )
                | Q(status=CalibrationStatus.CLOSED, opened_at__isnull=False, closed_at__gte=F("opened_at")),
                name="calibration_status_has_moments",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.title}"


class CalibrationText(models.Model):
    """What graders read of one area: a copy of the audit's text with names taken out. `is_checked` says by a person.

    `reference_grade` is what those who prepared the exercise would give; empty where they give none.
    """

    exercise = models.ForeignKey(CalibrationExercise, on_delete=models.CASCADE, related_name="texts")
    section = models.CharField(max_length=20, choices=Section.choices)
    text = models.TextField(max_length=20_000)
    is_checked = models.BooleanField("no name, place or date in it tells who the child is", default=False)
    reference_grade = models.CharField(max_length=30, choices=Grade.choices, blank=True)

    class Meta:
        ordering = ("exercise_id", "pk")
        constraints = [
            models.UniqueConstraint(fields=("exercise", "section"), name="calibration_text_once"),
            models.CheckConstraint(
                condition=Q(section__in=GRADED_SECTIONS, reference_grade__in=["", *BAND_GRADES])
                & ~Q(text=""),
                name="calibration_text_words_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.exercise_id}: {self.section}"


class CalibrationGrade(models.Model):
    """What one person gives one text. It may be changed until the exercise is closed."""

    text = models.ForeignKey(CalibrationText, on_delete=models.PROTECT, related_name="grades")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calibration_grades"
    )
    grade = models.CharField(max_length=30, choices=Grade.choices)
    why = models.TextField(max_length=1000, blank=True)
    graded_at = models.DateTimeField()

    objects = CalibrationGradeQuerySet.as_manager()

    class Meta:
        ordering = ("text_id", "pk")
        constraints = [
            models.UniqueConstraint(fields=("text", "person"), name="calibration_grade_once"),
            models.CheckConstraint(condition=Q(grade__in=BAND_GRADES), name="calibration_grade_on_the_scale"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.grade}"
