"""What leaves as a table is text where somebody typed text, in every program."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from core.cell_writer import FORMULA_STARTS, LONGEST_CELL, Cell, csv_bytes, writable, xlsx_bytes

BEGINNINGS = ["", " =", "\0", "\ud800", *FORMULA_STARTS]
ANY_TEXT = st.tuples(st.sampled_from(BEGINNINGS), st.text(max_size=20)).map("".join)


def from_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("start", FORMULA_STARTS)
@pytest.mark.parametrize("space", ["", " ", "\u00a0"])
def test_what_begins_like_a_formula_is_text(start: str, space: str) -> None:
    text = f"{space}{start}cmd|' /C calc'!A1"
    assert from_csv(csv_bytes(["What"], [[text]]))[1] == [f"'{text}"]
    cell = load_workbook(io.BytesIO(xlsx_bytes("Rows", ["What"], [[text]]))).active["A2"]
    assert cell.data_type == "s"


def test_twin_openpyxl_alone_would_store_a_formula() -> None:
    workbook = Workbook()
    workbook.active["A1"] = "=1+1"
    assert workbook.active["A1"].data_type == "f"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(ANY_TEXT, min_size=2, max_size=2), max_size=4))
def test_no_text_becomes_a_formula_or_breaks_the_file(rows: list[list[Cell]]) -> None:
    book = load_workbook(io.BytesIO(xlsx_bytes("Rows", ["One", "Two"], rows)))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    read = from_csv(csv_bytes(["One", "Two"], rows))[1:]
    assert len(read) == len(rows)
    for got, given_row in zip(read, rows, strict=True):
        for text, typed in zip(got, given_row, strict=True):
            assert not text.startswith(tuple(FORMULA_STARTS))
            assert text.removeprefix("'") == writable(str(typed)).removeprefix("'")


def test_days_numbers_and_nothing() -> None:
    row: list[Cell] = [date(2026, 11, 28), datetime(2026, 7, 1, 9, 30, tzinfo=UTC), 7, None]
    headings = ["Day", "Moment", "Number", "Nothing"]
    assert from_csv(csv_bytes(headings, [row]))[1] == ["2026-11-28", "2026-07-01 10:30", "7", ""]
    cells = load_workbook(io.BytesIO(xlsx_bytes("Rows", headings, [row]))).active[2]
    assert [cell.value for cell in cells] == [
        datetime(2026, 11, 28),  # noqa: DTZ001 - Excel knows no time zones
        datetime(2026, 7, 1, 10, 30),  # noqa: DTZ001
        7,
        None,
    ]


def test_the_csv_says_that_it_is_utf_8() -> None:
    assert csv_bytes(["Zoë"], []).startswith("\ufeffZoë".encode())


def test_a_text_that_no_cell_holds_is_cut() -> None:
    cell = load_workbook(io.BytesIO(xlsx_bytes("Rows", ["What"], [["x" * 40_000]]))).active["A2"]
    assert len(cell.value) == LONGEST_CELL
