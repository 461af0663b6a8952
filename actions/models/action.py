"""An action, every move it made, and who was told that it is overdue."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Team
from actions.enums import (
    TO_BE_DONE,
    ActionMoveKind,
    ActionSource,
    ActionStatus,
    EscalationStep,
    Verification,
)
from actions.models.theme import Theme
from actions.querysets import ActionQuerySet
from audits.enums import ActionPriority, Pathway
from audits.models import Audit, Child, ProposedAction


class Action(models.Model):
    """What shall be done, by whom and by when, because of what was found (docs/domain.md, section 8).

    `about` is a question's code or an area. `first_due_on` never changes; `due_on` moves with an extension.
    `completed_by` is who said it was done last: neither they nor the owner verify it. `version` counts the moves, so
    that two people do not answer the same state of it.
    """

    reference = models.CharField(max_length=20, unique=True)
    source = models.CharField(max_length=20, choices=ActionSource.choices)
    what = models.TextField("what shall be done")
    why = models.TextField("the finding")
    about = models.CharField(max_length=20, blank=True)
    success = models.TextField("how success will be seen")
    audit = models.ForeignKey(Audit, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    proposed = models.OneToOneField(
        ProposedAction, null=True, blank=True, on_delete=models.SET_NULL, related_name="action"
    )
    child = models.ForeignKey(Child, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    pathway = models.CharField(
        "the child's pathway when it was opened", max_length=20, choices=Pathway.choices, blank=True
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="actions")
    theme = models.ForeignKey(Theme, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_actions"
    )
    priority = models.CharField(max_length=2, choices=ActionPriority.choices)
    first_due_on = models.DateField()
    due_on = models.DateField()
    status = models.CharField(max_length=20, choices=ActionStatus.choices, default=ActionStatus.OPEN)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    evidence = models.TextField("evidence that it is done", blank=True)
    impact = models.TextField("what is different for the child", blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verification = models.CharField(max_length=20, choices=Verification.choices, default=Verification.NOT_YET)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=0)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "reference")
        indexes = [
            models.Index(
                fields=("owner", "due_on"), name="action_owed_by_owner", condition=Q(status__in=TO_BE_DONE)
            ),
            models.Index(
                fields=("team", "due_on"), name="action_owed_by_team", condition=Q(status__in=TO_BE_DONE)
            ),
            models.Index(fields=("status", "due_on"), name="action_status_due"),
            models.Index(fields=("first_due_on",), name="action_first_due"),
            models.Index(fields=("done_at",), name="action_done"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ActionStatus.values), name="action_status_known"),
            models.CheckConstraint(
                condition=Q(priority__in=ActionPriority.values), name="action_priority_known"
            ),
            models.CheckConstraint(
                condition=Q(pathway__in=["", *Pathway.values]), name="action_pathway_known"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("first_due_on")), name="action_due_never_earlier"
            ),
            models.CheckConstraint(
                condition=~Q(what="") & ~Q(why="") & ~Q(success=""), name="action_is_whole"
            ),
            models.CheckConstraint(
                condition=Q(status__in=(ActionStatus.DONE, ActionStatus.VERIFIED), done_at__isnull=False)
                & ~Q(evidence="")
                & ~Q(verification=Verification.NOT_YET)
                | ~Q(status__in=(ActionStatus.DONE, ActionStatus.VERIFIED)),
                name="action_done_has_evidence",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=ActionStatus.VERIFIED, verified_at__isnull=False, verified_by__isnull=False
                )
                | ~Q(status=ActionStatus.VERIFIED) & Q(verified_at__isnull=True, verified_by__isnull=True),
                name="action_verified_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True)
                | ~Q(verified_by=F("owner")) & ~Q(verified_by=F("completed_by")),
                name="action_verified_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class ActionMove(models.Model):
    """That something was done with an action: what, by whom, when and why. Rows are added and never changed."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="moves")
    kind = models.CharField(max_length=20, choices=ActionMoveKind.choices)
    from_status = models.CharField(max_length=20, choices=ActionStatus.choices, blank=True)
    to_status = models.CharField(max_length=20, choices=ActionStatus.choices)
    from_due_on = models.DateField()
    to_due_on = models.DateField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ActionMoveKind.values), name="action_move_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_id}: {self.get_kind_display()}"


class Escalation(models.Model):
    """That a step of the ladder was told of an overdue action. Each step once for an action."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="escalations")
    step = models.CharField(max_length=20, choices=EscalationStep.choices)
    at = models.DateTimeField()
    told = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("at", "pk")
        constraints = [
            models.UniqueConstraint(fields=("action", "step"), name="escalation_once_per_step"),
            models.CheckConstraint(condition=Q(step__in=EscalationStep.values), name="escalation_step_known"),
        ]

    def __str__(self) -> str:
        return f"{self.action_id}: {self.get_step_display()}"


class EscalationPause(models.Model):
    """That nobody is told further of an action until a day, and why."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="pauses")
    until = models.DateField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="escalation_pause_has_reason")]

    def __str__(self) -> str:
        return f"{self.action_id} until {self.until}"
