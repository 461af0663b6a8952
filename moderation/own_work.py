"""What moderation asks of a person, for My work."""

from datetime import date

from django.urls import reverse
from django.utils.formats import date_format

from accounts.enums import Role
from accounts.models import User
from accounts.roles import roles_of
from audits.enums import AuditStatus
from audits.permissions import can_propose_reopening
from audits.selectors import closures
from audits.work import WorkItem
from core.dates import add_working_days, london_date
from moderation.enums import PanelStatus, ReadingStatus, SeatStatus
from moderation.models import ModerationSettings, Outcome, PanelMember, Reading, Reply
from moderation.permissions import can_run_moderation, deciding_on, holders_of


def invitations_to_answer(user: User, today: date) -> list[WorkItem]:
    waiting = PanelMember.objects.filter(
        person=user,
        status=SeatStatus.INVITED,
        panel__status__in=(PanelStatus.CONVENED, PanelStatus.RELEASED),
        panel__meets_on__gte=today,
    )
    return [
        WorkItem(
            f"Answer the invitation to {member.panel.reference}",
            reverse("moderation:invitation", args=(member.panel.reference,)),
            f"The moderation panel meets on {date_format(member.panel.meets_on)}. "
            f"You are asked as {member.get_part_display().lower()}.",
        )
        for member in waiting.select_related("panel").order_by("panel__meets_on")
    ]


def audits_to_read(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001 - what registered work takes
    owed = Reading.objects.owed().filter(moderator=user)
    return [
        WorkItem(
            f"Read {reading.tabling.audit.allocation.reference}"
            if reading.status == ReadingStatus.TO_DO
            else f"Say why your grades differ: {reading.tabling.audit.allocation.reference}",
            reverse(
                "moderation:reading",
                args=(reading.tabling.panel.reference, reading.tabling.audit.allocation.reference),
            ),
            f"For the moderation panel of {date_format(reading.tabling.panel.meets_on)}",
            due_on=reading.tabling.panel.meets_on,
        )
        for reading in owed.select_related("tabling__panel", "tabling__audit__allocation").order_by(
            "tabling__audit__allocation__reference"
        )
    ]


def outcomes_to_acknowledge(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    waiting = list(
        Outcome.objects.filter(auditor=user, acknowledged_at__isnull=True)
        .select_related("decision__tabling__audit__allocation")
        .order_by("told_at", "pk")
    )
    if not waiting:
        return []
    days, closed = ModerationSettings.current().days_to_acknowledge, closures()
    return [
        WorkItem(
            f"Read the outcome of {outcome.decision.tabling.audit.allocation.reference}",
            reverse("moderation:outcome_detail", args=(outcome.pk,)),
            "The moderation panel has returned your audit for evidence."
            if outcome.is_return
            else "The moderation panel has decided on your audit. You may reply once.",
            due_on=add_working_days(london_date(outcome.told_at), days, closed),
        )
        for outcome in waiting
    ]


def replies_to_decide(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    if not can_run_moderation(user):
        return []
    waiting = Reply.objects.waiting().select_related("outcome__decision__tabling__audit__allocation")
    holders = {"principals": holders_of(Role.PSW), "leads": holders_of(Role.QA_LEAD)}
    return [
        WorkItem(
            f"Decide on the reply about {reply.outcome.decision.tabling.audit.allocation.reference}",
            reverse("moderation:reply_decide", args=(reply.outcome_id,)),
            f"The auditor replied on {date_format(london_date(reply.at))}.",
        )
        for reply in waiting
        if user.pk in deciding_on(reply, **holders)
    ]


def upheld_to_reopen(user: User, today: date) -> list[WorkItem]:  # noqa: ARG001
    """Replies that were upheld, whose audit nobody has proposed to reopen since."""
    if Role.QA_LEAD not in roles_of(user):
        return []
    upheld = Reply.objects.filter(
        is_upheld=True,
        outcome__decision__tabling__audit__status=AuditStatus.FINALISED,
        outcome__decision__tabling__audit__reopenings__isnull=True,
    )
    rows = upheld.select_related("outcome__decision__tabling__audit__allocation")
    return [
        WorkItem(
            f"Propose to reopen {reply.outcome.decision.tabling.audit.allocation.reference}",
            reverse("audits:audit_detail", args=(reply.outcome.decision.tabling.audit.allocation.reference,)),
            "The auditor's reply to the outcome was upheld. Its grade changes once the audit is reopened.",
        )
        for reply in rows
        if can_propose_reopening(user, reply.outcome.decision.tabling.audit)
    ]


WORK = (
    invitations_to_answer,
    audits_to_read,
    outcomes_to_acknowledge,
    replies_to_decide,
    upheld_to_reopen,
)
