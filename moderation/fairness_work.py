"""What earned exemptions and calibration ask of a person, for My work."""

from datetime import date

from django.db.models import Count, Q
from django.urls import reverse

from accounts.models import User
from audits.work import WorkItem
from moderation.fairness_permissions import can_grade_calibration, can_see_all_of_moderation
from moderation.models import CalibrationExercise, EarnedExemption


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
    """Open exercises of which one has not graded every text. One query."""
    if not can_grade_calibration(user):
        return []
    wanted = Count("texts", distinct=True)
    graded = Count("texts__grades", filter=Q(texts__grades__person=user), distinct=True)
    exercises = CalibrationExercise.objects.open().filter(closes_on__gte=today).order_by("closes_on", "pk")
    return [
        WorkItem(
            f"Grade the calibration exercise {reference}",
            reverse("fairness:calibration_detail", args=(reference,)),
            f"{own} of {texts} graded. Nobody sees your grades before it closes.",
            due_on=closes_on,
        )
        for reference, closes_on, texts, own in exercises.annotate(wanted=wanted, graded=graded).values_list(
            "reference", "closes_on", "wanted", "graded"
        )
        if own < texts
    ]


WORK = (exemptions_to_grant, calibration_to_grade)
