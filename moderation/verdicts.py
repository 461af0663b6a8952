"""What a changed grade is called, and how far it moved (docs/domain.md, section 7, R7). Imports no Django.

Grades are their stable codes. "Not applicable" is no grade of the scale: to or from it is neither up nor down.
"""

from collections.abc import Mapping

SCALE = ("inadequate", "requires_improvement", "good", "outstanding")
NOT_APPLICABLE = "not_applicable"
NUMBERS = ("no", "one", "two", "three")


def steps_between(auditor_grade: str, final_grade: str) -> int:
    """How many steps the grade moved: above nought is up; 0 also where one of the two is not on the scale."""
    if NOT_APPLICABLE in (auditor_grade, final_grade):
        return 0
    return SCALE.index(final_grade) - SCALE.index(auditor_grade)


def verdict_on(auditor_grade: str, final_grade: str) -> str:
    """The word for it: confirmed, up, down, or applicability."""
    if auditor_grade == final_grade:
        return "confirmed"
    steps = steps_between(auditor_grade, final_grade)
    return "applicability" if steps == 0 else "up" if steps > 0 else "down"


def in_words(auditor_grade: str, final_grade: str) -> str:
    """The change for a reader: "the same", "one step down", "two steps up", "applies", "does not apply"."""
    if auditor_grade == final_grade:
        return "the same"
    steps = steps_between(auditor_grade, final_grade)
    if steps == 0:
        return "does not apply" if final_grade == NOT_APPLICABLE else "applies"
    noun = "step" if abs(steps) == 1 else "steps"
    return f"{NUMBERS[abs(steps)]} {noun} {'up' if steps > 0 else 'down'}"


def differences(auditor: Mapping[str, str], other: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """By section, both grades where they differ; sections that `other` leaves out do not count."""
    return {
        section: (grade, other[section])
        for section, grade in auditor.items()
        if other.get(section) and other[section] != grade
    }
