"""Where the actions come from that were tracked before this service was used."""

from django.conf import settings
from django.db import models

from actions.models.action import Action


class ImportedAction(models.Model):
    """That an action came from the tracker used before. Rows are added and never changed.

    `external_id` is the tracker's own; with `source` it makes an import safe to run twice. `digest` tells whether the
    tracker says the same as when it was imported.
    """

    action = models.OneToOneField(Action, on_delete=models.CASCADE, related_name="imported")
    source = models.CharField(max_length=20)
    external_id = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("source", "pk")
        constraints = [
            models.UniqueConstraint(fields=("source", "external_id"), name="imported_action_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"
