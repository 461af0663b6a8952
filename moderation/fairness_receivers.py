"""Who is told of selections, earned exemptions and calibration: rows in the outbox, written with the fact."""

from typing import Any

from django.dispatch import receiver

from audits.models import Audit, ImmediateConcern, WorkerReply
from audits.signals import audit_submitted, concern_raised, worker_reply_recorded
from core.dates import london_date
from moderation.fairness_signals import (
    calibration_opened,
    earned_exemption_decided,
    earned_exemption_ended,
)
from moderation.models import CalibrationExercise, EarnedExemption
from moderation.services.calibration import who_grades
from moderation.services.selection import select_for_moderation
from notifications.services import queue_message


@receiver(audit_submitted, sender=Audit)
def select_submitted_audit(audit: Audit, **kwargs: Any) -> None:
    """Whether a panel must see it is written down with its submission."""
    select_for_moderation(audit, is_first=kwargs["first"], at=kwargs["at"])


@receiver(worker_reply_recorded, sender=WorkerReply)
def select_disputed_audit(reply: WorkerReply, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """A worker who disagrees brings it to a panel, whatever the exemption."""
    select_for_moderation(reply.audit)


@receiver(concern_raised, sender=ImmediateConcern)
def select_audit_of_concern(concern: ImmediateConcern, **kwargs: Any) -> None:  # noqa: ARG001
    """So does a child at risk, where the audit waits for the lot."""
    if concern.audit:
        select_for_moderation(concern.audit)


@receiver(earned_exemption_decided, sender=EarnedExemption)
def tell_of_earned_exemption(exemption: EarnedExemption, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """The auditor is told when it is granted; what was declined had not been asked for."""
    if exemption.starts_on:
        queue_message(
            "moderation.exemption_granted",
            to=exemption.auditor,
            subject_key=f"earned-exemption-{exemption.pk}",
            context={
                "percent": exemption.spot_check_percent,
                "review_on": f"{exemption.review_on:%-d %B %Y}",
            },
        )


@receiver(earned_exemption_ended, sender=EarnedExemption)
def tell_of_ended_exemption(exemption: EarnedExemption, **kwargs: Any) -> None:  # noqa: ARG001
    """That it ended, and nothing of why: the reason is on a page."""
    queue_message(
        "moderation.exemption_ended",
        to=exemption.auditor,
        subject_key=f"earned-exemption-{exemption.pk}",
    )


@receiver(calibration_opened, sender=CalibrationExercise)
def ask_everybody_to_grade(exercise: CalibrationExercise, **kwargs: Any) -> None:  # noqa: ARG001
    if exercise.opened_at is None or exercise.closes_on is None:
        raise ValueError(f"{exercise} was opened without its days")
    for person in who_grades(london_date(exercise.opened_at)):
        queue_message(
            "moderation.calibration_opened",
            to=person,
            subject_key=exercise.reference,
            context={
                "reference": exercise.reference,
                "closes_on": f"{exercise.closes_on:%-d %B %Y}",
                "event": {
                    "uid": f"{exercise.reference}-{person.pk}",
                    "on": f"{exercise.closes_on:%Y-%m-%d}",
                    "summary": "Calibration exercise closes",
                    "path": f"/moderation/calibration/{exercise.reference}/",
                },
            },
        )
