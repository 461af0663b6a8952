"""How late an action is, and who has to be told by now. Knows no Django (docs/domain.md, sections 8 and 10)."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from core.dates import working_days_between

AGE_BANDS = ((5, "1 to 5"), (10, "6 to 10"), (20, "11 to 20"))
OLDEST = "Over 20"
BANDS = (*(label for _, label in AGE_BANDS), OLDEST)
"""The ages, in working days, that overdue actions are reported in."""


def days_over(due_on: date, on: date, closures: AbstractSet[date]) -> int:
    """By how many working days something due on `due_on` is over on the day `on`; 0 where it is not.

    From the day after it was due it is over by 1 at least, even where nobody has worked since.
    """
    return max(1, working_days_between(due_on, on, closures)) if on > due_on else 0


def age_of(days: int) -> str | None:
    """The band of something that is so many working days over; None where it is not over."""
    if days <= 0:
        return None
    return next((label for most, label in AGE_BANDS if days <= most), OLDEST)


def due_dates_of(band: str, on: date, closures: AbstractSet[date]) -> tuple[date | None, date]:
    """The first and the last due date that gives something the age of the band on a day; the oldest has no first.

    What was due on any day between them has that age, so that rows are found by their due dates alone.
    """
    day = on - timedelta(days=1)
    while age_of(days_over(day, on, closures)) != band:
        day -= timedelta(days=1)
    last = day
    if band == OLDEST:
        return None, last
    while age_of(days_over(day - timedelta(days=1), on, closures)) == band:
        day -= timedelta(days=1)
    return day, last


def steps_due(
    due_on: date, on: date, *, after: Mapping[str, int], told: AbstractSet[str], closures: AbstractSet[date]
) -> list[str]:
    """The steps of the ladder that have come and were not told, lowest first.

    Args:
        after: by step, lowest first, at how many working days over it is told; 1 is the first working day over.
        told: the steps that were told; each is told once, whatever the due date has become since.

    """
    days = days_over(due_on, on, closures)
    return [step for step, least in after.items() if days >= least and step not in told]
