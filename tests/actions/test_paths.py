"""What follows from an Inadequate audit, and re-audits."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import Role
from accounts.models import Team, User
from actions.enums import PathStepKind, PathStepStatus, ReauditOutcome, ReauditReason
from actions.models import (
    PathMove,
    PathSettings,
    PathStep,
    Reaudit,
    SampleDraw,
    SupervisionHandOff,
    UrgentPath,
)
from actions.reaudit_facts import beside, outcome_of
from actions.services.paths import (
    begin_path,
    drop_reaudit,
    follow_grade,
    give_reaudit,
    record_step,
    return_step,
    stand_in_sample,
    verify_step,
)
from audits.enums import BAND_GRADES, AllocationStatus, AuditStatus, Grade, Section
from audits.models import Allocation, Audit, AuditSection
from audits.round_facts import children_to_draw
from audits.services.ledger import reallocate_allocation, withdraw_allocation
from audits.services.moves import void_audit
from core.errors import RuleViolation
from core.guards import lifted
from tests.factories.accounts import (
    TeamFactory,
    auditor,
    person,
    senior_leader,
    service_manager,
    team_manager,
)
from tests.factories.audits import RoundFactory, moment, submitted_audit
from tests.factories.paths import inadequate_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

TODAY = date(2026, 11, 25)


@pytest.fixture
def north(meera: User, sanjay: User) -> Team:
    team: Team = TeamFactory(name="North")
    return team


@pytest.fixture
def path(north: Team, asha: User) -> UrgentPath:
    """Of an audit that Asha submitted today."""
    return inadequate_audit(north, by=asha)[1]


def step_of(path: UrgentPath, kind: PathStepKind) -> PathStep:
    return path.steps.get(kind=kind)


class TestBeginning:
    def test_three_steps_and_a_window(self, path: UrgentPath) -> None:
        assert {step.kind: step.due_on for step in path.steps.all()} == {
            PathStepKind.REVIEW: date(2026, 11, 27),
            PathStepKind.PLAN: date(2026, 12, 2),
            PathStepKind.IMPACT: date(2027, 2, 25),
        }
        reaudit = path.audit.reaudit
        assert (reaudit.because, reaudit.opens_on, reaudit.closes_on) == (
            ReauditReason.INADEQUATE,
            date(2027, 1, 20),
            date(2027, 2, 17),
        )

    def test_twice_is_once(self, path: UrgentPath) -> None:
        again = begin_path(path.audit, at=moment(date(2026, 12, 1)))
        assert (again, PathStep.objects.count(), Reaudit.objects.count()) == (path, 3, 1)

    @pytest.mark.parametrize("grade", [Grade.OUTSTANDING, Grade.GOOD])
    def test_nothing_follows_from_other_grades(self, grade: Grade, asha: User) -> None:
        follow_grade(submitted_audit(by=asha, overall=grade), at=moment(TODAY))
        assert (UrgentPath.objects.count(), Reaudit.objects.count(), SampleDraw.objects.count()) == (0, 0, 0)

    def test_it_stays_when_the_grade_changes(self, path: UrgentPath) -> None:
        AuditSection.objects.filter(audit=path.audit, section=Section.OVERALL).update(grade=Grade.GOOD)
        follow_grade(path.audit, at=moment(date(2026, 12, 1)))
        assert UrgentPath.objects.get() == path


class TestSample:
    def test_two_in_twenty_with_a_recorded_seed(self, asha: User) -> None:
        PathSettings.objects.create(pk=1, sample_seed=7)
        for _ in range(20):
            follow_grade(submitted_audit(by=asha, overall=Grade.REQUIRES_IMPROVEMENT), at=moment(TODAY))
        draws = SampleDraw.objects.all()
        assert [draw.number for draw in draws] == list(range(20))
        assert {(draw.seed, draw.percent) for draw in draws} == {(7, 10)}
        assert Reaudit.objects.filter(because=ReauditReason.SAMPLED).count() == 2
        assert sum(draw.is_drawn for draw in draws) == 2

    def test_an_audit_stands_in_it_once(self, asha: User) -> None:
        audit = submitted_audit(by=asha, overall=Grade.REQUIRES_IMPROVEMENT)
        assert stand_in_sample(audit, at=moment(TODAY)) == stand_in_sample(audit, at=moment(TODAY))
        assert PathSettings.current().sampled == 1

    def test_drawn_and_then_inadequate_is_one_reaudit(self, asha: User) -> None:
        PathSettings.objects.create(pk=1, sample_percent=100)
        audit = submitted_audit(by=asha, overall=Grade.REQUIRES_IMPROVEMENT)
        follow_grade(audit, at=moment(TODAY))
        begin_path(audit, at=moment(date(2026, 12, 1)))
        assert Reaudit.objects.get().because == ReauditReason.INADEQUATE


class TestSteps:
    def test_recorded_by_a_named_person_with_text_and_day(self, path: UrgentPath, sanjay: User) -> None:
        step = record_step(
            step_of(path, PathStepKind.REVIEW), by=sanjay, held_on=TODAY, text=" Child moved to her aunt. "
        )
        assert (step.status, step.done_by, step.held_on, step.text) == (
            PathStepStatus.DONE,
            sanjay,
            TODAY,
            "Child moved to her aunt.",
        )
        record_step(step, by=sanjay, held_on=TODAY, text="Child moved to her aunt.")
        assert PathMove.objects.count() == 1

    def test_recorded_it_stays(self, path: UrgentPath, sanjay: User, quentin: User) -> None:
        step = record_step(step_of(path, PathStepKind.REVIEW), by=sanjay, held_on=TODAY, text="Seen.")
        with pytest.raises(RuleViolation, match="is recorded already"):
            record_step(step, by=quentin, held_on=TODAY, text="Seen differently.")

    @pytest.mark.parametrize(
        ("held_on", "text", "sentence"),
        [
            (TODAY, "  ", "Say what the review found"),
            (TODAY + timedelta(days=1), "Seen.", "Choose a day from 25 November 2026"),
            (TODAY - timedelta(days=1), "Seen.", "Choose a day from 25 November 2026"),
        ],
    )
    def test_what_cannot_be(
        self, held_on: date, text: str, sentence: str, path: UrgentPath, sanjay: User
    ) -> None:
        with pytest.raises(RuleViolation, match=sentence):
            record_step(step_of(path, PathStepKind.REVIEW), by=sanjay, held_on=held_on, text=text)
        assert PathMove.objects.count() == 0

    def test_who_may(
        self, path: UrgentPath, north: Team, meera: User, sanjay: User, asha: User, bella: User
    ) -> None:
        adele, dora = senior_leader("Adele Assistant", north.service), senior_leader("Dora Director")
        tara = team_manager("Tara South", TeamFactory(name="South"))
        other = service_manager("Olga Other", TeamFactory(name="South").service)
        everybody = (meera, sanjay, asha, bella, adele, dora, tara, other)
        may = {}
        for kind in PathStepKind:
            may[kind] = [somebody for somebody in everybody if recorded(step_of(path, kind), by=somebody)]
        assert may == {
            PathStepKind.REVIEW: [sanjay, adele, dora],
            PathStepKind.PLAN: [meera, sanjay],
            PathStepKind.IMPACT: [meera, sanjay],
        }

    def test_never_the_auditor_whatever_they_are(self, north: Team, quentin: User) -> None:
        _, path = inadequate_audit(north, by=quentin)
        with pytest.raises(RuleViolation, match="Never the auditor"):
            record_step(step_of(path, PathStepKind.REVIEW), by=quentin, held_on=TODAY, text="Seen.")
        assert list(UrgentPath.objects.visible_to(quentin)) == []

    def test_nothing_follows_from_a_void_audit(self, path: UrgentPath, quentin: User, sanjay: User) -> None:
        void_audit(path.audit, by=quentin, reason="The wrong child.")
        with pytest.raises(RuleViolation, match="is void"):
            record_step(step_of(path, PathStepKind.REVIEW), by=sanjay, held_on=TODAY, text="Seen.")
        assert list(PathStep.objects.owed()) == []
        assert list(Reaudit.objects.waiting()) == []


def recorded(step: PathStep, *, by: User) -> bool:
    """Whether this person may record it; nothing stays recorded."""
    with transaction.atomic():
        try:
            record_step(step, by=by, held_on=TODAY, text="Seen.")
        except RuleViolation:
            return False
        transaction.set_rollback(True)
        return True


class TestImpact:
    def test_verified_by_another(self, path: UrgentPath, meera: User, quentin: User, priya: User) -> None:
        step = record_step(
            step_of(path, PathStepKind.IMPACT), by=meera, held_on=TODAY, text="She goes to school."
        )
        for somebody in (meera, path.audit.allocation.auditor):
            with pytest.raises(RuleViolation, match="never who recorded it"):
                verify_step(step, by=somebody)
        verified = verify_step(step, by=quentin)
        assert (verified.status, verified.verified_by) == (PathStepStatus.VERIFIED, quentin)
        verify_step(step, by=priya)
        assert PathMove.objects.count() == 2

    def test_the_qa_lead_does_not_verify_their_own(
        self, path: UrgentPath, quentin: User, priya: User
    ) -> None:
        step = record_step(step_of(path, PathStepKind.IMPACT), by=quentin, held_on=TODAY, text="School.")
        with pytest.raises(RuleViolation, match="never who recorded it"):
            verify_step(step, by=quentin)
        assert verify_step(step, by=priya).verified_by == priya

    def test_returned_with_a_reason_and_said_again(
        self, path: UrgentPath, meera: User, quentin: User
    ) -> None:
        step = record_step(step_of(path, PathStepKind.IMPACT), by=meera, held_on=TODAY, text="Better.")
        with pytest.raises(RuleViolation, match="Say what is missing"):
            return_step(step, by=quentin, reason=" ")
        return_step(step, by=quentin, reason="How do you know?")
        assert list(PathStep.objects.owed().filter(kind=PathStepKind.IMPACT)) == [step]
        again = record_step(step, by=meera, held_on=TODAY, text="She goes to school each day.")
        assert again.status == PathStepStatus.DONE
        assert [move.text for move in step.moves.all()] == [
            "Better.",
            "How do you know?",
            "She goes to school each day.",
        ]

    @pytest.mark.parametrize("kind", [PathStepKind.REVIEW, PathStepKind.PLAN])
    def test_the_other_steps_are_not_verified(
        self, kind: PathStepKind, path: UrgentPath, sanjay: User, quentin: User
    ) -> None:
        step = record_step(step_of(path, kind), by=sanjay, held_on=TODAY, text="Seen.")
        with pytest.raises(RuleViolation, match="verifies an impact check"):
            verify_step(step, by=quentin)

    def test_what_is_not_done_is_not_verified(self, path: UrgentPath, quentin: User) -> None:
        with pytest.raises(RuleViolation, match="Nothing to verify"):
            verify_step(step_of(path, PathStepKind.IMPACT), by=quentin)


IN_WINDOW = date(2027, 1, 25)
DUE = date(2027, 2, 12)


@pytest.fixture
def other_auditor(db: None) -> User:
    return auditor("Omar Other", capacity=5)


class TestReaudit:
    def give(
        self, path: UrgentPath, *, to: User, by: User, due_on: date = DUE, on: date = IN_WINDOW
    ) -> Allocation:
        RoundFactory(month=date(2027, 1, 1))
        RoundFactory(month=date(2027, 2, 1))
        with time_machine.travel(moment(on)):
            return give_reaudit(path.audit.reaudit, to=to, by=by, due_on=due_on)

    def test_another_auditor_in_the_month_it_is_due(
        self, path: UrgentPath, other_auditor: User, quentin: User
    ) -> None:
        given_ = self.give(path, to=other_auditor, by=quentin)
        assert (given_.reference, given_.round.month) == ("CJA-2027-02-001", date(2027, 2, 1))
        assert (given_.auditor, given_.child, given_.audits_again) == (
            other_auditor,
            path.audit.allocation.child,
            path.audit.allocation,
        )
        assert (given_.first_due_on, given_.due_on, given_.audit.status) == (DUE, DUE, AuditStatus.ALLOCATED)
        assert list(Reaudit.objects.waiting()) == []
        assert self.give(path, to=other_auditor, by=quentin) == given_

    def test_in_the_month_before_where_its_own_is_not_published(
        self, path: UrgentPath, other_auditor: User, quentin: User
    ) -> None:
        RoundFactory(month=date(2027, 1, 1))
        with time_machine.travel(moment(IN_WINDOW)):
            given_ = give_reaudit(path.audit.reaudit, to=other_auditor, by=quentin, due_on=DUE)
        assert given_.round.month == date(2027, 1, 1)

    def test_no_month_is_published(self, path: UrgentPath, other_auditor: User, quentin: User) -> None:
        with (
            time_machine.travel(moment(IN_WINDOW)),
            pytest.raises(RuleViolation, match="Publish the month first"),
        ):
            give_reaudit(path.audit.reaudit, to=other_auditor, by=quentin, due_on=DUE)

    def test_never_the_first_auditor(self, path: UrgentPath, quentin: User) -> None:
        with pytest.raises(RuleViolation, match="Asha Auditor audited this file the first time"):
            self.give(path, to=path.audit.allocation.auditor, by=quentin)
        assert Allocation.objects.filter(audits_again__isnull=False).count() == 0

    def test_nor_by_way_of_a_reallocation(
        self, path: UrgentPath, other_auditor: User, quentin: User, asha: User
    ) -> None:
        given_ = self.give(path, to=other_auditor, by=quentin)
        with time_machine.travel(moment(IN_WINDOW)):
            with pytest.raises(RuleViolation, match="audited this file the first time"):
                reallocate_allocation(given_, to=asha, by=quentin, reason="Omar is ill.")
            third = auditor("Thea Third")
            passed = reallocate_allocation(given_, to=third, by=quentin, reason="Omar is ill.")
        assert passed.audits_again == path.audit.allocation
        assert Reaudit.objects.with_outcome().get().given_to == "Thea Third"

    def test_hard_blocks_hold(self, path: UrgentPath, quentin: User) -> None:
        manager = auditor("Nora North", team=path.audit.team)
        with pytest.raises(RuleViolation, match="Nora North .*Choose somebody else"):
            self.give(path, to=manager, by=quentin)

    def test_the_window(self, path: UrgentPath, other_auditor: User, quentin: User) -> None:
        with pytest.raises(RuleViolation, match="The window opens on 20 January 2027"):
            self.give(path, to=other_auditor, by=quentin, on=date(2027, 1, 19))
        with pytest.raises(RuleViolation, match="has to be in by 17 February 2027"):
            self.give(path, to=other_auditor, by=quentin, due_on=date(2027, 2, 18))
        with pytest.raises(RuleViolation, match="no working day"):
            self.give(path, to=other_auditor, by=quentin, due_on=date(2027, 2, 13))

    def test_after_the_window_it_is_late_and_still_given(
        self, path: UrgentPath, other_auditor: User, quentin: User
    ) -> None:
        given_ = self.give(path, to=other_auditor, by=quentin, on=date(2027, 2, 18), due_on=date(2027, 2, 26))
        assert given_.due_on == date(2027, 2, 26)

    def test_who_gives(self, path: UrgentPath, other_auditor: User, meera: User, bella: User) -> None:
        for somebody in (meera, bella):
            with pytest.raises(RuleViolation, match="give re-audits out"):
                self.give(path, to=other_auditor, by=somebody)

    def test_not_of_an_audit_of_ones_own(self, north: Team, quentin: User, other_auditor: User) -> None:
        _, path = inadequate_audit(north, by=quentin)
        with pytest.raises(RuleViolation, match="never of an audit of their own"):
            self.give(path, to=other_auditor, by=quentin)

    def test_withdrawn_it_waits_again(self, path: UrgentPath, other_auditor: User, quentin: User) -> None:
        given_ = self.give(path, to=other_auditor, by=quentin)
        withdraw_allocation(given_, because="other", by=quentin, note="By mistake.")
        assert list(Reaudit.objects.waiting()) == [path.audit.reaudit]
        again = self.give(path, to=auditor("Thea Third"), by=quentin)
        assert again.status == AllocationStatus.ALLOCATED

    def test_two_at_once_the_database_refuses(
        self, path: UrgentPath, other_auditor: User, quentin: User
    ) -> None:
        given_ = self.give(path, to=other_auditor, by=quentin)
        with pytest.raises(RuleViolation, match="is given out already"):
            self.give(path, to=auditor("Thea Third"), by=quentin)
        with pytest.raises(IntegrityError), transaction.atomic():
            Allocation.objects.create(
                reference="CJA-2027-01-900",
                round=RoundFactory(month=date(2027, 1, 1)),
                status=AllocationStatus.ALLOCATED,
                auditor=quentin,
                child=given_.child,
                pathway=given_.pathway,
                team=given_.team,
                first_due_on=DUE,
                due_on=DUE,
                audits_again=path.audit.allocation,
            )

    def test_the_draw_takes_the_child_as_audited(
        self, path: UrgentPath, other_auditor: User, quentin: User
    ) -> None:
        given_ = self.give(path, to=other_auditor, by=quentin)
        children = type(given_.child).objects.filter(pk=given_.child_id)
        assert children_to_draw(children, date(2027, 3, 1))[0].last_audited == date(2027, 2, 1)

    def test_dropped_with_a_reason(self, path: UrgentPath, quentin: User) -> None:
        with pytest.raises(RuleViolation, match="Say why no re-audit"):
            drop_reaudit(path.audit.reaudit, by=quentin, reason=" ")
        drop_reaudit(path.audit.reaudit, by=quentin, reason="The child was adopted.")
        assert list(Reaudit.objects.waiting()) == []
        with pytest.raises(RuleViolation, match="needs no re-audit"):
            drop_reaudit(path.audit.reaudit, by=quentin, reason="Again.")


class TestOutcome:
    @given(st.sampled_from(BAND_GRADES), st.sampled_from(BAND_GRADES))
    def test_up_is_down_seen_from_the_other_side(self, one: Grade, two: Grade) -> None:
        turned = {
            ReauditOutcome.UP: ReauditOutcome.DOWN,
            ReauditOutcome.DOWN: ReauditOutcome.UP,
            ReauditOutcome.SAME: ReauditOutcome.SAME,
        }
        forward, back = outcome_of(one, two), outcome_of(two, one)
        assert forward is not None
        assert turned[forward] == back
        assert (forward == ReauditOutcome.SAME) == (one == two)

    def test_unknown_until_both_are_graded(self) -> None:
        assert (outcome_of(None, Grade.GOOD), outcome_of(Grade.GOOD, "")) == (None, None)

    def again(self, path: UrgentPath, grade: Grade, on: date) -> Audit:
        allocation = path.audit.allocation
        return submitted_audit(
            month=date(2027, 2, 1),
            by=User.objects.filter(name="Omar Other").first() or auditor("Omar Other"),
            overall=grade,
            submitted_on=on,
            allocation={"child": allocation.child, "audits_again": allocation},
        )

    def test_shown_on_both_to_whoever_may_open_both(
        self, path: UrgentPath, quentin: User, meera: User
    ) -> None:
        again = self.again(path, Grade.REQUIRES_IMPROVEMENT, date(2027, 2, 10))
        for audit, is_first in ((path.audit, True), (again, False)):
            seen = beside(audit, quentin)
            assert seen is not None
            assert (seen.is_first, seen.outcome, seen.may_open_other) == (is_first, ReauditOutcome.UP, True)
        unseen = beside(path.audit, meera)
        assert unseen is not None
        assert (unseen.outcome, unseen.may_open_other) == (None, False)


class TestWhoSees:
    def test_those_who_answer_for_the_child_now(
        self, path: UrgentPath, meera: User, sanjay: User, quentin: User, asha: User
    ) -> None:
        adele = senior_leader("Adele Assistant", path.audit.team.service)
        for somebody in (meera, sanjay, quentin, adele):
            assert list(UrgentPath.objects.visible_to(somebody)) == [path]
            assert PathStep.objects.visible_to(somebody).count() == 3
        tara = team_manager("Tara South", TeamFactory(name="South"))
        support = person("Bella Support", Role.BUSINESS_SUPPORT)
        for somebody in (asha, tara, support):
            assert list(UrgentPath.objects.visible_to(somebody)) == []
            assert PathStep.objects.visible_to(somebody).count() == 0
        for somebody in (meera, sanjay, adele):
            assert list(Reaudit.objects.visible_to(somebody)) == []


class TestWhatTheDatabaseRefuses:
    STATEMENTS = (
        "UPDATE actions_pathmove SET text = 'x'",
        "DELETE FROM actions_pathmove",
        "UPDATE actions_urgentpath SET began_at = '2026-01-05'",
        "DELETE FROM actions_pathstep WHERE kind = 'plan'",
        "UPDATE actions_pathstep SET text = 'x' WHERE kind = 'review'",
        "UPDATE actions_pathstep SET held_on = '2026-01-05' WHERE kind = 'review'",
        "DELETE FROM actions_reaudit",
        "UPDATE actions_sampledraw SET seed = 9",
        "UPDATE actions_supervisionhandoff SET note = 'x'",
        "DELETE FROM actions_supervisionhandoff",
    )

    @pytest.fixture(autouse=True)
    def rows(self, path: UrgentPath, sanjay: User, asha: User) -> None:
        record_step(step_of(path, PathStepKind.REVIEW), by=sanjay, held_on=TODAY, text="Seen.")
        stand_in_sample(submitted_audit(by=asha, overall=Grade.REQUIRES_IMPROVEMENT), at=moment(TODAY))
        SupervisionHandOff.objects.create(
            audit=path.audit,
            due_on=TODAY,
            supervised_on=TODAY,
            note="Told.",
            closed_by=sanjay,
            closed_at=moment(TODAY),
        )

    @pytest.mark.parametrize("statement", STATEMENTS)
    def test_it_stays(self, statement: str) -> None:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_without_the_guards_it_would_not(self) -> None:
        """The twin."""
        with lifted(), connection.cursor() as cursor:
            for statement in self.STATEMENTS:
                cursor.execute(statement)
        assert (PathMove.objects.count(), Reaudit.objects.count()) == (0, 0)
