"""What a moderator is shown of an audit before their own reading is recorded (docs/domain.md, R8). Imports no Django.

A blind paper is built from what it may hold, never by taking out of the full page what it may not: a field that the
audit gains later is not in it. What stays free text is the auditor's evidence and notes; in those the auditor's own
name and the words of the grading scale are masked, since auditors write them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

SECTIONS = ("header", "visits", "assessments", "supervision", "plans", "meetings", "feedback")
"""The pages that are shown. The overall page and the one about the audit itself tell the grade or the auditor."""

HIDDEN = "[hidden]"
SCALE_WORDS = re.compile(
    r"\b(?:(?i:outstanding|inadequate|requires[\s-]+improvement)|RI|Good|GOOD)\b",
)
SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class BlindRow:
    """One question and its answer in words."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class BlindPage:
    """One page of the audit: what was answered, and the evidence; no grade, and no sign of one."""

    section: str
    label: str
    rows: tuple[BlindRow, ...]
    evidence: str
    difference: str


@dataclass(frozen=True, slots=True)
class BlindPaper:
    """An audit without its auditor, their team and every grade."""

    reference: str
    child: str
    pathway: str
    age: str
    legal_status: str
    pages: tuple[BlindPage, ...]

    def page(self, section: str) -> BlindPage | None:
        return next((page for page in self.pages if page.section == section), None)


def mask(text: str, names: Iterable[str]) -> str:
    """The text without these names, whole or in part, and without the words of the grading scale.

    "Good" is masked with a capital only: as a plain word it says nothing of the grade.
    """
    parts = {part for name in names for part in (name, *name.split()) if len(part) >= SHORTEST_NAME}
    if parts:
        longest_first = sorted(parts, key=lambda part: (-len(part), part))
        text = re.sub(
            rf"(?<!\w)(?:{'|'.join(re.escape(part) for part in longest_first)})(?!\w)",
            HIDDEN,
            text,
            flags=re.IGNORECASE,
        )
    return SCALE_WORDS.sub(HIDDEN, text)
