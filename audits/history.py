"""The history of an audit, to which every app adds what it knows.

An app registers a function when it is ready; the page of the history asks them all. It is for the app to leave out
what this person may not read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from audits.models import Audit


@dataclass(frozen=True)
class HistoryEvent:
    """One thing that happened.

    Attributes:
        at: when. title: what, in a few words. by: the name of who did it; "" for the service itself.
        text: the reason, or what was said, where this person may read it.

    """

    at: datetime
    title: str
    by: str = ""
    text: str = ""


History = Callable[[Audit, User], list[HistoryEvent]]

_registered: list[History] = []


def register_history(history: History) -> History:
    """Let the history of an audit ask `history(audit, user)`, in a fixed number of queries. Twice is once."""
    if history not in _registered:
        _registered.append(history)
    return history


def history_of(audit: Audit, user: User) -> list[HistoryEvent]:
    """Everything that happened to the audit and that this person, who may see it, may know; the newest first.

    What happened at one moment stands in the order in which it was told.
    """
    events = [event for history in _registered for event in history(audit, user)]
    return sorted(events, key=lambda event: event.at)[::-1]
