"""Drafts of audit tools: started, changed, brought in from a file, discarded (docs/domain.md, section 4)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from audits.enums import (
    APPROVED_TOOL_STATUSES,
    OPEN_TOOL_STATUSES,
    Grade,
    Pathway,
    QuestionKind,
    Section,
    ToolStatus,
)
from audits.models import GradeDescriptor, Question, Tool, ToolInForce, ToolVersion, ToolVersionMove
from audits.moves import TOOL_REFUSALS, check_tool_move
from audits.permissions import can_draft_tools
from audits.tool_facts import descriptors_on, tool_file_of, tool_question_of
from audits.tool_files import (
    LONGEST_HELP,
    TOOL_CODE_IN_WORDS,
    ToolDescriptor,
    ToolFile,
    ToolQuestion,
    mark_of,
    problems_of,
    problems_of_text,
    problems_of_tool,
    question_of,
)
from core.errors import RuleViolation


class StaleDraft(Exception):
    """What is changed was changed by somebody else, or in another tab, since it was opened. Nothing was changed."""


ONLY_DRAFTERS = "Only the QA lead makes and changes drafts of the audit tools."


@transaction.atomic
def start_draft(tool: Tool, *, by: User, at: datetime | None = None) -> ToolVersion:
    """Copy the newest version of a tool that was not discarded into a draft.

    Effects, in order: a version with the next number is made, for the pathways that the copied version serves today, or
    was written for when it serves none; its questions and descriptors are copied; the move is recorded.

    Raises:
        RuleViolation: `by` may not, the tool has a draft, or it has no version to copy.

    """
    _check_drafter(by)
    locked = Tool.objects.select_for_update().get(pk=tool.pk)
    _check_no_draft(locked)
    source = locked.versions.exclude(status=ToolStatus.DISCARDED).order_by("-number").first()
    if source is None:
        raise RuleViolation(f"{tool} has no version to copy. Import one, or make a new tool.")
    if not source.pathways:
        raise RuleViolation(f"{tool} keeps audits from before this service. Nobody is given it to write.")
    serves = set(ToolInForce.objects.filter(version=source).values_list("pathway", flat=True))
    content = tool_file_of(source)
    pathways = [pathway for pathway in content.pathways if pathway in serves] or list(content.pathways)
    return _new_version(
        locked,
        pathways=pathways,
        questions=_questions_for(pathways, content.questions),
        descriptors=content.descriptors,
        by=by,
        at=at,
        reason=f"Copied from version {source.number}",
    )


@transaction.atomic
def create_tool(
    *,
    code: str,
    name: str,
    pathways: Iterable[Pathway],
    by: User,
    copy_of: ToolVersion | None = None,
    at: datetime | None = None,
) -> ToolVersion:
    """Make a tool and its first draft, blank or with the questions and descriptors of another tool's version.

    Raises:
        RuleViolation: `by` may not, the code is taken or no code, there is no name, or there is no pathway.

    """
    _check_drafter(by)
    content = tool_file_of(copy_of) if copy_of else ToolFile(code, name, (), (), ())
    for_pathways = [pathway for pathway in Pathway if pathway in set(pathways)]
    tool = _make_tool(code, name)
    if not for_pathways:
        raise RuleViolation("Choose one pathway at least.")
    return _new_version(
        tool,
        pathways=for_pathways,
        questions=_questions_for(for_pathways, content.questions),
        descriptors=content.descriptors,
        by=by,
        at=at,
        reason=f"Copied from {copy_of}" if copy_of else "A new tool",
    )


@transaction.atomic
def import_tool(content: ToolFile, *, by: User | None, at: datetime | None = None) -> ToolVersion:
    """Bring a tool in from a file: as a new draft of the tool with its code, or as a new tool. The same twice is once.

    Args:
        by: who brings it in; None is a command on the server.

    Raises:
        RuleViolation: `by` may not, the tool has a draft or another name, it is not whole, or a code in it is another
            question elsewhere.

    """
    if by is not None:
        _check_drafter(by)
    check_whole(content)
    tool = Tool.objects.select_for_update().filter(code=content.code).first()
    if tool is None:
        tool = _make_tool(content.code, content.name)
    elif tool.name != content.name:
        raise RuleViolation(
            f"name: the tool {tool.code} is called {tool.name} here, and {content.name} in the file. Use the same "
            "name, or another code for another tool."
        )
    draft = tool.versions.filter(status=ToolStatus.DRAFT).select_related("tool").first()
    if draft and tool_file_of(draft) == content:
        return draft
    _check_no_draft(tool)
    check_codes(content.questions)
    return _new_version(
        tool,
        pathways=content.pathways,
        questions=content.questions,
        descriptors=content.descriptors,
        by=by,
        at=at,
        reason="Imported from a file",
    )


@transaction.atomic
def discard_draft(version: ToolVersion, *, by: User, at: datetime | None = None) -> ToolVersion:
    """Give a draft up. It is kept to be read, and its number is not used again. Twice is once."""
    current = locked_version(version)
    _check_drafter(by)
    if current.status == ToolStatus.DISCARDED:
        return current
    move_version(current, ToolStatus.DISCARDED, by=by, at=at or timezone.now())
    return current


@transaction.atomic
def change_pathways(version: ToolVersion, pathways: Iterable[Pathway], *, by: User) -> ToolVersion:
    """Say for which pathways a draft is.

    Raises:
        RuleViolation: `by` may not, it is no draft, there is no pathway, or a question would be left with none.

    """
    current = _draft(version, by=by)
    chosen = [pathway for pathway in Pathway if pathway in set(pathways)]
    if not chosen:
        raise RuleViolation("Choose one pathway at least.")
    narrowed = []
    for question in Question.objects.filter(version=current):
        if not question.pathways:
            continue
        question.pathways = [pathway for pathway in question.pathways if pathway in chosen]
        if not question.pathways:
            raise RuleViolation(
                f"{question.code} is asked on no pathway that would be left. Remove it or ask it elsewhere first."
            )
        narrowed.append(question)
    Question.objects.bulk_update(narrowed, ("pathways",))
    current.pathways = chosen
    current.save(update_fields=("pathways",))
    return current


@transaction.atomic
def add_question(version: ToolVersion, row: Mapping[str, Any], *, by: User) -> Question:
    """Add a question at the end of its page. `row` spells it as tool_files.problems_of checks it.

    Raises:
        RuleViolation: `by` may not, it is no draft, the question is not whole, its code is in the draft already, or was
            another question in an approved version.

    """
    current = _draft(version, by=by)
    question = _checked_question(row, current)
    if Question.objects.filter(version=current, code=question.code).exists():
        raise RuleViolation(f"{question.code} is in this draft already. Take another code.")
    check_codes([question])
    last = Question.objects.filter(version=current).aggregate(last=Max("order"))["last"] or 0
    return Question.objects.create(version=current, order=last + 1, **_columns(question))


@transaction.atomic
def change_question(
    version: ToolVersion, code: str, row: Mapping[str, Any], *, by: User, opened: str = ""
) -> Question:
    """Change a question of a draft; its code and its page stay. The same content again is once.

    Args:
        opened: `mark_of` the question that the writer had before them; "" where there was none, as on a server.

    Raises:
        StaleDraft: another save came first and said something else.
        RuleViolation: as for add_question.

    """
    current = _draft(version, by=by)
    saved = question_in(current, code)
    question = _checked_question({**row, "code": saved.code, "section": saved.section}, current)
    _check_mark(opened, tool_question_of(saved), question)
    check_codes([question])
    for name, value in _columns(question).items():
        setattr(saved, name, value)
    saved.save()
    return saved


@transaction.atomic
def remove_question(version: ToolVersion, code: str, *, by: User) -> ToolVersion:
    """Take a question out of a draft; one that is not there is out already."""
    current = _draft(version, by=by)
    Question.objects.filter(version=current, code=code).delete()
    return current


@transaction.atomic
def move_question(version: ToolVersion, code: str, *, up: bool, by: User) -> Question:
    """Let a question and its neighbour on the page change places; the first stays first and the last last."""
    current = _draft(version, by=by)
    moved = question_in(current, code)
    page = Question.objects.filter(version=current, section=moved.section)
    if up:
        neighbour = page.filter(order__lt=moved.order).order_by("-order").first()
    else:
        neighbour = page.filter(order__gt=moved.order).order_by("order").first()
    if neighbour:
        moved.order, neighbour.order = neighbour.order, moved.order
        Question.objects.bulk_update((moved, neighbour), ("order",))
    return moved


@transaction.atomic
def change_descriptors(
    version: ToolVersion, section: Section, texts: Mapping[Grade, str], *, by: User, opened: str = ""
) -> ToolVersion:
    """Say what each grade looks like on one page of a draft. The same texts again are once.

    Args:
        opened: `mark_of` the texts, best grade first, that the writer had before them; "" where there were none.

    Raises:
        StaleDraft: another save came first and said something else.
        RuleViolation: a text is empty, too long, or holds what no text may.

    """
    current = _draft(version, by=by)
    _check_mark(opened, descriptors_on(current, section), {str(grade): text for grade, text in texts.items()})
    for grade, text in texts.items():
        if problems := problems_of_text(text, LONGEST_HELP):
            raise RuleViolation(f"{section.label}: the descriptor for {Grade(grade).label} {problems[0]}.")
    GradeDescriptor.objects.bulk_create(
        [
            GradeDescriptor(version=current, section=section, grade=grade, text=text)
            for grade, text in texts.items()
        ],
        update_conflicts=True,
        unique_fields=("version", "section", "grade"),
        update_fields=("text",),
    )
    return current


def check_whole(content: ToolFile) -> None:
    """Return when the tool is whole.

    Raises:
        RuleViolation: it is not; the sentence names the first thing that is missing.

    """
    if problem := next(problems_of_tool(content), None):
        raise RuleViolation(f"The tool is not whole yet. {problem}.")


def check_codes(questions: Iterable[ToolQuestion]) -> None:
    """Return when each code is the question that it was in every approved version of any tool.

    Measures follow a code across versions and tools. A code that was on another page, or answered in another way, would
    add up what does not belong together. Drafts of other tools do not count: who is approved first has the code. Nor do
    tools for no pathway, which keep audits from before this service in the words of their time.

    Raises:
        RuleViolation: a code is another question elsewhere.

    """
    asked = {question.code: question for question in questions}
    rows = Question.objects.filter(code__in=asked, version__status__in=APPROVED_TOOL_STATUSES)
    rows = rows.exclude(version__pathways=[])
    known = rows.order_by("version__published_at", "pk").values_list(
        "code", "section", "kind", "version__tool__name", "version__number"
    )
    for code, section, kind, tool, number in known:
        question = asked[code]
        if (question.section, question.kind) != (section, kind):
            raise RuleViolation(
                f"{code} is a question of {Section(section).label} of the kind “{QuestionKind(kind).label}” in {tool}, "
                f"version {number}. Measures follow the code: keep its page and kind, or take a new code."
            )


def locked_version(version: ToolVersion) -> ToolVersion:
    """The version as it stands, locked, with its tool."""
    rows = ToolVersion.objects.select_for_update(of=("self",)).select_related("tool")
    return rows.get(pk=version.pk)


def move_version(
    version: ToolVersion,
    to_status: ToolStatus,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    save: tuple[str, ...] = (),
) -> None:
    """Make the move of a locked version: checked against the table, claimed, saved with the fields `save`, recorded.

    Raises:
        RuleViolation: it may not be made now, or somebody else made one in the meantime.

    """
    check_tool_move(str(version), version.status, to_status)
    from_status = version.status
    # SQLite locks no rows: who changes the status first has made the move.
    if not ToolVersion.objects.filter(pk=version.pk, status=from_status).update(
        status=to_status, **{name: getattr(version, name) for name in save}
    ):
        raise RuleViolation("Somebody else has just decided on this version. Open it again.")
    version.status = to_status
    ToolVersionMove.objects.create(
        version=version, from_status=from_status, to_status=to_status, by=by, at=at, reason=reason
    )


def question_in(version: ToolVersion, code: str) -> Question:
    """The question of a draft.

    Raises:
        RuleViolation: it has been removed.

    """
    question = Question.objects.filter(version=version, code=code).first()
    if question is None:
        raise RuleViolation(f"{code} is no longer in this draft. Go back to its page.")
    return question


def _check_drafter(by: User) -> None:
    if not can_draft_tools(by):
        raise RuleViolation(ONLY_DRAFTERS)


def _draft(version: ToolVersion, *, by: User) -> ToolVersion:
    """The version, locked, if it is a draft that this person may change."""
    _check_drafter(by)
    current = locked_version(version)
    if current.status != ToolStatus.DRAFT:
        raise RuleViolation(TOOL_REFUSALS[current.status].format(current))
    return current


def _make_tool(code: str, name: str) -> Tool:
    if problem := next(problems_of_tool(ToolFile(code, name, (), (), ())), ""):
        if problem.startswith("code"):
            raise RuleViolation(f"A tool's code is {TOOL_CODE_IN_WORDS}.")
        if problem.startswith("name"):
            raise RuleViolation(f"The {problem.replace(':', '')}.")
    tool, is_new = Tool.objects.get_or_create(code=code, defaults={"name": name.strip()})
    if not is_new:
        raise RuleViolation(
            f"The code {code} is taken: {tool}. Start a new version of it, or take another code."
        )
    return tool


def _check_no_draft(tool: Tool) -> None:
    draft = tool.versions.filter(status__in=OPEN_TOOL_STATUSES).select_related("tool").first()
    if draft:
        raise RuleViolation(
            f"{draft} is still open ({draft.get_status_display().lower()}). A tool has one draft at a time: finish "
            "it or discard it."
        )


def _questions_for(pathways: list[Pathway], questions: Iterable[ToolQuestion]) -> list[ToolQuestion]:
    """Those that apply on any of the pathways, asked on those alone."""
    kept = []
    for question in questions:
        asked_on = tuple(pathway for pathway in question.pathways if pathway in pathways)
        if asked_on or not question.pathways:
            everywhere = len(asked_on) == len(pathways)
            kept.append(replace(question, pathways=() if everywhere else asked_on))
    return kept


def _new_version(  # noqa: PLR0913 - what a version is
    tool: Tool,
    *,
    pathways: Iterable[Pathway],
    questions: Iterable[ToolQuestion],
    descriptors: Iterable[ToolDescriptor],
    by: User | None,
    at: datetime | None,
    reason: str,
) -> ToolVersion:
    number = (tool.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = ToolVersion.objects.create(tool=tool, number=number, pathways=list(pathways))
    Question.objects.bulk_create(
        Question(version=version, order=order, **_columns(question))
        for order, question in enumerate(questions, start=1)
    )
    GradeDescriptor.objects.bulk_create(
        GradeDescriptor(version=version, section=one.section, grade=one.grade, text=one.text)
        for one in descriptors
    )
    ToolVersionMove.objects.create(
        version=version, to_status=ToolStatus.DRAFT, by=by, at=at or timezone.now(), reason=reason
    )
    return version


def _check_mark(opened: str, saved: object, typed: object) -> None:
    """Return when nothing else was saved since that mark, or what was says the same.

    Raises:
        StaleDraft: something else was.

    """
    if opened and opened != mark_of(saved) and saved != typed:
        raise StaleDraft


def _checked_question(row: Mapping[str, Any], version: ToolVersion) -> ToolQuestion:
    code = str(row.get("code", "")) or "The question"
    if problems := problems_of(row):
        raise RuleViolation(f"{code}: {problems[0]}.")
    question = question_of(row)
    if not set(question.pathways) <= set(version.pathways):
        raise RuleViolation(f"{code}: choose pathways that this tool is for.")
    if len(question.pathways) == len(version.pathways):
        question = replace(question, pathways=())
    return question


def _columns(question: ToolQuestion) -> dict[str, Any]:
    return {
        "section": question.section,
        "code": question.code,
        "text": question.text,
        "help": question.help,
        "kind": question.kind,
        "options": question.options,
        "pathways": list(question.pathways),
        "required": question.required,
    }
