"""How the demonstration council's auditors write: grades that hang together, answers that go with them."""

import random
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from audits.completeness import AskedQuestion, GivenAnswer, SectionContent
from audits.enums import AREAS, Grade, PracticeAnswer, QuestionKind, Section
from audits.grading import is_above

BANDS = (Grade.OUTSTANDING, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE)
OVERALL_WEIGHTS = (3, 38, 40, 19)
"""The shares of overall grades a first year shows before moderation has done its work."""

YES_SHIFT = {Grade.OUTSTANDING: 25, Grade.GOOD: 15, Grade.REQUIRES_IMPROVEMENT: -12, Grade.INADEQUATE: -35}
USUAL_YES = 72
ASSESSMENT_NOT_DUE = 0.2
GRADE_OF_UNGRADED = Grade.GOOD


@cache
def story() -> dict[str, Any]:
    """The sentences and shares of story.toml."""
    return tomllib.loads((Path(__file__).parent / "story.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Author:
    """Writes the pages of one audit from one source of chance.

    `lift` moves the grades up (or down) by that many hundredths: how a council gets better over a year.
    """

    rng: random.Random
    lift: int = 0

    def grades(self) -> dict[Section, str]:
        """A grade for each area and overall, that keep to the ceilings of docs/domain.md, section 5."""
        weights = [
            weight + self.lift * step
            for weight, step in zip(OVERALL_WEIGHTS, (0.2, 0.8, -0.4, -0.6), strict=True)
        ]
        aimed = self.rng.choices(range(4), [max(weight, 1) for weight in weights])[0]
        steps = {
            area: min(3, max(0, aimed + self.rng.choices((-1, 0, 1), (22, 60, 18))[0])) for area in AREAS
        }
        inadequate = sum(step == 3 for step in steps.values())
        overall = 3 if inadequate >= 2 else max(aimed, 2) if inadequate else aimed
        if overall == 0 and (max(steps.values()) > 1 or sum(step == 0 for step in steps.values()) < 3):
            overall = 1
        grades: dict[Section, str] = {area: BANDS[step] for area, step in steps.items()}
        if self.rng.random() < ASSESSMENT_NOT_DUE and grades[Section.ASSESSMENTS] != Grade.INADEQUATE:
            grades[Section.ASSESSMENTS] = Grade.NOT_APPLICABLE
        return grades | {Section.OVERALL: BANDS[overall]}

    def content(
        self, section: Section, grades: dict[Section, str], questions: Iterable[AskedQuestion], on: date
    ) -> SectionContent:
        """One page, complete; `on` is the day it was written."""
        grade = grades.get(section, "")
        if grade == Grade.NOT_APPLICABLE:
            reason = self.rng.choice(story()["evidence"][section][grade])
            return SectionContent(grade=grade, not_applicable_reason=reason)
        answers = {
            question.code: self.answer(question, grade or GRADE_OF_UNGRADED, on) for question in questions
        }
        answers = {code: self.within_ceiling(code, answer, grade) for code, answer in answers.items()}
        if section == Section.PROCESS:
            answers["W5"] = self.concern(grades)
        if section == Section.FEEDBACK:
            answers = only_if_given(answers)
        if not grade:
            return SectionContent(answers=answers)
        return SectionContent(
            grade=grade,
            evidence=self.rng.choice(story()["evidence"][section][grade]),
            difference="" if section == Section.OVERALL else self.rng.choice(story()["difference"][grade]),
            answers=answers,
        )

    def answer(self, question: AskedQuestion, grade: str, on: date) -> GivenAnswer:
        """An answer of the question's kind that goes with the grade."""
        match question.kind:
            case QuestionKind.TEXT:
                return GivenAnswer(note=self.words(TEXTS.get(question.code, "summary")))
            case QuestionKind.NUMBER:
                return GivenAnswer(counted=self.rng.randint(1, 20))
            case QuestionKind.DATE:
                return GivenAnswer(dated_on=on)
            case QuestionKind.CHOICE:
                return self.choice(question)
            case QuestionKind.CHOICES:
                ticked = [value for value, _ in question.choices if self.rng.random() < 0.3]
                return GivenAnswer(selected=tuple(ticked or [question.choices[0][0]]))
            case _:
                return self.practice(question, grade)

    def practice(self, question: AskedQuestion, grade: str) -> GivenAnswer:
        """Yes in the published share, shifted by the grade; the rest partly, no or not evidenced."""
        share = max(3, min(97, story()["yes"].get(question.code, USUAL_YES) + YES_SHIFT[Grade(grade)]))
        rest = 100 - share
        value = self.rng.choices(
            (PracticeAnswer.YES, PracticeAnswer.PARTLY, PracticeAnswer.NO, PracticeAnswer.NOT_EVIDENCED),
            (share, rest * 0.45, rest * 0.35, rest * 0.2),
        )[0]
        if self.rng.random() < 0.04:
            return GivenAnswer(
                PracticeAnswer.NOT_APPLICABLE, not_applicable_reason=self.rng.choice(("age", "not_yet_due"))
            )
        part = {PracticeAnswer.YES: 1.0, PracticeAnswer.PARTLY: 0.6}.get(value, 0.3)
        parts = tuple(choice for choice, _ in question.choices)
        counted_of = self.rng.randint(5, 9) if question.count_labels else None
        return GivenAnswer(
            value,
            note=self.words("tool") if question.note_label else "",
            selected=parts[: round(len(parts) * part)],
            counted=None if counted_of is None else round(counted_of * part),
            counted_of=counted_of,
        )

    def choice(self, question: AskedQuestion) -> GivenAnswer:
        """The first answer in three of five cases, another otherwise; a serious one seldom."""
        values = [value for value, _ in question.choices]
        if question.code in SELDOM_YES:
            value = "yes" if self.rng.random() < 0.06 else "no"
        else:
            value = values[0] if self.rng.random() < 0.6 else self.rng.choice(values)
        noted = question.note_label and (value in question.note_required_for or value == "yes")
        return GivenAnswer(value, note=self.words(NOTES.get(question.code, "feedback")) if noted else "")

    def within_ceiling(self, code: str, answer: GivenAnswer, grade: str) -> GivenAnswer:
        """An answer that lets the grade stand, as nearly all do: few auditors grade above a ceiling."""
        capped = CAPPED_BY.get(code)
        if capped is None or answer.value not in capped or self.rng.random() < OVERRIDES:
            return answer
        if not is_above(grade, Grade.INADEQUATE if code == "A1" else Grade.REQUIRES_IMPROVEMENT):
            return answer
        return replace(answer, value=PracticeAnswer.YES)

    def concern(self, grades: dict[Section, str]) -> GivenAnswer:
        """Whether there was an immediate concern: in some of the audits that are Inadequate overall."""
        if grades[Section.OVERALL] == Grade.INADEQUATE and self.rng.random() < CONCERNS:
            return GivenAnswer("yes", note=self.words("concern"))
        return GivenAnswer("no")

    def words(self, kind: str) -> str:
        """A sentence of that kind."""
        said: str = self.rng.choice(story()["words"][kind])
        return said


def only_if_given(answers: dict[str, GivenAnswer]) -> dict[str, GivenAnswer]:
    """The answers about feedback, empty but for the attempt when nobody gave any."""
    if answers["F1_outcome"].value == "feedback":
        return answers
    return {
        code: answer if code in {"F1", "F1_outcome"} else GivenAnswer() for code, answer in answers.items()
    }


TEXTS = {"H5": "reviewer", "W4": "strengths", "O1": "up_one_grade", "F10": "feedback"}
NOTES = {"O2": "good_practice", "F1_outcome": "feedback"}
SELDOM_YES = frozenset({"O2"})
CAPPED_BY = {
    "V2": frozenset({"partly", "no", "not_evidenced"}),
    **dict.fromkeys(("A1", "P1", "P2", "P15", "S1"), frozenset({"no", "not_evidenced"})),
}
"""The answers that put a ceiling on a grade (audits/grading.py)."""
OVERRIDES = 0.04
CONCERNS = 0.2
