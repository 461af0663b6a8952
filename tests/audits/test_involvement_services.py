"""The logs, what people said, and the worker's reply: kept once, answering their questions, refused when not whole."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audits.completeness import GivenAnswer, SectionContent
from audits.enums import AuditStatus, FamilyMember, ReplyOutcome, Section
from audits.models import (
    Answer,
    Audit,
    AuditSection,
    FamilyAnswer,
    FamilyContact,
    FamilyFeedback,
    WorkerContact,
    WorkerFeedback,
    WorkerReply,
)
from audits.selectors import contents_of
from audits.services.audits import save_section, start_audit, submit_audit
from audits.services.involvement import (
    log_family_contact,
    log_worker_contact,
    record_worker_reply,
    remove_family_contact,
    remove_worker_contact,
    save_family_feedback,
    save_worker_feedback,
)
from audits.services.writing import StalePage
from audits.submission import needed_before_submit
from core.errors import RuleViolation
from notifications.models import Message
from tests.audits.test_audit_services import write_all
from tests.factories.accounts import TeamFactory, service_manager, team_manager
from tests.factories.audits import (
    AllocationFactory,
    AuditFactory,
    ChildFactory,
    QuestionFactory,
    started_audit,
    submitted_audit,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

DAY = date(2026, 11, 3)


def ask_the_questions() -> None:
    """The small tool of tests asks what the logs answer, and one thing of each person."""
    for number, (section, code, kind) in enumerate(
        (
            (Section.FEEDBACK, "F1", "choices"),
            (Section.FEEDBACK, "F1_outcome", "choice"),
            (Section.FEEDBACK, "F2", "choices"),
            (Section.FEEDBACK, "F3", "choice"),
            (Section.FEEDBACK, "F10", "text"),
            (Section.PROCESS, "W1", "choice"),
            (Section.PROCESS, "W3", "date"),
        )
    ):
        QuestionFactory(code=code, section=section, kind=kind, order=number, required=code == "F1_outcome")


def logged_worker(audit: Audit, by: User, outcome: str = "took_part", **given: Any) -> WorkerContact:
    line: dict[str, Any] = {"on": DAY, "how": "video", "note": "", "token": uuid4(), **given}
    return log_worker_contact(audit, outcome=outcome, by=by, **line)


def logged_family(audit: Audit, by: User, person: str, outcome: str, **given: Any) -> FamilyContact:
    line: dict[str, Any] = {"on": DAY, "how": "telephone", "reason": "", "token": uuid4(), **given}
    return log_family_contact(audit, person=person, outcome=outcome, by=by, **line)


def said(**answers: GivenAnswer) -> SectionContent:
    return SectionContent(answers={"F3": GivenAnswer(), "F10": GivenAnswer()} | answers)


def answer(audit: Audit, code: str) -> Answer:
    return Answer.objects.get(audit=audit, question__code=code)


class TestTheWorkersLog:
    def test_each_line_answers_w1_and_a_stale_tab_of_the_page_is_noticed(self, asha: User) -> None:
        ask_the_questions()
        audit = started_audit(asha)
        logged_worker(audit, asha, "invited")
        assert answer(audit, "W1").value == "invited"
        line = logged_worker(audit, asha, "took_part")
        assert answer(audit, "W1").value == "took_part"
        assert AuditSection.objects.get(audit=audit, section=Section.PROCESS).version == 2
        remove_worker_contact(audit, line.pk, by=asha)
        remove_worker_contact(audit, line.pk, by=asha)
        assert answer(audit, "W1").value == "invited"

    def test_a_double_click_is_one_line(self, asha: User) -> None:
        audit = started_audit(asha)
        token = UUID(int=1)
        first = logged_worker(audit, asha, token=token)
        assert logged_worker(audit, asha, token=token) == first
        assert WorkerContact.objects.count() == 1

    def test_without_the_token_of_the_form_two_lines_are_two(self, asha: User) -> None:
        """The twin: the token is what makes a double click harmless."""
        audit = started_audit(asha)
        logged_worker(audit, asha)
        logged_worker(audit, asha)
        assert WorkerContact.objects.count() == 2

    def test_a_day_to_come_another_auditor_and_a_submitted_audit_are_refused(
        self, asha: User, meera: User
    ) -> None:
        audit = started_audit(asha)
        with pytest.raises(RuleViolation, match="The date is still to come"):
            logged_worker(audit, asha, on=date(2026, 11, 26))
        with pytest.raises(RuleViolation, match="Only the auditor who was given this audit"):
            logged_worker(audit, meera)
        with pytest.raises(RuleViolation, match="This audit was submitted"):
            logged_worker(submitted_audit(by=asha), asha)
        assert not WorkerContact.objects.exists()

    def test_what_they_were_told_has_its_date_in_w3_and_a_stale_tab_loses_nothing(self, asha: User) -> None:
        ask_the_questions()
        audit = started_audit(asha)
        save_worker_feedback(audit, on=DAY, text="Reliable.", version=0, by=asha)
        assert answer(audit, "W3").dated_on == DAY
        save_worker_feedback(audit, on=DAY, text="Reliable.", version=0, by=asha)
        with pytest.raises(StalePage):
            save_worker_feedback(audit, on=DAY, text="Something else.", version=0, by=asha)
        saved = WorkerFeedback.objects.get()
        assert (saved.text, saved.version) == ("Reliable.", 1)


class TestTheFamilysLog:
    def test_before_the_start_it_is_kept_and_answers_once_the_audit_is_started(self, asha: User) -> None:
        ask_the_questions()
        audit = AuditFactory(allocation=AllocationFactory(auditor=asha))
        logged_family(audit, asha, "mother", "no_reply")
        assert not Answer.objects.exists()
        start_audit(audit, by=asha)
        assert answer(audit, "F1").selected == ["mother"]
        assert answer(audit, "F1_outcome").value == "no_reply"
        assert AuditSection.objects.get(audit=audit, section=Section.FEEDBACK).is_complete

    def test_nobody_asked_is_not_complete(self, asha: User) -> None:
        ask_the_questions()
        audit = AuditFactory(allocation=AllocationFactory(auditor=asha))
        start_audit(audit, by=asha)
        assert not AuditSection.objects.get(audit=audit, section=Section.FEEDBACK).is_complete

    def test_feedback_is_complete_once_everybody_who_gave_it_has_a_page(self, asha: User) -> None:
        ask_the_questions()
        audit = started_audit(asha)
        logged_family(audit, asha, "child", "feedback")
        logged_family(audit, asha, "mother", "feedback")
        section = AuditSection.objects.filter(audit=audit, section=Section.FEEDBACK)
        save_family_feedback(audit, FamilyMember.CHILD, said(F3=GivenAnswer("yes")), version=0, by=asha)
        assert not section.get().is_complete
        save_family_feedback(audit, FamilyMember.MOTHER, said(), version=0, by=asha)
        assert not section.get().is_complete
        save_family_feedback(
            audit, FamilyMember.MOTHER, said(F10=GivenAnswer(note="Ask him.")), version=1, by=asha
        )
        assert section.get().is_complete
        assert list(
            FamilyAnswer.objects.exclude(value="", note="").values_list("feedback__person", "value", "note")
        ) == [("child", "yes", ""), ("mother", "", "Ask him.")]

    def test_no_contact_needs_a_reason_and_contact_needs_how(self, asha: User) -> None:
        audit = AuditFactory(allocation=AllocationFactory(auditor=asha))
        with pytest.raises(RuleViolation, match="Say why there was no contact"):
            logged_family(audit, asha, "child", "not_appropriate")
        with pytest.raises(RuleViolation, match="Say how you made contact"):
            logged_family(audit, asha, "child", "no_reply", how="")
        logged_family(audit, asha, "child", "not_appropriate", reason="Six months old.")
        assert FamilyContact.objects.get().how == ""

    def test_what_somebody_said_does_not_lose_the_line_that_says_they_did(self, asha: User) -> None:
        ask_the_questions()
        audit = started_audit(asha)
        line = logged_family(audit, asha, "father", "feedback")
        save_family_feedback(audit, FamilyMember.FATHER, said(F3=GivenAnswer("no")), version=0, by=asha)
        with pytest.raises(RuleViolation, match="Empty that page first"):
            remove_family_contact(audit, line.pk, by=asha)
        save_family_feedback(audit, FamilyMember.FATHER, said(), version=1, by=asha)
        remove_family_contact(audit, line.pk, by=asha)
        assert not FamilyFeedback.objects.exists()
        assert answer(audit, "F1_outcome").value == ""

    def test_a_stale_tab_of_a_persons_page_is_told_and_the_same_content_twice_is_once(
        self, asha: User
    ) -> None:
        ask_the_questions()
        audit = started_audit(asha)
        logged_family(audit, asha, "carer", "feedback")
        yes, no = said(F3=GivenAnswer("yes")), said(F3=GivenAnswer("no"))
        save_family_feedback(audit, FamilyMember.CARER, yes, version=0, by=asha)
        save_family_feedback(audit, FamilyMember.CARER, yes, version=0, by=asha)
        with pytest.raises(StalePage):
            save_family_feedback(audit, FamilyMember.CARER, no, version=0, by=asha)
        assert FamilyFeedback.objects.get().version == 1

    def test_who_gave_no_feedback_has_no_page(self, asha: User) -> None:
        ask_the_questions()
        audit = started_audit(asha)
        logged_family(audit, asha, "carer", "declined")
        with pytest.raises(RuleViolation, match="log first that they gave feedback"):
            save_family_feedback(audit, FamilyMember.CARER, said(), version=0, by=asha)

    def test_the_section_is_not_written_on_the_side(self, asha: User) -> None:
        ask_the_questions()
        audit = started_audit(asha)
        with pytest.raises(RuleViolation, match="written person by person"):
            save_section(audit, Section.FEEDBACK, SectionContent(), version=0, complete=True, by=asha)

    def test_an_audit_from_before_keeps_its_page_and_has_no_log(self, asha: User) -> None:
        ask_the_questions()
        audit = started_audit(asha)
        Audit.objects.update(feedback_by_person=False)
        audit.refresh_from_db()
        save_section(audit, Section.FEEDBACK, said(), version=0, complete=False, by=asha)
        with pytest.raises(RuleViolation, match="written on its page Family feedback"):
            logged_family(audit, asha, "mother", "no_reply")

    def test_the_database_refuses_contact_without_how_and_no_contact_without_reason(self, asha: User) -> None:
        audit = started_audit(asha)
        for how, outcome in (("", "no_reply"), ("", "not_tried"), ("video", "not_appropriate")):
            with pytest.raises(IntegrityError), transaction.atomic():
                FamilyContact.objects.create(audit=audit, on=DAY, person="child", how=how, outcome=outcome)


class TestBeforeSubmitting:
    def needs(self, audit: Audit) -> list[str]:
        return [need.sentence for need in needed_before_submit(audit, contents_of(audit))]

    def test_w1_and_the_log_say_the_same(self, asha: User) -> None:
        ask_the_questions()
        audit = started_audit(asha)
        logged_worker(audit, asha, "invited")
        Answer.objects.filter(question__code="W1").update(value="declined")
        assert (
            "Log how the social worker was involved: questions W1 and W3 and the log say different things"
            in (self.needs(audit))
        )
        Answer.objects.filter(question__code="W1").update(value="invited")
        assert not [need for need in self.needs(audit) if "social worker" in need]

    def test_a_worker_who_took_part_was_told_something(self, asha: User) -> None:
        ask_the_questions()
        audit = started_audit(asha)
        logged_worker(audit, asha, "took_part")
        told = "Write what you told the social worker, who may reply to it"
        assert told in self.needs(audit)
        save_worker_feedback(audit, on=DAY, text="Reliable.", version=0, by=asha)
        assert told not in self.needs(audit)


class TestTheWorkersReply:
    def reply(self, audit: Audit, by: User, outcome: str = "disagrees", **given: Any) -> WorkerReply:
        words: dict[str, Any] = {"said_on": DAY, "text": "I visited twice more.", **given}
        return record_worker_reply(audit, outcome=ReplyOutcome(outcome), by=by, **words)

    def of_north(self, asha: User, **fields: Any) -> Audit:
        child = ChildFactory(team=TeamFactory(name="North"))
        return submitted_audit(by=asha, allocation={"child": child}, **fields)

    def test_a_disagreement_makes_the_audit_disputed_and_the_auditor_is_told(
        self, asha: User, meera: User
    ) -> None:
        audit = self.of_north(asha)
        other = submitted_audit(by=asha)
        reply = self.reply(audit, meera)
        assert (reply.recorded_by, timezone.localdate(reply.recorded_at)) == (meera, date(2026, 11, 25))
        assert list(Audit.objects.disputed()) == [audit]
        assert other not in Audit.objects.disputed()
        message = Message.objects.get()
        assert (message.kind, message.recipient) == ("audits.worker_reply_recorded", asha)
        assert "visited" not in str(message.context)

    @pytest.mark.parametrize("outcome", ["agrees", "no_wish"])
    def test_agreeing_or_no_wish_disputes_nothing(self, asha: User, meera: User, outcome: str) -> None:
        self.reply(self.of_north(asha), meera, outcome, text="" if outcome == "no_wish" else "Fair.")
        assert not Audit.objects.disputed().exists()

    def test_it_is_recorded_once_and_never_changed(self, asha: User, meera: User) -> None:
        audit = self.of_north(asha)
        assert self.reply(audit, meera) == self.reply(audit, meera)
        with pytest.raises(RuleViolation, match="recorded already, and a reply is never changed"):
            self.reply(audit, meera, "agrees")
        assert WorkerReply.objects.get().outcome == "disagrees"

    def test_only_who_manages_the_team_or_its_service_and_never_the_auditor(
        self, asha: User, meera: User, sanjay: User, quentin: User
    ) -> None:
        other_manager = team_manager("Olu Other", TeamFactory(name="South"))
        for person in (asha, quentin, other_manager):
            with pytest.raises(RuleViolation, match="recorded by the manager of the child's team"):
                self.reply(self.of_north(asha), person)
        with pytest.raises(RuleViolation, match="recorded by the manager of the child's team"):
            self.reply(self.of_north(meera), meera)
        assert self.reply(self.of_north(asha), sanjay).recorded_by == sanjay

    @pytest.mark.parametrize(
        "status", [s for s in AuditStatus if s not in (AuditStatus.SUBMITTED, AuditStatus.RESUBMITTED)]
    )
    def test_not_while_it_is_written_nor_once_it_is_final(
        self, asha: User, meera: User, status: AuditStatus
    ) -> None:
        team = TeamFactory(name="North")
        audit = self.of_north(asha)
        audit.status = status
        fields: dict[str, Any] = {"status": status}
        if status == AuditStatus.FINALISED:
            fields["finalised_at"] = timezone.now()
        if status in (AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS):
            fields["submitted_at"] = None
        if status == AuditStatus.ALLOCATED:
            fields |= {"tool_version": None, "started_at": None}
        Audit.objects.filter(pk=audit.pk).update(**fields)
        assert audit.team == team
        with pytest.raises(RuleViolation, match="not open to a reply now"):
            self.reply(audit, meera)
        assert not Audit.objects.open_to_reply_by(meera).exists()

    def test_words_and_a_day_that_has_come(self, asha: User, meera: User) -> None:
        with pytest.raises(RuleViolation, match="in their words"):
            self.reply(self.of_north(asha), meera, text="  ")
        with pytest.raises(RuleViolation, match="still to come"):
            self.reply(self.of_north(asha), meera, said_on=date(2026, 11, 26))

    @pytest.mark.parametrize("has_manager", [True, False])
    def test_at_submission_the_team_manager_is_told_or_the_service_manager_without_one(
        self, asha: User, *, has_manager: bool
    ) -> None:
        north = TeamFactory(name="North")
        told = service_manager("Sanjay Service", north.service)
        if has_manager:
            told = team_manager("Meera Manager", north)
        audit = started_audit(asha, child=ChildFactory(team=north))
        write_all(audit, asha)
        save_worker_feedback(audit, on=DAY, text="Reliable.", version=0, by=asha)
        submit_audit(audit, by=asha)
        message = Message.objects.get(kind="audits.worker_reply_asked")
        assert (message.recipient, message.context["reference"]) == (told, audit.allocation.reference)

    def test_nobody_is_asked_when_the_worker_was_told_nothing(self, asha: User, meera: User) -> None:
        audit = started_audit(asha, child=ChildFactory(team=TeamFactory(name="North")))
        write_all(audit, asha)
        submit_audit(audit, by=asha)
        assert not Message.objects.exists()
