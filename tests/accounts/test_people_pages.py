"""The pages that manage people: what they show, what they do, and who never sees them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import Role
from accounts.models import AuditorProfile, Membership, Team, User
from accounts.views import moves
from notifications.models import Message
from tests.conftest import AssertQueries, ClientFor
from tests.dashboards.pages import Table, tables_of
from tests.factories.accounts import (
    LONG_AGO,
    MembershipFactory,
    ServiceFactory,
    TeamFactory,
    auditor,
    person,
    team_manager,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

TODAY = date(2026, 11, 25)
LIST = "/setup/people/"
TWIN = (
    "There is a person with the address bella.support@council.example already. "
    "Search for them in the list of people."
)
TOO_FAR = "Enter a day from 1 January 2000 to one year from today"
OTHER_ROLES = [role for role in Role if role not in {Role.BUSINESS_SUPPORT, Role.SYSTEM_ADMINISTRATOR}]


def page_of(user: User, rest: str = "") -> str:
    return f"{LIST}{user.pk}/{rest}"


def listed(response: Any) -> Table:
    """The table of people without its header row."""
    table = dict(tables_of(response.text).get("People by name", {}))
    table.pop("Name", None)
    return table


def banner(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def day(name: str, on: date) -> dict[str, str]:
    return {f"{name}_0": str(on.day), f"{name}_1": str(on.month), f"{name}_2": str(on.year)}


# the list


def test_the_list_shows_everybody_who_is_active_by_name(
    support_client: Client, asha: User, meera: User
) -> None:
    person("Ines Inactive", is_active=False)
    assert listed(support_client.get(LIST)) == {
        "Asha Auditor": ["asha.auditor@council.example", "Team Manager", "Auditor Works in a team, North"],
        "Bella Support": ["bella.support@council.example", "Business Support", "Business support"],
        "Meera Manager": ["meera.manager@council.example", "Team Manager", "Team manager, North"],
    }


def test_roles_are_those_of_today(support_client: Client) -> None:
    nora = person("Nora New")
    MembershipFactory(user=nora, role=Role.PSW, starts_on=TODAY + timedelta(days=1))
    MembershipFactory(user=nora, role=Role.QA_LEAD, ends_on=TODAY)
    assert listed(support_client.get(LIST))["Nora New"][2] == "None"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=zoe", ["Zoë O’Neill"]),
        ("q=O'NEILL+zoë", ["Zoë O’Neill"]),
        ("q=council.example", ["Asha Auditor", "Bella Support", "Meera Manager"]),
        ("q=nobody", []),
        ("role=auditor", ["Asha Auditor"]),
        ("role=moderator", []),
        ("team={north}", ["Asha Auditor", "Meera Manager"]),
        ("team={north}&role=team_manager", ["Meera Manager"]),
        ("team={north}&role=auditor", ["Asha Auditor"]),
        ("team={north}&role=auditor&q=meera", []),
        ("show=deactivated", ["Ines Inactive Deactivated"]),
        ("show=all&q=home", ["Ines Inactive Deactivated", "Zoë O’Neill"]),
        ("q=zoe%00", ["Zoë O’Neill"]),
        ("page=999&q=zoe", ["Zoë O’Neill"]),
        ("page=%00&q=zoe", ["Zoë O’Neill"]),
    ],
)
def test_the_list_is_searched_and_filtered(
    support_client: Client, asha: User, meera: User, query: str, names: list[str]
) -> None:
    person("Zoë O’Neill", email="oneill@home.example")
    person("Ines Inactive", is_active=False, email="ines@home.example")
    north = Team.objects.get(name="North")
    assert list(listed(support_client.get(f"{LIST}?{query.format(north=north.pk)}"))) == names


@pytest.mark.parametrize("query", ["role=king", "team=999999999999999999999", "team=north", "show=some"])
def test_a_filter_that_does_not_exist_is_said_so(support_client: Client, query: str) -> None:
    response = support_client.get(f"{LIST}?{query}")
    assert list(response.context["form"].errors) == [query.partition("=")[0]]
    assert list(listed(response)) == ["Bella Support"]


def test_nobody_found_says_what_to_do(support_client: Client) -> None:
    assert "Search for part of a name or address" in support_client.get(f"{LIST}?q=nobody").text


def test_twenty_five_to_a_page(support_client: Client) -> None:
    for number in range(30):
        person(f"Person {number:02d}")
    first, second = support_client.get(LIST), support_client.get(f"{LIST}?page=2&q=")
    assert (len(listed(first)), len(listed(second))) == (25, 6)
    assert "31 people" in first.text


def test_the_list_takes_the_same_queries_for_one_person_and_for_three(
    bella: User, client_for: ClientFor, assert_queries: AssertQueries
) -> None:
    client = client_for(bella)
    with assert_queries(5):
        client.get(LIST)
    for number in range(3):
        someone = auditor(f"Auditor {number}", team=TeamFactory())
        team_manager(f"Manager {number}", TeamFactory())
        MembershipFactory(user=someone, role=Role.SENIOR_LEADER, service=ServiceFactory())
    with assert_queries(5):
        client.get(LIST)


# one person


def test_a_person_s_page(support_client: Client, asha: User, bella: User, sanjay: User) -> None:
    asha.line_manager = sanjay
    asha.save()
    MembershipFactory(
        user=asha,
        role=Role.MODERATOR,
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 7, 1),
        granted_by=bella,
        ended_by=bella,
    )
    MembershipFactory(user=asha, role=Role.PSW, starts_on=date(2026, 12, 1), granted_by=bella)
    response = support_client.get(page_of(asha))
    tables = tables_of(response.text)
    assert tables["Roles held now or later"] == {
        "Role": ["From", "Until", "Given by", "What to do"],
        "Principal Social Worker": [
            "1 December 2026",
            "–",
            "Bella Support",
            "End the role Principal Social Worker",
        ],
        "Auditor": ["1 April 2020", "–", "The file of people", "End the role Auditor"],
        "Works in a team, North": [
            "1 April 2020",
            "–",
            "The file of people",
            "End the role Works in a team, North",
        ],
    }
    assert tables["Roles that have ended"] == {
        "Role": ["From", "Until", "Given by", "Ended by"],
        "Moderator": ["1 January 2025", "1 July 2025", "Bella Support", "Bella Support"],
    }
    assert [(row["key"], row["value"]) for row in response.context["details"]] == [
        ("E-mail address", "asha.auditor@council.example"),
        ("Job role", "Team Manager"),
        ("Line manager", "Sanjay Service"),
        ("Password", "Set"),
        ("Last signed in", "Never"),
    ]
    assert [(row["key"], row["value"]) for row in response.context["auditor"]] == [
        ("Audits a month", "1"),
        (
            "Pathways they know",
            "Child in need\nChild protection\nChild looked after\nLeaving care\nFront door or assessment",
        ),
        ("Auditing since", "1 April 2020"),
    ]


def test_a_person_s_page_takes_the_same_queries_for_one_role_and_for_three(
    bella: User, stella: User, client_for: ClientFor, assert_queries: AssertQueries
) -> None:
    client = client_for(bella)
    MembershipFactory(user=stella, role=Role.TEAM_MEMBER, team=TeamFactory(), granted_by=bella)
    with assert_queries(4):
        client.get(page_of(stella))
    for _ in range(3):
        MembershipFactory(user=stella, role=Role.TEAM_MEMBER, team=TeamFactory(), granted_by=bella)
        MembershipFactory(user=stella, role=Role.SENIOR_LEADER, service=ServiceFactory(), ended_by=bella)
    with assert_queries(4):
        client.get(page_of(stella))


def test_one_s_own_page_offers_no_role_and_no_deactivation(support_client: Client, bella: User) -> None:
    page = support_client.get(page_of(bella)).text
    assert "Nobody gives themselves a role: ask a colleague who manages people." in page
    assert "roles/add/" not in page
    assert "deactivate/" not in page


def test_adding_a_person(support_client: Client, sanjay: User) -> None:
    response = support_client.post(
        f"{LIST}add/",
        {
            "name": "  Zoë \u00a0O’Neill ",
            "email": "Zoe@council.example",
            "job_role": "iro",
            "line_manager": "SANJAY.service@council.example",
        },
        follow=True,
    )
    zoe = User.objects.get(email="zoe@council.example")
    assert response.redirect_chain == [(page_of(zoe), 302)]
    assert banner(response) == [
        "Zoë O’Neill has been added. They get a mail with a link to set a password. Now give them their roles."
    ]
    assert (zoe.name, zoe.job_role, zoe.line_manager) == ("Zoë O’Neill", "iro", sanjay)
    assert Message.objects.get().recipient == zoe


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"name": " "}, "name", "Enter their name"),
        ({"name": "n" * 151}, "name", "Name must be 150 characters or fewer"),
        ({"email": ""}, "email", "Enter an e-mail address"),
        ({"email": "zoe"}, "email", "Enter an e-mail address, like name@example.com"),
        (
            {"email": "z" * 300 + "@council.example"},
            "email",
            "E-mail address must be 254 characters or fewer",
        ),
        (
            {"job_role": "king"},
            "job_role",
            "Select a valid choice. king is not one of the available choices.",
        ),
        ({"job_role": ""}, "job_role", "Choose their job role"),
        (
            {"line_manager": "nobody@council.example"},
            "line_manager",
            "Nobody who may sign in has this address",
        ),
        (
            {"line_manager": "ines.inactive@council.example"},
            "line_manager",
            "Nobody who may sign in has this address",
        ),
        (
            {"email": "bella.support@council.example"},
            "__all__",
            TWIN,
        ),
    ],
)
def test_a_refused_person_is_not_added_and_what_was_typed_stays(
    support_client: Client, change: dict[str, str], field: str, sentence: str
) -> None:
    person("Ines Inactive", is_active=False)
    data = {
        "name": "Zoë O’Neill",
        "email": "zoe@council.example",
        "job_role": "iro",
        "line_manager": "",
    } | change
    response = support_client.post(f"{LIST}add/", data)
    assert response.status_code == 200
    assert sentence in response.context["form"].errors[field]
    assert "<title>Error: Add a person" in response.text
    assert [response.context["form"][name].value() for name in data] == list(data.values())
    assert User.objects.count() == 2
    assert Message.objects.count() == 0


def test_changing_a_person(support_client: Client, asha: User, sanjay: User) -> None:
    form = support_client.get(page_of(asha, "edit/")).context["form"]
    assert form.initial == {
        "name": "Asha Auditor",
        "email": "asha.auditor@council.example",
        "job_role": "team_manager",
        "line_manager": "",
    }
    data = {"name": "Asha A", "email": "a@council.example", "job_role": "iro", "line_manager": sanjay.email}
    response = support_client.post(page_of(asha, "edit/"), data, follow=True)
    assert response.redirect_chain == [(page_of(asha), 302)]
    assert banner(response) == ["The details of Asha A have been changed."]
    asha.refresh_from_db()
    assert (asha.name, asha.email, asha.job_role, asha.line_manager) == (
        "Asha A",
        "a@council.example",
        "iro",
        sanjay,
    )


def test_a_circle_of_line_managers_is_refused_on_the_form(
    support_client: Client, asha: User, sanjay: User
) -> None:
    sanjay.line_manager = asha
    sanjay.save()
    data = {"name": "Other Name", "email": asha.email, "job_role": "iro", "line_manager": sanjay.email}
    response = support_client.post(page_of(asha, "edit/"), data)
    (sentence,) = response.context["form"].non_field_errors()
    assert sentence.startswith("Sanjay Service answers to Asha Auditor, so cannot be their line manager. ")
    assert "Change the details of Asha Auditor" in response.text
    assert User.objects.get(pk=asha.pk).name == "Asha Auditor"


def test_deactivating_asks_first(support_client: Client, asha: User) -> None:
    assert "Deactivate Asha Auditor" in support_client.get(page_of(asha, "deactivate/")).text
    assert User.objects.get(pk=asha.pk).is_active
    response = support_client.post(page_of(asha, "deactivate/"), follow=True)
    assert banner(response) == ["Asha Auditor can no longer sign in."]
    assert not User.objects.get(pk=asha.pk).is_active
    page = support_client.get(page_of(asha, "reactivate/")).text
    assert "<li>Auditor</li>" in page
    response = support_client.post(page_of(asha, "reactivate/"), follow=True)
    assert banner(response) == ["Asha Auditor can sign in again."]
    assert User.objects.get(pk=asha.pk).is_active


def test_one_does_not_deactivate_oneself(support_client: Client, bella: User) -> None:
    response = support_client.post(page_of(bella, "deactivate/"))
    assert response.context["form"].non_field_errors() == [
        "You cannot deactivate yourself. Ask a colleague who manages people."
    ]
    assert "There is a problem" in response.text
    assert User.objects.get(pk=bella.pk).is_active


def test_sending_a_link(support_client: Client, asha: User) -> None:
    response = support_client.post(page_of(asha, "password-link/"), follow=True)
    assert banner(response) == [
        "A mail with a link to set a password is on its way to asha.auditor@council.example."
    ]
    assert Message.objects.get().recipient == asha
    assert support_client.get(page_of(asha, "password-link/")).status_code == 405


# roles


def test_giving_a_role_in_the_council(support_client: Client, stella: User, bella: User) -> None:
    response = support_client.post(
        page_of(stella, "roles/add/council/"), {"role": "moderator", **day("starts_on", TODAY)}, follow=True
    )
    assert response.redirect_chain == [(page_of(stella), 302)]
    assert banner(response) == ["Stella Stranger has a new role from 25 November 2026: Moderator."]
    role = stella.memberships.get()
    assert (role.role, role.starts_on, role.granted_by) == ("moderator", TODAY, bella)


def test_a_new_auditor_s_profile_is_asked_for_next(support_client: Client, stella: User) -> None:
    response = support_client.post(
        page_of(stella, "roles/add/council/"), {"role": "auditor", **day("starts_on", TODAY)}, follow=True
    )
    assert response.redirect_chain == [(page_of(stella, "auditor/"), 302)]
    data = {"monthly_capacity": "2", "pathways": ["leaving_care", "cin"], **day("auditing_since", LONG_AGO)}
    response = support_client.post(page_of(stella, "auditor/"), data, follow=True)
    assert banner(response) == ["The auditor profile of Stella Stranger has been changed."]
    profile = AuditorProfile.objects.get()
    assert (profile.monthly_capacity, profile.pathways, profile.auditing_since) == (
        2,
        ["cin", "leaving_care"],
        LONG_AGO,
    )


def test_giving_a_role_in_a_team_hands_it_over(support_client: Client, stella: User, meera: User) -> None:
    north = Team.objects.get(name="North")
    tomorrow = TODAY + timedelta(days=1)
    response = support_client.post(
        page_of(stella, "roles/add/team/"),
        {"role": "team_manager", "team": north.pk, **day("starts_on", tomorrow)},
        follow=True,
    )
    assert banner(response) == ["Stella Stranger has a new role from 26 November 2026: Team manager, North."]
    assert meera.memberships.get().ends_on == tomorrow


def test_giving_a_role_in_a_service(support_client: Client, stella: User) -> None:
    service = ServiceFactory(name="East")
    url = page_of(stella, "roles/add/service/")
    response = support_client.post(url, {"role": "service_manager", "service": "", **day("starts_on", TODAY)})
    assert response.context["form"].errors == {"service": ["Choose the service that they manage"]}
    support_client.post(url, {"role": "service_manager", "service": service.pk, **day("starts_on", TODAY)})
    support_client.post(url, {"role": "senior_leader", "service": "", **day("starts_on", TODAY)})
    assert sorted(str(role) for role in stella.memberships.all()) == [
        "Senior leader",
        "Service manager, East",
    ]


@pytest.mark.parametrize(
    ("held_in", "data", "field", "sentence"),
    [
        ("council", {}, "role", "Choose a role"),
        ("council", {"role": "team_manager"}, "role", None),
        ("team", {"role": "team_member"}, "team", "Choose a team"),
        ("team", {"role": "psw", "team": "1"}, "role", None),
        ("council", {"role": "psw", "starts_on_0": "31", "starts_on_1": "2"}, "starts_on", None),
        (
            "council",
            {"role": "psw", "starts_on_2": "1999"},
            "starts_on",
            "Enter a day from 1 January 2000 to one year from today",
        ),
        (
            "council",
            {"role": "psw", "starts_on_2": "2028"},
            "starts_on",
            "Enter a day from 1 January 2000 to one year from today",
        ),
        ("council", {"role": "moderator"}, "__all__", "Moe Moderator holds this role already."),
    ],
)
def test_a_refused_role_is_not_given(
    support_client: Client, held_in: str, data: dict[str, str], field: str, sentence: str | None
) -> None:
    moe = person("Moe Moderator", Role.MODERATOR)
    response = support_client.post(page_of(moe, f"roles/add/{held_in}/"), day("starts_on", TODAY) | data)
    assert response.status_code == 200
    errors = response.context["form"].errors
    assert field in errors
    assert sentence is None or errors[field] == [sentence]
    assert moe.memberships.count() == 1


def test_nobody_gives_themselves_a_role_by_a_form_of_their_own(support_client: Client, bella: User) -> None:
    response = support_client.post(
        page_of(bella, "roles/add/council/"), {"role": "qa_lead", **day("starts_on", TODAY)}
    )
    assert response.context["form"].non_field_errors() == [
        "You cannot give yourself a role. Ask a colleague who manages people."
    ]
    assert [role.role for role in bella.memberships.all()] == ["business_support"]


def test_ending_a_role(support_client: Client, quentin: User, bella: User) -> None:
    role = quentin.memberships.get()
    url = page_of(quentin, f"roles/{role.pk}/end/")
    assert "End the role “QA lead”" in support_client.get(url).text
    response = support_client.post(url, day("ends_on", TODAY), follow=True)
    assert banner(response) == ["The role ends on 25 November 2026: QA lead."]
    role.refresh_from_db()
    assert (role.ends_on, role.ended_by) == (TODAY, bella)
    response = support_client.post(url, day("ends_on", TODAY))
    assert response.context["form"].non_field_errors() == ["This role ends on 25 November 2026 already."]


def test_the_last_who_manages_people_is_told_so_on_the_form(support_client: Client, bella: User) -> None:
    role = bella.memberships.get()
    response = support_client.post(page_of(bella, f"roles/{role.pk}/end/"), day("ends_on", TODAY))
    assert (
        response.context["form"]
        .non_field_errors()[0]
        .startswith("Nobody would be left who can manage people.")
    )
    role.refresh_from_db()
    assert role.ends_on is None


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"monthly_capacity": "21"}, "monthly_capacity"),
        ({"monthly_capacity": "-1"}, "monthly_capacity"),
        ({"monthly_capacity": "two"}, "monthly_capacity"),
        ({"pathways": ["adoption"]}, "pathways"),
        ({"auditing_since_0": "40"}, "auditing_since"),
    ],
)
def test_a_refused_profile_stays_as_it_was(
    support_client: Client, asha: User, data: dict[str, Any], field: str
) -> None:
    full = {"monthly_capacity": "2", "pathways": ["cin"], **day("auditing_since", TODAY)}
    response = support_client.post(page_of(asha, "auditor/"), full | data)
    assert list(response.context["form"].errors) == [field]
    assert AuditorProfile.objects.get(user=asha).monthly_capacity == 1


# who never sees them


@pytest.fixture
def addresses(asha: User, stella: User) -> list[str]:
    role = asha.memberships.get(role=Role.AUDITOR)
    rests = [
        "",
        "edit/",
        "deactivate/",
        "reactivate/",
        "password-link/",
        "auditor/",
        "roles/add/council/",
        "roles/add/team/",
        "roles/add/service/",
        f"roles/{role.pk}/end/",
    ]
    return [LIST, f"{LIST}add/", *(page_of(asha, rest) for rest in rests)]


def statuses(client: Client, addresses: list[str]) -> set[int]:
    return {client.get(address).status_code for address in addresses} | {
        client.post(address, {"name": "Changed", "role": "psw", **day("starts_on", TODAY)}).status_code
        for address in addresses
    }


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.BUSINESS_SUPPORT, Role.SYSTEM_ADMINISTRATOR}]
)
def test_for_everybody_else_the_pages_do_not_exist(
    client_for: ClientFor, addresses: list[str], role: Role
) -> None:
    viewer = person("Vera Viewer")
    team = TeamFactory()
    where: dict[Role, dict[str, Any]] = {
        Role.TEAM_MEMBER: {"team": team},
        Role.TEAM_MANAGER: {"team": team},
        Role.SERVICE_MANAGER: {"service": team.service},
    }
    MembershipFactory(user=viewer, role=role, **where.get(role, {}))
    before = list(Membership.objects.values()), list(User.objects.values("name", "is_active"))
    assert statuses(client_for(viewer), addresses) == {404}
    assert (list(Membership.objects.values()), list(User.objects.values("name", "is_active"))) == before


def test_without_the_guard_the_pages_open(stranger_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the test above."""
    monkeypatch.setattr(moves, "can_manage_people", lambda _: True)
    assert stranger_client.get(LIST).status_code == 200


