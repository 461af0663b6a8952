"""Keeping a quarter's counts, freezing them, and restating a measure whose definition changed.

Nothing here reads a figure that was kept: each roll-up counts the records anew (docs/adr/0014-frozen-quarters.md).
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts.models import Team, User
from actions.models import PathSettings, Theme
from audits.selectors import closures
from core.dates import Quarter, add_working_days, london_date
from core.errors import RuleViolation
from dashboards.frozen import by_definition, definitions_today, freezes_on, last_import_into
from dashboards.measures.definition import Measure
from dashboards.measures.table import MEASURES
from dashboards.models import FrozenAllocation, QuarterRollUp, QuarterSummary, ReportSettings, Restatement
from dashboards.permissions import can_restate
from dashboards.scopes import COUNCIL, Scope
from dashboards.selectors.actions import counts_of_actions
from dashboards.selectors.activity import counts_of_activity
from dashboards.selectors.audits import counts_of_audits
from dashboards.selectors.caseload import counts_of_caseload
from dashboards.selectors.panels import counts_of_panels
from dashboards.selectors.periods import reported_quarters
from dashboards.selectors.questions import expanded, practice_questions
from dashboards.selectors.recurrence import THEME, counts_of_recurrence, counts_of_themes

logger = logging.getLogger(__name__)

Cell = tuple[int | None, int | None, str]
"""Service, team and pathway."""


def roll_up_due_quarters(*, at: datetime) -> dict[str, int]:
    """Roll up every quarter that has begun, has a published month and is not frozen; freeze those that are due.

    Each quarter is a transaction of its own: one that stops half way loses nothing, and the next run takes it up.

    Returns:
        How many were "rolled_up", and how many of those were "frozen".

    """
    done = Counter({"rolled_up": 0, "frozen": 0})
    frozen = set(QuarterRollUp.objects.filter(frozen_at__isnull=False).values_list("first_day", flat=True))
    for quarter in reported_quarters():
        if quarter.first_day <= london_date(at) and quarter.first_day not in frozen:
            roll_up = roll_up_quarter(quarter, at=at)
            done["rolled_up"] += roll_up is not None
            done["frozen"] += bool(roll_up and roll_up.frozen_at)
    return dict(done)


def roll_up_quarter(quarter: Quarter, *, at: datetime) -> QuarterRollUp | None:
    """Count a quarter anew and keep it; freeze it where that is due.

    Effects, in order: what was kept is replaced by what the records say; past the last day on which they still change
    the figures, the definitions of the measures are kept beside it and the quarter is frozen for ever.

    Returns:
        None where another run was at it at the same moment, or had frozen it: nothing was changed here.

    """
    QuarterRollUp.objects.get_or_create(first_day=quarter.first_day)
    try:
        with _one_view_of_the_records():
            row = QuarterRollUp.objects.select_for_update().get(first_day=quarter.first_day)
            return None if row.frozen_at else _keep(row, at=at)
    except OperationalError as error:  # the other run committed while this one waited
        logger.info("%s was rolled up by another run: %s", quarter, error)
        return None


def _keep(row: QuarterRollUp, *, at: datetime) -> QuarterRollUp:
    quarter = row.quarter
    row.allocations.all().delete()
    row.summaries.all().delete()
    months, by = (quarter.first_day, quarter.last_day), ("service", "team", "pathway", "allocation")
    by_allocation: defaultdict[tuple[int, Cell], Counter[str]] = defaultdict(Counter)
    for counted in (
        counts_of_audits(*months, by=by, today=london_date(at)),
        counts_of_themes(*months, by=by),
    ):
        for (_, service, team, pathway, allocation), counts in counted.items():
            by_allocation[allocation, (service, team, pathway)].update(counts)
    FrozenAllocation.objects.bulk_create(
        FrozenAllocation(
            roll_up=row,
            allocation_id=allocation,
            service=service,
            team=team,
            pathway=pathway,
            counts=dict(sorted(counts.items())),
        )
        for (allocation, (service, team, pathway)), counts in sorted(
            by_allocation.items(), key=lambda item: item[0][0]
        )
    )
    totals = summed((cell, counts) for (_, cell), counts in by_allocation.items())
    for scope, counts in _stocks(quarter, on=london_date(at)):
        totals[scope].update(counts)
    QuarterSummary.objects.bulk_create(
        QuarterSummary(roll_up=row, scope=scope, counts=dict(sorted(counts.items())))
        for scope, counts in sorted(totals.items())
    )
    row.rolled_up_at, row.circumstances = at, circumstances()
    if london_date(at) > _last_day_of_change(quarter):
        row.frozen_at, row.definitions = at, definitions_today()
    row.save(update_fields=("rolled_up_at", "frozen_at", "definitions", "circumstances"))
    return row


def circumstances() -> dict[str, Any]:
    """What decides counts and has no history of its own, as QuarterRollUp keeps it. Three queries."""
    return {
        "services": {str(team): service for team, service in Team.objects.values_list("pk", "service")},
        "themes": sorted(Theme.objects.in_use().values_list("code", flat=True)),
        "children_for_theme": PathSettings.current().children_for_theme,
    }


def scopes_of(cell: Cell) -> Iterator[Scope]:
    """Every part of the council whose counts are kept and that holds the cell."""
    service, team, pathway = cell
    yield COUNCIL
    if pathway:
        yield Scope(pathway=pathway)
    for part in (Scope(service=service), Scope(team=team)):
        if not part.is_council:
            yield part
            if pathway:
                yield Scope(service=part.service, team=part.team, pathway=pathway)


def summed(cells: "Iterator[tuple[Cell, Counter[str]]]") -> defaultdict[str, Counter[str]]:
    """The counts of cells added up for every part of the council, by Scope.key. The council is always there.

    Themes are counted of the council alone.
    """
    totals: defaultdict[str, Counter[str]] = defaultdict(Counter)
    totals[COUNCIL.key] = Counter()
    for cell, counts in cells:
        of_a_part = Counter({name: count for name, count in counts.items() if not name.startswith(THEME)})
        for scope in scopes_of(cell):
            totals[scope.key].update(counts if scope.is_council else of_a_part)
    return totals


def _stocks(quarter: Quarter, *, on: date) -> Iterator[tuple[str, Counter[str]]]:
    """What no audit holds: the open caseload and the actions of every part of the council; the council's panels,
    activity and recurring themes. On which audits a theme was found, these hold themselves.
    """
    by = ("service", "team", "pathway")
    for counted in (
        counts_of_caseload([quarter], on, by=by),
        counts_of_actions([quarter], on, closures(), by=by),
    ):
        for (_, service, team, pathway), counts in counted.items():
            for scope in scopes_of((service, team, pathway)):
                yield scope.key, counts
    for found in (
        counts_of_panels(quarter.first_day, quarter.last_day),
        counts_of_activity(quarter.first_day, quarter.last_day),
        counts_of_recurrence([quarter]),
    ):
        for counts in found.values():
            yield (
                COUNCIL.key,
                Counter({name: count for name, count in counts.items() if not name.startswith(THEME)}),
            )


def _last_day_of_change(quarter: Quarter) -> date:
    """The working days run from the quarter's end, or from when past audits were last brought into it."""
    after, closed = ReportSettings.current().freeze_after, closures()
    due = freezes_on(quarter, after=after, closures=closed)
    imported_on = last_import_into(quarter)
    return max(due, add_working_days(imported_on, after, closed)) if imported_on else due


