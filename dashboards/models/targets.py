"""What the council aims at, and what its performance dashboard says."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from core.dates import Quarter
from dashboards.enums import Direction
from dashboards.querysets import PerformanceFigureQuerySet

BEGINS_A_QUARTER = Q(first_day__day=1, first_day__month__in=(1, 4, 7, 10))


class Target(models.Model):
    """The percentage that a measure should reach, from a quarter on until a later row of the same measure.

    `code` is the measure's as reports print it, such as "visits.good_or_better". Without `percent` there is no target
    from that quarter on. `set_by` is empty for the targets that the service came with.
    """

    code = models.CharField(max_length=80)
    first_day = models.DateField("the first day of the quarter from which it holds")
    percent = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(100)])
    direction = models.CharField(max_length=10, choices=Direction.choices, default=Direction.AT_LEAST)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField()

    class Meta:
        ordering = ("code", "-first_day")
        constraints = [
            models.UniqueConstraint(fields=("code", "first_day"), name="target_once_from_a_quarter"),
            models.CheckConstraint(condition=BEGINS_A_QUARTER, name="target_begins_a_quarter"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="target_at_most_all"),
            models.CheckConstraint(
                condition=Q(direction__in=Direction.values), name="target_direction_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} from {self.quarter}"

    @property
    def quarter(self) -> Quarter:
        return Quarter.of(self.first_day)


class PerformanceFigure(models.Model):
    """A figure of the council's own performance dashboard for one quarter, typed in, and the measure of the audits that
    it is read beside. It is so many of so many, or a number with its unit.
    """

    first_day = models.DateField("the first day of its quarter")
    code = models.CharField("code of the measure it is read beside", max_length=80)
    name = models.CharField(max_length=150)
    numerator = models.PositiveIntegerField(null=True, blank=True)
    denominator = models.PositiveIntegerField(null=True, blank=True)
    value = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=200)
    typed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    typed_at = models.DateTimeField()

    objects = PerformanceFigureQuerySet.as_manager()

    class Meta:
        ordering = ("-first_day", "code", "name", "pk")
        constraints = [
            models.CheckConstraint(condition=BEGINS_A_QUARTER, name="performance_figure_begins_a_quarter"),
            models.UniqueConstraint(
                fields=("first_day", "code", "name"), name="performance_figure_once_a_quarter"
            ),
            models.CheckConstraint(
                condition=Q(
                    numerator__isnull=False,
                    denominator__gt=0,
                    numerator__lte=F("denominator"),
                    value__isnull=True,
                    unit="",
                )
                | Q(numerator__isnull=True, denominator__isnull=True, value__isnull=False) & ~Q(unit=""),
                name="performance_figure_is_one_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.quarter}"

    @property
    def quarter(self) -> Quarter:
        return Quarter.of(self.first_day)
