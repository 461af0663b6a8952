"""Reads the open children out of Annex A lists 6 to 9, as councils really send them. Knows no Django.

List 6 holds children in need, list 7 children on a protection plan, list 8 children looked after and list 9
care leavers. Only the columns named here are read. Whatever else a file holds, a child's name above all, never
leaves this module, not even in the reason for a refused row (docs/domain.md, section 2).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b
from typing import BinaryIO, NamedTuple

from core.cells import clean, day, label, present
from core.text import collapse_spaces, fold
from core.xlsx import UnreadableWorkbook, Value, Workbook

__all__ = ["Caseload", "OpenChild", "Rejected", "UnreadableWorkbook", "read_caseload"]

CIN, CP, CLA, LEAVING_CARE = "cin", "cp", "cla", "leaving_care"

PATHWAY_OF_LIST = {8: CLA, 7: CP, 9: LEAVING_CARE, 6: CIN}
"""The most intensive first. List 6 repeats every child with an open case, whatever other list they are on, so
a place on list 9 says more than one on list 6."""

PATHWAY_IN_WORDS = {
    CIN: "child in need",
    CP: "child protection",
    CLA: "child looked after",
    LEAVING_CARE: "leaving care",
}

LIST_WITHOUT_CLOSURE = 9
"""Annex A asks for no closure date of care leavers: who is on the list is open."""

MALE, FEMALE, NOT_STATED = "male", "female", "not_stated"
YES, NO, NOT_KNOWN = "yes", "no", "not_known"

ETHNICITIES = {
    "WBRI": "White British",
    "WIRI": "White Irish",
    "WIRT": "Traveller of Irish heritage",
    "WOTH": "Any other White background",
    "WROM": "Gypsy or Roma",
    "MWBC": "White and Black Caribbean",
    "MWBA": "White and Black African",
    "MWAS": "White and Asian",
    "MOTH": "Any other mixed background",
    "AIND": "Indian",
    "APKN": "Pakistani",
    "ABAN": "Bangladeshi",
    "AOTH": "Any other Asian background",
    "BCRB": "Black Caribbean",
    "BAFR": "Black African",
    "BOTH": "Any other Black background",
    "CHNE": "Chinese",
    "OOTH": "Any other ethnic group",
    "REFU": "Refused",
    "NOBT": "Not yet obtained",
}
"""The Department for Education's codes, which Annex A uses."""

SEX_OF_WORD = {
    **dict.fromkeys(("male", "m", "boy", "1"), MALE),
    **dict.fromkeys(("female", "f", "girl", "2"), FEMALE),
}
YES_OR_NO = {**dict.fromkeys(("yes", "y", "true", "1"), YES), **dict.fromkeys(("no", "n", "false"), NO)}

MAX_ROWS_PER_LIST = 50_000
"""Ten times the largest caseload the service is made for."""
HEADING_ROWS = 30
"""How far down a list its headings may stand, under a title and notes."""
TWO_DIGIT_YEARS_AHEAD = 10
"""A plan may end so many years from now: "31/03/30" is 2030, and "31/03/99" is 1999."""

MAX_REFERENCE, MAX_TEAM, MAX_PERSON, MAX_LABEL, MAX_SHEET = 40, 120, 150, 80, 80
"""Lengths of the columns that these texts are stored in."""


@dataclass(frozen=True)
class OpenChild:
    """A child with an open episode: no name, no address, and of the birth only month and year."""

    reference: str
    birth_year: int
    birth_month: int
    sex: str
    ethnicity: str
    disability: str
    pathway: str
    pathway_started_on: date | None
    legal_status: str
    unaccompanied: bool
    team: str
    worker_name: str
    reviewer_name: str
    sibling_group: str


@dataclass(frozen=True)
class Rejected:
    """A row that does not go in. `row` is its number in the sheet; `child` is "" where no ID is readable."""

    sheet: str
    row: int
    child: str
    reason: str


@dataclass(frozen=True)
class Caseload:
    """What a workbook says of the caseload on the day `as_at`.

    `children` are in order of reference, `rejected` in order of list and row. `unclear` are the references of
    children whom a rejected row may show open and no usable row does: the file does not say that they are
    closed, so nobody may close them for it. `closed_children` counts those whose episodes are all closed.
    `missing_lists` are numbers. `notes` are sentences about the whole workbook that a person should read.
    """

    as_at: date
    children: tuple[OpenChild, ...]
    rejected: tuple[Rejected, ...]
    unclear: frozenset[str]
    closed_children: int
    missing_lists: tuple[int, ...]
    notes: tuple[str, ...]

    @property
    def by_pathway(self) -> dict[str, int]:
        counts = Counter(child.pathway for child in self.children)
        return {pathway: counts[pathway] for pathway in PATHWAY_IN_WORDS}

    @property
    def by_team(self) -> dict[str, int]:
        return dict(sorted(Counter(child.team for child in self.children).items()))


