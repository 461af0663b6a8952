"""Writing an audit: start it, save its pages, submit it."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audits.completeness import Missing, SectionContent, missing_from
from audits.enums import BEING_WRITTEN, HANDED_IN, AuditStatus, Section
from audits.models import Audit, AuditMove, AuditSection, ToolVersion
from audits.moves import check_move
from audits.selectors import contents_of, is_by_person, questions_of, section_content
from audits.services.involvement import FEEDBACK_IS_BY_PERSON, answer_from_family_log, ask_for_reply
from audits.services.writing import audit_for_writing, check_writer, locked_audit, save_answers
from audits.submission import needed_before_submit
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

    Effects, in order: the audit takes the newest published version of its pathway's tool and keeps it; its pages
    are made; the move is recorded; what was logged of the family before the start answers its questions.

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
    _move(audit, AuditStatus.IN_PROGRESS, by=by, save=("tool_version", "started_at"))
    AuditSection.objects.bulk_create(AuditSection(audit=audit, section=section) for section in Section)
    answer_from_family_log(audit)
    return audit


@transaction.atomic
def save_section(
    audit: Audit, section: Section, content: SectionContent, *, version: int, complete: bool, by: User
) -> SavedSection:
    """Save one page. Blanks are kept as blanks; a page said to be complete that is not stays a draft.

    Effects, in order: the page's grade and texts are saved and its version goes up by one; its answers are saved.
    Saving the same content again from the same or an older page changes nothing.

    Args:
        version: the version of the page that the writer had before them.
        complete: whether the writer says that the page is complete.

    Returns:
        The saved page and what it still needs to be complete: empty unless `complete` was said too early.

    Raises:
        StaleSection: another save came first and said something else.
        RuleViolation: the audit is not this person's to write, or no longer to be written.

    """
    audit = audit_for_writing(audit, by=by)
    questions = questions_of(audit, section)
    if section == Section.FEEDBACK and is_by_person(audit, questions):
        raise RuleViolation(FEEDBACK_IS_BY_PERSON)
    missing = tuple(missing_from(section, [q.asked for q in questions], content)) if complete else ()
    row = AuditSection.objects.get(audit=audit, section=section)
    is_complete = complete and not missing
    if row.version != version:
        saved = section_content(row, questions)
        if saved == content and row.is_complete == is_complete:
            return SavedSection(row, missing)
        raise StaleSection(row, saved)
    row.grade = content.grade
    row.evidence = content.evidence
    row.difference = content.difference
    row.not_applicable_reason = content.not_applicable_reason
    row.is_complete = is_complete
    row.version = version + 1
    row.save()
    save_answers(audit, questions, content)
    return SavedSection(row, missing)


@transaction.atomic
def submit_audit(audit: Audit, *, by: User) -> Audit:
    """Submit an audit: from now on it is read, by its auditor, the QA lead and the Principal Social Worker.

    Every rule is checked again on what is saved. Submitting twice is submitting once. The social worker
    of the child is given the right of reply (services/involvement.py).

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
    if needs := needed_before_submit(audit, contents_of(audit)):
        first = ". ".join(need.sentence for need in needs)
        raise RuleViolation(f"Not submitted yet. {first}. Your answers are saved.")
    audit.submitted_at = audit.submitted_at or timezone.now()
    AuditSection.objects.filter(audit=audit).update(final_grade=F("grade"))
    _move(audit, to_status, by=by, save=("submitted_at",))
    ask_for_reply(audit, at=audit.submitted_at)
    return audit


def _tool_version_for(pathway: str) -> ToolVersion:
    for version in ToolVersion.objects.published().select_related("tool").order_by("-number"):
        if pathway in version.tool.pathways:
            return version
    raise RuleViolation("No audit tool is published for this pathway yet. Ask the QA lead to publish one.")


def _move(audit: Audit, to_status: AuditStatus, *, by: User, save: tuple[str, ...]) -> None:
    from_status, audit.status = audit.status, to_status
    audit.save(update_fields=("status", *save))
    AuditMove.objects.create(
        audit=audit, from_status=from_status, to_status=to_status, by=by, at=timezone.now()
    )
