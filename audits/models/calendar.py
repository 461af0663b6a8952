"""The days on which the council is closed, beyond weekends and bank holidays."""

from django.db import models

from audits.querysets import ClosureQuerySet


class Closure(models.Model):
    """One day on which nobody is expected to work, such as Christmas Eve. Never counted as a working day."""

    day = models.DateField(unique=True)
    reason = models.CharField(max_length=100)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day:%-d %B %Y}: {self.reason}"
