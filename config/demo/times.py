"""Moments at which people work."""

import random
from datetime import date, datetime, time

from django.utils import timezone

from core.dates import add_working_days, is_working_day


def working_hour(rng: random.Random, day: date) -> datetime:
    """A moment between nine and half past five on that day, or on the next working day."""
    if not is_working_day(day):
        day = add_working_days(day, 1)
    clock = time(9 + rng.randint(0, 7), rng.randint(0, 59))
    return timezone.make_aware(datetime.combine(day, clock))
