"""What the audit programme asks of a person, for My work."""

from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate

from accounts.models import User
from audits.enums import BEING_WRITTEN, AuditStatus, RoundStatus
from audits.models import Allocation, Audit, Exemption, Reopening, Round
from audits.permissions import can_decide_exemptions, can_decide_reopenings, can_publish_round
from audits.work import WorkItem

VERBS: dict[str, str] = {
    AuditStatus.ALLOCATED: "Write",
    AuditStatus.IN_PROGRESS: "Carry on with",
    AuditStatus.RETURNED: "Add evidence to",
    AuditStatus.REOPENED: "Look again at",
}


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


def reopenings_to_decide(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    if not can_decide_reopenings(user):
        return []
    waiting = Reopening.objects.visible_to(user).waiting().exclude(proposed_by=user)
    rows = waiting.exclude(audit__allocation__auditor=user).select_related("audit__allocation", "proposed_by")
    return [
        WorkItem(
            f"Decide on reopening {row.audit.allocation.reference}",
            reverse("audits:reopening_decide", args=(row.audit.allocation.reference,)),
            f"Proposed by {row.proposed_by} on {date_format(localdate(row.proposed_at))}.",
        )
        for row in rows
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
            f"{VERBS[audit.status]} {audit.allocation.reference}",
            reverse("audits:audit_detail", args=(audit.allocation.reference,)),
            f"Child {audit.allocation.audited_child.reference}, {audit.get_pathway_display().lower()}, {audit.team}",
            due_on=None
            if audit.submitted_at
            else audit.allocation.due_on,  # what was in once is not late again
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


WORK = (
    months_to_publish,
    exemptions_to_decide,
    months_whose_children_left,
    audits_to_write,
    audits_of_other_kinds,
)
