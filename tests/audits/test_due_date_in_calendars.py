"""The mail that gives out audits carries their due date as a file for the auditor's calendar."""

from datetime import date

import pytest
from django.core.mail import EmailMultiAlternatives
from icalendar import Calendar

from audits.models import Allocation
from audits.services.rounds import draw_round, publish_round
from notifications.emails import render
from notifications.models import Message
from tests.factories.accounts import auditor
from tests.factories.audits import ChildFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]


def mail_of_december() -> EmailMultiAlternatives:
    """What the only auditor of December 2026 is sent."""
    auditor("Asha Auditor", capacity=2)
    for _ in range(2):
        ChildFactory()
    publish_round(draw_round(date(2026, 12, 1), by=None, cjas=2, seed=1), by=None)
    return render(Message.objects.get())


def test_it_is_one_whole_day_with_a_link_to_my_work() -> None:
    mail = mail_of_december()
    [attached] = mail.attachments
    [event] = Calendar.from_ical(attached.content).walk("VEVENT")
    assert event.decoded("dtstart") == date(2026, 12, 31)
    assert str(event["summary"]) == "Audits due: 2"
    assert str(event["url"]) == "http://127.0.0.1:8000/"
    assert str(event["uid"]) == f"2026-12-{Message.objects.get().recipient_id}@127.0.0.1"


def test_it_names_no_child_and_no_audit() -> None:
    [attached] = mail_of_december().attachments
    rows = Allocation.objects.select_related("child", "team")
    names = [name for row in rows for name in (row.audited_child.reference, row.reference, row.team.name)]
    assert len(names) == 6
    assert [name for name in names if name in attached.content] == []
