"""The published counts of docs/domain.md, section 11, as audits, and what a report must print of them."""

from itertools import chain, repeat, zip_longest

from audits.enums import BAND_GRADES, Grade, Section
from core.dates import Quarter
from tests.factories.audits import submitted_audits

Q1, Q2 = Quarter(2024, 1), Quarter(2024, 2)
SUBMITTED = {Q1: 70, Q2: 64}

COUNTS: dict[Quarter, dict[Section, tuple[int, int, int, int]]] = {
    Q1: {
        Section.OVERALL: (0, 19, 31, 20),
        Section.VISITS: (4, 36, 23, 7),
        Section.ASSESSMENTS: (0, 8, 13, 3),
        Section.SUPERVISION: (1, 25, 33, 11),
        Section.PLANS: (3, 27, 30, 10),
        Section.MEETINGS: (0, 34, 20, 16),
    },
    Q2: {
        Section.OVERALL: (3, 26, 23, 12),
        Section.VISITS: (6, 22, 25, 11),
        Section.ASSESSMENTS: (1, 23, 28, 8),
        Section.SUPERVISION: (3, 26, 21, 14),
        Section.PLANS: (5, 22, 28, 9),
        Section.MEETINGS: (3, 22, 25, 14),
    },
}
"""Outstanding, Good, Requires improvement, Inadequate."""

PERCENT: dict[Quarter, dict[Section, tuple[int, ...]]] = {
    Q1: {
        Section.OVERALL: (0, 27, 44, 29, 27),
        Section.VISITS: (6, 51, 33, 10, 57, 0),
        Section.ASSESSMENTS: (0, 33, 54, 13, 33, 66),
        Section.SUPERVISION: (1, 36, 47, 16, 37, 0),
        Section.PLANS: (4, 39, 43, 14, 43, 0),
        Section.MEETINGS: (0, 49, 29, 23, 49, 0),
    },
    Q2: {
        Section.OVERALL: (5, 41, 36, 19, 45),
        Section.VISITS: (9, 34, 39, 17, 44, 0),
        Section.ASSESSMENTS: (2, 38, 47, 13, 40, 6),
        Section.SUPERVISION: (5, 41, 33, 22, 45, 0),
        Section.PLANS: (8, 34, 44, 14, 42, 0),
        Section.MEETINGS: (5, 34, 39, 22, 39, 0),
    },
}
"""Worked out by hand from COUNTS: the four grades, good or better, and for an area not applicable."""

MEASURES = (*BAND_GRADES, "good_or_better", "not_applicable")

Printed = tuple[int, int, int]
"""Numerator, denominator, percent."""


def expected(quarter: Quarter) -> dict[str, Printed]:
    """Every grade measure of the quarter by its code."""
    printed: dict[str, Printed] = {}
    for section, counts in COUNTS[quarter].items():
        graded = sum(counts)
        of = (
            *((count, graded) for count in counts),
            (counts[0] + counts[1], graded),
            (SUBMITTED[quarter] - graded, SUBMITTED[quarter]),
        )
        for measure, (numerator, denominator), percent in zip(
            MEASURES, of, PERCENT[quarter][section], strict=False
        ):
            printed[f"{section}.{measure}"] = (numerator, denominator, percent)
    return printed


def build() -> None:
    """Write the 134 audits, spread over the months of their quarters."""
    for quarter in (Q1, Q2):
        graded = {
            section: chain.from_iterable(map(repeat, BAND_GRADES, counts))
            for section, counts in COUNTS[quarter].items()
        }
        audits = [
            dict(zip(graded, grades, strict=True))
            for grades in zip_longest(*graded.values(), fillvalue=Grade.NOT_APPLICABLE)
        ]
        for number, month in enumerate(quarter.months):
            submitted_audits(month, audits[number::3])
