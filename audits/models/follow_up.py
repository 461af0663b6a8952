"""What shall follow from an audit: the actions its auditor proposes, and the council's defaults for them."""

from uuid import uuid4

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from audits.enums import ActionPriority
from audits.models.audit import Audit

VAGUE_WORDS = "ensure, monitor, consider, continue, support, review, improve, explore, encourage, be aware"
"""Words that say what is wished and not what somebody does; the council's own list replaces it."""


class FollowUpSettings(models.Model):
    """What this council has chosen for actions and for the worker's reply. One row, edited on a page."""

    p0_days = models.PositiveSmallIntegerField(
        "working days for immediate safety (0 is the same day)",
        default=0,
        validators=[MaxValueValidator(250)],
    )
    p1_days = models.PositiveSmallIntegerField(
        "working days for a statutory breach", default=5, validators=[MaxValueValidator(250)]
    )
    p2_days = models.PositiveSmallIntegerField(
        "working days for practice", default=20, validators=[MaxValueValidator(250)]
    )
    p3_days = models.PositiveSmallIntegerField(
        "working days for learning", default=40, validators=[MaxValueValidator(250)]
    )
    vague_words = models.TextField("vague words, separated by commas", default=VAGUE_WORDS, blank=True)
    reply_days = models.PositiveSmallIntegerField(
        "working days for the social worker's reply", default=10, validators=[MaxValueValidator(250)]
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="follow_up_settings_one_row")]

    def __str__(self) -> str:
        return "Settings of actions and replies"

    @property
    def days(self) -> dict[str, int]:
        """By priority: the working days that an action of it has."""
        return {
            ActionPriority.P0: self.p0_days,
            ActionPriority.P1: self.p1_days,
            ActionPriority.P2: self.p2_days,
            ActionPriority.P3: self.p3_days,
        }

    @classmethod
    def current(cls) -> "FollowUpSettings":
        """The council's settings: the defaults until somebody changes one."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class ProposedAction(models.Model):
    """An action that an auditor proposes in an audit: who shall do what by when, why, and how it will be seen.

    `about` is a question's code or an area; `later_reason` says why it is due later than its priority asks. `token`
    is the form's, so that a double click is one action; `version` counts its saves.
    """

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="proposed_actions")
    token = models.UUIDField(default=uuid4, editable=False)
    what = models.TextField("what shall be done")
    why = models.TextField("the finding")
    about = models.CharField(max_length=20, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    priority = models.CharField(max_length=2, choices=ActionPriority.choices)
    default_due_on = models.DateField("due by its priority")
    due_on = models.DateField()
    later_reason = models.TextField(blank=True)
    success = models.TextField("how success will be seen")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("audit_id", "due_on", "pk")
        constraints = [
            models.UniqueConstraint(fields=("audit", "token"), name="proposed_action_once"),
            models.CheckConstraint(
                condition=Q(priority__in=ActionPriority.values), name="proposed_action_priority_known"
            ),
            models.CheckConstraint(
                condition=~Q(what="") & ~Q(why="") & ~Q(success=""), name="proposed_action_is_whole"
            ),
            models.CheckConstraint(
                condition=Q(due_on__lte=F("default_due_on")) | ~Q(later_reason=""),
                name="proposed_action_later_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.what


class BegunAction(models.Model):
    """What is typed of an action that is not added yet, as it was typed: by the name of the field of its form.

    `token` is the form's, and that of the action it becomes; `version` counts its saves.
    """

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="begun_actions")
    token = models.UUIDField(editable=False)
    typed = models.JSONField()
    version = models.PositiveIntegerField()
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ("audit_id", "pk")
        constraints = [models.UniqueConstraint(fields=("audit", "token"), name="begun_action_once")]

    def __str__(self) -> str:
        return str(self.typed.get("what") or "An action without words yet")
