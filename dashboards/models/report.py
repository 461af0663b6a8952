"""Quarterly and annual reports: the document that is written and its published versions."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dashboards.enums import ReportStatus
from dashboards.parts import PART_KEYS
from dashboards.querysets import ReportDocumentQuerySet, ReportVersionQuerySet


class ReportDocument(models.Model):
    """The report of one period while it is written. `period` is "2024-25 Q2", or "2024-25" for the year.

    Its figures are counted whenever it is opened; publishing keeps them, in a ReportVersion.
    """

    noun = "report"

    period = models.CharField(max_length=10, unique=True)
    status = models.CharField(max_length=20, choices=ReportStatus.choices, default=ReportStatus.DRAFT)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ReportDocumentQuerySet.as_manager()

    class Meta:
        ordering = ("-period",)
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ReportStatus.values), name="report_document_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=ReportStatus.IN_REVIEW) | Q(sent_by__isnull=False),
                name="report_document_sent_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Report {self.period}"


class ReportSection(models.Model):
    """The words of one part of a report. `version` counts the saves; `required` is for priority areas alone."""

    document = models.ForeignKey(ReportDocument, on_delete=models.CASCADE, related_name="sections")
    key = models.CharField(max_length=20)
    narrative = models.TextField(max_length=10_000, blank=True)
    required = models.TextField("actions required", max_length=5000, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("document_id", "pk")
        constraints = [
            models.UniqueConstraint(fields=("document", "key"), name="report_section_once"),
            models.CheckConstraint(condition=Q(key__in=PART_KEYS), name="report_section_key_known"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}: {self.key}"


class ReportMove(models.Model):
    """That a report changed its status. Rows are added and never changed; `from_status` is empty at its start."""

    document = models.ForeignKey(ReportDocument, on_delete=models.PROTECT, related_name="moves")
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
                name="report_move_statuses_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}: {self.from_status or 'new'} to {self.to_status}"


class ReportVersion(models.Model):
    """A report as it was published, words and figures, whole and for the Board. Never changed."""

    document = models.ForeignKey(ReportDocument, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    contents = models.JSONField()
    board_contents = models.JSONField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    objects = ReportVersionQuerySet.as_manager()

    class Meta:
        ordering = ("-document__period", "-number")
        constraints = [
            models.UniqueConstraint(fields=("document", "number"), name="report_version_numbered_once"),
            models.CheckConstraint(
                condition=~Q(published_by=F("sent_by")), name="report_version_published_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}, version {self.number}"
