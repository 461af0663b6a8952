"""The logs of whom an auditor asked, and what the social worker and the family said (docs/domain.md, section 4).

The logs are the truth. Each change of them answers again the questions that they answer: W1 and W3 on the page of
the process, F1, F1_outcome and F2 on that of family feedback. Their pages' versions go up, so a stale tab is noticed.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audits.completeness import AskedQuestion, GivenAnswer, SectionContent
from audits.enums import (
    AWAITING_MODERATION,
    WITHOUT_CONTACT,
    AuditStatus,
    FamilyMember,
    FamilyOutcome,
    ReplyOutcome,
    Section,
)
from audits.involvement import Asked, family_answers, worker_outcome
from audits.models import (
    Audit,
    AuditSection,
    FamilyAnswer,
    FamilyContact,
    FamilyFeedback,
    Question,
    WorkerContact,
    WorkerFeedback,
    WorkerReply,
)
from audits.permissions import can_record_reply
from audits.selectors import asked_of_each_person, is_by_person, questions_of, said_by_family
from audits.services.moves import locked_audit
from audits.services.writing import (
    ANSWER_COLUMNS,
    StalePage,
    answer_columns,
    audit_for_writing,
    check_writer,
    save_answers,
)
from audits.signals import worker_reply_recorded
from core.errors import RuleViolation

FEEDBACK_IS_BY_PERSON = (
    "Family feedback is written person by person, on its own pages. Open it from the task list."
)


@transaction.atomic
def log_worker_contact(  # noqa: PLR0913 - a line of the log
    audit: Audit, *, on: date, how: str, outcome: str, note: str, token: UUID, by: User
) -> WorkerContact:
    """Add a line to the log of the social worker's involvement; the same form sent twice is one line.

    Effects, in order: the line is kept; W1 says what came of it.

    Raises:
        RuleViolation: the audit is not this person's to write, or the day is still to come.

    """
    audit = audit_for_writing(audit, by=by)
    _check_day(on)
    contact, is_new = WorkerContact.objects.get_or_create(
        audit=audit, token=token, defaults={"on": on, "how": how, "outcome": outcome, "note": note}
    )
    if is_new:
        _answer_from_worker_log(audit)
    return contact


@transaction.atomic
def remove_worker_contact(audit: Audit, contact_id: int, *, by: User) -> None:
    """Take a line out of the log; W1 says what the others say. Twice is once.

    Raises:
        RuleViolation: the audit is not this person's to write.

    """
    audit = audit_for_writing(audit, by=by)
    if audit.worker_contacts.filter(pk=contact_id).delete()[0]:
        _answer_from_worker_log(audit)


@transaction.atomic
def save_worker_feedback(
    audit: Audit, *, on: date | None, text: str, version: int, by: User
) -> WorkerFeedback:
    """Keep what the social worker was told about the work and when; either may be left for later.

    Effects, in order: both are saved and the version goes up by one; W3 has the date, if it is another. The same
    content again changes nothing.

    Raises:
        StalePage: another save came first and said something else.
        RuleViolation: the audit is not this person's to write, or the day is still to come.

    """
    audit = audit_for_writing(audit, by=by)
    if on is not None:
        _check_day(on)
    feedback, _ = WorkerFeedback.objects.get_or_create(audit=audit)
    if (feedback.on, feedback.text) == (on, text):
        return feedback
    if feedback.version != version:
        raise StalePage(feedback.version)
    is_other_day = feedback.on != on
    feedback.on, feedback.text, feedback.version = on, text, version + 1
    feedback.save(update_fields=("on", "text", "version"))
    if is_other_day:
        _answer(audit, Section.PROCESS, {"W3": GivenAnswer(dated_on=on)})
    return feedback


@transaction.atomic
def log_family_contact(  # noqa: PLR0913 - a line of the log
    audit: Audit, *, on: date, person: str, how: str, outcome: str, reason: str, token: UUID, by: User
) -> FamilyContact:
    """Add a line to the log of asking the family: already before the audit is started, by its auditor.

    The same form sent twice is one line.

    Effects, in order: the line is kept; once the audit is started, F1, F1_outcome and F2 say what came of it.

    Raises:
        RuleViolation: the audit is not this person's to write, its feedback is on the audit's own page, the day is
            still to come, or how somebody was contacted or why nobody was is missing.

    """
    audit = _audit_for_family_log(audit, by)
    _check_day(on)
    if outcome in WITHOUT_CONTACT:
        how = ""
        if not reason.strip():
            raise RuleViolation("Say why there was no contact.")
    elif not how:
        raise RuleViolation("Say how you made contact.")
    contact, is_new = FamilyContact.objects.get_or_create(
        audit=audit,
        token=token,
        defaults={"on": on, "person": person, "how": how, "outcome": outcome, "reason": reason},
    )
    if is_new:
        answer_from_family_log(audit, at=timezone.now())
    return contact


@transaction.atomic
def remove_family_contact(audit: Audit, contact_id: int, *, by: User) -> None:
    """Take a line out of the log. Twice is once.

    Raises:
        RuleViolation: the audit is not this person's to write, or what this person said would be left without the
            line that says they gave feedback.

    """
    audit = _audit_for_family_log(audit, by)
    contact = audit.family_contacts.filter(pk=contact_id).first()
    if contact is None:
        return
    others = audit.family_contacts.exclude(pk=contact.pk)
    gave_feedback = {"person": contact.person, "outcome": FamilyOutcome.FEEDBACK}
    if contact.outcome == FamilyOutcome.FEEDBACK and not others.filter(**gave_feedback).exists():
        if has_said_something(said_by_family(audit).get(contact.person, [])):
            raise RuleViolation(
                f"{contact.get_person_display()}: what they said is kept with this contact. Empty that page first."
            )
        audit.family_feedback.filter(person=contact.person).delete()
    contact.delete()
    answer_from_family_log(audit, at=timezone.now())


@transaction.atomic
def save_family_feedback(
    audit: Audit, person: FamilyMember, content: SectionContent, *, version: int, by: User
) -> FamilyFeedback:
    """Save what one person of the family said. Blanks are kept as blanks.

    Effects, in order: the person's answers are saved and the page's version goes up by one; the section of family
    feedback is complete once everybody who gave feedback has their page. The same content again changes nothing.

    Raises:
        StalePage: another save came first and said something else.
        RuleViolation: the audit is not this person's to write, or nobody has logged that the person gave feedback.

    """
    audit = audit_for_writing(audit, by=by)
    gave = audit.family_contacts.filter(person=person, outcome=FamilyOutcome.FEEDBACK)
    if not gave.exists():
        raise RuleViolation(f"{person.label}: log first that they gave feedback.")
    questions = asked_of_each_person(questions_of(audit, Section.FEEDBACK))
    feedback, _ = FamilyFeedback.objects.get_or_create(audit=audit, person=person)
    if feedback.version != version:
        saved = {question.code: answer for question, answer in said_by_family(audit).get(person, [])}
        if saved == dict(content.answers):
            return feedback
        raise StalePage(feedback.version)
    feedback.version = version + 1
    feedback.save(update_fields=("version",))
    _save_family_answers(feedback, questions, content.answers)
    answer_from_family_log(audit, at=timezone.now())
    return feedback


def answer_from_family_log(audit: Audit, *, at: datetime | None) -> None:
    """Answer F1, F1_outcome and F2 from the log, and say whether the section is complete. Called with the audit locked.

    `at` is when its auditor wrote; None at the start of the audit, where nobody has been on that page yet.
    Nothing while the audit is not started, or when its feedback is written on the section's own page.
    """
    if audit.status == AuditStatus.ALLOCATED:
        return
    questions = questions_of(audit, Section.FEEDBACK)
    if not is_by_person(audit, questions):
        return
    asked = [Asked(*line) for line in audit.family_contacts.values_list("person", "outcome", "reason")]
    answers = family_answers(asked)
    said = said_by_family(audit)
    is_complete = bool(asked) and all(
        has_said_something(said.get(person, [])) for person in answers["F2"].selected
    )
    written = {"is_complete": is_complete} | ({"saved_at": at} if at else {})
    _answer(audit, Section.FEEDBACK, answers, questions=questions, written=written)


def has_said_something(answers: Iterable[tuple[AskedQuestion, GivenAnswer]]) -> bool:
    """Whether one person's page has any answer or words."""
    return any(answer != GivenAnswer() for _, answer in answers)


