"""Who was reminded of what, and when."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from audits.enums import ReminderStep
from audits.models.programme import Allocation


class Reminder(models.Model):
    """That somebody was told of an allocation at one step, on a London day. Each step is told once.

    It outlives the message in the outbox. `due_on` is the due date at that moment, which an extension may have
    moved since.
    """

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="reminders")
    step = models.CharField(max_length=20, choices=ReminderStep.choices)
    told = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    due_on = models.DateField()

    class Meta:
        ordering = ("on", "pk")
        constraints = [
            models.UniqueConstraint(fields=("allocation", "step", "told"), name="reminder_once"),
            models.CheckConstraint(condition=Q(step__in=ReminderStep.values), name="reminder_step_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()}, {self.on:%-d %B %Y}"
