"""Chasing what panels wait for: answers to invitations, readings, outcomes to be read."""

from collections import Counter
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from audits.selectors import closures
from core.dates import add_working_days, is_working_day, london_date
from moderation.enums import PAPERS_OUT, PanelStatus, SeatStatus
from moderation.mails import of_outcome, of_panel
from moderation.models import ModerationSettings, Outcome, Panel, PanelMember, Reading
from notifications.services import queue_message


@transaction.atomic
def send_panel_reminders(*, at: datetime) -> dict[str, int]:
    """Tell everybody what they have left waiting, by the London day of `at`; each thing is chased once.

    Nothing is sent on a day without work; what falls due then is sent on the next. Effects: a message for each person
    and panel, or outcome, that was not chased before.

    Returns:
        How many mails were queued: "invitations", "readings", "outcomes".

    """
    on, closed = london_date(at), closures()
    if not is_working_day(on, closed):
        return {"invitations": 0, "readings": 0, "outcomes": 0}
    settings = ModerationSettings.current()
    return {
        "invitations": _chase_invitations(on, add_working_days(on, -settings.days_to_answer, closed)),
        "readings": _chase_readings(on, add_working_days(on, settings.days_before_meeting, closed)),
        "outcomes": _chase_outcomes(add_working_days(on, -settings.days_to_acknowledge, closed)),
    }


def _chase_invitations(on: date, invited_by: date) -> int:
    waiting = PanelMember.objects.filter(
        status=SeatStatus.INVITED,
        invited_at__date__lte=invited_by,
        panel__status__in=(PanelStatus.CONVENED, PanelStatus.RELEASED),
        panel__meets_on__gte=on,
    ).select_related("panel", "person")
    return sum(
        queue_message(
            "moderation.invitation_reminder",
            to=member.person,
            subject_key=member.panel.reference,
            context=of_panel(member.panel, page="moderation:invitation"),
        )
        for member in waiting
    )


def _chase_readings(on: date, until: date) -> int:
    owed: Counter[tuple[Panel, User]] = Counter()
    rows = Reading.objects.owed().filter(
        tabling__panel__status__in=PAPERS_OUT, tabling__panel__meets_on__range=(on, until)
    )
    for reading in rows.select_related("tabling__panel", "moderator"):
        owed[reading.tabling.panel, reading.moderator] += 1
    return sum(
        queue_message(
            "moderation.readings_due",
            to=moderator,
            subject_key=panel.reference,
            context={**of_panel(panel), "count": count},
        )
        for (panel, moderator), count in owed.items()
    )


def _chase_outcomes(told_by: date) -> int:
    waiting = Outcome.objects.filter(acknowledged_at__isnull=True, told_at__date__lte=told_by)
    return sum(
        queue_message(
            "moderation.outcome_reminder",
            to=outcome.auditor,
            subject_key=f"outcome-{outcome.pk}",
            context=of_outcome(outcome),
        )
        for outcome in waiting.select_related("auditor", "decision__tabling__audit__allocation")
    )
