"""Audits that were made before this service was used."""

from django.conf import settings
from django.db import models

from audits.models.audit import Audit


class ImportedRecord(models.Model):
    """That something came from a file of the council's. Rows are added and never changed.

    `external_id` is the file's own; with `source` it makes an import safe to run twice. `digest` tells whether the file
    says the same as when it was imported.
    """

    source = models.CharField(max_length=20)
    external_id = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True
        ordering = ("source", "pk")

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class ImportedAudit(ImportedRecord):
    """That an audit came from an export of the council's form service."""

    audit = models.OneToOneField(Audit, on_delete=models.CASCADE, related_name="imported")

    class Meta(ImportedRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=("source", "external_id"), name="imported_audit_once"),
        ]
