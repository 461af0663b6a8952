"""Versions of audit tools as they are outside the database, and what approving one would mean."""

from collections.abc import Iterable
from dataclasses import dataclass

from audits.enums import BAND_GRADES, GRADED_SECTIONS, Pathway, QuestionKind, Section
from audits.models import GradeDescriptor, Question, ToolInForce, ToolVersion
from audits.tool_diff import Loss, ToolChanges, changes_between, losses
from audits.tool_files import ToolDescriptor, ToolFile, ToolQuestion


def descriptors_on(version: ToolVersion, section: str) -> dict[str, str]:
    """The descriptors of one page by grade, from best to worst. One query."""
    texts = dict(
        GradeDescriptor.objects.filter(version=version, section=section).values_list("grade", "text")
    )
    return {grade.value: texts[grade] for grade in BAND_GRADES if grade in texts}


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
