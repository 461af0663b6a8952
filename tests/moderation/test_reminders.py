"""What is chased, when, and only once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import User
from moderation.models import Reading
from moderation.services.panels import plan_panel
from moderation.services.reminders import send_panel_reminders
from moderation.services.seats import answer_invitation
from moderation.tasks import remind_of_panels
from notifications.models import Message
from tests.factories.audits import submitted_audit
from tests.factories.moderation import convened_panel, outcome_of, released_panel

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOTHING = {"invitations": 0, "readings": 0, "outcomes": 0}


def test_an_unanswered_invitation_is_chased_once(priya: User, mona: User, felix: User) -> None:
    with time_machine.travel(MONDAY, tick=False):
        convened_panel(submitted_audit(), chair=priya, moderators=[mona, felix])
        assert send_panel_reminders(at=MONDAY + timedelta(days=2)) == NOTHING
        assert send_panel_reminders(at=MONDAY + timedelta(days=3)) == {**NOTHING, "invitations": 3}
        assert remind_of_panels((MONDAY + timedelta(days=4)).isoformat()) == NOTHING


def test_unread_audits_are_chased_before_the_meeting(priya: User, mona: User, felix: User) -> None:
    with time_machine.travel(MONDAY, tick=False):
        panel = released_panel(submitted_audit(), submitted_audit(), chair=priya, moderators=[mona, felix])
        plan_panel(
            panel,
            meets_on=datetime(2026, 12, 4, tzinfo=UTC).date(),
            meets_at=None,
            place="",
            is_blind=False,
            by=priya,
        )
        assert send_panel_reminders(at=datetime(2026, 11, 30, 9, tzinfo=UTC)) == NOTHING
        assert send_panel_reminders(at=datetime(2026, 12, 1, 9, tzinfo=UTC)) == {**NOTHING, "readings": 2}
        assert send_panel_reminders(at=datetime(2026, 12, 1, 10, tzinfo=UTC)) == NOTHING
        assert set(Message.objects.get(kind="moderation.readings_due", recipient=mona).context) == {
            "count",
            "panel",
            "meets_on",
            "meets_at",
            "path",
        }


def test_an_outcome_is_chased_on_working_days_alone(priya: User, mona: User, felix: User) -> None:
    with time_machine.travel(MONDAY, tick=False):
        outcome_of(submitted_audit(), chair=priya, moderators=[mona, felix])
        assert send_panel_reminders(at=MONDAY + timedelta(days=4)) == NOTHING
        assert send_panel_reminders(at=MONDAY + timedelta(days=6)) == NOTHING  # a Sunday
        assert send_panel_reminders(at=MONDAY + timedelta(days=7)) == {**NOTHING, "outcomes": 1}


def test_who_is_given_readings_after_the_papers_went_out_is_told(
    priya: User, mona: User, felix: User, rosa: User
) -> None:
    panel = released_panel(
        submitted_audit(), submitted_audit(), chair=priya, moderators=[mona, felix], reserves=[rosa]
    )
    assert not Message.objects.filter(kind="moderation.readings_given").exists()
    answer_invitation(panel.members.get(person=mona), accept=False, by=mona)
    answer_invitation(panel.members.get(person=rosa), accept=True, by=rosa)
    told = Message.objects.filter(kind="moderation.readings_given")
    assert {message.recipient: message.context["count"] for message in told} == {felix: 1, rosa: 1}
    assert set(told[0].context) == {"count", "panel", "meets_on", "meets_at", "path"}
    standing = Reading.objects.standing().filter(tabling__panel=panel)
    assert {reading.moderator for reading in standing} == {felix, rosa}
