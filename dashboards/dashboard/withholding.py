"""Which figures of a team or a service are left out, and why no other figure gives them away.

Who answers for a team reads its numbers on the page, because the audits themselves are theirs to read once they are
decided. Of a quarter that holds one still undecided, and of everything on paper or in a file, which others will see,
small numbers are left out (docs/adr/0021-what-leaves-of-a-team.md).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.dates import Quarter
from core.shares import Ratio
from dashboards.figures import Report
from dashboards.measures.definition import Measure, Unit
from dashboards.suppression import SMALLEST, WITHHELD

LEFT_OUT = "Counts under 5 of a team are withheld, and so is what would give them away."
BY_THEMSELVES = ("question",)
"""Measures that no other measure of the pages adds up to or is taken from."""


@dataclass(frozen=True)
class Withholding:
    """The quarters of which small numbers are left out; None is all. `wholly`: every number of them is."""

    quarters: frozenset[Quarter] | None
    wholly: bool = False

    def concerns(self, quarter: Quarter) -> bool:
        return self.quarters is None or quarter in self.quarters


NOTHING = Withholding(frozenset())


def is_small(measure: Measure, counted: Ratio) -> bool:
    """Whether fewer than five were counted, or were not. Of nothing at all there is nobody to protect."""
    if not counted.denominator:
        return False
    if measure.unit not in (Unit.SHARE, Unit.RATIO):
        return counted.denominator < SMALLEST
    return min(counted.numerator, counted.denominator - counted.numerator) < SMALLEST


@dataclass(frozen=True)
class Cells:
    """The figures of a report as one reader sees them over some quarters, earliest first.

    Measures of one family, such as the grades of an area or what panels changed, add up to each other: a quarter shows
    them all or none. A figure is left out of a quarter for that quarter's numbers alone, so no range tells more than
    another.
    """

    report: Report
    quarters: Sequence[Quarter]
    withholding: Withholding

    @property
    def until(self) -> Quarter:
        return self.quarters[-1]

    def withholds(self, code: str, quarter: Quarter) -> bool:
        return self.withholding.concerns(quarter) and (
            self.withholding.wholly or (_family(code), quarter) in self._small
        )

    def withholds_change(self, code: str) -> bool:
        """Whether one of the two quarters is left out that the last one's difference is made of."""
        return self.withholds(code, self.until) or self.withholds(code, self.until.previous())

    def printed(self, code: str, quarter: Quarter) -> str:
        return WITHHELD if self.withholds(code, quarter) else self.report.printed_in(code, quarter)

    def change_in_words(self, code: str) -> str:
        return WITHHELD if self.withholds_change(code) else self.report.figures[code].change_in_words

    def change_said(self, code: str) -> str:
        """Empty where nothing may be said or nothing is supported."""
        return "" if self.withholds_change(code) else self.report.figures[code].change_said

    def is_counted(self, code: str) -> bool:
        """Whether there is anything that it is a part of in one of the quarters."""
        return any(self.report.in_quarter(code, one).denominator for one in self.quarters)

    def trend(self, code: str) -> list[tuple[str, Ratio]]:
        """The measure in each quarter that may be drawn."""
        return [
            (str(quarter), self.report.in_quarter(code, quarter))
            for quarter in self.quarters
            if not self.withholds(code, quarter)
        ]

    @cached_property
    def _small(self) -> frozenset[tuple[str, Quarter]]:
        return frozenset(self._found_small())

    def _found_small(self) -> Iterator[tuple[str, Quarter]]:
        for quarter in filter(self.withholding.concerns, self.report.by_quarter):
            for code, figure in self.report.figures.items():
                if is_small(figure.measure, self.report.in_quarter(code, quarter)):
                    yield _family(code), quarter


def _family(code: str) -> str:
    first = code.split(".", maxsplit=1)[0]
    return code if first in BY_THEMSELVES else first
