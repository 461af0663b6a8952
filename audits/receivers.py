"""Telling people about the audit programme: rows in the outbox, written with the fact."""

from collections import Counter
from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from audits.models import Round
from audits.signals import round_published
from notifications.services import queue_message


@receiver(round_published, sender=Round)
def tell_auditors(round: Round, **kwargs: Any) -> None:  # noqa: A002, ARG001 - the signal's word; Django's signature
    """One mail to each auditor of a published round: how many audits, of which month, by when."""
    allocations = round.allocations.live().select_related("auditor").order_by("auditor__name", "auditor_id")
    for auditor, count in Counter(allocation.auditor for allocation in allocations).items():
        queue_message(
            "audits.allocation_issued",
            to=auditor,
            subject_key=round.reference,
            context={
                "count": count,
                "month": str(round),
                "due_on": f"{round.due_on:%-d %B %Y}",
                "event": {
                    "uid": f"{round.reference}-{auditor.pk}",
                    "on": f"{round.due_on:%Y-%m-%d}",
                    "summary": f"Audits due: {count}",
                    "path": reverse("my_work"),
                },
            },
        )
