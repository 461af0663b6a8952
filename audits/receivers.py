"""Telling people about the audit programme: rows in the outbox, written with the fact."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.dispatch import receiver
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, User
from audits.enums import AllocationKind, Grade, ToolStatus
from audits.models import (
    Allocation,
    Audit,
    Exemption,
    ImmediateConcern,
    Round,
    ToolVersion,
    UrgentNotice,
    WorkerReply,
)
from audits.services.urgent import tell_managers_of_inadequate
from audits.signals import (
    allocation_reallocated,
    audit_reopened,
    audit_returned,
    audit_submitted,
    audit_voided,
    concern_acknowledged,
    concern_escalated,
    concern_raised,
    exemption_decided,
    round_published,
    tool_decided,
    tool_proposed,
    urgent_notices_given,
    worker_reply_recorded,
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


@receiver(concern_raised, sender=ImmediateConcern)
def tell_of_the_concern(concern: ImmediateConcern, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """That there is a concern to acknowledge, and where; nothing of the child or the risk."""
    for told in concern.told.filter(is_escalation=False).select_related("person"):
        _mail_concern("audits.concern_raised", concern, to=told.person)


@receiver(concern_escalated, sender=ImmediateConcern)
def tell_that_nobody_answered(concern: ImmediateConcern, **kwargs: Any) -> None:  # noqa: ARG001
    for told in concern.told.filter(is_escalation=True).select_related("person"):
        _mail_concern("audits.concern_escalated", concern, to=told.person)


@receiver(concern_acknowledged, sender=ImmediateConcern)
def tell_who_raised_it(concern: ImmediateConcern, **kwargs: Any) -> None:  # noqa: ARG001
    """That somebody has taken it on; who, and what they will do, is on the page."""
    _mail_concern("audits.concern_acknowledged", concern, to=concern.raised_by)


def _mail_concern(kind: str, concern: ImmediateConcern, *, to: User) -> None:
    path = reverse("concerns:concern_detail", args=(concern.pk,))
    context = {"reference": concern.reference, "path": path}
    queue_message(kind, to=to, subject_key=concern.reference, context=context)


@receiver(audit_submitted, sender=Audit)
def tell_managers_the_same_day(audit: Audit, at: datetime, overall: str, **kwargs: Any) -> None:  # noqa: ARG001
    if overall == Grade.INADEQUATE:
        tell_managers_of_inadequate(audit, at=at)


@receiver(urgent_notices_given, sender=Audit)
def mail_urgent_notices(audit: Audit, notices: list[UrgentNotice], **kwargs: Any) -> None:  # noqa: ARG001
    """That an audit needs attention today, and where; neither the grade nor the child."""
    reference = audit.allocation.reference
    context = {"reference": reference, "path": reverse("audits:audit_urgent", args=(reference,))}
    for notice in notices:
        queue_message(
            "audits.audit_needs_attention", to=notice.person, subject_key=reference, context=context
        )


@receiver(audit_returned, sender=Audit)
def tell_of_the_return(audit: Audit, at: datetime, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """That there is something to add; what it is stands on the audit's page."""
    _tell_auditor_of_move("audits.audit_returned", audit, at)


@receiver(audit_reopened, sender=Audit)
def tell_of_the_reopening(audit: Audit, at: datetime, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """That a final audit is theirs to write again; the reason stands on the audit's page."""
    _tell_auditor_of_move("audits.audit_reopened", audit, at)


@receiver(audit_voided, sender=Audit)
def tell_that_it_is_void(audit: Audit, at: datetime, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """That the audit no longer counts; the reason stands on the audit's page."""
    _tell_auditor_of_move("audits.audit_voided", audit, at)


@receiver(audit_submitted, sender=Audit)
def tell_who_asks_the_worker(audit: Audit, at: datetime, first: bool, **kwargs: Any) -> None:  # noqa: ARG001, FBT001 - Django's signature
    """The manager of the child's team, when the social worker was told something that they may reply to.

    The service manager where the team has no manager; never the auditor.
    """
    told = getattr(audit, "worker_feedback", None)
    if not first or told is None or not told.text:
        return
    on = london_date(at)
    held = Membership.objects.on(on).filter(user__is_active=True).exclude(user=audit.allocation.auditor_id)
    of_team = Q(role=Role.TEAM_MANAGER, team=audit.team_id)
    of_service = Q(role=Role.SERVICE_MANAGER, service__teams=audit.team_id)
    managers = list(held.filter(of_team | of_service).select_related("user"))
    first_asked = [held for held in managers if held.role == Role.TEAM_MANAGER] or managers
    reference = audit.allocation.reference
    for manager in first_asked[:1]:
        queue_message(
            "audits.worker_reply_asked",
            to=manager.user,
            subject_key=reference,
            context={"reference": reference, "path": reverse("audits:worker_reply", args=(reference,))},
        )


@receiver(worker_reply_recorded, sender=WorkerReply)
def tell_of_the_reply(reply: WorkerReply, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """The auditor: that the social worker replied, and nothing of what they said."""
    reference = reply.audit.allocation.reference
    queue_message(
        "audits.worker_reply_recorded",
        to=reply.audit.allocation.auditor,
        subject_key=reference,
        context={"reference": reference, "path": reverse("audits:audit_detail", args=(reference,))},
    )


def _tell_auditor_of_move(kind: str, audit: Audit, at: datetime) -> None:
    """One mail for each move: the same audit may be returned twice."""
    reference = audit.allocation.reference
    queue_message(
        kind,
        to=audit.allocation.auditor,
        subject_key=reference,
        period=at.isoformat(timespec="seconds"),
        context={"reference": reference, "path": reverse("audits:audit_detail", args=(reference,))},
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
