"""What the audit programme asks of a person, for My work."""

from datetime import date

from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.roles import roles_of
from audits.enums import BEING_WRITTEN, AuditStatus, ConcernStatus, RoundStatus, ToolStatus
from audits.models import (
    Allocation,
    Audit,
    AuditSection,
    Exemption,
    FollowUpSettings,
    ImmediateConcern,
    Reopening,
    Round,
    ToolVersion,
)
from audits.permissions import (
    can_approve_tools,
    can_decide_exemptions,
    can_decide_reopenings,
    can_publish_round,
)
from audits.selectors import carry_on_at, closures
from audits.work import WorkItem
from core.dates import add_working_days, london_date

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
    pages = AuditSection.objects.only("audit_id", "section", "is_complete", "saved_at")
    own = (
        own.with_family_unasked()
        .select_related("allocation__child", "team")
        .prefetch_related(Prefetch("sections", pages))
    )
    return [work_on(audit) for audit in own.order_by("allocation__reference")]


def work_on(audit: Audit) -> WorkItem:
    """An audit to write, with the way to the page where its auditor left off. Its sections are prefetched."""
    reference = audit.allocation.reference
    title = f"{VERBS[audit.status]} {reference}"
    url = reverse("audits:audit_detail", args=(reference,))
    child = f"Child {audit.allocation.audited_child.reference}, {audit.get_pathway_display().lower()}, {audit.team}"
    rows = audit.sections.all()
    if rows:
        child += f": {sum(row.is_complete for row in rows)} of {len(rows)} sections completed"
    if audit.is_family_unasked:
        child += ". You have not asked the family yet."
    if page := carry_on_at(rows):
        title += f": {page}"
        url = reverse("audits:section_edit", args=(reference, page.section))
    # what was in once is not late again
    return WorkItem(title, url, child, due_on=None if audit.submitted_at else audit.allocation.due_on)


def replies_to_record(user: User, today: date) -> list[WorkItem]:
    """Of the audits of a team that the person manages, or of their service where a team has no manager: what the
    social workers were told and have not replied to.
    """
    roles = roles_of(user)
    if not (roles.manages or roles.manages_services):
        return []
    managed = Membership.objects.on(today).filter(role=Role.TEAM_MANAGER, user__is_active=True)
    told = (
        Audit.objects.open_to_reply_by(user)
        .filter(worker_feedback__text__gt="", worker_reply__isnull=True)
        .filter(Q(team__in=roles.manages) | ~Q(team__in=managed.values("team")))
    )
    days, closed = FollowUpSettings.current().reply_days, closures()
    return [
        WorkItem(
            f"Record the social worker's reply to {audit.allocation.reference}",
            reverse("audits:worker_reply", args=(audit.allocation.reference,)),
            f"{audit.worker_name or 'The social worker'}, {audit.team}. Ask what they think of what they were told.",
            due_on=add_working_days(london_date(audit.submitted_at), days, closed),
        )
        for audit in told.select_related("allocation", "team").order_by("allocation__reference")
        if audit.submitted_at
    ]


def audits_of_other_kinds(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    owed = Allocation.objects.other_kinds().outstanding()
    others = owed.filter(auditor=user, round__status=RoundStatus.PUBLISHED)
    return [
        WorkItem(
            f"Hand in {other.get_kind_display().lower()} {other.reference}",
            reverse("programme:activity_detail", args=(other.reference,)),
            f"For {other.due_on:%B %Y}. It can be handed in until the month is closed.",
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


def concerns_to_answer(user: User, today: date) -> list[WorkItem]:
    """Before everything else: what this person was told of and nobody has acknowledged; then what they took on."""
    open_ = ImmediateConcern.objects.visible_to(user).exclude(status=ConcernStatus.CLOSED)
    theirs = open_.filter(
        Q(status=ConcernStatus.RAISED, told__person=user)
        | Q(status=ConcernStatus.ACKNOWLEDGED, acknowledged_by=user)
    )
    return [
        WorkItem(
            f"Acknowledge {concern.reference}: a child is at risk now"
            if concern.status == ConcernStatus.RAISED
            else f"Close {concern.reference} once the child is safe",
            reverse("concerns:concern_detail", args=(concern.pk,)),
            f"Raised on {date_format(localtime(concern.raised_at), 'j F Y, H:i')}",
            due_on=today,
            is_urgent=concern.status == ConcernStatus.RAISED,
        )
        for concern in theirs.distinct().order_by("raised_at")
    ]


WORK = (
    concerns_to_answer,
    tools_to_approve,
    months_to_publish,
    exemptions_to_decide,
    reopenings_to_decide,
    months_whose_children_left,
    audits_to_write,
    replies_to_record,
    audits_of_other_kinds,
)
