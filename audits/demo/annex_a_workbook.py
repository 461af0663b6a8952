"""Annex A workbooks of a council that does not exist, of any size, with everything that real ones get wrong.

The same seed tells the same story on every day it is asked about: children come, change workers and go, so that
workbooks of different days can be imported one after the other. Nobody in them is a real person.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from openpyxl import Workbook

from audits.annex_a import CIN, CLA, CP, ETHNICITIES, LEAVING_CARE
from core.dates import add_months

TEAMS = {
    CIN: (
        "Assessment Team North",
        "Assessment Team South",
        "Case Management Team 1",
        "Case Management Team 2",
        "Case Management Team 3",
        "Disabled Children's Team",
    ),
    CP: ("Case Management Team 1", "Case Management Team 2", "Case Management Team 3"),
    CLA: ("Children Looked After Team 1", "Children Looked After Team 2", "Children Looked After Team 3"),
    LEAVING_CARE: ("Leaving Care Team",),
}
SHARES = {CIN: 39, CP: 10, CLA: 38, LEAVING_CARE: 13}
"""Of a hundred open children, on each pathway."""
MEDIAN_STAY_DAYS = {CIN: 240, CP: 300, CLA: 900, LEAVING_CARE: 1100}
AGE_AT_START = {CIN: (0, 15), CP: (0, 15), CLA: (0, 15), LEAVING_CARE: (18, 20)}
AGE_AT_END = {CIN: 18, CP: 18, CLA: 18, LEAVING_CARE: 25}

FIRST_DAY = date(2012, 1, 1)
"""No workbook is made as at a day before this one."""
CLOSED_STAY_LISTED_DAYS = 180
WORKERS_IN_A_TEAM = 8
DAYS_WITH_A_WORKER = 420

FIRST_NAMES = (
    "Amira", "Bea", "Callum", "Dev", "Esme", "Farah", "Grace", "Hamza", "Imogen", "Jodie", "Kofi", "Leila", "Marek",
    "Nia", "Owen", "Priya", "Rhys", "Sadia", "Tom", "Una", "Vikram", "Wren", "Yusuf", "Zara",
)  # fmt: skip
LAST_NAMES = (
    "Alder", "Birch", "Carver", "Dunmore", "Ellis", "Fennel", "Glover", "Hale", "Inskip", "Jarvis", "Kerr", "Larch",
    "Marsh", "Nokes", "Orchard", "Pike", "Quill", "Rowan", "Sedge", "Tarrant", "Upton", "Vane", "Winter", "Yates",
)  # fmt: skip

PERSON = (
    "Child Unique ID",
    "Gender",
    "Ethnicity",
    "Date of Birth",
    "Age",
    "Does the Child have a Disability",
)
HEADINGS = {
    6: (
        *PERSON, "CIN Start Date", "Primary Need Code", "CIN Closure Date", "Reason for Closure", "Case Status",
        "Allocated Team", "Allocated Worker", "Family identifier", "Child's Name",
    ),
    7: (
        *PERSON, "Child Protection Plan Start Date", "Latest Category of Abuse", "Child Protection Plan End Date",
        "Allocated Team", "Allocated Worker", "CP Chair",
    ),
    8: (
        *PERSON, "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N))",
        "Date Started to be Looked After", "Child's Legal Status", "Date Ceased to be Looked After", "Placement Type",
        "Placement postcode", "Allocated Team", "Allocated Worker", "IRO",
    ),
    9: (*PERSON, "Allocated Team", "Allocated Worker", "Eligibility Category", "LA in Touch"),
}  # fmt: skip
SHEETS = {6: "List 6 - Children in need", 7: "LIST 7 CP", 8: "list_8", 9: "List  9 (care leavers)"}
LIST_OF_PATHWAY = {CIN: 6, CP: 7, CLA: 8, LEAVING_CARE: 9}
STARTED = {6: "CIN Start Date", 7: "Child Protection Plan Start Date", 8: "Date Started to be Looked After"}
CLOSED = {6: "CIN Closure Date", 7: "Child Protection Plan End Date", 8: "Date Ceased to be Looked After"}
CASE_STATUS = {CIN: "c) Child in need plan", CP: "b) Child protection plan", CLA: "a) Looked after"}

MOST_CHILDREN = 50_000
LAST_REFERENCE = 15_000_000

UNUSABLE_ROWS = 5
"""Rows in each workbook that cannot go in: three without a team, one without an ID, one born tomorrow."""

Cells = dict[str, Any]


def annex_a_workbook(*, children: int, as_at: date, seed: int = 1) -> BytesIO:
    """A workbook with exactly so many open children on `as_at`, closed episodes, and UNUSABLE_ROWS rows besides."""
    if as_at < FIRST_DAY or children > MOST_CHILDREN:
        raise ValueError(f"From {FIRST_DAY} on, and for {MOST_CHILDREN:,} children at most.")
    lists: dict[int, list[Cells]] = {number: [] for number in HEADINGS}
    for place in range(children):
        for stay in _stays(place, seed, as_at):
            for number, cells in _rows(stay, as_at):
                lists[number].append(cells)
    _add_unusable_rows(lists[6], as_at)

    chance = _chance(seed)
    book = Workbook(write_only=True)
    book.create_sheet("List 1").append(("Child Unique ID", "Gender", "Date of Contact", "Contact Source"))
    for number, rows in lists.items():
        sheet = book.create_sheet(SHEETS[number])
        for line in _laid_out(number, rows, chance):
            sheet.append(line)
    book.create_sheet("List 10").append(("Child Unique ID", "Date of Decision that Child Should be Placed"))
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


@dataclass(frozen=True)
class _Stay:
    """One child with the council, on one pathway, from one day to the day before another."""

    reference: int
    pathway: str
    team: str
    born_on: date
    started_on: date
    ends_on: date
    facts: Cells
    family: str
    seed: str


def _stays(place: int, seed: int, as_at: date) -> Iterator[_Stay]:
    """Who has this place on that day, and who left it lately. A place never stands empty."""
    chance = _chance(seed, place)
    pathway = _pathway_of(place)
    started_on = FIRST_DAY - timedelta(days=chance.randrange(MEDIAN_STAY_DAYS[pathway]))
    for turn in count():
        youngest, oldest = AGE_AT_START[pathway]
        born_on = started_on - timedelta(days=chance.randrange(youngest * 365 + 1, oldest * 365 + 300))
        stay_days = 30 + round(chance.expovariate(0.7 / MEDIAN_STAY_DAYS[pathway]))
        ends_on = min(started_on + timedelta(days=stay_days), add_months(born_on, 12 * AGE_AT_END[pathway]))
        made = _Stay(
            reference=_reference(place, turn),
            pathway=pathway,
            team=chance.choice(TEAMS[pathway]),
            born_on=born_on,
            started_on=started_on,
            ends_on=ends_on,
            facts=_facts(chance),
            family=str(40_000 + place // 9) if place % 9 < 2 else "",
            seed=f"{seed}/{place}/{turn}",
        )
        if as_at < made.ends_on + timedelta(days=CLOSED_STAY_LISTED_DAYS):
            yield made
        if as_at < made.ends_on:
            return
        started_on = ends_on


def _reference(place: int, turn: int) -> int:
    """A number of its own for each child, in no order that shows."""
    return 1_000_000 + (place + turn * MOST_CHILDREN) * 7_654_321 % (LAST_REFERENCE - 1_000_000)


def _pathway_of(place: int) -> str:
    """Spread evenly, so that a small council has every pathway, too."""
    at = place * 37 % 100
    for pathway, share in SHARES.items():
        if at < share:
            return pathway
        at -= share
    raise AssertionError(SHARES)


def _facts(chance: random.Random) -> Cells:
    ethnicity = chance.choices(list(ETHNICITIES), [60] + [2] * (len(ETHNICITIES) - 1))[0]
    letter = "abcdefghijklmnopqrst"[list(ETHNICITIES).index(ethnicity)]
    return {
        "Gender": chance.choice(("a) Male", "b) Female")),
        "Ethnicity": f"{letter}) {ethnicity}",
        "Does the Child have a Disability": chance.choices(("b) No", "a) Yes"), (9, 1))[0],
    }


def _rows(stay: _Stay, as_at: date) -> Iterator[tuple[int, Cells]]:
    """The child's rows: one on their own list, and for most on list 6 as well."""
    chance = _chance(stay.seed)
    closed_on = stay.ends_on if stay.ends_on <= as_at else None
    number = LIST_OF_PATHWAY[stay.pathway]
    cells = {
        "Child Unique ID": stay.reference,
        "Date of Birth": stay.born_on,
        "Age": (as_at - stay.born_on).days / 365.25,
        **stay.facts,
        "Allocated Team": stay.team,
        "Allocated Worker": _worker(stay, as_at),
        "Child's Name": f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}",
        "Family identifier": stay.family,
        "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N))": "b) No",
    }
    if number == 9:
        if closed_on is None:  # list 9 has no closure date: who left is not on it
            yield 9, {**cells, "Eligibility Category": "b) Former relevant child", "LA in Touch": "a) Yes"}
        return
    cells |= {
        "Latest Category of Abuse": "Neglect",
        "Child's Legal Status": chance.choices(("C2: FCO", "V2: Single period of accommodation"), (7, 3))[0],
        "Placement Type": "a) U1: Foster placement",
        "Placement postcode": "ZZ9 9ZZ",
        "IRO": _person(f"IRO {chance.randrange(6)}"),
        "CP Chair": _person(f"CP chair {chance.randrange(4)}"),
    }
    if number == 8 and chance.random() < 0.05:
        cells["Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N))"] = "a) Yes"
    yield number, {**cells, STARTED[number]: stay.started_on, CLOSED[number]: closed_on}
    if number != 6 and chance.random() < 0.7:
        yield 6, _list_6(cells, stay, closed_on)


