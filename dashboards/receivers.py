"""Telling people about reports: rows in the outbox, written with the fact. A mail holds a link and no figure."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from core.dates import london_date
from dashboards.documents import period_named
from dashboards.models import ReportDocument, ReportVersion
from dashboards.querysets import PUBLISHED_READERS
from dashboards.signals import report_published, report_returned, report_sent
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
    on = london_date(version.published_at)
    readers = {person.pk: person for role in PUBLISHED_READERS for person in User.objects.holding(role, on)}
    context = {
        "period": version.document.period,
        "number": version.number,
        "path": reverse(
            "dashboards:version_detail", args=(period_named(version.document.period), version.number)
        ),
    }
    for pk, reader in sorted(readers.items()):
        if pk != version.published_by_id:
            queue_message(
                "dashboards.report_published",
                to=reader,
                subject_key=f"report-{version.document.period}",
                period=str(version.number),
                context=context,
            )


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
