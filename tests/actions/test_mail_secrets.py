"""No mail about closing the loop holds a word of a case: one canary through everything that the app sends."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives

from accounts.models import Team, User
from actions.services.escalation import escalate_overdue
from actions.services.hand_offs import open_hand_off
from actions.services.path_reminders import remind_of_what_follows
from actions.services.progress import note_action
from actions.services.raising import NewAction, raise_action
from actions.services.tracker import send_tracker
from audits.enums import ActionPriority
from core.dates import LONDON
from notifications.emails import render
from notifications.models import Message
from notifications.outbox import drain
from tests.factories.accounts import TeamFactory, senior_leader
from tests.factories.paths import inadequate_audit

MONDAY = datetime(2026, 11, 30, 7, tzinfo=LONDON)


@pytest.mark.django_db
def test_nothing_of_a_case_is_in_any_mail(
    meera: User, sanjay: User, quentin: User, asha: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    north: Team = TeamFactory(name="North")
    senior_leader("Lena Leader", north.service)
    audit, _ = inadequate_audit(north, by=asha, submitted_on=date(2026, 8, 3))
    open_hand_off(audit, at=datetime(2026, 8, 3, 9, tzinfo=LONDON))
    opened = datetime(2026, 10, 1, 9, tzinfo=LONDON)
    with time_machine.travel(opened, tick=False):
        action = raise_action(
            NewAction(
                what="CANARY-WHAT",
                why="CANARY-WHY",
                success="CANARY-SUCCESS",
                about="V4",
                owner=meera,
                team=north,
                audit=audit,
                child=audit.allocation.child,
                priority=ActionPriority.P0,
            ),
            by=quentin,
        )
        note_action(action, by=meera, note="CANARY-NOTE")
    with time_machine.travel(MONDAY, tick=False):
        for send in (send_tracker, escalate_overdue, remind_of_what_follows):
            send(at=MONDAY)
        drain()

    kinds = set(Message.objects.values_list("kind", flat=True))
    assert kinds == {
        "actions.escalated",
        "actions.follow_up_late",
        "actions.safety_action",
        "actions.tracker",
        "actions.tracker_of_service",
    }
    assert len(mailoutbox) == Message.objects.count()
    words = audit.sections.get(section="visits")
    secrets = [
        "CANARY",
        audit.allocation.audited_child.reference,
        words.evidence,
        words.difference,
        "nadequate",
        "Good",
        audit.allocation.reference,
    ]
    for mail in mailoutbox:
        [(html, _)] = mail.alternatives
        said = f"{mail.subject}\n{mail.body}\n{html}"
        assert [secret for secret in secrets if secret in said] == []

    told = Message.objects.select_related("recipient").filter(kind="actions.escalated").first()
    assert told is not None
    told.context["count"] = action.what  # the twin: what a mail is given it says
    assert "CANARY-WHAT" in str(render(told).body)
