"""What was counted of a quarter, kept; once frozen it never changes (docs/adr/0014-frozen-quarters.md)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from audits.models import Allocation
from core.dates import Quarter


class QuarterRollUp(models.Model):
    """That a quarter was counted and its counts were kept, anew each night until it is frozen.

    `definitions` holds the definition of every measure as it was when the quarter froze, by its code in the table.
    `circumstances` holds what else decided the counts and has no history of its own: "services", the service of each
    team; "themes", the themes in use; "children_for_theme", on how many children's files a theme has to be found. It
    is empty for quarters that froze before it was kept.
    """

    first_day = models.DateField(unique=True)
    rolled_up_at = models.DateTimeField(null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    definitions = models.JSONField(default=dict, blank=True)
    circumstances = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-first_day",)
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__day=1, first_day__month__in=(1, 4, 7, 10)),
                name="quarter_roll_up_begins_a_quarter",
            ),
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True) | Q(rolled_up_at__isnull=False) & ~Q(definitions={}),
                name="quarter_roll_up_frozen_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.quarter)

    @property
    def quarter(self) -> Quarter:
        return Quarter.of(self.first_day)


class QuarterSummary(models.Model):
    """The counts of one part of the council in a quarter, by name. `scope` is Scope.key: empty for the council."""

    roll_up = models.ForeignKey(QuarterRollUp, on_delete=models.CASCADE, related_name="summaries")
    scope = models.CharField(max_length=60, blank=True)
    counts = models.JSONField()

    class Meta:
        verbose_name_plural = "quarter summaries"
        ordering = ("roll_up_id", "scope")
        constraints = [
            models.UniqueConstraint(fields=("roll_up", "scope"), name="quarter_summary_once"),
        ]

    def __str__(self) -> str:
        return f"{self.roll_up_id}: {self.scope or 'council'}"


class FrozenAllocation(models.Model):
    """What one allocation counted as in its quarter, and where: the summaries are the sums of these.

    The allocation is left out once its own record has been disposed of; the numbers stay.
    """

    roll_up = models.ForeignKey(QuarterRollUp, on_delete=models.CASCADE, related_name="allocations")
    allocation = models.ForeignKey(
        Allocation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    service = models.PositiveBigIntegerField(null=True, blank=True)
    team = models.PositiveBigIntegerField(null=True, blank=True)
    pathway = models.CharField(max_length=20, blank=True)
    counts = models.JSONField()

    class Meta:
        ordering = ("roll_up_id", "pk")
        constraints = [
            models.UniqueConstraint(fields=("roll_up", "allocation"), name="frozen_allocation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.roll_up_id}: {self.allocation_id}"


class Restatement(models.Model):
    """That a frozen quarter is reported by a definition which changed after it froze. Rows are added and never changed.

    `code` is the measure's in the table; `counts` holds by scope what the new definition counts and the old table did
    not, counted when it was restated. What was reported before is still worked out from the roll-up.
    """

    roll_up = models.ForeignKey(QuarterRollUp, on_delete=models.PROTECT, related_name="restatements")
    code = models.CharField(max_length=80)
    definition = models.JSONField()
    counts = models.JSONField(default=dict, blank=True)
    reason = models.TextField(max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="restatement_has_reason"),
            models.UniqueConstraint(
                fields=("roll_up", "code", "definition"), name="restatement_once_by_definition"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.roll_up_id}: {self.code}"
