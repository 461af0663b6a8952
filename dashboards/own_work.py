"""What reports ask of people, for My work."""

from datetime import date

from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from accounts.roles import roles_of
from audits.work import WorkItem
from dashboards.documents import period_named
from dashboards.enums import ReportStatus
from dashboards.models import LearningBrief, ReportDocument
from dashboards.permissions import can_write_briefs


def reports_to_review(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001 - every function of My work takes the day
    """The reports that wait for this PSW. One query, none for others."""
    if Role.PSW not in roles_of(user):
        return []
    waiting = ReportDocument.objects.filter(status=ReportStatus.IN_REVIEW).exclude(sent_by=user)
    return [
        WorkItem(
            title=f"Review the report {document.period}",
            url=reverse("dashboards:report_detail", args=(period_named(document.period),)),
            what="It waits to be published or returned",
        )
        for document in waiting
    ]


def briefs_to_review(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    """The learning briefs that wait for this person to publish or return them. One query, none for others."""
    if not can_write_briefs(user):
        return []
    waiting = LearningBrief.objects.filter(status=ReportStatus.IN_REVIEW).exclude(sent_by=user)
    return [
        WorkItem(
            title=f"Review the learning brief {brief.reference}",
            url=reverse("dashboards:brief_detail", args=(brief.reference,)),
            what="It waits to be published or returned",
        )
        for brief in waiting
    ]


WORK = (reports_to_review, briefs_to_review)
