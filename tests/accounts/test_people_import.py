"""The council's file of people becomes people, teams and roles: once, again, and changed."""

import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import Role
from accounts.models import AuditorProfile, Membership, Service, Team, User
from accounts.people_file import COLUMNS
from accounts.people_import import Notice, PeopleImported, import_people
from accounts.roles import roles_on
from core.errors import RuleViolation
from notifications.models import Message
from tests.accounts.people_csv import people_csv
from tests.conftest import AssertQueries
from tests.factories.accounts import LONG_AGO, MembershipFactory, TeamFactory, person

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)
LATER = date(2026, 12, 7)

MEERA = {
    "email": "meera@council.example",
    "name": "Meera Manager",
    "job_role": "Team Manager",
    "service": "Safeguarding",
    "team": "North",
    "manages_team": "North",
    "line_manager_email": "sanjay@council.example",
    "auditor": "yes",
    "capacity": "2",
    "pathways": "CIN;CP",
}
SANJAY = {
    "email": "sanjay@council.example",
    "name": "Sanjay Service",
    "job_role": "Service Manager",
    "service": "Safeguarding",
    "roles": "service_manager;moderator",
}
SASHA = {"email": "sasha@council.example", "team": "North", "line_manager_email": "meera@council.example"}
COUNCIL = (MEERA, SANJAY, SASHA)

Held = set[tuple[str, str | None, str | None, date, date | None]]


def held() -> Held:
    """Every membership there ever was: role, person, place, from, until."""
    return {
        (
            membership.role,
            membership.user.email.partition("@")[0],
            str(membership.team or membership.service or ""),
            membership.starts_on,
            membership.ends_on,
        )
        for membership in Membership.objects.select_related("user", "team", "service")
    }


def user(name: str) -> User:
    found: User = User.objects.get(email=f"{name}@council.example")
    return found


def test_a_council_comes_in() -> None:
    imported = import_people(people_csv(*COUNCIL), on=TODAY)
    assert imported == PeopleImported(created=3, services_created=["Safeguarding"], teams_created=["North"])
    assert held() == {
        ("team_member", "meera", "North", TODAY, None),
        ("team_manager", "meera", "North", TODAY, None),
        ("auditor", "meera", "", TODAY, None),
        ("service_manager", "sanjay", "Safeguarding", TODAY, None),
        ("moderator", "sanjay", "", TODAY, None),
        ("team_member", "sasha", "North", TODAY, None),
    }
    assert [(person_.name, person_.job_role) for person_ in User.objects.order_by("email")] == [
        ("Meera Manager", "team_manager"),
        ("Sanjay Service", "service_manager"),
        ("Sasha", "social_worker"),
    ]
    assert (user("meera").line_manager, user("sasha").line_manager) == (user("sanjay"), user("meera"))
    profile = AuditorProfile.objects.get()
    assert (profile.user, profile.monthly_capacity, profile.pathways, profile.auditing_since) == (
        user("meera"),
        2,
        ["cin", "cp"],
        TODAY,
    )
    assert Team.objects.get().service == Service.objects.get()
    assert not user("meera").has_usable_password()
    assert Message.objects.count() == 0


def test_the_same_file_again_changes_nothing() -> None:
    import_people(people_csv(*COUNCIL), on=TODAY)
    before = held()
    assert import_people(people_csv(*COUNCIL), on=LATER) == PeopleImported(unchanged=3)
    assert held() == before


def test_the_file_is_the_truth_about_who_is_in_it_and_silent_about_the_rest() -> None:
    import_people(people_csv(*COUNCIL), on=TODAY)
    imported = import_people(
        people_csv(
            {"email": "sasha@council.example", "name": "Sasha Social", "team": "South", "roles": "psw"}
        ),
        on=LATER,
    )
    assert imported == PeopleImported(updated=1, teams_created=["South"])
    assert user("sasha").name == "Sasha Social"
    assert user("sasha").line_manager is None
    assert {row for row in held() if row[1] == "sasha"} == {
        ("team_member", "sasha", "North", TODAY, LATER),
        ("team_member", "sasha", "South", LATER, None),
        ("psw", "sasha", "", LATER, None),
    }
    assert roles_on(user("meera"), LATER).held == {"team_member", "team_manager", "auditor"}
    assert list(User.objects.matching("social")) == [user("sasha")]


def test_a_team_and_a_service_change_hands_in_one_step() -> None:
    import_people(people_csv(*COUNCIL), on=TODAY)
    imported = import_people(
        people_csv(
            SASHA | {"manages_team": "north"},
            MEERA | {"manages_team": "", "roles": "service_manager"},
        ),
        on=LATER,
    )
    assert imported == PeopleImported(updated=2)
    assert {row for row in held() if row[0] in {"team_manager", "service_manager"}} == {
        ("team_manager", "meera", "North", TODAY, LATER),
        ("team_manager", "sasha", "North", LATER, None),
        ("service_manager", "sanjay", "Safeguarding", TODAY, LATER),
        ("service_manager", "meera", "Safeguarding", LATER, None),
    }


