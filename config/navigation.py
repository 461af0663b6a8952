"""The service navigation: only what the person may open."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from accounts.enums import PEOPLE_ROLES, Role
from accounts.roles import roles_of
from config.setup import SETUP_ROLES


@dataclass(frozen=True)
class NavigationItem:
    label: str
    url: str
    current: bool


ITEMS: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("My work", "my_work", ()),
    ("Programme", "programme:round_list", (Role.QA_LEAD, Role.PSW, Role.BUSINESS_SUPPORT)),
    ("Returns", "return_list", (Role.TEAM_MANAGER, Role.SERVICE_MANAGER)),
    ("Ledger", "programme:ledger_year", (Role.TEAM_MANAGER, Role.SERVICE_MANAGER)),
    ("Caseload", "caseload:child_list", (Role.QA_LEAD, Role.PSW, Role.BUSINESS_SUPPORT)),
    ("Audits", "audits:audit_list", ()),
    (
        "Moderation",
        "moderation:panel_list",
        (Role.AUDITOR, Role.MODERATOR, Role.QA_LEAD, Role.PSW),
    ),
    (
        "Concerns",
        "concerns:concern_list",
        (Role.TEAM_MANAGER, Role.SERVICE_MANAGER, Role.SENIOR_LEADER, Role.QA_LEAD, Role.PSW),
    ),
    (
        "Actions",
        "actions:my_actions",
        (Role.TEAM_MANAGER, Role.SERVICE_MANAGER, Role.SENIOR_LEADER, Role.QA_LEAD, Role.PSW),
    ),
    ("Reports", "dashboards:quarter_list", (Role.QA_LEAD, Role.PSW)),
    (
        "Dashboard",
        "dashboards:dashboard",
        (
            Role.AUDITOR,
            Role.TEAM_MANAGER,
            Role.SERVICE_MANAGER,
            Role.SENIOR_LEADER,
        ),
    ),
    ("Published reports", "dashboards:version_list", (Role.SENIOR_LEADER, Role.SERVICE_MANAGER)),
    (
        "Learning briefs",
        "dashboards:brief_list",
        (Role.AUDITOR, Role.MODERATOR, Role.TEAM_MANAGER, Role.SERVICE_MANAGER, Role.SENIOR_LEADER),
    ),
    ("Reading log", "reading_log", (Role.INFORMATION_GOVERNANCE,)),
    ("Set up", "setup", SETUP_ROLES),
    ("People", "accounts:person_list", PEOPLE_ROLES),
    ("Teams", "accounts:team_list", PEOPLE_ROLES),
    ("Help", "help:index", ()),
)
"""Label, URL name, and the roles that see it; no roles means everybody who is signed in."""


def navigation(request: HttpRequest) -> dict[str, list[NavigationItem]]:
    """The items for this person; the one that is nearest to the page is current, or the only one of its area."""
    if not request.user.is_authenticated:
        return {"navigation": []}
    roles = roles_of(request.user)
    shown = [(label, reverse(url_name)) for label, url_name, who in ITEMS if not who or roles.any_of(*who)]
    area = f"/{request.path.split('/')[1]}/"
    in_area = [url for _, url in shown if url != "/" and url.startswith(area)]
    above = [url for url in in_area if request.path.startswith(url)]
    here = max(above, key=len, default=in_area[0] if len(in_area) == 1 else "/")
    return {
        "navigation": [
            NavigationItem(label, url, current=url == here if here != "/" else request.path == url)
            for label, url in shown
        ]
    }
