"""`import_caseload` as scripts and schedulers call it."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from time_machine import travel

from audits.management.commands.import_caseload import Command
from audits.models import CaseloadImport, Child
from tests.factories.annex_a import annex_a, row, workbook

pytestmark = pytest.mark.django_db

OCTOBER = "2026-10-31"


def saved(tmp_path: Path, file: BytesIO) -> str:
    path = tmp_path / "annex_a.xlsx"
    path.write_bytes(file.getvalue())
    return str(path)


def run(*args: str) -> tuple[str, str]:
    """What the command wrote to standard output and to standard error."""
    out, err = StringIO(), StringIO()
    call_command("import_caseload", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_json_is_one_document_with_these_keys(tmp_path: Path) -> None:
    file = saved(tmp_path, annex_a(cin=[row(1), row(2, **{"Allocated Team": "#N/A"})], leaving_care=[row(3)]))
    out, err = run(file, "--as-at", OCTOBER, "--json")
    assert json.loads(out) == {
        "dry_run": False,
        "as_at": "2026-10-31",
        "open_children": 2,
        "by_pathway": {"cin": 1, "cp": 0, "cla": 0, "leaving_care": 1},
        "by_team": {"North": 2},
        "created": 2,
        "updated": 0,
        "closed": 0,
        "unchanged": 0,
        "kept": 0,
        "new_teams": ["North"],
        "notes": [],
        "rejected": [{"sheet": "List 6", "row": 3, "child": "2", "reason": "The row has no team."}],
    }
    assert err == "List 6, row 3, child 2: The row has no team.\n"


def test_a_dry_run_says_the_same_and_changes_nothing(tmp_path: Path) -> None:
    file = saved(tmp_path, annex_a(cin=[row(1)]))
    dry = json.loads(run(file, "--as-at", OCTOBER, "--dry-run", "--json")[0])
    assert (Child.objects.count(), CaseloadImport.objects.count()) == (0, 0)
    real = json.loads(run(file, "--as-at", OCTOBER, "--json")[0])
    assert dry == {**real, "dry_run": True}


def test_in_words(tmp_path: Path) -> None:
    first = saved(tmp_path, annex_a(cin=[row(1), row(2)]))
    out, err = run(first, "--as-at", OCTOBER)
    assert out.splitlines() == [
        "Caseload as at 31 October 2026. Open children: 2. New 2, changed 0, unchanged 0, closed 0. Rows rejected: 0.",
        "New teams, to be placed in a service: North.",
    ]
    assert err == ""
    second = saved(tmp_path, annex_a(cin=[row(2), row(None)]))
    out, err = run(second, "--as-at", OCTOBER, "--dry-run")
    assert out.splitlines() == [
        "Caseload as at 31 October 2026. Open children: 1. New 0, changed 0, unchanged 1, closed 1. Rows rejected: 1.",
        "This was a dry run: nothing was changed.",
    ]
    assert err.splitlines() == [
        "This file would close 1 of 2 open children. Check that it holds every list and every team.",
        "List 6, row 3: The row has no child ID.",
    ]


def test_the_day_is_today_in_london_unless_it_is_given(tmp_path: Path) -> None:
    file = saved(tmp_path, annex_a(cin=[row(1)]))
    with travel("2026-06-30T23:30:00Z", tick=False):
        run(file)
    assert CaseloadImport.objects.get().as_at == date(2026, 7, 1)


def test_refusals_are_one_sentence_and_change_nothing(tmp_path: Path) -> None:
    file = saved(tmp_path, workbook({"Form1": [["Id"]]}))
    with pytest.raises(CommandError) as refused:
        run(file, "--json")
    assert (str(refused.value), refused.value.returncode) == (
        "The workbook has no sheet named List 6, List 7, List 8 or List 9. Choose the Annex A workbook.",
        1,
    )
    with pytest.raises(
        CommandError, match="cannot be read. Check the name and that you may open it."
    ) as missing:
        run(str(tmp_path / "gone.xlsx"))
    assert missing.value.returncode == 1
    assert CaseloadImport.objects.count() == 0


@pytest.mark.parametrize("args", [(), ("a.xlsx", "--as-at", "31/10/2026"), ("a.xlsx", "--as-at", "soon")])
def test_wrong_usage_is_told_apart(args: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    parser = Command().create_parser("manage.py", "import_caseload")
    parser.called_from_command_line = True
    with pytest.raises(SystemExit) as exit_:
        parser.parse_args(args)
    assert exit_.value.code == 2
    assert capsys.readouterr().out == ""
