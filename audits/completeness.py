"""What a page of an audit still needs before it is complete. Knows no Django.

The form, the service and the check before submitting all ask here (docs/domain.md, sections 3 and 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

NOT_APPLICABLE = "not_applicable"
GRADED = frozenset({"visits", "assessments", "supervision", "plans", "meetings", "overall"})
PRACTICE = frozenset({"practice", "practice_count", "practice_letters"})


@dataclass(frozen=True)
class Asks:
    """On which audits something is asked or offered; where nothing is said, on every one.

    Attributes:
        pathways: only on these.
        min_age, max_age: only for children of at least, and at most, this age in whole years; -1 is not born yet.
        max_age_unless_disabled: at most this age, or any age where the child is disabled or nobody knows.

    """

    pathways: tuple[str, ...] = ()
    min_age: int | None = None
    max_age: int | None = None
    max_age_unless_disabled: int | None = None

    def of(self, pathway: str, age: int | None, disability: str) -> bool:
        """Whether it is asked of a child on this pathway, of this age where it is known, with this Disability."""
        if self.pathways and pathway not in self.pathways:
            return False
        if age is None:
            return True
        return (
            (self.min_age is None or age >= self.min_age)
            and (self.max_age is None or age <= self.max_age)
            and (
                self.max_age_unless_disabled is None
                or age <= self.max_age_unless_disabled
                or disability != "no"
            )
        )


@dataclass(frozen=True)
class AskedQuestion:
    """A question as asked.

    Attributes:
        kind: one of QuestionKind.
        choices: (value, label) of a choice, or of the letters or parts of a practice question.
        count_labels: what the two numbers of a count are: so many, of so many.
        note_label: what the note asks for; "" where there is no note.
        note_required_for: the answers that need the note.
        yes_needs_all: whether Yes says that every letter or part holds, as with SMART.
        ages: the ages at which it is asked.
        choices_only: the audits that offer a choice, by its value; a choice that is not named is always offered.

    """

    code: str
    text: str
    kind: str
    help: str = ""
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    count_labels: tuple[str, ...] = ()
    note_label: str = ""
    note_required_for: tuple[str, ...] = ()
    yes_needs_all: bool = False
    ages: Asks = Asks()
    choices_only: Mapping[str, Asks] = field(default_factory=dict)

    def offered_to(self, pathway: str, age: int | None, disability: str) -> AskedQuestion:
        """The question with those of its choices that can apply to this child."""
        everywhere = Asks()
        offered = tuple(
            (value, label)
            for value, label in self.choices
            if self.choices_only.get(value, everywhere).of(pathway, age, disability)
        )
        return replace(self, choices=offered)


@dataclass(frozen=True)
class GivenAnswer:
    """An answer as given; what the question's kind does not use is left empty.

    `override_reason` says why it is another than what the dates of the file say (docs/domain.md, section 9).
    """

    value: str = ""
    not_applicable_reason: str = ""
    note: str = ""
    selected: tuple[str, ...] = ()
    counted: int | None = None
    counted_of: int | None = None
    dated_on: date | None = None
    override_reason: str = ""


@dataclass(frozen=True)
class SectionContent:
    """What somebody wrote on one page of an audit."""

    grade: str = ""
    evidence: str = ""
    difference: str = ""
    not_applicable_reason: str = ""
    override_reason: str = ""
    met_lines: tuple[str, ...] = ()
    answers: Mapping[str, GivenAnswer] = field(default_factory=dict)


@dataclass(frozen=True)
class Missing:
    """One thing that is still needed: the field it belongs to, such as "grade" or "V4", and a sentence."""

    field: str
    sentence: str


def missing_from(section: str, questions: Iterable[AskedQuestion], content: SectionContent) -> list[Missing]:
    """What the page still needs, in the page's order; empty when it may be called complete.

    A whole area that is not applicable needs its reason and nothing else.
    """
    if section in GRADED and content.grade == NOT_APPLICABLE:
        if section == "overall":
            return [Missing("grade", "Choose the overall grade: it is never Not applicable")]
        if content.not_applicable_reason.strip():
            return []
        return [Missing("not_applicable_reason", "Say why this area is not applicable")]
    needed = [
        gap
        for question in questions
        for gap in _gaps(question, content.answers.get(question.code, GivenAnswer()))
    ]
    if section in GRADED:
        needed += _grade_gaps(section, content)
    return needed


def _grade_gaps(section: str, content: SectionContent) -> Iterator[Missing]:
    if not content.grade:
        yield Missing(
            "grade", "Choose the overall grade" if section == "overall" else "Choose the grade for this area"
        )
    if not content.evidence.strip():
        yield Missing(
            "evidence",
            "Write why you chose this grade" if section == "overall" else "Write the evidence for the grade",
        )
    if section != "overall" and not content.difference.strip():
        yield Missing("difference", "Write what is different for this child because of this work")


def _gaps(question: AskedQuestion, answer: GivenAnswer) -> Iterator[Missing]:
    if question.required and not _answered(question, answer):
        yield Missing(question.code, f"Answer {question.code}: {question.text}")
    elif question.kind in PRACTICE:
        yield from _practice_gaps(question, answer)
    if answer.value and answer.value in question.note_required_for and not answer.note.strip():
        yield Missing(f"{question.code}.note", f"{question.code}: {question.note_label}")


def _answered(question: AskedQuestion, answer: GivenAnswer) -> bool:
    match question.kind:
        case "choices":
            return bool(answer.selected)
        case "text":
            return bool(answer.note.strip())
        case "number":
            return answer.counted is not None
        case "date":
            return answer.dated_on is not None
        case _:
            return bool(answer.value)


def _practice_gaps(question: AskedQuestion, answer: GivenAnswer) -> Iterator[Missing]:
    if answer.value == NOT_APPLICABLE:
        if not answer.not_applicable_reason:
            yield Missing(f"{question.code}.reason", f"{question.code}: choose why it is not applicable")
        return
    if question.kind == "practice_count" and answer.value in {"yes", "partly", "no"}:
        for part, number, label in (
            ("counted", answer.counted, question.count_labels[0]),
            ("counted_of", answer.counted_of, question.count_labels[1]),
        ):
            if number is None:
                yield Missing(f"{question.code}.{part}", f"{question.code}: enter the number: {label}")
    if question.yes_needs_all and answer.value == "yes" and len(answer.selected) < len(question.choices):
        yield Missing(
            f"{question.code}.selected",
            f"{question.code}: you answered Yes, so tick every part, or answer Partly",
        )
