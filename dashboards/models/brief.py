"""Learning briefs: one page of themes and what good looks like, and its published versions."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from actions.models import Finding, Theme
from audits.models import Audit
from dashboards.enums import LONGEST_POINT, PointKind, ReportStatus
from dashboards.querysets import BriefVersionQuerySet, LearningBriefQuerySet


class LearningBrief(models.Model):
    """A brief while it is written. `version` counts the saves of its words and points."""

    noun = "brief"

    reference = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=100)
    opening = models.TextField(max_length=400, blank=True)
    status = models.CharField(max_length=20, choices=ReportStatus.choices, default=ReportStatus.DRAFT)
    version = models.PositiveIntegerField(default=0)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = LearningBriefQuerySet.as_manager()

    class Meta:
        ordering = ("-reference",)
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ReportStatus.values), name="learning_brief_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=ReportStatus.IN_REVIEW) | Q(sent_by__isnull=False),
                name="learning_brief_sent_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.title}"


class BriefPoint(models.Model):
    """One point of a brief, in its writer's words, and what it was chosen from: a theme, a finding, or the audit that
    was nominated as good practice. Readers see the words alone.
    """

    brief = models.ForeignKey(LearningBrief, on_delete=models.CASCADE, related_name="points")
    kind = models.CharField(max_length=10, choices=PointKind.choices)
    words = models.TextField(max_length=LONGEST_POINT)
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    finding = models.ForeignKey(Finding, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    nominated = models.ForeignKey(Audit, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("brief_id", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PointKind.values), name="brief_point_kind_known"),
            models.CheckConstraint(condition=~Q(words=""), name="brief_point_says_something"),
            models.UniqueConstraint(fields=("brief", "theme"), name="brief_point_once_a_theme"),
            models.UniqueConstraint(fields=("brief", "finding"), name="brief_point_once_a_finding"),
            models.UniqueConstraint(fields=("brief", "nominated"), name="brief_point_once_a_nomination"),
        ]

    def __str__(self) -> str:
        return self.words


class BriefMove(models.Model):
    """That a brief changed its status. Rows are added and never changed; `from_status` is empty at its start."""

    brief = models.ForeignKey(LearningBrief, on_delete=models.PROTECT, related_name="moves")
    from_status = models.CharField(max_length=20, choices=ReportStatus.choices, blank=True)
    to_status = models.CharField(max_length=20, choices=ReportStatus.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_status__in=("", *ReportStatus.values), to_status__in=ReportStatus.values),
                name="brief_move_statuses_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brief_id}: {self.from_status or 'new'} to {self.to_status}"


class BriefVersion(models.Model):
    """A brief as it was published, by somebody else than who sent it. Never changed."""

    brief = models.ForeignKey(LearningBrief, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    contents = models.JSONField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    objects = BriefVersionQuerySet.as_manager()

    class Meta:
        ordering = ("-brief__reference", "-number")
        constraints = [
            models.UniqueConstraint(fields=("brief", "number"), name="brief_version_numbered_once"),
            models.CheckConstraint(
                condition=~Q(published_by=F("sent_by")), name="brief_version_published_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brief}, version {self.number}"
