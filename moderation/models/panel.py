"""Moderation panels and who sits on them."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from moderation.enums import SEATED, PanelStatus, SeatPart, SeatStatus
from moderation.querysets import PanelMemberQuerySet, PanelQuerySet


class Panel(models.Model):
    """One month's moderation panel. `is_blind` may be changed until the papers are released.

    Its members read what was tabled until `readable_until`, which is settled when it closes.
    """

    reference = models.CharField(max_length=20, unique=True)
    month = models.DateField(unique=True)
    meets_on = models.DateField()
    meets_at = models.TimeField(null=True, blank=True)
    place = models.CharField("place or link", max_length=300, blank=True)
    is_blind = models.BooleanField(default=False)
    status = models.CharField(max_length=20, choices=PanelStatus.choices, default=PanelStatus.DRAFT)
    released_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    readable_until = models.DateTimeField(null=True, blank=True)

    objects = PanelQuerySet.as_manager()

    class Meta:
        ordering = ("-month",)
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="panel_month_is_first_day"),
            models.CheckConstraint(condition=Q(status__in=PanelStatus.values), name="panel_status_known"),
            models.CheckConstraint(
                condition=Q(status=PanelStatus.CLOSED, closed_at__isnull=False, readable_until__isnull=False)
                | ~Q(status=PanelStatus.CLOSED) & Q(closed_at__isnull=True),
                name="panel_closed_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(status__in=(PanelStatus.DRAFT, PanelStatus.CONVENED), released_at__isnull=True)
                | ~Q(status__in=(PanelStatus.DRAFT, PanelStatus.CONVENED)) & Q(released_at__isnull=False),
                name="panel_released_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"Panel of {self.month:%B %Y}"

    def has_missed_its_day(self, today: date) -> bool:
        """Whether it was to meet before today and never started."""
        return self.meets_on < today and self.status not in (PanelStatus.MEETING, PanelStatus.CLOSED)


class PanelMove(models.Model):
    """That a panel changed its status. Rows are added and never changed. `by` is empty for the system."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="moves")
    from_status = models.CharField(max_length=20, choices=PanelStatus.choices)
    to_status = models.CharField(max_length=20, choices=PanelStatus.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_status__in=PanelStatus.values, to_status__in=PanelStatus.values),
                name="panel_move_statuses_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.panel_id}: {self.from_status} to {self.to_status}"


class PanelMember(models.Model):
    """One seat of a panel and whose it is. `position` is the order in which reserves are called."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="seats")
    part = models.CharField(max_length=20, choices=SeatPart.choices)
    status = models.CharField(max_length=20, choices=SeatStatus.choices, default=SeatStatus.PROPOSED)
    because = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    invited_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    attended = models.BooleanField(null=True, blank=True)

    objects = PanelMemberQuerySet.as_manager()

    class Meta:
        ordering = ("panel_id", "position", "pk")
        indexes = [models.Index(fields=("person", "status"), name="panel_member_person_status")]
        constraints = [
            models.UniqueConstraint(fields=("panel", "person"), name="panel_member_once"),
            models.UniqueConstraint(
                fields=("panel",),
                condition=Q(part=SeatPart.CHAIR, status__in=SEATED),
                name="panel_member_one_chair",
            ),
            models.CheckConstraint(
                condition=Q(part__in=SeatPart.values, status__in=SeatStatus.values),
                name="panel_member_words_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=(SeatStatus.PROPOSED, SeatStatus.REMOVED))
                | Q(invited_at__isnull=False),
                name="panel_member_asked_before_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.panel_id}: {self.person_id} as {self.part}"


class SeatMove(models.Model):
    """That a seat changed: from what to what, by whom, when and why. Rows are added and never changed."""

    member = models.ForeignKey(PanelMember, on_delete=models.PROTECT, related_name="moves")
    from_status = models.CharField(max_length=20, choices=SeatStatus.choices, blank=True)
    to_status = models.CharField(max_length=20, choices=SeatStatus.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(from_status__in=["", *SeatStatus.values], to_status__in=SeatStatus.values),
                name="seat_move_statuses_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.to_status}"
