"""The parts of a quarterly and an annual report, in their order. Imports no Django."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PartKind:
    """One part: its key, its heading, and what its author is asked to write."""

    key: str
    heading: str
    asks: str
    is_area: bool = False
    """A priority area has the actions required as well."""


_AREA = "What the grades and the practice questions say, what works, what does not, and for which children."

PARTS = (
    PartKind("headline", "Headline", "The period in a few sentences, for somebody who reads nothing else."),
    PartKind("overall", "Overall grades", "How good practice is overall, and what has changed."),
    PartKind("visits", "Visits", _AREA, is_area=True),
    PartKind("assessments", "Assessments", _AREA, is_area=True),
    PartKind("supervision", "Supervision and management oversight", _AREA, is_area=True),
    PartKind("plans", "Plans and planning", _AREA, is_area=True),
    PartKind("meetings", "Meetings and reviews", _AREA, is_area=True),
    PartKind("strengths", "Strengths", "What is done well, and what it changed for children."),
    PartKind("improvements", "Areas for improvement", "What matters most to do better, and why."),
    PartKind(
        "feedback",
        "Service user feedback",
        "What families said, and what was done about it. Quote nobody by name.",
    ),
    PartKind("moderation", "Moderation", "How far grades can be relied on, and what panels changed."),
    PartKind("returns", "Activity and returns", "How many audits came back, and who took part in them."),
    PartKind("dip_samples", "Dip samples and observations", "What else was looked at, and what came of it."),
    PartKind("teams", "Teams", "What the comparison of teams supports, and what it does not."),
)

PART_KEYS = tuple(part.key for part in PARTS)
PART_BY_KEY = {part.key: part for part in PARTS}

BEGINNINGS = {
    "overall": ("overall.",),
    "visits": ("visits.", "visit_timeliness"),
    "assessments": ("assessments.", "voice."),
    "supervision": ("supervision.", "scrutiny."),
    "plans": ("plans.", "smart."),
    "meetings": ("meetings.",),
    "feedback": ("feedback.",),
    "moderation": ("moderation.", "panel."),
    "dip_samples": ("activity.dip_sample", "activity.observation"),
}
"""Which measures stand in which part, by how their codes begin; all others stand with the activity."""

OTHERS = "returns"
QUESTION = "question."


def part_of(code: str, area_of: Mapping[str, str]) -> str:
    """The key of the part in which a measure stands; `area_of` has the priority area of each practice question."""
    if code.startswith(QUESTION):
        return area_of.get(code.split(".")[1], OTHERS)
    found = (key for key, beginnings in BEGINNINGS.items() if code.startswith(beginnings))
    return next(found, OTHERS)
