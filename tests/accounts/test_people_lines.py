"""What a row of the people file says, and which rows cannot stand."""

from typing import Any

import pytest

from accounts.enums import JobRole, Pathway, Role
from accounts.people_file import COLUMNS, FileRow
from accounts.people_lines import PersonLine, line_of_row, on_circles, refused_together
from core.errors import RuleViolation


def row(number: int = 2, *, surplus: bool = False, **cells: str) -> FileRow:
    given = {"email": "ada@council.example", "name": "Ada", "job_role": "IRO"} | cells
    return FileRow(number, dict.fromkeys(COLUMNS, "") | given, surplus)


def line(number: int = 2, **cells: str) -> PersonLine:
    return line_of_row(row(number, **cells))


def test_a_full_row() -> None:
    assert line(
        email="Ada@Council.example",
        job_role="team manager",
        service="Safeguarding",
        team="North",
        manages_team="North",
        line_manager_email="Sue@council.example",
        auditor="Yes",
        capacity="2.0",
        pathways="Leaving care; CIN ;cin",
        roles="Moderator; psw",
    ) == PersonLine(
        row=2,
        email="ada@council.example",
        name="Ada",
        job_role=JobRole.TEAM_MANAGER,
        service="Safeguarding",
        team="North",
        manages_team="North",
        line_manager="sue@council.example",
        roles=frozenset({Role.TEAM_MEMBER, Role.TEAM_MANAGER, Role.AUDITOR, Role.MODERATOR, Role.PSW}),
        capacity=2,
        pathways=[Pathway.CIN, Pathway.LEAVING_CARE],
    )


def test_a_row_with_the_least() -> None:
    least = line()
    assert (least.roles, least.capacity, least.pathways, least.line_manager) == (frozenset(), None, None, "")


@pytest.mark.parametrize("choice", JobRole)
def test_job_roles_are_known_by_code_and_label(choice: JobRole) -> None:
    assert line(job_role=choice.value).job_role == choice
    assert line(job_role=choice.label.upper()).job_role == choice


@pytest.mark.parametrize("choice", Role)
def test_roles_are_known_by_code_and_label(choice: Role) -> None:
    for text in (choice.value, choice.label.lower()):
        assert choice in line(roles=text, team="North", manages_team="South", service="East").roles


@pytest.mark.parametrize("choice", Pathway)
def test_pathways_are_known_by_code_and_label(choice: Pathway) -> None:
    assert line(pathways=choice.value).pathways == [choice]
    assert line(pathways=choice.label).pathways == [choice]


