"""Reading audits, audit tools and the council's closures, each in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from accounts.models import User
from audits.completeness import AskedQuestion, GivenAnswer, SectionContent, missing_from
from audits.enums import BAND_GRADES, HANDED_IN, Grade, Pathway, Section
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
    return [row for row in rows if row.is_asked(audit.pathway, audit.age, audit.disability)]


def asked_of(audit: Audit, questions: list[Question]) -> list[AskedQuestion]:
    """Those questions with the choices that can apply to the audit's child. No query."""
    return [question.asked.offered_to(audit.pathway, audit.age, audit.disability) for question in questions]


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


def carry_on_at(rows: Iterable[AuditSection]) -> AuditSection | None:
    """Where its auditor left off: the page saved last that is not complete, else the first that is not. No query."""
    unfinished = [row for row in rows if not row.is_complete]
    saved = [row for row in unfinished if row.saved_at]
    if saved:
        return max(saved, key=lambda row: row.saved_at)  # type: ignore[arg-type, return-value]  # it was saved
    return next(iter(unfinished), None)


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
        override_reason=row.override_reason,
        met_lines=tuple(row.met_lines),
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
        override_reason=answer.override_reason,
    )