def test_a_role_that_starts_later_stays_and_one_that_ends_later_is_held() -> None:
    import_people(people_csv(*COUNCIL), on=TODAY)
    MembershipFactory(user=user("sasha"), role=Role.AUDITOR, starts_on=LATER)
    Membership.objects.filter(role=Role.TEAM_MEMBER, user=user("sasha")).update(ends_on=LATER)
    assert import_people(people_csv(*COUNCIL), on=TODAY + timedelta(days=1)) == PeopleImported(unchanged=3)


def test_a_handover_planned_for_later_gives_way_to_the_file() -> None:
    import_people(people_csv(*COUNCIL), on=TODAY)
    north = Team.objects.get()
    Membership.objects.filter(role=Role.TEAM_MANAGER).update(ends_on=LATER)
    MembershipFactory(user=user("sasha"), role=Role.TEAM_MANAGER, team=north, starts_on=LATER)
    tomorrow = TODAY + timedelta(days=1)
    import_people(people_csv({"email": "new@council.example", "manages_team": "North"}), on=tomorrow)
    assert {row for row in held() if row[0] == "team_manager"} == {
        ("team_manager", "meera", "North", TODAY, tomorrow),
        ("team_manager", "sasha", "North", LATER, LATER),
        ("team_manager", "new", "North", tomorrow, None),
    }


def test_senior_leaders_lead_a_service_or_all() -> None:
    import_people(
        people_csv(
            {"email": "della@council.example", "job_role": "Director", "roles": "Senior leader"},
            {
                "email": "asif@council.example",
                "job_role": "Assistant Director",
                "service": "Safeguarding",
                "roles": "senior_leader",
            },
        ),
        on=TODAY,
    )
    assert roles_on(user("della"), TODAY).leads_all is True
    assert roles_on(user("asif"), TODAY).leads_services == {Service.objects.get().pk}


def test_a_profile_keeps_what_the_file_does_not_say() -> None:
    import_people(people_csv(MEERA | {"line_manager_email": ""}), on=TODAY)
    silent = MEERA | {"line_manager_email": "", "capacity": "", "pathways": ""}
    assert import_people(people_csv(silent), on=TODAY).unchanged == 1
    assert import_people(people_csv(silent | {"capacity": "0"}), on=TODAY).updated == 1
    profile = AuditorProfile.objects.get()
    assert (profile.monthly_capacity, profile.pathways) == (0, ["cin", "cp"])
    assert import_people(people_csv(silent | {"auditor": "no"}), on=LATER).updated == 1
    assert roles_on(user("meera"), LATER).held == {"team_member", "team_manager"}
    assert AuditorProfile.objects.get() == profile


def test_teams_and_services_are_known_whatever_case_and_are_placed_by_the_file() -> None:
    north = TeamFactory(name="North", service=None)
    imported = import_people(
        people_csv(SASHA | {"line_manager_email": "", "team": "NORTH ", "service": "East"}), on=TODAY
    )
    assert imported == PeopleImported(created=1, services_created=["East"], teams_placed=["North"])
    north.refresh_from_db()
    assert north.service == Service.objects.get(name="East")
    assert Team.objects.count() == 1


def test_a_team_without_a_service_waits_to_be_placed() -> None:
    import_people(people_csv(SASHA | {"line_manager_email": ""}), on=TODAY)
    assert [team.name for team in Team.objects.unplaced()] == ["North"]


def test_a_bad_row_stays_out_and_the_rest_goes_in() -> None:
    imported = import_people(
        people_csv(
            MEERA,
            {"email": "not an address"},
            SANJAY | {"job_role": "King", "team": "Nowhere"},
            SASHA,
            SASHA | {"name": "Twin"},
        ),
        on=TODAY,
    )
    assert (imported.created, imported.teams_created) == (2, ["North"])
    assert [(notice.row, notice.reason.partition(".")[0]) for notice in imported.rejected] == [
        (3, "“not an address” is not an e-mail address (column email)"),
        (4, "“King” is no job role"),
        (6, "Row 5 has the same e-mail address"),
    ]
    assert imported.warnings == [
        Notice(
            2, "The row of the line manager sanjay@council.example was rejected: Meera Manager has none yet."
        )
    ]
    again = import_people(people_csv(MEERA, SANJAY, SASHA), on=TODAY)
    assert (again.created, again.updated, again.unchanged) == (1, 1, 1)
    assert user("meera").line_manager == user("sanjay")


