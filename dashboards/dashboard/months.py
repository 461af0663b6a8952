"""Month by month: what chance alone explains, and what it does not. Frozen months are the frozen ones."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from core.dates import Quarter, add_months
from dashboards.dashboard.blocks import Block
from dashboards.dashboard.withholding import Withholding, is_small
from dashboards.figures import NotVisible
from dashboards.frozen import Frozen, frozen_quarters
from dashboards.measures.definition import Measure, ratio
from dashboards.measures.table import MEASURES
from dashboards.permissions import can_read_figures
from dashboards.run_charts import run_chart
from dashboards.scopes import Scope
from dashboards.selectors.audits import counts_of_audits
from dashboards.selectors.kept import counts_of_frozen
from dashboards.selectors.keys import Source

MONTHS_SHOWN = 24
CHARTED = (
    "overall.good_or_better",
    "return_rate",
    "on_time",
    "moderation.coverage",
    "worker_involved",
    "feedback.obtained",
)
SHOWN = sorted((one for one in MEASURES if one.code in CHARTED), key=lambda one: CHARTED.index(one.code))
SOURCES = frozenset({Source.LEDGER, Source.MODERATED, Source.GRADES, Source.INVOLVEMENT})


@dataclass(frozen=True)
class Months:
    """What was counted of each month shown, earliest first, and which of the quarters they lie in are frozen."""

    months: list[date]
    tallies: Mapping[date, Counter[str]]
    frozen: Mapping[Quarter, Frozen]

    @property
    def quarters(self) -> list[Quarter]:
        return [*dict.fromkeys(Quarter.of(month) for month in self.months)]


def months_of(user: User, scope: Scope, until: Quarter, *, on: date) -> Months:
    """The two years up to the quarter; a month counts once its audits were due. Six queries at most.

    Raises:
        NotVisible: this person has no figures of that part.

    """
    if not can_read_figures(user, scope):
        raise NotVisible(scope.key)
    last = min(until.months[-1], add_months(on.replace(day=1), -1))
    months = [add_months(last, -back) for back in reversed(range(MONTHS_SHOWN))]
    frozen = frozen_quarters(Quarter.of(months[0]), until, scope)
    return Months(months, _by_month(months, frozen, scope), frozen)


def _by_month(months: list[date], frozen: dict[Quarter, Frozen], scope: Scope) -> Mapping[date, Counter[str]]:
    """The months of frozen quarters as they were kept, the others as the records stand."""
    names = sorted({term.removeprefix("-") for one in SHOWN for term in (*one.counts, *one.of)})
    found: defaultdict[date, Counter[str]] = defaultdict(Counter)
    if frozen:
        kept = counts_of_frozen(frozen, names, by=("month",), scope=scope)
        found.update({month: counts for (month,), counts in kept.items() if month})
    if live := [month for month in months if Quarter.of(month) not in frozen]:
        counted = counts_of_audits(live[0], live[-1], scope=scope, sources=SOURCES)
        found.update({month: counts for (month,), counts in counted.items() if month in live})
    return {month: found[month] for month in months}


def month_blocks(counted: Months, withholding: Withholding) -> list[Block]:
    """A run chart for each measure. A quarter with a small month shows none of the three, or the quarter would tell."""
    return [block for measure in SHOWN if (block := _drawn(measure, counted, withholding))]


def _drawn(measure: Measure, counted: Months, withholding: Withholding) -> Block | None:
    otherwise = sorted(quarter for quarter, kept in counted.frozen.items() if kept.definition_of(measure))
    withheld = [
        quarter
        for quarter in counted.quarters
        if withholding.concerns(quarter)
        and (withholding.wholly or _has_small_month(measure, counted, quarter))
    ]
    ident = measure.code.replace(".", "-")
    chart = run_chart(
        ident,
        measure.label,
        [
            (f"{month:%B %Y}", ratio(measure, counted.tallies[month]))
            for month in counted.months
            if Quarter.of(month) not in (*otherwise, *withheld)
        ],
    )
    if chart is None:
        return None
    notes = []
    if otherwise:
        notes.append(f"Left out, counted by another definition: {', '.join(map(str, otherwise))}.")
    if withheld:
        notes.append(f"Withheld, with counts under 5: {', '.join(map(str, withheld))}.")
    return Block(
        ident, chart.sentence, chart.table, "dashboards/_run_chart.html", chart, note=" ".join(notes)
    )


def _has_small_month(measure: Measure, counted: Months, quarter: Quarter) -> bool:
    return any(
        is_small(measure, ratio(measure, counted.tallies[month]))
        for month in quarter.months
        if month in counted.tallies
    )
