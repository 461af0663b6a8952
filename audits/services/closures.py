"""The days on which the council is closed."""

from datetime import date

from django.db import transaction

from accounts.models import User
from audits.models import Closure
from audits.permissions import can_change_programme_settings
from core.dates import is_working_day
from core.errors import RuleViolation

NOT_YOURS = "Only the QA lead and the Principal Social Worker change the days on which the council is closed."


@transaction.atomic
def add_closure(day: date, *, reason: str, by: User) -> Closure:
    """Count a day as no working day from now on. Due dates that were given out stay as they are.

    Raises:
        RuleViolation: `by` may not, nobody works on that day anyway, or it is a closure already.

    """
    if not can_change_programme_settings(by):
        raise RuleViolation(NOT_YOURS)
    if not is_working_day(day):
        raise RuleViolation(
            f"{day:%A %-d %B %Y} is a weekend or a bank holiday, so it is no working day. Choose another day."
        )
    closure, is_new = Closure.objects.get_or_create(day=day, defaults={"reason": reason})
    if not is_new:
        raise RuleViolation(f"{day:%-d %B %Y} is a closure already. Remove it first to change its reason.")
    return closure


@transaction.atomic
def remove_closure(closure: Closure, *, by: User) -> None:
    """Count a day as a working day again. Due dates that were given out stay as they are. Twice is once.

    Raises:
        RuleViolation: `by` may not.

    """
    if not can_change_programme_settings(by):
        raise RuleViolation(NOT_YOURS)
    Closure.objects.filter(pk=closure.pk).delete()