def test_a_line_manager_may_come_later_or_be_known_already() -> None:
    import_people(people_csv(SANJAY), on=TODAY)
    imported = import_people(people_csv(SASHA, MEERA), on=TODAY)
    assert (imported.created, imported.rejected, imported.warnings) == (2, [], [])
    assert user("sasha").line_manager == user("meera")


def test_a_deactivated_person_stays_so() -> None:
    import_people(people_csv(SASHA | {"line_manager_email": ""}), on=TODAY)
    User.objects.update(is_active=False)
    imported = import_people(people_csv(SASHA | {"line_manager_email": ""}), on=TODAY)
    assert imported.warnings == [Notice(2, "Sasha is deactivated and stays so.")]
    assert not user("sasha").is_active


def test_a_file_that_would_lock_everybody_out_is_refused_whole() -> None:
    bella = person("Bella Support", Role.BUSINESS_SUPPORT)
    with pytest.raises(RuleViolation, match="Nobody would be left who can manage people."):
        import_people(people_csv(SASHA | {"line_manager_email": ""}, {"email": bella.email}), on=TODAY)
    assert list(User.objects.all()) == [bella]
    assert held() == {("business_support", "bella.support", "", LONG_AGO, None)}


def test_the_first_file_of_a_new_council_needs_nobody_who_manages_people() -> None:
    assert import_people(people_csv(SANJAY), on=TODAY).created == 1


def test_a_dry_run_tells_all_and_changes_nothing() -> None:
    imported = import_people(people_csv(*COUNCIL), on=TODAY, dry_run=True)
    assert imported == PeopleImported(created=3, services_created=["Safeguarding"], teams_created=["North"])
    assert (User.objects.count(), Team.objects.count(), Service.objects.count()) == (0, 0, 0)


def test_a_second_run_takes_the_same_few_queries_for_one_person_and_for_three(
    assert_queries: AssertQueries,
) -> None:
    import_people(people_csv(*COUNCIL), on=TODAY)
    for content in (people_csv(SANJAY), people_csv(*COUNCIL)):
        with assert_queries(7):
            import_people(content, on=TODAY)


CELLS = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    [
        "",
        "yes",
        "no",
        "North",
        "Team Manager",
        "cin;cp",
        "auditor",
        "a@b.example",
        "b@b.example",
        "3",
        "=1+1",
        "x" * 600,
    ]
)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELLS)), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_whatever_the_cells_say_a_file_comes_in_or_is_refused(db: None, rows: list[dict[str, str]]) -> None:
    content = people_csv(
        *({key: cell.encode("utf-8", "replace").decode() for key, cell in row.items()} for row in rows)
    )
    try:
        first = import_people(content, on=TODAY)
        again = import_people(content, on=TODAY)
    except RuleViolation:
        return
    assert (again.created, again.updated, again.teams_created, again.teams_placed) == (0, 0, [], [])
    assert again.unchanged == first.created + first.updated + first.unchanged
    assert again.rejected == first.rejected


# the command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(people_csv(*COUNCIL, {"email": "bad"}))
    return path


def run(*arguments: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("import_people", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_prints_one_json_document(file: Path) -> None:
    with time_machine.travel("2026-11-25T23:30Z"):
        out, err = run(file, "--json")
    assert json.loads(out) == {
        "dry_run": False,
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "rejected": [{"row": 5, "reason": "“bad” is not an e-mail address (column email)."}],
        "warnings": [],
        "services_created": ["Safeguarding"],
        "teams_created": ["North"],
        "teams_placed": [],
    }
    assert err == ""
    assert set(Membership.objects.values_list("starts_on", flat=True)) == {TODAY}
    assert json.loads(run(file, "--json")[0])["unchanged"] == 3


def test_the_command_tells_a_person_what_came_of_it(file: Path) -> None:
    out, err = run(file, "--dry-run")
    assert out.splitlines() == [
        "People: 3 added, 0 changed, 0 unchanged, 1 rows rejected.",
        "Services added: Safeguarding.",
        "Teams added: North.",
        "This was a dry run: nothing was changed.",
    ]
    assert err.splitlines() == ["Row 5 rejected. “bad” is not an e-mail address (column email)."]
    assert User.objects.count() == 0
    out, _ = run(file)
    assert (
        out.splitlines()[-1] == "New people set their own password: the sign-in page offers the link by mail."
    )
    assert User.objects.count() == 3


@pytest.mark.parametrize("name", ["missing.csv", ".", "nul\x00.csv"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        CommandError, match="cannot be read. Check the name and that you may open it."
    ) as refused:
        run(tmp_path / name)
    assert refused.value.returncode == 1


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(CommandError) as refused:
        run(path, "--json")
    assert (
        str(refused.value) == "The file is an Excel workbook. Save the sheet as CSV UTF-8 and use that file."
    )
    assert refused.value.returncode == 1
