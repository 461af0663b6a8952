"""Bringing in past audits: once, whole, marked, and in no return rate."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from itertools import chain, repeat, zip_longest
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Team, User
from audits.enums import AuditStatus, RoundStatus
from audits.forms_export import read_forms_export, read_mapping
from audits.invariants import CHECKS
from audits.models import Allocation, Audit, Child, ImportedAudit, Round, Tool
from audits.services.past_audits import PastAuditsImported, import_past_audits
from core.dates import Quarter
from dashboards.quarterly import quarterly_report
from tests.dashboards.worked_example import COUNTS, expected
from tests.factories.audits import ChildFactory, RoundFactory, submitted_audit
from tests.factories.forms_export import AREAS, MAPPING, forms_export, past

GRADES = ("Outstanding", "Good", "Requires improvement", "Inadequate")

pytestmark = pytest.mark.django_db


def bring_in(*rows: dict[str, Any], dry_run: bool = False) -> PastAuditsImported:
    mapping = read_mapping(MAPPING.encode())
    export = read_forms_export(forms_export(*rows), mapping, today=date(2026, 11, 25))
    return import_past_audits(export, by=None, dry_run=dry_run)


def run(tmp_path: Path, *rows: dict[str, Any], options: tuple[str, ...] = ()) -> tuple[str, str]:
    (tmp_path / "past.xlsx").write_bytes(forms_export(*rows).getvalue())
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    out, err = StringIO(), StringIO()
    call_command(
        "import_forms_export",
        str(tmp_path / "past.xlsx"),
        "--mapping",
        str(tmp_path / "mapping.toml"),
        *options,
        stdout=out,
        stderr=err,
    )
    return out.getvalue(), err.getvalue()


def test_an_audit_comes_in_final_with_its_month_auditor_team_and_child() -> None:
    assert bring_in(past(1)).as_json() == {
        "created": 1,
        "unchanged": 0,
        "rejected": [],
        "people_created": ["past.auditor@council.example"],
        "teams_created": ["North"],
    }
    audit = Audit.objects.select_related("allocation__round", "imported").get()
    assert (audit.status, audit.allocation.reference) == (AuditStatus.FINALISED, "CJA-2024-04-F001")
    assert (audit.imported.source, audit.imported.external_id) == ("forms", "1")
    assert audit.allocation.round.status == RoundStatus.CLOSED
    assert audit.allocation.round.due_on == date(2024, 4, 30)
    assert (audit.age, Child.objects.get().birth_year) == (None, None)
    assert Child.objects.open().count() == 0
    auditor = User.objects.get()
    assert (auditor.is_active, auditor.has_usable_password(), auditor.name) == (False, False, "Past Auditor")
    grades = {row.section: (row.grade, row.final_grade) for row in audit.sections.exclude(grade="")}
    assert grades == dict.fromkeys(
        ("visits", "assessments", "supervision", "plans", "meetings", "overall"), ("good", "good")
    )
    assert {answer.question.code: answer.value for answer in audit.answers.select_related("question")} == {
        "V6": "yes",
        "A6": "partly",
        "W1": "took_part",
    }
    assert [(move.from_status, move.to_status) for move in audit.moves.all()] == [
        ("allocated", "in_progress"),
        ("in_progress", "submitted"),
        ("submitted", "finalised"),
    ]


def test_twice_is_once() -> None:
    bring_in(past(1), past(2))
    again = bring_in(past(2), past(1), past(3))
    assert (again.created, again.unchanged, again.rejected) == (1, 2, [])
    assert Audit.objects.count() == 3
    assert sorted(Allocation.objects.values_list("reference", flat=True)) == [
        "CJA-2024-04-F001",
        "CJA-2024-04-F002",
        "CJA-2024-04-F003",
    ]
    assert Tool.objects.get(code="past-forms").versions.count() == 1


def test_a_form_that_asks_in_other_words_is_another_version_of_the_tool() -> None:
    bring_in(past(1))
    asked = MAPPING.replace("Are visits purposeful?", "Do visits have a purpose?")
    export = read_forms_export(
        forms_export(past(2, **{"Do visits have a purpose?": "No"})),
        read_mapping(asked.encode()),
        today=date(2026, 11, 25),
    )
    import_past_audits(export, by=None)
    versions = Tool.objects.get(code="past-forms").versions.order_by("number")
    assert [(version.number, version.status) for version in versions] == [(1, "superseded"), (2, "published")]
    report = quarterly_report(Quarter(2024, 1), at=timezone.now())
    assert str(report.figures["question.V6.yes"].now) == "1 of 2"


def test_a_row_that_says_something_else_now_is_rejected_and_changes_nothing() -> None:
    bring_in(past(1))
    again = bring_in(past(1, Overall="Inadequate"))
    assert [(row.row, row.reason) for row in again.rejected] == [
        (2, "was imported before and says something else now; past audits are not changed")
    ]
    assert Audit.objects.get().sections.get(section="overall").final_grade == "good"


def test_a_dry_run_counts_and_changes_nothing() -> None:
    assert bring_in(past(1), dry_run=True).created == 1
    assert (Audit.objects.count(), Round.objects.count(), User.objects.count(), Team.objects.count()) == (
        0,
        0,
        0,
        0,
    )
    assert not Tool.objects.filter(code="past-forms").exists()


def test_what_is_known_already_is_used() -> None:
    child = ChildFactory(reference="3700001", team__name="North")
    person = User.objects.create_user("past.auditor@council.example", "Known Auditor")
    outcome = bring_in(past(1, Team=" NORTH "))
    assert (outcome.people_created, outcome.teams_created) == ([], [])
    allocation = Allocation.objects.get()
    assert (allocation.child, allocation.auditor, allocation.team) == (child, person, child.team)
    child.refresh_from_db()
    assert (child.closed_on, child.birth_year) == (None, 2015)


def test_a_child_twice_in_a_month_is_rejected() -> None:
    outcome = bring_in(past(1), past(2, **{"Case number": 3_700_001}))
    assert (outcome.created, [row.reason for row in outcome.rejected]) == (
        1,
        ["is the second audit of child 3700001 in April 2024"],
    )


def test_a_month_that_is_a_draft_waits() -> None:
    RoundFactory(month=date(2024, 4, 1), status=RoundStatus.DRAFT)
    outcome = bring_in(past(1))
    assert [row.reason for row in outcome.rejected] == [
        "is of April 2024, whose draw is a draft: publish or discard it first"
    ]


def test_imported_audits_count_in_their_quarter_and_in_no_return_rate() -> None:
    bring_in(past(1), past(2, Overall="Inadequate"), past(3, Month="July 2024"))
    report = quarterly_report(Quarter(2024, 1), at=timezone.now())
    assert str(report.figures["overall.good"].now) == "1 of 2"
    assert str(report.figures["question.V6.yes"].now) == "2 of 2"
    assert str(report.figures["worker_involved"].now) == "2 of 2"
    for code in ("return_rate", "return_rate_gross", "on_time"):
        assert str(report.figures[code].now) == "0 of 0"
    assert str(quarterly_report(Quarter(2024, 2), at=timezone.now()).figures["overall.good"].now) == "1 of 1"


def test_the_published_year_comes_in_and_prints_as_it_was_counted() -> None:
    """docs/domain.md, section 11: 134 rows, shuffled, through the form service's export."""
    rows = []
    for quarter, counts in COUNTS.items():
        graded = [chain.from_iterable(map(repeat, GRADES, of)) for of in counts.values()]
        for place, grades in enumerate(zip_longest(*graded, fillvalue="N/A")):
            month = f"{quarter.months[place % 3]:%B %Y}"
            named = dict(zip(("Overall", *(f"Grade {name}" for name in AREAS.values())), grades, strict=True))
            rows.append(past(len(rows) + 1, Month=month, **named))
    assert bring_in(*sorted(rows, key=lambda row: str(row["ID"])[::-1])).created == 134
    for quarter in COUNTS:
        figures = quarterly_report(quarter, at=timezone.now()).figures
        assert {
            code: (figures[code].now.numerator, figures[code].now.denominator, figures[code].percent)
            for code in expected(quarter)
        } == expected(quarter)


