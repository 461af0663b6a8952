"""Telling people about panels and outcomes: rows in the outbox, written with the fact."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from core.dates import london_date
from moderation.enums import ReadingStatus, SeatStatus
from moderation.mails import day_to_keep, of_outcome, of_panel
from moderation.models import Outcome, Panel, PanelMember, Reading, Reply
from moderation.permissions import deciding_on, holders_of
from moderation.signals import (
    member_invited,
    member_removed,
    outcome_written,
    panel_moved,
    panel_released,
    readings_given,
    reply_decided,
    reply_sent,
)
from notifications.services import queue_message


@receiver(member_invited, sender=PanelMember)
def tell_the_invited(member: PanelMember, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """The invitation, with the day to keep; one for each time somebody is asked."""
    queue_message(
        "moderation.invitation",
        to=member.person,
        subject_key=member.panel.reference,
        period=f"{member.moves.filter(to_status=SeatStatus.INVITED).count()}",
        context={
            **of_panel(member.panel, page="moderation:invitation"),
            "event": day_to_keep(member.panel, member.person_id),
        },
    )


@receiver(member_removed, sender=PanelMember)
def tell_the_removed(member: PanelMember, **kwargs: Any) -> None:  # noqa: ARG001
    queue_message(
        "moderation.member_removed",
        to=member.person,
        subject_key=member.panel.reference,
        period=f"{member.moves.filter(to_status=SeatStatus.REMOVED).count()}",
        context={**of_panel(member.panel), "path": reverse("my_work")},
    )


@receiver(panel_moved, sender=Panel)
def tell_the_new_day(panel: Panel, **kwargs: Any) -> None:  # noqa: ARG001
    """Everybody invited or coming; the file replaces the one they had."""
    seats = panel.members.filter(status__in=(SeatStatus.INVITED, SeatStatus.ACCEPTED))
    for member in seats.select_related("person"):
        queue_message(
            "moderation.panel_moved",
            to=member.person,
            subject_key=panel.reference,
            period=f"{panel.meets_on:%Y-%m-%d} {panel.meets_at or ''}",
            context={**of_panel(panel), "event": day_to_keep(panel, member.person_id)},
        )


@receiver(panel_released, sender=Panel)
def tell_the_members(panel: Panel, **kwargs: Any) -> None:  # noqa: ARG001
    """That the papers are out, and how many are theirs to read."""
    readings = Reading.objects.filter(tabling__panel=panel, status=ReadingStatus.TO_DO)
    to_read = Counter(readings.values_list("moderator", flat=True))
    for member in panel.members.coming().select_related("person"):
        queue_message(
            "moderation.papers_out",
            to=member.person,
            subject_key=panel.reference,
            context={**of_panel(panel), "count": to_read[member.person_id]},
        )


@receiver(readings_given, sender=Panel)
def tell_the_new_readers(panel: Panel, given: Counter[int], at: datetime, **kwargs: Any) -> None:  # noqa: ARG001
    """At most once a day: what is given later that day stands under My work, and is chased before the meeting."""
    for person in User.objects.filter(pk__in=given).order_by("pk"):
        queue_message(
            "moderation.readings_given",
            to=person,
            subject_key=panel.reference,
            period=f"{london_date(at):%Y-%m-%d}",
            context={**of_panel(panel), "count": given[person.pk]},
        )


@receiver(outcome_written, sender=Outcome)
def tell_the_auditor(outcome: Outcome, **kwargs: Any) -> None:  # noqa: ARG001
    """Not of an audit that came back: the mail about its return is under way and leads to the same words."""
    if outcome.is_return:
        return
    queue_message(
        "moderation.outcome_written",
        to=outcome.auditor,
        subject_key=f"outcome-{outcome.pk}",
        context=of_outcome(outcome),
    )


@receiver(reply_sent, sender=Reply)
def tell_those_who_decide(reply: Reply, **kwargs: Any) -> None:  # noqa: ARG001
    people = deciding_on(reply, principals=holders_of(Role.PSW), leads=holders_of(Role.QA_LEAD))
    for person in User.objects.filter(pk__in=people).order_by("pk"):
        queue_message(
            "moderation.reply_sent",
            to=person,
            subject_key=f"outcome-{reply.outcome_id}",
            context=of_outcome(reply.outcome),
        )


@receiver(reply_decided, sender=Reply)
def tell_the_decision(reply: Reply, **kwargs: Any) -> None:  # noqa: ARG001
    queue_message(
        "moderation.reply_decided",
        to=reply.auditor,
        subject_key=f"outcome-{reply.outcome_id}",
        context=of_outcome(reply.outcome),
    )
