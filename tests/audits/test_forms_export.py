"""Reading an export of the form service: what is read, and what is refused and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.forms_export import FormsExport, _month_of, read_forms_export, read_mapping
from core.dates import LONDON
from core.errors import RuleViolation
from tests.factories.forms_export import MAPPING, forms_export, past

TODAY = date(2026, 11, 25)
NBSP = "\N{NO-BREAK SPACE}"


def read(*rows: dict[str, Any], headings: dict[str, str] | None = None) -> FormsExport:
    return read_forms_export(
        forms_export(*rows, headings=headings), read_mapping(MAPPING.encode()), today=TODAY
    )


def reason(**cells: Any) -> str:
    """Why a row with these cells is rejected."""
    export = read(past(**cells))
    assert export.audits == []
    return export.rejected[0].reason


def test_a_row_is_read_whole() -> None:
    (audit,) = read(past(7, **{"Grade Assessments": "N/A", "Evidence Assessments": None})).audits
    assert audit.external_id == "7"
    assert audit.started_at == datetime(2024, 4, 21, 11, 22, tzinfo=LONDON)
    assert audit.submitted_at == datetime(2024, 4, 21, 14, 41, tzinfo=LONDON)
    assert (audit.auditor_email, audit.auditor_name) == ("past.auditor@council.example", "Past Auditor")
    assert (audit.child, audit.pathway, audit.team) == ("3700007", "cin", "North")
    assert audit.month == date(2024, 4, 1)
    assert (audit.overall_grade, audit.overall_rationale) == ("good", "Taken together.")
    assert audit.grades == {
        "visits": "good",
        "assessments": "not_applicable",
        "supervision": "good",
        "plans": "good",
        "meetings": "good",
    }
    assert audit.evidence["assessments"] == ""
    assert audit.answers == {"V6": "yes", "A6": "partly", "W1": "yes"}


def test_headings_and_words_in_any_spelling() -> None:
    export = read(
        past(Overall=f" REQUIRES{NBSP}improvement to be GOOD ", Plan="child  PROTECTION"),
        headings={
            "Overall": f"OVERALL{NBSP}",
            "Plan": f" {NBSP}plan",
            "Evidence Visits": f"evidence{NBSP}VISITS",
            "ID": "\N{ZERO WIDTH NO-BREAK SPACE}Id\N{ZERO WIDTH SPACE}",
        },
    )
    assert export.rejected == []
    assert (export.audits[0].overall_grade, export.audits[0].pathway) == ("requires_improvement", "cp")
    assert export.audits[0].evidence["visits"] == "The record shows it."


def test_a_team_in_another_spelling_is_the_same_content() -> None:
    export = read(past(1, Team="North"), past(2, Team=f"NORTH{NBSP}"), past(3, Team="South"))
    north, again, south = (replace(audit, external_id="1", child="3700001") for audit in export.audits)
    assert north.digest == again.digest != south.digest


def test_the_order_of_rows_changes_nothing_but_their_numbers() -> None:
    rows = [past(number) for number in (1, 2, 3)]
    forwards, backwards = read(*rows), read(*reversed(rows))
    assert {audit.digest for audit in forwards.audits} == {audit.digest for audit in backwards.audits}
    assert [audit.external_id for audit in backwards.audits] == ["3", "2", "1"]


@pytest.mark.parametrize(
    "text", ["=1+1", "<script>alert(1)</script>", "@SUM(A1)", "-2 visits late", "{{ 7 }}"]
)
def test_what_looks_like_a_formula_or_html_is_text(text: str) -> None:
    assert read(past(**{"Evidence Visits": text})).audits[0].evidence["visits"] == text


def test_lines_of_a_text_are_kept_and_what_cannot_be_seen_is_not() -> None:
    text = "First line\r\nsecond\u200b\n\n=third"
    assert read(past(**{"Why overall": text})).audits[0].overall_rationale == "First line\nsecond\n\n=third"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"ID": None}, "has no ID"),
        ({"ID": "x" * 61}, "has an ID of more than 60 characters"),
        ({"Completion time": None}, "has no date under “completion time”"),
        ({"Completion time": "soon"}, "has no date under “completion time”"),
        (
            {"Completion time": datetime(2031, 1, 5)},  # noqa: DTZ001
            "was completed on 5 January 2031, which cannot be",
        ),
        ({"Email": "anonymous"}, "has no e-mail address of its auditor"),
        ({"Case number": None}, "has no case number of the child"),
        ({"Team": " "}, "has no team"),
        ({"Plan": None}, "does not give a pathway: it says nothing"),
        (
            {"Plan": "Adoption"},
            "does not give a pathway: it says “Adoption”, which the mapping does not explain",
        ),
        ({"Overall": "N/A"}, "has no overall grade: it is never Not applicable"),
        ({"Grade Visits": None}, "does not give a grade for visits: it says nothing"),
        (
            {"Is there a genogram?": "Maybe"},
            "does not give an answer to A6: it says “Maybe”, which the mapping does not explain",
        ),
        ({"Month": "Easter"}, "does not say which month it was allocated for under “month”"),
        ({"Month": "December 2026"}, "does not say which month it was allocated for under “month”"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(cells: dict[str, Any], expected: str) -> None:
    assert reason(**cells) == expected


def test_the_same_id_twice_is_one_audit_and_one_rejected_row() -> None:
    export = read(past(4), past(4))
    assert [audit.row for audit in export.audits] == [2]
    assert [(row.row, row.reason) for row in export.rejected] == [(3, "has the same ID as row 2")]


@pytest.mark.parametrize(
    ("words", "month"),
    [
        ("April 2024", date(2024, 4, 1)),
        ("apr-24", date(2024, 4, 1)),
        ("SEPT 2024", date(2024, 9, 1)),
        ("2024-04", date(2024, 4, 1)),
        ("4/2024", date(2024, 4, 1)),
        ("13/2024", None),
        ("Smarch 2024", None),
        ("", None),
    ],
)
def test_months_in_words(words: str, month: date | None) -> None:
    assert _month_of(words) == month


def test_a_missing_column_is_named() -> None:
    row = past()
    del row["Team"]
    with pytest.raises(RuleViolation, match="has a column “team”"):
        read(row)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('team = "Team"', "", "lacks “team” under"),
        ('team = "Team"', 'team = "Team"\ncolour = "Red"', "“colour” under .columns., which means nothing"),
        ("[areas.visits]", "[areas.visiting]", "for each of visits, assessments"),
        ('grade = "Grade Visits"', "", "takes “grade” and “evidence”"),
        ('"good" = "good"', '"good" = "great"', "says that “good” is “great”. Use one of: outstanding"),
        ("[values.answers]", "[values.replies]", r"lacks \[answers\]"),
        ('V6 = "Are visits purposeful?"', "V6 = 6", r"lacks \[questions\], or something in it is not words"),
        ("[columns]", "[columns", "is not a TOML file"),
        ("[columns]", 'source = "MS Forms!"\n[columns]', "is a short name"),
    ],
)
def test_a_mapping_that_means_nothing_is_refused_by_name(before: str, after: str, sentence: str) -> None:
    assert before in MAPPING
    with pytest.raises(RuleViolation, match=sentence):
        read_mapping(MAPPING.replace(before, after, 1).encode())


@given(st.binary(max_size=300))
def test_no_mapping_is_a_fault(content: bytes) -> None:
    with pytest.raises(RuleViolation):
        read_mapping(content)


@given(st.binary(max_size=300))
def test_no_file_is_a_fault(content: bytes) -> None:
    with pytest.raises(RuleViolation):
        read_forms_export(BytesIO(content), read_mapping(MAPPING.encode()), today=TODAY)
