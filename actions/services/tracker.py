"""The weekly tracker mail, and the views of the tracker that people keep (docs/domain.md, section 8)."""

from collections import defaultdict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.chain import Chain
from accounts.enums import Role
from accounts.models import Team, User
from actions.deadlines import days_over
from actions.enums import ActionStatus
from actions.models import Action, ActionSettings, SavedView, TrackerWeek
from actions.selectors import DUE_SOON
from actions.theme_facts import recurring_themes
from actions.weekly import week_to_send
from audits.selectors import closures
from core.dates import london_date
from core.errors import RuleViolation
from notifications.services import queue_message

TO_OWNER, TO_SERVICE = "actions.tracker", "actions.tracker_of_service"
NEW_WITHIN = timedelta(days=7)
MOST_VIEWS = 30


@dataclass
class Counts:
    """What one person's mail counts. An action may be in several: overdue and returned, say."""

    open: int = 0
    new: int = 0
    due_soon: int = 0
    overdue: int = 0
    awaiting_evidence: int = 0
    returned: int = 0
    teams: set[int] = field(default_factory=set)

    def add(self, action: Action, *, at: datetime, on: date) -> None:
        self.open += 1
        self.new += action.opened_at > at - NEW_WITHIN
        self.due_soon += on <= action.due_on <= on + DUE_SOON
        self.overdue += action.due_on < on
        self.awaiting_evidence += action.status == ActionStatus.IN_PROGRESS
        self.returned += action.status == ActionStatus.RETURNED
        self.teams.add(action.team_id)


@transaction.atomic
def send_tracker(*, at: datetime) -> dict[str, int]:
    """Send the tracker mail of the week, once, when it is due by `at`: see actions/weekly.py.

    Each owner and each team's manager with something open gets one mail: new within seven days, due within seven,
    overdue, awaiting evidence (begun, and not completed with evidence yet), returned, and the names of the themes
    that recur in their teams. A service's manager gets a copy, counts by team, when something of theirs is more working
    days over than the ladder gives them.

    Effects, in order: the week is written down, so that what becomes open later waits for the next; the mails are
    queued.

    Returns:
        How many mails were queued.

    """
    closed = closures()
    week = week_to_send(at, closed)
    if week is None:
        return {"mails": 0}
    sent, is_new = TrackerWeek.objects.get_or_create(week=week, defaults={"at": at})
    if not is_new:
        return {"mails": 0}
    on = london_date(at)
    chain = Chain(on)
    actions = list(Action.objects.to_be_done().select_related("team__service"))
    sent.mails = _tell_owners(actions, chain, week, at=at, on=on)
    sent.mails += _tell_services(actions, chain, week, on=on, closed=closed)
    sent.save(update_fields=("mails",))
    return {"mails": sent.mails}


def _tell_owners(actions: list[Action], chain: Chain, week: str, *, at: datetime, on: date) -> int:
    counts: defaultdict[int, Counts] = defaultdict(Counts)
    for action in actions:
        for person in chain.active.intersection((action.owner_id, chain.manager_of(action.team_id))):
            counts[person].add(action, at=at, on=on)
    themes = recurring_themes(list({action.team for action in actions}), on)
    people = User.objects.in_bulk(counts)
    mails = 0
    for person, found in sorted(counts.items()):
        names = {theme.name for team in found.teams for theme in themes.get(team, ())}
        context = {name: value for name, value in vars(found).items() if name != "teams"}
        context["themes"] = sorted(names)
        mails += queue_message(
            TO_OWNER, to=people[person], subject_key="tracker", period=week, context=context
        )
    return mails


def _tell_services(
    actions: list[Action], chain: Chain, week: str, *, on: date, closed: AbstractSet[date]
) -> int:
    after = ActionSettings.current().service_manager_after
    late: defaultdict[int, defaultdict[Team, list[int]]] = defaultdict(lambda: defaultdict(list))
    for action in actions:
        if service := action.team.service_id:
            late[service][action.team].append(days_over(action.due_on, on, closed))
    lines: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for service, teams in late.items():
        if not any(days > after for over in teams.values() for days in over):
            continue
        for person in chain.holders(Role.SERVICE_MANAGER, service):
            lines[person] += [
                {
                    "team": team.name,
                    "open": len(over),
                    "overdue": sum(days > 0 for days in over),
                    "late": sum(days > after for days in over),
                }
                for team, over in sorted(teams.items(), key=lambda pair: pair[0].name)
            ]
    people = User.objects.in_bulk(lines)
    return sum(
        queue_message(
            TO_SERVICE,
            to=people[person],
            subject_key="tracker",
            period=week,
            context={"after": after, "lines": found, "late": sum(line["late"] for line in found)},
        )
        for person, found in sorted(lines.items())
    )


@transaction.atomic
def save_view(name: str, *, query: str, by: User) -> SavedView:
    """Keep filters under a name; the same name again is the new filters.

    Raises:
        RuleViolation: the person has kept too many.

    """
    own = SavedView.objects.filter(person=by)
    if own.count() >= MOST_VIEWS and not own.filter(name=name).exists():
        raise RuleViolation(f"You have kept {MOST_VIEWS} views. Delete one that you no longer use.")
    view, _ = SavedView.objects.update_or_create(person=by, name=name, defaults={"query": query[:500]})
    return view


def delete_view(view: SavedView, *, by: User) -> None:
    """Forget a view of one's own."""
    SavedView.objects.filter(pk=view.pk, person=by).delete()
