"""What the audit programme asks of a person, for My work."""

from datetime import date

from django.urls import reverse
from django.utils.formats import date_format

from accounts.models import User
from audits.enums import BEING_WRITTEN, AuditStatus, RoundStatus, ToolStatus
from audits.models import Allocation, Audit, Exemption, Round, ToolVersion
from audits.permissions import can_approve_tools, can_decide_exemptions, can_publish_round
from audits.work import WorkItem


def months_to_publish(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001 - what registered work takes
    if not can_publish_round(user):
        return []
    return [
        WorkItem(
            f"Publish the round of {round_}",
            reverse("programme:round_detail", args=(round_.reference,)),
            f"Drawn on {date_format(round_.drawn_at)}. Nobody has been told yet.",
        )
        for round_ in Round.objects.filter(status=RoundStatus.DRAFT)
    ]


def exemptions_to_decide(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    if not can_decide_exemptions(user):
        return []
    return [
        WorkItem(
            f"Decide on the exemption of {exemption.auditor}",
            reverse("programme:exemption_detail", args=(exemption.pk,)),
            str(exemption),
        )
        for exemption in Exemption.objects.waiting().exclude(auditor=user).select_related("auditor")
    ]


def months_whose_children_left(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    if not can_publish_round(user):
        return []
    left = Allocation.objects.child_has_left().values("round")
    return [
        WorkItem(
            f"Look at the children who left: {round_}",
            reverse("programme:round_detail", args=(round_.reference,)),
            "Their audits are outstanding. Withdraw them, or leave them with their auditors.",
        )
        for round_ in Round.objects.filter(status=RoundStatus.PUBLISHED, pk__in=left).order_by("month")
    ]


def audits_to_write(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    own = Audit.objects.visible_to(user).filter(
        allocation__auditor=user, status__in=(AuditStatus.ALLOCATED, *BEING_WRITTEN)
    )
    return [
        WorkItem(
            f"{'Carry on with' if audit.started_at else 'Write'} {audit.allocation.reference}",
            reverse("audits:audit_detail", args=(audit.allocation.reference,)),
            f"Child {audit.allocation.audited_child.reference}, {audit.get_pathway_display().lower()}, {audit.team}",
            due_on=audit.allocation.due_on,
        )
        for audit in own.select_related("allocation__child", "team").order_by("allocation__reference")
    ]


def audits_of_other_kinds(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    others = Allocation.objects.other_kinds().live().filter(auditor=user, round__status=RoundStatus.PUBLISHED)
    return [
        WorkItem(
            f"{other.get_kind_display()} {other.reference}",
            "",
            "Its form comes with a later version of this service, so it cannot be handed in here yet. "
            f"For {other.due_on:%B %Y}.",
        )
        for other in others.order_by("due_on", "reference")
    ]


def tools_to_approve(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    if not can_approve_tools(user):
        return []
    waiting = ToolVersion.objects.filter(status=ToolStatus.PROPOSED).exclude(proposed_by=user)
    return [
        WorkItem(
            f"Approve or return {version}",
            reverse("tools:version_decide", args=(version.tool.code, version.number)),
            f"Sent for approval by {version.proposed_by}.",
        )
        for version in waiting.select_related("tool", "proposed_by").order_by("proposed_at", "pk")
    ]


WORK = (
    tools_to_approve,
    months_to_publish,
    exemptions_to_decide,
    months_whose_children_left,
    audits_to_write,
    audits_of_other_kinds,
)
