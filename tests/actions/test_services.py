"""The moves of an action, by those who may and against those who may not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Team, User
from actions.enums import ActionMoveKind, ActionSource, ActionStatus, Verification
from actions.models import Action, ActionMove
from actions.services.changes import (
    ask_to_cancel,
    assign_action,
    decide_cancellation,
    extend_action,
    pause_escalation,
)
from actions.services.moving import StaleAction
from actions.services.progress import complete_action, note_action, note_no_change, start_action
from actions.services.raising import NewAction, open_proposed_actions, raise_action
from actions.services.verification import return_action, verify_action
from audits.enums import ActionPriority
from audits.models import ProposedAction
from core.errors import RuleViolation
from core.guards import lifted
from tests.factories.accounts import TeamFactory, person, team_manager
from tests.factories.actions import ActionFactory
from tests.factories.audits import submitted_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]


@pytest.fixture
def north() -> Team:
    team: Team = TeamFactory(name="North")
    return team


@pytest.fixture
def action(north: Team, meera: User) -> Action:
    """Meera's, of her own team."""
    made: Action = ActionFactory(team=north, owner=meera, first_due_on=date(2026, 12, 1))
    return made


def content(owner: User, team: Team, **other: Any) -> NewAction:
    texts = {"what": "Hold the review.", "why": "It is two months late.", "success": "Minutes are on file."}
    return NewAction(**texts | {"owner": owner, "team": team, "priority": ActionPriority.P1} | other)


class TestRaising:
    def test_an_action_has_a_reference_a_day_by_its_priority_and_a_first_move(
        self, meera: User, quentin: User, north: Team
    ) -> None:
        one, two = (raise_action(content(meera, north), by=quentin) for _ in range(2))
        assert (one.reference, two.reference) == ("ACT-0001", "ACT-0002")
        assert (one.first_due_on, one.due_on) == (date(2026, 12, 2), date(2026, 12, 2))
        assert (one.status, one.source, one.opened_by) == (ActionStatus.OPEN, ActionSource.HAND, quentin)
        assert [(move.kind, move.to_status, move.by) for move in one.moves.all()] == [
            (ActionMoveKind.OPEN, ActionStatus.OPEN, quentin)
        ]

    @pytest.mark.parametrize("empty", ["what", "why", "success"])
    def test_what_is_missing_is_refused(self, empty: str, meera: User, quentin: User, north: Team) -> None:
        with pytest.raises(RuleViolation, match="^Say "):
            raise_action(content(meera, north, **{empty: "  "}), by=quentin)
        assert Action.objects.count() == 0

    def test_a_manager_does_not_raise_by_hand(self, meera: User, north: Team) -> None:
        with pytest.raises(RuleViolation, match="raise actions by hand"):
            raise_action(content(meera, north), by=meera)

    def test_the_owner_manages_something(self, asha: User, quentin: User, north: Team) -> None:
        with pytest.raises(RuleViolation, match="Choose an owner who manages"):
            raise_action(content(asha, north), by=quentin)

    def test_what_an_auditor_proposed_becomes_real_once(self, asha: User, meera: User) -> None:
        audit = submitted_audit(by=asha, allocation={"team": TeamFactory(name="North")})
        ProposedAction.objects.create(
            audit=audit,
            what="Find the father.",
            why="His view is missing.",
            about="A11",
            owner=meera,
            priority=ActionPriority.P2,
            default_due_on=date(2026, 11, 3),
            due_on=date(2026, 11, 3),
            success="His view is in the assessment.",
        )
        (made,) = open_proposed_actions(audit)
        assert open_proposed_actions(audit) == []
        assert (made.source, made.audit, made.child) == (ActionSource.AUDIT, audit, audit.allocation.child)
        assert (made.owner, made.opened_by, made.about) == (meera, asha, "A11")
        assert made.due_on == timezone.localdate()  # the proposed day is over

    def test_it_stays_when_the_auditor_takes_the_proposal_out(
        self, action: Action, meera: User, asha: User
    ) -> None:
        audit = submitted_audit(by=asha)
        proposed = ProposedAction.objects.create(
            audit=audit,
            what="Find the father.",
            why="His view is missing.",
            owner=meera,
            priority=ActionPriority.P2,
            default_due_on=date(2026, 12, 3),
            due_on=date(2026, 12, 3),
            success="His view is in the assessment.",
        )
        (made,) = open_proposed_actions(audit)
        proposed.delete()
        made.refresh_from_db()
        assert (made.proposed, made.what) == (None, "Find the father.")


