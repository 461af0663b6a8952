"""The outbox while things break: real workers, beats, web server, broker and mail server on PostgreSQL.

500 mails are due; processes are killed, the broker hangs. Every mail arrives; a killed sender may send its one
mail of that moment twice, with the same Message-ID.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.db import connection
from django.utils import timezone
from kombu import Connection

from accounts.models import User
from audits.models import Reminder
from audits.tasks import remind_of_audits
from core.dates import LONDON, add_working_days, is_working_day, london_date
from notifications.enums import MessageStatus
from notifications.gate import gate_is_open
from notifications.models import Heartbeat, Message
from notifications.tasks import drain_outbox
from tests.conftest import ClientFor
from tests.factories.accounts import TeamFactory, auditor
from tests.factories.audits import AllocationFactory, AuditFactory, RoundFactory
from tests.notifications.rig import SECRET_KEY, SITE, Group, Rig, running, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

MAILS = 500


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    assert connection.vendor == "postgresql", "set DATABASE_URL to a PostgreSQL"
    with running(tmp_path) as machinery:
        yield machinery


def queue(count: int, *, to: User, due_at: timezone.datetime | None = None) -> set[str]:
    """Due mails; returns the Message-IDs that must arrive."""
    messages = Message.objects.bulk_create(
        Message(
            kind="accounts.password_link",
            recipient=to,
            subject_key=str(number),
            due_at=due_at or timezone.now(),
            queued_at=due_at or timezone.now(),
        )
        for number in range(count)
    )
    return {f"<{message.pk}@audits.council.example>" for message in messages}


def all_sent() -> bool:
    return not Message.objects.exclude(status=MessageStatus.SENT).exists()


def run_due_jobs(rig: Rig, *options: str) -> dict[str, dict[str, int]]:
    """A manual pass, to its end."""
    out = tool(sys.executable, "manage.py", "run_due_jobs", "--json", *options, env=rig.environment())
    counts: dict[str, dict[str, int]] = json.loads(out)
    return counts


def test_500_mails_arrive_while_worker_groups_are_killed(rig: Rig, asha: User) -> None:
    """Four workers; three are killed with -9 at random mails, the last at the end. What they held follows."""
    *doomed, survivor = rig.workers(4)
    expected = queue(MAILS, to=asha)
    kill_at = sorted(random.sample(range(10, 400), k=len(doomed)))
    killed: list[Group] = []

    def kill_when_due(taken: int) -> None:
        if len(killed) < len(doomed) and taken >= kill_at[len(killed)]:
            killed.append(doomed[len(killed)])
            killed[-1].kill()

    rig.mail.on_mail = kill_when_due
    with Connection(rig.broker.url) as broker:
        for _ in range(4):
            drain_outbox.apply_async(connection=broker, retry=False)
    wait_until(lambda: not Message.objects.due(timezone.now()).exists(), seconds=60)
    wait_until(lambda: Message.objects.queued().count() <= len(doomed), seconds=10)
    survivor.kill()
    left = Message.objects.queued().count()
    in_an_hour = (timezone.now() + timedelta(hours=1)).isoformat()
    counts = run_due_jobs(rig, "--at", in_an_hour)["drain_outbox"]

    print(f"killed at {kill_at}: {left} leases ran out, {rig.mail.total - MAILS} mails arrived twice")  # noqa: T201
    assert killed == doomed
    assert counts["sent"] == left
    assert all_sent()
    assert set(rig.mail.received) == expected
    assert rig.mail.total <= MAILS + len(doomed) + 1


def test_after_72_hours_off_two_beats_four_workers_and_two_manual_runs_send_one_mail_each(
    rig: Rig, asha: User
) -> None:
    rig.workers(4)
    expected = queue(MAILS, to=asha, due_at=timezone.now() - timedelta(hours=72))
    rig.beat()
    rig.beat()
    by_hand = [rig.manage("run_due_jobs"), rig.manage("run_due_jobs")]
    wait_until(all_sent, seconds=60)
    assert [run.wait(seconds=30) for run in by_hand] == [0, 0]
    wait_until(lambda: Heartbeat.objects.count() == 2, seconds=60)
    assert rig.mail.received == dict.fromkeys(expected, 1)


def a_working_moment() -> datetime:
    """Now, or nine in the morning of the next working day: the beats, which ask for now, remind of nothing before."""
    today = timezone.localdate()
    if is_working_day(today):
        return timezone.now()
    return datetime.combine(add_working_days(today, 1), time(9), LONDON)


def test_reminders_of_two_beats_four_workers_and_two_manual_runs_after_72_hours_off_are_one_mail_each(
    rig: Rig, sanjay: User
) -> None:
    """20 auditors with two audits each, six working days late, and nobody told of anything so far."""
    at = a_working_moment()
    due_on = add_working_days(london_date(at), -6)
    round_ = RoundFactory(month=due_on.replace(day=1), drawn_at=at - timedelta(days=60))
    auditors = [auditor(f"Auditor {number}", team=TeamFactory(name="North")) for number in range(20)]
    for someone in auditors:
        for _ in range(2):
            AuditFactory(allocation=AllocationFactory(auditor=someone, round=round_, first_due_on=due_on))
    rig.workers(4)
    rig.beat()
    rig.beat()
    with Connection(rig.broker.url) as broker:
        for _ in range(4):
            remind_of_audits.apply_async((at.isoformat(),), connection=broker, retry=False)
    by_hand = [rig.manage("run_due_jobs", "--at", at.isoformat()) for _ in range(2)]
    assert [run.wait(seconds=60) for run in by_hand] == [0, 0]
    wait_until(lambda: Heartbeat.objects.count() == 2, seconds=60)
    wait_until(all_sent, seconds=60)
    people = [*auditors, sanjay]
    assert rig.mail.recipients == dict.fromkeys((person.email for person in people), 1)
    assert rig.mail.total == len(people)
    steps = Counter(Reminder.objects.values_list("step", flat=True))
    assert steps == dict.fromkeys(("first_nudge", "second_nudge", "late_nudge", "service_manager"), 40)


def test_pages_answer_while_the_broker_is_hung_flushed_or_gone_and_mail_follows_its_return(
    rig: Rig, quentin: User, client_for: ClientFor, settings: LazySettings
) -> None:
    settings.SECRET_KEY = SECRET_KEY  # the web server's, so that it knows the session
    session_key = client_for(quentin).session.session_key
    assert isinstance(session_key, str)
    expected = queue(6, to=quentin)
    Message.objects.update(status=MessageStatus.DEAD)
    messages = iter(Message.objects.all())
    web = rig.web()
    rig.workers(1)
    rig.beat()
    wait_until(lambda: Heartbeat.objects.count() == 2, seconds=60)

    def send_again() -> float:
        status, seconds = web.post(
            f"/setup/messages/{next(messages).pk}/send-again/", session_key=session_key
        )
        assert status == 302
        return seconds

    send_again()
    wait_until(lambda: rig.mail.total == 1, seconds=5)  # woken by the page, not by the beat

    rig.broker.hang()
    assert 0.4 < send_again() < 2  # the socket timeout, once
    assert send_again() < 0.4  # left alone for a while
    rig.broker.resume()

    rig.broker.flush()
    assert send_again() < 2

    rig.broker.kill()
    assert send_again() < 2
    rig.broker.start()

    assert send_again() < 2
    wait_until(lambda: rig.mail.total == 6, seconds=120)
    wait_until(all_sent, seconds=5)
    assert rig.mail.received == dict.fromkeys(expected, 1)


def tool(*command: str, data: bytes = b"", env: dict[str, str] | None = None) -> bytes:
    """Run a program to its end; returns what it printed."""
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=env, input=data, capture_output=True, check=True, timeout=120
    )
    return done.stdout


def test_a_restored_copy_sends_no_mail_until_it_is_told_to(
    rig: Rig, asha: User, settings: LazySettings
) -> None:
    """The drill of docs/operations.md: dump, restore beside it, and both look for mail."""
    settings.SITE_URL = SITE
    assert gate_is_open()
    queue(1, to=asha)
    original = str(connection.settings_dict["NAME"])
    copy = f"{original}_copy"
    server = rig.environment()["DATABASE_URL"].rpartition("/")[0]
    on_the_copy = rig.environment() | {"DATABASE_URL": f"{server}/{copy}"}

    def mails_sent_by_the_copy() -> int:
        out = tool(sys.executable, "manage.py", "run_due_jobs", "--json", env=on_the_copy)
        sent: int = json.loads(out)["drain_outbox"]["sent"]
        return sent

    tool("psql", f"{server}/postgres", "-c", f'DROP DATABASE IF EXISTS "{copy}"')
    tool("psql", f"{server}/postgres", "-c", f'CREATE DATABASE "{copy}"')
    try:
        dump = tool("pg_dump", "--format=custom", f"{server}/{original}")
        tool("pg_restore", "--dbname", f"{server}/{copy}", "--exit-on-error", data=dump)
        assert mails_sent_by_the_copy() == 0
        assert rig.mail.total == 0
        assert run_due_jobs(rig)["drain_outbox"]["sent"] == 1
        tool(sys.executable, "manage.py", "open_mail_gate", env=on_the_copy)
        assert mails_sent_by_the_copy() == 1
        assert rig.mail.total == 2
    finally:
        tool("psql", f"{server}/postgres", "-c", f'DROP DATABASE IF EXISTS "{copy}"')
