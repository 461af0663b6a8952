"""The page from which everything is set up: what the person may open, each with a line of explanation."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.enums import PEOPLE_ROLES, Role
from accounts.roles import Roles, roles_of
from notifications.querysets import MESSAGE_ROLES

READERS = (Role.QA_LEAD, Role.PSW)


@dataclass(frozen=True)
class SetupPage:
    """One page to set something up, who may open it, and what it is for."""

    label: str
    url_name: str
    what: str
    roles: tuple[Role, ...] = READERS

    @property
    def url(self) -> str:
        return reverse(self.url_name)


GROUPS: tuple[tuple[str, tuple[SetupPage, ...]], ...] = (
    (
        "The audit",
        (
            SetupPage(
                "Audit tools", "tools:tool_list", "The questions and the grade descriptors, in versions."
            ),
            SetupPage(
                "Ceilings of grades",
                "ceilings:ceiling_list",
                "When the service advises against a higher grade, and why.",
            ),
            SetupPage(
                "Timescales",
                "timescales:rule_list",
                "When visits, reviews, supervision and assessments are due.",
            ),
            SetupPage(
                "Actions and replies",
                "follow_up_settings_edit",
                "Days by priority, vague words that draw a hint, days for the social worker's reply.",
            ),
            SetupPage(
                "Following actions through",
                "action_settings_edit",
                "The share that is verified, and when each step of the escalation is told.",
            ),
            SetupPage(
                "A child at risk",
                "concern_settings_edit",
                "The telephone numbers that auditors are shown, and when a concern is passed up.",
            ),
        ),
    ),
    (
        "The programme",
        (
            SetupPage(
                "Programme settings",
                "programme_settings_edit",
                "How many audits a month, who may not audit whom, reminders, extensions.",
            ),
            SetupPage(
                "Reports",
                "report_settings_edit",
                "When a quarter's figures freeze.",
            ),
            SetupPage(
                "Targets",
                "target_list",
                "What each measure should reach, and from which quarter on.",
            ),
            SetupPage(
                "Performance figures",
                "dashboards:performance_figure_list",
                "Figures of the council's performance dashboard, printed beside what the audits found.",
            ),
            SetupPage(
                "Closures",
                "closures:closure_list",
                "Days on which the council does not work.",
                (*READERS, Role.BUSINESS_SUPPORT),
            ),
        ),
    ),
    (
        "Moderation",
        (
            SetupPage(
                "Panels and replies",
                "moderation_settings_edit",
                "Who sits on a panel, by when it meets, blind reading, the auditor's reply.",
            ),
            SetupPage(
                "What panels look at",
                "fairness_settings_edit",
                "Which audits are always moderated, how an exemption is earned, spot checks.",
            ),
        ),
    ),
    (
        "People and messages",
        (
            SetupPage("People", "accounts:person_list", "Accounts, roles, who may audit.", PEOPLE_ROLES),
            SetupPage("Teams", "accounts:team_list", "Teams and services.", PEOPLE_ROLES),
            SetupPage(
                "Messages",
                "notifications:message_list",
                "What was mailed, and what could not be sent.",
                MESSAGE_ROLES,
            ),
        ),
    ),
)
SETUP_ROLES: tuple[Role, ...] = tuple(
    dict.fromkeys(role for _, pages in GROUPS for page in pages for role in page.roles)
)


def pages_for(roles: Roles) -> list[tuple[str, list[SetupPage]]]:
    """The groups of pages that somebody with these roles may open; no empty group."""
    found = [(title, [page for page in pages if roles.any_of(*page.roles)]) for title, pages in GROUPS]
    return [(title, pages) for title, pages in found if pages]


def setup(request: HttpRequest) -> HttpResponse:
    """Everything that this person may set up."""
    groups = pages_for(roles_of(request.user))
    if not groups:
        raise Http404
    return render(request, "setup.html", {"groups": groups})
