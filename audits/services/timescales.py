"""The dates of an audit's file, and the rules they are held against (docs/domain.md, section 9)."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits.enums import BEING_WRITTEN, LOOKED_FOR, EventKind
from audits.models import Audit, AuditDates, AuditEvent, TimescaleRule
from audits.moves import REFUSALS
from audits.permissions import can_change_timescales, can_write_audit
from audits.services.moves import locked_audit
from audits.timescale_facts import kinds_on
from audits.timescales import DUTIES
from core.errors import RuleViolation

MOST_DATES = 500
"""In one audit: more than a file of a year can hold, and few enough to show on a page."""

NOT_YOURS = "Only the QA lead and the Principal Social Worker change the timescales."


class StaleDates(Exception):
    """The circumstances were changed elsewhere since this page was opened. Nothing was changed."""

    def __init__(self, saved: AuditDates) -> None:
        super().__init__(f"at version {saved.version}")
        self.saved = saved


@transaction.atomic
def add_dates(audit: Audit, *, kind: str, days: Iterable[date], by: User, seen: str = "") -> int:
    """Enter the days on which something of that kind happened; a day that is there already stays, once.

    Effects, in order: the days are added; one that was there takes on what is now said of the child being seen, if
    anything is. A kind that was looked for and not found counts as found.

    Returns:
        How many days are new.

    Raises:
        RuleViolation: the audit is not this person's to write, the kind has no part in its pathway's timescales, a day
            is still to come, or there would be too many.

    """
    audit = _to_write(audit, by)
    wanted = sorted(set(days))
    if kind not in kinds_on(audit.pathway):
        raise RuleViolation("Choose one of the kinds of dates that this pathway has.")
    if wanted and wanted[-1] > timezone.localdate():
        raise RuleViolation(f"{wanted[-1]:%-d %B %Y} is still to come. Enter what has happened.")
    there = {event.on: event for event in AuditEvent.objects.filter(audit=audit, kind=kind, on__in=wanted)}
    new = [AuditEvent(audit=audit, kind=kind, on=day, seen=seen) for day in wanted if day not in there]
    if AuditEvent.objects.filter(audit=audit).count() + len(new) > MOST_DATES:
        raise RuleViolation(
            f"An audit holds at most {MOST_DATES} dates. Leave out those before the last 12 months, or remove some."
        )
    dates, _ = AuditDates.objects.get_or_create(audit=audit)
    AuditEvent.objects.bulk_create(new)
    if seen:
        AuditEvent.objects.filter(pk__in=[event.pk for event in there.values()]).update(seen=seen)
    if kind in dates.none_found:
        dates.none_found = [other for other in dates.none_found if other != kind]
        dates.version += 1
        dates.save(update_fields=("none_found", "version"))
    return len(new)


@transaction.atomic
def remove_date(audit: Audit, event: AuditEvent, *, by: User) -> None:
    """Take out a date that was entered by mistake. Twice is once.

    Raises:
        RuleViolation: the audit is not this person's to write.

    """
    AuditEvent.objects.filter(audit=_to_write(audit, by), pk=event.pk).delete()


@transaction.atomic
def set_circumstances(
    audit: Audit, *, placement: str, none_found: Collection[str], version: int, by: User
) -> AuditDates:
    """Say what kind of placement it is, and what was looked for on the record and is not there.

    Args:
        version: the version of the circumstances that the writer had before them; 0 when none were there.

    Raises:
        StaleDates: somebody, or another tab, changed them since and said something else.
        RuleViolation: the audit is not this person's to write, or dates of a kind are there that is said to be missing.

    """
    audit = _to_write(audit, by)
    dates, _ = AuditDates.objects.get_or_create(audit=audit)
    missing = [kind for kind in LOOKED_FOR if kind in none_found]
    if (dates.placement, dates.none_found) == (placement, missing):
        return dates
    if dates.version != version:
        raise StaleDates(dates)
    if found := AuditEvent.objects.filter(audit=audit, kind__in=missing).order_by("kind").first():
        label = EventKind(found.kind).label.lower()
        raise RuleViolation(
            f"You entered dates of this kind: {label}. Remove them first, or take the tick out."
        )
    dates.placement, dates.none_found = placement, missing
    dates.version += 1
    dates.save(update_fields=("placement", "none_found", "version"))
    return dates


@transaction.atomic
def change_rule(rule: TimescaleRule, *, by: User) -> TimescaleRule:
    """Let a new version of a duty's rule, not saved yet, be in force from its day on. The same again is once.

    What is counted from an earlier day keeps the version that was in force then.

    Raises:
        RuleViolation: `by` may not, an interval that the duty needs is missing, or the newest version begins on that
            day or later.

    """
    if not can_change_timescales(by):
        raise RuleViolation(NOT_YOURS)
    if rule_gap := what_rule_needs(rule):
        raise RuleViolation(rule_gap)
    newest = TimescaleRule.objects.select_for_update().filter(duty=rule.duty).order_by("-starts_on").first()
    if newest is not None and newest.rule == rule.rule:
        return newest
    if newest is not None and rule.starts_on <= newest.starts_on:
        raise RuleViolation(
            f"The newest version is in force from {newest.starts_on:%-d %B %Y}. Choose a later day: what was in force "
            "stays as it was."
        )
    rule.added_by = by
    rule.save(force_insert=True)
    return rule


@transaction.atomic
def withdraw_rule(rule: TimescaleRule, *, by: User) -> None:
    """Take back a version that has not begun. Twice is once.

    Raises:
        RuleViolation: `by` may not, or it has begun.

    """
    if not can_change_timescales(by):
        raise RuleViolation(NOT_YOURS)
    if rule.has_begun(timezone.localdate()):
        raise RuleViolation(
            "This version is in force or was. It stays: add a new one from a later day instead."
        )
    TimescaleRule.objects.filter(pk=rule.pk).delete()


def what_rule_needs(rule: TimescaleRule) -> str:
    """What is missing from a version, in a sentence; "" when nothing is."""
    now = rule.rule
    duty = DUTIES[rule.duty]
    shape = SHAPES[duty.shape, bool(duty.later_from)]
    given = {"first": now.first, "following": now.following, "later": now.later}
    for part, needed in shape.items():
        if needed and given[part] is None:
            return f"Enter the interval: {PARTS[part]}."
        if not needed and given[part] is not None:
            return f"This timescale has no such interval: {PARTS[part]}. Leave it empty."
    if (duty.later_from == "year") != (now.later_after is not None):
        return (
            "Enter after how many months the later interval applies."
            if duty.later_from == "year"
            else ("This timescale does not change after a number of months. Leave that empty.")
        )
    return ""


PARTS = {"first": "the first", "following": "then every", "later": "later every"}

SHAPES: dict[tuple[str, bool], dict[str, bool]] = {
    ("again", False): {"first": True, "following": True, "later": False},
    ("again", True): {"first": True, "following": True, "later": True},
    ("after_each", False): {"first": True, "following": False, "later": False},
    ("before_each", False): {"first": False, "following": False, "later": False},
}
"""By shape of the duty and whether it has a later interval: the intervals that its rule has."""


def _to_write(audit: Audit, by: User) -> Audit:
    """The audit, locked, if this person may write it now.

    Raises:
        RuleViolation: they may not.

    """
    audit = locked_audit(audit)
    if audit.allocation.auditor_id == by.pk and audit.status not in BEING_WRITTEN:
        raise RuleViolation(REFUSALS[audit.status])
    if not can_write_audit(by, audit):
        raise RuleViolation("Only the auditor who was given this audit can write it.")
    return audit