@transaction.atomic
def record_worker_reply(
    audit: Audit, *, outcome: ReplyOutcome, said_on: date, text: str, by: User
) -> WorkerReply:
    """Record what the social worker says of the feedback, in their words: once, and never changed.

    A worker who disagrees makes the audit disputed, which is always moderated.

    Effects, in order: the reply is kept with who recorded it and when; worker_reply_recorded is sent. The same reply
    twice is once.

    Raises:
        RuleViolation: `by` may not, the audit is not with the panel, the day is to come, there are no words, or
            another reply was recorded already.

    """
    audit = locked_audit(audit)
    if not can_record_reply(by, audit):
        raise RuleViolation("The social worker's reply is recorded by the manager of the child's team.")
    if reply := WorkerReply.objects.filter(audit=audit).first():
        if (reply.outcome, reply.said_on, reply.text, reply.recorded_by_id) == (
            outcome,
            said_on,
            text,
            by.pk,
        ):
            return reply
        raise RuleViolation("The reply was recorded already, and a reply is never changed. Tell the QA lead.")
    if audit.status not in AWAITING_MODERATION:
        raise RuleViolation("This audit is not open to a reply now. Tell the QA lead what the worker says.")
    _check_day(said_on)
    if outcome != ReplyOutcome.NO_WISH and not text.strip():
        raise RuleViolation("Write what the social worker says, in their words.")
    reply = WorkerReply.objects.create(
        audit=audit, outcome=outcome, said_on=said_on, text=text, recorded_by=by, recorded_at=timezone.now()
    )
    worker_reply_recorded.send(WorkerReply, reply=reply)
    return reply