class TestWorkingOnIt:
    def test_start_note_and_complete(self, action: Action, meera: User) -> None:
        start_action(action, by=meera)
        note_action(action, by=meera, note="Asked the carer for a date.")
        done = complete_action(action, by=meera, evidence="Plan of 24 November, page 3.", impact="He knows.")
        assert (done.status, done.completed_by, done.impact) == (ActionStatus.DONE, meera, "He knows.")
        assert [move.kind for move in done.moves.all()] == ["start", "note", "complete"]
        assert done.version == 3

    def test_done_needs_evidence(self, action: Action, meera: User) -> None:
        with pytest.raises(RuleViolation, match="Say what shows that it is done"):
            complete_action(action, by=meera, evidence=" \n")
        action.refresh_from_db()
        assert action.status == ActionStatus.OPEN

    def test_the_database_wants_the_evidence_too(self, action: Action) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Action.objects.filter(pk=action.pk).update(
                status=ActionStatus.DONE, done_at=timezone.now(), verification=Verification.ALWAYS
            )

    def test_completing_twice_with_the_same_words_is_once(self, action: Action, meera: User) -> None:
        for _ in range(2):
            complete_action(action, by=meera, evidence="Plan, page 3.", version=0)
        assert ActionMove.objects.filter(action=action).count() == 1

    def test_a_stranger_changes_nothing(self, action: Action, asha: User, sanjay: User) -> None:
        for somebody in (asha, sanjay):
            with pytest.raises(RuleViolation, match="Only the owner of ACT-"):
                complete_action(action, by=somebody, evidence="Done.")

    def test_the_manager_of_the_team_may_where_another_owns_it(self, north: Team, meera: User) -> None:
        theirs = ActionFactory(team=north, owner=team_manager("Tara South", TeamFactory(name="South")))
        assert start_action(theirs, by=meera).status == ActionStatus.IN_PROGRESS

    def test_somebody_else_was_quicker(self, action: Action, meera: User, quentin: User) -> None:
        start_action(action, by=quentin, version=0)
        with pytest.raises(StaleAction, match="was changed by somebody else"):
            complete_action(action, by=meera, evidence="Plan.", version=0)

    def test_the_same_note_on_many_is_all_or_none(self, north: Team, meera: User, action: Action) -> None:
        closed = ActionFactory(team=north, owner=meera)
        complete_action(closed, by=meera, evidence="Done.")
        with pytest.raises(RuleViolation):
            note_no_change([action, closed], by=meera, since="No change since the review.")
        assert action.moves.count() == 0
        note_no_change([action], by=meera, since="No change since the review.")
        assert action.moves.get().reason == "No change since the review."


class TestVerifying:
    @pytest.mark.parametrize("priority", ["p0", "p1"])
    def test_the_urgent_ones_always(self, priority: str, action: Action, meera: User) -> None:
        Action.objects.filter(pk=action.pk).update(priority=priority)
        assert complete_action(action, by=meera, evidence="Seen.").verification == Verification.ALWAYS
        assert list(Action.objects.awaiting_verification()) == [action]

    def test_four_in_twenty_of_the_others(self, north: Team, meera: User) -> None:
        for made in ActionFactory.create_batch(20, team=north, owner=meera):
            complete_action(made, by=meera, evidence="Seen.")
        assert Action.objects.awaiting_verification().count() == 4
        assert Action.objects.filter(verification=Verification.NOT_DRAWN).count() == 16

    def test_by_another_once(self, action: Action, meera: User, quentin: User) -> None:
        complete_action(action, by=meera, evidence="Seen.")
        for _ in range(2):
            verified = verify_action(action, by=quentin, note="Read it.")
        assert (verified.status, verified.verified_by) == (ActionStatus.VERIFIED, quentin)
        assert action.moves.filter(kind="verify").count() == 1

    def test_never_by_the_owner_or_who_completed_it(
        self, north: Team, meera: User, quentin: User, priya: User
    ) -> None:
        own = ActionFactory(team=north, owner=quentin)
        complete_action(own, by=quentin, evidence="Seen.")
        completed_for = ActionFactory(team=north, owner=meera)
        complete_action(completed_for, by=quentin, evidence="Seen.")
        for one in (own, completed_for):
            with pytest.raises(RuleViolation, match="never who owns it or completed it"):
                verify_action(one, by=quentin)
            assert verify_action(one, by=priya).status == ActionStatus.VERIFIED

    def test_the_database_refuses_a_verifier_who_owns_it(self, action: Action, meera: User) -> None:
        complete_action(action, by=meera, evidence="Seen.")
        with pytest.raises(IntegrityError), transaction.atomic():
            Action.objects.filter(pk=action.pk).update(
                status=ActionStatus.VERIFIED, verified_at=timezone.now(), verified_by=meera
            )

    def test_returned_with_a_reason_and_done_again(self, action: Action, meera: User, quentin: User) -> None:
        complete_action(action, by=meera, evidence="Seen.")
        with pytest.raises(RuleViolation, match="Say what is missing"):
            return_action(action, by=quentin, reason="")
        returned = return_action(action, by=quentin, reason="The family has not seen it.")
        assert (returned.status, returned.due_on) == (ActionStatus.RETURNED, date(2026, 12, 1))
        assert complete_action(action, by=meera, evidence="Shown on 24 November.").status == ActionStatus.DONE