def read_caseload(file: BinaryIO, as_at: date) -> Caseload:
    """The children whose case is open at the end of the day `as_at`, and the rows that could not be used.

    A child is open where any list has an open episode (no closure date, or one after `as_at`). The pathway is
    the most intensive open one; team and worker come from the row that gave it, the latest to start where
    there are several. What that row leaves blank of the child (ethnicity, disability, family) is taken from
    the child's other open rows. A row without a child ID, a team or a readable date of birth up to `as_at` is
    rejected; a child rejected on one list still goes in from another. Rows repeated exactly count once.

    Raises UnreadableWorkbook, whose one sentence names the sheet and column where there is one.
    """
    workbook = Workbook(file)
    lists = [
        list_ for number in sorted(PATHWAY_OF_LIST) if (list_ := _find_list(workbook, number)) is not None
    ]
    if not lists:
        raise UnreadableWorkbook(
            "The workbook has no sheet named List 6, List 7, List 8 or List 9. Choose the Annex A workbook."
        )
    episodes: dict[str, list[_Episode]] = defaultdict(list)
    rejections: list[_Rejection] = []
    for list_ in lists:
        for row in _read_list(workbook, list_, as_at):
            if isinstance(row, _Episode):
                episodes[row.child.reference].append(row)
            else:
                rejections.append(row)

    children = {
        reference: _most_intensive(open_ones)
        for reference, own in sorted(episodes.items())
        if (open_ones := [episode.child for episode in own if episode.is_open])
    }
    unclear = (
        {rejection.row.child for rejection in rejections if rejection.may_be_open} - children.keys() - {""}
    )
    return Caseload(
        as_at=as_at,
        children=tuple(_with_one_spelling_of_each_team(children.values())),
        rejected=tuple(_explained(rejection.row, children) for rejection in rejections),
        unclear=frozenset(unclear),
        closed_children=len(episodes) - len(children),
        missing_lists=tuple(sorted(PATHWAY_OF_LIST.keys() - {list_.number for list_ in lists})),
        notes=tuple(_notes(lists)),
    )


def _most_intensive(open_ones: list[OpenChild]) -> OpenChild:
    """One child out of their open rows: the same one whatever order the rows came in."""
    intensity = list(PATHWAY_OF_LIST.values())
    ranked = sorted(
        open_ones,
        key=lambda child: (
            -intensity.index(child.pathway),
            child.pathway_started_on or date.min,
            child.team,
            child.worker_name,
            repr(child),
        ),
        reverse=True,
    )
    return replace(
        ranked[0],
        sex=next((child.sex for child in ranked if child.sex != NOT_STATED), NOT_STATED),
        disability=next((child.disability for child in ranked if child.disability != NOT_KNOWN), NOT_KNOWN),
        ethnicity=next((child.ethnicity for child in ranked if child.ethnicity), ""),
        reviewer_name=next((child.reviewer_name for child in ranked if child.reviewer_name), ""),
        sibling_group=next((child.sibling_group for child in ranked if child.sibling_group), ""),
        unaccompanied=any(child.unaccompanied for child in ranked),
    )


def _with_one_spelling_of_each_team(children: Iterable[OpenChild]) -> list[OpenChild]:
    """The children with "North Team" for "north team" too, where both occur."""
    children = list(children)
    spelling: dict[str, str] = {}
    for team in sorted({child.team for child in children}):
        spelling.setdefault(fold(team), team)
    return [replace(child, team=spelling[fold(child.team)]) for child in children]


def _explained(row: Rejected, children: Mapping[str, OpenChild]) -> Rejected:
    """The rejected row; where the child goes in all the same, the reason says as what."""
    child = children.get(row.child)
    if child is None:
        return row
    words = PATHWAY_IN_WORDS[child.pathway]
    return replace(row, reason=f"{row.reason} The child is in the caseload from another row, as {words}.")


COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "reference": (
        "Child Unique ID", "Child ID", "Unique Child ID", "Child Unique Identifier", "Child Identifier",
        "Person ID",
    ),
    "born_on": ("Date of Birth", "DOB", "Child's Date of Birth", "Birth Date"),
    "sex": ("Gender", "Sex"),
    "ethnicity": ("Ethnicity", "Ethnic Origin", "Child's Ethnicity"),
    "disability": ("Does the Child have a Disability", "Disability", "Disabled"),
    "unaccompanied": (
        "Unaccompanied Asylum Seeking Child within the Last 12 Months", "Unaccompanied Asylum Seeking Child",
        "UASC",
    ),
    "legal_status": ("Child's Legal Status", "Legal Status"),
    "team": ("Allocated Team", "Team", "Allocated Team Name", "Team Name"),
    "worker_name": (
        "Allocated Worker", "Allocated Social Worker", "Social Worker", "Worker", "Allocated Worker Name",
    ),
    "reviewer_name": (
        "IRO", "Independent Reviewing Officer", "Allocated IRO", "IRO Name",
        "Allocated Independent Reviewing Officer", "CP Chair", "Child Protection Chair", "Conference Chair",
        "Allocated CP Chair", "IRO or CP Chair",
    ),
    "sibling_group": (
        "Family Identifier", "Family ID", "Sibling Group", "Sibling Group Identifier", "Sibling Group ID",
    ),
    "started_on": (
        "CIN Start Date", "Child Protection Plan Start Date", "CP Plan Start Date",
        "Date Started to be Looked After", "Leaving Care Start Date", "Start Date",
    ),
    "closed_on": (
        "CIN Closure Date", "CIN End Date", "Child Protection Plan End Date", "CP Plan End Date",
        "Date Ceased to be Looked After", "Leaving Care Closure Date", "Leaving Care End Date",
        "Closure Date", "Case Closure Date", "Date Closed", "End Date",
    ),
}  # fmt: skip
"""What this module calls a column, and the headings it goes under: first the one that Annex A prescribes."""

REQUIRED_COLUMNS = ("reference", "born_on", "team")


def _fold_heading(heading: Value) -> str:
    """A heading without letter case, marks, brackets and what they hold, and stray spaces."""
    text = re.sub(r"\([^)]*\)", " ", fold(str(heading)).replace("'", ""))
    return collapse_spaces(re.sub(r"[\W_]+", " ", text))


_COLUMN_OF_HEADING = {_fold_heading(name): column for column, names in COLUMN_NAMES.items() for name in names}


_LIST_IN_NAME = re.compile(r"(?<![a-z])list[\W_]*0*([0-9]{1,3})(?![0-9])")
_NUMBER_IN_FRONT = re.compile(r"0*([0-9]{1,3})(?:[\W_]+[a-z]|$)")


def list_number(sheet_name: str) -> int | None:
    """The number of the Annex A list on a sheet: "LIST_6", "List 06 - CIN" and "6. CIN" hold list 6."""
    name = fold(sheet_name)
    match = _LIST_IN_NAME.search(name) or _NUMBER_IN_FRONT.match(name)
    return int(match[1]) if match else None


@dataclass(frozen=True)
class _List:
    number: int
    sheet: str
    heading_row: int
    columns: dict[str, int]


def _find_list(workbook: Workbook, number: int) -> _List | None:
    """The one sheet that holds the list. A sheet of the same name that holds nothing does not count."""
    found = [
        list_
        for sheet in workbook.sheet_names
        if list_number(sheet) == number and (list_ := _read_headings(workbook, number, sheet)) is not None
    ]
    if len(found) > 1:
        names = " and ".join(f"“{_shown(list_.sheet)}”" for list_ in found)
        raise UnreadableWorkbook(f"Sheets {names} both hold List {number}. Keep one of them and try again.")
    return found[0] if found else None


def _read_headings(workbook: Workbook, number: int, sheet: str) -> _List | None:
    seen = 0
    for row_number, cells in workbook.rows(sheet):
        seen += 1
        if seen > HEADING_ROWS:
            break
        columns: dict[str, int] = {}
        for position, heading in sorted(cells.items()):
            column = _COLUMN_OF_HEADING.get(_fold_heading(heading))
            if column is not None:
                columns.setdefault(column, position)
        if "reference" not in columns:
            continue
        for column in REQUIRED_COLUMNS:
            if column not in columns:
                raise UnreadableWorkbook(
                    f"Sheet “{_shown(sheet)}” has no column “{COLUMN_NAMES[column][0]}” in its headings, "
                    f"row {row_number}. Add the column and try again."
                )
        return _List(number, sheet, row_number, columns)
    if seen:
        raise UnreadableWorkbook(
            f"Sheet “{_shown(sheet)}” has no column “{COLUMN_NAMES['reference'][0]}” in its first "
            f"{HEADING_ROWS} rows. Put the headings back and try again."
        )
    return None


def _notes(lists: Iterable[_List]) -> Iterator[str]:
    for list_ in lists:
        if "closed_on" not in list_.columns and list_.number != LIST_WITHOUT_CLOSURE:
            yield f"Sheet “{_shown(list_.sheet)}” has no closure date column: every row on it counts as open."


