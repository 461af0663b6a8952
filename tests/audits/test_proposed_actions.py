"""Actions that an auditor proposes: whole, owned, dated, once; and when an audit needs one."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from audits.enums import ActionPriority, Grade, Section
from audits.models import Audit, AuditSection, Closure, FollowUpSettings, ProposedAction
from audits.selectors import contents_of
from audits.services.audits import submit_audit
from audits.services.proposed_actions import (
    ActionContent,
    change_action,
    default_due_on,
    propose_action,
    remove_action,
    save_follow_up_settings,
)
from audits.services.writing import StalePage
from audits.submission import needed_before_submit
from core.errors import RuleViolation
from tests.audits.test_audit_services import write_all
from tests.factories.audits import started_audit, submitted_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

WEDNESDAY = date(2026, 11, 25)


@pytest.fixture
def content(meera: User) -> ActionContent:
    """A whole action of Meera's, due by its priority."""
    return ActionContent(
        what="Meera visits him at school.",
        why="Nobody has seen him for five weeks.",
        about="V3",
        owner=meera,
        priority=ActionPriority.P1,
        due_on=None,
        later_reason="",
        success="He says whom he rings.",
    )


@pytest.mark.parametrize(
    ("priority", "due_on"),
    [
        ("p0", date(2026, 11, 25)),  # the same day
        ("p1", date(2026, 12, 2)),
        ("p2", date(2026, 12, 23)),
        ("p3", date(2027, 1, 25)),  # over Christmas, Boxing Day's substitute and New Year's Day
    ],
)
def test_the_day_that_goes_with_a_priority(priority: str, due_on: date) -> None:
    assert default_due_on(priority, WEDNESDAY) == due_on


def test_closures_count_and_the_council_chooses_the_days(quentin: User) -> None:
    Closure.objects.create(day=date(2026, 11, 30), reason="Training")
    assert default_due_on("p1", WEDNESDAY) == date(2026, 12, 3)
    settings = FollowUpSettings.current()
    settings.p1_days = 1
    save_follow_up_settings(settings, by=quentin)
    assert default_due_on("p1", WEDNESDAY) == date(2026, 11, 26)


def test_only_the_qa_lead_and_the_psw_change_the_days(asha: User) -> None:
    with pytest.raises(RuleViolation, match="Only the QA lead and the Principal Social Worker"):
        save_follow_up_settings(FollowUpSettings.current(), by=asha)
    assert not FollowUpSettings.objects.exists()


def test_an_action_is_kept_once_with_its_day(asha: User, content: ActionContent) -> None:
    audit = started_audit(asha)
    token = UUID(int=1)
    action = propose_action(audit, content, token=token, by=asha)
    assert propose_action(audit, content, token=token, by=asha) == action
    assert list(audit.proposed_actions.values_list("due_on", "default_due_on", "owner__name", "about")) == [
        (date(2026, 12, 2), date(2026, 12, 2), "Meera Manager", "V3")
    ]


def test_later_than_the_priority_asks_needs_a_reason_and_earlier_does_not(
    asha: User, content: ActionContent
) -> None:
    audit = started_audit(asha)
    later = replace(content, due_on=date(2026, 12, 3))
    with pytest.raises(RuleViolation, match="By its priority this is due by 2 December 2026. Say why it can"):
        propose_action(audit, later, token=uuid4(), by=asha)
    kept = propose_action(audit, replace(later, later_reason="He is away."), token=uuid4(), by=asha)
    assert kept.later_reason == "He is away."
    earlier = replace(content, due_on=date(2026, 11, 27), later_reason="Nothing to say.")
    assert propose_action(audit, earlier, token=uuid4(), by=asha).later_reason == ""


@pytest.mark.parametrize(
    ("gap", "sentence"),
    [
        ({"what": " "}, "Say what shall be done."),
        ({"why": ""}, "Say what you found that makes this necessary."),
        ({"success": "\n"}, "Say how success will be seen"),
        ({"due_on": date(2026, 11, 24)}, "The due date is over"),
    ],
)
def test_what_is_not_whole_is_refused(
    asha: User, content: ActionContent, gap: dict[str, str], sentence: str
) -> None:
    with pytest.raises(RuleViolation, match=sentence):
        propose_action(started_audit(asha), replace(content, **gap), token=uuid4(), by=asha)
    assert not ProposedAction.objects.exists()