@contextmanager
def _one_view_of_the_records() -> Iterator[None]:
    """A transaction in which every query sees the records of one moment, so that the counts belong together."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql" and is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def restate_measure(
    quarter: Quarter, code: str, *, by: User, reason: str, at: datetime | None = None
) -> Restatement:
    """Report a frozen quarter by a measure's definition of today, and say so. Twice is once.

    Effects, in order: what the new definition counts and none of the old ones did is counted from the records as they
    stand now, for every part of the council; the restatement is kept with the reason. The frozen counts stay as they
    are, and what was reported before is still shown beside it.

    Raises:
        RuleViolation: `by` may not, there is no reason, the quarter is not frozen, there is no such measure, or its
            definition is the one that the quarter reports by already.

    """
    if not can_restate(by):
        raise RuleViolation("The QA lead and the Principal Social Worker restate figures.")
    if not reason.strip():
        raise RuleViolation("Say why the definition changed. It is printed beside the figures.")
    measure = next((one for one in MEASURES if one.code == code), None)
    if measure is None:
        raise RuleViolation("There is no such measure. Choose one of the table of measures.")
    with transaction.atomic():
        row = (
            QuarterRollUp.objects.select_for_update()
            .filter(first_day=quarter.first_day, frozen_at__isnull=False)
            .first()
        )
        if row is None:
            raise RuleViolation(
                f"{quarter} is not frozen. Its figures follow the definitions of today by themselves."
            )
        last = row.restatements.filter(code=code).last()
        if last and last.definition == measure.definition:
            return last
        if not last and row.definitions.get(code) == measure.definition:
            raise RuleViolation(f"{quarter} reports this measure by its definition of today already.")
        return Restatement.objects.create(
            roll_up=row,
            code=code,
            definition=measure.definition,
            counts=_recounted(row, measure),
            reason=reason.strip(),
            by=by,
            at=at or timezone.now(),
        )


def _recounted(row: QuarterRollUp, measure: Measure) -> dict[str, dict[str, int]]:
    """By scope, the counts that the measure needs and that no definition of the frozen quarter named."""
    questions = practice_questions()
    then = [by_definition(one, row.definitions[one.code]) for one in MEASURES if one.code in row.definitions]
    known = _names_in(expanded(then, questions))
    missing = _names_in(expanded([measure], questions)) - known
    if not missing:
        return {}
    quarter = row.quarter
    counted = counts_of_audits(quarter.first_day, quarter.last_day, by=("service", "team", "pathway"))
    totals = summed(
        ((service, team, pathway), Counter({name: counts[name] for name in missing & counts.keys()}))
        for (_, service, team, pathway), counts in counted.items()
    )
    for scope, counts in _stocks(quarter, on=timezone.localdate()):
        totals[scope].update({name: counts[name] for name in missing & counts.keys()})
    return {scope: dict(counts) for scope, counts in totals.items() if counts}


def _names_in(measures: list[Measure]) -> set[str]:
    return {term.removeprefix("-") for one in measures for term in (*one.counts, *one.of)}
