"""Reading a spreadsheet of actions: what is read, and what is refused and why."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from actions.tracker_file import TrackerFile, read_mapping, read_tracker
from core import xlsx
from core.errors import RuleViolation
from core.xlsx import UnreadableWorkbook
from tests.factories.forms_export import forms_export as workbook
from tests.factories.tracker_file import MAPPING, closed, tracked

TODAY = date(2026, 11, 25)
NBSP = "\N{NO-BREAK SPACE}"
WITH_A_PASSWORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le")


def read(*rows: dict[str, Any], headings: dict[str, str] | None = None) -> TrackerFile:
    return read_tracker(workbook(*rows, headings=headings), read_mapping(MAPPING.encode()), today=TODAY)


def test_a_row_is_read_whole() -> None:
    cells = {"Original deadline": "26/11/2026", "Case number": 3700007, "Audit": "cja-2026-10-001"}
    (action,) = read(closed(7, "Signed off", RAG="RED", Comments="Minutes are\non file.", **cells)).actions
    assert (action.row, action.external_id) == (2, "7")
    assert (action.what, action.why) == (
        "Hold the supervision that is missing.",
        "No supervision since March.",
    )
    assert action.success == "Supervision is on file every month."
    assert (action.owner_email, action.team) == ("meera.manager@council.example", "North")
    assert (action.child, action.audit) == ("3700007", "CJA-2026-10-001")
    assert (action.priority, action.status, action.evidence) == ("p1", "verified", "Minutes are\non file.")
    assert (action.first_due_on, action.due_on) == (date(2026, 11, 26), date(2026, 12, 10))
    assert (action.opened_on, action.done_on) == (date(2026, 10, 5), date(2026, 11, 2))


def test_headings_and_words_in_any_spelling() -> None:
    tracker = read(tracked(Status=f" UNDER{NBSP}way "), headings={"Status": f"STATUS{NBSP}"})
    assert [action.status for action in tracker.actions] == ["in_progress"]


def test_what_the_tracker_does_not_say() -> None:
    (action,) = read(closed(Raised=None, RAG=None, Finding=None)).actions
    assert (action.priority, action.why) == ("p2", "")
    assert (action.opened_on, action.first_due_on) == (date(2026, 11, 2), date(2026, 12, 10))
    assert read(tracked(Raised=None)).actions[0].opened_on == TODAY
    assert read(tracked(Raised=None, Deadline="01/09/2026")).actions[0].opened_on == date(2026, 9, 1)


def test_a_day_of_closing_beside_an_open_one_is_passed_over() -> None:
    assert read(tracked(Closed="02/11/2026")).actions[0].done_on is None


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"Ref": None}, "has no ID"),
        ({"Ref": "x" * 61}, "has an ID of more than 60 characters"),
        ({"Action": " "}, "does not say what shall be done"),
        ({"Owner": "Meera"}, "has no e-mail address of its owner"),
        ({"Team": None}, "has no team"),
        ({"Status": None}, "does not give a status: it says nothing"),
        (
            {"Status": "Parked"},
            "does not give a status: it says “Parked”, which the mapping does not explain",
        ),
        ({"RAG": "Blue"}, "does not give a priority: it says “Blue”, which the mapping does not explain"),
        ({"Deadline": None}, "has no date under “deadline”"),
        ({"Deadline": "next month"}, "has “next month” under “deadline”, which is no date"),
        ({"Deadline": "01/01/1999"}, "has 1 January 1999 under “deadline”, which cannot be"),
        (
            {"Original deadline": "11/12/2026"},
            "was first due on 11 December 2026, after the 10 December 2026 it is due on",
        ),
        ({"Raised": "26/11/2026"}, "was opened on 26 November 2026, which cannot be"),
        ({"Status": "Complete"}, "is done and does not say when"),
        ({"Status": "Complete", "Closed": "26/11/2026"}, "was closed on 26 November 2026, which cannot be"),
        ({"Status": "Complete", "Closed": "04/10/2026"}, "was closed on 4 October 2026, which cannot be"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(cells: dict[str, Any], expected: str) -> None:
    tracker = read(tracked(**cells))
    assert tracker.actions == []
    assert [(row.row, row.reason) for row in tracker.rejected] == [(2, expected)]


def test_the_same_id_twice_is_one_action_and_one_rejected_row() -> None:
    tracker = read(tracked(4), tracked(4))
    assert [action.row for action in tracker.actions] == [2]
    assert [(row.row, row.reason) for row in tracker.rejected] == [(3, "has the same ID as row 2")]


def test_the_digest_tells_another_text_and_neither_another_place_nor_the_child() -> None:
    one, other = (
        read(tracked(2), tracked(1, **cells)).actions[1].digest for cells in ({}, {"Action": "Else."})
    )
    assert read(tracked(1, **{"Case number": 3700001})).actions[0].digest == one
    assert other != one


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('team = "Team"', "", "lacks “team” under"),
        ('team = "Team"', 'team = "Team"\ncolour = "RAG"', "“colour” under .columns., which means nothing"),
        ('"complete" = "done"', '"complete" = "gone"', "says that “complete” is “gone”. Use one of: open"),
        ("[values.priorities]", "[values.colours]", r"lacks \[priorities\]"),
        ("[values.statuses]", "[values.states]", r"lacks \[statuses\]"),
        ("[columns]", "[columns", "is not a TOML file"),
        ("[columns]", 'source = "Our tracker!"\n[columns]', "is a short name"),
    ],
)
def test_a_mapping_that_means_nothing_is_refused_by_name(before: str, after: str, sentence: str) -> None:
    assert before in MAPPING
    with pytest.raises(RuleViolation, match=sentence):
        read_mapping(MAPPING.replace(before, after, 1).encode())


def test_a_mapping_without_priorities_needs_no_words_for_them() -> None:
    less = MAPPING.replace('priority = "RAG"', "").partition("[values.priorities]")[0]
    (action,) = read_tracker(workbook(tracked(RAG="Red")), read_mapping(less.encode()), today=TODAY).actions
    assert action.priority == "p2"


def test_a_missing_column_is_named() -> None:
    row = tracked()
    del row["Owner"]
    with pytest.raises(RuleViolation, match="has a column “owner”"):
        read(row)


@given(st.binary(max_size=300))
def test_no_mapping_and_no_file_is_a_fault(content: bytes) -> None:
    with pytest.raises(RuleViolation):
        read_mapping(content)
    with pytest.raises(RuleViolation):
        read_tracker(BytesIO(content), read_mapping(MAPPING.encode()), today=TODAY)


def test_columns_in_any_order_and_some_that_mean_nothing() -> None:
    row = tracked(4, Colour="<b>blue</b>")
    (turned,) = read(dict(reversed(row.items()))).actions
    assert turned == read(row).actions[0]


@pytest.mark.parametrize(
    "text", ["=1+1", "＝HYPERLINK(1)", "@SUM(A1)", "<script>alert(1)</script>", "'; DROP TABLE actions; --"]
)
def test_what_looks_like_a_formula_or_html_is_only_text(text: str) -> None:
    (action,) = read(closed(Action=text, Comments=text, Finding=text)).actions
    assert (action.what, action.evidence, action.why) == (text, text, text)


def test_a_formula_that_was_never_counted_is_an_empty_cell() -> None:
    book = load_workbook(workbook(tracked()))
    book.active["B2"] = '=CMD|"/c calc"!A1'
    file = BytesIO()
    book.save(file)
    tracker = read_tracker(file, read_mapping(MAPPING.encode()), today=TODAY)
    assert [row.reason for row in tracker.rejected] == ["does not say what shall be done"]


def test_headings_alone_are_no_action_and_no_fault() -> None:
    tracker = read(dict.fromkeys(tracked()))
    assert (tracker.actions, tracker.rejected) == ([], [])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (WITH_A_PASSWORD, "The workbook has a password"),
        (workbook(tracked()).getvalue()[:2000], "damaged"),
        (b"Ref;Action\r\n1;Visit her\r\n", "This is not an Excel workbook"),
    ],
    ids=["empty", "with a password", "cut off", "csv"],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableWorkbook, match=sentence):
        read_tracker(BytesIO(content), read_mapping(MAPPING.encode()), today=TODAY)


def test_a_file_larger_than_any_tracker_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_FILE_BYTES", 1000)
    with pytest.raises(UnreadableWorkbook, match="the limit is"):
        read(tracked())
