"""The ceilings of grades, and the band that the descriptors' lines suggest. Knows no Django.

Everything here is advice (docs/domain.md, section 5): it is shown beside the grade with its reason, and a grade above
a ceiling needs a reason in writing. Facts are codes; a ceiling says which fact caps which grade.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from audits.completeness import GivenAnswer, Missing, SectionContent

BANDS = ("outstanding", "good", "requires_improvement", "inadequate")
"""Best first."""
OUTSTANDING, GOOD, REQUIRES_IMPROVEMENT, INADEQUATE = BANDS
AREAS_OUTSTANDING_NEEDED = 3

VISIT_GAP = "visit_gap"
CP_UNSEEN = "cp_unseen"
NO_PLAN = "no_plan"
NO_ASSESSMENT = "no_assessment"
NO_SUPERVISION = "no_supervision"
AREA_INADEQUATE = "area_inadequate"
TWO_AREAS_INADEQUATE = "two_areas_inadequate"
CONCERN = "concern"
NOT_OUTSTANDING = "not_outstanding"

BAD = frozenset({"no", "not_evidenced"})
NOT_WHOLLY = BAD | {"partly"}


@dataclass(frozen=True)
class Ceiling:
    """That a fact caps the grade of a section at a band. `reason` says the fact in words."""

    code: str
    section: str
    grade: str
    reason: str


SHIPPED = (
    Ceiling(
        VISIT_GAP, "visits", REQUIRES_IMPROVEMENT, "there is a gap in statutory visits that nobody explained"
    ),
    Ceiling(CP_UNSEEN, "visits", INADEQUATE, "a child on a protection plan was not seen over two intervals"),
    Ceiling(NO_PLAN, "plans", REQUIRES_IMPROVEMENT, "there is no current plan"),
    Ceiling(NO_ASSESSMENT, "assessments", INADEQUATE, "there is no assessment although one was due"),
    Ceiling(NO_SUPERVISION, "supervision", REQUIRES_IMPROVEMENT, "there was no supervision for three months"),
    Ceiling(AREA_INADEQUATE, "overall", REQUIRES_IMPROVEMENT, "an area is Inadequate"),
    Ceiling(TWO_AREAS_INADEQUATE, "overall", INADEQUATE, "two areas are Inadequate"),
    Ceiling(CONCERN, "overall", INADEQUATE, "there is an immediate concern about the child"),
    Ceiling(
        NOT_OUTSTANDING,
        "overall",
        GOOD,
        "overall Outstanding needs three areas Outstanding and none below Good",
    ),
)
"""The nine ceilings as shipped; a council switches one off or caps at another grade from a day on."""


@dataclass(frozen=True)
class FromDates:
    """What the dates of the case say; None where nobody entered any."""

    visit_gap: bool | None = None
    cp_unseen: bool | None = None
    no_supervision: bool | None = None
    no_assessment: bool | None = None


def facts_from(
    answers: Mapping[str, GivenAnswer], dates: FromDates, *, pathway: str, concern_raised: bool
) -> frozenset[str]:
    """The facts that the answers of an audit and its dates show, by code; answers by the question's code.

    A gap that V2 says was explained and authorised is explained. Where dates were entered they, and not S1 or V3, say
    whether a child was unseen or a case unsupervised.
    """

    def value(code: str) -> str:
        return answers[code].value if code in answers else ""

    has_gap = dates.visit_gap or (value("V2") in NOT_WHOLLY and value("V1") != "yes")
    shown = {
        VISIT_GAP: bool(has_gap) and value("V2") != "yes",
        CP_UNSEEN: pathway == "cp"
        and (_never_seen(answers.get("V3")) if dates.cp_unseen is None else dates.cp_unseen),
        NO_PLAN: any(value(code) in BAD for code in ("P1", "P2", "P15")),
        NO_ASSESSMENT: value("A1") in BAD or bool(dates.no_assessment),
        NO_SUPERVISION: value("S1") == "not_evidenced"
        if dates.no_supervision is None
        else dates.no_supervision,
        CONCERN: value("W5") == "yes" or concern_raised,
    }
    return frozenset(code for code, holds in shown.items() if holds)


def _never_seen(visits: GivenAnswer | None) -> bool:
    """Two visits or more were made, and the child was seen at none."""
    return (
        visits is not None and visits.counted == 0 and visits.counted_of is not None and visits.counted_of > 1
    )


def facts_of_areas(grades: Iterable[str]) -> frozenset[str]:
    """What the grades of the five areas say about the overall grade; an area without a grade says nothing yet."""
    given = list(grades)
    inadequate = given.count(INADEQUATE)
    facts = set()
    if inadequate:
        facts.add(AREA_INADEQUATE)
    if inadequate > 1:
        facts.add(TWO_AREAS_INADEQUATE)
    if given.count(OUTSTANDING) < AREAS_OUTSTANDING_NEEDED or not {
        REQUIRES_IMPROVEMENT,
        INADEQUATE,
    }.isdisjoint(given):
        facts.add(NOT_OUTSTANDING)
    return frozenset(facts)


def ceiling_on(section: str, facts: AbstractSet[str], ceilings: Iterable[Ceiling]) -> Ceiling | None:
    """The lowest ceiling that the facts put on a section's grade; of two at one grade, the one that comes first."""
    holding = [ceiling for ceiling in ceilings if ceiling.section == section and ceiling.code in facts]
    return max(holding, key=lambda ceiling: BANDS.index(ceiling.grade), default=None)


