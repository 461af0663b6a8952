"""Within how long things are due, and the dates an auditor enters beside that (docs/domain.md, section 9)."""

from datetime import date

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from audits.enums import ChildSeen, EventKind, PlacementKind, TimescaleUnit
from audits.models.audit import Audit
from audits.querysets import TimescaleRuleQuerySet
from audits.timescales import DUTIES, Interval, Rule

MOST_OF_A_UNIT = 365
MOST_MONTHS = 60


def count(verbose_name: str) -> "models.PositiveSmallIntegerField[int | None, int | None]":
    """How many of a unit, or nothing."""
    return models.PositiveSmallIntegerField(
        verbose_name,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_OF_A_UNIT)],
    )


def unit(verbose_name: str) -> "models.CharField[str, str]":
    return models.CharField(verbose_name, max_length=20, choices=TimescaleUnit.choices, blank=True)


class TimescaleRule(models.Model):
    """One version of the rule of one duty, in force for what is counted from `starts_on` until the next begins.

    A version that has begun is never changed or removed: a change is a new version from a later day.
    """

    duty = models.CharField(max_length=40, choices=[(code, duty.label) for code, duty in DUTIES.items()])
    starts_on = models.DateField("in force from")
    first_count = count("first, within")
    first_unit = unit("first, unit")
    following_count = count("then, every")
    following_unit = unit("then, unit")
    later_count = count("later, every")
    later_unit = unit("later, unit")
    later_after = models.PositiveSmallIntegerField(
        "months from the start after which the later interval applies",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)],
    )
    source = models.CharField("the law or policy it comes from", max_length=200)
    is_law = models.BooleanField("set by law", default=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    objects = TimescaleRuleQuerySet.as_manager()

    class Meta:
        ordering = ("duty", "-starts_on")
        constraints = [
            models.UniqueConstraint(fields=("duty", "starts_on"), name="timescale_rule_once_from_a_day"),
            models.CheckConstraint(condition=Q(duty__in=list(DUTIES)), name="timescale_rule_duty_known"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{part}_count__isnull": True, f"{part}_unit": ""})
                    | Q(**{f"{part}_count__gte": 1, f"{part}_unit__in": TimescaleUnit.values}),
                    name=f"timescale_rule_{part}_whole",
                )
                for part in ("first", "following", "later")
            ),
        ]

    def __str__(self) -> str:
        return f"{DUTIES[self.duty].label} from {self.starts_on:%-d %B %Y}"

    @property
    def rule(self) -> Rule:
        """The version as the calculator needs it."""
        return Rule(
            starts_on=self.starts_on,
            first=_interval(self.first_count, self.first_unit),
            following=_interval(self.following_count, self.following_unit),
            later=_interval(self.later_count, self.later_unit),
            later_after=self.later_after,
            source=self.source,
            is_law=self.is_law,
        )

    def has_begun(self, today: date) -> bool:
        return self.starts_on <= today


def _interval(count: int | None, unit: str) -> Interval | None:
    return Interval(count, unit) if count else None


class AuditDates(models.Model):
    """That dates were entered for an audit, and what decides the timescales beside them.

    `none_found` are the kinds of event that the auditor looked for and found none of. `version` counts the changes, so
    that a stale tab is noticed.
    """

    audit = models.OneToOneField(Audit, on_delete=models.CASCADE, related_name="dates")
    placement = models.CharField(
        "circumstances of the placement", max_length=40, choices=PlacementKind.choices, blank=True
    )
    none_found = models.JSONField("looked for and not on the record", default=list, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(placement__in=["", *PlacementKind.values]), name="audit_dates_placement_known"
            )
        ]

    def __str__(self) -> str:
        return f"Dates of audit {self.audit_id}"


class AuditEvent(models.Model):
    """Something that the child's file says happened on a day, as entered by the auditor."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=30, choices=EventKind.choices)
    on = models.DateField()
    seen = models.CharField("the child was", max_length=20, choices=ChildSeen.choices, blank=True)

    class Meta:
        ordering = ("audit_id", "on", "kind")
        constraints = [
            models.UniqueConstraint(fields=("audit", "kind", "on"), name="audit_event_once"),
            models.CheckConstraint(condition=Q(kind__in=EventKind.values), name="audit_event_kind_known"),
            models.CheckConstraint(
                condition=Q(seen="") | Q(kind=EventKind.VISIT, seen__in=ChildSeen.values),
                name="audit_event_seen_at_visits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.on:%-d %B %Y}"
