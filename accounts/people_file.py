"""Reading a file of people: bytes in, rows of named cells out (docs/people.md). Knows no Django.

A file that is not such a CSV is refused whole, with a RuleViolation; what a row says is judged by
accounts/people_import.py.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.cells import clean
from core.errors import RuleViolation
from core.text import fold

COLUMNS = (
    "email",
    "name",
    "job_role",
    "service",
    "team",
    "manages_team",
    "line_manager_email",
    "auditor",
    "capacity",
    "pathways",
    "roles",
)
LARGEST_FILE = 10 * 1024 * 1024
"""Bytes: some 50,000 people."""

WORKBOOK = b"PK\x03\x04"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class FileRow:
    """One row that says something.

    Attributes:
        number: as a spreadsheet shows it, so the headings are row 1.
        cells: the text under each of COLUMNS, spaces and invisible characters tidied; "" where there is none.
        surplus: whether there is text beyond the last heading, so that the cells may stand in wrong columns.

    """

    number: int
    cells: dict[str, str]
    surplus: bool


def read_people_file(content: bytes) -> list[FileRow]:
    """The rows of a people file, blank ones left out. Raises RuleViolation."""
    records = records_of(text_of(content))
    headings = next((record for _, record in records if any(record)), [])
    place = places_of(headings)
    return [
        FileRow(
            number,
            cells={column: record[at] if at < len(record) else "" for column, at in place.items()},
            surplus=any(record[len(headings) :]),
        )
        for number, record in records
        if any(record)
    ]


def text_of(content: bytes) -> str:
    """The text of a file as UTF-8, with or without its mark, or else as an older Windows program wrote it."""
    if len(content) > LARGEST_FILE:
        raise RuleViolation("The file is larger than 10 MB. Split it into smaller files.")
    if content.startswith(WORKBOOK):
        raise RuleViolation("The file is an Excel workbook. Save the sheet as CSV UTF-8 and use that file.")
    if content.startswith(UTF_16):
        raise RuleViolation(
            "The file is Unicode text of another kind. Save it as CSV UTF-8 and use that file."
        )
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RuleViolation("The file is not text. Save the list of people as CSV UTF-8 and use that file.")


def records_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with its number, from 1, and its cells tidied. Raises RuleViolation at a row that cannot be read."""
    number = 0
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), start=1):
            yield number, [clean(cell) for cell in record]
    except csv.Error as error:
        raise RuleViolation(
            f"Row {number + 1} cannot be read: look for a quotation mark that is not closed."
        ) from error


def places_of(headings: list[str]) -> dict[str, int]:
    """Where each of COLUMNS stands, whatever the order, letter case, spaces and hyphens of the headings."""
    keys = [key_of(heading) for heading in headings]
    wanted = {column: key_of(column) for column in COLUMNS}
    missing = [column for column, key in wanted.items() if key not in keys]
    if missing:
        raise RuleViolation(
            f"The first row must name the columns {', '.join(COLUMNS)}. Missing: {', '.join(missing)}."
        )
    twice = [column for column, key in wanted.items() if keys.count(key) > 1]
    if twice:
        raise RuleViolation(f"The first row names a column twice: {', '.join(twice)}. Keep one of each.")
    return {column: keys.index(key) for column, key in wanted.items()}


def key_of(text: str) -> str:
    """The text for comparing words people typed: only letters and digits, no accents, no letter case.

    >>> key_of(" Line manager's E-mail ")
    'linemanagersemail'
    """
    return re.sub(r"[^a-z0-9]", "", fold(text))
