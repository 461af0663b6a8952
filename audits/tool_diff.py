"""What changed between two versions of an audit tool, and what the newer one would no longer ask."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from audits.asks import asks_in_words
from audits.enums import PRACTICE_KINDS, Pathway, QuestionKind, Section
from audits.question_codes import RELIED_ON
from audits.tool_files import ToolFile, ToolQuestion


@dataclass(frozen=True)
class Wording:
    """One thing that reads otherwise now; `before` or `after` is empty where there was, or is, nothing."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangedQuestion:
    """A question that is in both versions, with what is otherwise about it."""

    question: ToolQuestion
    wordings: tuple[Wording, ...]


@dataclass(frozen=True)
class SectionChanges:
    """What changed on one page, questions in the order of the page."""

    section: Section
    added: tuple[ToolQuestion, ...]
    removed: tuple[ToolQuestion, ...]
    changed: tuple[ChangedQuestion, ...]
    moved: tuple[ToolQuestion, ...]
    descriptors: tuple[Wording, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed or self.moved or self.descriptors)


@dataclass(frozen=True)
class ToolChanges:
    """Everything that changed: the pathways, then page by page. Pages without a change are left out."""

    pathways_added: tuple[Pathway, ...]
    pathways_removed: tuple[Pathway, ...]
    sections: tuple[SectionChanges, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.pathways_added or self.pathways_removed or self.sections)


@dataclass(frozen=True)
class Loss:
    """A question, or an answer to it, that something counts and that new audits would no longer give."""

    code: str
    text: str
    pathways: tuple[Pathway, ...]
    needed_for: str


def changes_between(before: ToolFile, after: ToolFile) -> ToolChanges:
    """What the newer version says otherwise."""
    sections = (_changes_of(section, before, after) for section in Section)
    return ToolChanges(
        pathways_added=tuple(pathway for pathway in after.pathways if pathway not in before.pathways),
        pathways_removed=tuple(pathway for pathway in before.pathways if pathway not in after.pathways),
        sections=tuple(changes for changes in sections if not changes.is_empty),
    )


def losses(before: Mapping[Pathway, ToolFile], after: ToolFile) -> list[Loss]:
    """What measures would miss from new audits, by the order of the pages.

    Args:
        before: the tool that serves each pathway today.

    """
    lost: dict[tuple[str, str], tuple[ToolQuestion, list[Pathway]]] = {}
    for pathway in after.pathways:
        kept = asked_on(after, pathway)
        asked = asked_on(before[pathway], pathway) if pathway in before else {}
        for code, question in asked.items():
            for needed_for in _missed(question, kept.get(code)):
                lost.setdefault((code, needed_for), (question, []))[1].append(pathway)
    return [
        Loss(code, question.text, tuple(pathways), needed_for)
        for (code, needed_for), (question, pathways) in lost.items()
    ]


def losses_without(tool: ToolFile, code: str) -> list[Loss]:
    """What measures would miss if the tool asked everything but this question."""
    others = tuple(question for question in tool.questions if question.code != code)
    return losses(dict.fromkeys(tool.pathways, tool), replace(tool, questions=others))


def asked_on(tool: ToolFile, pathway: Pathway) -> dict[str, ToolQuestion]:
    """The questions that an audit of the pathway is asked, by code."""
    return {
        question.code: question
        for question in tool.questions
        if not question.pathways or pathway in question.pathways
    }


def _missed(question: ToolQuestion, kept: ToolQuestion | None) -> Iterator[str]:
    """What a question was needed for and is not there for any more."""
    reliance = RELIED_ON.get(question.code)
    if kept is None:
        if question.kind in PRACTICE_KINDS:
            yield "its own measures: yes, and not evidenced on record"
        if reliance:
            yield reliance.needed_for
    elif reliance:
        offered = {value for value, _ in kept.options.get("choices", ())}
        for value, label in question.options.get("choices", ()):
            if value in reliance.answers and value not in offered:
                yield f"{reliance.needed_for}, which counts the answer “{label}”"


def _changes_of(section: Section, before: ToolFile, after: ToolFile) -> SectionChanges:
    old = {question.code: question for question in before.questions if question.section == section}
    new = {question.code: question for question in after.questions if question.section == section}
    places = {code: place for place, code in enumerate(old)}
    stayed = _longest_rising([places[code] for code in new if code in old])
    both = [(old[code], question) for code, question in new.items() if code in old]
    changed = (ChangedQuestion(question, tuple(_wordings(was, question))) for was, question in both)
    return SectionChanges(
        section=section,
        added=tuple(question for code, question in new.items() if code not in old),
        removed=tuple(question for code, question in old.items() if code not in new),
        changed=tuple(change for change in changed if change.wordings),
        moved=tuple(question for code, question in new.items() if code in old and places[code] not in stayed),
        descriptors=tuple(_descriptor_wordings(section, before, after)),
    )


def _wordings(before: ToolQuestion, after: ToolQuestion) -> Iterator[Wording]:
    old, new = dict(_in_words(before)), dict(_in_words(after))
    for what in new | old:
        if old.get(what, "") != new.get(what, ""):
            yield Wording(what, old.get(what, ""), new.get(what, ""))


def _in_words(question: ToolQuestion) -> Iterator[tuple[str, str]]:
    """All that a question says, for somebody who reads it."""
    options = question.options
    labels = dict(options.get("choices", ()))
    yield "Question", question.text
    yield "Help", question.help
    yield "Answer", QuestionKind(question.kind).label
    yield "Choices", "\n".join(f"{label} ({value})" for value, label in labels.items())
    yield "Numbers", "; ".join(options.get("count_labels", ()))
    yield "Note", options.get("note_label", "")
    yield "Note needed for", ", ".join(options.get("note_required_for", ()))
    yield "A yes needs every part", "Yes" if options.get("yes_needs_all") else "No"
    yield "Ages", asks_in_words(options.get("ages", {}))
    yield (
        "Choices offered to some only",
        "\n".join(
            f"{labels.get(value, value)}: {asks_in_words(asks)}"
            for value, asks in options.get("choices_only", {}).items()
        ),
    )
    yield "Must be answered", "Yes" if question.required else "No"
    yield "Asked on", ", ".join(pathway.label for pathway in question.pathways) or "Every pathway of the tool"


def _descriptor_wordings(section: Section, before: ToolFile, after: ToolFile) -> Iterator[Wording]:
    old = {one.grade: one.text for one in before.descriptors if one.section == section}
    new = {one.grade: one.text for one in after.descriptors if one.section == section}
    for grade in new | old:
        if old.get(grade, "") != new.get(grade, ""):
            yield Wording(grade.label, old.get(grade, ""), new.get(grade, ""))


def _longest_rising(places: Sequence[int]) -> set[int]:
    """The longest run of places that still rises, so that the fewest questions count as moved."""
    ends: list[int] = []
    lengths: list[int] = []
    for place in places:
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        lengths.append(length)
    stayed: set[int] = set()
    wanted = len(ends) - 1
    for place, length in zip(reversed(places), reversed(lengths), strict=True):
        if length == wanted:
            stayed.add(place)
            wanted -= 1
    return stayed
