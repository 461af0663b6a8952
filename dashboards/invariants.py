"""What must hold of the figures that are kept, derived anew (docs/domain.md, section 10)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache

from actions.recurrence import last_quarters
from audits.invariants import Check
from dashboards.frozen import changes_after_freezing, counted_since, unexplained_changes
from dashboards.models import QuarterRollUp
from dashboards.selectors.recurrence import counts_of_recurrence
from dashboards.services.roll_up import circumstances, summed
from dashboards.what_stood import WhatStood

RECURRENCE, CASELOAD = "at_end.recurrence.", ("at_end.open.", "at_end.audited.")
STOCKS = ("at_end.", "panel.", "actions.", "activity.")
"""What no allocation holds."""


def summaries_are_their_sums() -> Iterator[str]:
    for row in QuarterRollUp.objects.prefetch_related("allocations", "summaries"):
        totals = summed(
            ((one.service, one.team, one.pathway), Counter(one.counts)) for one in row.allocations.all()
        )
        kept = {one.scope: Counter(one.counts) for one in row.summaries.all()}
        for scope in sorted(totals.keys() | kept.keys()):
            counts = {
                name: count
                for name, count in kept.get(scope, Counter()).items()
                if not name.startswith(STOCKS)
            }
            if Counter(counts) != totals.get(scope, Counter()):
                yield f"{row}, {scope or 'the council'}: its counts are not the sum of its audits'."


def frozen_figures_are_those_of_the_records() -> Iterator[str]:
    for row in QuarterRollUp.objects.filter(frozen_at__isnull=False):
        if row.frozen_at:
            for reference in unexplained_changes(row.quarter, row.frozen_at):
                yield f"{reference} counts otherwise than when {row} froze, and nothing happened to it since."


def frozen_stocks_are_those_of_the_records() -> Iterator[str]:
    """Caseload, panels, activity and actions as the moves of the records say they stood when the quarter froze."""
    what_stood = WhatStood()
    for row, then in _frozen_with_circumstances():
        services = {int(team): service for team, service in row.circumstances["services"].items()}
        derived = summed(what_stood.stocks(row.quarter, then, services))
        left_out = (
            RECURRENCE,
            *(() if what_stood.knows_caseload(row.quarter, then) else CASELOAD),
            *counted_since(row.definitions),
        )
        kept = {one.scope: _stocks_in(one.counts, left_out) for one in row.summaries.all()}
        for scope in sorted(derived.keys() | kept.keys()):
            now, was = _stocks_in(derived.get(scope, {}), left_out), kept.get(scope, Counter())
            for name in sorted(now.keys() | was.keys()):
                if now[name] != was[name]:
                    yield (
                        f"{row}, {scope or 'the council'}: {name} was frozen as {was[name]}, and the moves of the "
                        f"records say {now[name]}."
                    )


def _stocks_in(counts: Mapping[str, int], left_out: tuple[str, ...]) -> Counter[str]:
    return Counter(
        {
            name: count
            for name, count in counts.items()
            if name.startswith(STOCKS) and not name.startswith(left_out)
        }
    )


def recurrence_is_that_of_the_records() -> Iterator[str]:
    """A theme that came or went since is told of by its audit; without one the recurring teams are still the same."""
    today = circumstances()
    late_in = cache(changes_after_freezing)
    for row, _ in _frozen_with_circumstances():
        quarter = row.quarter
        is_told = {name: row.circumstances[name] for name in ("themes", "children_for_theme")}
        if any(today[name] != value for name, value in is_told.items()) or any(
            late_in(one) for one in last_quarters(quarter)
        ):
            continue
        [found] = counts_of_recurrence([quarter]).values()
        derived = {name: count for name, count in found.items() if name.startswith(RECURRENCE)}
        [council] = [one.counts for one in row.summaries.all() if not one.scope]
        kept = {name: count for name, count in council.items() if name.startswith(RECURRENCE)}
        if kept != derived:
            yield f"{row}: the teams with a recurring theme are not those that its audits' findings say."


def _frozen_with_circumstances() -> Iterator[tuple[QuarterRollUp, datetime]]:
    rows = QuarterRollUp.objects.filter(frozen_at__isnull=False).exclude(circumstances={})
    for row in rows.prefetch_related("summaries"):
        if row.frozen_at:
            yield row, row.frozen_at


CHECKS = (
    Check("summaries", "The counts kept of a quarter are the sums of its audits", summaries_are_their_sums),
    Check(
        "frozen_figures",
        "Frozen figures are those of the records, but for what happened since",
        frozen_figures_are_those_of_the_records,
    ),
    Check(
        "frozen_stocks",
        "The frozen caseload, panels, activity and actions are those that the moves of the records say",
        frozen_stocks_are_those_of_the_records,
    ),
    Check(
        "recurrence",
        "The frozen recurring themes are those of the findings, but for what happened since",
        recurrence_is_that_of_the_records,
    ),
)
