"""The groups of pages above each page of closing the loop."""

import pytest
from django.test import Client

from accounts.models import User
from tests.conftest import ClientFor
from tests.factories.accounts import TeamFactory, senior_leader

pytestmark = pytest.mark.django_db


def tabs(client: Client, page: str) -> tuple[list[str], list[str]]:
    shown = client.get(page).context["tabs"]
    return [tab["label"] for tab in shown["groups"]], [tab["label"] for tab in shown["pages"]]


def test_the_qa_lead_has_four_groups_and_the_pages_of_the_current_one(qa_client: Client) -> None:
    groups = ["Actions", "Is the loop closing?", "After an audit", "Themes"]
    assert tabs(qa_client, "/actions/") == (groups, ["My actions", "Tracker", "To verify"])
    assert tabs(qa_client, "/actions/themes/") == (groups, ["All themes", "Findings", "Dip samples"])
    assert tabs(qa_client, "/actions/board/") == (groups, ["At a glance", "Board list"])


def test_a_manager_has_only_what_they_may_open(manager_client: Client) -> None:
    groups, pages = tabs(manager_client, "/actions/")
    assert (groups, pages) == (
        ["Actions", "Is the loop closing?", "After an audit"],
        ["My actions", "Tracker"],
    )
    assert tabs(manager_client, "/actions/loop/")[1] == []  # one page needs no list


def test_every_tab_of_everybody_opens(
    meera: User, sanjay: User, quentin: User, asha: User, client_for: ClientFor
) -> None:
    leader = senior_leader("Lena Leader", TeamFactory(name="North").service)
    for somebody in (meera, sanjay, quentin, asha, leader):
        client = client_for(somebody)
        shown = client.get("/actions/").context["tabs"]
        for group in shown["groups"]:
            page = client.get(group["url"])
            assert page.status_code == 200, (somebody, group)
            for tab in page.context["tabs"]["pages"]:
                assert client.get(tab["url"]).status_code == 200, (somebody, tab)
