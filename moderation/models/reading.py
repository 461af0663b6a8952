"""A moderator's own reading of a tabled audit: the grades they give, and why they differ from the auditor's."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audits.enums import BAND_GRADES, GRADED_SECTIONS, Grade, Section
from moderation.enums import READ, FormQuality, ReadingStatus
from moderation.models.panel import PanelMember
from moderation.models.tabling import Tabling
from moderation.querysets import ReadingQuerySet


class Reading(models.Model):
    """That a moderator is to read a tabled audit, and what they recorded. `version` counts its saves.

    Once recorded its grades never change. `auditor` is kept here so that the database refuses self-moderation.
    """

    tabling = models.ForeignKey(Tabling, on_delete=models.PROTECT, related_name="readings")
    member = models.ForeignKey(PanelMember, on_delete=models.PROTECT, related_name="readings")
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="readings")
    auditor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=ReadingStatus.choices, default=ReadingStatus.TO_DO)
    because = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    form_quality = models.CharField(max_length=20, choices=FormQuality.choices, blank=True)
    form_note = models.TextField(blank=True)
    assigned_at = models.DateTimeField()
    recorded_at = models.DateTimeField(null=True, blank=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        ordering = ("tabling_id", "pk")
        indexes = [models.Index(fields=("moderator", "status"), name="reading_moderator_status")]
        constraints = [
            models.UniqueConstraint(
                fields=("tabling", "moderator"),
                condition=~Q(status=ReadingStatus.WITHDRAWN),
                name="reading_once_for_each_moderator",
            ),
            models.CheckConstraint(condition=~Q(moderator=F("auditor")), name="reading_never_of_ones_own"),
            models.CheckConstraint(condition=Q(status__in=ReadingStatus.values), name="reading_status_known"),
            models.CheckConstraint(
                condition=Q(status__in=READ, recorded_at__isnull=False)
                | ~Q(status__in=READ) & Q(recorded_at__isnull=True),
                name="reading_recorded_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=READ) | Q(form_quality__in=FormQuality.values),
                name="reading_recorded_has_form_quality",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tabling_id} read by {self.moderator_id}"


class ReadingGrade(models.Model):
    """The grade a moderator gives one area, or the whole, and their reason for it."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="grades")
    section = models.CharField(max_length=20, choices=Section.choices)
    grade = models.CharField(max_length=30, choices=Grade.choices, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("reading_id", "pk")
        constraints = [
            models.UniqueConstraint(fields=("reading", "section"), name="reading_grade_once"),
            models.CheckConstraint(
                condition=Q(grade="")
                | Q(grade__in=BAND_GRADES, section__in=GRADED_SECTIONS)
                | Q(grade=Grade.NOT_APPLICABLE, section__in=GRADED_SECTIONS) & ~Q(section=Section.OVERALL),
                name="reading_grade_fits_section",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reading_id}: {self.section} {self.grade}"


class ReadingDifference(models.Model):
    """Why a recorded grade differs from the auditor's: reasons of R7, and a narrative. Never changed."""

    reading_grade = models.OneToOneField(ReadingGrade, on_delete=models.PROTECT, related_name="difference")
    auditor_grade = models.CharField(max_length=30, choices=Grade.choices)
    reasons = models.JSONField(default=list)
    narrative = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(narrative="") & ~Q(reasons=[]), name="reading_difference_has_reasons"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reading_grade_id}: {', '.join(self.reasons)}"
