"""What a spreadsheet cell says, whoever typed it. Knows no Django.

Values are those of core.xlsx: text, numbers and yes or no; a date is a serial number or text.
"""

import re
import unicodedata
from datetime import date, timedelta

from core.text import collapse_spaces
from core.xlsx import Value

EARLIEST_YEAR = 1900
"""Excel knows no earlier dates."""
SMALLEST_SERIAL_NUMBER = 10_000
"""18 May 1927. A smaller number in a date's place is a year or a count."""

_NOTHING = {"", "0", "-", "--", "n/a", "na", "nan", "none", "null", "nil", "blank"}
_SPREADSHEET_ERROR = re.compile(r"#[a-z/0_]+[!?]?")
_CODED_PREFIX = re.compile(r"^[A-Za-z0-9]{1,2}\)\s*")

_CLOCK = r"(?:[ t]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]m)?\s*(?:z|[+-]\d{2}:?\d{2})?)?"
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\- ](\d{1,2}|[a-z]{3,9})[/.\- ](\d{4}|\d{2})" + _CLOCK, re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})" + _CLOCK, re.ASCII)
_EIGHT_FIGURES = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_SERIAL_NUMBER = re.compile(r"\d{5,7}(?:\.\d+)?", re.ASCII)
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


def clean(text: str) -> str:
    """The text with single spaces and without control and invisible characters."""
    visible = "".join(letter for letter in collapse_spaces(text) if unicodedata.category(letter)[0] != "C")
    return collapse_spaces(unicodedata.normalize("NFC", visible))


def present(value: Value | None) -> Value | None:
    """The cell's value, text cleaned, or None where it says nothing: blanks, "#N/A", "-", "none".

    0 says nothing: it is what a lookup formula makes of an empty cell.
    """
    if isinstance(value, str):
        text = clean(value)
        folded = text.casefold()
        return None if folded in _NOTHING or _SPREADSHEET_ERROR.fullmatch(folded) else text
    return None if value == 0 and not isinstance(value, bool) else value


def label(value: Value | None) -> str:
    """The words of a cell without the letter of a coded list: "b) Female" is "Female"; None is ""."""
    return "" if value is None else _CODED_PREFIX.sub("", str(value))


def day(value: Value | None, *, day_zero: date, two_digit_years_until: int) -> date | None:
    """The day that a cell holds, or None where it holds none.

    Reads serial numbers (counted from `day_zero`), day first ("31/12/2025", "1 Sep 2025", "31.12.25"), year
    first (ISO, "20251231"), each with or without a time of day. "12/31/2025" is no date: months never come
    first. A year of two figures is the latest such year up to `two_digit_years_until`.
    """
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).casefold()
    if match := _DAY_FIRST.fullmatch(text):
        return _made(match[3], match[2], match[1], two_digit_years_until)
    if match := _YEAR_FIRST.fullmatch(text) or _EIGHT_FIGURES.fullmatch(text):
        return _made(match[1], match[2], match[3], two_digit_years_until)
    if isinstance(value, str) and not _SERIAL_NUMBER.fullmatch(text):
        return None
    days = float(value)
    try:
        return day_zero + timedelta(days=int(days)) if days >= SMALLEST_SERIAL_NUMBER else None
    except OverflowError:
        return None


def _made(year: str, month: str, day_of_month: str, two_digit_years_until: int) -> date | None:
    years = int(year)
    if len(year) == 2:
        years += two_digit_years_until // 100 * 100
        years -= 100 * (years > two_digit_years_until)
    try:
        made = date(years, _month_number(month), int(day_of_month))
    except ValueError:
        return None
    return made if made.year >= EARLIEST_YEAR else None


def _month_number(month: str) -> int:
    """1 to 12 from figures, a name or its first letters; 0 where no month is called so."""
    if month.isdigit():
        return int(month)
    return next((number for number, name in enumerate(_MONTHS, start=1) if name.startswith(month)), 0)
