"""One page of the dashboard: the blocks of a subject for a part of the council over some quarters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.utils import timezone

from accounts.models import User
from accounts.roles import roles_of
from audits.enums import AREAS, Section
from core.dates import Quarter
from dashboards.beside import beside_audits
from dashboards.dashboard import blocks
from dashboards.dashboard.blocks import Block
from dashboards.dashboard.months import month_blocks, months_of
from dashboards.dashboard.parts import Part
from dashboards.dashboard.subjects import COVERAGE, GRADES, MONTHS, QUESTIONS, Subject
from dashboards.dashboard.teams import caseloads_by_team, coverage_by_team, team_blocks
from dashboards.dashboard.withholding import NOTHING, Cells, Withholding
from dashboards.figures import Report, figures_of
from dashboards.permissions import can_read_reports
from dashboards.scopes import Scope
from dashboards.selectors.audits import quarters_undecided
from dashboards.selectors.targets import performance_figures, targets_in
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
class Shown:
    """A block as its reader sees it, and as it goes on paper and into a file: None where it does not leave."""

    page: Block
    paper: Block | None

    @property
    def is_same(self) -> bool:
        return self.page == self.paper


@dataclass(frozen=True)
class Page:
    """What one page shows. `frozen_at` is when its last quarter was frozen."""

    shown: list[Shown]
    frozen_at: datetime | None = None

    @property
    def leaves_less(self) -> bool:
        """Whether paper and files hold less than the page."""
        return not all(one.is_same for one in self.shown)


def page_of(user: User, subject: Subject, asked: Asked) -> Page:
    """What the page says, in a fixed number of queries.

    Raises:
        NotVisible: this person has no figures of that part.

    """
    today, frozen_at = timezone.localdate(), None
    make: Callable[[Withholding], list[Block]]
    if subject.key == MONTHS:
        counted = months_of(user, asked.scope, asked.until, on=today)
        make = partial(month_blocks, counted)
        first = counted.quarters[0]
    else:
        report = figures_of(asked.until, asked.scope, user, since=asked.quarters[0], only=subject.only)
        make, frozen_at = _maker(user, subject, asked, report, today), report.frozen_at
        first = min(report.by_quarter)
    if not _answers_for(user, asked):
        made = make(NOTHING)
        return Page([Shown(one, one) for one in made], frozen_at)
    # The team of a service that the same reader has whole would be what its other teams leave.
    wholly = bool(asked.pathway) or _has_service_of(user, asked)
    undecided = quarters_undecided(first, asked.until, asked.scope) if subject.from_audits else frozenset()
    paper = {one.ident: one for one in make(Withholding(None, wholly))}
    made = make(Withholding(undecided, wholly))
    return Page([Shown(one, paper.get(one.ident)) for one in made], frozen_at)


def _maker(
    user: User, subject: Subject, asked: Asked, report: Report, today: date
) -> Callable[[Withholding], list[Block]]:
    """Makes the blocks of a subject but the months, as often as wanted, from what is counted once."""
    targets = {code: aim.percent for code, aim in targets_in(asked.until).items()} if subject.drawn else {}
    compares = _compares_teams(user, asked)
    grades = grades_by_team(asked.quarters, asked.scope) if compares and subject.key == GRADES else None
    caseloads = (
        caseloads_by_team(asked.until, asked.scope, on=today)
        if compares and subject.key == COVERAGE
        else None
    )
    is_leader = asked.scope.is_council and not can_read_reports(user)
    typed = performance_figures(asked.quarters) if asked.scope.is_council else []
    beside = beside_audits(report, typed)

    def make(withholding: Withholding) -> list[Block]:
        made = _blocks(subject, Cells(report, asked.quarters, withholding), targets)
        is_released = is_leader or any(map(withholding.concerns, asked.quarters))
        if compares and not (withholding.wholly and is_released):
            if grades:
                made += team_blocks(grades, asked.period, asked.scope, is_released=is_released)
            if caseloads is not None:
                made.append(coverage_by_team(caseloads, is_released=is_released))
        return [*made, blocks.performance(beside, asked.period)] if beside else made

    return make


def _blocks(subject: Subject, cells: Cells, targets: Mapping[str, int]) -> list[Block]:
    if subject.key == GRADES:
        return [blocks.grades(cells, section) for section in (Section.OVERALL, *AREAS)]
    if subject.key == QUESTIONS:
        return [*blocks.questions(cells), blocks.figures(cells)]
    if subject.key == COVERAGE:
        counted = [code for code in cells.report.figures if cells.is_counted(code)]
        return [*(blocks.share(cells, code) for code in counted), blocks.figures(cells)]
    made = [blocks.share(cells, code, target=targets.get(code)) for code in subject.drawn]
    return [*made, blocks.figures(cells)]


def _answers_for(user: User, asked: Asked) -> bool:
    """Whether they read it as who manages the team or the service, outside the QA team."""
    is_part = asked.scope.team is not None or asked.scope.service is not None
    return is_part and not can_read_reports(user)


def _has_service_of(user: User, asked: Asked) -> bool:
    services = roles_of(user).manages_services
    return asked.scope.team is not None and asked.part.service in services


def _compares_teams(user: User, asked: Asked) -> bool:
    """Whether there is a table of teams: of the council and of a service.

    For a senior leader there is none for one pathway: the whole less the other pathways would give what is left out of
    a team away.
    """
    if asked.scope.team is not None or asked.scope.auditor is not None:
        return False
    return not asked.pathway or can_read_reports(user) or asked.scope.service is not None
