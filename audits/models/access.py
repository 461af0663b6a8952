"""Who opened whose audit, and how: the log of sensitive readings (docs/access.md)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from audits.enums import AccessKind, ExportFormat
from audits.models.audit import Audit
from audits.querysets import AccessRecordQuerySet, ExportRecordQuerySet


class AccessRecord(models.Model):
    """That a person opened, printed or saved an audit. One row for each person, audit, way and hour; never changed.

    `hour` is the beginning of the clock hour of `at`, so that turning pages does not flood the log.
    """

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="access_records")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=AccessKind.choices)
    at = models.DateTimeField()
    hour = models.DateTimeField()

    objects = AccessRecordQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [
            models.Index(fields=("-at", "-id"), name="access_record_newest"),
            models.Index(fields=("person", "-at"), name="access_record_of_person"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AccessKind.values), name="access_record_kind_known"),
            models.UniqueConstraint(
                fields=("audit", "person", "kind", "hour"), name="access_record_once_an_hour"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}, {self.audit_id}: {self.get_kind_display()}"


class ExportRecord(models.Model):
    """That a person took a table out of the service: which, how many rows of it, and why. Never changed."""

    what = models.CharField(max_length=60)
    filters = models.TextField(blank=True)
    format = models.CharField(max_length=4, choices=ExportFormat.choices)
    rows = models.PositiveIntegerField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ExportRecordQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=("by", "-at"), name="export_record_of_person")]
        constraints = [
            models.CheckConstraint(condition=Q(format__in=ExportFormat.values), name="export_format_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="export_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.what}, {self.rows} rows, {self.by_id}"
