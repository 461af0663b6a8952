"""The weekly mail, the escalation and the mail of a P0: who is told what, when, and how often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Team, User
from actions.models import Action, ActionSettings, Escalation, Theme, TrackerWeek
from actions.services.changes import pause_escalation
from actions.services.escalation import escalate_overdue
from actions.services.progress import note_action, start_action
from actions.services.raising import NewAction, raise_action
from actions.services.tracker import send_tracker
from actions.weekly import week_of, week_to_send
from audits.enums import ActionPriority
from audits.models import Closure
from core.dates import LONDON, NO_CLOSURES, is_working_day
from notifications.models import Message
from notifications.outbox import drain
from tests.conftest import AssertQueries
from tests.factories.accounts import TeamFactory, senior_leader, team_manager
from tests.factories.actions import ActionFactory
from tests.factories.audits import ChildFactory
from tests.factories.paths import finding_of


def london(day: date, hour: int = 7, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


MONDAY = date(2026, 11, 23)


class TestWhenItIsDue:
    @pytest.mark.parametrize(
        ("moment", "week"),
        [
            (london(MONDAY, 6, 59), None),
            (london(MONDAY), "2026-W48"),
            (london(date(2026, 11, 26), 9), "2026-W48"),  # off until Thursday
            (london(date(2026, 11, 28), 9), None),  # Saturday
            (london(date(2026, 5, 4), 9), None),  # the early May bank holiday
            (london(date(2026, 5, 5), 6, 59), None),
            (london(date(2026, 5, 5)), "2026-W19"),
            (datetime(2026, 10, 19, 6, 0, tzinfo=UTC), "2026-W43"),  # summer time: 07:00 in London
            (datetime(2026, 10, 26, 6, 0, tzinfo=UTC), None),  # winter time: 06:00 in London
            (datetime(2026, 10, 26, 7, 0, tzinfo=UTC), "2026-W44"),
            (datetime(2027, 3, 22, 7, 0, tzinfo=UTC), "2027-W12"),
            (
                datetime(2027, 3, 29, 7, 0, tzinfo=UTC),
                None,
            ),  # Easter Monday, the day after the clocks changed
            (datetime(2027, 3, 30, 6, 0, tzinfo=UTC), "2027-W13"),
        ],
    )
    def test_on_monday_at_seven_or_on_the_next_working_day(self, moment: datetime, week: str | None) -> None:
        assert week_to_send(moment, NO_CLOSURES) == week

    def test_a_closure_counts_and_a_week_without_work_has_none(self) -> None:
        closed = frozenset(MONDAY + timedelta(days=number) for number in range(5))
        assert (
            week_to_send(london(MONDAY + timedelta(days=1), 9), closed - {date(2026, 11, 24)}) == "2026-W48"
        )
        assert [week_to_send(london(day, 9), closed) for day in sorted(closed)] == [None] * 5

    @given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    def test_what_is_due_is_of_that_day_s_week_and_on_a_working_day(self, moment: datetime) -> None:
        week = week_to_send(moment, NO_CLOSURES)
        day = moment.astimezone(LONDON).date()
        assert week in (None, week_of(day))
        if week is not None:
            assert is_working_day(day)
        elif is_working_day(day) and day.weekday() > 1:
            assert not is_working_day(day - timedelta(days=1))


@pytest.fixture
def north(db: None) -> Team:
    team: Team = TeamFactory(name="North")
    return team


@pytest.fixture
def _monday() -> Iterator[None]:
    with time_machine.travel(london(MONDAY, 7), tick=False):
        yield


def owed(owner: User, team: Team, due_on: date, **fields: object) -> Action:
    made: Action = ActionFactory(
        team=team, owner=owner, first_due_on=due_on, opened_at=london(date(2026, 10, 1)), **fields
    )
    return made


def mails() -> list[tuple[str, str, str]]:
    rows = Message.objects.select_related("recipient").order_by("kind", "recipient__name", "period")
    return [(row.kind, row.recipient.name, row.period) for row in rows]


@pytest.mark.django_db
@pytest.mark.usefixtures("_monday")
class TestTheWeeklyMail:
    def test_what_it_counts(self, meera: User, north: Team) -> None:
        late = owed(meera, north, date(2026, 11, 20))
        start_action(owed(meera, north, date(2026, 11, 30)), by=meera)
        ActionFactory(team=north, owner=meera, first_due_on=date(2026, 12, 15))
        Action.objects.filter(pk=late.pk).update(status="returned")
        assert send_tracker(at=london(MONDAY)) == {"mails": 1}
        assert Message.objects.get().context == {
            "open": 3,
            "new": 1,
            "due_soon": 1,
            "overdue": 1,
            "awaiting_evidence": 1,
            "returned": 1,
            "themes": [],
        }

    def test_the_owner_and_the_team_s_manager_each_one(self, meera: User, sanjay: User, north: Team) -> None:
        owed(sanjay, north, date(2026, 12, 1))
        send_tracker(at=london(MONDAY))
        assert mails() == [
            ("actions.tracker", "Meera Manager", "2026-W48"),
            ("actions.tracker", "Sanjay Service", "2026-W48"),
        ]

    def test_72_hours_off_and_asked_often_is_one_mail_each(self, meera: User, north: Team) -> None:
        owed(meera, north, date(2026, 12, 1))
        thursday = london(date(2026, 11, 26), 9)
        assert [send_tracker(at=thursday + timedelta(hours=hour))["mails"] for hour in range(6)] == [1] + [
            0
        ] * 5
        assert mails() == [("actions.tracker", "Meera Manager", "2026-W48")]

    def test_what_becomes_open_later_waits_for_the_next_week(self, meera: User, north: Team) -> None:
        assert send_tracker(at=london(MONDAY)) == {"mails": 0}
        owed(meera, north, date(2026, 12, 1))
        assert send_tracker(at=london(date(2026, 11, 25), 9)) == {"mails": 0}
        assert send_tracker(at=london(date(2026, 11, 30))) == {"mails": 1}

    def test_twin_without_the_week_it_would_go_out_in_the_middle_of_it(
        self, meera: User, north: Team
    ) -> None:
        send_tracker(at=london(MONDAY))
        owed(meera, north, date(2026, 12, 1))
        TrackerWeek.objects.all().delete()
        assert send_tracker(at=london(date(2026, 11, 25), 9)) == {"mails": 1}

    def test_the_service_manager_gets_a_copy_by_team_once_something_is_more_than_five_days_over(
        self, meera: User, sanjay: User, north: Team
    ) -> None:
        owed(meera, north, date(2026, 11, 16))  # five working days over
        assert send_tracker(at=london(MONDAY)) == {"mails": 1}
        owed(meera, north, date(2026, 11, 16))
        tara = team_manager("Tara East", TeamFactory(name="East", service=north.service))
        owed(tara, TeamFactory(name="East"), date(2026, 12, 31))
        assert send_tracker(at=london(date(2026, 11, 30))) == {"mails": 3}
        copy = Message.objects.get(kind="actions.tracker_of_service")
        assert (copy.recipient, copy.context["late"]) == (sanjay, 2)
        assert copy.context["lines"] == [
            {"team": "East", "open": 1, "overdue": 0, "late": 0},
            {"team": "North", "open": 2, "overdue": 2, "late": 2},
        ]

    def test_the_themes_that_recur_in_the_teams_of_the_person_and_no_other(
        self, meera: User, north: Team, mailoutbox: list[EmailMultiAlternatives]
    ) -> None:
        fathers, records = Theme.objects.order_by("name")[:2]
        for month in (date(2026, 2, 1), date(2026, 5, 1), date(2026, 11, 1)):
            for _ in range(2):
                finding_of(north, fathers, month=month)
                finding_of(TeamFactory(name="South"), records, month=month)
        owed(meera, north, date(2026, 12, 1))
        send_tracker(at=london(MONDAY))
        assert Message.objects.get().context["themes"] == [fathers.name]
        drain()
        [mail] = mailoutbox
        said = f"Themes that keep coming back in your team:\n\n- {fathers.name}\n"
        assert said in str(mail.body)
        assert records.name not in str(mail.body)
        assert fathers.name in str(mail.alternatives[0][0])

    def test_a_theme_of_two_quarters_is_not_recurring(self, meera: User, north: Team) -> None:
        theme = Theme.objects.order_by("name")[0]
        for month in (date(2026, 5, 1), date(2026, 11, 1)):
            for _ in range(2):
                finding_of(north, theme, month=month)
        owed(meera, north, date(2026, 12, 1))
        send_tracker(at=london(MONDAY))
        assert Message.objects.get().context["themes"] == []

    def test_bank_holiday_monday_goes_out_on_tuesday_and_after_easter_too(
        self, meera: User, north: Team
    ) -> None:
        owed(meera, north, date(2027, 5, 28))
        sent = [
            (day, send_tracker(at=london(day))["mails"])
            for day in (date(2026, 12, 28), date(2026, 12, 29), date(2027, 3, 29), date(2027, 3, 30))
        ]
        assert sent == [
            (date(2026, 12, 28), 0),  # the substitute for Boxing Day, a Saturday
            (date(2026, 12, 29), 1),
            (date(2027, 3, 29), 0),  # Easter Monday
            (date(2027, 3, 30), 1),
        ]

    def test_mail_holds_counts_and_links_only(
        self, meera: User, sanjay: User, north: Team, mailoutbox: list[EmailMultiAlternatives]
    ) -> None:
        child = ChildFactory(team=north, reference="7712345")
        action = owed(
            meera,
            north,
            date(2026, 10, 20),
            child=child,
            evidence="CANARY-EVIDENCE",
            impact="CANARY-IMPACT",
            about="CANARY-ABOUT",
        )
        note_action(action, by=meera, note="CANARY-NOTE")
        send_tracker(at=london(MONDAY))
        escalate_overdue(at=london(MONDAY))
        drain()
        assert len(mailoutbox) == 4
        for mail in mailoutbox:
            [(html, _)] = mail.alternatives
            for part in (mail.subject, mail.body, html):
                secrets = ("7712345", "CANARY", action.what, action.why, action.success)
                assert [secret for secret in secrets if str(secret) in part] == []
        [weekly] = [mail for mail in mailoutbox if mail.subject == "Actions this week: 1 to do, 1 overdue"]
        assert "- overdue: 1\n" in weekly.body

    def test_the_job_by_its_name(self, meera: User, north: Team) -> None:
        owed(meera, north, date(2026, 12, 1))
        for expected in (1, 0):
            out = StringIO()
            call_command(
                "run_due_jobs", "--json", "--at", london(MONDAY).isoformat(), stdout=out, stderr=StringIO()
            )
            assert json.loads(out.getvalue())["send_tracker"] == {"mails": expected}


@pytest.fixture
def lena(north: Team) -> User:
    return senior_leader("Lena Leader", north.service)


def told() -> list[tuple[str, str | None, date]]:
    rows = Escalation.objects.select_related("told").order_by("at", "pk")
    return [(row.step, row.told.name if row.told else None, row.at.astimezone(LONDON).date()) for row in rows]


@pytest.mark.django_db
class TestEscalation:
    DUE = date(2026, 11, 6)

    def test_the_whole_ladder_each_step_once(
        self, meera: User, sanjay: User, lena: User, north: Team
    ) -> None:
        owed(meera, north, self.DUE)
        for number in range(60):
            escalate_overdue(at=london(self.DUE + timedelta(days=number), 9))
        assert told() == [
            ("team_manager", "Meera Manager", date(2026, 11, 9)),
            ("service_manager", "Sanjay Service", date(2026, 11, 13)),
            ("assistant_director", "Lena Leader", date(2026, 11, 20)),
            ("board", None, date(2026, 12, 4)),
        ]
        assert len(mails()) == 3

    def test_two_passes_and_several_actions_are_one_mail_each_person(
        self, meera: User, sanjay: User, north: Team
    ) -> None:
        for _ in range(3):
            owed(meera, north, self.DUE)
        at = london(date(2026, 11, 13), 9)
        assert escalate_overdue(at=at) == {"mails": 2, "steps": 6}
        assert escalate_overdue(at=at + timedelta(hours=1)) == {"mails": 0, "steps": 0}
        counts = Message.objects.values_list("recipient__name", "context")
        assert sorted(counts, key=str) == [
            ("Meera Manager", {"count": 3, "own": 3}),
            ("Sanjay Service", {"count": 3, "own": 0}),
        ]

    def test_a_pause_holds_everything_and_then_all_is_told(
        self, meera: User, sanjay: User, quentin: User, north: Team
    ) -> None:
        action = owed(meera, north, self.DUE)
        with time_machine.travel(london(date(2026, 11, 9), 8)):
            pause_escalation(action, until=date(2026, 11, 13), by=quentin, reason="Court on the 12th.")
        assert escalate_overdue(at=london(date(2026, 11, 13), 9)) == {"mails": 0, "steps": 0}
        assert escalate_overdue(at=london(date(2026, 11, 16), 9)) == {"mails": 2, "steps": 2}

    def test_nothing_on_a_day_without_work(self, meera: User, north: Team) -> None:
        owed(meera, north, self.DUE)
        Closure.objects.create(day=date(2026, 11, 9), reason="Training day")
        for day in (7, 8, 9):
            assert escalate_overdue(at=london(date(2026, 11, day), 9)) == {"mails": 0, "steps": 0}

    def test_nothing_for_what_is_cancelled(self, meera: User, north: Team) -> None:
        owed(meera, north, self.DUE, status="cancelled")
        assert escalate_overdue(at=london(date(2026, 12, 9), 9)) == {"mails": 0, "steps": 0}

    def test_the_days_are_the_councils(self, meera: User, north: Team) -> None:
        ActionSettings.objects.create(pk=1, team_manager_after=3)
        owed(meera, north, self.DUE)
        assert escalate_overdue(at=london(date(2026, 11, 10), 9)) == {"mails": 0, "steps": 0}
        assert escalate_overdue(at=london(date(2026, 11, 11), 9)) == {"mails": 1, "steps": 1}

    def test_nobody_is_told_of_themselves_and_the_qa_lead_hears_where_there_is_none(
        self, sanjay: User, quentin: User, north: Team
    ) -> None:
        owed(sanjay, north, self.DUE)
        escalate_overdue(at=london(date(2026, 11, 20), 9))
        assert sorted((step, name) for step, name, _ in told()) == [
            ("assistant_director", "Quentin Lead"),
            ("service_manager", "Quentin Lead"),
            ("team_manager", "Sanjay Service"),
        ]

    def test_an_owner_who_left_is_the_team_s_manager(self, meera: User, north: Team) -> None:
        gone = team_manager("Gideon Gone", TeamFactory(name="South"), is_active=False)
        owed(gone, north, self.DUE)
        escalate_overdue(at=london(date(2026, 11, 9), 9))
        assert [name for _, name, _ in told()] == ["Meera Manager"]

    def test_the_database_refuses_a_step_told_twice(self, meera: User, north: Team) -> None:
        action = owed(meera, north, self.DUE)
        escalate_overdue(at=london(date(2026, 11, 9), 9))
        with pytest.raises(IntegrityError), transaction.atomic():
            action.escalations.create(step="team_manager", at=london(date(2026, 11, 10)))

    @pytest.mark.parametrize("rows", [1, 3])
    def test_a_pass_with_nothing_new_costs_the_same(
        self, rows: int, meera: User, north: Team, assert_queries: AssertQueries
    ) -> None:
        for _ in range(rows):
            owed(meera, north, self.DUE)
        escalate_overdue(at=london(date(2026, 11, 9), 9))
        with assert_queries(7):
            escalate_overdue(at=london(date(2026, 11, 10), 9))


@pytest.mark.django_db
@pytest.mark.usefixtures("time_machine_at")
@pytest.mark.parametrize(
    ("priority", "told_at_once"), [("p0", ["Meera Manager", "Sanjay Service"]), ("p1", [])]
)
def test_of_immediate_safety_the_team_and_the_service_manager_are_told_at_once(
    priority: str, told_at_once: list[str], meera: User, sanjay: User, quentin: User, north: Team
) -> None:
    content = NewAction("Go there.", "Unseen.", "Seen.", meera, north, ActionPriority(priority))
    made = raise_action(content, by=quentin)
    assert [name for _, name, _ in mails()] == told_at_once
    assert set(Message.objects.values_list("subject_key", flat=True)) <= {made.reference}
