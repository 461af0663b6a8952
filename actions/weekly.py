"""When the tracker mail of a week is due. Knows no Django (docs/domain.md, section 8)."""

from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta

from core.dates import LONDON, is_working_day

AT = time(7)
"""Seven in the morning, London's time."""


def week_of(day: date) -> str:
    """The week that holds the day, such as "2026-W48".

    >>> week_of(date(2027, 1, 1))
    '2026-W53'
    """
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def week_to_send(moment: datetime, closures: AbstractSet[date]) -> str | None:
    """The week whose mail is due by that moment and may go out now; None where there is none.

    It is due on Monday, or on the first working day of the week after that, at 07:00 in London, and goes out on any
    working day of its week from then on. A week without a working day has no mail: the next one says it all.
    """
    local = moment.astimezone(LONDON)
    today = local.date()
    if not is_working_day(today, closures):
        return None
    monday = today - timedelta(days=today.weekday())
    days = (monday + timedelta(days=number) for number in range(today.weekday() + 1))
    first = next(day for day in days if is_working_day(day, closures))
    return week_of(today) if local >= datetime.combine(first, AT, LONDON) else None
