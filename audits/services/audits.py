"""Writing an audit: start it, save its pages, submit it."""

from dataclasses import asdict, dataclass, replace

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from accounts.models import User
from audits.completeness import Missing, SectionContent, missing_from
from audits.enums import BEING_WRITTEN, HANDED_IN, AuditStatus, Section
from audits.grading import reason_needed, says_concern
from audits.grading_facts import beyond_the_page, put_ceiling_on, put_ceilings_on
from audits.involvement import other_than_the_log
from audits.models import Audit, AuditSection, Question, ToolInForce, ToolVersion
from audits.moves import REFUSALS, check_move
from audits.selectors import contents_of, is_by_person, questions_of, section_content, worker_log_of
from audits.services.involvement import FEEDBACK_IS_BY_PERSON, answer_from_family_log
from audits.services.moves import locked_audit, move_audit
from audits.services.writing import check_writer, save_answers
from audits.signals import audit_submitted
from audits.submission import needed_before_submit
from audits.timescale_facts import proposals_for, timescales_of, unexplained
from core.errors import RuleViolation


class StaleSection(Exception):
    """The page was saved by somebody else, or in another tab, since this one was opened. Nothing was changed."""

    def __init__(self, section: AuditSection, saved: SectionContent) -> None:
        super().__init__(f"{section.section} is at version {section.version}")
        self.section = section
        self.saved = saved


@dataclass(frozen=True)
class SavedSection:
    """A page as saved, and what it still needs when it was meant to be complete."""

    section: AuditSection
    missing: tuple[Missing, ...]


@transaction.atomic
def start_audit(audit: Audit, *, by: User) -> Audit:
    """Start an audit; one that is already started stays as it is, so a double click does no harm.

    Effects, in order: the audit takes the version of the tool that serves its pathway today and keeps it; its pages
    are made; the move is recorded; what was logged of the family before answers its questions.

    Raises:
        RuleViolation: it is not this person's to write, or no tool is published for its pathway.

    """
    audit = locked_audit(audit)
    check_writer(audit, by)
    if audit.status in BEING_WRITTEN:
        return audit
    check_move(audit.status, AuditStatus.IN_PROGRESS)
    audit.tool_version = _tool_version_for(audit.pathway)
    audit.started_at = timezone.now()
    move_audit(
        audit, AuditStatus.IN_PROGRESS, by=by, at=audit.started_at, save=("tool_version", "started_at")
    )
    AuditSection.objects.bulk_create(AuditSection(audit=audit, section=section) for section in Section)
    answer_from_family_log(audit, at=None)
    return audit


@transaction.atomic
def save_section(
    audit: Audit, section: Section, content: SectionContent, *, version: int, complete: bool, by: User
) -> SavedSection:
    """Save one page. Blanks are kept as blanks; a page said to be complete that is not stays a draft.

    Effects, in order: the page's grade and texts are saved and its version goes up by one; its answers are saved.
    Saving the same content again from the same or an older page changes no text.

    Args:
        version: the version of the page that the writer had before them.
        complete: whether the writer says that the page is complete.

    Returns:
        The saved page and what it still needs to be complete: empty unless `complete` was said too early.

    Raises:
        StaleSection: another save came first and said something else.
        RuleViolation: the audit is not this person's to write, or no longer to be written.

    """
    row = _locked_section(audit, section, by)
    put_ceiling_on(row, content)
    beyond: list[Missing] = []
    if complete:
        beyond += unexplained(content, proposals_for(row.audit, content.answers))
        beyond += beyond_the_page(row, content)
    if complete and section == Section.PROCESS:
        outcomes, told = worker_log_of(row.audit)
        beyond += other_than_the_log(content.answers, outcomes, told.on if told else None)
    questions = questions_of(audit, section)
    return _write(row, questions, content, version=version, complete=complete, beyond=beyond)


@transaction.atomic
def autosave_section(
    audit: Audit,
    section: Section,
    questions: list[Question],
    content: SectionContent,
    *,
    version: int,
    by: User,
) -> SavedSection:
    """Save one page while it is being written: as save_section does, but nobody says whether it is complete.

    A page that is not complete never becomes so. One that is stays complete while nothing is missing from it;
    otherwise it is a draft again, and what is missing is returned, to be said (docs/domain.md, section 4). The
    ceiling of its grade stays the one of the last full save; submitting reckons all of them anew.

    Args:
        questions: those of `questions_of(audit, section)`, which never change once an audit is started.

    """
    row = _locked_section(audit, section, by)
    beyond: list[Missing] = []
    if row.is_complete:
        unsaid = {
            code for code, given in content.answers.items() if given.value and not given.override_reason
        }
        beyond += unexplained(content, proposals_for(row.audit, unsaid))
        beyond += reason_needed(content, row.ceiling)
    return _write(row, questions, content, version=version, complete=row.is_complete, beyond=beyond)


