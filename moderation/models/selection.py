"""Which submitted audits a panel must see, and the lots that were drawn among the others."""

from django.db import models
from django.db.models import Q

from audits.models import Audit
from moderation.querysets import ModerationCaseQuerySet


class SpotCheckDraw(models.Model):
    """One draw of spot checks: enough to repeat it (moderation/sampling.py). Rows are added and never changed.

    `took_part` holds the references of the audits and the percent of each; `drawn` the references that were drawn.
    """

    seed = models.BigIntegerField()
    drawn_at = models.DateTimeField()
    took_part = models.JSONField()
    drawn = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("-drawn_at", "-pk")

    def __str__(self) -> str:
        return f"{len(self.drawn)} of {len(self.took_part)} drawn by lot, seed {self.seed}"


class ModerationCase(models.Model):
    """That a submitted audit goes to a panel, with the reasons, or that it waits for the lot or was not drawn.

    `reasons` are stable codes (SelectionReason). A reason once given stays, even if the audit changes.
    """

    audit = models.OneToOneField(Audit, on_delete=models.PROTECT, related_name="moderation_case")
    must_moderate = models.BooleanField()
    reasons = models.JSONField(default=list, blank=True)
    draw = models.ForeignKey(
        SpotCheckDraw, null=True, blank=True, on_delete=models.PROTECT, related_name="cases"
    )
    selected_at = models.DateTimeField()

    objects = ModerationCaseQuerySet.as_manager()

    class Meta:
        ordering = ("audit__submitted_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(must_moderate=True) & ~Q(reasons=[]) | Q(must_moderate=False, reasons=[]),
                name="moderation_case_reasons_if_and_only_if",
            )
        ]

    def __str__(self) -> str:
        return f"Moderation of {self.audit}"
