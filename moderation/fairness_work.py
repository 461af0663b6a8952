"""What earned exemptions and calibration ask of a person, for My work."""

from datetime import date

from django.urls import reverse

from accounts.models import User
from audits.work import WorkItem
from moderation.fairness_permissions import can_grade_calibration, can_see_all_of_moderation
from moderation.models import CalibrationExercise, CalibrationGrade, EarnedExemption


def exemptions_to_grant(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001 - what registered work takes
    """Proposals wait for whoever may decide them. One query."""
    if not can_see_all_of_moderation(user):
        return []
    rows = EarnedExemption.objects.proposed().exclude(auditor=user).select_related("auditor")
    return [
        WorkItem(
            f"Decide on the earned exemption of {exemption.auditor}",
            reverse("fairness:earned_detail", args=(exemption.pk,)),
            f"{exemption.basis}.",
        )
        for exemption in rows.order_by("proposed_at", "pk")
    ]


def calibration_to_grade(user: User, today: date) -> list[WorkItem]:
    """Open exercises of which one has not graded every text. Two queries."""
    if not can_grade_calibration(user):
        return []
    exercises = CalibrationExercise.objects.open().filter(closes_on__gte=today).prefetch_related("texts")
    own = set(
        CalibrationGrade.objects.filter(person=user, text__exercise__in=exercises).values_list(
            "text", flat=True
        )
    )
    return [
        WorkItem(
            f"Grade the calibration exercise {exercise.reference}",
            reverse("fairness:calibration_detail", args=(exercise.reference,)),
            f"{sum(text.pk in own for text in exercise.texts.all())} of {len(exercise.texts.all())} graded. "
            "Nobody sees your grades before it closes.",
            due_on=exercise.closes_on,
        )
        for exercise in exercises
        if any(text.pk not in own for text in exercise.texts.all())
    ]


WORK = (exemptions_to_grant, calibration_to_grade)
