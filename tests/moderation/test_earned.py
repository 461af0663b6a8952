"""The register of earned exemptions (docs/domain.md, section 7, R2)."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.enums import Role
from accounts.models import User
from audits.enums import Grade
from core.errors import RuleViolation
from core.guards import lifted
from moderation.enums import EarnedStatus
from moderation.models import EarnedExemption, ModerationSettings
from moderation.services.earned import (
    decide_earned_exemption,
    end_earned_exemption,
    sweep_moderation_exemptions,
)
from notifications.models import Message
from tests.factories.accounts import MembershipFactory, auditor
from tests.factories.audits import moment
from tests.factories.fairness import decided_audit, earned_exemption, earning_auditor

pytestmark = pytest.mark.django_db

MONTHS = tuple(date(2026, month, 1) for month in (4, 5, 6, 7, 8, 9))
NOW = moment(date(2026, 11, 25))
NOTHING = {"ended": 0, "withdrawn": 0, "proposed": 0}


def told(user: User) -> list[str]:
    return list(Message.objects.filter(recipient=user).order_by("pk").values_list("kind", flat=True))


class TestProposing:
    def test_six_confirmed_over_two_quarters_are_proposed_with_their_numbers(self, asha: User) -> None:
        earning_auditor(asha, months=MONTHS)
        assert sweep_moderation_exemptions(at=NOW) == {**NOTHING, "proposed": 1}
        made = EarnedExemption.objects.get()
        assert (made.auditor, made.status, made.moderated, made.confirmed, made.quarters) == (
            asha,
            EarnedStatus.PROPOSED,
            6,
            6,
            3,
        )
        assert made.basis == "6 of 6 overall grades confirmed, over 3 quarters"
        assert sweep_moderation_exemptions(at=NOW) == NOTHING

    def test_five_are_not_enough(self, asha: User) -> None:
        earning_auditor(asha, months=MONTHS[:5])
        assert sweep_moderation_exemptions(at=NOW) == NOTHING

    def test_a_two_step_change_is_too_much(self, asha: User) -> None:
        earning_auditor(asha, months=MONTHS)
        decided_audit(
            asha, month=date(2026, 9, 1), overall=Grade.OUTSTANDING, final=Grade.REQUIRES_IMPROVEMENT
        )
        assert sweep_moderation_exemptions(at=NOW) == NOTHING

    def test_a_proposal_that_no_longer_holds_is_withdrawn(self, asha: User) -> None:
        earning_auditor(asha, months=MONTHS)
        sweep_moderation_exemptions(at=NOW)
        decided_audit(asha, month=date(2026, 10, 1), final=Grade.INADEQUATE)
        assert sweep_moderation_exemptions(at=NOW) == {**NOTHING, "withdrawn": 1}
        made = EarnedExemption.objects.get()
        assert (made.status, made.ended_because) == ("withdrawn", "The numbers no longer earn it.")

    def test_what_was_declined_is_proposed_again_only_after_another_decision(
        self, asha: User, quentin: User
    ) -> None:
        earning_auditor(asha, months=MONTHS)
        sweep_moderation_exemptions(at=NOW)
        decide_earned_exemption(EarnedExemption.objects.get(), grant=False, by=quentin, note="Wait.", at=NOW)
        assert sweep_moderation_exemptions(at=NOW) == NOTHING
        decided_audit(asha, month=date(2026, 11, 1), closed_on=date(2026, 12, 9))
        later = moment(date(2026, 12, 10))
        assert sweep_moderation_exemptions(at=later) == {**NOTHING, "proposed": 1}

    def test_who_is_no_auditor_is_not_proposed(self, asha: User) -> None:
        earning_auditor(asha, months=MONTHS)
        asha.memberships.filter(role=Role.AUDITOR).update(ends_on=date(2026, 11, 1))
        assert sweep_moderation_exemptions(at=NOW) == NOTHING


class TestDeciding:
    @pytest.fixture
    def proposal(self, asha: User) -> EarnedExemption:
        earning_auditor(asha, months=MONTHS)
        sweep_moderation_exemptions(at=NOW)
        return EarnedExemption.objects.get()

    def test_granting_starts_it_today_with_the_settings_of_today(
        self, proposal: EarnedExemption, asha: User, quentin: User
    ) -> None:
        ModerationSettings.objects.create(pk=1, spot_check_percent=20, exemption_months=6)
        granted = decide_earned_exemption(proposal, grant=True, by=quentin, at=NOW)
        assert (granted.status, granted.starts_on, granted.review_on, granted.spot_check_percent) == (
            "granted",
            date(2026, 11, 25),
            date(2027, 5, 25),
            20,
        )
        assert told(asha) == ["moderation.exemption_granted"]

    def test_the_same_decision_twice_is_one(
        self, proposal: EarnedExemption, asha: User, quentin: User
    ) -> None:
        first = decide_earned_exemption(proposal, grant=True, by=quentin, at=NOW)
        again = decide_earned_exemption(proposal, grant=True, by=quentin, at=NOW + timedelta(days=1))
        assert again.decided_at == first.decided_at
        assert told(asha) == ["moderation.exemption_granted"]

    def test_nobody_decides_on_their_own(self, proposal: EarnedExemption, asha: User) -> None:
        MembershipFactory(user=asha, role=Role.QA_LEAD)
        with pytest.raises(RuleViolation, match="never on an exemption of their own"):
            decide_earned_exemption(proposal, grant=True, by=asha, at=NOW)

    def test_the_database_refuses_it_too(self, proposal: EarnedExemption, asha: User) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            EarnedExemption.objects.filter(pk=proposal.pk).update(
                status="granted",
                decided_by=asha,
                decided_at=NOW,
                starts_on=NOW.date(),
                review_on=NOW.date() + timedelta(days=365),
                spot_check_percent=15,
            )

    def test_the_database_keeps_one_open_for_each_auditor(
        self, proposal: EarnedExemption, asha: User
    ) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            earned_exemption(asha, starts_on=date(2026, 11, 25))

    def test_a_stranger_does_not_decide(self, proposal: EarnedExemption, bella: User) -> None:
        with pytest.raises(RuleViolation, match="The QA lead and the Principal Social Worker decide"):
            decide_earned_exemption(proposal, grant=True, by=bella, at=NOW)

    def test_declining_needs_a_note_and_tells_nobody(
        self, proposal: EarnedExemption, asha: User, quentin: User
    ) -> None:
        with pytest.raises(RuleViolation, match="Say why it is declined"):
            decide_earned_exemption(proposal, grant=False, by=quentin, at=NOW)
        declined = decide_earned_exemption(proposal, grant=False, by=quentin, note="Not yet.", at=NOW)
        assert (declined.status, declined.decision_note) == ("declined", "Not yet.")
        assert told(asha) == []
        with pytest.raises(RuleViolation, match="settled already: declined"):
            decide_earned_exemption(proposal, grant=True, by=quentin, at=NOW)

    def test_it_is_not_granted_on_numbers_that_no_longer_hold(
        self, proposal: EarnedExemption, asha: User, quentin: User
    ) -> None:
        decided_audit(asha, month=date(2026, 10, 1), final=Grade.INADEQUATE)
        with pytest.raises(RuleViolation, match="The numbers no longer earn it"):
            decide_earned_exemption(proposal, grant=True, by=quentin, at=NOW)


class TestEnding:
    @pytest.fixture
    def granted(self, asha: User) -> EarnedExemption:
        return earned_exemption(asha, starts_on=date(2026, 9, 1))

    def test_a_two_step_change_ends_it_and_the_auditor_is_told(
        self, granted: EarnedExemption, asha: User
    ) -> None:
        audit = decided_audit(asha, month=date(2026, 9, 1), final=Grade.INADEQUATE)
        assert sweep_moderation_exemptions(at=NOW) == {**NOTHING, "ended": 1}
        granted.refresh_from_db()
        assert (granted.status, granted.ended_on, granted.ended_by) == ("ended", date(2026, 11, 25), None)
        assert granted.ended_because == (
            f"A panel moved the overall grade of {audit.allocation.reference} by 2 steps."
        )
        assert told(asha) == ["moderation.exemption_ended"]
        assert sweep_moderation_exemptions(at=NOW) == NOTHING

    def test_one_change_by_one_step_does_not(self, granted: EarnedExemption, asha: User) -> None:
        decided_audit(asha, month=date(2026, 9, 1), final=Grade.REQUIRES_IMPROVEMENT)
        assert sweep_moderation_exemptions(at=NOW) == NOTHING

    def test_its_time_ends_it(self, granted: EarnedExemption) -> None:
        assert sweep_moderation_exemptions(at=moment(date(2027, 8, 31))) == NOTHING
        assert sweep_moderation_exemptions(at=moment(date(2027, 9, 1))) == {**NOTHING, "ended": 1}

    def test_leaving_ends_it(self, granted: EarnedExemption, asha: User) -> None:
        asha.memberships.filter(role=Role.AUDITOR).update(ends_on=date(2026, 11, 1))
        sweep_moderation_exemptions(at=NOW)
        granted.refresh_from_db()
        assert granted.ended_because == "Is no longer an auditor."

    def test_what_it_rested_on_earns_nothing_again(self, asha: User, quentin: User) -> None:
        earning_auditor(asha, months=MONTHS)
        sweep_moderation_exemptions(at=NOW)
        granted = decide_earned_exemption(EarnedExemption.objects.get(), grant=True, by=quentin, at=NOW)
        end_earned_exemption(granted, by=quentin, reason="Changed service.", at=NOW)
        assert sweep_moderation_exemptions(at=NOW + timedelta(days=1)) == NOTHING

    def test_the_qa_lead_may_end_it_with_a_reason(
        self, granted: EarnedExemption, asha: User, quentin: User
    ) -> None:
        with pytest.raises(RuleViolation, match="Say why it ends"):
            end_earned_exemption(granted, by=quentin, reason=" ", at=NOW)
        ended = end_earned_exemption(granted, by=quentin, reason="Changed service.", at=NOW)
        assert (ended.ended_by, ended.ended_because) == (quentin, "Changed service.")
        assert end_earned_exemption(granted, by=quentin, reason="Again.", at=NOW).ended_because == (
            "Changed service."
        )

    def test_nobody_ends_their_own(self, granted: EarnedExemption, asha: User) -> None:
        MembershipFactory(user=asha, role=Role.PSW)
        with pytest.raises(RuleViolation):
            end_earned_exemption(granted, by=asha, reason="Mine.", at=NOW)

    def test_a_proposal_is_not_ended(self, asha: User, quentin: User) -> None:
        proposal = earned_exemption(asha, starts_on=date(2026, 9, 1), status=EarnedStatus.PROPOSED)
        with pytest.raises(RuleViolation, match="Only an exemption that is in force"):
            end_earned_exemption(proposal, by=quentin, reason="No.", at=NOW)


def test_who_sees_which(asha: User, quentin: User, bella: User) -> None:
    earned_exemption(asha, starts_on=date(2026, 9, 1), status=EarnedStatus.PROPOSED)
    rows = EarnedExemption.objects
    assert (
        rows.visible_to(quentin).count(),
        rows.visible_to(asha).count(),
        rows.visible_to(bella).count(),
    ) == (
        1,
        0,
        0,
    )
    bo = auditor("Bo Auditor")
    granted = earned_exemption(bo, starts_on=date(2026, 9, 1))
    assert [*rows.visible_to(bo)] == [granted]


class TestHistory:
    """What the database refuses, by raw SQL; the twin takes the guards away and the same statement passes."""

    STATEMENTS = (
        "UPDATE moderation_earnedexemption SET confirmed = 5",
        "UPDATE moderation_earnedexemption SET review_on = '2030-01-01'",
        "UPDATE moderation_earnedexemption SET spot_check_percent = 0",
        "DELETE FROM moderation_earnedexemption",
    )

    @pytest.mark.parametrize("statement", STATEMENTS)
    def test_nobody_edits_history(self, asha: User, statement: str) -> None:
        earned_exemption(asha, starts_on=date(2026, 9, 1))
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        with lifted(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_what_is_over_stays(self, asha: User, quentin: User) -> None:
        exemption = earned_exemption(asha, starts_on=date(2026, 9, 1))
        end_earned_exemption(exemption, by=quentin, reason="Changed service.", at=NOW)
        statement = "UPDATE moderation_earnedexemption SET ended_because = 'Nothing'"
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        with lifted(), connection.cursor() as cursor:
            cursor.execute(statement)