def test_a_role_that_ended_today_opens_nothing(
    client_for: ClientFor, bella: User, addresses: list[str]
) -> None:
    client = client_for(bella)
    Membership.objects.filter(user=bella).update(ends_on=TODAY)
    assert statuses(client, addresses) == {404}


def test_the_system_administrator_manages_people_too(client_for: ClientFor, sid: User, stella: User) -> None:
    client = client_for(sid)
    assert [item.label for item in client.get(LIST).context["navigation"] if item.current] == ["People"]
    client.post(page_of(stella, "roles/add/council/"), {"role": "psw", **day("starts_on", TODAY)})
    assert [role.role for role in stella.memberships.all()] == ["psw"]


@pytest.mark.parametrize("rest", ["", "edit/", "roles/add/kingdom/", "roles/1/end/", "auditor/"])
def test_what_does_not_exist_is_not_found(support_client: Client, stella: User, rest: str) -> None:
    missing = stella.pk if rest in {"roles/add/kingdom/", "roles/1/end/", "auditor/"} else "9" * 30
    assert support_client.get(f"{LIST}{missing}/{rest}").status_code == 404


def test_a_role_is_found_only_with_its_holder(support_client: Client, asha: User, stella: User) -> None:
    role = asha.memberships.get(role=Role.AUDITOR)
    assert support_client.get(page_of(stella, f"roles/{role.pk}/end/")).status_code == 404


DAYS = [f"{name}_{part}" for name in ("starts_on", "ends_on", "auditing_since") for part in range(3)]
NAMES = [
    "name",
    "email",
    "job_role",
    "line_manager",
    "role",
    "team",
    "service",
    "pathways",
    "q",
    "show",
    "page",
]
VALUES = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["1", "2026", "psw", "9" * 30, "=1", "\x00"]
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.integers(0, 11), data=st.dictionaries(st.sampled_from(NAMES + DAYS), VALUES))
def test_no_input_is_a_fault(
    support_client: Client, addresses: list[str], which: int, data: dict[str, str]
) -> None:
    assert len(addresses) == 12
    assert support_client.get(addresses[which], data).status_code < 500
    assert support_client.post(addresses[which], data).status_code < 500
