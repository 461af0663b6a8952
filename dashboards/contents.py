"""A report as every page and file prints it: words, tables and charts in their order. Imports no Django.

Composed once (dashboards/composing.py), kept as JSON when a report is published, and drawn by the page, the Word
document, the PDF and the workbook. None of them counts or words anything again, so they cannot disagree.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from dashboards.charts import StackedBars, stacked_bars


@dataclass(frozen=True)
class Text:
    """Words somebody wrote, figures filled in, under a small heading where `label` is not empty."""

    label: str
    words: str

    @property
    def paragraphs(self) -> list[str]:
        """The words by blank lines."""
        return [part.strip() for part in self.words.split("\n\n") if part.strip()]


@dataclass(frozen=True)
class Table:
    """A caption, the words over the columns, and rows whose first cell names the row. Every cell is as printed."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def named_rows(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each row as its name and the other cells."""
        return [(row[0], row[1:]) for row in self.rows]


@dataclass(frozen=True)
class Chart:
    """How many audits have each grade in each period: its label, and its counts by grade."""

    ident: str
    title: str
    periods: tuple[tuple[str, Mapping[str, int]], ...]

    @property
    def drawing(self) -> StackedBars:
        """Where its parts go."""
        return stacked_bars(self.ident, self.title, self.periods)


@dataclass(frozen=True)
class Part:
    """One heading of the report with all that stands under it."""

    key: str
    heading: str
    texts: tuple[Text, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Contents:
    """A whole report.

    Attributes:
        title: what it is and of which period. subtitle: how its figures stand, and for whom it is made out.
        notes: how to read the figures. parts: in their order.
        measures: every measure with its numerator and denominator, as the JSON of the report has them.
        targets: every measure that has a target, and performance: the council's performance figures, in the same way.
        quarters: the quarters of the period, each with every measure.

    """

    title: str
    subtitle: str
    notes: tuple[str, ...]
    parts: tuple[Part, ...]
    measures: tuple[Mapping[str, Any], ...]
    targets: tuple[Mapping[str, Any], ...] = ()
    performance: tuple[Mapping[str, Any], ...] = ()
    quarters: tuple[Mapping[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The same report, read from what as_json gave, through JSON."""
        return cls(
            title=kept["title"],
            subtitle=kept["subtitle"],
            notes=tuple(kept["notes"]),
            parts=tuple(_part(part) for part in kept["parts"]),
            measures=tuple(kept["measures"]),
            targets=tuple(kept.get("targets", ())),
            performance=tuple(kept.get("performance", ())),
            quarters=tuple(kept.get("quarters", ())),
        )


def _part(kept: Mapping[str, Any]) -> Part:
    return Part(
        key=kept["key"],
        heading=kept["heading"],
        texts=tuple(Text(**text) for text in kept["texts"]),
        charts=tuple(
            Chart(
                chart["ident"], chart["title"], tuple((label, counts) for label, counts in chart["periods"])
            )
            for chart in kept["charts"]
        ),
        tables=tuple(
            Table(table["caption"], tuple(table["columns"]), tuple(tuple(row) for row in table["rows"]))
            for table in kept["tables"]
        ),
    )
