"""What somebody owes, whatever its kind, in one list with the most urgent first.

Each app says what its people owe by registering a function when it is ready; My work asks them all. An app that
is not there owes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from accounts.models import User


@dataclass(frozen=True)
class WorkItem:
    """One thing to do.

    Attributes:
        title: what to do, in the words of the link. url: where.
        what: a line about it.
        due_on: the day it is due; None for what waits and has no day of its own.
        is_urgent: before everything else, such as a child at risk.

    """

    title: str
    url: str
    what: str = ""
    due_on: date | None = None
    is_urgent: bool = False


Work = Callable[[User, date], list[WorkItem]]

_registered: list[Work] = []


def register_work(work: Work) -> Work:
    """Let My work ask `work(user, today)`, which takes a fixed number of queries. Registering twice is once."""
    if work not in _registered:
        _registered.append(work)
    return work


def work_of(user: User, today: date) -> list[WorkItem]:
    """Everything the person owes: what is urgent, then by due date; what has no day stands with today's."""
    items = [item for work in _registered for item in work(user, today)]
    return sorted(items, key=lambda item: (not item.is_urgent, item.due_on or today))
