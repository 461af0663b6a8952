"""The facts of one audit for the ceilings of its grades, read from its pages, its dates and its concerns."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from audits.completeness import GivenAnswer, Missing, SectionContent
from audits.enums import AREAS, GRADED_SECTIONS, Grade, Section
from audits.grading import (
    SHIPPED,
    Ceiling,
    FromDates,
    Met,
    ceiling_on,
    concern_needed,
    facts_from,
    facts_of_areas,
    lines_of,
    met_by_band,
    reason_needed,
    suggested_band,
)
from audits.models import Answer, Audit, AuditSection, CeilingChange, ImmediateConcern
from audits.selectors import PageOfAudit, TimescaleFacts, timescale_facts

READ_FROM_DATES = (Section.VISITS, Section.ASSESSMENTS, Section.SUPERVISION)


def ceilings_in_force(on: date) -> list[Ceiling]:
    """The ceilings that hold on a day: those shipped, with what the council has changed by then. One query."""
    newest = {change.code: change for change in CeilingChange.objects.filter(starts_on__lte=on)}
    return [
        replace(ceiling, grade=newest[ceiling.code].grade) if ceiling.code in newest else ceiling
        for ceiling in SHIPPED
        if ceiling.code not in newest or newest[ceiling.code].is_on
    ]


def concern_is_raised(audit: Audit) -> bool:
    """Whether anybody has raised an immediate concern from this audit. One query."""
    return ImmediateConcern.objects.filter(audit=audit).exists()


def ceiling_of(audit: Audit, section: Section, content: SectionContent) -> Ceiling | None:
    """The ceiling on the grade of one page, by what is written on it and saved elsewhere.

    Queries: none for Meetings; one for Plans; for the areas that have dates one more, or five; four for Overall.
    """
    if section in AREAS:
        if all(ceiling.section != section for ceiling in SHIPPED):
            return None
        dates = _from_dates(timescale_facts(audit)) if section in READ_FROM_DATES else FromDates()
        facts = facts_from(content.answers, dates, pathway=audit.pathway, concern_raised=False)
    else:
        said = Answer.objects.filter(audit=audit, question__code="W5").values_list("value", flat=True)
        w5 = {"W5": GivenAnswer("yes" if "yes" in said else "")}
        facts = facts_from(w5, FromDates(), pathway=audit.pathway, concern_raised=concern_is_raised(audit))
        facts |= facts_of_areas(area_grades(audit).values())
    return ceiling_on(section, facts, ceilings_in_force(timezone.localdate()))


def area_grades(audit: Audit) -> dict[str, str]:
    """The auditor's grade of each area, "" where there is none yet. One query."""
    rows = AuditSection.objects.filter(audit=audit, section__in=AREAS).values_list("section", "grade")
    given = dict(rows)
    return {area: given.get(area, "") for area in AREAS}


def put_ceiling_on(row: AuditSection, content: SectionContent) -> None:
    """Write on the row, which is not saved here, the ceiling that applies to what is written."""
    if row.section in GRADED_SECTIONS:
        _put(row, ceiling_of(row.audit, Section(row.section), content))


def put_ceilings_on(audit: Audit, pages: list[PageOfAudit], dates: TimescaleFacts) -> None:
    """The same for all pages of an audit, none of which is saved here; `dates` is what its dates say. Two queries."""
    answers = {code: answer for page in pages for code, answer in page.content.answers.items()}
    facts = facts_from(
        answers, _from_dates(dates), pathway=audit.pathway, concern_raised=concern_is_raised(audit)
    )
    facts |= facts_of_areas(page.row.grade for page in pages if page.row.section in AREAS)
    ceilings = ceilings_in_force(timezone.localdate())
    for page in pages:
        _put(page.row, ceiling_on(page.row.section, facts, ceilings))


def beyond_the_page(row: AuditSection, content: SectionContent) -> list[Missing]:
    """What a complete page needs that the page alone does not show: reasons for what is not as advised."""
    if row.section == Section.PROCESS:
        return concern_needed(content, concern_raised=concern_is_raised(row.audit))
    return reason_needed(content, row.ceiling)


@dataclass(frozen=True)
class Advice:
    """What stands beside a grade.

    Attributes:
        suggested: the band that the ticked lines suggest; "" while nothing is ticked.
        areas: on the overall page each area's name and grade, in words and as stored.

    """

    ceiling: Ceiling | None
    met: list[Met]
    suggested: str
    areas: list[tuple[str, str, str]]

    @property
    def ceiling_grade(self) -> str:
        return self.ceiling.grade if self.ceiling else ""

    @property
    def ceiling_label(self) -> str:
        return Grade(self.ceiling.grade).label if self.ceiling else ""

    @property
    def suggested_label(self) -> str:
        return Grade(self.suggested).label if self.suggested else ""

    @property
    def counted(self) -> str:
        """The lines that are ticked in words: "4 of 4 lines of Good, 1 of 4 of Outstanding"."""
        counts = [(one, Grade(one.band).label) for one in self.met if one.ticked]
        return ", ".join(
            f"{one.ticked} of {one.of} {'lines ' if number == 0 else ''}of {label}"
            for number, (one, label) in enumerate(counts)
        )


def advice_on(audit: Audit, section: Section, content: SectionContent, descriptors: dict[str, str]) -> Advice:
    """The advice beside the grade of one page. Queries: those of `ceiling_of`, and one more for Overall."""
    ceiling = ceiling_of(audit, section, content)
    met = met_by_band(lines_of(descriptors), frozenset(content.met_lines))
    areas = []
    if section == Section.OVERALL:
        areas = [
            (Section(area).label, Grade(grade).label if grade else "Not graded yet", grade)
            for area, grade in area_grades(audit).items()
        ]
    return Advice(ceiling, met, suggested_band(met, ceiling), areas)


@dataclass(frozen=True)
class LinesHeld:
    """The lines of the descriptors that an auditor ticked, each with its grade in words, and the band they suggest."""

    lines: list[str]
    suggested: str

    @property
    def suggested_label(self) -> str:
        return Grade(self.suggested).label


def lines_held(row: AuditSection, descriptors: Mapping[str, str]) -> LinesHeld | None:
    """Of one page as it stands; None where nothing is ticked. No query."""
    lines, ticked = lines_of(descriptors), frozenset(row.met_lines)
    held = [f"{Grade(key.partition('.')[0]).label}: {line}" for key, line in lines.items() if key in ticked]
    if not held:
        return None
    ceiling = Ceiling("", row.section, row.ceiling, row.ceiling_reason) if row.ceiling else None
    return LinesHeld(held, suggested_band(met_by_band(lines, ticked), ceiling))


def _from_dates(facts: TimescaleFacts) -> FromDates:
    return FromDates(
        visit_gap=facts.unexplained_visit_gap,
        cp_unseen=facts.child_unseen_two_intervals,
        no_supervision=facts.supervision_gap,
        no_assessment=facts.no_assessment_when_due,
    )


def _put(row: AuditSection, ceiling: Ceiling | None) -> None:
    row.ceiling = ceiling.grade if ceiling else ""
    row.ceiling_reason = ceiling.reason if ceiling else ""
