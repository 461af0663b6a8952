"""Changes to people, roles and teams: what each does, and what the rules refuse."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from accounts import services
from accounts.enums import JobRole, Pathway, Role
from accounts.models import AuditorProfile, Membership, Team, User
from accounts.roles import roles_on
from core.errors import RuleViolation
from notifications.models import Message
from tests.factories.accounts import (
    LONG_AGO,
    MembershipFactory,
    ServiceFactory,
    TeamFactory,
    person,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

TODAY = date(2026, 11, 25)
DAY = timedelta(days=1)


def refusal(move: Callable[..., object], *args: Any, **kwargs: Any) -> str:
    """The sentence with which the rules refuse the move."""
    with pytest.raises(RuleViolation) as refused:
        move(*args, **kwargs)
    return refused.value.sentence


def held_by(user: User) -> list[tuple[str, date, date | None]]:
    rows = user.memberships.order_by("starts_on", "pk")
    return list(rows.values_list("role", "starts_on", "ends_on"))


# people


def test_adding_a_person_mails_them_a_link(sanjay: User) -> None:
    zoe = services.add_person(
        name="Zoë O’Neill", email="Zoe@Council.example", job_role=JobRole.IRO, line_manager=sanjay
    )
    zoe.refresh_from_db()
    assert (zoe.name, zoe.email, zoe.job_role, zoe.line_manager) == (
        "Zoë O’Neill",
        "zoe@council.example",
        "iro",
        sanjay,
    )
    assert not zoe.has_usable_password()
    assert held_by(zoe) == []
    assert [(message.kind, message.recipient) for message in Message.objects.all()] == [
        ("accounts.password_link", zoe)
    ]


def test_two_people_never_get_one_address(stella: User) -> None:
    assert (
        refusal(services.add_person, name="Twin", email=stella.email, job_role=JobRole.IRO, line_manager=None)
        == "There is a person with the address stella.stranger@council.example already. "
        "Search for them in the list of people."
    )
    assert User.objects.count() == 1
    assert Message.objects.count() == 0


def test_changing_a_person(stella: User, sanjay: User) -> None:
    services.change_person(
        stella, name="Stella Known", email="Known@council.example", job_role=JobRole.IRO, line_manager=sanjay
    )
    stella.refresh_from_db()
    assert (stella.name, stella.email, stella.job_role, stella.line_manager) == (
        "Stella Known",
        "known@council.example",
        "iro",
        sanjay,
    )
    assert list(User.objects.matching("known")) == [stella]
    assert list(User.objects.matching("stranger")) == []


def test_changing_a_person_leaves_a_password_set_meanwhile(stella: User) -> None:
    before = User.objects.get(pk=stella.pk)
    stella.set_password("set in another tab")
    stella.save()
    services.change_person(before, name="S", email=before.email, job_role=JobRole.IRO, line_manager=None)
    assert User.objects.get(pk=stella.pk).check_password("set in another tab")


def test_a_person_keeps_an_address_of_their_own(stella: User, asha: User) -> None:
    assert (
        refusal(
            services.change_person,
            stella,
            name=stella.name,
            email=asha.email,
            job_role=JobRole.IRO,
            line_manager=None,
        )
        == "Another person has the address asha.auditor@council.example. Each person needs an address of their own."
    )


def change_manager(person_: User, manager: User) -> User:
    return services.change_person(
        person_, name=person_.name, email=person_.email, job_role=JobRole.OTHER, line_manager=manager
    )


def test_nobody_answers_to_themselves_directly_or_through_others(db: None) -> None:
    ada, ben, cai = person("Ada"), person("Ben"), person("Cai")
    change_manager(ben, ada)
    change_manager(cai, ben)
    assert refusal(change_manager, ada, cai) == (
        "Cai answers to Ada, so cannot be their line manager. "
        "Choose somebody else, or change Cai's line manager first."
    )
    assert refusal(change_manager, ada, ada).startswith("Ada answers to Ada")
    assert User.objects.get(pk=ada.pk).line_manager is None


def test_a_circle_made_by_other_means_does_not_hang(db: None) -> None:
    ada, ben, cai = person("Ada"), person("Ben"), person("Cai")
    User.objects.filter(pk=ada.pk).update(line_manager=ben)
    User.objects.filter(pk=ben.pk).update(line_manager=ada)
    change_manager(cai, ada)
    assert services.line_of(cai) == {ada.pk, ben.pk, cai.pk}


def test_deactivating_and_reactivating_keep_the_roles(bella: User, quentin: User) -> None:
    services.deactivate_person(quentin, by=bella)
    assert not User.objects.get(pk=quentin.pk).is_active
    assert roles_on(User.objects.get(pk=quentin.pk), TODAY).held == set()
    services.reactivate_person(quentin)
    assert roles_on(User.objects.get(pk=quentin.pk), TODAY).held == {"qa_lead"}


def test_nobody_deactivates_themselves(bella: User, sid: User) -> None:
    assert (
        refusal(services.deactivate_person, bella, by=bella)
        == "You cannot deactivate yourself. Ask a colleague who manages people."
    )


# roles


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.QA_LEAD, Role.SYSTEM_ADMINISTRATOR])
def test_granting_a_role(stella: User, bella: User, role: Role) -> None:
    granted = services.grant_role(stella, role, starts_on=TODAY, by=bella)
    assert (granted.user, granted.role, granted.starts_on, granted.ends_on, granted.granted_by) == (
        stella,
        role,
        TODAY,
        None,
        bella,
    )
    assert roles_on(stella, TODAY - DAY).held == set()
    assert roles_on(stella, TODAY).held == {role}


def test_a_new_auditor_gets_a_profile_and_an_old_one_keeps_theirs(stella: User, bella: User) -> None:
    first = services.grant_role(stella, Role.AUDITOR, starts_on=TODAY, by=bella)
    profile = AuditorProfile.objects.get(user=stella)
    assert (profile.monthly_capacity, profile.pathways, profile.auditing_since) == (1, [], TODAY)
    services.change_auditor_profile(
        stella, monthly_capacity=3, pathways=["leaving_care", "cin"], auditing_since=LONG_AGO
    )
    services.end_role(first, ends_on=TODAY, by=bella)
    services.grant_role(stella, Role.AUDITOR, starts_on=TODAY + DAY, by=bella)
    profile.refresh_from_db()
    assert (profile.monthly_capacity, profile.pathways, profile.auditing_since) == (
        3,
        [Pathway.CIN, Pathway.LEAVING_CARE],
        LONG_AGO,
    )


def test_nobody_gives_themselves_a_role(bella: User, sid: User) -> None:
    assert (
        refusal(services.grant_role, bella, Role.QA_LEAD, starts_on=TODAY, by=bella)
        == "You cannot give yourself a role. Ask a colleague who manages people."
    )
    assert held_by(bella) == [("business_support", LONG_AGO, None)]


def test_without_the_rule_the_database_still_refuses(bella: User) -> None:
    """The twin: past the service, the constraint holds; with another person as giver the row goes in."""
    row = {"user": bella, "role": Role.QA_LEAD, "starts_on": TODAY}
    Membership.objects.create(**row, granted_by=person("Somebody Else"), ends_on=TODAY)
    with pytest.raises(IntegrityError, match="membership_not_self_granted"):
        Membership.objects.create(**row, granted_by=bella)


def test_a_deactivated_person_is_given_no_role(bella: User) -> None:
    ines = person("Ines Inactive", is_active=False)
    assert (
        refusal(services.grant_role, ines, Role.QA_LEAD, starts_on=TODAY, by=bella)
        == "Ines Inactive is deactivated. Reactivate them first."
    )


def test_a_role_is_not_given_twice(asha: User, bella: User) -> None:
    assert (
        refusal(services.grant_role, asha, Role.AUDITOR, starts_on=TODAY, by=bella)
        == "Asha Auditor holds this role already."
    )
    role = asha.memberships.get(role=Role.AUDITOR)
    services.end_role(role, ends_on=TODAY + 6 * DAY, by=bella)
    assert (
        refusal(services.grant_role, asha, Role.AUDITOR, starts_on=TODAY, by=bella)
        == "Asha Auditor holds this role already until 1 December 2026. Choose that day or a later one."
    )
    services.grant_role(asha, Role.AUDITOR, starts_on=TODAY + 6 * DAY, by=bella)


def test_a_team_changes_hands_in_one_step(meera: User, bella: User) -> None:
    north = Team.objects.get(name="North")
    mo = person("Mo Next")
    services.grant_role(mo, Role.TEAM_MANAGER, team=north, starts_on=TODAY + DAY, by=bella)
    assert held_by(meera) == [("team_manager", LONG_AGO, TODAY + DAY)]
    assert meera.memberships.get().ended_by == bella
    assert roles_on(meera, TODAY).manages == {north.pk}
    assert roles_on(mo, TODAY).manages == set()
    assert roles_on(meera, TODAY + DAY).manages == set()
    assert roles_on(mo, TODAY + DAY).manages == {north.pk}


def test_a_service_changes_hands_in_one_step(sanjay: User, bella: User) -> None:
    service = sanjay.memberships.get().service
    sue = person("Sue Next")
    services.grant_role(sue, Role.SERVICE_MANAGER, service=service, starts_on=TODAY, by=bella)
    assert held_by(sanjay) == [("service_manager", LONG_AGO, TODAY)]
    assert roles_on(sue, TODAY).manages_services == {service.pk if service else None}


def test_a_team_member_pushes_nobody_out(asha: User, stella: User, bella: User) -> None:
    north = Team.objects.get(name="North")
    services.grant_role(stella, Role.TEAM_MEMBER, team=north, starts_on=TODAY, by=bella)
    assert roles_on(asha, TODAY).member_of == {north.pk}


def test_a_team_is_not_handed_over_before_its_manager_began(bella: User) -> None:
    north = TeamFactory(name="North")
    mo = person("Mo Next")
    MembershipFactory(user=mo, role=Role.TEAM_MANAGER, team=north, starts_on=TODAY + 7 * DAY)
    assert refusal(
        services.grant_role, person("Ann"), Role.TEAM_MANAGER, team=north, starts_on=TODAY, by=bella
    ) == ("Mo Next takes over on 2 December 2026. Choose that day or a later one, or end their role first.")


def test_history_is_not_rewritten_by_a_handover(bella: User) -> None:
    north = TeamFactory(name="North")
    MembershipFactory(
        user=person("Old Manager"), role=Role.TEAM_MANAGER, team=north, ends_on=date(2026, 6, 1)
    )
    assert refusal(
        services.grant_role,
        person("Ann"),
        Role.TEAM_MANAGER,
        team=north,
        starts_on=date(2026, 5, 1),
        by=bella,
    ) == ("Old Manager held this role until 1 June 2026. Choose that day or a later one.")


def test_ending_a_role_today_takes_it_away_now(quentin: User, bella: User) -> None:
    role = services.end_role(quentin.memberships.get(), ends_on=TODAY, by=bella)
    assert (role.ends_on, role.ended_by) == (TODAY, bella)
    assert roles_on(quentin, TODAY).held == set()


def test_a_role_given_by_mistake_can_be_taken_away_on_the_same_day(stella: User, bella: User) -> None:
    role = services.grant_role(stella, Role.PSW, starts_on=TODAY, by=bella)
    services.end_role(role, ends_on=TODAY, by=bella)
    assert roles_on(stella, TODAY).held == set()
    assert held_by(stella) == [("psw", TODAY, TODAY)]


def test_an_end_is_brought_forward_and_never_put_off(quentin: User, bella: User) -> None:
    role = quentin.memberships.get()
    services.end_role(role, ends_on=TODAY + 6 * DAY, by=bella)
    services.end_role(role, ends_on=TODAY + 2 * DAY, by=bella)
    for later in (TODAY + 2 * DAY, TODAY + 9 * DAY):
        assert refusal(services.end_role, role, ends_on=later, by=bella) == (
            "This role ends on 27 November 2026 already."
        )
    assert held_by(quentin) == [("qa_lead", LONG_AGO, TODAY + 2 * DAY)]


def test_a_role_does_not_end_before_it_starts(quentin: User, bella: User) -> None:
    assert (
        refusal(services.end_role, quentin.memberships.get(), ends_on=LONG_AGO - DAY, by=bella)
        == "The role starts on 1 April 2020. Choose that day or a later one."
    )


# nobody locks everybody out

LOCKED_OUT = (
    "Nobody would be left who can manage people. "
    "Give another colleague the role of business support or system administrator first."
)


def test_the_last_who_manages_people_keeps_the_role(bella: User) -> None:
    role = bella.memberships.get()
    for day in (TODAY, TODAY + 30 * DAY):
        assert refusal(services.end_role, role, ends_on=day, by=bella) == LOCKED_OUT
    assert held_by(bella) == [("business_support", LONG_AGO, None)]


def test_either_role_may_be_the_last(bella: User, sid: User) -> None:
    services.end_role(bella.memberships.get(), ends_on=TODAY, by=sid)
    assert refusal(services.end_role, sid.memberships.get(), ends_on=TODAY, by=sid) == LOCKED_OUT


@pytest.mark.parametrize(
    "other",
    [
        {"is_active": False},
        {"starts_on": TODAY + DAY},
        {"ends_on": TODAY + 60 * DAY},
        {"role": Role.QA_LEAD},
    ],
)
def test_somebody_who_cannot_go_on_managing_people_does_not_count(bella: User, other: dict[str, Any]) -> None:
    fields = {"role": Role.SYSTEM_ADMINISTRATOR, **other}
    colleague = person("Other", is_active=fields.pop("is_active", True))
    MembershipFactory(user=colleague, **fields)
    assert refusal(services.end_role, bella.memberships.get(), ends_on=TODAY, by=colleague) == LOCKED_OUT


def test_the_last_who_manages_people_is_not_deactivated(bella: User) -> None:
    sid = person("Sid Systems", Role.SYSTEM_ADMINISTRATOR, is_active=False)
    assert refusal(services.deactivate_person, bella, by=sid) == LOCKED_OUT
    assert User.objects.get(pk=bella.pk).is_active


def test_without_the_guard_everybody_is_locked_out(bella: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the tests above."""
    monkeypatch.setattr(services, "refuse_lockout", lambda **_: None)
    services.end_role(bella.memberships.get(), ends_on=TODAY, by=bella)
    assert not Membership.objects.managing_people(TODAY).exists()


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_two_who_end_each_other_at_once_do_not_both_succeed(bella: User, sid: User) -> None:
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def end(by: User, other: User) -> None:
        role = other.memberships.get()
        ready.wait()
        try:
            services.end_role(role, ends_on=TODAY, by=by)
            outcomes.append("ended")
        except RuleViolation as refused:
            outcomes.append(refused.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=end, args=pair) for pair in ((bella, sid), (sid, bella))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [LOCKED_OUT, "ended"]


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_two_who_are_given_a_team_at_once_one_is_told(bella: User) -> None:
    north = TeamFactory(name="North")
    candidates = [person("Ann"), person("Ben")]
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def grant(candidate: User) -> None:
        ready.wait()
        try:
            services.grant_role(candidate, Role.TEAM_MANAGER, team=north, starts_on=TODAY, by=bella)
            outcomes.append("granted")
        except RuleViolation as refused:
            outcomes.append(refused.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=grant, args=(candidate,)) for candidate in candidates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = Membership.objects.on(TODAY).filter(team=north, role=Role.TEAM_MANAGER)
    assert now.count() == 1
    assert set(outcomes) <= {
        "granted",
        "Somebody changed the same role a moment ago. Look at it again, then repeat what you did.",
    }
    assert "granted" in outcomes


