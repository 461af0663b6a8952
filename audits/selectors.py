"""Reading audits, audit tools and the council's closures, each in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from accounts.models import User
from audits.completeness import GivenAnswer, SectionContent, missing_from
from audits.enums import BAND_GRADES, GRADED_SECTIONS, HANDED_IN, Grade, Pathway, QuestionKind, Section
from audits.models import (
    Answer,
    Audit,
    AuditSection,
    Closure,
    GradeDescriptor,
    Question,
    ToolInForce,
    ToolVersion,
    UrgentNotice,
)
from audits.querysets import AuditQuerySet
from audits.timescale_facts import TimescaleFacts as TimescaleFacts
from audits.timescale_facts import timescale_facts as timescale_facts
from audits.tool_diff import Loss, ToolChanges, changes_between, losses
from audits.tool_files import ToolDescriptor, ToolFile, ToolQuestion


def closures() -> frozenset[date]:
    """The council's own closed days, for everything that counts working days. One query."""
    return frozenset(Closure.objects.order_by().values_list("day", flat=True))


@dataclass(frozen=True)
class PageOfAudit:
    """One page: its row, the questions asked on this audit's pathway, and what was written."""

    row: AuditSection
    questions: list[Question]
    content: SectionContent


def questions_of(audit: Audit, section: Section | None = None) -> list[Question]:
    """The questions this audit asks, on one page or on all, in order. One query."""
    rows = Question.objects.filter(version=audit.tool_version_id)
    if section is not None:
        rows = rows.filter(section=section)
    return [question for question in rows if not question.pathways or audit.pathway in question.pathways]


def section_content(row: AuditSection, questions: list[Question]) -> SectionContent:
    """What is saved on one page. One query."""
    answers = Answer.objects.filter(audit=row.audit_id, question__in=questions)
    return _content(row, questions, {answer.question_id: answer for answer in answers})


def page_of(audit: Audit, section: Section) -> PageOfAudit:
    """One page of a started audit. Three queries."""
    questions = questions_of(audit, section)
    row = AuditSection.objects.get(audit=audit, section=section)
    return PageOfAudit(row, questions, section_content(row, questions))


def contents_of(audit: Audit) -> list[PageOfAudit]:
    """Every page of a started audit, in the order they are written. Three queries."""
    questions: dict[str, list[Question]] = defaultdict(list)
    for question in questions_of(audit):
        questions[question.section].append(question)
    answers = {answer.question_id: answer for answer in Answer.objects.filter(audit=audit)}
    rows = {row.section: row for row in AuditSection.objects.filter(audit=audit)}
    return [
        PageOfAudit(rows[section], questions[section], _content(rows[section], questions[section], answers))
        for section in Section
    ]


def unfinished_sections(pages: list[PageOfAudit]) -> list[Section]:
    """The pages that are not complete, judged anew on what is saved and not only on what was ticked."""
    return [
        Section(page.row.section)
        for page in pages
        if not page.row.is_complete
        or missing_from(page.row.section, [question.asked for question in page.questions], page.content)
    ]


def urgent_audits(user: User) -> AuditQuerySet:
    """The audits that do not wait for the panel, for those who were told and those who answer for the child now."""
    notices = UrgentNotice.objects.filter(audit=OuterRef("pk"))
    urgent = Audit.objects.filter(Exists(notices), status__in=HANDED_IN)
    return urgent.answered_for_by(user) | urgent.filter(Exists(notices.filter(person_id=user.pk)))


@dataclass(frozen=True)
class PageOfTool:
    """One page of an audit before anybody has written on it; `descriptors` run from best to worst."""

    section: Section
    questions: list[Question]
    descriptors: list[GradeDescriptor]


def tool_pages(version: ToolVersion, pathway: Pathway | None = None) -> list[PageOfTool]:
    """The pages of a tool as one pathway is asked them, or with the questions of all. Two queries."""
    questions: dict[str, list[Question]] = defaultdict(list)
    for question in Question.objects.filter(version=version):
        if pathway is None or not question.pathways or pathway in question.pathways:
            questions[question.section].append(question)
    descriptors: dict[str, list[GradeDescriptor]] = defaultdict(list)
    for descriptor in sorted(
        GradeDescriptor.objects.filter(version=version), key=lambda row: BAND_GRADES.index(Grade(row.grade))
    ):
        descriptors[descriptor.section].append(descriptor)
    return [PageOfTool(section, questions[section], descriptors[section]) for section in Section]


