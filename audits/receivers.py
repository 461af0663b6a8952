"""Telling people about the audit programme: rows in the outbox, written with the fact."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.dispatch import receiver
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audits.enums import AllocationKind, ToolStatus
from audits.models import Allocation, Exemption, Round, ToolVersion
from audits.signals import (
    allocation_reallocated,
    exemption_decided,
    round_published,
    tool_decided,
    tool_proposed,
)
from core.dates import london_date
from notifications.services import queue_message


@receiver(round_published, sender=Round)
def tell_auditors(round: Round, **kwargs: Any) -> None:  # noqa: A002, ARG001 - the signal's word; Django's signature
    """One mail to each auditor of a published round: how many audits, of which month, by when."""
    given: defaultdict[User, Counter[str]] = defaultdict(Counter)
    for row in round.allocations.live().select_related("auditor").order_by("auditor__name", "auditor_id"):
        given[row.auditor][row.kind] += 1
    for auditor, kinds in given.items():
        _tell(auditor, kinds, subject_key=round.reference, month=round, due_on=round.due_on)


@receiver(allocation_reallocated, sender=Allocation)
def tell_the_new_auditor(allocation: Allocation, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """The same mail, about the one child that is theirs now."""
    _tell(
        allocation.auditor,
        {allocation.kind: 1},
        subject_key=allocation.reference,
        month=allocation.round,
        due_on=allocation.due_on,
    )


@receiver(exemption_decided, sender=Exemption)
def tell_of_the_decision(exemption: Exemption, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """That it is decided, and nothing of what: the reason may be private."""
    queue_message("audits.exemption_decided", to=exemption.auditor, subject_key=f"exemption-{exemption.pk}")


@receiver(tool_proposed, sender=ToolVersion)
def ask_for_approval(version: ToolVersion, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """Everybody who may approve it: the Principal Social Workers, less whoever sent it."""
    on = london_date(version.proposed_at or timezone.now())
    for psw in User.objects.holding(Role.PSW, on).exclude(pk=version.proposed_by_id):
        _tell_of_tool("audits.tool_proposed", version, to=psw)


@receiver(tool_decided, sender=ToolVersion)
def tell_of_the_tool(version: ToolVersion, proposed_by: User, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """Whoever sent it for approval: that it is published, or that it came back."""
    _tell_of_tool("audits.tool_decided", version, to=proposed_by)


def _tell_of_tool(kind: str, version: ToolVersion, *, to: User) -> None:
    """One mail a move: a version may be sent and returned more than once."""
    context = {
        "tool": str(version),
        "published": version.status == ToolStatus.PUBLISHED,
        "path": reverse("tools:tool_version_detail", args=(version.tool.code, version.number)),
    }
    queue_message(
        kind,
        to=to,
        subject_key=f"{version.tool.code}-{version.number}",
        period=str(version.moves.count()),
        context=context,
    )


def _tell(auditor: User, kinds: Mapping[str, int], *, subject_key: str, month: Round, due_on: date) -> None:
    words = [
        f"{kinds[kind]} {kind.label.lower()}{pluralize(kinds[kind])}"
        for kind in AllocationKind
        if kinds.get(kind)
    ]
    context = {
        "what": " and ".join(words),
        "count": sum(kinds.values()),
        "cjas": kinds.get(AllocationKind.CJA, 0),
        "month": str(month),
        "due_on": f"{due_on:%-d %B %Y}",
        "event": {
            "uid": f"{subject_key}-{auditor.pk}",
            "on": f"{due_on:%Y-%m-%d}",
            "summary": f"Audits due: {sum(kinds.values())}",
            "path": reverse("my_work"),
        },
    }
    queue_message("audits.allocation_issued", to=auditor, subject_key=subject_key, context=context)
