"""Where the actions come from that were tracked before this service was used."""

from django.db import models

from actions.models.action import Action
from audits.models import ImportedRecord


class ImportedAction(ImportedRecord):
    """That an action came from the tracker used before."""

    action = models.OneToOneField(Action, on_delete=models.CASCADE, related_name="imported")

    class Meta(ImportedRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=("source", "external_id"), name="imported_action_once"),
        ]
