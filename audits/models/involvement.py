"""Who was asked about the work: the social worker, the family, and what they said (docs/domain.md, section 4)."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from audits.enums import (
    WITHOUT_CONTACT,
    ContactHow,
    FamilyMember,
    FamilyOutcome,
    PracticeAnswer,
    ReplyOutcome,
    WorkerOutcome,
)
from audits.models.audit import Audit, GivenColumns
from audits.models.tool import Question


class WorkerContact(models.Model):
    """One line of the log of the social worker's involvement. `token` is the form's: a double click is one line."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="worker_contacts")
    token = models.UUIDField(default=uuid4, editable=False)
    on = models.DateField()
    how = models.CharField(max_length=20, choices=ContactHow.choices)
    outcome = models.CharField(max_length=20, choices=WorkerOutcome.choices)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("on", "pk")
        constraints = [
            models.UniqueConstraint(fields=("audit", "token"), name="worker_contact_once"),
            models.CheckConstraint(
                condition=Q(how__in=ContactHow.values, outcome__in=WorkerOutcome.values),
                name="worker_contact_words_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.on:%-d %B %Y}"


class WorkerFeedback(models.Model):
    """What the auditor told the social worker about the work, and when. `version` counts its saves."""

    audit = models.OneToOneField(Audit, on_delete=models.CASCADE, related_name="worker_feedback")
    on = models.DateField(null=True, blank=True)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"Feedback to the worker: {self.audit_id}"


class WorkerReply(models.Model):
    """What the social worker says of the feedback they were given: recorded once by their manager, never changed."""

    audit = models.OneToOneField(Audit, on_delete=models.CASCADE, related_name="worker_reply")
    outcome = models.CharField(max_length=20, choices=ReplyOutcome.choices)
    said_on = models.DateField()
    text = models.TextField("the worker's words", blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=ReplyOutcome.values), name="worker_reply_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome=ReplyOutcome.NO_WISH) | ~Q(text=""), name="worker_reply_has_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.audit_id}"


class FamilyContact(models.Model):
    """One line of the log of asking the family. `token` is the form's: a double click is one line."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="family_contacts")
    token = models.UUIDField(default=uuid4, editable=False)
    on = models.DateField()
    person = models.CharField(max_length=20, choices=FamilyMember.choices)
    how = models.CharField(max_length=20, choices=ContactHow.choices, blank=True)
    outcome = models.CharField(max_length=20, choices=FamilyOutcome.choices)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("on", "pk")
        constraints = [
            models.UniqueConstraint(fields=("audit", "token"), name="family_contact_once"),
            models.CheckConstraint(
                condition=Q(person__in=FamilyMember.values, outcome__in=FamilyOutcome.values),
                name="family_contact_words_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=WITHOUT_CONTACT, how="") & ~Q(reason="")
                | ~Q(outcome__in=WITHOUT_CONTACT) & Q(how__in=ContactHow.values),
                name="family_contact_how_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_person_display()}: {self.get_outcome_display().lower()}, {self.on:%-d %B %Y}"


class FamilyFeedback(models.Model):
    """What one person of the family said: a page of its own. `version` counts its saves."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="family_feedback")
    person = models.CharField(max_length=20, choices=FamilyMember.choices)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("audit_id", "pk")
        constraints = [
            models.UniqueConstraint(fields=("audit", "person"), name="family_feedback_once_per_person"),
            models.CheckConstraint(
                condition=Q(person__in=FamilyMember.values), name="family_feedback_person_known"
            ),
        ]

    def __str__(self) -> str:
        return self.get_person_display()


class FamilyAnswer(GivenColumns):
    """What one person of the family answered to one question of the audit's tool."""

    feedback = models.ForeignKey(FamilyFeedback, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="family_answers")

    override_reason = ""
    """No dates answer for a family."""

    class Meta:
        ordering = ("feedback_id", "question_id")
        indexes = [models.Index(fields=("question", "value"), name="family_answer_question_value")]
        constraints = [
            models.UniqueConstraint(fields=("feedback", "question"), name="family_answer_once"),
            models.CheckConstraint(
                condition=Q(not_applicable_reason="") | Q(value=PracticeAnswer.NOT_APPLICABLE),
                name="family_answer_reason_only_for_not_applicable",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.value}"
