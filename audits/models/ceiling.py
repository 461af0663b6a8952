"""What this council has changed about the ceilings of grades, from which day on."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from audits.enums import BAND_GRADES, CeilingCode, Grade


class CeilingChange(models.Model):
    """That a ceiling caps at this grade, or is off, from a day on. Rows are added and never changed: the newest that
    has begun holds, and before the first what audits/grading.py ships.
    """

    code = models.CharField(max_length=30, choices=CeilingCode.choices)
    is_on = models.BooleanField()
    grade = models.CharField("caps at", max_length=30, choices=Grade.choices)
    starts_on = models.DateField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("starts_on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__in=CeilingCode.values, grade__in=BAND_GRADES[1:]),
                name="ceiling_change_words_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="ceiling_change_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()}, from {self.starts_on:%-d %B %Y}"
