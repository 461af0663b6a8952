"""Starting, saving and submitting an audit, and every way in which each is refused."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from audits.completeness import GivenAnswer, Missing, SectionContent
from audits.enums import AREAS, AllocationStatus, AuditStatus, Grade, Section
from audits.history import history_of
from audits.models import Answer, Audit, AuditMove, AuditSection, ToolInForce
from audits.selectors import page_of
from audits.services.audits import StaleSection, save_section, start_audit, submit_audit
from audits.services.moves import decide_reopening, finalise_audit, propose_reopening
from core.errors import RuleViolation
from tests.factories.audits import (
    AllocationFactory,
    AuditFactory,
    QuestionFactory,
    ToolVersionFactory,
    started_audit,
)

pytestmark = pytest.mark.django_db

VISITS = SectionContent(
    grade=Grade.GOOD,
    evidence="Six visits of six, each recorded within two days.",
    difference="She tells her worker what frightens her.",
    answers={"V4": GivenAnswer("yes")},
)


def allocated_audit(asha: User) -> Audit:
    audit: Audit = AuditFactory(allocation=AllocationFactory(auditor=asha))
    return audit


def write_all(audit: Audit, asha: User) -> None:
    for section in Section:
        graded = section in (*AREAS, Section.OVERALL)
        content = replace(VISITS, answers={}) if graded else SectionContent()
        save_section(audit, section, content, version=0, complete=True, by=asha)


def test_starting_takes_the_version_in_force_and_records_the_move(asha: User) -> None:
    ToolVersionFactory(number=1)
    newest = ToolVersionFactory(number=2)
    ToolVersionFactory(number=3, status="draft", published_at=None)
    audit = start_audit(allocated_audit(asha), by=asha)
    assert audit.tool_version == newest
    assert audit.status == AuditStatus.IN_PROGRESS
    assert list(audit.sections.values_list("section", "version", "is_complete")) == [
        (section.value, 0, False) for section in Section
    ]
    move = AuditMove.objects.get()
    assert (move.from_status, move.to_status, move.by) == (
        AuditStatus.ALLOCATED,
        AuditStatus.IN_PROGRESS,
        asha,
    )


def test_starting_twice_is_starting_once(asha: User) -> None:
    ToolVersionFactory()
    audit = allocated_audit(asha)
    first = start_audit(audit, by=asha)
    again = start_audit(audit, by=asha)
    assert again.started_at == first.started_at
    assert AuditMove.objects.count() == 1
    assert AuditSection.objects.count() == len(Section)


def test_starting_needs_a_published_tool(asha: User) -> None:
    ToolInForce.objects.exclude(pathway="leaving_care").delete()
    with pytest.raises(RuleViolation, match="No audit tool is published for this pathway yet"):
        start_audit(allocated_audit(asha), by=asha)


@pytest.mark.parametrize("who", ["quentin", "priya", "meera", "stella"])
def test_nobody_else_starts_saves_or_submits(who: str, asha: User, request: pytest.FixtureRequest) -> None:
    ToolVersionFactory()
    other = request.getfixturevalue(who)
    for attempt in (
        lambda: start_audit(allocated_audit(asha), by=other),
        lambda: save_section(
            started_audit(asha), Section.VISITS, VISITS, version=0, complete=False, by=other
        ),
        lambda: submit_audit(started_audit(asha), by=other),
    ):
        with pytest.raises(RuleViolation, match="Only the auditor who was given this audit can write it"):
            attempt()


def test_an_audit_passed_to_somebody_else_is_no_longer_written(asha: User) -> None:
    audit = started_audit(asha, status=AllocationStatus.REALLOCATED)
    with pytest.raises(RuleViolation, match="Only the auditor"):
        save_section(audit, Section.VISITS, VISITS, version=0, complete=False, by=asha)


def test_a_draft_keeps_blanks(asha: User) -> None:
    QuestionFactory()
    audit = started_audit(asha)
    saved = save_section(
        audit, Section.VISITS, SectionContent(grade="good"), version=0, complete=False, by=asha
    )
    assert saved.missing == ()
    page = page_of(audit, Section.VISITS)
    assert (page.row.grade, page.row.evidence, page.row.version, page.row.is_complete) == (
        "good",
        "",
        1,
        False,
    )
    assert page.content.answers == {"V4": GivenAnswer()}


def test_a_page_called_complete_too_early_is_kept_as_a_draft_and_says_what_is_missing(asha: User) -> None:
    QuestionFactory()
    audit = started_audit(asha)
    content = replace(VISITS, difference="", answers={})
    saved = save_section(audit, Section.VISITS, content, version=0, complete=True, by=asha)
    assert saved.missing == (
        Missing("V4", "Answer V4: Was the child seen alone?"),
        Missing("difference", "Write what is different for this child because of this work"),
    )
    row = AuditSection.objects.get(audit=audit, section=Section.VISITS)
    assert (row.is_complete, row.evidence, row.version) == (False, VISITS.evidence, 1)


def test_what_is_saved_is_what_was_written(asha: User) -> None:
    QuestionFactory()
    QuestionFactory(code="V1", kind="practice_count", options={"count_labels": ["on time", "due"]})
    audit = started_audit(asha)
    content = replace(
        VISITS,
        answers={
            "V1": GivenAnswer("partly", counted=5, counted_of=6),
            "V4": GivenAnswer("not_applicable", not_applicable_reason="age"),
        },
    )
    save_section(audit, Section.VISITS, content, version=0, complete=True, by=asha)
    assert page_of(audit, Section.VISITS).content == content


def test_saving_again_changes_the_answer_and_adds_no_row(asha: User) -> None:
    QuestionFactory()
    audit = started_audit(asha)
    save_section(audit, Section.VISITS, VISITS, version=0, complete=True, by=asha)
    later = replace(VISITS, answers={"V4": GivenAnswer("no")})
    save_section(audit, Section.VISITS, later, version=1, complete=True, by=asha)
    assert list(Answer.objects.values_list("value", flat=True)) == ["no"]


def test_a_stale_tab_is_told_and_changes_nothing(asha: User) -> None:
    audit = started_audit(asha)
    save_section(audit, Section.VISITS, VISITS, version=0, complete=True, by=asha)
    with pytest.raises(StaleSection) as stale:
        save_section(
            audit, Section.VISITS, replace(VISITS, evidence="Older."), version=0, complete=True, by=asha
        )
    assert stale.value.section.version == 1
    assert stale.value.saved.evidence == VISITS.evidence
    assert AuditSection.objects.get(audit=audit, section=Section.VISITS).evidence == VISITS.evidence


def test_two_tabs_on_two_pages_do_not_disturb_each_other(asha: User) -> None:
    audit = started_audit(asha)
    save_section(audit, Section.VISITS, VISITS, version=0, complete=False, by=asha)
    save_section(audit, Section.PLANS, VISITS, version=0, complete=False, by=asha)
    assert list(AuditSection.objects.filter(audit=audit, version=1).values_list("section", flat=True)) == [
        Section.VISITS,
        Section.PLANS,
    ]


def test_a_double_click_saves_once(asha: User) -> None:
    QuestionFactory()
    audit = started_audit(asha)
    for _ in range(2):
        saved = save_section(audit, Section.VISITS, VISITS, version=0, complete=True, by=asha)
    assert saved.section.version == 1


def test_submitting_records_who_and_when_and_closes_the_audit(asha: User) -> None:
    audit = started_audit(asha)
    write_all(audit, asha)
    submitted = submit_audit(audit, by=asha)
    assert timezone.now() - submitted.submitted_at < timedelta(minutes=1)
    move = AuditMove.objects.get()
    assert (move.from_status, move.to_status, move.by) == (
        AuditStatus.IN_PROGRESS,
        AuditStatus.SUBMITTED,
        asha,
    )
    with pytest.raises(RuleViolation, match="was submitted and can only be read"):
        save_section(audit, Section.VISITS, VISITS, version=1, complete=True, by=asha)
    with pytest.raises(RuleViolation, match="was submitted and can only be read"):
        start_audit(audit, by=asha)


def test_what_was_submitted_and_what_became_final_are_kept_through_a_reopening(
    asha: User, quentin: User, priya: User
) -> None:
    audit = started_audit(asha)
    write_all(audit, asha)
    submit_audit(audit, by=asha)
    finalise_audit(audit, grades={Section.PLANS: Grade.REQUIRES_IMPROVEMENT}, by=priya)
    proposed = propose_reopening(audit, by=quentin, reason="A visit was counted twice.")
    decide_reopening(proposed, by=priya, approve=True)
    worse = replace(VISITS, answers={}, grade=Grade.REQUIRES_IMPROVEMENT)
    save_section(audit, Section.VISITS, worse, version=1, complete=True, by=asha)
    submit_audit(audit, by=asha)
    kept = [
        (move.to_status, move.kept[Section.VISITS]["grade"], move.kept[Section.PLANS]["grade"])
        for move in AuditMove.objects.filter(audit=audit).exclude(kept={})
    ]
    assert kept == [
        (AuditStatus.SUBMITTED, Grade.GOOD, Grade.GOOD),
        (AuditStatus.FINALISED, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT),
        (AuditStatus.RESUBMITTED, Grade.REQUIRES_IMPROVEMENT, Grade.GOOD),
    ]
    assert AuditMove.objects.filter(audit=audit).first().kept[Section.VISITS]["evidence"] == VISITS.evidence
    history = history_of(Audit.objects.get(), quentin)
    assert [event.text for event in history if event.title == "Submitted"] == [
        (
            "Visits: Good; Assessments: Good; Supervision and management oversight: Good; Plans and planning: Good; "
            "Meetings and reviews: Good; Overall: Good"
        )
    ]


def test_submitting_twice_is_submitting_once(asha: User) -> None:
    audit = started_audit(asha)
    write_all(audit, asha)
    assert submit_audit(audit, by=asha).submitted_at == submit_audit(audit, by=asha).submitted_at
    assert AuditMove.objects.count() == 1


def test_an_unfinished_audit_is_not_submitted(asha: User) -> None:
    audit = started_audit(asha)
    write_all(audit, asha)
    save_section(audit, Section.PLANS, SectionContent(), version=1, complete=False, by=asha)
    with pytest.raises(RuleViolation, match="^Not submitted yet. Complete Plans and planning"):
        submit_audit(audit, by=asha)
    assert Audit.objects.get().status == AuditStatus.IN_PROGRESS


def test_the_service_believes_what_is_saved_and_not_the_tick(asha: User) -> None:
    """The twin of the guard above: the tick alone says complete, and the answers do not."""
    audit = started_audit(asha)
    write_all(audit, asha)
    QuestionFactory()
    with pytest.raises(RuleViolation, match="^Not submitted yet. Complete Visits"):
        submit_audit(audit, by=asha)


def test_an_audit_that_was_never_started_is_neither_saved_nor_submitted(asha: User) -> None:
    audit = allocated_audit(asha)
    with pytest.raises(RuleViolation, match="has not been started"):
        save_section(audit, Section.VISITS, VISITS, version=0, complete=False, by=asha)
    with pytest.raises(RuleViolation, match="has not been started"):
        submit_audit(audit, by=asha)


def test_a_question_of_another_pathway_is_neither_asked_nor_needed(asha: User) -> None:
    QuestionFactory(pathways=["cla"])
    audit = started_audit(asha)
    assert page_of(audit, Section.VISITS).questions == []
    saved = save_section(
        audit, Section.VISITS, replace(VISITS, answers={}), version=0, complete=True, by=asha
    )
    assert saved.missing == ()


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_twenty_submits_at_once_one_wins(asha: User) -> None:
    audit = started_audit(asha)
    write_all(audit, asha)
    outcomes: list[object] = []
    ready = threading.Barrier(20)

    def submit() -> None:
        ready.wait()
        try:
            outcomes.append(submit_audit(audit, by=asha).submitted_at)
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 20
    assert set(outcomes) == {Audit.objects.get().submitted_at}
    assert AuditMove.objects.count() == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_saving_at_once_one_is_told(asha: User) -> None:
    audit = started_audit(asha)
    told: list[bool] = []
    ready = threading.Barrier(8)

    def save(number: int) -> None:
        ready.wait()
        content = replace(VISITS, evidence=f"Tab {number}.", answers={})
        try:
            save_section(audit, Section.VISITS, content, version=0, complete=False, by=asha)
            told.append(False)
        except StaleSection:
            told.append(True)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False, *[True] * 7]
    assert AuditSection.objects.get(audit=audit, section=Section.VISITS).version == 1
