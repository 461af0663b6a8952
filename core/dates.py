"""Dates as the rules count them: London dates, working days, months, financial years and quarters.

Imports no Django. A working day is Monday to Friday, not a bank holiday of England and Wales and not one of
the council's own closures, which every function that counts working days takes as `closures`
(docs/domain.md, section 9).
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Self
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
NO_CLOSURES: frozenset[date] = frozenset()

FIRST_YEAR, LAST_YEAR = 2000, 2098
SATURDAY = 5
APRIL = 4


def london_date(moment: datetime) -> date:
    """The calendar date in London at an aware `moment`; a naive one raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone has no London date.")
    return moment.astimezone(LONDON).date()


@cache
def bank_holiday_names(year: int) -> Mapping[date, str]:
    """Every bank holiday in England and Wales in `year`, substitute days and one-off days included, earliest first."""
    return dict(sorted(holidays.country_holidays("GB", subdiv="ENG", years=year).items()))


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The days of bank_holiday_names."""
    return frozenset(bank_holiday_names(year))


def is_working_day(day: date, closures: AbstractSet[date] = NO_CLOSURES) -> bool:
    """Whether people are at work on `day`."""
    return day.weekday() < SATURDAY and day not in closures and day not in bank_holidays(day.year)


def add_working_days(start: date, days: int, closures: AbstractSet[date] = NO_CLOSURES) -> date:
    """The `days`-th working day after `start`, or before it when `days` is negative.

    `start` itself is never counted, so "within 5 working days" of a Saturday is the next Friday.
    Zero days is `start`, whether or not it is a working day.
    """
    step = timedelta(days=1 if days > 0 else -1)
    day, left = start, abs(days)
    while left:
        day += step
        left -= is_working_day(day, closures)
    return day


def working_days_between(start: date, end: date, closures: AbstractSet[date] = NO_CLOSURES) -> int:
    """How many working days `end` is after `start`; negative when it is before.

    Counts as add_working_days does: `start` is left out and `end` is included, so the answer for
    `add_working_days(start, n)` is `n`.
    """
    step = 1 if end > start else -1
    days = range(start.toordinal() + step, end.toordinal() + step, step)
    return step * sum(is_working_day(date.fromordinal(day), closures) for day in days)


def last_day_of_month(day: date) -> date:
    """The last calendar day of the month that holds `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def last_working_day_of_month(day: date, closures: AbstractSet[date] = NO_CLOSURES) -> date:
    """The last working day of the month that holds `day` (when a round's audits are due)."""
    return add_working_days(last_day_of_month(day) + timedelta(days=1), -1, closures)


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier), or the last day of a month that is too short for it.

    31 January and one month is 28 or 29 February. Count each due date from the first one: two steps of a
    month are not always one step of two.
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(years, month + 1, 1)
    return first.replace(day=min(day.day, last_day_of_month(first).day))


def age_in_years(birth_year: int, birth_month: int, on: date) -> int:
    """Whole years of age of a child whose day of birth is not held: the birthday is the month's first day.

    Negative for a child who is not born yet.
    """
    return (on.year * 12 + on.month - birth_year * 12 - birth_month) // 12


AGE_BANDS = (
    (0, "Unborn"),
    (1, "Under 1"),
    (5, "1 to 4"),
    (10, "5 to 9"),
    (16, "10 to 15"),
    (18, "16 and 17"),
)


def age_band(age: int | None) -> str:
    """The band that an `age` in whole years is shown in (docs/domain.md, section 3)."""
    if age is None:
        return "Not recorded"
    return next((label for below, label in AGE_BANDS if age < below), "18 and over")


@dataclass(frozen=True, order=True)
class FinancialYear:
    """April to March, written "2024-25"; `start` is the calendar year it begins in."""

    start: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2024-25"; anything else, such as "2024-26", raises ValueError with a sentence to show."""
        match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
        if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
            raise ValueError("Write the financial year as two years that follow each other, such as 2024-25.")
        if not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
            raise ValueError(f"Use a financial year from {cls(FIRST_YEAR)} to {cls(LAST_YEAR)}.")
        return cls(int(match[1]))

    @classmethod
    def of(cls, day: date) -> Self:
        """The financial year that holds `day`."""
        return cls(day.year - (day.month < APRIL))

    def __str__(self) -> str:
        return f"{self.start}-{(self.start + 1) % 100:02d}"

    @property
    def first_day(self) -> date:
        return date(self.start, APRIL, 1)

    @property
    def last_day(self) -> date:
        return date(self.start + 1, APRIL, 1) - timedelta(days=1)

    @property
    def quarters(self) -> "tuple[Quarter, ...]":
        return tuple(Quarter(self.start, number) for number in (1, 2, 3, 4))


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months of a financial year, written "2024-25 Q2" (docs/domain.md, section 10)."""

    year_start: int
    number: int

    def __post_init__(self) -> None:
        if self.number not in (1, 2, 3, 4):
            raise ValueError("Write the quarter as Q1, Q2, Q3 or Q4.")

    @classmethod
    def parse(cls, year: str, quarter: str) -> Self:
        """Read "2024-25" and "Q2"; anything else raises ValueError with a sentence to show."""
        match = re.fullmatch(r"Q([1-4])", quarter)
        if match is None:
            raise ValueError("Write the quarter as Q1, Q2, Q3 or Q4.")
        return cls(FinancialYear.parse(year).start, int(match[1]))

    @classmethod
    def of(cls, day: date) -> Self:
        """The quarter that holds `day`; take it from london_date() when you start from a moment."""
        return cls(FinancialYear.of(day).start, (day.month - APRIL) % 12 // 3 + 1)

    def __str__(self) -> str:
        return f"{self.year} Q{self.number}"

    @property
    def year(self) -> FinancialYear:
        return FinancialYear(self.year_start)

    @property
    def months(self) -> tuple[date, date, date]:
        """The first day of each month."""
        first = self.first_day
        return first, add_months(first, 1), add_months(first, 2)

    @property
    def first_day(self) -> date:
        return add_months(self.year.first_day, 3 * (self.number - 1))

    @property
    def last_day(self) -> date:
        return last_day_of_month(add_months(self.first_day, 2))

    @property
    def year_to_date(self) -> "tuple[Quarter, ...]":
        """The quarters of the same year up to and including this one, earliest first."""
        return self.year.quarters[: self.number]

    def previous(self) -> "Quarter":
        """The quarter before this one, across the year's start where need be."""
        return Quarter.of(self.first_day - timedelta(days=1))