def test_what_a_past_form_does_not_ask_is_no_nought() -> None:
    """Past forms ask no family, and whether a plan is SMART without its letters."""
    asked = MAPPING.replace('W1 = "', 'P3 = "Is the plan SMART?"\nW1 = "')
    export = read_forms_export(
        forms_export(past(1, **{"Is the plan SMART?": "Yes"}), past(2, **{"Is the plan SMART?": "No"})),
        read_mapping(asked.encode()),
        today=date(2026, 11, 25),
    )
    import_past_audits(export, by=None)
    submitted_audit(month=date(2024, 4, 1))
    report = quarterly_report(Quarter(2024, 1), at=timezone.now())
    assert str(report.figures["question.P3.yes"].now) == "1 of 2"
    for code in ("smart.all", "smart.timed"):
        assert str(report.figures[code].now) == "0 of 0"
    for code in ("feedback.obtained", "feedback.attempted", "feedback.child"):
        assert str(report.figures[code].now) == "0 of 1"


def test_a_quarter_of_past_audits_alone_says_what_it_can() -> None:
    bring_in(past(1), past(2))
    assert quarterly_report(Quarter(2024, 1), at=timezone.now()).headlines == [
        "2 of 2 audits are good or better overall. In 2023-24 Q4 it was 0 of 0.",
        "2 of the audits were brought in from a form service, and are in no return rate.",
        "2 were submitted in 2024-25 Q1 and 0 in 2023-24 Q4.",
        "The social worker took part in 2 of 2 audits.",
    ]