class TestTimeAndGivingUp:
    def test_extending_keeps_the_first_due_date(self, action: Action, meera: User) -> None:
        moved = extend_action(action, due_on=date(2026, 12, 8), by=meera, reason="The review was moved.")
        assert (moved.first_due_on, moved.due_on) == (date(2026, 12, 1), date(2026, 12, 8))
        move = moved.moves.get()
        assert (move.from_due_on, move.to_due_on) == (date(2026, 12, 1), date(2026, 12, 8))

    @pytest.mark.parametrize(
        ("due_on", "sentence"),
        [
            (date(2026, 12, 1), "Choose a day after 1 December 2026"),
            (date(2026, 12, 5), "5 December 2026 is not a working day"),
            (date(2026, 12, 25), "25 December 2026 is not a working day"),
        ],
    )
    def test_a_day_that_cannot_be(self, due_on: date, sentence: str, action: Action, meera: User) -> None:
        with pytest.raises(RuleViolation, match=sentence):
            extend_action(action, due_on=due_on, by=meera, reason="Later.")

    def test_giving_up_takes_two(self, action: Action, meera: User, quentin: User, priya: User) -> None:
        ask_to_cancel(action, by=quentin, reason="The child moved away.")
        for somebody in (meera, quentin):
            with pytest.raises(RuleViolation, match="never on one they asked for"):
                decide_cancellation(action, by=somebody, approve=True, reason="Yes.")
        gone = decide_cancellation(action, by=priya, approve=True, reason="Closed on 20 November.")
        assert gone.status == ActionStatus.CANCELLED
        assert list(Action.objects.to_be_done()) == []

    def test_refused_it_is_owed_as_before(self, action: Action, meera: User, quentin: User) -> None:
        ask_to_cancel(action, by=meera, reason="Too much.")
        assert list(Action.objects.to_be_done()) == [action]
        kept = decide_cancellation(action, by=quentin, approve=False, reason="The child still needs it.")
        assert kept.status == ActionStatus.IN_PROGRESS

    def test_another_owner(self, action: Action, quentin: User, meera: User) -> None:
        tara = team_manager("Tara South", TeamFactory(name="South"))
        assert assign_action(action, owner=tara, by=quentin, reason="Moved team.").owner == tara
        assert action.moves.get().reason == "From Meera Manager to Tara South: Moved team."
        with pytest.raises(RuleViolation, match="give an action to somebody else"):
            assign_action(action, owner=meera, by=tara, reason="No.")

    def test_a_pause_has_a_reason_and_is_never_ones_own(
        self, north: Team, action: Action, quentin: User
    ) -> None:
        pause = pause_escalation(action, until=date(2026, 12, 9), by=quentin, reason="Court on the 8th.")
        assert (pause.until, pause.by) == (date(2026, 12, 9), quentin)
        with pytest.raises(RuleViolation, match="Say why nobody"):
            pause_escalation(action, until=date(2026, 12, 9), by=quentin, reason=" ")
        own = ActionFactory(team=north, owner=quentin)
        with pytest.raises(RuleViolation, match="never for an action of their own"):
            pause_escalation(own, until=date(2026, 12, 9), by=quentin, reason="Busy.")


class TestWhoSees:
    def test_owner_team_service_raiser_and_those_who_track_all(
        self, action: Action, meera: User, sanjay: User, quentin: User, priya: User, asha: User
    ) -> None:
        for somebody in (meera, sanjay, quentin, priya):
            assert list(Action.objects.visible_to(somebody)) == [action]
        assert list(Action.objects.visible_to(asha)) == []
        Action.objects.filter(pk=action.pk).update(opened_by=asha)
        assert list(Action.objects.visible_to(asha)) == [action]

    @pytest.mark.parametrize(
        "role", [Role.BUSINESS_SUPPORT, Role.SYSTEM_ADMINISTRATOR, Role.INFORMATION_GOVERNANCE, Role.AUDITOR]
    )
    def test_nobody_else(self, role: Role, action: Action) -> None:
        assert list(Action.objects.visible_to(person("Olly Other", role))) == []

    def test_the_manager_of_another_team(self, action: Action) -> None:
        tara = team_manager("Tara South", TeamFactory(name="South"))
        assert list(Action.objects.visible_to(tara)) == []


class TestWhatTheDatabaseRefuses:
    @pytest.mark.parametrize(
        "statement", ["UPDATE actions_actionmove SET reason = 'x'", "DELETE FROM actions_actionmove"]
    )
    def test_a_move_stays(self, statement: str, action: Action, meera: User) -> None:
        start_action(action, by=meera)
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    @pytest.mark.parametrize(
        "statement", ["UPDATE actions_action SET first_due_on = '2026-01-05'", "DELETE FROM actions_action"]
    )
    def test_an_action_and_its_first_due_date_stay(self, statement: str, action: Action) -> None:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_without_the_guards_it_would_not(self, action: Action, meera: User) -> None:
        """The twin."""
        start_action(action, by=meera)
        with lifted(), connection.cursor() as cursor:
            cursor.execute("UPDATE actions_actionmove SET reason = 'x'")
        assert action.moves.get().reason == "x"
