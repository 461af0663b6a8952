"""What happens when an audit is submitted, and when spot checks are drawn (docs/domain.md, section 7, R1 and R2)."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from audits.enums import AuditStatus, Grade, ReplyOutcome
from audits.models import Audit, AuditMove, WorkerReply
from audits.signals import audit_submitted, worker_reply_recorded
from moderation.case_facts import submitted_facts
from moderation.models import EarnedExemption, ModerationCase, ModerationSettings, SpotCheckDraw
from moderation.sampling import Rules, Submitted, draw_spot_checks
from moderation.selectors import awaiting_panel
from moderation.services import selection
from moderation.services.selection import select_for_moderation, sweep_spot_checks
from tests.conftest import AssertQueries
from tests.factories.accounts import auditor
from tests.factories.audits import QuestionFactory, moment, submitted_audit
from tests.factories.fairness import earned_exemption

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 1)
SUBMITTED = date(2026, 11, 9)
DRAWN = moment(date(2026, 11, 16))
"""Five working days later."""


@pytest.fixture
def exempt(db: None) -> User:
    """Esme, an exempt auditor whose first three audits are long past."""
    esme = auditor("Esme Exempt")
    for month in (6, 7, 8):
        old = submitted_audit(by=esme, month=date(2026, month, 1))
        Audit.objects.filter(pk=old.pk).update(status=AuditStatus.FINALISED, finalised_at=DRAWN)
    earned_exemption(esme, starts_on=date(2026, 9, 1))
    return esme


def handed_in(by: User, **facts: object) -> Audit:
    return submitted_audit(**{"by": by, "month": NOVEMBER, "submitted_on": SUBMITTED, **facts})


def reasons(audit: Audit) -> list[str]:
    case = select_for_moderation(audit, at=DRAWN)
    assert case is not None
    assert case.must_moderate is bool(case.reasons)
    return list(case.reasons)


class TestSelecting:
    def test_an_audit_of_an_auditor_without_an_exemption(self, asha: User) -> None:
        for month in (6, 7, 8):
            submitted_audit(by=asha, month=date(2026, month, 1))
        assert reasons(handed_in(asha)) == ["not_exempt"]

    def test_an_auditors_first_three_are_counted(self, asha: User) -> None:
        audits = [submitted_audit(by=asha, month=date(2026, month, 1)) for month in (6, 7, 8, 9)]
        assert ["first_audits" in reasons(audit) for audit in audits] == [True, True, True, False]

    def test_nothing_brings_an_exempt_auditors_audit_to_a_panel(self, exempt: User) -> None:
        assert reasons(handed_in(exempt)) == []

    @pytest.mark.parametrize("overall", [Grade.INADEQUATE, Grade.OUTSTANDING])
    def test_both_ends_of_the_scale_are_always_moderated(self, exempt: User, overall: str) -> None:
        assert reasons(handed_in(exempt, overall=overall)) == [overall]

    def test_an_immediate_concern_is_always_moderated(self, exempt: User) -> None:
        audit = handed_in(exempt)
        question = QuestionFactory(code="W5", section="process", kind="choice")
        audit.answers.create(question=question, value="yes")
        assert reasons(audit) == ["immediate_concern"]

    def test_an_overridden_ceiling_is_always_moderated(self, exempt: User) -> None:
        audit = handed_in(exempt)
        audit.sections.filter(section="plans").update(
            ceiling=Grade.REQUIRES_IMPROVEMENT, override_reason="The plan was renewed the same week."
        )
        assert reasons(audit) == ["ceiling_overridden"]

    def test_an_ended_exemption_exempts_nobody(self, exempt: User) -> None:
        EarnedExemption.objects.update(
            status="ended", ended_on=date(2026, 11, 2), ended_because="Two steps down."
        )
        assert reasons(handed_in(exempt)) == ["not_exempt"]

    def test_a_reason_stays_and_another_is_added(self, exempt: User) -> None:
        audit = handed_in(exempt, overall=Grade.INADEQUATE)
        assert reasons(audit) == ["inadequate"]
        audit.sections.filter(section="overall").update(grade=Grade.OUTSTANDING)
        assert reasons(audit) == ["inadequate", "outstanding"]
        assert ModerationCase.objects.count() == 1

    def test_an_audit_that_is_not_with_a_panel_is_left_alone(self, exempt: User) -> None:
        audit = handed_in(exempt)
        Audit.objects.filter(pk=audit.pk).update(status=AuditStatus.RETURNED)
        assert select_for_moderation(audit) is None
        assert ModerationCase.objects.exists() is False

    def test_it_happens_with_the_submission(self, asha: User) -> None:
        audit = handed_in(asha)
        audit_submitted.send(Audit, audit=audit, by=asha, at=DRAWN, first=True, overall="good")
        assert [case.audit for case in awaiting_panel()] == [audit]


class TestSpotChecks:
    def test_what_is_not_drawn_is_final_with_its_auditors_grades(
        self, exempt: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        audits = [handed_in(exempt) for _ in range(4)]
        monkeypatch.setattr(selection.secrets, "randbelow", lambda below: 41)
        assert sweep_spot_checks(at=DRAWN) == {"selected": 4, "drawn": 1, "finalised": 3}
        draw = SpotCheckDraw.objects.get()
        taking_part = [Submitted(reference, "good", 9, percent) for reference, percent in draw.took_part]
        again = draw_spot_checks(taking_part, seed=draw.seed, rules=Rules())
        assert (draw.seed, draw.drawn) == (41, sorted(again.drawn))
        for audit in audits:
            audit.refresh_from_db()
            case = audit.moderation_case
            is_drawn = audit.allocation.reference in again.drawn
            assert case.reasons == (["spot_check"] if is_drawn else [])
            assert audit.status == (AuditStatus.SUBMITTED if is_drawn else AuditStatus.FINALISED)
            assert AuditMove.objects.filter(audit=audit, by=None).count() == (0 if is_drawn else 1)

    def test_twice_changes_nothing(self, exempt: User) -> None:
        for _ in range(3):
            handed_in(exempt)
        sweep_spot_checks(at=DRAWN)
        before = list(ModerationCase.objects.order_by("pk").values())
        assert sweep_spot_checks(at=DRAWN + timedelta(days=1)) == {
            "selected": 0,
            "drawn": 0,
            "finalised": 0,
        }
        assert list(ModerationCase.objects.order_by("pk").values()) == before

    def test_the_worker_has_time_to_dispute_first(self, exempt: User) -> None:
        audit = handed_in(exempt)
        early = moment(date(2026, 11, 13))
        assert sweep_spot_checks(at=early) == {"selected": 1, "drawn": 0, "finalised": 0}
        audit.refresh_from_db()
        assert audit.status == AuditStatus.SUBMITTED
        assert sum(sweep_spot_checks(at=DRAWN).values()) == 1

    def test_a_reason_found_meanwhile_goes_before_the_lot(self, exempt: User) -> None:
        audit = handed_in(exempt)
        sweep_spot_checks(at=moment(SUBMITTED))
        EarnedExemption.objects.update(
            status="ended", ended_on=date(2026, 11, 12), ended_because="Two steps down."
        )
        assert sweep_spot_checks(at=DRAWN) == {"selected": 0, "drawn": 0, "finalised": 0}
        audit.refresh_from_db()
        assert (audit.status, audit.moderation_case.reasons) == (AuditStatus.SUBMITTED, ["not_exempt"])

    def test_audits_from_before_the_service_moderated_get_their_case(self, asha: User) -> None:
        handed_in(asha)
        assert sweep_spot_checks(at=DRAWN)["selected"] == 1
        assert awaiting_panel().count() == 1

    def test_a_council_may_check_all(self) -> None:
        ModerationSettings.objects.create(pk=1, days_to_dispute=1, first_audits=0)
        everything = auditor("Eva Exempt")
        earned_exemption(everything, starts_on=date(2026, 9, 1), percent=100)
        handed_in(everything)
        assert sweep_spot_checks(at=DRAWN) == {"selected": 1, "drawn": 1, "finalised": 0}


def test_a_worker_who_disagrees_brings_it_to_a_panel(exempt: User) -> None:
    audit = handed_in(exempt)
    select_for_moderation(audit, at=DRAWN)
    reply = WorkerReply.objects.create(
        audit=audit,
        outcome=ReplyOutcome.DISAGREES,
        said_on=SUBMITTED,
        text="We visited.",
        recorded_by=exempt,
        recorded_at=DRAWN,
    )
    worker_reply_recorded.send(WorkerReply, reply=reply)
    case = ModerationCase.objects.get()
    assert (case.must_moderate, case.reasons) == (True, ["disputed"])


def test_the_facts_take_one_query_for_one_audit_and_for_three(
    exempt: User, assert_queries: AssertQueries
) -> None:
    audits = [handed_in(exempt).pk for _ in range(3)]
    for some in (audits[:1], audits):
        with assert_queries(1):
            assert len(submitted_facts(some)[0]) == len(some)


def test_selecting_with_the_submission_takes_two_queries(exempt: User, assert_queries: AssertQueries) -> None:
    audit = handed_in(exempt)
    with assert_queries(2):  # the facts with the council's choice, the row
        select_for_moderation(audit, is_first=True, at=DRAWN)


def test_what_was_final_by_lot_and_is_reopened_goes_to_a_panel(exempt: User) -> None:
    audit = handed_in(exempt)
    ModerationCase.objects.create(
        audit=audit,
        must_moderate=False,
        draw=SpotCheckDraw.objects.create(seed=1, drawn_at=DRAWN, took_part=[]),
        selected_at=DRAWN,
    )
    assert reasons(audit) == []
    AuditMove.objects.create(audit=audit, from_status="finalised", to_status="reopened", by=exempt, at=DRAWN)
    assert reasons(audit) == ["reopened"]
    assert [case.audit for case in awaiting_panel()] == [audit]


def test_what_is_submitted_after_the_draw_takes_no_part(exempt: User) -> None:
    handed_in(exempt, submitted_on=date(2026, 11, 17))
    assert sweep_spot_checks(at=DRAWN) == {"selected": 0, "drawn": 0, "finalised": 0}


def test_the_database_refuses_a_case_without_a_reason(exempt: User) -> None:
    audit = handed_in(exempt)
    for must, why in ((True, []), (False, ["disputed"])):
        with pytest.raises(IntegrityError), transaction.atomic():
            ModerationCase.objects.create(
                audit=audit, must_moderate=must, reasons=why, selected_at=datetime.now(tz=DRAWN.tzinfo)
            )
