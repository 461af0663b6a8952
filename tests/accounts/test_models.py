"""What the database itself refuses about people, teams and roles."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model

from accounts.enums import Role
from accounts.models import AuditorProfile, Membership, Service, Team, User
from tests.factories.accounts import MembershipFactory, ServiceFactory, TeamFactory, person

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)


def refused(constraint: str, model: type[Model], **fields: Any) -> None:
    """Asserts that the database refuses the row, and by which constraint (PostgreSQL names it always)."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        model._default_manager.create(**fields)
    assert constraint in str(refusal.value) or "UNIQUE constraint failed" in str(refusal.value)


def test_an_address_is_kept_in_lower_case(db: None) -> None:
    refused("user_email_lower_case", User, email="Upper@council.example", name="Upper")
    assert User.objects.create_user(" Upper@Council.Example ", "Upper").email == "upper@council.example"


def test_two_people_never_share_an_address(stella: User) -> None:
    refused("email", User, email=stella.email, name="Somebody Else")


def test_nobody_is_their_own_line_manager(stella: User) -> None:
    with pytest.raises(IntegrityError, match="user_not_own_manager"), transaction.atomic():
        User.objects.filter(pk=stella.pk).update(line_manager=stella)


def test_names_of_teams_and_services_differ_in_more_than_letter_case() -> None:
    TeamFactory(name="North")
    ServiceFactory(name="Safeguarding")
    refused("team_name_whatever_case", Team, name="NORTH")
    refused("service_name_whatever_case", Service, name="safeguarding")


def test_nobody_grants_themselves_a_role(stella: User, bella: User) -> None:
    refused(
        "membership_not_self_granted",
        Membership,
        user=stella,
        role=Role.PSW,
        starts_on=TODAY,
        granted_by=stella,
    )
    Membership.objects.create(user=stella, role=Role.PSW, starts_on=TODAY, granted_by=bella)


def test_a_role_does_not_end_before_it_starts(stella: User) -> None:
    refused(
        "membership_dates_in_order",
        Membership,
        user=stella,
        role=Role.PSW,
        starts_on=TODAY,
        ends_on=date(2026, 11, 24),
    )


@pytest.mark.parametrize(
    ("role", "team", "service"),
    [
        (Role.TEAM_MEMBER, False, False),
        (Role.TEAM_MANAGER, False, True),
        (Role.TEAM_MANAGER, True, True),
        (Role.SERVICE_MANAGER, False, False),
        (Role.SERVICE_MANAGER, True, False),
        (Role.SENIOR_LEADER, True, False),
        (Role.QA_LEAD, True, False),
        (Role.SYSTEM_ADMINISTRATOR, False, True),
    ],
)
def test_a_role_is_held_where_such_roles_are_held(
    stella: User, role: Role, *, team: bool, service: bool
) -> None:
    place = TeamFactory()
    refused(
        "membership_scope_fits_role",
        Membership,
        user=stella,
        role=role,
        starts_on=TODAY,
        team=place if team else None,
        service=place.service if service else None,
    )


def test_a_role_is_held_once_at_a_time_in_one_place(stella: User) -> None:
    north, south = TeamFactory(name="North"), TeamFactory(name="South")
    for role, where in (
        (Role.TEAM_MEMBER, {"team": north}),
        (Role.SENIOR_LEADER, {"service": north.service}),
        (Role.SENIOR_LEADER, {}),
        (Role.AUDITOR, {}),
    ):
        first = MembershipFactory(user=stella, role=role, **where)
        refused("membership_once", Membership, user=stella, role=role, starts_on=TODAY, **where)
        Membership.objects.filter(pk=first.pk).update(ends_on=TODAY)
        MembershipFactory(user=stella, role=role, **where)
    MembershipFactory(user=stella, role=Role.TEAM_MEMBER, team=south)


def test_a_team_and_a_service_have_one_manager_at_a_time(stella: User) -> None:
    team = TeamFactory()
    other = person("Olga Other")
    for role, where in (
        (Role.TEAM_MANAGER, {"team": team}),
        (Role.SERVICE_MANAGER, {"service": team.service}),
    ):
        first = MembershipFactory(user=stella, role=role, **where)
        refused("membership_one_manager", Membership, user=other, role=role, starts_on=TODAY, **where)
        Membership.objects.filter(pk=first.pk).update(ends_on=TODAY)
        MembershipFactory(user=other, role=role, starts_on=TODAY, **where)


def test_nobody_audits_more_than_twenty_a_month(stella: User) -> None:
    refused("auditor_capacity_believable", AuditorProfile, user=stella, monthly_capacity=21)
