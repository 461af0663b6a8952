"""Rows of a workbook that a council made for itself, read with a mapping file. Knows no Django.

The mapping (TOML) says which column holds what and what its words mean. Headings and words are compared without regard
to letter case, accents and white space of any kind.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO, Protocol, TypeVar

from core import cells
from core.errors import RuleViolation
from core.text import fold
from core.xlsx import Value, Workbook

LONGEST_TEXT = 200_000
EARLIEST = date(2000, 1, 1)

_EMAIL = re.compile(r"[^@\s<>\"',;:()]+@[^@\s<>\"',;:()]+\.[^@\s<>\"',;:().]+")


@dataclass(frozen=True)
class ColumnMapping:
    """Which heading holds what, and what each word means. Headings and words are folded."""

    source: str
    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class RejectedRow:
    """A row that cannot be used, and why."""

    row: int
    reason: str


class ImportedRow(Protocol):
    """What a row has to be known by, so that bringing it in twice is once."""

    @property
    def row(self) -> int: ...

    @property
    def external_id(self) -> str: ...

    @property
    def digest(self) -> str: ...


AnyRow = TypeVar("AnyRow", bound=ImportedRow)


@dataclass
class Imported:
    """How an import went; `rejected` names the rows that did not go in, with the reason."""

    created: int = 0
    unchanged: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)

    def reject(self, row: ImportedRow, reason: str) -> None:
        self.rejected.append(RejectedRow(row.row, reason))

    def new_of(self, rows: Iterable[AnyRow], *, known: Mapping[str, str], kept: str) -> list[AnyRow]:
        """Those that were not imported before; the others are counted, or rejected where they say something else.

        Args:
            known: the digest of each that was imported, by its ID.
            kept: what is not changed, such as "past audits".

        """
        new = []
        for row in rows:
            if row.external_id not in known:
                new.append(row)
            elif known[row.external_id] == row.digest:
                self.unchanged += 1
            else:
                self.reject(row, f"was imported before and says something else now; {kept} are not changed")
        return new

    def as_json(self) -> dict[str, Any]:
        """The document that the command prints with --json."""
        return {
            "created": self.created,
            "unchanged": self.unchanged,
            "rejected": [
                {"row": row.row, "reason": row.reason}
                for row in sorted(self.rejected, key=lambda rejected: rejected.row)
            ],
        }


def digest_of(content: Mapping[str, Any]) -> str:
    """The same for the same content."""
    return hashlib.sha256(json.dumps(content, default=str, sort_keys=True).encode()).hexdigest()


def read_toml(content: bytes) -> dict[str, Any]:
    """The mapping file.

    Raises:
        RuleViolation: it is no TOML.

    """
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise RuleViolation(f"The mapping is not a TOML file: {error}. Correct it and try again.") from error


def columns_of(told: Mapping[str, Any], *, needed: Iterable[str], other: Iterable[str]) -> dict[str, str]:
    """The folded heading of each column under [columns].

    Raises:
        RuleViolation: one is missing, or one means nothing; the sentence names it.

    """
    columns = texts_of(told, "columns")
    for name in needed:
        if name not in columns:
            raise RuleViolation(f"The mapping lacks “{name}” under [columns]. Add the heading of its column.")
    if unknown := sorted(columns.keys() - {*needed, *other}):
        raise RuleViolation(f"The mapping has “{unknown[0]}” under [columns], which means nothing here.")
    return {name: fold(heading) for name, heading in columns.items()}


def source_of(told: Mapping[str, Any], *, default: str) -> str:
    """The short name of where the rows come from: IDs count for themselves in each."""
    source = told.get("source", default)
    if not isinstance(source, str) or not re.fullmatch(r"[a-z0-9-]{1,20}", source):
        raise RuleViolation("“source” in the mapping is a short name of letters, digits and hyphens.")
    return source


def texts_of(told: Mapping[str, Any], key: str) -> dict[str, str]:
    """A table of the mapping that holds nothing but words."""
    found = told.get(key)
    if not isinstance(found, dict) or not all(
        isinstance(text, str) and fold(text) for text in found.values()
    ):
        raise RuleViolation(f"The mapping lacks [{key}], or something in it is not words in quotation marks.")
    return found


def meanings_of(values: Mapping[str, Any], kind: str, known: tuple[str, ...]) -> dict[str, str]:
    """What each word of a column means; the words are folded."""
    meanings = {fold(words): meaning for words, meaning in texts_of(values, kind).items()}
    for words, meaning in meanings.items():
        if meaning not in known:
            raise RuleViolation(
                f"[values.{kind}] of the mapping says that “{words}” is “{meaning}”. Use one of: {', '.join(known)}."
            )
    return meanings


@dataclass(frozen=True)
class Sheet:
    """The rows of the sheet that has the headings, and where each heading stands."""

    rows: Iterator[tuple[int, dict[int, Value]]]
    column_of: Mapping[str, int]
    day_zero: date


def find_sheet(file: BinaryIO, wanted: list[str], *, otherwise: str) -> Sheet:
    """The first sheet that has all these headings.

    Raises:
        UnreadableWorkbook: the file is no workbook that can be read.
        RuleViolation: no sheet has the headings; the sentence names the first that is missing and says `otherwise`.

    """
    workbook = Workbook(file)
    missing = wanted[0]
    for name in workbook.sheet_names:
        rows = workbook.rows(name)
        headings = next(rows, (0, {}))[1]
        column_of = {fold(cells.clean(str(text))): number for number, text in reversed(headings.items())}
        absent = [heading for heading in wanted if heading not in column_of]
        if not absent:
            return Sheet(rows, column_of, workbook.day_zero)
        missing = absent[0]
    raise RuleViolation(
        f"No sheet of the workbook has a column “{missing}”. Correct the mapping, or {otherwise}."
    )


def read_each(
    sheet: Sheet, read: Callable[[int, Mapping[int, Value]], AnyRow]
) -> tuple[list[AnyRow], list[RejectedRow]]:
    """What each row says, and the rows that say nothing usable or have the ID of one before."""
    found: list[AnyRow] = []
    rejected: list[RejectedRow] = []
    seen: dict[str, int] = {}
    for number, values in sheet.rows:
        try:
            row = read(number, values)
        except RuleViolation as refusal:
            rejected.append(RejectedRow(number, refusal.sentence))
            continue
        if row.external_id in seen:
            rejected.append(RejectedRow(number, f"has the same ID as row {seen[row.external_id]}"))
        else:
            seen[row.external_id] = number
            found.append(row)
    return found, rejected


@dataclass(frozen=True)
class MappedRow:
    """One row, read with the mapping; a refusal is the end of a sentence about it."""

    number: int
    values: Mapping[int, Value]
    mapping: ColumnMapping
    column_of: Mapping[str, int]
    day_zero: date

    def heading(self, column: str) -> str:
        return self.mapping.columns[column]

    def value(self, heading: str | None) -> Value | None:
        found = self.values.get(self.column_of[heading]) if heading else None
        return None if isinstance(found, str) and not cells.clean(found) else found

    def text(self, column: str) -> str:
        found = self.value(self.mapping.columns.get(column))
        return "" if found is None else cells.clean(str(found))

    def external_id(self) -> str:
        found = self.text("external_id")
        if not found:
            raise RuleViolation("has no ID")
        if len(found) > 60:
            raise RuleViolation("has an ID of more than 60 characters")
        return found

    def email(self, column: str, whose: str) -> str:
        found = self.text(column).lower()
        if len(found) > 254 or not _EMAIL.fullmatch(found):
            raise RuleViolation(f"has no e-mail address of its {whose}")
        return found

    def team(self) -> str:
        found = self.text("team")
        if not found or len(found) > 120:
            raise RuleViolation("has no team")
        return found

    def long_text(self, heading: str | None) -> str:
        """The words as written, with their lines and without what cannot be seen; formulas and HTML are only text."""
        found = self.value(heading)
        if found is None:
            return ""
        lines = str(found).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        text = "\n".join(cells.clean(line) for line in lines).strip()
        if len(text) > LONGEST_TEXT:
            raise RuleViolation(f"has more than {LONGEST_TEXT:,} characters under “{heading}”")
        return text

    def meaning(self, kind: str, heading: str, what: str) -> str:
        found = self.value(heading)
        words = "" if found is None else fold(str(found))
        if words not in self.mapping.values[kind]:
            said = (
                f"“{cells.clean(str(found))[:60]}”, which the mapping does not explain"
                if words
                else "nothing"
            )
            raise RuleViolation(f"does not give {what}: it says {said}")
        return self.mapping.values[kind][words]

    def day(self, column: str) -> date | None:
        """The day of a cell; None where it holds none."""
        found = cells.present(self.value(self.mapping.columns.get(column)))
        return cells.day(found, day_zero=self.day_zero, two_digit_years_until=2099)
