"""Telling people about reports: rows in the outbox, written with the fact. A mail holds a link and no figure."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from audits.querysets import READING_ROLES
from core.dates import london_date
from dashboards.documents import period_named
from dashboards.models import BriefVersion, LearningBrief, ReportDocument, ReportVersion
from dashboards.querysets import BRIEF_READERS, PUBLISHED_READERS
from dashboards.signals import (
    brief_published,
    brief_returned,
    brief_sent,
    report_published,
    report_returned,
    report_sent,
)
from notifications.services import queue_message


@receiver(report_sent, sender=ReportDocument)
def ask_for_review(document: ReportDocument, at: datetime, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """Everybody who may review it: the Principal Social Workers, less whoever sent it."""
    for psw in User.objects.holding(Role.PSW, london_date(at)).exclude(pk=document.sent_by_id):
        _tell("dashboards.report_sent", document, to=psw)


@receiver(report_returned, sender=ReportDocument)
def tell_of_the_return(document: ReportDocument, sent_by: User, **kwargs: Any) -> None:  # noqa: ARG001
    """Whoever sent it: that it came back. What has to change stands on its page."""
    _tell("dashboards.report_returned", document, to=sent_by)


@receiver(report_published, sender=ReportVersion)
def tell_the_readers(version: ReportVersion, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """Everybody who reads published reports, less whoever published it: one mail a version."""
    context = {
        "period": version.document.period,
        "number": version.number,
        "path": reverse(
            "dashboards:version_detail", args=(period_named(version.document.period), version.number)
        ),
    }
    for reader in _holding(PUBLISHED_READERS, london_date(version.published_at)):
        if reader.pk != version.published_by_id:
            queue_message(
                "dashboards.report_published",
                to=reader,
                subject_key=f"report-{version.document.period}",
                period=str(version.number),
                context=context,
            )


@receiver(brief_sent, sender=LearningBrief)
def ask_for_review_of_brief(brief: LearningBrief, at: datetime, **kwargs: Any) -> None:  # noqa: ARG001
    """Everybody who may publish it: the QA leads and the Principal Social Workers, less whoever sent it."""
    for person in _holding(READING_ROLES, london_date(at)):
        if person.pk != brief.sent_by_id:
            _tell_of_brief("dashboards.brief_sent", brief, to=person)


@receiver(brief_returned, sender=LearningBrief)
def tell_of_the_returned_brief(brief: LearningBrief, sent_by: User, **kwargs: Any) -> None:  # noqa: ARG001
    """Whoever sent it: that it came back."""
    _tell_of_brief("dashboards.brief_returned", brief, to=sent_by)


@receiver(brief_published, sender=BriefVersion)
def tell_who_learns(version: BriefVersion, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """Everybody who audits, manages or leads, less whoever published it: one mail a version."""
    brief = version.brief
    context = {
        "reference": brief.reference,
        "path": reverse("dashboards:brief_version", args=(brief.reference, version.number)),
    }
    for reader in _holding(BRIEF_READERS, london_date(version.published_at)):
        if reader.pk != version.published_by_id:
            queue_message(
                "dashboards.brief_published",
                to=reader,
                subject_key=brief.reference,
                period=str(version.number),
                context=context,
            )


def _holding(roles: Iterable[Role], on: date) -> list[User]:
    """Everybody who holds one of the roles on the day, once."""
    found = {person.pk: person for role in roles for person in User.objects.holding(role, on)}
    return [person for _, person in sorted(found.items())]


def _tell_of_brief(kind: str, brief: LearningBrief, *, to: User) -> None:
    """One mail a move: a brief may be sent and returned more than once."""
    context = {
        "reference": brief.reference,
        "path": reverse("dashboards:brief_detail", args=(brief.reference,)),
    }
    queue_message(kind, to=to, subject_key=brief.reference, period=str(brief.moves.count()), context=context)


def _tell(kind: str, document: ReportDocument, *, to: User) -> None:
    """One mail a move: a report may be sent and returned more than once."""
    context = {
        "period": document.period,
        "path": reverse("dashboards:report_detail", args=(period_named(document.period),)),
    }
    queue_message(
        kind,
        to=to,
        subject_key=f"report-{document.period}",
        period=str(document.moves.count()),
        context=context,
    )
