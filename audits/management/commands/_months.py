"""Reading a month on the command line."""

import argparse
from datetime import date, datetime


def month(text: str) -> date:
    """The first day of the month written 2026-11."""
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no time of day
    except ValueError as error:
        raise argparse.ArgumentTypeError("write the month as 2026-11") from error
