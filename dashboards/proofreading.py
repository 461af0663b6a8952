"""Looking through what was written: names, figures that are not there, numbers that no table holds."""

from dataclasses import dataclass

from core.shares import Ratio
from dashboards.composing import Material, Words, figure_in_words
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
    counts: set[int] = set(report.ledger.values())
    percents: set[int] = {progress.aim.percent for progress in material.progress}
    counts |= {progress.aim.limit(progress.figure.now.denominator) for progress in material.progress}
    for one in material.performance:
        counts |= one.counts
        percents |= one.percents
    for figure in report.figures.values():
        points = figure.points
        if points is not None:
            counts.add(abs(points))
        for counted in (figure.now, figure.before, figure.year_to_date):
            if counted is not None:
                _add(counted, figure, counts, percents)
    return KnownNumbers(frozenset(counts), frozenset(percents))


def _add(counted: Ratio, figure: Figure, counts: set[int], percents: set[int]) -> None:
    counts |= {counted.numerator, counted.denominator}
    percent = figure.measure.percent_of(counted)
    if percent is not None:
        percents.add(percent)
