"""What must hold of the figures that are kept, derived anew (docs/domain.md, section 10)."""

from collections import Counter
from collections.abc import Iterator

from audits.invariants import Check
from dashboards.frozen import unexplained_changes
from dashboards.models import QuarterRollUp
from dashboards.services.roll_up import summed

STOCKS = ("at_end.", "panel.", "actions.", "activity.", "theme.")
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


CHECKS = (
    Check("summaries", "The counts kept of a quarter are the sums of its audits", summaries_are_their_sums),
    Check(
        "frozen_figures",
        "Frozen figures are those of the records, but for what happened since",
        frozen_figures_are_those_of_the_records,
    ),
)
