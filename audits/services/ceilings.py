"""Changing the ceilings of grades."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits.models import CeilingChange
from audits.permissions import can_change_ceilings
from core.errors import RuleViolation


@transaction.atomic
def change_ceiling(
    code: str, *, is_on: bool, grade: str, starts_on: date, reason: str, by: User
) -> CeilingChange:
    """Cap at this grade, or at none, from a day on. What was advised before, and submitted, stays as it was.

    Effects: the change is written down; nothing else is touched.

    Raises:
        RuleViolation: `by` may not, or the day is over.

    """
    if not can_change_ceilings(by):
        raise RuleViolation("Only the QA lead and the Principal Social Worker change the ceilings of grades.")
    if starts_on < timezone.localdate():
        raise RuleViolation("Enter today or a later day: what was advised stays as it was.")
    return CeilingChange.objects.create(
        code=code, is_on=is_on, grade=grade, starts_on=starts_on, reason=reason, by=by, at=timezone.now()
    )
