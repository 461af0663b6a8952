"""Month by month: what chance alone explains, and what it does not. Frozen months are the frozen ones."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from accounts.models import User
from core.dates import Quarter, add_months
from dashboards.dashboard.blocks import Block
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
SOURCES = frozenset({Source.LEDGER, Source.FOLLOW_UP, Source.GRADES, Source.INVOLVEMENT})


def month_blocks(user: User, scope: Scope, until: Quarter, *, on: date) -> list[Block]:
    """A run chart for each measure over the two years up to the quarter; a month counts once its audits were due.

    Seven queries at most.

    Raises:
        NotVisible: this person has no figures of that part.

    """
    if not can_read_figures(user, scope):
        raise NotVisible(scope.key)
    last = min(until.months[-1], add_months(on.replace(day=1), -1))
    months = [add_months(last, -back) for back in reversed(range(MONTHS_SHOWN))]
    frozen = frozen_quarters(Quarter.of(months[0]), until, scope)
    measures = [measure for measure in MEASURES if measure.code in CHARTED]
    tallies = _by_month(months, frozen, measures, scope)
    measures.sort(key=lambda measure: CHARTED.index(measure.code))
    return [block for measure in measures for block in _drawn(measure, tallies, frozen, months)]


def _by_month(
    months: list[date], frozen: dict[Quarter, Frozen], measures: list[Measure], scope: Scope
) -> defaultdict[date, Counter[str]]:
    """The months of frozen quarters as they were kept, the others as the records stand."""
    names = sorted({term.removeprefix("-") for one in measures for term in (*one.counts, *one.of)})
    found: defaultdict[date, Counter[str]] = defaultdict(Counter)
    if frozen:
        kept = counts_of_frozen(frozen, names, by=("month",), scope=scope)
        found.update({month: counts for (month,), counts in kept.items() if month})
    if live := [month for month in months if Quarter.of(month) not in frozen]:
        counted = counts_of_audits(live[0], live[-1], scope=scope, sources=SOURCES)
        found.update({month: counts for (month,), counts in counted.items() if month in live})
    return found


def _drawn(
    measure: Measure,
    tallies: defaultdict[date, Counter[str]],
    frozen: dict[Quarter, Frozen],
    months: list[date],
) -> Iterator[Block]:
    otherwise = sorted(quarter for quarter, kept in frozen.items() if kept.definition_of(measure))
    ident = measure.code.replace(".", "-")
    chart = run_chart(
        ident,
        measure.label,
        [
            (f"{month:%B %Y}", ratio(measure, tallies[month]))
            for month in months
            if Quarter.of(month) not in otherwise
        ],
    )
    if chart is not None:
        note = (
            f"Left out, counted by another definition: {', '.join(map(str, otherwise))}." if otherwise else ""
        )
        yield Block(ident, chart.sentence, chart.table, "dashboards/_run_chart.html", chart, note=note)
