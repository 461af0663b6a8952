"""One page of the dashboard: the blocks of a subject for a part of the council over some quarters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from accounts.models import User
from audits.enums import AREAS, Section
from core.dates import Quarter
from dashboards.dashboard import blocks
from dashboards.dashboard.blocks import Block
from dashboards.dashboard.months import month_blocks
from dashboards.dashboard.parts import Part
from dashboards.dashboard.subjects import COVERAGE, GRADES, MONTHS, QUESTIONS, Subject
from dashboards.dashboard.teams import coverage_by_team, team_blocks
from dashboards.figures import Report, figures_of
from dashboards.permissions import can_read_reports
from dashboards.scopes import Scope
from dashboards.selectors.targets import targets_in
from dashboards.teams import grades_by_team


@dataclass(frozen=True)
class Asked:
    """What a page is asked for: the part of the council, one pathway or all, and the quarters, earliest first."""

    part: Part
    pathway: str
    quarters: Sequence[Quarter]

    @property
    def scope(self) -> Scope:
        return self.part.of_pathway(self.pathway)

    @property
    def until(self) -> Quarter:
        return self.quarters[-1]

    @property
    def period(self) -> str:
        """Such as "2024-25 Q1 to 2024-25 Q4"."""
        first, last = self.quarters[0], self.quarters[-1]
        return str(first) if first == last else f"{first} to {last}"


@dataclass(frozen=True)
class Page:
    """What one page shows. `frozen_at` is when its last quarter was frozen."""

    blocks: list[Block]
    frozen_at: datetime | None = None


def page_of(user: User, subject: Subject, asked: Asked) -> Page:
    """What the page says, in a fixed number of queries.

    Raises:
        NotVisible: this person has no figures of that part.

    """
    today = timezone.localdate()
    if subject.key == MONTHS:
        return Page(month_blocks(user, asked.scope, asked.until, on=today))
    report = figures_of(asked.until, asked.scope, user, since=asked.quarters[0], only=subject.only)
    made = _blocks(subject, asked, report)
    if subject.key in (GRADES, COVERAGE) and _compares_teams(user, asked):
        made += _teams(user, subject, asked, today)
    return Page(made, report.frozen_at)


def _blocks(subject: Subject, asked: Asked, report: Report) -> list[Block]:
    quarters = asked.quarters
    if subject.key == GRADES:
        return [blocks.grades(report, section, quarters) for section in (Section.OVERALL, *AREAS)]
    if subject.key == QUESTIONS:
        return [*blocks.questions(report, quarters), blocks.figures(report, quarters)]
    if subject.key == COVERAGE:
        return [blocks.share(report, code, quarters) for code in report.figures]
    targets = {code: aim.percent for code, aim in targets_in(asked.until).items()} if subject.drawn else {}
    made = [blocks.share(report, code, quarters, target=targets.get(code)) for code in subject.drawn]
    return [*made, blocks.figures(report, quarters)]


def _compares_teams(user: User, asked: Asked) -> bool:
    """Whether there is a table of teams: of the council and of a service.

    Where small numbers are left out there is none for one pathway: the whole less the other pathways would give what is
    left out away.
    """
    has_teams = asked.scope.team is None and asked.scope.auditor is None
    return has_teams and (not _is_released(user, asked) or not asked.pathway)


def _is_released(user: User, asked: Asked) -> bool:
    """Whether small numbers of teams are left out: for all but the QA team and who answers for the service."""
    return asked.scope.service is None and not can_read_reports(user)


def _teams(user: User, subject: Subject, asked: Asked, today: date) -> list[Block]:
    released = _is_released(user, asked)
    if subject.key == COVERAGE:
        return [coverage_by_team(asked.until, asked.scope, on=today, is_released=released)]
    return team_blocks(grades_by_team(asked.quarters, asked.scope), asked.period, is_released=released)