class _Episode(NamedTuple):
    """A usable row."""

    child: OpenChild
    is_open: bool


class _Rejection(NamedTuple):
    row: Rejected
    may_be_open: bool


def _read_list(workbook: Workbook, list_: _List, as_at: date) -> Iterator[_Episode | _Rejection]:
    seen: set[bytes] = set()
    for number, cells in workbook.rows(list_.sheet):
        if number <= list_.heading_row:
            continue
        values = {
            column: value
            for column, position in list_.columns.items()
            if (value := present(cells.get(position))) is not None
        }
        if not values:
            continue
        whole_row = blake2b(repr(sorted(cells.items())).encode(), digest_size=16).digest()
        if whole_row in seen:
            continue
        seen.add(whole_row)
        if len(seen) > MAX_ROWS_PER_LIST:
            raise UnreadableWorkbook(
                f"Sheet “{_shown(list_.sheet)}” has more than {MAX_ROWS_PER_LIST:,} rows. "
                "Choose the Annex A workbook of one council."
            )
        yield _read_row(values, number, list_, as_at, workbook.day_zero)


def _read_row(
    values: Mapping[str, Value], number: int, list_: _List, as_at: date, day_zero: date
) -> _Episode | _Rejection:
    reference = _reference(values.get("reference"))
    team = str(values.get("team", ""))
    born_on, started_on, closed_on = (
        day(values.get(column), day_zero=day_zero, two_digit_years_until=as_at.year + TWO_DIGIT_YEARS_AHEAD)
        for column in ("born_on", "started_on", "closed_on")
    )
    is_open = closed_on is None or closed_on > as_at

    that_day = f"{as_at:%-d %B %Y}"
    problems = [
        words
        for words, is_so in (
            ("no child ID", "reference" not in values),
            ("a child ID that does not look like one", "reference" in values and not reference),
            ("no team", not team),
            (f"a team name longer than {MAX_TEAM} characters", len(team) > MAX_TEAM),
            ("no date of birth", "born_on" not in values),
            ("a date of birth that cannot be read", "born_on" in values and born_on is None),
            (f"a date of birth after {that_day}", born_on is not None and born_on > as_at),
            ("a closure date that cannot be read", "closed_on" in values and closed_on is None),
            (f"a start date after {that_day}", started_on is not None and started_on > as_at),
        )
        if is_so
    ]
    if problems or born_on is None:
        reason = f"The row has {' and '.join(problems)}."
        return _Rejection(Rejected(_shown(list_.sheet), number, reference, reason), may_be_open=is_open)

    return _Episode(
        OpenChild(
            reference=reference,
            birth_year=born_on.year,
            birth_month=born_on.month,
            sex=SEX_OF_WORD.get(_word(values.get("sex")), NOT_STATED),
            ethnicity=_ethnicity(values.get("ethnicity")),
            disability=YES_OR_NO.get(_word(values.get("disability")), NOT_KNOWN),
            pathway=PATHWAY_OF_LIST[list_.number],
            pathway_started_on=started_on,
            legal_status=label(values.get("legal_status"))[:MAX_LABEL],
            unaccompanied=YES_OR_NO.get(_word(values.get("unaccompanied"))) == YES,
            team=team,
            worker_name=str(values.get("worker_name", ""))[:MAX_PERSON],
            reviewer_name=str(values.get("reviewer_name", ""))[:MAX_PERSON],
            sibling_group=_reference(values.get("sibling_group")),
        ),
        is_open=is_open,
    )


_REFERENCE = re.compile(rf"(?=.*[1-9])[A-Za-z0-9][A-Za-z0-9/_.-]{{0,{MAX_REFERENCE - 1}}}")


def _reference(value: Value | None) -> str:
    """An ID as text, leading zeros kept, or "" where the cell holds something else.

    Letters, figures and / _ . - with at least one figure: a name in the wrong column does not pass.
    """
    if value is None or isinstance(value, bool | float):
        return ""
    text = re.sub(r"(?<=[0-9])\.0+$", "", str(value))
    return text if _REFERENCE.fullmatch(text) else ""


def _word(value: Value | None) -> str:
    return fold(label(value))


def _ethnicity(value: Value | None) -> str:
    text = label(value)
    for code in (text.upper(), *re.findall(r"\b[A-Z]{4}\b", text)):
        if code in ETHNICITIES:
            return ETHNICITIES[code]
    return text[:MAX_LABEL]


def _shown(sheet: str) -> str:
    """A sheet's name, fit to show and to store."""
    return clean(sheet)[:MAX_SHEET]
