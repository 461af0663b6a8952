"""Looking through what was written: names, figures that are not there, numbers that no table holds."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.shares import Ratio
from dashboards.composing import Material, Words, figure_in_words
from dashboards.figures import Report
from dashboards.measures.definition import Unit
from dashboards.measures.figure import Figure
from dashboards.names import named_in
from dashboards.parts import PARTS, PartKind
from dashboards.prose import KnownNumbers, loose_numbers, unknown_fields


@dataclass(frozen=True)
class Problem:
    """Something to look at before the report goes on: in which part, and what. What is blocking has to be put right."""

    part: PartKind
    sentence: str
    is_blocking: bool = False


def problems_in(material: Material) -> list[Problem]:
    """What is unwritten, what names a figure that is not there, and which numbers no table holds."""
    said, known = figure_in_words(material.report), known_numbers(material)
    found = []
    for kind in PARTS:
        written = material.words.get(kind.key, Words())
        fields = unknown_fields(written.all, ())
        found += [
            Problem(kind, f"There is no figure called {code}. Choose one from the list.", is_blocking=True)
            for code in fields
            if said(code) is None
        ]
        found += [
            Problem(
                kind,
                f"No table of this report holds {number.written}. Put the figure in by its name, or check it.",
            )
            for text in (written.narrative, written.required)
            for number in loose_numbers(text, known)
        ]
        found += [
            Problem(kind, f"{name} is named. The Board’s edition leaves it out.")
            for name in named_in(written.all, material.identifiers)
        ]
        if not written.narrative.strip():
            found.append(Problem(kind, "Nothing is written yet."))
    return found


def known_numbers(material: Material) -> KnownNumbers:
    """The numbers of the tables of the council; those of single teams are not for the prose."""
    report = material.report
    shares: set[Ratio] = set()
    counts: set[int] = set(report.ledger.values())
    percents: set[int] = {progress.aim.percent for progress in material.progress}
    for code, figure in report.figures.items():
        printed = set(_printed(report, code, figure))
        counts |= {number for one in printed for number in (abs(one.numerator), one.denominator)}
        percents |= {abs(found) for one in printed if (found := figure.measure.percent_of(one)) is not None}
        counts |= {
            int(abs(number))
            for number in (figure.points, figure.value)
            if number is not None and number % 1 == 0
        }
        if figure.measure.unit in (Unit.SHARE, Unit.RATIO):
            shares |= printed
    shares |= {share for theme in report.themes for share in (theme.now, theme.before)}
    for progress in material.progress:
        whole = progress.figure.now.denominator
        shares.add(Ratio(progress.aim.limit(whole), whole))
    for one in material.performance:
        counts |= one.counts
        percents |= one.percents
        if one.share:
            shares.add(one.share)
    for share in shares:
        counts |= {share.numerator, share.denominator}
        if share.percent is not None:
            percents.add(share.percent)
    return KnownNumbers(frozenset(counts), frozenset(percents), frozenset(shares))


def _printed(report: Report, code: str, figure: Figure) -> Iterator[Ratio]:
    """What the tables hold of a measure: the period, the one before, the year so far, and each quarter of a year."""
    yield figure.now
    yield figure.before
    if figure.year_to_date is not None:
        yield figure.year_to_date
    for quarter in report.quarters:
        yield report.in_quarter(code, quarter)
