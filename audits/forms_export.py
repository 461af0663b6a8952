"""Past child journey audits from the council's form service: the mapping file and the rows. Knows no Django.

The mapping (TOML) says which column of the export holds what and what its words mean; docs/past-audits.md describes
it. Headings and values are compared without regard to letter case, accents and white space of any kind.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import BinaryIO

from core import cells
from core.dates import LONDON
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
    texts_of,
)
from core.text import collapse_spaces, fold

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

_MONTH_AND_YEAR = re.compile(
    r"([a-z]{3,9})[ \-/.,]+(\d{4}|\d{2})|(\d{4})-(\d{2})|(\d{1,2})/(\d{4})", re.ASCII
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class FormMapping(ColumnMapping):
    """Besides: the headings of each area's grade and evidence, and of the questions by their codes."""

    grades_of: Mapping[str, str]
    evidence_of: Mapping[str, str]
    questions: Mapping[str, str]
    question_words: Mapping[str, str]


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
        """The same for the same content, wherever the row stands in the file and however its team is spelt."""
        return digest_of(asdict(self) | {"row": None, "auditor_name": None, "team": fold(self.team)})


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
    told = read_toml(content)
    columns = columns_of(told, needed=NEEDED_COLUMNS, other=OTHER_COLUMNS)
    areas = told.get("areas")
    if not isinstance(areas, dict) or set(areas) != set(AREAS):
        raise RuleViolation(f"The mapping needs [areas.…] for each of {', '.join(AREAS)}, and no others.")
    texts = {area: texts_of(areas, area) for area in AREAS}
    for area, keys in texts.items():
        if "grade" not in keys or not keys.keys() <= {"grade", "evidence"}:
            raise RuleViolation(f"[areas.{area}] of the mapping takes “grade” and “evidence”. Correct it.")
    values = told.get("values")
    if not isinstance(values, dict):
        raise RuleViolation("The mapping lacks [values.grades], [values.pathways] and [values.answers].")
    questions = texts_of(told, "questions") if "questions" in told else {}
    return FormMapping(
        source=source_of(told, default="forms"),
        columns=columns,
        grades_of={area: fold(keys["grade"]) for area, keys in texts.items()},
        evidence_of={area: fold(keys["evidence"]) for area, keys in texts.items() if "evidence" in keys},
        questions={code: fold(heading) for code, heading in questions.items()},
        question_words={code: collapse_spaces(heading) for code, heading in questions.items()},
        values={
            "grades": meanings_of(values, "grades", GRADES),
            "pathways": meanings_of(values, "pathways", PATHWAYS),
            "answers": meanings_of(values, "answers", ANSWERS),
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
    wanted = [
        *mapping.columns.values(),
        *mapping.grades_of.values(),
        *mapping.evidence_of.values(),
        *mapping.questions.values(),
    ]
    sheet = find_sheet(file, wanted, otherwise="export the form again")
    audits, rejected = read_each(
        sheet,
        lambda number, values: _Row(number, values, mapping, sheet.column_of, sheet.day_zero).audit(today),
    )
    return FormsExport(mapping, audits, rejected)


@dataclass(frozen=True)
class _Row(MappedRow):
    mapping: FormMapping

    def audit(self, today: date) -> PastAudit:
        external_id = self.external_id()
        submitted_at = self.moment("submitted_at")
        if submitted_at is None:
            raise RuleViolation(f"has no date under “{self.mapping.columns['submitted_at']}”")
        if not EARLIEST <= submitted_at.date() <= today:
            raise RuleViolation(f"was completed on {submitted_at:%-d %B %Y}, which cannot be")
        started_at = self.moment("started_at") or submitted_at
        month = self.month(today)
        email = self.email("auditor_email", "auditor")
        child = self.text("child")
        if not child or len(child) > 40:
            raise RuleViolation("has no case number of the child")
        team = self.team()
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

    def moment(self, column: str) -> datetime | None:
        """The date and time of a cell, London's; noon where it holds a date alone."""
        found = self.value(self.mapping.columns.get(column))
        day = self.day(column)
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
        day = self.day("round") or _month_of(str(found))
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
