"""Actions of the spreadsheet that a council tracked them in before: the mapping file and the rows. Knows no Django.

docs/past-actions.md describes the mapping.
"""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import BinaryIO

from core.errors import RuleViolation
from core.mapped_rows import (
    EARLIEST,
    ColumnMapping,
    MappedRow,
    RejectedRow,
    columns_of,
    digest_of,
    find_sheet,
    meanings_of,
    read_each,
    read_toml,
    source_of,
)

STATUSES = ("open", "in_progress", "done", "verified", "cancelled")
WAS_DONE = ("done", "verified")
PRIORITIES = ("p0", "p1", "p2", "p3")
PRIORITY_NOT_GIVEN = "p2"
NEEDED_COLUMNS = ("external_id", "what", "owner_email", "team", "due_on", "status")
OTHER_COLUMNS = (
    "why",
    "success",
    "child",
    "priority",
    "first_due_on",
    "opened_on",
    "done_on",
    "evidence",
    "audit",
)


@dataclass(frozen=True)
class TrackedAction:
    """One action of the tracker. `child` and `audit` are references, or empty."""

    row: int
    external_id: str
    what: str
    why: str
    success: str
    owner_email: str
    team: str
    child: str
    audit: str
    priority: str
    status: str
    first_due_on: date
    due_on: date
    opened_on: date
    done_on: date | None
    evidence: str

    @property
    def digest(self) -> str:
        """The same for the same content, wherever the row stands in the file.

        The child is left out: nobody shall work out from what is kept a case number that is not known here.
        """
        return digest_of(asdict(self) | {"row": None, "child": None})


@dataclass
class TrackerFile:
    """What the file holds: actions, and the rows that are none."""

    mapping: ColumnMapping
    actions: list[TrackedAction] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)


def read_mapping(content: bytes) -> ColumnMapping:
    """The mapping file.

    Raises:
        RuleViolation: it is no TOML, or a key is missing or means nothing; the sentence names it.

    """
    told = read_toml(content)
    columns = columns_of(told, needed=NEEDED_COLUMNS, other=OTHER_COLUMNS)
    values = told.get("values")
    if not isinstance(values, dict):
        raise RuleViolation("The mapping lacks [values.statuses]. Say what each status of the tracker means.")
    meanings = {"statuses": meanings_of(values, "statuses", STATUSES)}
    if "priority" in columns:
        meanings["priorities"] = meanings_of(values, "priorities", PRIORITIES)
    return ColumnMapping(source=source_of(told, default="tracker"), columns=columns, values=meanings)


def read_tracker(file: BinaryIO, mapping: ColumnMapping, *, today: date) -> TrackerFile:
    """The rows of the first sheet that has the mapping's headings.

    Args:
        today: no action was opened or done after it.

    Raises:
        UnreadableWorkbook: the file is no workbook that can be read.
        RuleViolation: no sheet has the headings; the sentence names the first that is missing.

    """
    sheet = find_sheet(file, list(mapping.columns.values()), otherwise="add the column to the tracker")
    actions, rejected = read_each(
        sheet,
        lambda number, values: _Row(number, values, mapping, sheet.column_of, sheet.day_zero).action(today),
    )
    return TrackerFile(mapping, actions, rejected)


class _Row(MappedRow):
    def action(self, today: date) -> TrackedAction:
        external_id = self.external_id()
        what = self.words("what")
        if not what:
            raise RuleViolation("does not say what shall be done")
        status = self.meaning("statuses", self.heading("status"), "a status")
        due_on = self.dated("due_on")
        if due_on is None:
            raise RuleViolation(f"has no date under “{self.heading('due_on')}”")
        first_due_on = self.dated("first_due_on") or due_on
        if first_due_on > due_on:
            raise RuleViolation(
                f"was first due on {_told(first_due_on)}, after the {_told(due_on)} it is due on"
            )
        done_on = self.dated("done_on") if status in (*WAS_DONE, "cancelled") else None
        if done_on is None and status in WAS_DONE:
            raise RuleViolation("is done and does not say when")
        opened_on = self.dated("opened_on") or min(first_due_on, done_on or today, today)
        if opened_on > today:
            raise RuleViolation(f"was opened on {_told(opened_on)}, which cannot be")
        if done_on and not opened_on <= done_on <= today:
            raise RuleViolation(f"was closed on {_told(done_on)}, which cannot be")
        return TrackedAction(
            row=self.number,
            external_id=external_id,
            what=what,
            why=self.words("why"),
            success=self.words("success"),
            owner_email=self.email("owner_email", "owner"),
            team=self.team(),
            child=self.text("child"),
            audit=self.text("audit").upper(),
            priority=self.priority(),
            status=status,
            first_due_on=first_due_on,
            due_on=due_on,
            opened_on=opened_on,
            done_on=done_on,
            evidence=self.words("evidence"),
        )

    def words(self, column: str) -> str:
        return self.long_text(self.mapping.columns.get(column))

    def priority(self) -> str:
        heading = self.mapping.columns.get("priority")
        if self.value(heading) is None:
            return PRIORITY_NOT_GIVEN
        return self.meaning("priorities", self.heading("priority"), "a priority")

    def dated(self, column: str) -> date | None:
        """The day of a cell; None where it is empty.

        Raises:
            RuleViolation: it holds something that is no day.

        """
        day = self.day(column)
        if day is None and self.text(column):
            raise RuleViolation(
                f"has “{self.text(column)[:60]}” under “{self.heading(column)}”, which is no date"
            )
        if day is not None and day < EARLIEST:
            raise RuleViolation(f"has {_told(day)} under “{self.heading(column)}”, which cannot be")
        return day


def _told(day: date) -> str:
    return f"{day:%-d %B %Y}"