def _list_6(cells: Cells, stay: _Stay, closed_on: date | None) -> Cells:
    return {
        **cells,
        "CIN Start Date": stay.started_on - timedelta(days=60),
        "CIN Closure Date": closed_on,
        "Reason for Closure": "RC8" if closed_on else None,
        "Primary Need Code": "N1 - Abuse or Neglect",
        "Case Status": CASE_STATUS[stay.pathway],
    }


def _worker(stay: _Stay, as_at: date) -> str:
    """The worker of that day: another one of the team every 14 months."""
    turn = (min(as_at, stay.ends_on) - stay.started_on).days // DAYS_WITH_A_WORKER
    return _person(f"{stay.team} {_chance(stay.seed, turn).randrange(WORKERS_IN_A_TEAM)}")


def _chance(*parts: object) -> random.Random:
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - a story, not a secret


def _person(post: str) -> str:
    """Always the same person in the same post."""
    chance = _chance(post)
    return f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"


def _add_unusable_rows(rows: list[Cells], as_at: date) -> None:
    like_the_first = {**rows[0], "CIN Closure Date": None}
    rows += [
        {**like_the_first, "Child Unique ID": LAST_REFERENCE + 1, "Allocated Team": "#N/A"},
        {**like_the_first, "Child Unique ID": LAST_REFERENCE + 2, "Allocated Team": "#N/A"},
        {**like_the_first, "Child Unique ID": LAST_REFERENCE + 3, "Allocated Team": None},
        {**like_the_first, "Child Unique ID": LAST_REFERENCE + 4, "Date of Birth": as_at + timedelta(days=1)},
        {**like_the_first, "Child Unique ID": None},
    ]


def _laid_out(number: int, rows: list[Cells], chance: random.Random) -> Iterator[list[Any]]:
    """The sheet's rows as somebody's export and somebody's hands left them."""
    headings = list(HEADINGS[number])
    chance.shuffle(rows)
    rows += rows[:1]  # the same row twice
    if number == 7:
        yield ["Children subject of a child protection plan"]
        yield []
        yield [f" {heading.upper()}\u00a0" for heading in headings]
    else:
        yield headings
    for position, cells in enumerate(rows):
        if position % 50 == 40:
            yield [None] * len(headings)
        yield [_typed(number, heading, cells.get(heading), chance) for heading in headings]


def _typed(number: int, heading: str, value: Any, chance: random.Random) -> Any:
    """One cell as this list's export writes it."""
    if heading == "Child Unique ID" and number == 8 and value is not None:
        return f" {value} "
    if isinstance(value, date) and number == 7:
        return f"{value:%d/%m/%Y}"
    if heading in ("Allocated Worker", "IRO", "CP Chair") and value and chance.random() < 0.2:
        return value.replace(" ", "\u00a0")
    if heading == "Age" and number == 9:
        return "=(TODAY()-D2)/365.25"
    return value