@transaction.atomic
def submit_audit(audit: Audit, *, by: User) -> Audit:
    """Submit an audit: from now on it is read, by its auditor, the QA lead and the Principal Social Worker.

    Every rule is checked again on what is saved. Submitting twice is submitting once. An audit that was returned or
    reopened is submitted again; the moment of its first submission is kept.

    Effects, in order: each section's final grade is what its auditor graded, and the ceiling that applies to it is
    written down; the status changes and the move is recorded, with everything the audit said; audit_submitted is sent.

    Raises:
        RuleViolation: it is not this person's to submit, or something is still needed (audits/submission.py).

    """
    audit = locked_audit(audit)
    if (
        audit.status in HANDED_IN
        and audit.status not in BEING_WRITTEN
        and audit.allocation.auditor_id == by.pk
    ):
        return audit
    check_writer(audit, by)
    to_status = AuditStatus.SUBMITTED if audit.submitted_at is None else AuditStatus.RESUBMITTED
    check_move(audit.status, to_status)
    prefetch_related_objects([audit], "proposed_actions")
    pages, dates = contents_of(audit), timescales_of(audit)
    put_ceilings_on(audit, pages, dates.facts)
    if needs := needed_before_submit(audit, pages, dates):
        first = ". ".join(need.sentence for need in needs)
        raise RuleViolation(f"Not submitted yet. {first}. Your answers are saved.")
    at, is_first = timezone.now(), audit.submitted_at is None
    audit.submitted_at = audit.submitted_at or at
    rows = [page.row for page in pages]
    for row in rows:
        row.final_grade = row.grade
    AuditSection.objects.bulk_update(rows, ("final_grade", "ceiling", "ceiling_reason"))
    said = {page.row.section: asdict(page.content) for page in pages}
    move_audit(audit, to_status, by=by, at=at, save=("submitted_at",), kept=said)
    overall = said[Section.OVERALL]["grade"]
    audit_submitted.send(Audit, audit=audit, by=by, at=at, first=is_first, overall=overall)
    return audit


def _locked_section(audit: Audit, section: Section, by: User) -> AuditSection:
    """One page that this person may write now, with its audit and allocation; locked as `locked_audit` does."""
    locked = AuditSection.objects.select_for_update(of=("audit", "audit__allocation", "self"))
    row = locked.select_related("audit__allocation").filter(audit=audit, section=section).first()
    stands = audit if row is None else row.audit
    check_writer(stands, by)
    if row is None or stands.status not in BEING_WRITTEN:
        raise RuleViolation(REFUSALS[stands.status])
    return row


def _write(
    row: AuditSection,
    questions: list[Question],
    content: SectionContent,
    *,
    version: int,
    complete: bool,
    beyond: list[Missing],
) -> SavedSection:
    """Save what is written; `beyond` is what else a complete page needs than the page itself can show.

    A page of the process that is complete without an immediate concern keeps no reason why none was raised.
    """
    if complete and row.section == Section.PROCESS and not says_concern(content):
        content = replace(content, override_reason="")
    if row.section == Section.FEEDBACK and is_by_person(row.audit, questions):
        raise RuleViolation(FEEDBACK_IS_BY_PERSON)
    missing: tuple[Missing, ...] = ()
    if complete:
        gaps = missing_from(row.section, [question.asked for question in questions], content)
        missing = (*gaps, *beyond)
    is_complete = complete and not missing
    if row.version != version:
        saved = section_content(row, questions)
        if saved != content:
            raise StaleSection(row, saved)
        if row.is_complete == is_complete:
            return SavedSection(row, missing)
    row.grade = content.grade
    row.evidence = content.evidence
    row.difference = content.difference
    row.not_applicable_reason = content.not_applicable_reason
    row.override_reason = content.override_reason
    row.met_lines = list(content.met_lines)
    row.is_complete = is_complete
    row.version += 1
    row.saved_at = timezone.now()
    row.save(
        update_fields=(
            "grade", "evidence", "difference", "not_applicable_reason", "is_complete", "version", "saved_at",
            "ceiling", "ceiling_reason", "override_reason", "met_lines",
        )
    )  # fmt: skip
    save_answers(row.audit, questions, content)
    return SavedSection(row, missing)


def _tool_version_for(pathway: str) -> ToolVersion:
    in_force = ToolInForce.objects.filter(pathway=pathway).select_related("version").first()
    if in_force is None:
        raise RuleViolation(
            "No audit tool is published for this pathway yet. Ask the QA lead to publish one."
        )
    return in_force.version
