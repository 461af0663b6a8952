"""What each row of a people file says, and which rows cannot stand: alone, or beside each other (docs/people.md)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models

from accounts.enums import TEAM_ROLES, JobRole, Pathway, Role
from accounts.people_file import FileRow, key_of
from core.errors import RuleViolation
from core.text import fold

LONGEST = {"email": 254, "name": 150, "service": 120, "team": 120, "manages_team": 120}
"""Characters, as the columns of the database hold them."""

LONGEST_OTHER = 500
LARGEST_CAPACITY = 20
YES, NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0", ""}

Choice = TypeVar("Choice", bound=models.TextChoices)


@dataclass(frozen=True)
class PersonLine:
    """What one row says of a person. Names and addresses are "" where there is none.

    `roles` has every role the person holds, also those that the columns team, manages_team and auditor give.
    `capacity` and `pathways` are None where the row says nothing.
    """

    row: int
    email: str
    name: str
    job_role: JobRole
    service: str
    team: str
    manages_team: str
    line_manager: str
    roles: frozenset[Role]
    capacity: int | None
    pathways: list[Pathway] | None

    @property
    def placed_team(self) -> str:
        """The team that the column service places: the person's own, else the one they manage."""
        return self.team or self.manages_team


def line_of_row(row: FileRow) -> PersonLine:
    """What the row says. Raises RuleViolation with the reason when it cannot be believed by itself."""
    cells = row.cells
    if row.surplus:
        raise RuleViolation("The row has more cells than there are headings.")
    for column, text in cells.items():
        longest = LONGEST.get(column, LONGEST_OTHER)
        if len(text) > longest:
            raise RuleViolation(f"The column {column} holds more than {longest} characters.")
    if not cells["name"]:
        raise RuleViolation("The name is missing.")
    email = address(cells["email"], "email")
    line_manager = (
        address(cells["line_manager_email"], "line_manager_email") if cells["line_manager_email"] else ""
    )
    if line_manager == email:
        raise RuleViolation("The person is their own line manager.")
    if key_of(cells["manages_team"]) in YES | NO - {""}:
        raise RuleViolation("The column manages_team holds the name of the team they manage, or nothing.")
    pathways = [one_of(word, Pathway, "pathway") for word in words(cells["pathways"])]
    return PersonLine(
        row=row.number,
        email=email,
        name=cells["name"],
        job_role=one_of(cells["job_role"], JobRole, "job role"),
        service=cells["service"],
        team=cells["team"],
        manages_team=cells["manages_team"],
        line_manager=line_manager,
        roles=roles_of_row(cells),
        capacity=capacity(cells["capacity"]),
        pathways=sorted(set(pathways), key=Pathway.values.index) if pathways else None,
    )


def roles_of_row(cells: Mapping[str, str]) -> frozenset[Role]:
    """Every role the row gives, with the place for it that the role needs."""
    roles = {one_of(word, Role, "role") for word in words(cells["roles"])}
    auditor = key_of(cells["auditor"])
    if auditor not in YES | NO:
        raise RuleViolation(f"The auditor column says “{cells['auditor']}”. Use yes or no.")
    if auditor in YES:
        roles.add(Role.AUDITOR)
    elif auditor and Role.AUDITOR in roles:
        raise RuleViolation("The auditor column says no and the roles say Auditor.")
    for role, column in zip(TEAM_ROLES, ("team", "manages_team"), strict=True):
        if cells[column]:
            roles.add(role)
        elif role in roles:
            raise RuleViolation(f"The role {role.label} needs a team in the column {column}.")
    if Role.SERVICE_MANAGER in roles and not cells["service"]:
        raise RuleViolation("The role Service manager needs a service in the column service.")
    return frozenset(roles)


def words(text: str) -> list[str]:
    """The entries of a list separated by semicolons."""
    return [word.strip() for word in text.split(";") if word.strip()]