def tool_file_of(version: ToolVersion) -> ToolFile:
    """The version as it is outside the database, with its questions in the order of the pages. Two queries."""
    questions = sorted(
        Question.objects.filter(version=version),
        key=lambda row: (Section.values.index(row.section), row.order),
    )
    descriptors = {
        (row.section, row.grade): row.text for row in GradeDescriptor.objects.filter(version=version)
    }
    return ToolFile(
        code=version.tool.code,
        name=version.tool.name,
        pathways=tuple(pathway for pathway in Pathway if pathway in version.pathways),
        questions=tuple(tool_question_of(row) for row in questions),
        descriptors=tuple(
            ToolDescriptor(section, grade, descriptors[section, grade])
            for section in GRADED_SECTIONS
            for grade in BAND_GRADES
            if (section, grade) in descriptors
        ),
    )


def tool_question_of(row: Question) -> ToolQuestion:
    return ToolQuestion(
        code=row.code,
        section=Section(row.section),
        kind=QuestionKind(row.kind),
        text=row.text,
        help=row.help,
        options=row.options,
        pathways=tuple(pathway for pathway in Pathway if pathway in row.pathways),
        required=row.required,
    )


def tools_serving(pathways: Iterable[str]) -> dict[Pathway, ToolVersion]:
    """The version that new audits of each pathway take; a pathway without one is left out. One query."""
    rows = ToolInForce.objects.filter(pathway__in=pathways).select_related("version__tool")
    return {Pathway(row.pathway): row.version for row in rows}


@dataclass(frozen=True)
class Proposal:
    """What approving a version would mean.

    Attributes:
        against: the version that it is compared with; None for a new tool that was not copied from one.
        taken_over: the pathways that another tool serves today, with its version.
        losses: what measures would miss from new audits.

    """

    against: ToolVersion | None
    changes: ToolChanges
    taken_over: list[tuple[Pathway, ToolVersion]]
    losses: list[Loss]


def proposal_of(version: ToolVersion) -> Proposal:
    """What approving the version would mean, as things stand. Two queries, and two for each tool compared with."""
    serving = tools_serving(version.pathways)
    tool = tool_file_of(version)
    against = (
        ToolVersion.objects.filter(
            tool=version.tool_id, published_at__isnull=False, number__lt=version.number
        )
        .select_related("tool")
        .order_by("-number")
        .first()
    )
    served = {one.pk: one for one in serving.values()} | ({against.pk: against} if against else {})
    files = {pk: tool_file_of(one) for pk, one in served.items()}
    nothing = ToolFile(tool.code, tool.name, (), (), ())
    return Proposal(
        against=against,
        changes=changes_between(files[against.pk] if against else nothing, tool),
        taken_over=[(key, one) for key, one in serving.items() if one.tool_id != version.tool_id],
        losses=losses({pathway: files[one.pk] for pathway, one in serving.items()}, tool),
    )


def tools_in_force() -> list[ToolVersion]:
    """The published version of each tool that serves a pathway, by the tool's name. One query."""
    serving = ToolVersion.objects.published().filter(pk__in=ToolInForce.objects.values("version"))
    return list(serving.select_related("tool").order_by("tool__name"))


def _content(row: AuditSection, questions: list[Question], answers: dict[int, Answer]) -> SectionContent:
    return SectionContent(
        grade=row.grade,
        evidence=row.evidence,
        difference=row.difference,
        not_applicable_reason=row.not_applicable_reason,
        answers={question.code: _given(answers.get(question.pk)) for question in questions},
    )


def _given(answer: Answer | None) -> GivenAnswer:
    if answer is None:
        return GivenAnswer()
    return GivenAnswer(
        value=answer.value,
        not_applicable_reason=answer.not_applicable_reason,
        note=answer.note,
        selected=tuple(answer.selected),
        counted=answer.counted,
        counted_of=answer.counted_of,
        dated_on=answer.dated_on,
    )
