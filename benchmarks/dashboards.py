"""How long each page of the dashboard takes at ten years of one council, beside the raw SQL of the same roll-up.

    python benchmarks/dashboards.py [--audits 5000] [--actions 20000] [--times 15]

Writes to a database of its own, which it creates and drops: SQLite in memory, or beside the one DATABASE_URL names.
Panels are left out; every closed quarter is rolled up and frozen first, as it is every night.
"""

import argparse
import gc
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django  # the project is found and its settings are named first
from django.conf import settings

# zeal watches tests alone.
settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.startswith("zeal")]
settings.INSTALLED_APPS.remove("zeal")
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.enums import Role  # noqa: E402
from accounts.models import Service, Team  # noqa: E402
from actions.models import Action  # noqa: E402
from audits.enums import BAND_GRADES, GRADED_SECTIONS, PRACTICE_KINDS, Pathway  # noqa: E402
from audits.models import Allocation, Answer, Audit, Child, Holding, Question  # noqa: E402
from core.dates import LONDON, Quarter, add_months  # noqa: E402
from dashboards.dashboard.subjects import SUBJECTS  # noqa: E402
from dashboards.services.roll_up import roll_up_due_quarters  # noqa: E402
from dashboards.views.dashboard import MOST_QUARTERS  # noqa: E402
from tests.factories.accounts import ServiceFactory, TeamFactory, person  # noqa: E402
from tests.factories.actions import ActionFactory  # noqa: E402
from tests.factories.audits import submitted_audits  # noqa: E402

MONTHS, SERVICES, TEAMS, QUESTIONS = 120, 6, 24, 60
BUDGET = 150
"""Milliseconds that a page may take (docs/domain.md, section 10)."""
GRADES_SQL = """
SELECT r.month, s.section, s.final_grade, COUNT(*)
FROM audits_allocation a
JOIN audits_round r ON r.id = a.round_id
JOIN audits_audit u ON u.allocation_id = a.id
JOIN audits_auditsection s ON s.audit_id = u.id
WHERE a.kind = 'cja' AND a.status IN ('allocated', 'excused', 'never_returned') AND r.month >= %s
  AND u.status IN ('submitted', 'resubmitted', 'finalised', 'reopened') AND s.final_grade <> ''
GROUP BY r.month, s.section, s.final_grade"""
ACTIONS_SQL = """
SELECT first_due_on, status, COUNT(*) FROM actions_action
WHERE status <> 'cancelled' AND first_due_on >= %s GROUP BY first_due_on, status"""


def build(audits: int, actions: int) -> None:
    """Ten years up to this month."""
    rng = random.Random(2026)
    today = timezone.localdate()
    first = add_months(today.replace(day=1), 1 - MONTHS)
    services = [ServiceFactory(name=f"Service {number}") for number in range(SERVICES)]
    teams = [TeamFactory(name=f"Team {number:02d}", service=rng.choice(services)) for number in range(TEAMS)]
    made: list[Audit] = []
    for number in range(MONTHS):
        share = audits * (number + 1) // MONTHS - audits * number // MONTHS
        grades = [{one: rng.choice(BAND_GRADES) for one in GRADED_SECTIONS} for _ in range(share)]
        made += submitted_audits(add_months(first, number), grades)
    for audit in made:
        team, pathway = rng.choice(teams), rng.choice(Pathway.values)
        audit.team = audit.allocation.team = audit.allocation.child.team = team
        audit.pathway = audit.allocation.pathway = audit.allocation.child.pathway = pathway
    Audit.objects.bulk_update(made, ["team", "pathway"], batch_size=500)
    Allocation.objects.bulk_update((audit.allocation for audit in made), ["team", "pathway"], batch_size=500)
    children = [audit.allocation.child for audit in made]
    Child.objects.bulk_update(children, ["team", "pathway"], batch_size=500)
    # Each month's audits were made for a team and a service of their own; nobody's council has so many.
    Team.objects.exclude(pk__in=[team.pk for team in teams]).delete()
    Service.objects.exclude(pk__in=[service.pk for service in services]).delete()
    Holding.objects.bulk_create(
        Holding(
            child=child,
            team=child.team,
            pathway=child.pathway,
            starts_on=first,
            ends_on=None if place % 3 == 0 else today - timedelta(9),
        )
        for place, child in enumerate(children)
    )
    questions = list(Question.objects.filter(kind__in=PRACTICE_KINDS).order_by("version", "pk")[:QUESTIONS])
    Answer.objects.bulk_create(
        (
            Answer(
                audit=audit,
                question=question,
                value=rng.choice(["yes", "yes", "partly", "no", "not_evidenced"]),
            )
            for audit in made
            for question in questions
        ),
        batch_size=2000,
    )
    Action.objects.bulk_create(_actions(actions, teams, first, rng), batch_size=1000)