@pytest.mark.parametrize(
    ("text", "audits"), [("yes", True), (" Y", True), ("TRUE", True), ("no", False), ("", False)]
)
def test_an_auditor_is_yes_or_no(text: str, *, audits: bool) -> None:
    assert (Role.AUDITOR in line(auditor=text).roles) is audits


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"surplus": True}, "The row has more cells than there are headings."),
        ({"name": ""}, "The name is missing."),
        ({"name": "n" * 151}, "The column name holds more than 150 characters."),
        ({"team": "t" * 121}, "The column team holds more than 120 characters."),
        ({"roles": "r" * 501}, "The column roles holds more than 500 characters."),
        ({"email": ""}, "The e-mail address is missing (column email)."),
        ({"email": "ada"}, "“ada” is not an e-mail address (column email)."),
        ({"line_manager_email": "sue"}, "“sue” is not an e-mail address (column line_manager_email)."),
        ({"line_manager_email": "ADA@council.example"}, "The person is their own line manager."),
        ({"job_role": ""}, "The job role is missing."),
        (
            {"pathways": "cin; adoption"},
            f"“adoption” is no pathway. Use one of: {', '.join(Pathway.labels)}.",
        ),
        ({"auditor": "maybe"}, "The auditor column says “maybe”. Use yes or no."),
        ({"auditor": "no", "roles": "auditor"}, "The auditor column says no and the roles say Auditor."),
        ({"capacity": "two"}, "The capacity is “two”. Use a number of audits a month, 0 to 20."),
        ({"capacity": "21"}, "The capacity is “21”. Use a number of audits a month, 0 to 20."),
        ({"capacity": "-1"}, "The capacity is “-1”. Use a number of audits a month, 0 to 20."),
        ({"capacity": "1.5"}, "The capacity is “1.5”. Use a number of audits a month, 0 to 20."),
        (
            {"manages_team": "Yes"},
            "The column manages_team holds the name of the team they manage, or nothing.",
        ),
        ({"roles": "works in a team"}, "The role Works in a team needs a team in the column team."),
        ({"roles": "team_manager"}, "The role Team manager needs a team in the column manages_team."),
        ({"roles": "service_manager"}, "The role Service manager needs a service in the column service."),
    ],
)
def test_a_row_that_cannot_be_believed_says_why(cells: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        line_of_row(row(**cells))
    assert refused.value.sentence == sentence


def test_the_reason_names_the_job_roles_there_are() -> None:
    with pytest.raises(RuleViolation, match="^“King” is no job role. Use one of: Director, .*, Other.$"):
        line(job_role="King")


# rows beside each other


def refused(*lines: PersonLine, managers: dict[str, str | None] | None = None) -> dict[int, str]:
    in_file = {one.email for one in lines}
    return refused_together(lines, managers=managers or {}, in_file=in_file)


def test_rows_that_stand_together() -> None:
    assert (
        refused(
            line(2, email="a@x.example", line_manager_email="b@x.example", team="North", service="East"),
            line(3, email="b@x.example", manages_team="north", service="EAST"),
            line(4, email="c@x.example", line_manager_email="d@x.example", team="South", service="West"),
            managers={"d@x.example": None},
        )
        == {}
    )


def test_of_two_rows_with_one_address_the_first_stands() -> None:
    assert refused(line(2), line(3, name="Ada Again"), line(4, email="b@x.example")) == {
        3: "Row 2 has the same e-mail address."
    }


def test_a_line_manager_must_be_somebody() -> None:
    assert refused(line(2, line_manager_email="nobody@x.example")) == {
        2: "Nobody has the line manager's address nobody@x.example."
    }


def test_a_line_manager_whose_own_row_was_refused_is_somebody() -> None:
    lines = [line(3, line_manager_email="boss@x.example")]
    assert refused_together(lines, managers={}, in_file={"ada@council.example", "boss@x.example"}) == {}


CIRCLE = "The line managers go round in a circle: {} would answer to themselves."


def test_a_circle_of_line_managers_is_refused_and_who_hangs_on_it_stands() -> None:
    assert refused(
        line(2, email="a@x.example", line_manager_email="b@x.example"),
        line(3, email="b@x.example", line_manager_email="c@x.example"),
        line(4, email="c@x.example", line_manager_email="a@x.example"),
        line(5, email="d@x.example", line_manager_email="a@x.example"),
    ) == {2: CIRCLE.format("a@x.example"), 3: CIRCLE.format("b@x.example"), 4: CIRCLE.format("c@x.example")}


def test_a_circle_through_people_who_are_not_in_the_file() -> None:
    assert refused(
        line(2, email="a@x.example", line_manager_email="c@x.example"),
        managers={"a@x.example": None, "b@x.example": "a@x.example", "c@x.example": "b@x.example"},
    ) == {2: CIRCLE.format("a@x.example")}


def test_a_file_may_turn_line_managers_round() -> None:
    assert (
        refused(
            line(2, email="a@x.example", line_manager_email="b@x.example"),
            line(3, email="b@x.example"),
            managers={"a@x.example": None, "b@x.example": "a@x.example"},
        )
        == {}
    )


def test_a_circle_that_appears_once_another_row_is_refused() -> None:
    """B's row would have freed B from A; it is refused as a twin, so A under B is a circle now."""
    assert refused(
        line(2, email="x@x.example", name="Other", manages_team="North"),
        line(3, email="a@x.example", line_manager_email="b@x.example"),
        line(4, email="b@x.example", line_manager_email="nobody@x.example"),
        managers={"a@x.example": None, "b@x.example": "a@x.example", "x@x.example": None},
    ) == {4: "Nobody has the line manager's address nobody@x.example.", 3: CIRCLE.format("a@x.example")}


def test_an_old_circle_in_the_database_refuses_nobody_else() -> None:
    assert refused(line(2), managers={"a@x.example": "b@x.example", "b@x.example": "a@x.example"}) == {}


def test_who_is_on_a_circle() -> None:
    managers = {"a": "b", "b": "a", "c": "a", "d": None, "e": "e", "f": "d", "g": "gone"}
    assert on_circles(managers) == {"a", "b", "e"}


def test_a_team_and_a_service_have_one_manager_in_a_file() -> None:
    assert refused(
        line(2, email="a@x.example", manages_team="North", service="East", roles="service_manager"),
        line(3, email="b@x.example", manages_team="NORTH"),
        line(4, email="c@x.example", service="east", roles="service_manager"),
        line(5, email="d@x.example", service="east"),
    ) == {
        3: "Row 2 says something else about the manager of the team NORTH.",
        4: "Row 2 says something else about the service manager of east.",
    }


def test_a_team_is_in_one_service_in_a_file() -> None:
    assert refused(
        line(2, email="a@x.example", team="North", service="East"),
        line(3, email="b@x.example", team="North", service="West"),
        line(4, email="c@x.example", manages_team="north", service="west"),
        line(5, email="d@x.example", team="North"),
    ) == {
        3: "Row 2 says something else about the service of the team North.",
        4: "Row 2 says something else about the service of the team north.",
    }


def test_a_refused_row_claims_nothing() -> None:
    assert refused(
        line(2, email="a@x.example", manages_team="North", line_manager_email="nobody@x.example"),
        line(3, email="b@x.example", manages_team="North"),
    ) == {2: "Nobody has the line manager's address nobody@x.example."}
