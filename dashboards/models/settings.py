"""What this council has chosen for its reports."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q


class ReportSettings(models.Model):
    """One row, edited on a page (docs/domain.md, section 10)."""

    freeze_after = models.PositiveSmallIntegerField(
        "working days after the end of a quarter until its figures are frozen",
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="report_settings_one_row")]

    def __str__(self) -> str:
        return "Report settings"

    @classmethod
    def current(cls) -> "ReportSettings":
        """The council's settings: the defaults until somebody changes one."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
