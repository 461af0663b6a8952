"""What a person is on a day: dated memberships, read from the database."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, Service, Team, User
from accounts.roles import NOBODY, roles_of, roles_on
from tests.conftest import AssertQueries
from tests.factories.accounts import MembershipFactory, ServiceFactory, TeamFactory, person

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 11, 2), date(2026, 11, 20)
DAY = timedelta(days=1)


@pytest.fixture
def stint(stella: User) -> Membership:
    """Stella audits from 2 November, and no more from the 20th."""
    membership: Membership = MembershipFactory(user=stella, role=Role.AUDITOR, starts_on=FIRST, ends_on=LAST)
    return membership


@pytest.mark.parametrize(
    ("day", "held"), [(FIRST - DAY, False), (FIRST, True), (LAST - DAY, True), (LAST, False)]
)
def test_a_role_holds_from_its_first_day_to_the_day_before_its_end(
    stint: Membership, day: date, *, held: bool
) -> None:
    assert Membership.objects.on(day).exists() is held
    assert (Role.AUDITOR in roles_on(stint.user, day)) is held
    assert User.objects.holding(Role.AUDITOR, day).exists() is held


def test_without_an_end_a_role_goes_on(stella: User) -> None:
    MembershipFactory(user=stella, role=Role.AUDITOR, starts_on=FIRST)
    assert Role.AUDITOR in roles_on(stella, date(2099, 1, 1))


@pytest.mark.parametrize(
    ("first", "last", "held"),
    [
        (FIRST - 9 * DAY, FIRST - DAY, False),
        (FIRST - 9 * DAY, FIRST, True),
        (FIRST + DAY, FIRST + DAY, True),
        (LAST - DAY, LAST + 9 * DAY, True),
        (LAST, LAST + 9 * DAY, False),
    ],
)
def test_a_role_held_in_a_period(stint: Membership, first: date, last: date, *, held: bool) -> None:
    assert Membership.objects.between(first, last).exists() is held


def test_a_role_taken_away_on_its_first_day_held_on_no_day(stella: User) -> None:
    MembershipFactory(user=stella, role=Role.QA_LEAD, starts_on=FIRST, ends_on=FIRST)
    assert roles_on(stella, FIRST) == NOBODY


def test_where_roles_are_held(stella: User) -> None:
    north: Team = TeamFactory(name="North")
    south: Team = TeamFactory(name="South")
    east: Service = ServiceFactory(name="East")
    MembershipFactory(user=stella, role=Role.TEAM_MEMBER, team=north)
    MembershipFactory(user=stella, role=Role.TEAM_MANAGER, team=south)
    MembershipFactory(user=stella, role=Role.SERVICE_MANAGER, service=north.service)
    MembershipFactory(user=stella, role=Role.SENIOR_LEADER, service=east)
    roles = roles_of(stella)
    assert (roles.member_of, roles.manages) == ({north.pk}, {south.pk})
    assert (roles.manages_services, roles.leads_services) == ({north.service_id}, {east.pk})
    assert roles.leads_all is False
    assert roles.held == {"team_member", "team_manager", "service_manager", "senior_leader"}
    assert roles.any_of(Role.AUDITOR, Role.TEAM_MANAGER)
    assert not roles.any_of(Role.AUDITOR, Role.PSW)


def test_a_leader_of_no_one_service_leads_all() -> None:
    assert roles_of(person("Della Director", Role.SENIOR_LEADER)).leads_all is True


def test_nobody_and_the_deactivated_hold_nothing(quentin: User) -> None:
    assert roles_of(AnonymousUser()) == NOBODY
    quentin.is_active = False
    assert roles_of(quentin) == NOBODY


def test_roles_are_read_once_for_each_request(quentin: User, assert_queries: AssertQueries) -> None:
    fresh = User.objects.get(pk=quentin.pk)
    with assert_queries(1):
        assert Role.QA_LEAD in roles_of(fresh)
        assert Role.PSW not in roles_of(fresh)


def test_a_role_that_ended_a_moment_ago_is_gone_from_the_next_request(quentin: User) -> None:
    Membership.objects.filter(user=quentin).update(ends_on=timezone.localdate())
    assert roles_of(User.objects.get(pk=quentin.pk)) == NOBODY


@pytest.mark.parametrize(
    "words", ["zoe", "ZOË", "  o'neill zoe ", "O’Neill", "zoe.oneill@", "zoe council.example"]
)
def test_search_finds_a_person_whatever_accents_and_letter_case(words: str) -> None:
    zoe = person("Zoë O’Neill", email="zoe.oneill@council.example")
    person("Joe Neil")
    assert list(User.objects.matching(words)) == [zoe]


@pytest.mark.parametrize("words", ["zoe neil joe", "%", "_", "\\", "zoë@"])
def test_search_takes_no_wildcards(words: str) -> None:
    person("Zoë O’Neill")
    assert list(User.objects.matching(words)) == []


@pytest.mark.parametrize("role", Role)
def test_people_teams_services_and_roles_are_visible_to_those_who_manage_them(role: Role) -> None:
    viewer = person("Vera Viewer")
    team = TeamFactory()
    where = {
        Role.TEAM_MEMBER: {"team": team},
        Role.TEAM_MANAGER: {"team": team},
        Role.SERVICE_MANAGER: {"service": team.service},
    }
    MembershipFactory(user=viewer, role=role, **where.get(role, {}))
    everything = role in {Role.BUSINESS_SUPPORT, Role.SYSTEM_ADMINISTRATOR}
    for model in (User, Team, Service, Membership):
        assert model.objects.visible_to(viewer).exists() is everything
        assert not model.objects.visible_to(AnonymousUser()).exists()


def test_a_team_is_found_by_its_name_whatever_case_and_spaces() -> None:
    north = TeamFactory(name="North Team")
    assert Team.objects.called("  north   TEAM ").get() == north
