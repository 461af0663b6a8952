"""The pages of closing the loop, as tabs above each of them: only what the person may open."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from actions.path_permissions import can_see_hand_offs, can_see_paths, can_see_reaudits, can_tag_findings
from actions.permissions import can_open_tracker, can_see_board_list, can_track_actions
from actions.querysets import Person

PAGES: list[tuple[str, str, Callable[[Person], bool]]] = [
    ("My actions", "actions:my_actions", lambda _: True),
    ("Tracker", "actions:tracker", can_open_tracker),
    ("To verify", "actions:verification", can_track_actions),
    ("Is the loop closing?", "actions:loop", can_open_tracker),
    ("After Inadequate", "paths:path_list", can_see_paths),
    ("Re-audits", "paths:reaudit_list", can_see_reaudits),
    ("Hand-offs", "paths:hand_off_list", can_see_hand_offs),
    ("Themes", "paths:theme_list", can_tag_findings),
    ("Findings", "paths:finding_list", can_tag_findings),
    ("Dip samples", "paths:dip_sample_list", can_tag_findings),
    ("Board list", "actions:board_list", can_see_board_list),
]
"""Label, URL name and who may open it."""


def tabs_of(user: Person, current: str) -> list[dict[str, Any]]:
    """The tabs for this person; `current` is the URL name of the page they are on."""
    return [
        {"label": label, "url": reverse(name), "current": name == current}
        for label, name, may_open in PAGES
        if may_open(user)
    ]
