"""The register of exemptions from moderation that auditors have earned."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from moderation.enums import OPEN_EARNED, EarnedStatus
from moderation.querysets import EarnedExemptionQuerySet


class EarnedExemption(models.Model):
    """That an auditor has earned an exemption, on which numbers, and what became of it (docs/domain.md, 7, R2).

    `moderated`, `confirmed` and `quarters` are its basis: the numbers when it was proposed. They never change, and
    a row that is declined, withdrawn or ended does not change any more. `ended_by` is empty where the rules ended it.
    """

    auditor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="earned_exemptions"
    )
    status = models.CharField(max_length=20, choices=EarnedStatus.choices, default=EarnedStatus.PROPOSED)
    moderated = models.PositiveSmallIntegerField()
    confirmed = models.PositiveSmallIntegerField()
    quarters = models.PositiveSmallIntegerField()
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(max_length=500, blank=True)
    spot_check_percent = models.PositiveSmallIntegerField(
        "percent moderated by lot", null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    starts_on = models.DateField(null=True, blank=True)
    review_on = models.DateField("lapses on", null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_because = models.TextField(max_length=500, blank=True)

    objects = EarnedExemptionQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("auditor",), condition=Q(status__in=OPEN_EARNED), name="earned_exemption_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("auditor")),
                name="earned_exemption_never_decided_by_its_auditor",
            ),
            models.CheckConstraint(
                condition=Q(ended_by__isnull=True) | ~Q(ended_by=F("auditor")),
                name="earned_exemption_never_ended_by_its_auditor",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=(EarnedStatus.GRANTED, EarnedStatus.ENDED),
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    starts_on__isnull=False,
                    review_on__gt=F("starts_on"),
                    spot_check_percent__lte=100,
                )
                | Q(status=EarnedStatus.DECLINED, decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(decision_note="")
                | Q(status__in=(EarnedStatus.PROPOSED, EarnedStatus.WITHDRAWN), decided_by__isnull=True),
                name="earned_exemption_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(status=EarnedStatus.ENDED, ended_on__gte=F("starts_on")) & ~Q(ended_because="")
                | Q(status=EarnedStatus.WITHDRAWN, ended_on__isnull=False) & ~Q(ended_because="")
                | Q(
                    status__in=(EarnedStatus.PROPOSED, EarnedStatus.GRANTED, EarnedStatus.DECLINED),
                    ended_on__isnull=True,
                    ended_by__isnull=True,
                    ended_because="",
                ),
                name="earned_exemption_ended_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(confirmed__lte=F("moderated")), name="earned_exemption_basis_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return f"Earned exemption of {self.auditor}"

    @property
    def basis(self) -> str:
        """The numbers it rests on, in words."""
        quarters = "1 quarter" if self.quarters == 1 else f"{self.quarters} quarters"
        return f"{self.confirmed} of {self.moderated} overall grades confirmed, over {quarters}"
