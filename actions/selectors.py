"""Reading actions, each in a fixed number of queries."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch, Q

from accounts.models import Team
from actions.deadlines import days_over
from actions.enums import TO_BE_DONE, ActionMoveKind, ActionStatus
from actions.models import Action, ActionMove
from actions.querysets import Person
from audits.wording import due_in_words

DUE_SOON = timedelta(days=7)


def is_owed() -> Q:
    return Q(status__in=TO_BE_DONE)


def is_overdue(today: date) -> Q:
    return is_owed() & Q(due_on__lt=today)


def is_due_soon(today: date) -> Q:
    """Due today or within the next seven days."""
    return is_owed() & Q(due_on__range=(today, today + DUE_SOON))


def is_closed() -> Q:
    return Q(status__in=(ActionStatus.VERIFIED, ActionStatus.CANCELLED))


@dataclass(frozen=True)
class Due:
    """When an action is due, in words, and how late it is."""

    words: str
    days_over: int

    @property
    def is_over(self) -> bool:
        return self.days_over > 0


def due_of(action: Action, today: date, closures: AbstractSet[date]) -> Due:
    """The due date as a page shows it; that of what is closed is only a date."""
    if action.status not in TO_BE_DONE:
        return Due(f"was due {action.due_on:%-d %B %Y}", 0)
    return Due(due_in_words(action.due_on, today, closures), days_over(action.due_on, today, closures))


def moves_with_people() -> Prefetch:  # type: ignore[type-arg]  # not generic at run time
    """Every move of the actions with who made it, oldest first. One query."""
    return Prefetch("moves", ActionMove.objects.select_related("by"))


def teams_answered_by(user: Person) -> list[Team]:
    """The teams of what the person answers for. One query."""
    theirs = Action.objects.answered_by(user).order_by()
    return list(Team.objects.filter(pk__in=theirs.values("team")))


@dataclass(frozen=True)
class Event:
    """One line of an action's history."""

    at: datetime
    title: str
    by: str
    text: str = ""


def history_of(action: Action) -> list[Event]:
    """What was done with it, who was told that it is overdue, and when nobody was to be told. Three queries."""
    events = [event_of(move) for move in action.moves.select_related("by")]
    events += [
        Event(step.at, step.get_step_display(), "", f"{step.told} was told by mail." if step.told else "")
        for step in action.escalations.select_related("told")
    ]
    events += [
        Event(pause.at, f"Nobody is told until {pause.until:%-d %B %Y}", str(pause.by), pause.reason)
        for pause in action.pauses.select_related("by")
    ]
    return sorted(events, key=lambda event: event.at)


def event_of(move: ActionMove) -> Event:
    """A move in words: an extension says its dates."""
    title = move.get_kind_display()
    if move.kind == ActionMoveKind.EXTEND:
        title = f"More time: from {move.from_due_on:%-d %B %Y} to {move.to_due_on:%-d %B %Y}"
    return Event(move.at, title, str(move.by) if move.by else "the service", move.reason)
