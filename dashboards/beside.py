"""What the audits found beside the targets, and beside the council's own performance figures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from core.dates import Quarter
from core.shares import Ratio
from dashboards.aims import Progress
from dashboards.contents import Table
from dashboards.figures import Report
from dashboards.measures.figure import Figure
from dashboards.models import PerformanceFigure

BESIDE = (
    "Performance figure",
    "Source",
    "Quarter",
    "The council’s figure",
    "Measure of the audits",
    "Found by the audits",
)


def share_of(typed: PerformanceFigure) -> Ratio | None:
    """So many of so many; None for a number with a unit."""
    if typed.numerator is None or typed.denominator is None:
        return None
    return Ratio(typed.numerator, typed.denominator)


def value_of(typed: PerformanceFigure) -> str:
    """The number without noughts at its end; empty for so many of so many."""
    return "" if typed.value is None else f"{typed.value.normalize():f}"


def printed(typed: PerformanceFigure) -> str:
    """Such as "180 of 200 (90%)", or "12.5 working days"."""
    return str(share_of(typed) or f"{value_of(typed)} {typed.unit}")


@dataclass(frozen=True)
class BesideAudits:
    """One performance figure, the measure that it is read beside, and that measure in the same quarter."""

    typed: PerformanceFigure
    finding: Figure
    counted: Ratio
    audits: str
    """The measure in that quarter as it is printed everywhere."""

    @property
    def name(self) -> str:
        return self.typed.name

    @property
    def source(self) -> str:
        return self.typed.source

    @property
    def quarter(self) -> Quarter:
        return self.typed.quarter

    @property
    def share(self) -> Ratio | None:
        return share_of(self.typed)

    @property
    def printed(self) -> str:
        return printed(self.typed)

    @property
    def counts(self) -> set[int]:
        """The numbers of it that prose may quote."""
        if self.share:
            return {self.share.numerator, self.share.denominator}
        value = value_of(self.typed)
        return {int(value)} if value.isdecimal() else set()

    @property
    def percents(self) -> set[int]:
        percent = self.share.percent if self.share else None
        return set() if percent is None else {percent}

    def as_document(self) -> dict[str, Any]:
        """As JSON holds it; scripts rely on the keys."""
        share = self.share
        return {
            "period": str(self.quarter),
            "name": self.name,
            "source": self.source,
            "numerator": share.numerator if share else None,
            "denominator": share.denominator if share else None,
            "percent": share.percent if share else None,
            "value": None if share else value_of(self.typed),
            "unit": self.typed.unit,
            "beside": {
                "code": self.finding.measure.code,
                "numerator": self.counted.numerator,
                "denominator": self.counted.denominator,
                "percent": self.finding.measure.percent_of(self.counted),
            },
        }


def beside_audits(report: Report, typed: Iterable[PerformanceFigure]) -> list[BesideAudits]:
    """Those whose measure the report has, in the order of the table of measures and then of the quarters."""
    codes = list(report.figures)
    known = sorted(
        (one for one in typed if one.code in report.figures),
        key=lambda one: (codes.index(one.code), one.first_day, one.name),
    )
    return [
        BesideAudits(
            one,
            report.figures[one.code],
            report.in_quarter(one.code, one.quarter),
            report.printed_in(one.code, one.quarter),
        )
        for one in known
    ]


def performance_table(heading: str, found: Iterable[BesideAudits], *, said: Callable[[str], str]) -> Table:
    """Each performance figure in a line with what the audits of the same quarter found.

    `said` gives what was typed in as the edition has it.
    """
    rows = tuple(
        (
            said(one.name),
            said(one.source),
            str(one.quarter),
            said(one.printed),
            one.finding.measure.label,
            one.audits,
        )
        for one in found
    )
    return Table(f"{heading}: the council’s performance figures beside the audits", BESIDE, rows)


def targets_table(report: Report, progress: Iterable[Progress]) -> Table:
    """Each figure that has a target, and whether it is reached."""
    rows = tuple(
        (
            one.figure.measure.label,
            str(one.aim),
            one.figure.printed,
            one.figure.printed_before,
            one.in_words,
        )
        for one in progress
    )
    columns = ("Measure", "Target", str(report.period), str(report.before), "Reached?")
    return Table(f"Progress against targets, {report.period}", columns, rows)
