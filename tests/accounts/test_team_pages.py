"""The pages that place teams in services."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.enums import Role
from accounts.models import Service, Team, User
from tests.conftest import AssertQueries, ClientFor
from tests.dashboards.pages import Table, tables_of
from tests.factories.accounts import (
    MembershipFactory,
    ServiceFactory,
    TeamFactory,
    person,
    service_manager,
    team_manager,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

TEAMS = "/setup/teams/"
SERVICES = "/setup/teams/services/"
TODAY = date(2026, 11, 25)


def table(client: Client, url: str, caption: str) -> Table:
    found = dict(tables_of(client.get(url).text)[caption])
    del found["Team" if url.startswith(TEAMS) and "services" not in url else "Service"]
    return found


def teams(client: Client) -> Table:
    return table(client, TEAMS, "Teams by service, those without a service first")


def banner(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_teams_that_wait_to_be_placed_come_first(support_client: Client) -> None:
    north = TeamFactory(name="North", service=ServiceFactory(name="West"))
    TeamFactory(name="South", service=ServiceFactory(name="East"))
    TeamFactory(name="Zeta", service=None)
    team_manager("Meera Manager", north)
    MembershipFactory(user=person("Old Manager"), role=Role.TEAM_MANAGER, team=north, ends_on=TODAY)
    assert list(teams(support_client).items()) == [
        ("Zeta", ["Needs placing in a service", "Nobody"]),
        ("South", ["East", "Nobody"]),
        ("North", ["West", "Meera Manager"]),
    ]
    page = " ".join(support_client.get(TEAMS).text.split())
    assert "1 team needs placing in a service: until then no service manager sees its work." in page


def test_without_a_team_the_page_says_how_to_begin(support_client: Client) -> None:
    page = support_client.get(TEAMS).text
    assert "No teams yet" in page
    assert "needs placing" not in page


def test_placing_and_renaming_a_team(support_client: Client) -> None:
    team, east = TeamFactory(name="North", service=None), ServiceFactory(name="East")
    response = support_client.post(
        f"{TEAMS}{team.pk}/", {"name": " North  West ", "service": east.pk}, follow=True
    )
    assert (response.redirect_chain, banner(response)) == (
        [(TEAMS, 302)],
        ["The team North West has been saved."],
    )
    team.refresh_from_db()
    assert (team.name, team.service) == ("North West", east)


def test_adding_a_team(support_client: Client) -> None:
    response = support_client.post(f"{TEAMS}add/", {"name": "North", "service": ""}, follow=True)
    assert banner(response) == ["The team North has been added."]
    assert Team.objects.get().service is None


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"name": ""}, {"name": ["Enter the name of the team"]}),
        ({"name": "t" * 121}, {"name": ["Name of the team must be 120 characters or fewer"]}),
        ({"name": "SOUTH"}, {"__all__": ["There is another team called SOUTH."]}),
        (
            {"service": "999999999999999999999"},
            {"service": ["Select a valid choice. That choice is not one of the available choices."]},
        ),
    ],
)
def test_a_refused_team_stays_as_it_was(
    support_client: Client, data: dict[str, str], errors: dict[str, list[str]]
) -> None:
    team = TeamFactory(name="North", service=None)
    TeamFactory(name="South")
    response = support_client.post(f"{TEAMS}{team.pk}/", {"name": "North", "service": ""} | data)
    assert response.context["form"].errors == errors
    team.refresh_from_db()
    assert (team.name, team.service) == ("North", None)


def test_services_show_their_manager_and_how_many_teams_they_have(support_client: Client) -> None:
    east = ServiceFactory(name="East")
    TeamFactory(name="North", service=east)
    TeamFactory(name="South", service=east)
    service_manager("Sanjay Service", east)
    ServiceFactory(name="West")
    assert table(support_client, SERVICES, "Services by name") == {
        "East": ["Sanjay Service", "2"],
        "West": ["Nobody", "0"],
    }


def test_adding_and_renaming_a_service(support_client: Client) -> None:
    response = support_client.post(f"{SERVICES}add/", {"name": "East"}, follow=True)
    assert banner(response) == ["The service East has been added. Now place teams in it."]
    east = Service.objects.get()
    response = support_client.post(f"{SERVICES}{east.pk}/", {"name": "Far East"}, follow=True)
    assert (response.redirect_chain, banner(response)) == (
        [(SERVICES, 302)],
        ["The service is called Far East now."],
    )
    ServiceFactory(name="West")
    for url, sentence in (
        (f"{SERVICES}add/", "There is a service called far east already."),
        (f"{SERVICES}{Service.objects.get(name='West').pk}/", "There is another service called far east."),
    ):
        response = support_client.post(url, {"name": "far east"})
        assert response.context["form"].non_field_errors() == [sentence]


def test_the_lists_take_the_same_queries_for_one_row_and_for_three(
    bella: User, client_for: ClientFor, assert_queries: AssertQueries
) -> None:
    client = client_for(bella)
    team_manager("Manager", TeamFactory())
    for _ in range(2):
        with assert_queries(5):
            client.get(TEAMS)
        with assert_queries(4):
            client.get(SERVICES)
        for number in range(2):
            team = TeamFactory()
            team_manager(f"Manager {team.pk}{number}", team)
            service_manager(f"Service manager {team.pk}{number}", team.service)


@pytest.mark.parametrize("url", [TEAMS, f"{TEAMS}add/", "{team}", SERVICES, f"{SERVICES}add/", "{service}"])
def test_for_everybody_else_the_pages_do_not_exist(
    client_for: ClientFor, url: str, quentin: User, priya: User, sanjay: User, stella: User
) -> None:
    team = TeamFactory(name="South")
    url = url.format(team=f"{TEAMS}{team.pk}/", service=f"{SERVICES}{team.service_id}/")
    for user in (quentin, priya, sanjay, stella):
        client = client_for(user)
        assert client.get(url).status_code == 404
        assert client.post(url, {"name": "Changed", "service": ""}).status_code == 404
    team.refresh_from_db()
    assert team.name == "South"


@pytest.mark.parametrize("url", [f"{TEAMS}999999999999999999/", f"{SERVICES}999999999999999999/"])
def test_what_does_not_exist_is_not_found(support_client: Client, url: str) -> None:
    assert support_client.get(url).status_code == 404
