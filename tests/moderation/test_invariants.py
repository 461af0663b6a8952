"""Each check of moderation sees the one thing it is for, put into the database behind the services' back."""

from collections.abc import Callable
from datetime import date

import pytest

from accounts.models import User
from audits.enums import AuditStatus, Section
from audits.models import Audit, ImportedAudit
from core.guards import lifted
from moderation.invariants import CHECKS
from moderation.models import DecisionLine, EarnedExemption, ModerationCase, SpotCheckDraw, Tabling
from moderation.services.earned import (
    decide_earned_exemption,
    end_earned_exemption,
    sweep_moderation_exemptions,
)
from moderation.services.selection import select_for_moderation, sweep_spot_checks
from tests.factories.accounts import auditor
from tests.factories.audits import moment, submitted_audit
from tests.factories.fairness import decide_again, earning_auditor

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 1)
EARNED = moment(date(2026, 11, 2))
DRAWN = moment(date(2026, 11, 24))


@pytest.fixture
def fair(asha: User, quentin: User) -> None:
    """Six decisions earned Asha an exemption; of her two next audits one was drawn by lot. One of Bo's waits."""
    earning_auditor(asha, months=tuple(date(2026, month, 1) for month in range(4, 10)))
    sweep_moderation_exemptions(at=EARNED)
    decide_earned_exemption(EarnedExemption.objects.get(), grant=True, by=quentin, at=EARNED)
    for _ in range(4):
        submitted_audit(by=asha, month=NOVEMBER, submitted_on=date(2026, 11, 9))
    sweep_spot_checks(at=DRAWN, seed=41)
    select_for_moderation(submitted_audit(by=auditor("Bo Auditor"), month=NOVEMBER), at=DRAWN)


def broken() -> list[str]:
    return [check.name for check in CHECKS if list(check.broken())]


def no_case() -> None:
    ModerationCase.objects.filter(audit__allocation__auditor__name="Bo Auditor").delete()


def final_by_nobody() -> None:
    Audit.objects.filter(allocation__auditor__name="Bo Auditor").update(
        status=AuditStatus.FINALISED, finalised_at=DRAWN
    )


def left_by_lot_and_waiting() -> None:
    left = ModerationCase.objects.filter(must_moderate=False).values("audit")
    Audit.objects.filter(pk__in=left).update(status=AuditStatus.RESUBMITTED, finalised_at=None)


def another_seed() -> None:
    draw = SpotCheckDraw.objects.get()
    references = {reference for reference, _ in draw.took_part} - set(draw.drawn)
    SpotCheckDraw.objects.update(drawn=[min(references)])


def two_at_once() -> None:
    row = EarnedExemption.objects.get()
    EarnedExemption.objects.update(status="ended", ended_on=date(2026, 11, 20), ended_because="Left.")
    row.pk, row.starts_on = None, date(2026, 11, 19)
    row.save(force_insert=True)


def more_than_was_decided() -> None:
    EarnedExemption.objects.update(moderated=7)


CORRUPTIONS: dict[str, Callable[[], None]] = {
    "moderation_cases": no_case,
    "final_by_decision": final_by_nobody,
    "not_drawn_final": left_by_lot_and_waiting,
    "lots": another_seed,
    "exemptions_in_order": two_at_once,
    "exemptions_rest": more_than_was_decided,
}


@pytest.mark.usefixtures("fair")
def test_what_the_services_made_holds() -> None:
    assert broken() == []
    assert {check.name for check in CHECKS} == set(CORRUPTIONS)
    assert set(Audit.objects.values_list("status", flat=True)) == {"submitted", "finalised"}


@pytest.mark.usefixtures("fair")
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corrupted_row_is_seen(name: str) -> None:
    with lifted():
        CORRUPTIONS[name]()
    assert broken() == [name]


@pytest.mark.usefixtures("fair")
def test_an_ended_exemption_and_a_second_decision_are_in_order(asha: User, quentin: User) -> None:
    end_earned_exemption(EarnedExemption.objects.get(), by=quentin, reason="Left.", at=DRAWN)
    decide_again(Tabling.objects.first().audit, closed_on=date(2026, 12, 9), final="good")  # type: ignore[union-attr]
    assert broken() == []
    assert DecisionLine.objects.filter(section=Section.OVERALL).count() == 7


@pytest.mark.usefixtures("fair")
def test_what_came_from_the_former_forms_needs_no_case(asha: User) -> None:
    audit = submitted_audit(by=asha)
    Audit.objects.filter(pk=audit.pk).update(status=AuditStatus.FINALISED, finalised_at=DRAWN)
    ImportedAudit.objects.create(
        audit=audit, source="forms", external_id="7", digest="0" * 64, imported_at=DRAWN
    )
    assert broken() == []
