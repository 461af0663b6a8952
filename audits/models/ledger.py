"""What happened to obligations after they were given out, and who was exempt from being given any."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audits.enums import AllocationMoveKind, AllocationStatus, ExemptionKind, ExemptionStatus
from audits.models.programme import Allocation
from audits.querysets import ExemptionQuerySet


class AllocationMove(models.Model):
    """That an obligation changed: from what to what, by whom, when and why. Rows are added and never changed.

    `by` is empty for what the command line did.
    """

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(max_length=20, choices=AllocationMoveKind.choices)
    from_status = models.CharField(max_length=20, choices=AllocationStatus.choices)
    to_status = models.CharField(max_length=20, choices=AllocationStatus.choices)
    from_due_on = models.DateField()
    to_due_on = models.DateField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=AllocationMoveKind.values)
                & Q(from_status__in=AllocationStatus.values)
                & Q(to_status__in=AllocationStatus.values),
                name="allocation_move_words_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="allocation_move_has_reason"),
            models.CheckConstraint(
                condition=Q(kind=AllocationMoveKind.EXTEND, to_due_on__gt=F("from_due_on"))
                | ~Q(kind=AllocationMoveKind.EXTEND) & Q(to_due_on=F("from_due_on")),
                name="allocation_move_due_date_fits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.allocation_id}: {self.get_kind_display()}"


class Exemption(models.Model):
    """That an auditor is, or asks to be, given no audits for a time (docs/domain.md, section 6).

    `starts_on` and `ends_on` are both included. A grace period for somebody new in post is one of these.
    """

    auditor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exemptions")
    kind = models.CharField(max_length=20, choices=ExemptionKind.choices)
    reason = models.TextField(max_length=500)
    starts_on = models.DateField()
    ends_on = models.DateField()
    status = models.CharField(
        max_length=20, choices=ExemptionStatus.choices, default=ExemptionStatus.REQUESTED
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(max_length=500, blank=True)

    objects = ExemptionQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="exemption_dates_in_order"),
            models.CheckConstraint(
                condition=Q(kind__in=ExemptionKind.values, status__in=ExemptionStatus.values),
                name="exemption_words_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=ExemptionStatus.REQUESTED, decided_by__isnull=True, decided_at__isnull=True
                )
                | ~Q(status=ExemptionStatus.REQUESTED)
                & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="exemption_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("auditor")),
                name="exemption_never_decided_by_its_auditor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {_in_words(self.starts_on)} to {_in_words(self.ends_on)}"


def _in_words(day: date) -> str:
    return f"{day:%-d %B %Y}"
