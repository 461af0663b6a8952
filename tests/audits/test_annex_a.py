"""The caseload as it is read from Annex A lists 6 to 9."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits import annex_a as reader
from audits.annex_a import Caseload, OpenChild, Rejected, UnreadableWorkbook, list_number, read_caseload
from audits.enums import Disability, Pathway, Sex
from audits.models import Child, ImportReject
from tests.factories.annex_a import CLOSED, Row, annex_a, row, sheet, workbook

AS_AT = date(2026, 10, 31)

WREN = OpenChild(
    reference="5694372",
    birth_year=2015,
    birth_month=6,
    sex="female",
    ethnicity="White British",
    disability="no",
    pathway="cin",
    pathway_started_on=None,
    legal_status="",
    unaccompanied=False,
    team="North",
    worker_name="Wren Hale",
    reviewer_name="",
    sibling_group="",
)
"""What `row()` on list 6 says."""


def read(**lists: list[Row]) -> Caseload:
    return read_caseload(annex_a(**lists), AS_AT)


def only(caseload: Caseload) -> OpenChild:
    (child,) = caseload.children
    return child


def sentence(file: BytesIO) -> str:
    with pytest.raises(UnreadableWorkbook) as refused:
        read_caseload(file, AS_AT)
    return refused.value.sentence


# One row


def test_a_plain_row_is_a_child_with_no_day_of_birth() -> None:
    assert read(cin=[row()]) == Caseload(
        as_at=AS_AT,
        children=(WREN,),
        rejected=(),
        unclear=frozenset(),
        closed_children=0,
        missing_lists=(),
        notes=(),
    )


def test_every_column_that_is_read() -> None:
    cells = row(
        **{
            "Gender": "a) Male",
            "Ethnicity": "h) AIND",
            "Date of Birth": date(2009, 12, 31),
            "Does the Child have a Disability": "a) Yes",
            "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N))": "a) Yes",
            "Child's Legal Status": "b) C2: FCO",
            "Family identifier": 14159183,
            "Allocated IRO": "Ines\u00a0Okoro",
            "started": date(2025, 3, 12),
        }
    )
    assert only(read(cla=[cells])) == OpenChild(
        reference="5694372",
        birth_year=2009,
        birth_month=12,
        sex="male",
        ethnicity="Indian",
        disability="yes",
        pathway="cla",
        pathway_started_on=date(2025, 3, 12),
        legal_status="C2: FCO",
        unaccompanied=True,
        team="North",
        worker_name="Wren Hale",
        reviewer_name="Ines Okoro",
        sibling_group="14159183",
    )


@pytest.mark.parametrize(
    ("written", "reference"),
    [
        (5694372, "5694372"),
        (5694372.0, "5694372"),
        ("5694372", "5694372"),
        (" 5694372\u00a0", "5694372"),
        ("5694372.0", "5694372"),
        ("0005694", "0005694"),
        ("LCS-56/94_3.2", "LCS-56/94_3.2"),
    ],
)
def test_ids_as_text_or_number(written: object, reference: str) -> None:
    assert only(read(cin=[row(written)])).reference == reference


@pytest.mark.parametrize(
    ("column", "written", "field", "said"),
    [
        ("Gender", "Female", "sex", "female"),
        ("Gender", "M", "sex", "male"),
        ("Gender", "c) Not stated/recorded", "sex", "not_stated"),
        ("Gender", "#N/A", "sex", "not_stated"),
        ("Ethnicity", "WBRI", "ethnicity", "White British"),
        ("Ethnicity", "wbri", "ethnicity", "White British"),
        ("Ethnicity", "q) BOTH - Any other", "ethnicity", "Any other Black background"),
        ("Ethnicity", "Cornish, both parents", "ethnicity", "Cornish, both parents"),
        ("Ethnicity", None, "ethnicity", ""),
        ("Does the Child have a Disability", "Y", "disability", "yes"),
        ("Does the Child have a Disability", False, "disability", "no"),
        ("Does the Child have a Disability", "maybe", "disability", "not_known"),
        ("Allocated Worker", "Wren\u00a0 Hale ", "worker_name", "Wren Hale"),
        ("Allocated Worker", "#N/A", "worker_name", ""),
        ("Allocated Worker", "W" * 500, "worker_name", "W" * 150),
        ("Allocated Team", "  North\u00a0", "team", "North"),
        ("Date of Birth", "09/06/2015", "birth_month", 6),
        ("Date of Birth", 42164, "birth_year", 2015),
        ("Family identifier", "the Hale family", "sibling_group", ""),
    ],
)
def test_values_as_councils_write_them(column: str, written: object, field: str, said: object) -> None:
    assert only(read(cin=[row(**{column: written})])) == replace(WREN, **{field: said})


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Child Unique ID": None}, "no child ID"),
        ({"Child Unique ID": "#REF!"}, "no child ID"),
        ({"Child Unique ID": 0}, "no child ID"),
        ({"Child Unique ID": "Jamie Example"}, "a child ID that does not look like one"),
        ({"Child Unique ID": "Example"}, "a child ID that does not look like one"),
        ({"Child Unique ID": "9" * 41}, "a child ID that does not look like one"),
        ({"Child Unique ID": 56.5}, "a child ID that does not look like one"),
        ({"Child Unique ID": 10**17}, "a child ID that does not look like one"),
        ({"Child Unique ID": True}, "a child ID that does not look like one"),
        ({"Allocated Team": "  "}, "no team"),
        ({"Allocated Team": "#N/A"}, "no team"),
        ({"Allocated Team": None}, "no team"),
        ({"Allocated Team": 0}, "no team"),
        ({"Allocated Team": "T" * 121}, "a team name longer than 120 characters"),
        ({"Date of Birth": None}, "no date of birth"),
        ({"Date of Birth": "Example"}, "a date of birth that cannot be read"),
        ({"Date of Birth": "12/31/2015"}, "a date of birth that cannot be read"),
        ({"Date of Birth": date(2026, 11, 1)}, "a date of birth after 31 October 2026"),
        ({"closed": "when moved"}, "a closure date that cannot be read"),
        ({"started": date(2026, 11, 1)}, "a start date after 31 October 2026"),
        ({"Child Unique ID": None, "Date of Birth": None}, "no child ID and no date of birth"),
    ],
)
def test_rows_that_are_rejected(cells: dict[str, Any], reason: str) -> None:
    caseload = read(cin=[row(1), row(**cells)])
    reference = "" if "Child Unique ID" in cells else "5694372"
    assert caseload.rejected == (Rejected("List 6", 3, reference, f"The row has {reason}."),)
    assert [child.reference for child in caseload.children] == ["1"]


def test_a_child_born_on_the_day_goes_in() -> None:
    assert only(read(cin=[row(**{"Date of Birth": AS_AT})])).birth_year == 2026


# Open, and on which pathway


@pytest.mark.parametrize("list_name", ["List 6", "List 7", "List 8"])
@pytest.mark.parametrize(
    ("closed", "open_children"),
    [(None, 1), ("#N/A", 1), (AS_AT + timedelta(days=1), 1), (AS_AT, 0), ("31/10/2026", 0)],
)
def test_an_episode_is_open_until_its_closure_date(
    list_name: str, closed: object, open_children: int
) -> None:
    lists = {"List 6": "cin", "List 7": "cp", "List 8": "cla"}
    caseload = read(**{lists[list_name]: [row(closed=closed)]})
    assert (len(caseload.children), caseload.closed_children) == (open_children, 1 - open_children)


def test_the_most_intensive_open_episode_gives_pathway_team_and_worker() -> None:
    lists = {
        name: [row(**{"Allocated Team": f"{name} team", "Allocated Worker": f"{name} worker"})]
        for name in ("cin", "cp", "cla", "leaving_care")
    }
    found = []
    for gone in ("", "cla", "cp", "leaving_care"):
        lists[gone] = []
        child = only(read(**{name: rows for name, rows in lists.items() if name}))
        found.append((child.pathway, child.team, child.worker_name))
    assert found == [
        ("cla", "cla team", "cla worker"),
        ("cp", "cp team", "cp worker"),
        ("leaving_care", "leaving_care team", "leaving_care worker"),
        ("cin", "cin team", "cin worker"),
    ]


def test_a_closed_episode_does_not_count() -> None:
    caseload = read(cla=[row(closed=date(2026, 9, 1))], cin=[row()])
    assert (only(caseload).pathway, caseload.closed_children) == ("cin", 0)


def test_the_latest_start_on_the_same_list_gives_the_team() -> None:
    caseload = read(
        cin=[
            row(**{"started": date(2026, 5, 1), "Allocated Team": "Second"}),
            row(**{"started": date(2026, 9, 1), "Allocated Team": "Third"}),
            row(**{"started": date(2025, 5, 1), "Allocated Team": "First"}),
            row(**{"Allocated Team": "Undated"}),
        ]
    )
    assert (only(caseload).team, only(caseload).pathway_started_on) == ("Third", date(2026, 9, 1))


def test_what_one_row_leaves_blank_of_the_child_comes_from_another() -> None:
    blank = {
        "Gender": None,
        "Ethnicity": "",
        "Does the Child have a Disability": None,
        "Allocated Worker": None,
    }
    full = {"Family identifier": 77, "IRO": "Ines Okoro"}
    child = only(read(cla=[row(**blank)], cin=[row(**full)]))
    assert child == replace(
        WREN, pathway="cla", worker_name="", sibling_group="77", reviewer_name="Ines Okoro"
    )


def test_a_row_repeated_exactly_counts_once() -> None:
    caseload = read(
        cin=[row(), row(), row(8, **{"Allocated Team": None}), row(8, **{"Allocated Team": None})]
    )
    assert len(caseload.children) == 1
    assert [(reject.row, reject.child) for reject in caseload.rejected] == [(4, "8")]


def test_a_child_rejected_on_one_list_goes_in_from_another() -> None:
    caseload = read(cla=[row(**{"Allocated Team": "#N/A"})], cin=[row()])
    assert only(caseload).pathway == "cin"
    assert caseload.rejected == (
        Rejected(
            "List 8",
            2,
            "5694372",
            "The row has no team. The child is in the caseload from another row, as child in need.",
        ),
    )
    assert caseload.unclear == frozenset()


def test_a_child_known_only_from_rejected_rows_is_unclear_unless_the_row_is_closed() -> None:
    no_team = {"Allocated Team": "#N/A"}
    caseload = read(cin=[row(1, **no_team), row(2, closed=date(2026, 9, 1), **no_team), row(None)])
    assert caseload.unclear == {"1"}


def test_counts_by_pathway_and_team() -> None:
    caseload = read(cin=[row(1), row(2, **{"Allocated Team": "East"})], leaving_care=[row(3)])
    assert caseload.by_pathway == {"cin": 2, "cp": 0, "cla": 0, "leaving_care": 1}
    assert list(caseload.by_team.items()) == [("East", 1), ("North", 2)]


def test_a_team_is_one_team_however_it_is_spelt() -> None:
    teams = ("North Team", "NORTH TEAM", "north\u00a0 team", "Nórth Team", "North Team 2")
    caseload = read(
        cin=[row(number, **{"Allocated Team": team}) for number, team in enumerate(teams, start=1)]
    )
    assert caseload.by_team == {"NORTH TEAM": 4, "North Team 2": 1}


# Sheets and headings


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("List 6", 6),
        ("LIST 6", 6),
        ("list_6", 6),
        (" List  6 ", 6),
        ("List6", 6),
        ("List 06", 6),
        ("List\u00a06 - Children in need", 6),
        ("Annex A List 6 (CIN)", 6),
        ("6. CIN", 6),
        ("6", 6),
        ("List 10", 10),
        ("List 60", 60),
        ("List 16", 16),
        ("Picklist 6", None),
        ("Sheet1", None),
        ("CIN", None),
        ("2026", None),
        ("6-9", None),
    ],
)
def test_lists_are_found_by_the_name_of_the_sheet(name: str, number: int | None) -> None:
    assert list_number(name) == number


def test_lists_one_and_ten_are_not_read() -> None:
    rows = sheet("List 6", [row(1)])
    caseload = read_caseload(
        workbook({"List 1": rows, "List 10": rows, "List 60": rows, "List 6": rows}), AS_AT
    )
    assert (len(caseload.children), caseload.missing_lists) == (1, (7, 8, 9))


def test_headings_under_a_title_with_stray_marks_and_blank_rows_between() -> None:
    rows = [
        ["Annex A, list 6"],
        [],
        [
            "",
            " child\u00a0UNIQUE  id ",
            "DATE OF BIRTH (dd/mm/yyyy)",
            "allocated team\n",
            "Allocated’s notes",
        ],
        [],
        [None, 1, "09/06/2015", "North", "Jamie Example"],
        [None, "  ", None, "#N/A", "a note"],
        [],
        [None, 2, "09/06/2015", None, "Sam Example"],
    ]
    caseload = read_caseload(workbook({"LIST_6 in need": rows}), AS_AT)
    assert [(child.reference, child.team) for child in caseload.children] == [("1", "North")]
    assert caseload.rejected == (Rejected("LIST_6 in need", 8, "2", "The row has no team."),)


@settings(deadline=None)
@given(
    st.data(),
    st.sampled_from([name for names in reader.COLUMN_NAMES.values() for name in names]),
)
def test_headings_are_known_in_any_case_with_any_spaces(data: st.DataObject, name: str) -> None:
    spaces = st.text(" \u00a0\t\n", max_size=3)
    written = "".join(
        data.draw(st.sampled_from([letter.upper(), letter.lower()]))
        if letter != " "
        else " " + data.draw(spaces)
        for letter in name.replace("'", data.draw(st.sampled_from(["'", "’", "‘"])))
    )
    column = next(column for column, names in reader.COLUMN_NAMES.items() if name in names)
    assert reader._COLUMN_OF_HEADING[reader._fold_heading(data.draw(spaces) + written)] == column


def test_a_list_without_a_closure_date_column_says_so() -> None:
    rows = [[cell for heading, cell in zip(sheet("List 6", [])[0], cells, strict=True) if heading != CLOSED["List 6"]]
            for cells in sheet("List 6", [row()])]  # fmt: skip
    caseload = read_caseload(workbook({"List 6": rows}), AS_AT)
    assert caseload.notes == ("Sheet “List 6” has no closure date column: every row on it counts as open.",)
    assert caseload.children == (WREN,)


def test_formulas_are_read_by_their_last_value_and_blank_without_one() -> None:
    caseload = read(cin=[row(1, **{"Allocated Team": '="No"&"rth"'}), row(2, Ethnicity="=C2")])
    assert [child.reference for child in caseload.children] == ["2"]
    assert only(caseload).ethnicity == ""
    assert [reject.reason for reject in caseload.rejected] == ["The row has no team."]


# Workbooks that are refused


def test_a_workbook_of_something_else_is_refused() -> None:
    assert sentence(workbook({"Form1": [["Id", "Start time"]]})) == (
        "The workbook has no sheet named List 6, List 7, List 8 or List 9. Choose the Annex A workbook."
    )


def test_lists_without_any_cell_are_the_same_as_no_lists() -> None:
    assert sentence(workbook({"List 6": [], "List 7": [[None]]})).startswith(
        "The workbook has no sheet named List 6"
    )


@pytest.mark.parametrize("missing", ["Date of Birth", "Allocated Team"])
def test_a_list_without_a_column_it_needs_names_sheet_column_and_row(missing: str) -> None:
    headings = [heading for heading in row() if heading != missing]
    assert sentence(workbook({"List 8 - CLA": [["Title"], headings]})) == (
        f"Sheet “List 8 - CLA” has no column “{missing}” in its headings, row 2. Add the column and try again."
    )


def test_a_list_without_headings_is_refused() -> None:
    assert sentence(workbook({"List 6": [[1, "North"]] * 40})) == (
        "Sheet “List 6” has no column “Child Unique ID” in its first 30 rows. Put the headings back and try again."
    )


def test_two_sheets_with_the_same_list_are_refused() -> None:
    rows = sheet("List 6", [row()])
    assert sentence(workbook({"List 6": rows, "List 6 old": rows})) == (
        "Sheets “List 6” and “List 6 old” both hold List 6. Keep one of them and try again."
    )


def test_more_rows_than_a_council_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_ROWS_PER_LIST", 3)
    assert len(read(cin=[row(n) for n in range(1, 4)]).children) == 3
    assert sentence(annex_a(cin=[row(n) for n in range(1, 5)])) == (
        "Sheet “List 6” has more than 3 rows. Choose the Annex A workbook of one council."
    )


# What must hold of every workbook

CELLS = st.fixed_dictionaries(
    {
        "Child Unique ID": st.sampled_from([1, 2, 3, "3", None, "Example"]),
        "Gender": st.sampled_from(["a) Male", "b) Female", None]),
        "Ethnicity": st.sampled_from(["a) WBRI", "h) AIND", None]),
        "Does the Child have a Disability": st.sampled_from(["a) Yes", "b) No", None]),
        "Date of Birth": st.sampled_from([date(2015, 6, 9), "10/06/2014", None]),
        "Allocated Team": st.sampled_from(["North", "South", "#N/A"]),
        "Allocated Worker": st.sampled_from(["Wren Hale", "Ola Reed", None]),
        "started": st.sampled_from([date(2026, 1, 1), date(2026, 2, 1), None]),
        "closed": st.sampled_from([date(2026, 9, 1), None, None]),
        "IRO": st.sampled_from(["Ines Okoro", None]),
        "Family identifier": st.sampled_from([77, None]),
        "Child's Name": st.sampled_from(["Jamie Example", "Sam Example"]),
        "Notes": st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x4EFF), min_size=1),
    }
)


@settings(deadline=None, max_examples=60)
@given(st.lists(CELLS, max_size=8), st.lists(CELLS, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(cin: list[Row], cla: list[Row], chance: Any) -> None:
    first = read(cin=cin, cla=cla)
    chance.shuffle(cin)
    chance.shuffle(cla)
    second = read(cin=cin, cla=cla)

    def unnumbered(caseload: Caseload) -> Caseload:
        return replace(
            caseload, rejected=tuple(sorted((replace(r, row=0) for r in caseload.rejected), key=repr))
        )

    assert unnumbered(first) == unnumbered(second)


@settings(deadline=None, max_examples=60)
@given(st.lists(CELLS, max_size=8))
def test_nothing_of_an_unknown_column_comes_out(rows: list[Row]) -> None:
    told = repr(read(cin=rows))
    assert "Example" not in told
    assert not any(cells["Notes"] in told for cells in rows)


@settings(deadline=None, max_examples=60)
@given(st.lists(CELLS, max_size=8), st.lists(CELLS, max_size=8))
def test_what_comes_out_fits_the_database(cin: list[Row], cla: list[Row]) -> None:
    caseload = read(cin=cin, cla=cla)
    assert len({child.reference for child in caseload.children}) == len(caseload.children)
    for child in caseload.children:
        Child(
            team_id=1, **{name: value for name, value in asdict(child).items() if name != "team"}
        ).clean_fields(exclude=["team"])
    for reject in caseload.rejected:
        ImportReject(caseload_import_id=1, **asdict(reject)).clean_fields(exclude=["caseload_import"])
    assert json.loads(json.dumps([asdict(reject) for reject in caseload.rejected])) is not None


def test_the_longest_reason_fits_its_column() -> None:
    cells = row("no id", **{"Allocated Team": "T" * 999, "Date of Birth": "x", "closed": "x"})
    cells["CIN Start Date"] = date(2026, 11, 1)
    (reject,) = read(cin=[cells]).rejected
    limit = ImportReject._meta.get_field("reason").max_length
    assert limit is not None
    assert (
        len(reject.reason) + len(" The child is in the caseload from another row, as child looked after.")
        <= limit
    )


def test_the_words_are_those_of_the_database() -> None:
    assert set(reader.PATHWAY_IN_WORDS) == set(Pathway.values) - {Pathway.FRONT_DOOR}
    assert {reader.MALE, reader.FEMALE, reader.NOT_STATED} == set(Sex.values)
    assert {reader.YES, reader.NO, reader.NOT_KNOWN} == set(Disability.values)
    lengths = {
        field: Child._meta.get_field(field).max_length
        for field in (
            "reference",
            "worker_name",
            "reviewer_name",
            "ethnicity",
            "legal_status",
            "sibling_group",
        )
    }
    assert lengths == {
        "reference": reader.MAX_REFERENCE,
        "worker_name": reader.MAX_PERSON,
        "reviewer_name": reader.MAX_PERSON,
        "ethnicity": reader.MAX_LABEL,
        "legal_status": reader.MAX_LABEL,
        "sibling_group": reader.MAX_REFERENCE,
    }
