"""The nightly roll-up in processes of its own: killed half way, taken up again, and many at one moment."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection

from audits.models import AuditSection
from config.celery import app
from config.schedule import JOBS
from dashboards.invariants import CHECKS
from dashboards.models import FrozenAllocation, QuarterRollUp, QuarterSummary
from dashboards.services.roll_up import roll_up_due_quarters
from dashboards.tasks import roll_up_quarters
from tests.factories.audits import submitted_audits

ROOT = Path(__file__).resolve().parent.parent.parent
FIRST, SECOND = date(2024, 4, 1), date(2024, 7, 1)
BEFORE, FREEZES = datetime(2024, 7, 10, 4, 40, tzinfo=UTC), datetime(2024, 10, 31, 4, 40, tzinfo=UTC)
SCRIPT = """
import sys, time
from datetime import datetime
import django
django.setup()
from dashboards.services import roll_up as service
{patch}
print(service.roll_up_due_quarters(at=datetime.fromisoformat(sys.argv[1])), flush=True)
"""
STOPS_IN_THE_FIRST_QUARTER = """
kept = service._stocks
def stop(quarter, *, on):
    if quarter.first_day.isoformat() == "2024-04-01":
        print("half way", flush=True)
        time.sleep(120)
    return kept(quarter, on=on)
service._stocks = stop
"""


def start(at: datetime, patch: str = "") -> "subprocess.Popen[str]":
    """A worker's process on the database of this test."""
    told = connection.settings_dict
    address = (
        f"postgres://{told['USER']}:{told['PASSWORD']}@{told['HOST']}:{told['PORT'] or 5432}/{told['NAME']}"
    )
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(patch=patch), at.isoformat()],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": address},
        stdout=subprocess.PIPE,
        text=True,
    )


def kept() -> dict[date, Counter[str]]:
    """What the council's summary of each quarter holds."""
    return {
        first_day: Counter(counts)
        for first_day, counts in QuarterSummary.objects.filter(scope="").values_list(
            "roll_up__first_day", "counts"
        )
    }


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
class TestInProcesses:
    @pytest.fixture(autouse=True)
    def _audits(self) -> None:
        for month in (FIRST, SECOND):
            submitted_audits(month, [{"overall": "good"}] * 8)

    def test_killed_half_way_it_leaves_what_was_there_and_the_next_run_takes_it_up(self) -> None:
        roll_up_due_quarters(at=BEFORE)
        night_before = kept()
        AuditSection.objects.filter(section="overall").update(final_grade="inadequate")
        with start(FREEZES, STOPS_IN_THE_FIRST_QUARTER) as worker:
            assert worker.stdout is not None
            said = worker.stdout.readline()
            worker.send_signal(signal.SIGKILL)
        assert said == "half way\n"
        frozen = QuarterRollUp.objects.filter(frozen_at=FREEZES)
        assert [row.first_day for row in frozen] == [SECOND], "the newest comes first, and stands"
        assert kept()[FIRST] == night_before[FIRST]
        assert FrozenAllocation.objects.filter(roll_up__first_day=FIRST).count() == 8
        assert roll_up_due_quarters(at=FREEZES) == {"rolled_up": 1, "frozen": 1}
        assert {row.first_day for row in frozen.all()} == {FIRST, SECOND}
        assert {day: counts["overall.inadequate"] for day, counts in kept().items()} == {FIRST: 8, SECOND: 8}
        assert [
            sentence for check in CHECKS if check.name == "summaries" for sentence in check.broken()
        ] == []

    def test_of_three_workers_at_one_moment_each_quarter_is_frozen_by_one(self) -> None:
        with start(FREEZES) as one, start(FREEZES) as two, start(FREEZES) as three:
            workers = (one, two, three)
            answers = [worker.communicate(timeout=120)[0] for worker in workers]
        assert [worker.returncode for worker in workers] == [0, 0, 0]
        assert sum(int(answer.split("'frozen': ")[1].rstrip("}\n")) for answer in answers) == 2
        assert {first_day: counts["submitted"] for first_day, counts in kept().items()} == {
            FIRST: 8,
            SECOND: 8,
        }
        assert FrozenAllocation.objects.count() == 16


@pytest.mark.django_db
class TestNightly:
    def test_it_is_on_the_schedule_once_a_night_outside_the_hours_when_clocks_change(self) -> None:
        found = [job for job in JOBS if job.task == "dashboards.tasks.roll_up_quarters"]
        assert [(job.name, str(job.schedule)) for job in found] == [
            ("roll_up_quarters", "<crontab: 40 4 * * * (m/h/dM/MY/d)>")
        ]
        assert "dashboards.tasks.roll_up_quarters" in app.tasks

    def test_the_task_twice_is_the_task_once(self) -> None:
        submitted_audits(FIRST, [{"overall": "good"}] * 3)
        assert roll_up_quarters(FREEZES.isoformat()) == {"rolled_up": 1, "frozen": 1}
        before = list(QuarterSummary.objects.values_list("pk", "counts"))
        assert roll_up_quarters(FREEZES.isoformat()) == {"rolled_up": 0, "frozen": 0}
        assert list(QuarterSummary.objects.values_list("pk", "counts")) == before
