"""Who returned what of one month, what is late and who was reminded, and the months before it.

The return rate is the measure of every report (docs/domain.md, section 10); nothing is defined here again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from accounts.enums import TEAM_ROLES, Role
from accounts.models import Membership
from audits.enums import HANDED_IN, AllocationKind, AllocationStatus, ReminderStep
from audits.models import Allocation, Reminder
from audits.querysets import Person
from audits.selectors import closures
from core.dates import LONDON, add_months, last_day_of_month, working_days_between
from core.shares import Ratio
from dashboards.charts import PercentBars, percent_bars
from dashboards.measures.definition import ratio
from dashboards.measures.table import MEASURES
from dashboards.selectors.audits import RETURNS
from dashboards.selectors.keys import ALLOCATED

RETURN_RATE = next(measure for measure in MEASURES if measure.code == "return_rate")
MONTHS_OF_TREND = 12
NO_TEAM, NO_SERVICE = "No team", "No service"
STAGES = {
    ReminderStep.SERVICE_MANAGER: "service manager's stage ({} told)",
    ReminderStep.ASSISTANT_DIRECTOR: "assistant director's stage ({} told)",
}
"""The steps that are not told to the auditor, with whom they were told."""


@dataclass(frozen=True)
class Line:
    """A service, a team or an auditor: the counts of RETURNS, and by how many working days each late audit is late."""

    label: str
    tally: Counter[str]
    days_late: tuple[int, ...]

    @property
    def return_rate(self) -> Ratio:
        return ratio(RETURN_RATE, self.tally)

    @property
    def outstanding(self) -> int:
        return self.tally["allocated"] - self.tally["excused"] - self.tally["submitted"]

    @property
    def late_in_words(self) -> str:
        """How many are late and for how long, such as "2, up to 7 working days"."""
        if not self.days_late:
            return "0"
        days = max(self.days_late)
        return f"{len(self.days_late)}, up to {days} working day{'' if days == 1 else 's'}"


@dataclass(frozen=True)
class AuditorLine(Line):
    """An auditor with their team and service on the last day of the month, and whom which step was told."""

    team: str
    service: str
    reminders: tuple[str, ...]


@dataclass(frozen=True)
class ReturnsOfMonth:
    """The returns of one month as one person may see them; `auditors` are sorted by service, team and name."""

    whole: Line
    services: list[Line]
    teams: list[Line]
    auditors: list[AuditorLine]
    trend: list[tuple[date, Ratio]]
    chart: PercentBars


def months_with_returns(user: Person) -> list[date]:
    """The months of which this person sees audits given out, newest first. One query."""
    months = _rows(user).order_by("-round__month").values_list("round__month", flat=True).distinct()
    return list(months)


def returns_of_month(user: Person, month: date, *, on: date, target: int | None) -> ReturnsOfMonth:
    """Count the month as it stands on the day `on`. Six queries."""
    of_month = _rows(user).filter(round__month=month)
    tallies: dict[int, Counter[str]] = {}
    names: dict[int, str] = {}
    for row in _counted(of_month, "auditor", "auditor__name"):
        auditor = row.pop("auditor")
        names[auditor] = row.pop("auditor__name")
        tallies[auditor] = Counter(row)
    late = _days_late(of_month, on=on)
    places = _places(tallies, on=min(on, last_day_of_month(month)))
    reminders = _reminders(of_month)
    auditors = [
        AuditorLine(
            label=names[auditor],
            tally=tally,
            days_late=tuple(late[auditor]),
            team=places[auditor][1],
            service=places[auditor][0],
            reminders=tuple(reminders.get(auditor, ())),
        )
        for auditor, tally in tallies.items()
    ]
    auditors.sort(key=_place_and_name)
    trend = _trend(user, month)
    return ReturnsOfMonth(
        whole=_sum("All audits", auditors),
        services=_sums(auditors, "service"),
        teams=_sums(auditors, "team"),
        auditors=auditors,
        trend=trend,
        chart=percent_bars(
            "returns",
            "Return rate by month"
            if target is None
            else f"Return rate by month, with the target of {target}%",
            [(f"{first:%B %Y}", returned) for first, returned in trend],
            target=target,
        ),
    )


def _rows(user: Person) -> QuerySet[Allocation]:
    """The child journey audits of the ledger that this person may see."""
    rows = Allocation.objects.visible_to(user).filter(kind=AllocationKind.CJA)
    return rows.exclude(status=AllocationStatus.PROPOSED)


def _counted(rows: QuerySet[Allocation], *by: str) -> Iterable[dict[str, Any]]:
    """The counts of RETURNS for each value of the fields. One query."""
    on_which_day = TruncDate("audit__submitted_at", tzinfo=LONDON)
    counted: Iterable[dict[str, Any]] = (
        rows.order_by().annotate(submitted_on=on_which_day).values(*by).annotate(**RETURNS)
    )
    return counted


def _days_late(rows: QuerySet[Allocation], *, on: date) -> defaultdict[int, list[int]]:
    """By auditor, how many working days late each of their late audits is. Two queries."""
    closed = closures()
    late: defaultdict[int, list[int]] = defaultdict(list)
    owed = rows.filter(ALLOCATED, due_on__lt=on).exclude(status=AllocationStatus.EXCUSED)
    for auditor, due_on in owed.exclude(audit__status__in=HANDED_IN).values_list("auditor", "due_on"):
        late[auditor].append(working_days_between(due_on, on, closed))
    return late


def _places(auditors: Iterable[int], *, on: date) -> defaultdict[int, tuple[str, str]]:
    """By auditor, the service and team they belong to on that day; the newest where there are several. One query."""
    places: defaultdict[int, tuple[str, str]] = defaultdict(lambda: (NO_SERVICE, NO_TEAM))
    rows = Membership.objects.on(on).filter(user__in=list(auditors)).order_by("starts_on", "pk")
    for person, role, team, teams_service, service in rows.values_list(
        "user", "role", "team__name", "team__service__name", "service__name"
    ):
        if role in TEAM_ROLES:
            places[person] = (teams_service or NO_SERVICE, team)
        elif role == Role.SERVICE_MANAGER and person not in places:
            places[person] = (service, NO_TEAM)
    return places


def _reminders(rows: QuerySet[Allocation]) -> dict[int, list[str]]:
    """By auditor, a line for each day on which somebody was reminded, with the steps in their order. One query."""
    told: defaultdict[int, defaultdict[date, set[tuple[int, str]]]] = defaultdict(lambda: defaultdict(set))
    reminders = Reminder.objects.filter(allocation__in=rows.order_by()).select_related("allocation", "told")
    for reminder in reminders.order_by("on", "pk"):
        step = ReminderStep(reminder.step)
        words = STAGES[step].format(reminder.told) if step in STAGES else step.label.lower()
        told[reminder.allocation.auditor_id][reminder.on].add(([*ReminderStep].index(step), words))
    return {
        auditor: [
            f"{day:%-d %B %Y}: {', '.join(words for _, words in sorted(steps))}"
            for day, steps in days.items()
        ]
        for auditor, days in told.items()
    }


def _trend(user: Person, month: date) -> list[tuple[date, Ratio]]:
    """The return rate of each month up to this one, earliest first. One query."""
    first = add_months(month, 1 - MONTHS_OF_TREND)
    rows = _counted(_rows(user).filter(round__month__range=(first, month)), "round__month")
    rates = {row.pop("round__month"): ratio(RETURN_RATE, row) for row in rows}
    return sorted(rates.items())


def _sums(auditors: list[AuditorLine], place: str) -> list[Line]:
    groups: defaultdict[str, list[AuditorLine]] = defaultdict(list)
    for line in auditors:
        groups[getattr(line, place)].append(line)
    return [_sum(label, lines) for label, lines in groups.items()]


def _sum(label: str, lines: list[AuditorLine]) -> Line:
    tally: Counter[str] = Counter()
    for line in lines:
        tally.update(line.tally)
    return Line(label, tally, tuple(days for line in lines for days in line.days_late))


def _place_and_name(line: AuditorLine) -> tuple[bool, str, bool, str, str]:
    return line.service == NO_SERVICE, line.service, line.team == NO_TEAM, line.team, line.label
