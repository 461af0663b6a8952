"""A report as it stands now: its words, the figures counted for them, and what of it names somebody."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from audits.enums import GRADED_SECTIONS, Section
from audits.models import Child
from core.dates import FinancialYear, Quarter
from dashboards.composing import Material, Words, compose
from dashboards.contents import Contents
from dashboards.enums import ReportEdition, ReportStatus
from dashboards.figures import Period, figures_of, quarters_of
from dashboards.models import ReportDocument, ReportVersion
from dashboards.proofreading import Problem, problems_in
from dashboards.selectors.activity import activities_handed_in
from dashboards.selectors.targets import performance_figures, targets_in
from dashboards.teams import grades_by_section

WORD_WITH_A_FIGURE = re.compile(r"[\w/-]*\d[\w/-]*")


@dataclass(frozen=True)
class WorkingCopy(Material):
    """Everything a report is made of at one moment, read from the database."""

    @property
    def problems(self) -> list[Problem]:
        return problems_in(self)

    def contents(self, edition: ReportEdition, standing: str) -> Contents:
        return compose(self, edition=edition, standing=standing)

    def as_document(self) -> dict[str, Any]:
        """The figures as JSON holds them; the keys are relied on by scripts."""
        return self.report.as_document() | {
            "targets": [progress.as_document() for progress in self.progress],
            "performance_figures": [one.as_document() for one in self.performance],
        }


def working_copy(period: Period, document: ReportDocument | None, *, at: datetime) -> WorkingCopy:
    """Count the period at the moment `at`, beside the words of its document; without one there are none."""
    sections = document.sections.all() if document else ()
    words = {section.key: Words(section.narrative, section.required) for section in sections}
    quarters = quarters_of(period)
    beside = performance_figures(quarters)
    typed = [*(written.all for written in words.values()), *(f"{one.name} {one.source}" for one in beside)]
    teams = grades_by_section(quarters, GRADED_SECTIONS)
    report = figures_of(period, at=at)
    handed_in = (
        activities_handed_in(period.first_day, period.last_day, by=report.frozen_at or at)
        if isinstance(period, Quarter)
        else ()
    )
    return WorkingCopy(
        report=report,
        words=words,
        teams=teams.pop(Section.OVERALL),
        areas_by_team=teams,
        aims=targets_in(quarters[-1]),
        beside=beside,
        handed_in=handed_in,
        identifiers=identifiers_in(" ".join(typed)),
    )


def contents_to_save(period: Period, edition: ReportEdition, *, at: datetime) -> Contents:
    """What a file of the period holds: the published version while the report stays published, else the draft."""
    document = ReportDocument.objects.filter(period=str(period)).first()
    if document and document.status == ReportStatus.PUBLISHED:
        return contents_of(document.versions.latest("number"), edition)
    standing = document.get_status_display() if document else "Draft"
    return working_copy(period, document, at=at).contents(edition, standing)


def contents_of(version: ReportVersion, edition: ReportEdition) -> Contents:
    """A published version as it was kept."""
    is_board = edition == ReportEdition.BOARD
    return Contents.from_json(version.board_contents if is_board else version.contents)


def identifiers_in(text: str) -> list[str]:
    """The names of people of this service, and the references of children that the text holds. Two queries."""
    if not text.strip():
        return []
    references = Child.objects.filter(reference__in=set(WORD_WITH_A_FIGURE.findall(text)))
    return [
        *User.objects.exclude(name="").values_list("name", flat=True),
        *references.values_list("reference", flat=True),
    ]


def period_named(name: str) -> Period:
    """Read "2024-25 Q2" or "2024-25"; anything else raises ValueError."""
    year, _, quarter = name.partition(" ")
    return Quarter.parse(year, quarter) if quarter else FinancialYear.parse(year)