def test_the_owner_manages_a_team_or_a_service(asha: User, sanjay: User, content: ActionContent) -> None:
    audit = started_audit(asha)
    with pytest.raises(RuleViolation, match="Choose an owner who manages a team or a service today"):
        propose_action(audit, replace(content, owner=asha), token=uuid4(), by=asha)
    assert propose_action(audit, replace(content, owner=sanjay), token=uuid4(), by=asha).owner == sanjay


def test_only_its_auditor_and_only_while_it_is_written(
    asha: User, meera: User, content: ActionContent
) -> None:
    with pytest.raises(RuleViolation, match="Only the auditor who was given this audit"):
        propose_action(started_audit(asha), content, token=uuid4(), by=meera)
    with pytest.raises(RuleViolation, match="This audit was submitted"):
        propose_action(submitted_audit(by=asha), content, token=uuid4(), by=asha)


def test_changing_notices_another_tab_and_the_same_content_twice_is_once(
    asha: User, content: ActionContent
) -> None:
    audit = started_audit(asha)
    action = propose_action(audit, content, token=uuid4(), by=asha)
    changed = replace(content, what="Meera visits him at home.")
    assert change_action(audit, action.pk, changed, version=1, by=asha).version == 2
    assert change_action(audit, action.pk, changed, version=1, by=asha).version == 2
    with pytest.raises(StalePage):
        change_action(audit, action.pk, content, version=1, by=asha)
    assert ProposedAction.objects.get().what == "Meera visits him at home."


def test_removing_twice_is_once_and_what_was_removed_is_not_changed(
    asha: User, content: ActionContent
) -> None:
    audit, other = started_audit(asha), started_audit(asha)
    action = propose_action(audit, content, token=uuid4(), by=asha)
    remove_action(other, action.pk, by=asha)
    assert ProposedAction.objects.count() == 1
    remove_action(audit, action.pk, by=asha)
    remove_action(audit, action.pk, by=asha)
    with pytest.raises(RuleViolation, match="This action was removed"):
        change_action(audit, action.pk, content, version=1, by=asha)


@pytest.mark.parametrize("grade", [Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE])
def test_below_good_an_audit_is_not_submitted_without_an_action(
    asha: User, content: ActionContent, grade: Grade
) -> None:
    audit = written(asha, grade)
    with pytest.raises(
        RuleViolation, match=f"Propose at least one action: the overall grade is {grade.label}"
    ):
        submit_audit(audit, by=asha)
    propose_action(audit, content, token=uuid4(), by=asha)
    assert needed_before_submit(audit, contents_of(audit)) == []


def test_good_needs_none(asha: User) -> None:
    assert needed(written(asha, Grade.GOOD)) == []


def test_an_action_whose_day_is_over_needs_another(asha: User, content: ActionContent) -> None:
    audit = written(asha, Grade.GOOD)
    propose_action(audit, content, token=uuid4(), by=asha)
    assert needed(audit) == []
    ProposedAction.objects.update(due_on=date(2026, 11, 24))
    assert needed(audit) == ["Choose a new due date for the proposed action whose day is over"]


def test_the_database_refuses_a_later_day_without_a_reason_and_an_empty_result(
    asha: User, content: ActionContent
) -> None:
    propose_action(started_audit(asha), content, token=uuid4(), by=asha)
    for change in ({"due_on": date(2027, 1, 1)}, {"success": ""}, {"priority": "p9"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ProposedAction.objects.update(**change)
    ProposedAction.objects.update(due_on=date(2027, 1, 1), later_reason="He is away.")


def written(asha: User, overall: Grade) -> Audit:
    audit = started_audit(asha)
    write_all(audit, asha)
    AuditSection.objects.filter(audit=audit, section=Section.OVERALL).update(grade=overall)
    return audit


def needed(audit: Audit) -> list[str]:
    return [need.sentence for need in needed_before_submit(audit, contents_of(audit))]
