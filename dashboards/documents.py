"""A report as it stands now: its words, the figures counted for them, and what of it names somebody."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from audits.models import Child
from core.dates import FinancialYear, Quarter
from dashboards.composing import Problem, Words, compose, problems_in
from dashboards.contents import Contents
from dashboards.enums import ReportEdition, ReportStatus
from dashboards.figures import Period, Report, figures_of, quarters_of
from dashboards.models import ReportDocument, ReportVersion
from dashboards.teams import TeamGrades, grades_by_team

WORD_WITH_A_FIGURE = re.compile(r"[\w/-]*\d[\w/-]*")


@dataclass(frozen=True)
class WorkingCopy:
    """Everything a report is made of at one moment."""

    report: Report
    words: Mapping[str, Words]
    teams: TeamGrades
    identifiers: Collection[str]

    @property
    def problems(self) -> list[Problem]:
        return problems_in(self.report, self.words, self.identifiers)

    def contents(self, edition: ReportEdition, standing: str) -> Contents:
        return compose(
            self.report,
            self.words,
            self.teams,
            edition=edition,
            standing=standing,
            identifiers=self.identifiers,
        )


def working_copy(period: Period, document: ReportDocument | None, *, at: datetime) -> WorkingCopy:
    """Count the period at the moment `at`, beside the words of its document; without one there are none."""
    sections = document.sections.all() if document else ()
    words = {section.key: Words(section.narrative, section.required) for section in sections}
    return WorkingCopy(
        report=figures_of(period, at=at),
        words=words,
        teams=grades_by_team(quarters_of(period)),
        identifiers=identifiers_in(" ".join(written.all for written in words.values())),
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
