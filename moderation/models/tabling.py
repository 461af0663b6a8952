"""Which audits lie on a panel's table, and who has to leave the room for them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from audits.models import Audit
from moderation.enums import TablingStatus
from moderation.models.panel import Panel
from moderation.querysets import TablingQuerySet


class Tabling(models.Model):
    """An audit on a panel's table. `version` counts what the chair did, so that two chairs notice each other.

    `decision` is the one that holds. `auditor` is kept here so that the database can refuse self-moderation.
    """

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="tablings")
    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="tablings")
    auditor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=TablingStatus.choices, default=TablingStatus.TABLED)
    because = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    decision = models.OneToOneField(
        "moderation.Decision", null=True, blank=True, on_delete=models.PROTECT, related_name="holds_for"
    )
    tabled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    tabled_at = models.DateTimeField()

    objects = TablingQuerySet.as_manager()

    class Meta:
        ordering = ("panel_id", "pk")
        constraints = [
            models.UniqueConstraint(fields=("panel", "audit"), name="tabling_once_for_each_panel"),
            models.UniqueConstraint(
                fields=("audit",), condition=Q(status=TablingStatus.TABLED), name="tabling_one_open_per_audit"
            ),
            models.CheckConstraint(condition=Q(status__in=TablingStatus.values), name="tabling_status_known"),
            models.CheckConstraint(
                condition=Q(status=TablingStatus.TABLED)
                | Q(status__in=(TablingStatus.DECIDED, TablingStatus.RETURNED), decision__isnull=False)
                | Q(status__in=(TablingStatus.CARRIED_OVER, TablingStatus.TAKEN_OFF), decision__isnull=True),
                name="tabling_decided_has_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.audit_id} at {self.panel_id}"


class Conflict(models.Model):
    """That a person must not moderate a tabled audit, and why (docs/domain.md, section 7, R3)."""

    tabling = models.ForeignKey(Tabling, on_delete=models.CASCADE, related_name="conflicts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("tabling", "person"), name="conflict_once"),
            models.CheckConstraint(condition=~Q(why=""), name="conflict_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.why}"