def is_above(grade: str, ceiling: str) -> bool:
    """Whether a grade is better than the ceiling; Not applicable and no grade are above nothing."""
    return grade in BANDS and ceiling in BANDS and BANDS.index(grade) < BANDS.index(ceiling)


def reason_needed(content: SectionContent, ceiling: str) -> list[Missing]:
    """What a page that is graded above its ceiling still needs: the reason in writing."""
    if not is_above(content.grade, ceiling) or content.override_reason.strip():
        return []
    return [Missing("override_reason", "Write why you grade above what the service advises")]


def says_concern(content: SectionContent) -> bool:
    """Whether W5 says that there is an immediate concern."""
    return content.answers.get("W5", GivenAnswer()).value == "yes"


def concern_needed(content: SectionContent, *, concern_raised: bool) -> list[Missing]:
    """What the page of the process still needs where W5 says that there is an immediate concern: that it is raised,
    or the reason why it is not.
    """
    if not says_concern(content) or concern_raised or content.override_reason.strip():
        return []
    return [
        Missing(
            "override_reason",
            "Raise the immediate concern with the link at the top of the page, or write why you have not",
        )
    ]


def lines_of(descriptors: Mapping[str, str]) -> dict[str, str]:
    """The lines of each band's descriptor by a key that lasts as long as the tool's version: "good.1" is the first."""
    return {
        f"{band}.{number}": line
        for band in BANDS
        for number, line in enumerate(
            (part.strip() for part in descriptors.get(band, "").split(";") if part.strip()), start=1
        )
    }


@dataclass(frozen=True)
class Met:
    """How many lines of a band's descriptor are ticked, of how many."""

    band: str
    ticked: int
    of: int


def met_by_band(keys: Iterable[str], ticked: AbstractSet[str]) -> list[Met]:
    """How many of each band's lines are ticked, best band first; bands without lines are left out."""
    by_band: dict[str, list[str]] = {band: [] for band in BANDS}
    for key in keys:
        by_band[key.partition(".")[0]].append(key)
    return [
        Met(band, sum(key in ticked for key in lines), len(lines)) for band, lines in by_band.items() if lines
    ]


def suggested_band(met: Sequence[Met], ceiling: Ceiling | None) -> str:
    """The band that the ticked lines suggest, never above the ceiling; "" while nothing is ticked.

    Good is the benchmark: every line of Good is Good, with every line of Outstanding too it is Outstanding, and with
    less than every line of Good it is Requires improvement. A line of Requires improvement or of Inadequate that
    holds outweighs what is ticked above it.
    """
    ticked = {one.band: one.ticked for one in met}
    whole = {one.band for one in met if one.ticked == one.of}
    if not any(ticked.values()):
        return ""
    if ticked.get(INADEQUATE):
        band = INADEQUATE
    elif ticked.get(REQUIRES_IMPROVEMENT) or GOOD not in whole:
        band = REQUIRES_IMPROVEMENT
    else:
        band = OUTSTANDING if OUTSTANDING in whole else GOOD
    return ceiling.grade if ceiling and is_above(band, ceiling.grade) else band