def _audit_for_family_log(audit: Audit, by: User) -> Audit:
    audit = locked_audit(audit)
    check_writer(audit, by)
    is_elsewhere = audit.status != AuditStatus.ALLOCATED and not is_by_person(
        audit, questions_of(audit, Section.FEEDBACK)
    )
    if is_elsewhere:
        raise RuleViolation("The feedback of this audit is written on its page Family feedback.")
    return audit


def _check_day(on: date) -> None:
    if on > timezone.localdate():
        raise RuleViolation("The date is still to come. Enter the day on which it happened.")


def _answer_from_worker_log(audit: Audit) -> None:
    outcomes = list(audit.worker_contacts.values_list("outcome", flat=True))
    _answer(audit, Section.PROCESS, {"W1": GivenAnswer(value=worker_outcome(outcomes) if outcomes else "")})


def _answer(
    audit: Audit,
    section: Section,
    answers: Mapping[str, GivenAnswer],
    *,
    questions: Iterable[Question] | None = None,
    written: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Answer those questions of the section that the audit's tool asks. Its page counts as written only as far as
    `written`, columns of its row, says so: a log that answers for it is no place where somebody left off.
    """
    asked = questions if questions is not None else questions_of(audit, section)
    answered = [question for question in asked if question.code in answers]
    if not answered:
        return
    save_answers(audit, answered, SectionContent(answers=answers))
    AuditSection.objects.filter(audit=audit, section=section).update(version=F("version") + 1, **written)


def _save_family_answers(
    feedback: FamilyFeedback, questions: Iterable[Question], answers: Mapping[str, GivenAnswer]
) -> None:
    FamilyAnswer.objects.bulk_create(
        [
            FamilyAnswer(
                feedback=feedback,
                question=question,
                **answer_columns(answers.get(question.code, GivenAnswer())),
            )
            for question in questions
        ],
        update_conflicts=True,
        unique_fields=("feedback", "question"),
        update_fields=ANSWER_COLUMNS,
    )
