"""What could not wait in the demonstration council: children at risk, and audits that were Inadequate."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from accounts.models import User
from audits.enums import Grade, Section
from audits.models import Audit, ImmediateConcern
from audits.services.concerns import Telephoned, acknowledge_concern, close_concern, raise_concern
from audits.services.urgent import tell_managers_of_inadequate
from config.demo.authors import story

DAYS_OF_NOTICES = 60


def tell_of_inadequate_audits(*, at: datetime, mails_went_out: Callable[[datetime], None]) -> None:
    """Managers heard the same day of each audit of the last weeks that is Inadequate overall."""
    audits = Audit.objects.submitted().filter(
        submitted_at__gte=at - timedelta(days=DAYS_OF_NOTICES),
        sections__section=Section.OVERALL,
        sections__grade=Grade.INADEQUATE,
    )
    for audit in audits.select_related("allocation__auditor", "allocation__child__team__service"):
        if audit.submitted_at:
            tell_managers_of_inadequate(audit, at=audit.submitted_at)
            mails_went_out(audit.submitted_at)


def raise_two_concerns(*, seed: int, at: datetime, mails_went_out: Callable[[datetime], None]) -> None:
    """Two auditors saw a child at risk in the last weeks: one concern is closed, of the other somebody takes care."""
    audits = Audit.objects.submitted().filter(
        submitted_at__lt=at - timedelta(days=3),
        sections__section=Section.OVERALL,
        sections__grade=Grade.INADEQUATE,
    )
    audits = audits.select_related("allocation__auditor", "allocation__child")
    chosen = list(audits.order_by("-submitted_at")[: len(story()["concerns"])])
    for number, (audit, words) in enumerate(zip(reversed(chosen), story()["concerns"], strict=False)):
        raised_at = (audit.submitted_at or at) - timedelta(minutes=20)
        concern = raise_concern(
            audit.allocation.audited_child.reference,
            risk=words["risk"],
            telephoned=Telephoned(words["telephoned"]),
            by=audit.allocation.auditor,
            key=uuid.UUID(int=seed + number),
            audit=audit,
            at=raised_at,
        )
        if (who := _first_told(concern)) is None:
            continue
        acknowledge_concern(concern, response=words["response"], by=who, at=raised_at + timedelta(minutes=11))
        if words["outcome"]:
            close_concern(concern, outcome=words["outcome"], by=who, at=raised_at + timedelta(days=1))
        mails_went_out(raised_at)


def _first_told(concern: ImmediateConcern) -> User | None:
    told = concern.told.select_related("person").first()
    return told.person if told else None