def _actions(count: int, teams: list[Team], first: date, rng: random.Random) -> list[Action]:
    owner = person("Olive Owner")
    days = MONTHS * 30
    rows = []
    for number in range(count):
        opened = first + timedelta(days * number // count)
        due = opened + timedelta(rng.choice([7, 28, 56]))
        is_done = number < count * 97 // 100
        done = datetime.combine(opened + timedelta(rng.randint(1, 70)), datetime.min.time(), LONDON)
        rows.append(
            ActionFactory.build(
                reference=f"ACT-{number:06d}",
                audit=None,
                child=None,
                team=rng.choice(teams),
                owner=owner,
                first_due_on=due,
                due_on=due,
                opened_at=datetime.combine(opened, datetime.min.time(), LONDON),
                status="done" if is_done else "open",
                done_at=done if is_done else None,
                evidence="In the plan." if is_done else "",
                verification="not_drawn" if is_done else "not_yet",
            )
        )
    return rows


def timed(tasks: Mapping[str, Callable[[], object]], times: int) -> Iterator[tuple[str, float, float, float]]:
    """Of each its median, its worst, and the median of this process's own work, in milliseconds, after one to warm up.

    They take turns, so that what else the machine does falls on all of them alike. The last is what a page costs on a
    machine that is busy with something else. A database server's work is not in it.
    """
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    worked: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(times + 1):
        for name, task in tasks.items():
            start, at_work = time.perf_counter(), time.process_time()
            task()
            if turn:
                taken[name].append(1000 * (time.perf_counter() - start))
                worked[name].append(1000 * (time.process_time() - at_work))
    for name in tasks:
        yield name, statistics.median(taken[name]), max(taken[name]), statistics.median(worked[name])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--audits", type=int, default=5000)
    parser.add_argument("--actions", type=int, default=20000)
    parser.add_argument("--times", type=int, default=15)
    asked = parser.parse_args()
    database = connection.creation.create_test_db(verbosity=0)
    slowest = 0.0
    try:
        start = time.perf_counter()
        build(asked.audits, asked.actions)
        built = time.perf_counter()
        rolled_up = roll_up_due_quarters(at=timezone.now())
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")  # as it would do by itself, but while the pages are timed
        print(
            f"{connection.vendor}: {asked.audits} audits, {Answer.objects.count()} answers, {asked.actions} actions; "
            f"built in {built - start:.0f} s, {rolled_up['frozen']} quarters frozen in "
            f"{time.perf_counter() - built:.0f} s"
        )
        gc.collect()
        gc.freeze()  # as config/wsgi.py does
        client = Client()
        client.force_login(person("Priya Principal", Role.PSW))
        until = Quarter.of(timezone.localdate())
        since = until
        for _ in range(MOST_QUARTERS - 1):
            since = since.previous()
        spans = {"four quarters": {}, f"{MOST_QUARTERS} quarters": {"from": str(since), "to": str(until)}}
        print(f"{'page':<42}{'median ms':>10}{'worst ms':>10}{'own work':>10}")
        pages = {
            f"{subject.label}, {words}": partial(client.get, f"/reports/dashboard/{subject.key}/", span)
            for subject in SUBJECTS
            for words, span in spans.items()
        }
        for name, median, worst, own in timed(pages, asked.times):
            slowest = max(slowest, median)
            print(f"{name:<42}{median:>10.0f}{worst:>10.0f}{own:>10.0f}")
        queries = {
            f"raw SQL of the {label}, {words}": partial(_rows, sql, day)
            for words, day in (
                ("four quarters", add_months(until.first_day, -9)),
                ("ten years", date(2000, 1, 1)),
            )
            for label, sql in (("grades", GRADES_SQL), ("actions", ACTIONS_SQL))
        }
        for name, median, worst, own in timed(queries, asked.times):
            print(f"{name:<42}{median:>10.1f}{worst:>10.1f}{own:>10.1f}")
    finally:
        connection.creation.destroy_test_db(database, verbosity=0)
    print(f"slowest page: {slowest:.0f} ms at the median; the budget is {BUDGET} ms")
    return int(slowest > BUDGET)


def _rows(sql: str, day: date) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [day])
        return cursor.fetchall()


if __name__ == "__main__":
    sys.exit(main())
