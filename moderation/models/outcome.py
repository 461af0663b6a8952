"""The outcome an auditor gets in writing, that they have read it, and their one reply."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from moderation.enums import TablingStatus
from moderation.models.decision import Decision
from moderation.querysets import OutcomeQuerySet, ReplyQuerySet


class Outcome(models.Model):
    """That an auditor was told what a panel decided of their audit (docs/domain.md, section 7, R9)."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="outcome")
    auditor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="outcomes")
    due_on = models.DateField("to be told by")
    told_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ("-told_at", "-pk")
        indexes = [models.Index(fields=("auditor", "acknowledged_at"), name="outcome_auditor_acknowledged")]

    def __str__(self) -> str:
        return f"Outcome of {self.decision_id}"

    @property
    def is_return(self) -> bool:
        """Whether the audit came back for evidence: nothing is final, and what answers it is the audit itself."""
        return self.decision.tabling.status == TablingStatus.RETURNED


class Reply(models.Model):
    """What an auditor answered, once, and what was decided on it. Never by the auditor; once decided it stays."""

    outcome = models.OneToOneField(Outcome, on_delete=models.PROTECT, related_name="reply")
    auditor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=4000)
    at = models.DateTimeField()
    is_upheld = models.BooleanField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(max_length=4000, blank=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "replies"
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="reply_says_something"),
            models.CheckConstraint(
                condition=Q(
                    is_upheld__isnull=True, decided_by__isnull=True, decided_at__isnull=True, answer=""
                )
                | Q(is_upheld__isnull=False, decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(answer=""),
                name="reply_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("auditor")),
                name="reply_never_decided_by_its_auditor",
            ),
        ]

    def __str__(self) -> str:
        return f"Reply to {self.outcome_id}"
