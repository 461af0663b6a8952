"""The filters of the tracker that somebody keeps, and the weeks whose mail went out."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from actions.querysets import SavedViewQuerySet


class SavedView(models.Model):
    """A person's own name for filters of the tracker, as the address has them."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(fields=("person", "name"), name="saved_view_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class TrackerWeek(models.Model):
    """That the tracker mail of a week went out: what becomes open later in the week waits for the next."""

    week = models.CharField(max_length=8, unique=True)
    at = models.DateTimeField()
    mails = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-week",)

    def __str__(self) -> str:
        return self.week
