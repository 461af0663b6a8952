"""Reading audits, audit tools and the council's closures, each in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, FilteredRelation, OuterRef, Q

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.querysets import UserQuerySet
from audits.completeness import AskedQuestion, GivenAnswer, SectionContent, missing_from
from audits.enums import BAND_GRADES, HANDED_IN, FamilyMember, Grade, Pathway, Section
from audits.models import (
    Answer,
    Audit,
    AuditSection,
    Closure,
    FamilyAnswer,
    GradeDescriptor,
    Question,
    ToolInForce,
    ToolVersion,
    UrgentNotice,
    WorkerFeedback,
)
from audits.querysets import AuditQuerySet
from audits.timescale_facts import TimescaleFacts as TimescaleFacts
from audits.timescale_facts import timescale_facts as timescale_facts

CONTACT_OUTCOME = "F1_outcome"
ANSWERED_BY_FAMILY_LOG = frozenset({"F1", CONTACT_OUTCOME, "F2"})


def closures() -> frozenset[date]:
    """The council's own closed days, for everything that counts working days. One query."""
    return frozenset(Closure.objects.order_by().values_list("day", flat=True))


def action_owners(on: date) -> UserQuerySet:
    """Who may own an action: active people who manage a team or a service on that day."""
    managing = Membership.objects.on(on).filter(role__in=(Role.TEAM_MANAGER, Role.SERVICE_MANAGER))
    owners: UserQuerySet = User.objects.active().holding_one_of(managing)
    return owners


def action_owners_in_words(on: date) -> dict[User, str]:
    """The same people by name, each with what they manage. One query."""
    held = Membership.objects.on(on).filter(
        role__in=(Role.TEAM_MANAGER, Role.SERVICE_MANAGER), user__is_active=True
    )
    manages: dict[User, list[str]] = defaultdict(list)
    for membership in held.select_related("user", "team", "service").order_by("user__name", "user_id", "pk"):
        manages[membership.user].append(str(membership))
    return {person: f"{person.name} ({'; '.join(roles)})" for person, roles in manages.items()}


def manager_of_team(team_id: int, on: date) -> User | None:
    """Who manages the team on that day, if somebody does who may sign in. One query."""
    held = Membership.objects.on(on).filter(team=team_id, role=Role.TEAM_MANAGER, user__is_active=True)
    membership = held.select_related("user").first()
    return membership.user if membership else None


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


def answers_of(audit: Audit, section: Section | None = None) -> dict[Question, Answer | None]:
    """The questions of `questions_of`, in order, each with its answer if there is one. One query for both."""
    of_this = FilteredRelation("answers", condition=Q(answers__audit=audit))
    rows = Question.objects.filter(version=audit.tool_version_id).annotate(given=of_this)
    if section is not None:
        rows = rows.filter(section=section)
    return {
        row: getattr(row, "given", None)  # Django sets it where there is one
        for row in rows.select_related("given")  # type: ignore[misc]  # the relation that is annotated
        if row.is_asked(audit.pathway, audit.age, audit.disability)
    }


def asked_of(audit: Audit, questions: list[Question]) -> list[AskedQuestion]:
    """Those questions with the choices that can apply to the audit's child. No query."""
    return [question.asked.offered_to(audit.pathway, audit.age, audit.disability) for question in questions]


def is_by_person(audit: Audit, questions: Iterable[Question]) -> bool:
    """Whether family feedback is written on pages of its own, person by person; `questions` hold those of its section.

    So it is for every audit started since there are these pages, if its tool asks what came of the contact.
    """
    return audit.feedback_by_person and asks_by_person(questions)


def asks_by_person(questions: Iterable[Question]) -> bool:
    """Whether audits that start today with these questions log whom they asked of the family."""
    return any(question.code == CONTACT_OUTCOME for question in questions)


def asked_of_each_person(questions: Iterable[Question]) -> list[Question]:
    """Of the questions of an audit, those that each person of the family answers: not who was asked, and what came."""
    return [
        question
        for question in questions
        if question.section == Section.FEEDBACK and question.code not in ANSWERED_BY_FAMILY_LOG
    ]


def worker_log_of(audit: Audit) -> tuple[list[str], WorkerFeedback | None]:
    """What came of asking the social worker, in the order of the days; and what they were told. Two queries."""
    outcomes = list(audit.worker_contacts.values_list("outcome", flat=True))
    return outcomes, WorkerFeedback.objects.filter(audit=audit).first()


def said_by_family(audit: Audit) -> dict[str, list[tuple[AskedQuestion, GivenAnswer]]]:
    """What each person of the family answered, in the order of FamilyMember and of the questions. One query."""
    said: dict[str, list[tuple[AskedQuestion, GivenAnswer]]] = defaultdict(list)
    answers = FamilyAnswer.objects.filter(feedback__audit=audit).select_related("feedback", "question")
    for answer in answers.order_by("question__order"):
        said[answer.feedback.person].append((answer.question.asked, _given(answer)))
    return {person: said[person] for person in FamilyMember.values if person in said}


def section_content(row: AuditSection, questions: list[Question]) -> SectionContent:
    """What is saved on one page. One query."""
    rows = Answer.objects.filter(audit=row.audit_id, question__in=questions)
    given = {answer.question_id: answer for answer in rows}
    return _content(row, {question: given.get(question.pk) for question in questions})


def page_of(audit: Audit, section: Section) -> PageOfAudit:
    """One page of a started audit. Two queries."""
    answers = answers_of(audit, section)
    row = AuditSection.objects.get(audit=audit, section=section)
    return PageOfAudit(row, list(answers), _content(row, answers))


def contents_of(audit: Audit) -> list[PageOfAudit]:
    """Every page of a started audit, in the order they are written. Two queries."""
    answers: dict[str, dict[Question, Answer | None]] = defaultdict(dict)
    for question, answer in answers_of(audit).items():
        answers[question.section][question] = answer
    rows = {row.section: row for row in AuditSection.objects.filter(audit=audit)}
    if is_by_person(audit, answers[Section.FEEDBACK]):
        answers[Section.FEEDBACK] = {
            question: answer
            for question, answer in answers[Section.FEEDBACK].items()
            if question.code in ANSWERED_BY_FAMILY_LOG
        }
    return [
        PageOfAudit(rows[section], list(answers[section]), _content(rows[section], answers[section]))
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


def descriptors_ticked(pages: Iterable[PageOfAudit], version_id: int | None) -> dict[str, dict[str, str]]:
    """What each grade looks like, by section, of the pages on which lines are ticked. One query, none where none is."""
    sections = [page.row.section for page in pages if page.row.met_lines]
    found: dict[str, dict[str, str]] = defaultdict(dict)
    if sections:
        for row in GradeDescriptor.objects.filter(version=version_id, section__in=sections):
            found[row.section][row.grade] = row.text
    return found


def tools_in_force() -> list[ToolVersion]:
    """The published version of each tool that serves a pathway, by the tool's name. One query."""
    serving = ToolVersion.objects.published().filter(pk__in=ToolInForce.objects.values("version"))
    return list(serving.select_related("tool").order_by("tool__name"))


def _content(row: AuditSection, answers: Mapping[Question, Answer | None]) -> SectionContent:
    return SectionContent(
        grade=row.grade,
        evidence=row.evidence,
        difference=row.difference,
        not_applicable_reason=row.not_applicable_reason,
        override_reason=row.override_reason,
        met_lines=tuple(row.met_lines),
        answers={question.code: _given(answer) for question, answer in answers.items()},
    )


def _given(answer: Answer | FamilyAnswer | None) -> GivenAnswer:
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
