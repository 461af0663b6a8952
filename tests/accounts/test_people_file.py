"""Bytes to rows: what counts as a people file, and what is refused whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.people_file import COLUMNS, LARGEST_FILE, key_of, read_people_file
from core.errors import RuleViolation
from tests.accounts.people_csv import people_csv

HEADINGS = ",".join(COLUMNS)
ZOE = {"email": "zoe@council.example", "name": "Zoë O’Neill", "team": "Nørth"}


def refusal(content: bytes) -> str:
    with pytest.raises(RuleViolation) as refused:
        read_people_file(content)
    return refused.value.sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_every_usual_encoding_reads_the_same(encoding: str) -> None:
    (row,) = read_people_file(people_csv(ZOE, encoding=encoding))
    assert (row.number, row.surplus) == (2, False)
    assert row.cells == dict.fromkeys(COLUMNS, "") | ZOE | {"job_role": "Social Worker"}


def test_headings_may_stand_in_any_order_case_and_spacing() -> None:
    headings = (
        " ROLES ,E-mail,Name\u00a0,Job  Role,Service,Team,Manages-Team,"
        "Line Manager Email,Auditor,capacity,Pathways,Payroll no"
    )
    (row,) = read_people_file(f"{headings}\npsw,zoe@council.example,Zoë\n".encode())
    assert row.cells == dict.fromkeys(COLUMNS, "") | {
        "roles": "psw",
        "email": "zoe@council.example",
        "name": "Zoë",
    }


def test_rows_keep_the_numbers_a_spreadsheet_shows() -> None:
    text = f'\n{HEADINGS}\na@council.example,"Two\nlines"\n,,,\n   \nb@council.example,B\n'
    rows = read_people_file(text.encode())
    assert [(row.number, row.cells["name"]) for row in rows] == [(3, "Two lines"), (6, "B")]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_one(line_end: str) -> None:
    content = people_csv({"email": "a@council.example"}, {"email": "b@council.example"})
    rows = read_people_file(content.replace(b"\r\n", line_end.encode()))
    assert [row.cells["email"] for row in rows] == ["a@council.example", "b@council.example"]


def test_cells_are_tidied() -> None:
    (row,) = read_people_file(
        people_csv({"email": " a@council.example\u200b", "name": "\ufeffAda\u00a0 \x00Lovelace "})
    )
    assert (row.cells["email"], row.cells["name"]) == ("a@council.example", "Ada Lovelace")


def test_a_row_that_runs_past_the_headings_says_so() -> None:
    rows = read_people_file(f"{HEADINGS}\na@b.example{',' * 11}x\nb@b.example{',' * 20}\n".encode())
    assert [row.surplus for row in rows] == [True, False]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", f"The first row must name the columns {', '.join(COLUMNS)}. Missing: {', '.join(COLUMNS)}."),
        (
            b"email,name\n",
            f"The first row must name the columns {', '.join(COLUMNS)}. Missing: {', '.join(COLUMNS[2:])}.",
        ),
        (f"{HEADINGS},E-Mail\n".encode(), "The first row names a column twice: email. Keep one of each."),
        (b"PK\x03\x04rest", "The file is an Excel workbook. Save the sheet as CSV UTF-8 and use that file."),
        (
            HEADINGS.encode("utf-16"),
            "The file is Unicode text of another kind. Save it as CSV UTF-8 and use that file.",
        ),
        (b"\x81\x8d\x8f", "The file is not text. Save the list of people as CSV UTF-8 and use that file."),
        (
            f'{HEADINGS}\na@b.example,"Ada\nb@b.example,B\n'.encode(),
            "Row 2 cannot be read: look for a quotation mark that is not closed.",
        ),
        (
            f'{HEADINGS}\na@b.example,A\nb@b.example,"B"x\n'.encode(),
            "Row 3 cannot be read: look for a quotation mark that is not closed.",
        ),
        (b"x" * (LARGEST_FILE + 1), "The file is larger than 10 MB. Split it into smaller files."),
    ],
)
def test_what_is_no_people_file_is_refused_with_what_to_do(content: bytes, sentence: str) -> None:
    assert refusal(content) == sentence


@given(st.binary(max_size=300) | st.binary(max_size=300).map(HEADINGS.encode().__add__))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        rows = read_people_file(content)
    except RuleViolation:
        return
    assert all(set(row.cells) == set(COLUMNS) for row in rows)


def test_words_are_compared_by_their_letters_and_figures() -> None:
    assert key_of(" Line manager's E-Mail (2) ") == "linemanagersemail2"