# teams and services


def test_teams_are_added_placed_and_renamed() -> None:
    safeguarding = ServiceFactory(name="Safeguarding")
    team = services.add_team(name="North", service=None)
    assert list(Team.objects.unplaced()) == [team]
    services.change_team(team, name="North West", service=safeguarding)
    team.refresh_from_db()
    assert (team.name, team.service) == ("North West", safeguarding)
    assert list(Team.objects.unplaced()) == []


def test_services_are_added_and_renamed() -> None:
    service = services.add_service(name="Safeguarding")
    services.rename_service(service, name="Safeguarding and Support")
    service.refresh_from_db()
    assert service.name == "Safeguarding and Support"


def test_names_are_taken_whatever_their_letter_case() -> None:
    team, service = TeamFactory(name="North"), ServiceFactory(name="Safeguarding")
    other_team, other_service = TeamFactory(name="South"), ServiceFactory(name="Permanence")
    assert refusal(services.add_team, name="NORTH", service=None) == "There is a team called NORTH already."
    assert refusal(services.change_team, other_team, name="north", service=None) == (
        "There is another team called north."
    )
    assert refusal(services.add_service, name="safeguarding") == (
        "There is a service called safeguarding already."
    )
    assert refusal(services.rename_service, other_service, name="SAFEGUARDING") == (
        "There is another service called SAFEGUARDING."
    )
    services.change_team(team, name="NORTH", service=team.service)
    services.rename_service(service, name="SAFEGUARDING")
