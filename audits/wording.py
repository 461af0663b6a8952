"""Answers and due dates in words."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

from audits.completeness import AskedQuestion, GivenAnswer, SectionContent
from audits.enums import AREAS, Grade, NotApplicableReason, PracticeAnswer, Section, WorkerOutcome
from audits.models import ProposedAction, WorkerContact
from core.dates import working_days_between


def answer_in_words(question: AskedQuestion, answer: GivenAnswer) -> list[str]:
    """The answer as lines to read; none when nothing was answered."""
    labels = dict(PracticeAnswer.choices) | dict(question.choices)
    lines = []
    if answer.not_applicable_reason:
        lines.append(
            f"{labels[answer.value]}: {NotApplicableReason(answer.not_applicable_reason).label.lower()}"
        )
    elif answer.value:
        lines.append(labels[answer.value])
    if question.count_labels:
        numbers = zip(question.count_labels, (answer.counted, answer.counted_of), strict=True)
        lines += [f"{label}: {number}" for label, number in numbers if number is not None]
    elif answer.counted is not None:
        lines.append(str(answer.counted))
    if answer.selected:
        lines.append(", ".join(labels[value] for value in answer.selected))
    if answer.dated_on:
        lines.append(date_format(answer.dated_on))
    if answer.note:
        lines.append(answer.note)
    if answer.override_reason:
        lines.append(f"Another answer than the dates give, because: {answer.override_reason}")
    return lines


def action_rows(action: ProposedAction) -> list[dict[str, str]]:
    """A proposed action as the rows of a summary; `owner` must be loaded."""
    due = date_format(action.due_on)
    if action.later_reason:
        due = f"{due}, later than {date_format(action.default_due_on)}: {action.later_reason}"
    about = (
        f": {Section(action.about).label}"
        if action.about in AREAS
        else f", {action.about}" * bool(action.about)
    )
    return [
        {"key": f"What was found{about}", "value": action.why},
        {"key": "Owner", "value": action.owner.name},
        {"key": "How soon", "value": action.get_priority_display()},
        {"key": "Due", "value": due},
        {"key": "How success will be seen", "value": action.success},
    ]


def due_in_words(due_on: date, today: date, closures: AbstractSet[date]) -> str:
    """The due date and how far off it is, in working days; on `closures` the council does not work.

    >>> due_in_words(date(2026, 11, 30), date(2026, 11, 24), frozenset())
    'due Monday 30 November, in 4 working days'
    """
    day = f"{due_on:%A} {due_on.day} {due_on:%B}"
    if due_on == today:
        return f"due today, {day}"
    days = working_days_between(min(due_on, today), max(due_on, today), closures)
    span = "1 working day" if days == 1 else f"{days} working days"
    if due_on > today:
        return f"due {day}, in {span}" if days else f"due {day}"
    return f"was due {day}, {span} late" if days else f"was due {day}"


@dataclass(frozen=True)
class Difference:
    """Something that two people, or two tabs, wrote differently."""

    label: str
    saved: str
    typed: str


def differences(
    questions: Iterable[AskedQuestion], saved: SectionContent, typed: SectionContent
) -> list[Difference]:
    """Where what was typed differs from what is saved, in the page's order."""
    pairs = [
        (
            f"{question.code}. {question.text}",
            "\n".join(answer_in_words(question, saved.answers[question.code])),
            "\n".join(answer_in_words(question, typed.answers[question.code])),
        )
        for question in questions
    ]
    pairs += [
        ("Grade", grade_in_words(saved.grade), grade_in_words(typed.grade)),
        ("Why the area is not applicable", saved.not_applicable_reason, typed.not_applicable_reason),
        ("Lines of the descriptors", lines_in_words(saved.met_lines), lines_in_words(typed.met_lines)),
        ("Why not as advised", saved.override_reason, typed.override_reason),
        ("Evidence for the grade", saved.evidence, typed.evidence),
        ("What is different for this child", saved.difference, typed.difference),
    ]
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]


def log_in_words(contacts: Sequence[WorkerContact], told_on: date | None) -> list[str]:
    """How W1 and W3 come about, for the page that asks them. `contacts` are in the order of their days."""
    took_part = [contact for contact in contacts if contact.outcome == WorkerOutcome.TOOK_PART]
    decisive = (took_part or list(contacts))[-1:]
    w1 = str(decisive[0]) if decisive else "nothing yet, so the answer is Not invited"
    w3 = f"{told_on:%-d %B %Y}" if told_on else "no day yet, so there is no date"
    return [f"W1, from the log: {w1}.", f"W3, from what you told them: {w3}."]


def grade_in_words(grade: str) -> str:
    return Grade(grade).label if grade else ""


def lines_in_words(keys: Iterable[str]) -> str:
    """>>> lines_in_words(["good.1", "good.3"])
    'Good, line 1; Good, line 3'
    """
    parts = (key.partition(".") for key in keys)
    return "; ".join(f"{Grade(band).label}, line {number}" for band, _, number in parts)


def age_in_words(age: int | None) -> str:
    """>>> age_in_words(1)
    '1 year'
    """
    if age is None:
        return "Not recorded"
    if age < 0:
        return "Not born yet"
    return "1 year" if age == 1 else f"{age} years"


def proposal_in_words(answer: GivenAnswer) -> str:
    """What the dates say to a question: "Partly, 5 of 6"; "Not applicable, it is not yet due"."""
    words = PracticeAnswer(answer.value).label
    if answer.not_applicable_reason:
        return f"{words}, {NotApplicableReason(answer.not_applicable_reason).label.lower()}"
    if answer.counted is not None:
        return f"{words}, {answer.counted} of {answer.counted_of}"
    return str(words)