def test_everything_that_must_hold_still_does() -> None:
    bring_in(past(1), past(2, **{"Grade Assessments": "n/a", "Evidence Assessments": None}))
    assert [sentence for check in CHECKS for sentence in check.broken()] == []


def test_they_are_read_by_those_who_read_all_audits(qa_client: Client, stranger_client: Client) -> None:
    bring_in(past(1, **{"Evidence Visits": "<b>=1+1</b>"}))
    page = qa_client.get("/audits/CJA-2024-04-F001/")
    assert "&lt;b&gt;=1+1&lt;/b&gt;" in page.text
    assert "Not recorded" in page.text
    assert stranger_client.get("/audits/CJA-2024-04-F001/").status_code == 404


def test_the_command_prints_one_document(tmp_path: Path) -> None:
    out, err = run(tmp_path, past(1), past(2, Team=None), options=("--json",))
    assert json.loads(out) == {
        "dry_run": False,
        "created": 1,
        "unchanged": 0,
        "rejected": [{"row": 3, "reason": "has no team"}],
        "people_created": ["past.auditor@council.example"],
        "teams_created": ["North"],
    }
    assert err == "Row 3 has no team.\n"


def test_the_command_tells_a_person(tmp_path: Path) -> None:
    out, _ = run(tmp_path, past(1), options=("--dry-run",))
    assert out == (
        "Past audits: 1 brought in, 0 were there already, 0 rows rejected.\n"
        "New auditors: past.auditor@council.example.\n"
        "New teams: North.\n"
        "This was a dry run: nothing was changed.\n"
    )
    assert ImportedAudit.objects.count() == 0


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"mapping\.toml cannot be read"):
        call_command(
            "import_forms_export", str(tmp_path / "no.xlsx"), "--mapping", str(tmp_path / "mapping.toml")
        )


SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "data"

if (SAMPLE / "forms_export_2024-25_q1_q2.xlsx").exists():

    def test_the_sample_prints_exactly_its_truth() -> None:
        mapping = read_mapping((SAMPLE / "forms_export_mapping.toml").read_bytes())
        with (SAMPLE / "forms_export_2024-25_q1_q2.xlsx").open("rb") as file:
            export = read_forms_export(file, mapping, today=date(2026, 11, 25))
        outcome = import_past_audits(export, by=None)
        assert (outcome.created, outcome.rejected) == (134, [])
        truth = json.loads((SAMPLE / "forms_export_2024-25_q1_q2.truth.json").read_text(encoding="utf-8"))
        printed = {}
        for number in (1, 2):
            report = quarterly_report(Quarter(2024, number), at=timezone.now())
            printed[f"2024-25 Q{number}"] = {
                area: {grade: report.figures[f"{area}.{grade}"].now.numerator for grade in grades}
                for area, grades in truth[f"2024-25 Q{number}"].items()
                if area != "overall"
            } | {
                "overall": {
                    grade: report.figures[f"overall.{grade}"].now.numerator
                    for grade in truth[f"2024-25 Q{number}"]["overall"]
                    if grade != "not_applicable"
                }
                | {"not_applicable": 0}
            }
        assert printed == truth
