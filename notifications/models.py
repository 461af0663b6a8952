"""The outbox: one row for each message, and the signs of life of those who send them."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from notifications.enums import MessageStatus
from notifications.querysets import MessageQuerySet


class Message(models.Model):
    """One mail to one person about one thing, written in the transaction of the fact.

    Its key is (kind, recipient, subject_key, period): telling the same person the same thing about the same
    period twice is impossible. A sender leases a row by moving `due_at` into the future and writing its own
    `lease`; when the sender dies, the row is simply due again (docs/adr/0006-outbox.md).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages")
    subject_key = models.CharField(max_length=200)
    period = models.CharField(max_length=60, blank=True)
    context = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=20, choices=MessageStatus.choices, default=MessageStatus.QUEUED)
    queued_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    first_tried_at = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ("queued_at", "pk")
        indexes = [
            models.Index(fields=("due_at",), condition=Q(status=MessageStatus.QUEUED), name="message_due"),
            models.Index(fields=("status", "-queued_at"), name="message_status_queued"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "recipient", "subject_key", "period"), name="message_once_per_period"
            ),
            models.CheckConstraint(condition=Q(status__in=MessageStatus.values), name="message_status_known"),
            models.CheckConstraint(
                condition=Q(status=MessageStatus.SENT, sent_at__isnull=False)
                | ~Q(status=MessageStatus.SENT) & Q(sent_at__isnull=True),
                name="message_sent_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_key}"

    @property
    def label(self) -> str:
        """The kind in words: "audits.allocation_issued" is "Allocation issued"."""
        return self.kind.partition(".")[2].replace("_", " ").capitalize()


class Heartbeat(models.Model):
    """When the worker ("worker") and the beat ("beat") last showed that they are alive."""

    SILENT_AFTER = timedelta(minutes=3)  # both show themselves every half minute

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str, *, at: datetime) -> None:
        """Write down that `name` was alive at that moment."""
        cls.objects.update_or_create(name=name, defaults={"at": at})

    @classmethod
    def silence(cls, name: str, *, at: datetime) -> timedelta | None:
        """How long ago `name` showed itself; None when it never did."""
        last = cls.objects.filter(name=name).first()
        return at - last.at if last else None


class MailGate(models.Model):
    """The one installation that this database may send mail from.

    A restored copy is another installation, so it sends nothing until somebody says so with `open_mail_gate`.
    """

    installation = models.CharField(max_length=300)
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="mail_gate_one_row")]

    def __str__(self) -> str:
        return self.installation
