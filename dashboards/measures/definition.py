"""What a measure is, and how its counts are added and divided (docs/domain.md, section 10).

Imports no Django. What was counted arrives as a tally: a mapping from the name of a count to the count, such
as `{"submitted": 64, "overall.good": 26, "V6.yes": 58}`. A measure names the counts that make its numerator
and its denominator; a minus sign in front of a name takes that count away. The tallies of several quarters
are added before anything is divided, so a year pools counts and never averages percentages. Only what stood at the end
of a quarter, such as the children whose cases were open, is not added: a year has what stood at its own end. The names
of such counts begin with "at_end.".
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from itertools import product

from core.shares import SMALLEST_FOR_PERCENT, Ratio
from moderation.agreement import Coefficient, Estimate, from_counts

Tally = Mapping[str, int]
Terms = tuple[str, ...]

STOCK = "at_end."
"""How the names of counts begin that stood at the end of a quarter, and that a year does not add."""


class Unit(StrEnum):
    """What a measure is printed as."""

    SHARE = "share"
    """So many of so many, with an interval, and a change is tested."""
    RATIO = "ratio"
    """A percentage without interval or test: what is counted is no sample, and what it is set against overlaps."""
    COUNT = "count"
    """A number by itself: there is nothing that it is a part of."""
    CHANGE = "change"
    """A change in a number, which is never called a rate."""
    MEAN = "mean"
    """The numerator divided by the denominator, to two places."""
    DAYS = "days"
    """The median of a number of days; both counts are how many it is the median of."""
    KAPPA = "kappa"
    """Quadratic-weighted kappa of pairs of grades, with its interval; both counts are the pairs."""


UNITS_IN_WORDS = {
    Unit.SHARE: "Percentage with its 95% interval, from {} counted; a change is tested",
    Unit.RATIO: "Percentage without interval, from {} counted",
    Unit.CHANGE: "Difference in a number, and its percentage from {} counted",
    Unit.MEAN: "Mean, in steps of the scale",
    Unit.DAYS: "Median, in days",
    Unit.KAPPA: "Kappa with its 95% interval, from {} pairs",
    Unit.COUNT: "Number",
}


@dataclass(frozen=True)
class Measure:
    """One definition: what it is called, what is counted of what, in words and in counts.

    A code with {area}, {grade}, {question} or {pathway} in it stands for one measure of each; `expand` writes them out.
    """

    code: str
    label: str
    numerator: str
    denominator: str
    excludes: str
    counts: Terms
    of: Terms
    unit: Unit = Unit.SHARE
    smallest: int = SMALLEST_FOR_PERCENT
    """Below this denominator the fraction alone is printed, and no change is tested."""
    parts: str = ""
    """How the names of the counts begin that a kappa or a median is made from; a pair of grades or the days follow."""
    of_council_only: bool = False
    """Whether it cannot be told apart by team or pathway."""

    @property
    def printed_as(self) -> str:
        """Its unit in words, with the denominator from which it is given as that."""
        return UNITS_IN_WORDS[self.unit].format(self.smallest)

    @property
    def is_share(self) -> bool:
        return self.unit == Unit.SHARE

    @property
    def definition(self) -> dict[str, list[str] | str]:
        """What decides the figure, as it is kept with frozen figures: the words may be put better at any time."""
        found = {"counts": list(self.counts), "of": list(self.of), "unit": self.unit.value}
        return found | ({"parts": self.parts} if self.parts else {})

    def percent_of(self, counted: Ratio) -> int | None:
        """Whole percent, half up; None for a mean, and where there are fewer than `smallest` to count."""
        if self.unit in (Unit.MEAN, Unit.KAPPA, Unit.DAYS, Unit.COUNT) or counted.denominator < self.smallest:
            return None
        return counted.percent

    def statistic_of(self, tally: Tally) -> Coefficient | float | None:
        """The kappa or the median; None for other measures, and for the median of nothing."""
        if self.unit == Unit.DAYS:
            days = {
                int(name.removeprefix(self.parts)): count
                for name, count in tally.items()
                if name.startswith(self.parts) and count
            }
            return _median(days)
        return self.kappa_of(tally)

    def kappa_of(self, tally: Tally) -> Coefficient | None:
        """The agreement of the pairs counted; None for a measure that is no kappa."""
        if self.unit != Unit.KAPPA:
            return None
        pairs = {
            tuple(name.removeprefix(self.parts).split(".")): count
            for name, count in tally.items()
            if name.startswith(self.parts)
        }
        return from_counts({(one, two): count for (one, two), count in pairs.items()}).kappa

    def mean_of(self, counted: Ratio) -> float | None:
        """The numerator divided by the denominator, for a mean; None for other measures, and of nothing."""
        if self.unit != Unit.MEAN or not counted.denominator:
            return None
        return round(counted.numerator / counted.denominator, 2)

    def printed(self, counted: Ratio, statistic: Coefficient | float | None = None) -> str:
        """Such as "29 of 64 (45%)"; a mean as "+0.12 over 34"; a kappa as "0.61 (0.40 to 0.82) over 34"; days alike.

        A count is its number alone; a change is "+7 on 56 (+13%)".
        """
        if self.unit == Unit.KAPPA:
            found = str(statistic) if isinstance(statistic, Estimate) else "not given"
            return f"{found} over {counted.denominator}"
        if self.unit == Unit.DAYS:
            found = f"{statistic:g} days" if isinstance(statistic, float) else "none"
            return f"{found} over {counted.denominator}"
        if self.unit == Unit.COUNT:
            return str(counted.numerator)
        if self.unit == Unit.CHANGE:
            percent = self.percent_of(counted)
            share = "" if percent is None else f" ({signed(percent)}%)"
            return f"{signed(counted.numerator)} on {counted.denominator}{share}"
        if self.unit != Unit.MEAN:
            return str(counted)
        mean = self.mean_of(counted)
        said = "none" if mean is None else f"{mean:+.2f} over {counted.denominator}"
        return said.replace("-", "\N{MINUS SIGN}")

    @property
    def version(self) -> str:
        """A short mark of the definition, which changes with it."""
        return sha256(repr(sorted(self.definition.items())).encode()).hexdigest()[:12]


def signed(number: int) -> str:
    """A change with its sign: "+7", "\N{MINUS SIGN}6", and "0"."""
    return f"{number:+d}".replace("-", "\N{MINUS SIGN}") if number else "0"


def expand(measure: Measure, words: Mapping[str, Mapping[str, str]]) -> Iterator[Measure]:
    """The measures that `measure` stands for, in the order of `words`.

    `words` holds for each of "area", "grade", "question" and "pathway" the codes and what each is called:
    `{"grade": {"good": "Good"}}`. A measure with none of them in its code is yielded as it is.
    """
    places = [place for place in words if f"{{{place}}}" in measure.code]
    for codes in product(*(words[place] for place in places)):
        code = dict(zip(places, codes, strict=True))
        name = {place: words[place][code[place]] for place in places}
        yield replace(
            measure,
            code=measure.code.format(**code),
            label=measure.label.format(**name),
            counts=tuple(term.format(**code) for term in measure.counts),
            of=tuple(term.format(**code) for term in measure.of),
            parts=measure.parts.format(**code),
        )


def pool(tallies: Iterable[Tally]) -> Tally:
    """The counts of several periods, earliest first: added, but for what stood at an end, which is the last one's."""
    total: Counter[str] = Counter()
    last: Tally = {}
    for tally in tallies:
        total.update({name: count for name, count in tally.items() if not name.startswith(STOCK)})
        last = tally
    total.update({name: count for name, count in last.items() if name.startswith(STOCK)})
    return total


def _total(terms: Terms, tally: Tally) -> int:
    total = 0
    for term in terms:
        if term.startswith("-"):
            total -= tally.get(term[1:], 0)
        else:
            total += tally.get(term, 0)
    return total


def _median(days: Mapping[int, int]) -> float | None:
    """The median of days counted; halfway between the two in the middle where there are as many on both sides."""
    if not days:
        return None
    total, passed = sum(days.values()), 0
    low = high = 0
    for day in sorted(days):
        low = day if passed <= (total - 1) // 2 else low
        high = day if passed <= total // 2 else high
        passed += days[day]
    return (low + high) / 2


def ratio(measure: Measure, tally: Tally) -> Ratio:
    """The numerator and denominator of an expanded `measure` in `tally`; a count it lacks is nought."""
    return Ratio(_total(measure.counts, tally), _total(measure.of, tally))
