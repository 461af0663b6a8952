"""What every change of an audit's text begins with: the audit locked, and its writer checked."""

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from audits.completeness import GivenAnswer, SectionContent
from audits.enums import BEING_WRITTEN, AuditStatus, PracticeAnswer
from audits.models import Answer, Audit, Question
from audits.moves import REFUSALS
from audits.permissions import can_write_audit
from audits.services.moves import locked_audit
from core.errors import RuleViolation


class StalePage(Exception):
    """The page was saved in another tab since this one was opened. Nothing was changed."""

    def __init__(self, version: int) -> None:
        super().__init__(f"The page is at version {version}")
        self.version = version


def check_writer(audit: Audit, by: User) -> None:
    """Return when it is this person's to start or to write.

    Raises:
        RuleViolation: it is somebody else's, or no longer to be written.

    """
    if audit.allocation.auditor_id == by.pk and audit.status not in (AuditStatus.ALLOCATED, *BEING_WRITTEN):
        raise RuleViolation(REFUSALS[audit.status])
    if not can_write_audit(by, audit):
        raise RuleViolation("Only the auditor who was given this audit can write it.")


def audit_for_writing(audit: Audit, *, by: User) -> Audit:
    """The audit locked, started and this person's to write.

    Raises:
        RuleViolation: it is somebody else's, not started, or no longer to be written.

    """
    locked = locked_audit(audit)
    check_writer(locked, by)
    if locked.status not in BEING_WRITTEN:
        raise RuleViolation(REFUSALS[locked.status])
    return locked


ANSWER_COLUMNS = ("value", "not_applicable_reason", "note", "selected", "counted", "counted_of", "dated_on")


def answer_columns(answer: GivenAnswer) -> dict[str, Any]:
    """The answer as the columns of a row; a reason stays only where the answer is Not applicable."""
    columns = {name: getattr(answer, name) for name in ANSWER_COLUMNS} | {"selected": list(answer.selected)}
    if answer.value != PracticeAnswer.NOT_APPLICABLE:
        columns["not_applicable_reason"] = ""
    return columns


def save_answers(audit: Audit, questions: Iterable[Question], content: SectionContent) -> None:
    """Write the answer to each of the questions over what was there; without one it is left blank. One query."""
    given = ((question, content.answers.get(question.code, GivenAnswer())) for question in questions)
    Answer.objects.bulk_create(
        [
            Answer(
                audit=audit,
                question=question,
                override_reason=answer.override_reason,
                **answer_columns(answer),
            )
            for question, answer in given
        ],
        update_conflicts=True,
        unique_fields=("audit", "question"),
        update_fields=(*ANSWER_COLUMNS, "override_reason"),
    )
