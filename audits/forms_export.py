"""Past child journey audits from the council's form service: the mapping file and the rows. Knows no Django.

The mapping (TOML) says which column of the export holds what and what its words mean; docs/past-audits.md describes
it. Headings and values are compared without regard to letter case, accents and white space of any kind.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import Any, BinaryIO

from core import cells
from core.dates import LONDON
from core.errors import RuleViolation
from core.text import collapse_spaces, fold
from core.xlsx import Value, Workbook

AREAS = ("visits", "assessments", "supervision", "plans", "meetings")
GRADES = ("outstanding", "good", "requires_improvement", "inadequate", "not_applicable")
PATHWAYS = ("cin", "cp", "cla", "leaving_care", "front_door")
ANSWERS = ("yes", "partly", "no", "not_evidenced", "not_applicable")
NEEDED_COLUMNS = (
    "external_id",
    "submitted_at",
    "auditor_email",
    "child",
    "pathway",
    "team",
    "round",
    "overall_grade",
)
OTHER_COLUMNS = ("started_at", "auditor_name", "overall_rationale")
LONGEST_TEXT = 200_000
EARLIEST = date(2000, 1, 1)

_MONTH_AND_YEAR = re.compile(
    r"([a-z]{3,9})[ \-/.,]+(\d{4}|\d{2})|(\d{4})-(\d{2})|(\d{1,2})/(\d{4})", re.ASCII
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EMAIL = re.compile(r"[^@\s<>\"',;:()]+@[^@\s<>\"',;:()]+\.[^@\s<>\"',;:().]+")
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class FormMapping:
    """Which heading holds what, and what each word means. Headings and words are folded."""

    source: str
    columns: Mapping[str, str]
    grades_of: Mapping[str, str]
    evidence_of: Mapping[str, str]
    questions: Mapping[str, str]
    question_words: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class PastAudit:
    """One audit of the export. Moments are London's; `month` is the first day of the month it was allocated for."""

    row: int
    external_id: str
    started_at: datetime
    submitted_at: datetime
    auditor_email: str
    auditor_name: str
    child: str
    pathway: str
    team: str
    month: date
    overall_grade: str
    overall_rationale: str
    grades: Mapping[str, str]
    evidence: Mapping[str, str]
    answers: Mapping[str, str]

    @property
    def digest(self) -> str:
        """The same for the same content, wherever the row stands in the file."""
        content = asdict(self) | {"row": None, "auditor_name": None}
        return hashlib.sha256(json.dumps(content, default=str, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class RejectedRow:
    """A row that cannot be used, and why."""

    row: int
    reason: str


@dataclass
class FormsExport:
    """What the file holds: audits, and the rows that are none."""

    mapping: FormMapping
    audits: list[PastAudit] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)


def read_mapping(content: bytes) -> FormMapping:
    """The mapping file.

    Raises:
        RuleViolation: it is no TOML, or a key is missing or means nothing; the sentence names it.

    """
    try:
        told = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise RuleViolation(f"The mapping is not a TOML file: {error}. Correct it and try again.") from error
    columns = _texts(told, "columns")
    for name in NEEDED_COLUMNS:
        if name not in columns:
            raise RuleViolation(f"The mapping lacks “{name}” under [columns]. Add the heading of its column.")
    if unknown := sorted(columns.keys() - {*NEEDED_COLUMNS, *OTHER_COLUMNS}):
        raise RuleViolation(f"The mapping has “{unknown[0]}” under [columns], which means nothing here.")
    areas = told.get("areas")
    if not isinstance(areas, dict) or set(areas) != set(AREAS):
        raise RuleViolation(f"The mapping needs [areas.…] for each of {', '.join(AREAS)}, and no others.")
    texts = {area: _texts(areas, area) for area in AREAS}
    for area, keys in texts.items():
        if "grade" not in keys or not keys.keys() <= {"grade", "evidence"}:
            raise RuleViolation(f"[areas.{area}] of the mapping takes “grade” and “evidence”. Correct it.")
    values = told.get("values")
    if not isinstance(values, dict):
        raise RuleViolation("The mapping lacks [values.grades], [values.pathways] and [values.answers].")
    questions = _texts(told, "questions") if "questions" in told else {}
    source = told.get("source", "forms")
    if not isinstance(source, str) or not re.fullmatch(r"[a-z0-9-]{1,20}", source):
        raise RuleViolation("“source” in the mapping is a short name of letters, digits and hyphens.")
    return FormMapping(
        source=source,
        columns={name: fold(heading) for name, heading in columns.items()},
        grades_of={area: fold(keys["grade"]) for area, keys in texts.items()},
        evidence_of={area: fold(keys["evidence"]) for area, keys in texts.items() if "evidence" in keys},
        questions={code: fold(heading) for code, heading in questions.items()},
        question_words={code: collapse_spaces(heading) for code, heading in questions.items()},
        values={
            "grades": _meanings(values, "grades", GRADES),
            "pathways": _meanings(values, "pathways", PATHWAYS),
            "answers": _meanings(values, "answers", ANSWERS),
        },
    )


def read_forms_export(file: BinaryIO, mapping: FormMapping, *, today: date) -> FormsExport:
    """The rows of the first sheet that has the mapping's headings.

    Args:
        today: no audit was submitted, or allocated for a month, after it.

    Raises:
        UnreadableWorkbook: the file is no workbook that can be read.
        RuleViolation: no sheet has the headings; the sentence names the first that is missing.

    """
    workbook = Workbook(file)
    wanted = [
        *mapping.columns.values(),
        *mapping.grades_of.values(),
        *mapping.evidence_of.values(),
        *mapping.questions.values(),
    ]
    missing = wanted[0]
    for sheet in workbook.sheet_names:
        rows = workbook.rows(sheet)
        headings = next(rows, (0, {}))[1]
        column_of = {fold(str(text)): number for number, text in reversed(headings.items())}
        absent = [heading for heading in wanted if heading not in column_of]
        if not absent:
            return _read_rows(rows, mapping, column_of, workbook.day_zero, today)
        missing = absent[0]
    raise RuleViolation(
        f"No sheet of the workbook has a column “{missing}”. Correct the mapping, or export the form again."
    )


def _read_rows(
    rows: Iterator[tuple[int, dict[int, Value]]],
    mapping: FormMapping,
    column_of: Mapping[str, int],
    day_zero: date,
    today: date,
) -> FormsExport:
    export = FormsExport(mapping)
    seen: dict[str, int] = {}
    for number, found in rows:
        try:
            read = _Row(number, found, mapping, column_of, day_zero).audit(today)
        except RuleViolation as refusal:
            export.rejected.append(RejectedRow(number, refusal.sentence))
            continue
        if read.external_id in seen:
            reason = f"has the same ID as row {seen[read.external_id]}"
            export.rejected.append(RejectedRow(number, reason))
        else:
            seen[read.external_id] = number
            export.audits.append(read)
    return export


@dataclass(frozen=True)
class _Row:
    """One row, read with the mapping; a refusal is the end of a sentence about it."""

    number: int
    values: Mapping[int, Value]
    mapping: FormMapping
    column_of: Mapping[str, int]
    day_zero: date

    def audit(self, today: date) -> PastAudit:
        external_id = self.text("external_id")
        if not external_id:
            raise RuleViolation("has no ID")
        if len(external_id) > 60:
            raise RuleViolation("has an ID of more than 60 characters")
        submitted_at = self.moment("submitted_at")
        if submitted_at is None:
            raise RuleViolation(f"has no date under “{self.mapping.columns['submitted_at']}”")
        if not EARLIEST <= submitted_at.date() <= today:
            raise RuleViolation(f"was completed on {submitted_at:%-d %B %Y}, which cannot be")
        started_at = self.moment("started_at") or submitted_at
        month = self.month(today)
        email = self.text("auditor_email").lower()
        if len(email) > 254 or not _EMAIL.fullmatch(email):
            raise RuleViolation("has no e-mail address of its auditor")
        child = self.text("child")
        if not child or len(child) > 40:
            raise RuleViolation("has no case number of the child")
        team = self.text("team")
        if not team or len(team) > 120:
            raise RuleViolation("has no team")
        pathway = self.meaning("pathways", self.heading("pathway"), "a pathway")
        grades = {
            area: self.meaning("grades", heading, f"a grade for {area}")
            for area, heading in self.mapping.grades_of.items()
        }
        overall = self.meaning("grades", self.heading("overall_grade"), "an overall grade")
        if overall == "not_applicable":
            raise RuleViolation("has no overall grade: it is never Not applicable")
        return PastAudit(
            row=self.number,
            external_id=external_id,
            started_at=min(started_at, submitted_at),
            submitted_at=submitted_at,
            auditor_email=email,
            auditor_name=self.text("auditor_name")[:150] or email.partition("@")[0],
            child=child,
            pathway=pathway,
            team=team,
            month=month,
            overall_grade=overall,
            overall_rationale=self.long_text(self.mapping.columns.get("overall_rationale")),
            grades=grades,
            evidence={area: self.long_text(heading) for area, heading in self.mapping.evidence_of.items()},
            answers={
                code: self.meaning("answers", heading, f"an answer to {code}")
                for code, heading in self.mapping.questions.items()
                if self.value(heading) is not None
            },
        )

    def heading(self, column: str) -> str:
        return self.mapping.columns[column]

    def value(self, heading: str | None) -> Value | None:
        found = self.values.get(self.column_of[heading]) if heading else None
        return None if isinstance(found, str) and not cells.clean(found) else found

    def text(self, column: str) -> str:
        found = self.value(self.mapping.columns.get(column))
        return "" if found is None else cells.clean(str(found))

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

    def moment(self, column: str) -> datetime | None:
        """The date and time of a cell, London's; noon where it holds a date alone."""
        found = self.value(self.mapping.columns.get(column))
        day = cells.day(cells.present(found), day_zero=self.day_zero, two_digit_years_until=2099)
        if day is None:
            return None
        at = time(12)
        if isinstance(found, float):
            minutes = round(found % 1 * _MINUTES_A_DAY) % _MINUTES_A_DAY
            at = time(*divmod(minutes, 60))
        elif clock := re.search(r"(\d{1,2}):(\d{2})", str(found)):
            hour, minute = int(clock[1]), int(clock[2])
            if hour < 24 and minute < 60:
                at = time(hour, minute)
        return datetime.combine(day, at, LONDON)

    def month(self, today: date) -> date:
        found = cells.present(self.value(self.heading("round")))
        day = cells.day(found, day_zero=self.day_zero, two_digit_years_until=2099) or _month_of(str(found))
        if day is None or not EARLIEST <= day <= today:
            raise RuleViolation(
                f"does not say which month it was allocated for under “{self.heading('round')}”"
            )
        return day.replace(day=1)


def _month_of(text: str) -> date | None:
    """The month of words such as "April 2024", "Apr-24", "2024-04" or "4/2024"; None where there is none."""
    match = _MONTH_AND_YEAR.fullmatch(fold(text))
    if match is None:
        return None
    name, year, *figures = match.groups()
    if name:
        number = _MONTHS.index(name[:3]) + 1 if name[:3] in _MONTHS else 0
        years = int(year) + (2000 if len(year) == 2 else 0)
    else:
        years, number = (
            (int(figures[0]), int(figures[1])) if figures[0] else (int(figures[3]), int(figures[2]))
        )
    return date(years, number, 1) if 1 <= number <= 12 and years >= EARLIEST.year else None


def _texts(told: Mapping[str, Any], key: str) -> dict[str, str]:
    found = told.get(key)
    if not isinstance(found, dict) or not all(
        isinstance(text, str) and fold(text) for text in found.values()
    ):
        raise RuleViolation(f"The mapping lacks [{key}], or something in it is not words in quotation marks.")
    return found


def _meanings(values: Mapping[str, Any], kind: str, known: tuple[str, ...]) -> dict[str, str]:
    meanings = {fold(words): meaning for words, meaning in _texts(values, kind).items()}
    for words, meaning in meanings.items():
        if meaning not in known:
            raise RuleViolation(
                f"[values.{kind}] of the mapping says that “{words}” is “{meaning}”. Use one of: {', '.join(known)}."
            )
    return meanings
