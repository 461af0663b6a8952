"""The beat table, and one pass of it by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from celery.beat import Scheduler
from celery.schedules import crontab
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone
from django.utils.module_loading import import_string

from config import schedule, tasks
from config.celery import BeatingScheduler, app
from config.schedule import JOBS
from notifications.models import Heartbeat, Message
from tests.notifications.conftest import NewMessage

NOTHING_TO_REMIND = {"mails": 0, "steps": 0}
NOTHING_TO_CHASE = {"invitations": 0, "readings": 0, "outcomes": 0}
NOTHING_TO_DRAW = {"selected": 0, "drawn": 0, "finalised": 0}
NOTHING_EARNED = {"ended": 0, "withdrawn": 0, "proposed": 0}
NOTHING_TO_CALIBRATE = {"closed": 0, "reminded": 0}
NOTHING_TO_FREEZE = {"rolled_up": 0, "frozen": 0}
NOTHING_TO_ESCALATE = {"escalated": 0}
NOTHING_SENT = {"sent": 0, "put_off": 0, "dead": 0, "withdrawn": 0}


def run_due_jobs(*options: str) -> dict[str, dict[str, int]]:
    out = StringIO()
    call_command("run_due_jobs", "--json", *options, stdout=out, stderr=StringIO())
    counts: dict[str, dict[str, int]] = json.loads(out.getvalue())
    return counts


class TestTable:
    def test_the_beat_calls_each_job_and_drops_calls_that_waited(self) -> None:
        assert {
            name: (entry["task"], entry["options"]) for name, entry in app.conf.beat_schedule.items()
        } == {job.name: (job.task, {"expires": 60}) for job in JOBS}

    @pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
    def test_each_task_exists_under_its_name(self, job: schedule.Job) -> None:
        assert import_string(job.task).name == job.task

    def test_it_is_on_utc(self) -> None:
        assert (app.conf.timezone, app.conf.enable_utc) == ("UTC", True)

    @pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
    def test_nothing_that_looks_at_a_date_runs_near_midnight(self, job: schedule.Job) -> None:
        if isinstance(job.schedule, crontab):
            assert job.schedule.hour <= set(range(2, 23))
        else:
            assert job.name in {"drain_outbox", "sweep_concerns"}


@pytest.mark.django_db
class TestBeat:
    @pytest.fixture
    def called(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The tasks that the beat calls for. Its connection stays open: it holds the test's own transaction."""
        called: list[str] = []
        monkeypatch.setattr("django.db.close_old_connections", lambda: None)
        monkeypatch.setattr(
            BeatingScheduler, "apply_async", lambda _self, entry, **_: called.append(entry.task)
        )
        return called

    def test_when_it_starts_everything_is_due_however_long_it_was_off(self, called: list[str]) -> None:
        beat = BeatingScheduler(app=app)
        for _ in JOBS:
            beat.tick()
        assert sorted(called) == sorted(job.task for job in JOBS)

    def test_twin_celerys_own_scheduler_would_wait_for_the_next_time(self, called: list[str]) -> None:
        beat = Scheduler(app=app)
        beat.apply_async = lambda entry, **_: called.append(entry.task)
        for _ in JOBS:
            beat.tick()
        assert called == []

    def test_it_shows_that_it_is_alive_each_half_minute(
        self, called: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 1000.0
        monkeypatch.setattr("config.celery.time.monotonic", lambda: now)
        beat = BeatingScheduler(app=app)
        assert beat.tick() <= 30
        first = Heartbeat.objects.get(name="beat").at
        now += 29
        beat.tick()
        assert Heartbeat.objects.get(name="beat").at == first
        now += 1
        beat.tick()
        assert Heartbeat.objects.get(name="beat").at > first

    def test_it_goes_on_without_a_database(
        self, called: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def no_answer(name: str, *, at: datetime) -> None:
            raise OperationalError

        monkeypatch.setattr(Heartbeat, "beat", no_answer)
        beat = BeatingScheduler(app=app)
        beat.tick()
        assert [record.message for record in caplog.records if record.name == "config.celery"] == [
            "The beat could not write its sign of life; it goes on."
        ]


@pytest.mark.django_db
class TestRunDueJobs:
    def test_it_does_every_job_and_twice_changes_nothing(self, new_message: NewMessage) -> None:
        new_message()
        Session.objects.create(session_key="old", expire_date=timezone.now() - timedelta(seconds=1))
        Session.objects.create(session_key="new", expire_date=timezone.now() + timedelta(hours=1))
        assert run_due_jobs() == {
            "remind_of_audits": NOTHING_TO_REMIND,
            "sweep_panels": {"made": 7},
            "remind_of_panels": NOTHING_TO_CHASE,
            "remind_of_follow_up": {"opened": 0, "mails": 0},
            "send_tracker": {"mails": 0},
            "escalate_overdue": NOTHING_TO_REMIND,
            "sweep_spot_checks": NOTHING_TO_DRAW,
            "sweep_moderation_exemptions": NOTHING_EARNED,
            "sweep_calibrations": NOTHING_TO_CALIBRATE,
            "sweep_concerns": NOTHING_TO_ESCALATE,
            "roll_up_quarters": NOTHING_TO_FREEZE,
            "drain_outbox": {**NOTHING_SENT, "sent": 1},
            "sweep_sessions": {"deleted": 1},
        }
        assert run_due_jobs() == {
            "remind_of_audits": NOTHING_TO_REMIND,
            "sweep_panels": {"made": 0},
            "remind_of_panels": NOTHING_TO_CHASE,
            "remind_of_follow_up": {"opened": 0, "mails": 0},
            "send_tracker": {"mails": 0},
            "escalate_overdue": NOTHING_TO_REMIND,
            "sweep_spot_checks": NOTHING_TO_DRAW,
            "sweep_moderation_exemptions": NOTHING_EARNED,
            "sweep_calibrations": NOTHING_TO_CALIBRATE,
            "sweep_concerns": NOTHING_TO_ESCALATE,
            "roll_up_quarters": NOTHING_TO_FREEZE,
            "drain_outbox": NOTHING_SENT,
            "sweep_sessions": {"deleted": 0},
        }
        assert [session.session_key for session in Session.objects.all()] == ["new"]

    @pytest.mark.parametrize(
        ("at", "sent"),
        [
            ("2030-01-07T09:00:00Z", 1),
            ("2030-01-07T08:59:59Z", 0),
            ("2030-01-07T10:30:00+01:30", 1),
            ("2030-01-07T09:00", 1),
            ("2030-01-07T08:59", 0),
        ],
    )
    def test_it_does_what_is_due_at_another_moment(self, new_message: NewMessage, at: str, sent: int) -> None:
        new_message(due_at=datetime(2030, 1, 7, 9, 0, tzinfo=UTC))
        assert run_due_jobs("--at", at)["drain_outbox"]["sent"] == sent

    def test_a_moment_in_summer_without_a_zone_is_londons(self, new_message: NewMessage) -> None:
        new_message(due_at=datetime(2030, 7, 1, 8, 0, tzinfo=UTC))
        assert run_due_jobs("--at", "2030-07-01T08:59")["drain_outbox"]["sent"] == 0
        assert run_due_jobs("--at", "2030-07-01T09:00")["drain_outbox"]["sent"] == 1

    def test_what_is_no_time_is_wrong_usage(self) -> None:
        with pytest.raises(CommandError, match="write the time like 2026-11-21T09:00"):
            call_command("run_due_jobs", "--at", "tomorrow")

    def test_one_job_that_fails_stops_no_other(
        self, new_message: NewMessage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(at: datetime | None) -> dict[str, int]:
            raise RuntimeError("Broken")

        monkeypatch.setattr("notifications.outbox.drain", fail)
        Session.objects.create(session_key="old", expire_date=timezone.now() - timedelta(seconds=1))
        out, err = StringIO(), StringIO()
        with pytest.raises(CommandError, match="These jobs failed.*: drain_outbox"):
            call_command("run_due_jobs", "--json", stdout=out, stderr=err)
        assert json.loads(out.getvalue()) == {
            "remind_of_audits": NOTHING_TO_REMIND,
            "sweep_panels": {"made": 7},
            "remind_of_panels": NOTHING_TO_CHASE,
            "remind_of_follow_up": {"opened": 0, "mails": 0},
            "send_tracker": {"mails": 0},
            "escalate_overdue": NOTHING_TO_REMIND,
            "sweep_spot_checks": NOTHING_TO_DRAW,
            "sweep_moderation_exemptions": NOTHING_EARNED,
            "sweep_calibrations": NOTHING_TO_CALIBRATE,
            "sweep_concerns": NOTHING_TO_ESCALATE,
            "roll_up_quarters": NOTHING_TO_FREEZE,
            "sweep_sessions": {"deleted": 1},
        }
        assert Session.objects.count() == 0

    def test_without_json_people_read_it_on_standard_error(self) -> None:
        out, err = StringIO(), StringIO()
        call_command("run_due_jobs", stdout=out, stderr=err)
        assert out.getvalue() == ""
        assert err.getvalue() == (
            "remind_of_audits: 0 mails, 0 steps\nsweep_panels: 7 made\n"
            "remind_of_panels: 0 invitations, 0 readings, 0 outcomes\n"
            "remind_of_follow_up: 0 opened, 0 mails\n"
            "send_tracker: 0 mails\nescalate_overdue: 0 mails, 0 steps\n"
            "sweep_spot_checks: 0 selected, 0 drawn, 0 finalised\n"
            "sweep_moderation_exemptions: 0 ended, 0 withdrawn, 0 proposed\n"
            "sweep_calibrations: 0 closed, 0 reminded\nsweep_concerns: 0 escalated\n"
            "roll_up_quarters: 0 rolled up, 0 frozen\n"
            "drain_outbox: 0 sent, 0 put off, 0 dead, 0 withdrawn\nsweep_sessions: 0 deleted\n"
        )

    def test_a_run_by_hand_is_no_sign_of_life_of_the_worker(self) -> None:
        run_due_jobs()
        assert Heartbeat.objects.count() == 0

    def test_twin_a_worker_is(self) -> None:
        import_string("notifications.tasks.drain_outbox").apply()
        assert [beat.name for beat in Heartbeat.objects.all()] == ["worker"]


@pytest.mark.django_db
def test_check_heartbeat_exits_with_a_sentence_when_there_is_none() -> None:
    with pytest.raises(CommandError, match="The beat has shown no sign of life for three minutes"):
        call_command("check_heartbeat", "beat")
    Heartbeat.beat("beat", at=timezone.now())
    call_command("check_heartbeat", "beat")


@pytest.mark.django_db
def test_sessions_are_swept_at_the_moment_given() -> None:
    Session.objects.create(session_key="s", expire_date=datetime(2030, 1, 7, 9, 0, tzinfo=UTC))
    assert tasks.sweep_sessions("2030-01-07T09:00:00+00:00") == {"deleted": 0}
    assert tasks.sweep_sessions("2030-01-07T09:00:01+00:00") == {"deleted": 1}


@pytest.mark.django_db
def test_the_mail_gate_is_opened_by_a_command(new_message: NewMessage) -> None:
    new_message()
    err = StringIO()
    call_command("open_mail_gate", "--discard-queued", stderr=err)
    assert err.getvalue() == "This installation now sends the mail. Waiting messages set aside: 1.\n"
    assert Message.objects.queued().count() == 0
