"""The pages of closing the loop, as tabs above each of them: only what the person may open."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from actions.permissions import can_track_actions
from actions.querysets import Person

PAGES: list[tuple[str, str, Callable[[Person], bool]]] = [
    ("My actions", "actions:my_actions", lambda _: True),
    ("To verify", "actions:verification", can_track_actions),
]
"""Label, URL name and who may open it."""


def tabs_of(user: Person, current: str) -> list[dict[str, Any]]:
    """The tabs for this person; `current` is the URL name of the page they are on."""
    return [
        {"label": label, "url": reverse(name), "current": name == current}
        for label, name, may_open in PAGES
        if may_open(user)
    ]
