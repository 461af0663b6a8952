"""Bringing in the actions of a spreadsheet: once, whole, marked, and nobody is told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Team, User
from actions.enums import ActionSource, ActionStatus, Verification
from actions.invariants import CHECKS
from actions.models import Action, ActionMove, ActionSettings, Escalation, Finding, ImportedAction
from actions.services.escalation import escalate_overdue
from actions.services.progress import complete_action
from actions.services.tracker_import import ActionsImported, import_actions
from actions.services.verification import verify_action
from actions.tracker_file import read_mapping, read_tracker
from audits.enums import ActionPriority
from core.dates import LONDON
from notifications.models import Message
from tests.conftest import AssertQueries
from tests.factories.accounts import TeamFactory
from tests.factories.actions import ActionFactory
from tests.factories.audits import ChildFactory, started_audit, submitted_audit
from tests.factories.forms_export import forms_export as workbook
from tests.factories.tracker_file import MAPPING, closed, tracked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at", "owner")]


@pytest.fixture
def owner(meera: User) -> User:
    """Meera, under the address that the tracker has."""
    meera.email = "meera.manager@council.example"
    meera.save(update_fields=("email",))
    return meera


@pytest.fixture
def north(owner: User) -> Team:
    return Team.objects.get(name="North")


def bring_in(*rows: dict[str, Any], dry_run: bool = False, mapping: str = MAPPING) -> ActionsImported:
    tracker = read_tracker(workbook(*rows), read_mapping(mapping.encode()), today=timezone.localdate())
    return import_actions(tracker, by=None, dry_run=dry_run, at=NOW)


def rejected(*rows: dict[str, Any]) -> list[str]:
    outcome = bring_in(*rows)
    assert (outcome.created, Action.objects.count()) == (0, 0)
    return [row.reason for row in outcome.rejected]


def broken() -> list[str]:
    return [sentence for check in CHECKS for sentence in check.broken()]


def moves_of(action: Action) -> list[tuple[str, str, str, str]]:
    return [(move.kind, move.from_status, move.to_status, move.reason) for move in action.moves.all()]


NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
BROUGHT_IN = "Brought in from the tracker used before."


def test_an_open_action_keeps_its_words_and_days_and_is_marked(owner: User, north: Team) -> None:
    ActionFactory(reference="ACT-0007")
    outcome = bring_in(tracked(31, **{"Original deadline": "20/11/2026", "Comments": "Booked."}))
    assert outcome.as_json() == {"created": 1, "unchanged": 0, "rejected": [], "children_left_out": 0}
    action = Action.objects.get(source=ActionSource.TRACKER)
    assert (action.reference, action.status, action.priority) == ("ACT-0008", ActionStatus.OPEN, "p2")
    assert (action.owner, action.team, action.child, action.audit) == (owner, north, None, None)
    assert (action.what, action.why) == (
        "Hold the supervision that is missing.",
        "No supervision since March.",
    )
    assert (action.first_due_on, action.due_on) == (date(2026, 11, 20), date(2026, 12, 10))
    assert action.opened_at == datetime(2026, 10, 5, 12, tzinfo=LONDON)
    assert (action.evidence, action.done_at, action.verification) == ("", None, Verification.NOT_YET)
    assert moves_of(action) == [
        ("open", "", "open", f"{BROUGHT_IN} It was first due on 20 November 2026."),
        ("note", "open", "open", f"{BROUGHT_IN} Booked."),
    ]
    imported = action.imported
    assert (imported.source, imported.external_id, imported.imported_by) == ("tracker", "31", None)


def test_what_is_closed_keeps_its_day(north: Team) -> None:
    bring_in(
        closed(1, Comments="Minutes are on file."),
        closed(2, "Signed off"),
        closed(3, "No longer needed", Comments="Moved away."),
        tracked(4, Status="No longer needed"),
        tracked(5, Status="Under way"),
    )
    done, verified, cancelled, undated, begun = Action.objects.order_by("reference")
    on = datetime(2026, 11, 2, 12, tzinfo=LONDON)
    assert (done.status, done.done_at, done.completed_by) == (ActionStatus.DONE, on, None)
    assert (done.evidence, verified.evidence) == (
        "Minutes are on file.",
        "Closed in the tracker used before.",
    )
    assert (verified.status, verified.done_at, verified.verified_by) == (ActionStatus.DONE, on, None)
    assert (done.verification, verified.verification) == (Verification.NOT_DRAWN, Verification.BEFORE)
    assert moves_of(done)[1:] == [("complete", "open", "done", f"{BROUGHT_IN} Minutes are on file.")]
    assert moves_of(cancelled)[1:] == [("cancel", "open", "cancelled", f"{BROUGHT_IN} Moved away.")]
    assert moves_of(begun)[1:] == [("start", "open", "in_progress", BROUGHT_IN)]
    assert (cancelled.done_at, cancelled.evidence) == (None, "")
    assert [move.at for move in cancelled.moves.all()] == [datetime(2026, 10, 5, 12, tzinfo=LONDON), on]
    assert undated.moves.get(kind="cancel").at == NOW
    assert broken() == []


def test_urgent_ones_that_nobody_verified_are_put_to_verification_and_the_draw_takes_none(
    quentin: User,
) -> None:
    bring_in(closed(1, RAG="Red"), closed(2, "Signed off", RAG="Red"), closed(3, RAG="Green"))
    awaiting = Action.objects.awaiting_verification()
    assert [action.reference for action in awaiting] == ["ACT-0001"]
    assert ActionSettings.objects.get().drawn == 0
    assert broken() == []
    assert verify_action(awaiting.get(), by=quentin).status == ActionStatus.VERIFIED
    assert broken() == []


def test_the_check_of_urgent_ones_still_sees_one_that_was_not_put_to_verification() -> None:
    """The twin of the test above."""
    bring_in(closed(1, RAG="Red"))
    Action.objects.update(verification=Verification.NOT_DRAWN)
    assert broken() == ["ACT-0001 is P1 and was not put to verification."]


def test_what_happened_today_happened_before_the_import() -> None:
    bring_in(closed(1, Raised="25/11/2026", Closed="25/11/2026"))
    action = Action.objects.get()
    assert action.opened_at == action.done_at == NOW
    assert [move.kind for move in action.moves.all()] == ["open", "complete"]


def test_it_goes_on_as_any_other(owner: User) -> None:
    bring_in(tracked(1, Status="Under way"))
    action = complete_action(Action.objects.get(), by=owner, evidence="In the minutes of 24 November.")
    assert action.status == ActionStatus.DONE
    assert broken() == []


def test_what_the_tracker_does_not_say_is_said() -> None:
    bring_in(tracked(1, Finding=None, **{"Success measure": None}))
    action = Action.objects.get()
    assert action.why == action.success == "Not said in the tracker used before."


def test_twice_is_once() -> None:
    bring_in(tracked(1), closed(2))
    again = bring_in(closed(2), tracked(1), tracked(3))
    assert (again.created, again.unchanged, again.rejected) == (1, 2, [])
    assert list(Action.objects.order_by("pk").values_list("reference", flat=True)) == [
        "ACT-0001",
        "ACT-0002",
        "ACT-0003",
    ]
    assert list(ImportedAction.objects.values_list("external_id", flat=True)) == ["1", "2", "3"]


def test_another_source_counts_its_ids_for_itself() -> None:
    bring_in(tracked(1))
    assert bring_in(tracked(1), mapping=f'source = "board"\n{MAPPING}').created == 1


def test_a_row_that_says_something_else_now_is_rejected_and_changes_nothing() -> None:
    bring_in(tracked(1))
    again = bring_in(closed(1))
    assert [(row.row, row.reason) for row in again.rejected] == [
        (2, "was imported before and says something else now; actions brought in are not changed")
    ]
    assert Action.objects.get().status == ActionStatus.OPEN


def test_a_row_that_was_rejected_goes_in_once_it_is_right() -> None:
    assert rejected(tracked(1, Team="South")) == ["names the team “South”, which is not known here"]
    TeamFactory(name="South")
    assert bring_in(tracked(1, Team=" SOUTH ")).created == 1


def test_a_dry_run_counts_and_changes_nothing() -> None:
    assert bring_in(tracked(1), closed(2), dry_run=True).created == 2
    assert (Action.objects.count(), ActionMove.objects.count(), ImportedAction.objects.count()) == (0, 0, 0)


def test_an_owner_who_is_not_known_is_named() -> None:
    assert rejected(closed(1, Owner="gone@council.example")) == [
        "is owned by gone@council.example, whom nobody here has as an e-mail address"
    ]


def test_what_is_owed_needs_an_owner_of_today_and_what_is_closed_does_not() -> None:
    User.objects.create_user("left@council.example", "Left Council", is_active=False)
    assert rejected(tracked(1, Owner="left@council.example")) == [
        "is still to be done, and left@council.example manages no team or service today: say who owns it now"
    ]
    assert bring_in(closed(1, Owner="Left@council.example")).created == 1


class TestChildrenAndAudits:
    def test_a_child_is_kept_where_it_is_known_and_its_number_nowhere_else(self) -> None:
        child = ChildFactory(reference="3700001")
        outcome = bring_in(tracked(1, **{"Case number": 3700001}), tracked(2, **{"Case number": 3700002}))
        assert outcome.children_left_out == 1
        assert [action.child for action in Action.objects.order_by("pk")] == [child, None]
        kept = str([*Action.objects.values(), *ActionMove.objects.values(), *ImportedAction.objects.values()])
        assert "3700002" not in kept

    def test_an_audit_brings_its_child(self, quentin: User) -> None:
        audit = submitted_audit()
        bring_in(tracked(1, Audit=str(audit.allocation.reference)))
        action = Action.objects.get()
        assert (action.audit, action.child) == (audit, audit.allocation.child)

    def test_an_audit_that_is_not_submitted_or_not_known_is_named(self) -> None:
        reference = started_audit().allocation.reference
        assert rejected(tracked(1, Audit="CJA-1999-01-001"), tracked(2, Audit=reference)) == [
            "names the audit CJA-1999-01-001, and no submitted audit here is called that",
            f"names the audit {reference}, and no submitted audit here is called that",
        ]

    def test_a_child_that_is_not_the_audit_s_is_refused(self) -> None:
        reference = submitted_audit().allocation.reference
        ChildFactory(reference="3700001")
        assert rejected(tracked(1, Audit=reference, **{"Case number": 3700001})) == [
            f"names another child than audit {reference}"
        ]


class TestNobodyIsTold:
    def test_not_even_of_immediate_safety(self) -> None:
        bring_in(tracked(1, RAG="Safety", Deadline="06/10/2026"))
        assert Action.objects.get().priority == ActionPriority.P0
        assert (Message.objects.count(), Escalation.objects.count(), Finding.objects.count()) == (0, 0, 0)

    def test_the_ladder_goes_on_from_the_next_pass_with_one_mail_for_each_person(
        self, owner: User, quentin: User
    ) -> None:
        bring_in(*(tracked(number, Deadline="06/10/2026") for number in (1, 2, 3)))
        escalate_overdue(at=timezone.now())
        mailed = list(Message.objects.order_by("recipient__email").values_list("recipient__email", flat=True))
        assert mailed == sorted({quentin.email, owner.email})
        assert Escalation.objects.count() == 12
        assert broken() == []


@pytest.mark.parametrize("rows", [1, 3])
def test_rows_cost_no_query_each(rows: int, assert_queries: AssertQueries) -> None:
    ActionSettings.objects.get_or_create(pk=1)
    tracker = read_tracker(
        workbook(*(closed(number, **{"Case number": number + 1}) for number in range(rows))),
        read_mapping(MAPPING.encode()),
        today=timezone.localdate(),
    )
    with assert_queries(11):
        import_actions(tracker, by=None)


def run(tmp_path: Path, *rows: dict[str, Any], options: tuple[str, ...] = ()) -> tuple[str, str]:
    (tmp_path / "tracker.xlsx").write_bytes(workbook(*rows).getvalue())
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    files = (str(tmp_path / "tracker.xlsx"), "--mapping", str(tmp_path / "mapping.toml"))
    out, err = StringIO(), StringIO()
    call_command("import_actions", *files, *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_prints_one_document(tmp_path: Path) -> None:
    out, err = run(tmp_path, tracked(1), tracked(2, Team="South"), tracked(3, Team=None), options=("--json",))
    assert json.loads(out) == {
        "dry_run": False,
        "created": 1,
        "unchanged": 0,
        "rejected": [
            {"row": 3, "reason": "names the team “South”, which is not known here"},
            {"row": 4, "reason": "has no team"},
        ],
        "children_left_out": 0,
    }
    assert err == "Row 3 names the team “South”, which is not known here.\nRow 4 has no team.\n"


def test_the_command_tells_a_person(tmp_path: Path) -> None:
    out, _ = run(tmp_path, tracked(1, **{"Case number": 3700002}), options=("--dry-run",))
    assert out == (
        "Actions: 1 brought in, 0 were there already, 0 rows rejected.\n"
        "Of 1 the child is not known here: its case number was not kept.\n"
        "This was a dry run: nothing was changed.\n"
    )
    assert ImportedAction.objects.count() == 0


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"mapping\.toml cannot be read"):
        call_command("import_actions", str(tmp_path / "no.xlsx"), "--mapping", str(tmp_path / "mapping.toml"))