def one_of(text: str, choices: type[Choice], what: str) -> Choice:
    """The choice that a code or a label names, whatever its letter case and spaces."""
    for choice in choices:
        if key_of(text) in (key_of(choice.value), key_of(choice.label)):
            return choice
    if not text:
        raise RuleViolation(f"The {what} is missing.")
    known = ", ".join(choice.label for choice in choices)
    raise RuleViolation(f"“{text}” is no {what}. Use one of: {known}.")


def address(text: str, column: str) -> str:
    """An e-mail address in lower case."""
    try:
        validate_email(text)
    except ValidationError as error:
        said = f"“{text}” is not an e-mail address" if text else "The e-mail address is missing"
        raise RuleViolation(f"{said} (column {column}).") from error
    return text.lower()


def capacity(text: str) -> int | None:
    """Audits a month, also as a spreadsheet writes whole numbers ("2.0")."""
    if not text:
        return None
    number = re.fullmatch(r"([0-9]{1,4})(?:\.0*)?", text)
    if number is None or int(number[1]) > LARGEST_CAPACITY:
        raise RuleViolation(
            f"The capacity is “{text}”. Use a number of audits a month, 0 to {LARGEST_CAPACITY}."
        )
    return int(number[1])


def refused_together(
    lines: Sequence[PersonLine], *, managers: Mapping[str, str | None], in_file: AbstractSet[str]
) -> dict[int, str]:
    """Which rows cannot stand beside the others, by row number with the reason.

    Args:
        lines: the rows that hold by themselves, in the order of the file; of two that exclude each other the
            first one stands.
        managers: everybody's address so far, with the address of their line manager.
        in_file: every address that the file has a row for, refused rows too.

    """
    refused: dict[int, str] = {}
    rows: dict[str, int] = {}
    for line in lines:
        first = rows.setdefault(line.email, line.row)
        if first != line.row:
            refused[line.row] = f"Row {first} has the same e-mail address."
        elif line.line_manager and line.line_manager not in managers and line.line_manager not in in_file:
            refused[line.row] = f"Nobody has the line manager's address {line.line_manager}."
    refuse_circles(lines, refused, managers)
    refuse_rivals(lines, refused)
    return refused


def refuse_circles(
    lines: Sequence[PersonLine], refused: dict[int, str], managers: Mapping[str, str | None]
) -> None:
    """Refuse rows by which people would manage each other; repeats, for a refused row leaves things as they were."""
    while True:
        standing = [line for line in lines if line.row not in refused]
        circling = on_circles({**managers, **{line.email: line.line_manager or None for line in standing}})
        culprits = [line for line in standing if line.email in circling]
        if not culprits:
            return
        for line in culprits:
            refused[line.row] = (
                f"The line managers go round in a circle: {line.email} would answer to themselves."
            )


def on_circles(managers: Mapping[str, str | None]) -> set[str]:
    """Everybody who, following line managers upwards, comes back to themselves."""
    circling: set[str] = set()
    done: set[str] = set()
    for start in managers:
        path: list[str] = []
        person: str | None = start
        while person is not None and person not in done:
            done.add(person)
            path.append(person)
            person = managers.get(person)
        if person in path:
            circling.update(path[path.index(person) :])
    return circling


def refuse_rivals(lines: Sequence[PersonLine], refused: dict[int, str]) -> None:
    """Refuse a second manager of one team or service, and a second service for one team."""
    claims: dict[str, tuple[str, int]] = {}
    for line in lines:
        if line.row in refused:
            continue
        mine = {fold(what): (what, value) for what, value in claims_of(line)}
        for key, (what, value) in mine.items():
            claimed, row = claims.get(key, (value, line.row))
            if claimed != value:
                refused[line.row] = f"Row {row} says something else about {what}."
                break
        else:
            claims |= {key: (value, line.row) for key, (_, value) in mine.items()}


def claims_of(line: PersonLine) -> Iterator[tuple[str, str]]:
    """What the row says of which only one thing can be true: in words, and the value."""
    if line.manages_team:
        yield f"the manager of the team {line.manages_team}", line.email
    if Role.SERVICE_MANAGER in line.roles:
        yield f"the service manager of {line.service}", line.email
    if line.service and line.placed_team:
        yield f"the service of the team {line.placed_team}", fold(line.service)
