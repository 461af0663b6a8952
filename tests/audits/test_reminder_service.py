"""Who is told what of audits that are due or late, and when: the whole way to the mail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.enums import Role
from accounts.models import Membership, User
from audits.enums import AllocationStatus, AuditStatus, ReminderStep, RoundStatus
from audits.models import Allocation, Audit, Closure, ProgrammeSettings, Reminder, Round
from audits.services.ledger import reallocate_allocation
from audits.services.reminders import send_reminders
from core.dates import LONDON
from notifications.models import Message
from notifications.outbox import drain
from tests.conftest import AssertQueries
from tests.factories.accounts import MembershipFactory, TeamFactory, auditor, person
from tests.factories.audits import (
    AllocationFactory,
    AuditFactory,
    RoundFactory,
    started_audit,
    submitted_audit,
)

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 1)
ISSUED = datetime(2026, 10, 1, 9, tzinfo=UTC)
"""November 2026 is issued on 1 October and due on Monday 30 November."""


@pytest.fixture(autouse=True)
def _october() -> Iterator[None]:
    with time_machine.travel(ISSUED, tick=False):
        RoundFactory(month=NOVEMBER, drawn_at=ISSUED)
        yield


@pytest.fixture
def lena(sanjay: User) -> User:
    """Lena, Assistant Director of the service the North team belongs to."""
    lena = person("Lena Leader")
    MembershipFactory(user=lena, role=Role.SENIOR_LEADER, service=TeamFactory(name="North").service)
    return lena


def owe(to: User, **allocation: object) -> Audit:
    """An audit of November that has not been started."""
    audit: Audit = AuditFactory(
        allocation=AllocationFactory(auditor=to, round=Round.objects.get(month=NOVEMBER), **allocation)
    )
    return audit


def remind(day: date, hour: int = 9) -> dict[str, int]:
    """One pass of the job on that day, at an hour of London."""
    return send_reminders(at=datetime(day.year, day.month, day.day, hour, tzinfo=LONDON))


def told() -> list[tuple[str, str, date]]:
    """Who was told which step when."""
    return [(row.told.name, row.step, row.on) for row in Reminder.objects.select_related("told")]


def mails() -> list[tuple[str, str]]:
    """Who was sent what kind of mail, in the order of the days."""
    return [
        (message.recipient.name, message.kind)
        for message in Message.objects.order_by("subject_key", "kind", "recipient__name")
    ]


def test_one_audit_from_the_first_reminder_to_the_assistant_director(
    asha: User, sanjay: User, lena: User
) -> None:
    owe(asha)
    first = date(2026, 11, 9)
    for number in range(50):
        remind(first + timedelta(days=number))
    assert told() == [
        ("Asha Auditor", ReminderStep.FIRST_NUDGE, date(2026, 11, 16)),
        ("Asha Auditor", ReminderStep.SECOND_NUDGE, date(2026, 11, 25)),
        ("Asha Auditor", ReminderStep.LATE_NUDGE, date(2026, 12, 1)),
        ("Sanjay Service", ReminderStep.SERVICE_MANAGER, date(2026, 12, 7)),
        ("Lena Leader", ReminderStep.ASSISTANT_DIRECTOR, date(2026, 12, 14)),
    ]
    assert mails() == [
        ("Asha Auditor", "audits.audits_due"),
        ("Asha Auditor", "audits.audits_due"),
        ("Asha Auditor", "audits.audits_due"),
        ("Sanjay Service", "audits.audits_late"),
        ("Lena Leader", "audits.audits_late"),
    ]


def test_72_hours_off_is_one_mail_with_both_steps_in_it(asha: User) -> None:
    ProgrammeSettings.objects.create(pk=1, first_nudge_before=4, second_nudge_before=3)
    owe(asha)
    assert remind(date(2026, 11, 23)) == {"mails": 0, "steps": 0}
    assert remind(date(2026, 11, 26)) == {"mails": 1, "steps": 2}
    assert remind(date(2026, 11, 27)) == {"mails": 0, "steps": 0}
    assert told() == [
        ("Asha Auditor", ReminderStep.FIRST_NUDGE, date(2026, 11, 26)),
        ("Asha Auditor", ReminderStep.SECOND_NUDGE, date(2026, 11, 26)),
    ]
    assert mails() == [("Asha Auditor", "audits.audits_due")]


def test_twin_somebody_who_asks_for_todays_only_misses_them(asha: User) -> None:
    """What a job would do that compares the day for equality."""
    owe(asha)
    remind(date(2026, 11, 13))
    remind(date(2026, 11, 17))
    assert told() == [("Asha Auditor", ReminderStep.FIRST_NUDGE, date(2026, 11, 17))]


def test_a_second_pass_and_another_one_at_night_send_nothing(asha: User) -> None:
    owe(asha)
    assert remind(date(2026, 11, 16)) == {"mails": 1, "steps": 1}
    assert remind(date(2026, 11, 16)) == {"mails": 0, "steps": 0}
    assert remind(date(2026, 11, 16), hour=23) == {"mails": 0, "steps": 0}


def test_the_database_refuses_a_step_told_twice(asha: User) -> None:
    owe(asha)
    remind(date(2026, 11, 16))
    row = Reminder.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(
            allocation=row.allocation, step=row.step, told=row.told, on=date(2026, 11, 17), due_on=row.due_on
        )


def test_several_audits_of_one_person_are_one_mail(
    asha: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    owe(asha)
    owe(asha)
    owe(asha, due_on=date(2026, 12, 1))
    assert remind(date(2026, 11, 26)) == {"mails": 1, "steps": 6}
    with time_machine.travel(datetime(2026, 11, 26, 9, tzinfo=UTC)):
        drain()
    [mail] = mailoutbox
    assert mail.to == [asha.email]
    assert mail.subject == "3 audits to submit"
    assert (
        "- 2 are due on 30 November 2026, in 2 working days\n- 1 is due on 1 December 2026, in 3" in mail.body
    )


def test_what_comes_up_later_the_same_day_waits_for_the_next_working_day(asha: User) -> None:
    owe(asha)
    remind(date(2026, 11, 27))
    owe(asha)
    assert remind(date(2026, 11, 27), hour=15) == {"mails": 0, "steps": 0}
    assert remind(date(2026, 11, 28)) == {"mails": 0, "steps": 0}
    assert remind(date(2026, 11, 30)) == {"mails": 1, "steps": 2}


def test_a_service_manager_gets_one_digest_of_all_late_audits(
    asha: User, sanjay: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    cora = auditor("Cora Colleague", team=TeamFactory(name="North"))
    owe(asha)
    owe(cora)
    owe(cora, first_due_on=date(2026, 11, 27))
    remind(date(2026, 12, 7))
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC)):
        drain()
    [mail] = [mail for mail in mailoutbox if mail.to == [sanjay.email]]
    assert mail.subject == "3 audits late"
    assert "3 audits of 2 auditors you answer for are late:" in mail.body
    assert (
        "- 1 was due on 27 November 2026, 6 working days ago\n- 2 were due on 30 November 2026, 5"
        in mail.body
    )


def test_mail_holds_counts_dates_and_links_only(
    asha: User, sanjay: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    audit = owe(asha)
    remind(date(2026, 12, 7))
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC)):
        drain()
    assert len(mailoutbox) == 2
    secrets = (audit.allocation.audited_child.reference, audit.allocation.reference, audit.team.name)
    for mail in mailoutbox:
        [(html, _)] = mail.alternatives
        for part in (mail.subject, mail.body, html):
            assert [secret for secret in secrets if secret in part] == []
            assert "Asha" not in part.replace("Hello Asha Auditor", "")
        assert set(re.findall(r"https?://[^\s\"<]+", mail.body)) <= {
            "http://127.0.0.1:8000/",
            "http://127.0.0.1:8000/programme/returns/",
        }


def test_nobody_is_sent_to_a_page_they_cannot_open(
    asha: User, sanjay: User, lena: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    owe(asha)
    for day in (7, 14):
        remind(date(2026, 12, day))
    with time_machine.travel(datetime(2026, 12, 14, 9, tzinfo=UTC)):
        drain()
    bodies = {mail.to[0]: mail.body for mail in mailoutbox}
    assert "/programme/returns/" in bodies[sanjay.email]
    assert "/programme/returns/" not in bodies[lena.email]
    assert "The QA lead and the service manager can tell you whose it is." in bodies[lena.email]


@pytest.mark.parametrize(
    "status",
    [AllocationStatus.EXCUSED, AllocationStatus.WITHDRAWN, AllocationStatus.REALLOCATED],
)
def test_nothing_for_what_is_no_longer_owed(asha: User, status: AllocationStatus) -> None:
    owe(asha, status=status)
    assert remind(date(2026, 12, 14)) == {"mails": 0, "steps": 0}


def test_twin_the_same_audit_still_owed_is_told(asha: User, quentin: User) -> None:
    owe(asha)
    assert remind(date(2026, 12, 14)) == {"mails": 2, "steps": 5}


def test_nothing_for_what_is_submitted_in_a_draft_or_in_a_closed_month(asha: User) -> None:
    submitted_audit(by=asha, month=NOVEMBER)
    owe(asha)
    Round.objects.update(status=RoundStatus.CLOSED)
    AllocationFactory(
        auditor=asha,
        status=AllocationStatus.PROPOSED,
        round=RoundFactory(month=date(2026, 10, 1), status=RoundStatus.DRAFT),
    )
    assert remind(date(2026, 12, 14)) == {"mails": 0, "steps": 0}


def test_an_audit_in_progress_is_reminded_of(asha: User) -> None:
    started_audit(by=asha, round=Round.objects.get(month=NOVEMBER))
    assert remind(date(2026, 11, 16)) == {"mails": 1, "steps": 1}


def test_submitted_after_a_reminder_ends_them(asha: User, sanjay: User) -> None:
    audit = started_audit(by=asha, round=Round.objects.get(month=NOVEMBER))
    remind(date(2026, 12, 1))
    Audit.objects.filter(pk=audit.pk).update(status=AuditStatus.SUBMITTED, submitted_at=ISSUED)
    assert remind(date(2026, 12, 14)) == {"mails": 0, "steps": 0}


def test_an_extension_moves_the_steps_still_to_come(asha: User, sanjay: User) -> None:
    audit = owe(asha)
    remind(date(2026, 12, 1))
    Allocation.objects.filter(pk=audit.allocation_id).update(due_on=date(2026, 12, 9))
    for number in range(1, 20):
        remind(date(2026, 12, 1) + timedelta(days=number))
    assert told()[3:] == [("Sanjay Service", ReminderStep.SERVICE_MANAGER, date(2026, 12, 16))]
    assert Reminder.objects.get(step=ReminderStep.SERVICE_MANAGER).due_on == date(2026, 12, 9)


def test_a_reallocated_audit_is_new_to_its_new_auditor(asha: User, sanjay: User, quentin: User) -> None:
    """Given to Cora on 16 November with ten working days left: the mail of that day was her first reminder."""
    cora = auditor("Cora Colleague")
    audit = owe(asha)
    with time_machine.travel(datetime(2026, 11, 16, 9, tzinfo=UTC), tick=False):
        remind(date(2026, 11, 16))
        reallocate_allocation(audit.allocation, to=cora, by=quentin, reason="Asha is on leave")
        for day in range(16, 27):
            remind(date(2026, 11, day))
    assert told() == [
        ("Asha Auditor", ReminderStep.FIRST_NUDGE, date(2026, 11, 16)),
        ("Cora Colleague", ReminderStep.SECOND_NUDGE, date(2026, 11, 25)),
    ]


def test_no_mail_on_a_closure_and_the_day_after_it_is_the_next_one(asha: User) -> None:
    owe(asha)
    Closure.objects.create(day=date(2026, 12, 1), reason="The day the offices moved")
    remind(date(2026, 11, 30))
    Reminder.objects.all().delete()
    Message.objects.all().delete()
    assert remind(date(2026, 12, 1)) == {"mails": 0, "steps": 0}
    assert remind(date(2026, 12, 2)) == {"mails": 1, "steps": 3}


def test_the_offsets_are_the_councils(asha: User) -> None:
    ProgrammeSettings.objects.create(pk=1, first_nudge_before=15)
    owe(asha)
    assert remind(date(2026, 11, 9)) == {"mails": 1, "steps": 1}


class TestEscalation:
    LATE = date(2026, 12, 14)

    def told_above(self) -> list[tuple[str, str]]:
        remind(self.LATE)
        steps = (ReminderStep.SERVICE_MANAGER, ReminderStep.ASSISTANT_DIRECTOR)
        rows = Reminder.objects.filter(step__in=steps).select_related("told")
        return sorted((row.told.name, row.step) for row in rows)

    def test_without_a_team_it_falls_to_the_qa_lead(self, quentin: User, priya: User, sanjay: User) -> None:
        owe(auditor("Nora Nowhere"))
        assert self.told_above() == [
            ("Quentin Lead", "assistant_director"),
            ("Quentin Lead", "service_manager"),
        ]
        assert mails().count(("Quentin Lead", "audits.audits_late")) == 1

    def test_without_an_assistant_director_the_qa_lead_hears_that_step(
        self, asha: User, sanjay: User, quentin: User
    ) -> None:
        owe(asha)
        assert self.told_above() == [
            ("Quentin Lead", "assistant_director"),
            ("Sanjay Service", "service_manager"),
        ]

    def test_nobody_is_told_of_themselves(self, quentin: User, priya: User, sanjay: User) -> None:
        MembershipFactory(user=sanjay, role=Role.TEAM_MEMBER, team=TeamFactory(name="North"))
        owe(sanjay)
        owe(quentin)
        assert self.told_above() == [
            ("Priya Principal", "assistant_director"),
            ("Priya Principal", "service_manager"),
            ("Quentin Lead", "assistant_director"),
            ("Quentin Lead", "service_manager"),
        ]

    def test_a_role_that_ended_and_a_person_who_left_hear_nothing(
        self, asha: User, sanjay: User, lena: User, quentin: User
    ) -> None:
        Membership.objects.filter(user=sanjay).update(ends_on=self.LATE)
        User.objects.filter(pk=lena.pk).update(is_active=False)
        owe(asha)
        assert self.told_above() == [
            ("Quentin Lead", "assistant_director"),
            ("Quentin Lead", "service_manager"),
        ]

    def test_where_nobody_can_be_told_it_waits_until_somebody_can(self, asha: User, sanjay: User) -> None:
        owe(asha)
        assert self.told_above() == [("Sanjay Service", "service_manager")]
        person("Quentin Lead", Role.QA_LEAD)
        assert remind(date(2026, 12, 15)) == {"mails": 1, "steps": 1}


@pytest.mark.parametrize("rows", [1, 3])
def test_a_pass_with_nothing_new_costs_the_same_for_one_audit_and_for_three(
    rows: int, asha: User, sanjay: User, assert_queries: AssertQueries
) -> None:
    for number in range(rows):
        owe(auditor(f"Auditor {number}", team=TeamFactory(name="North")))
    remind(date(2026, 12, 8))
    with assert_queries(7):
        remind(date(2026, 12, 9))


class TestClockChanges:
    """The job as the beat and `run_due_jobs` call it, in UTC, around the two changes of 2026-27."""

    def run(self, at: str) -> dict[str, int]:
        out = StringIO()
        call_command("run_due_jobs", "--json", "--at", at, stdout=out, stderr=StringIO())
        counts: dict[str, int] = json.loads(out.getvalue())["remind_of_audits"]
        return counts

    def test_when_summer_time_ends(self, asha: User) -> None:
        """The clocks go back on Sunday 25 October 2026. Ten working days before 9 November is Monday 26 October."""
        owe(asha, first_due_on=date(2026, 11, 9))
        with time_machine.travel(datetime(2026, 10, 23, 12, tzinfo=UTC)):
            assert self.run("2026-10-23T23:30:00+01:00") == {"mails": 0, "steps": 0}
        with time_machine.travel(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)):
            for at in ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T23:59:59Z"):
                assert self.run(at) == {"mails": 0, "steps": 0}
        with time_machine.travel(datetime(2026, 10, 26, 7, 10, tzinfo=UTC)):
            assert self.run("2026-10-26T07:10:00Z") == {"mails": 1, "steps": 1}
            assert self.run("2026-10-26T17:10:00Z") == {"mails": 0, "steps": 0}
        assert told() == [("Asha Auditor", ReminderStep.FIRST_NUDGE, date(2026, 10, 26))]

    def test_when_summer_time_begins(self, asha: User) -> None:
        """The clocks go forward on Sunday 28 March 2027, within Easter: the next working day is Tuesday 30 March."""
        owe(asha, first_due_on=date(2027, 3, 25))
        with time_machine.travel(datetime(2027, 3, 25, 7, 10, tzinfo=UTC)):
            assert self.run("2027-03-25T07:10:00Z") == {"mails": 1, "steps": 2}
        with time_machine.travel(datetime(2027, 3, 28, 0, 59, tzinfo=UTC)):
            for at in ("2027-03-26T09:00:00Z", "2027-03-28T00:59:59Z", "2027-03-28T01:00:00Z"):
                assert self.run(at) == {"mails": 0, "steps": 0}
        with time_machine.travel(datetime(2027, 3, 29, 23, 30, tzinfo=UTC)):
            assert self.run("2027-03-29T22:59:59Z") == {"mails": 0, "steps": 0}
            assert self.run("2027-03-29T23:00:00Z") == {"mails": 1, "steps": 1}  # midnight in London
        assert told()[-1] == ("Asha Auditor", ReminderStep.LATE_NUDGE, date(2027, 3, 30))

    def test_twin_the_utc_date_would_be_a_day_behind(self) -> None:
        at = datetime(2027, 3, 29, 23, 0, tzinfo=UTC)
        assert (at.date(), at.astimezone(LONDON).date()) == (date(2027, 3, 29), date(2027, 3, 30))
