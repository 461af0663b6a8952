"""The pages of closing the loop, in groups above each of them: only what the person may open."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from actions.path_permissions import can_see_hand_offs, can_see_paths, can_see_reaudits, can_tag_findings
from actions.permissions import can_open_tracker, can_see_board_list, can_track_actions
from actions.querysets import Person

Page = tuple[str, str, Callable[[Person], bool]]

GROUPS: dict[str, list[Page]] = {
    "Actions": [
        ("My actions", "actions:my_actions", lambda _: True),
        ("Tracker", "actions:tracker", can_open_tracker),
        ("To verify", "actions:verification", can_track_actions),
    ],
    "Is the loop closing?": [
        ("At a glance", "actions:loop", can_open_tracker),
        ("Board list", "actions:board_list", can_see_board_list),
    ],
    "After an audit": [
        ("Inadequate", "paths:path_list", can_see_paths),
        ("Re-audits", "paths:reaudit_list", can_see_reaudits),
        ("Hand-offs", "paths:hand_off_list", can_see_hand_offs),
    ],
    "Themes": [
        ("All themes", "paths:theme_list", can_tag_findings),
        ("Findings", "paths:finding_list", can_tag_findings),
        ("Dip samples", "paths:dip_sample_list", can_tag_findings),
    ],
}
"""By group: label, URL name and who may open it."""


def tabs_of(user: Person, current: str) -> dict[str, list[dict[str, Any]]]:
    """`groups`, each leading to its first page, and `pages`, those of the current group where it has several.

    Both hold only what this person may open; `current` is the URL name of the page they are on.
    """
    tabs: dict[str, list[dict[str, Any]]] = {"groups": [], "pages": []}
    for label, group in GROUPS.items():
        pages = [(title, name) for title, name, may_open in group if may_open(user)]
        if not pages:
            continue
        is_current = current in [name for _, name in pages]
        tabs["groups"].append({"label": label, "url": reverse(pages[0][1]), "current": is_current})
        if is_current and len(pages) > 1:
            tabs["pages"] = [
                {"label": title, "url": reverse(name), "current": name == current} for title, name in pages
            ]
    return tabs
