"""Which months an exemption frees an auditor from (docs/domain.md, section 6). Imports no Django."""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from datetime import date

from core.dates import NO_CLOSURES, add_months, is_working_day, last_day_of_month

Span = tuple[date, date]
"""The first and the last day, both included."""


def is_exempt_in(month: date, spans: Collection[Span], closures: AbstractSet[date] = NO_CLOSURES) -> bool:
    """Whether the spans together cover more than half of the month's working days."""
    days = [month.replace(day=n) for n in range(1, last_day_of_month(month).day + 1)]
    working = [day for day in days if is_working_day(day, closures)]
    away = sum(any(first <= day <= last for first, last in spans) for day in working)
    return 2 * away > len(working)


def months_touched(spans: Iterable[Span]) -> list[date]:
    """The first day of every month that a span has a day in, earliest first."""
    months = set()
    for first, last in spans:
        month = first.replace(day=1)
        while month <= last:
            months.add(month)
            month = add_months(month, 1)
    return sorted(months)
