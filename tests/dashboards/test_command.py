"""quarterly_report and annual_report: one JSON document, or one plain sentence and nothing changed."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from actions.models import Finding, FindingTheme, Theme
from core.dates import Quarter
from dashboards.documents import working_copy
from dashboards.enums import ReportEdition
from dashboards.invariants import summaries_are_their_sums
from dashboards.services.roll_up import roll_up_due_quarters
from tests.dashboards.worked_example import build
from tests.factories.accounts import TeamFactory
from tests.factories.audits import submitted_audit
from tests.factories.paths import finding_of

pytestmark = pytest.mark.django_db

NOT_A_YEAR = "Write the financial year as two years that follow each other, such as 2024-25."
NOT_A_QUARTER = "Write the quarter as Q1, Q2, Q3 or Q4."


def run(*arguments: str) -> tuple[str, str]:
    """Standard output and standard error."""
    out, err = StringIO(), StringIO()
    call_command("quarterly_report", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_prints_one_document_and_nothing_else() -> None:
    submitted_audit()
    out, err = run("2026-27", "Q3")
    assert (json.loads(out)["period"], err) == ("2026-27 Q3", "")


def test_a_quarter_without_audits_is_a_report_of_nothing() -> None:
    found = json.loads(run("2030-31", "Q1")[0])
    assert found["tables"]["ledger"] == dict.fromkeys(
        ["excused", "withdrawn", "reallocated", "submitted", "outstanding", "given"], 0
    )


def test_writes_the_same_document_to_a_file_and_says_so(tmp_path: Path) -> None:
    submitted_audit()
    file = tmp_path / "quarter.json"
    out, err = run("2026-27", "Q3", "--out", str(file))
    assert (out, err) == ("", f"2026-27 Q3 was written to {file}.\n")
    printed, written = json.loads(run("2026-27", "Q3")[0]), json.loads(file.read_text(encoding="utf-8"))
    assert printed | {"as_of": ""} == written | {"as_of": ""}


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "no-such-folder" / "quarter.json"
    with pytest.raises(CommandError) as refusal:
        run("2026-27", "Q3", "--out", str(file))
    assert (str(refusal.value), refusal.value.returncode) == (
        f"The report could not be written to {file}: No such file or directory.",
        1,
    )


@pytest.mark.parametrize(("name", "begins"), [("docx", b"PK"), ("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_the_other_formats_are_files(name: str, begins: bytes, tmp_path: Path) -> None:
    submitted_audit()
    file = tmp_path / "quarter"
    out, err = run("2026-27", "Q3", "--format", name, "--out", str(file))
    assert (out, err) == ("", f"2026-27 Q3 was written to {file}.\n")
    assert file.read_bytes().startswith(begins)


def test_there_is_no_json_for_the_board() -> None:
    with pytest.raises(CommandError) as refusal:
        run("2026-27", "Q3", "--board")
    assert (str(refusal.value), refusal.value.returncode) == (
        "The Board's edition is a docx, xlsx or pdf file; json is whole.",
        2,
    )


def test_a_file_needs_a_place() -> None:
    with pytest.raises(CommandError) as refusal:
        run("2026-27", "Q3", "--format", "docx")
    assert (str(refusal.value), refusal.value.returncode) == (
        "Say with --out where to write the docx file.",
        2,
    )


def test_the_year_pools_its_quarters() -> None:
    submitted_audit()
    out = StringIO()
    call_command("annual_report", "2026-27", stdout=out)
    found = json.loads(out.getvalue())
    assert (found["period"], found["tables"]["ledger"]["submitted"]) == ("2026-27", 1)


@pytest.mark.parametrize(
    ("year", "quarter", "sentence"),
    [("2026", "Q3", NOT_A_YEAR), ("2026-28", "Q3", NOT_A_YEAR), ("2026-27", "3", NOT_A_QUARTER)],
)
def test_wrong_usage(year: str, quarter: str, sentence: str) -> None:
    with pytest.raises(CommandError) as refusal:
        run(year, quarter)
    assert (str(refusal.value), refusal.value.returncode) == (sentence, 2)


class TestTheYear:
    def document(self, *arguments: str) -> dict[str, Any]:
        out = StringIO()
        call_command("annual_report", *arguments, stdout=out, stderr=StringIO())
        found: dict[str, Any] = json.loads(out.getvalue())
        return found

    def test_pools_the_worked_example_and_prints_its_quarters(self) -> None:
        build()
        found = self.document("2024-25")
        measures = {measure["code"]: measure for measure in found["measures"]}
        good = measures["overall.good_or_better"]
        assert (found["period"], good["numerator"], good["denominator"], good["percent"]) == (
            "2024-25",
            48,
            134,
            36,
        )
        by_quarter = {
            part["period"]: next(
                (one["numerator"], one["denominator"], one["percent"])
                for one in part["measures"]
                if one["code"] == "overall.good_or_better"
            )
            for part in found["quarters"]
        }
        assert by_quarter == {
            "2024-25 Q1": (19, 70, 27),
            "2024-25 Q2": (29, 64, 45),
            "2024-25 Q3": (0, 0, None),
            "2024-25 Q4": (0, 0, None),
        }

    @pytest.mark.parametrize(("year", "code"), [("2024", 2), ("2024-26", 2)])
    def test_wrong_usage(self, year: str, code: int) -> None:
        with pytest.raises(CommandError) as refusal:
            self.document(year)
        assert (str(refusal.value), refusal.value.returncode) == (NOT_A_YEAR, code)


@pytest.mark.usefixtures("time_machine_at")
def test_themes_are_counted_by_audit_and_printed_alike() -> None:
    """What scripts read of themes is what the report prints, and it is frozen with the quarter."""
    theme, team = Theme.objects.get(code="fathers-voice"), TeamFactory(name="North")
    found = finding_of(team, theme)
    finding_of(team, theme)
    submitted_audit()
    retold = Finding.objects.create(audit=found.audit, kind="answer", about="A12", text="Once more.")
    FindingTheme.objects.create(finding=retold, theme=theme)
    line = {
        "code": "fathers-voice",
        "label": theme.name,
        "numerator": 2,
        "denominator": 3,
        "percent": None,
        "previous": {"numerator": 0, "denominator": 0, "percent": None},
    }
    assert json.loads(run("2026-27", "Q3")[0])["themes"] == [line]
    contents = working_copy(Quarter(2026, 3), None, at=timezone.now()).contents(ReportEdition.WHOLE, "Draft")
    printed = next(part for part in contents.parts if part.key == "improvements").tables[0]
    assert printed.rows == ((theme.name, "2 of 3", "0 of 0"),)
    roll_up_due_quarters(at=datetime(2027, 2, 1, 4, tzinfo=UTC))
    FindingTheme.objects.all().delete()
    assert json.loads(run("2026-27", "Q3")[0])["themes"] == [line]
    assert list(summaries_are_their_sums()) == []
