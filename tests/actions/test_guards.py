"""What the database itself refuses to change of actions, whatever asks it; each with its twin."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from actions.guards import GUARDS
from actions.models import Action, ActionMove, Escalation, ImportedAction, TagMove, Theme
from actions.services.changes import ask_to_cancel, pause_escalation
from actions.services.progress import complete_action, start_action
from actions.services.verification import verify_action
from core.guards import drop_guards
from tests.factories.accounts import TeamFactory
from tests.factories.actions import ActionFactory
from tests.factories.audits import moment, submitted_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

STATEMENTS = {
    "action_moves_stay": "UPDATE actions_actionmove SET reason = 'Another.'",
    "action_moves_stay, deleted": "DELETE FROM actions_actionmove",
    "escalations_stay": "UPDATE actions_escalation SET step = 'board'",
    "escalations_stay, deleted": "DELETE FROM actions_escalation",
    "pauses_stay": "UPDATE actions_escalationpause SET until = '2030-01-01'",
    "pauses_stay, deleted": "DELETE FROM actions_escalationpause",
    "imported_actions_stay": "UPDATE actions_importedaction SET external_id = 'B-1'",
    "imported_actions_stay, deleted": "DELETE FROM actions_importedaction",
    "pathways_of_actions_stay": "UPDATE actions_action SET pathway = 'cla'",
    "tag_moves_stay": "UPDATE actions_tagmove SET is_added = NOT is_added",
    "tag_moves_are_kept": "DELETE FROM actions_tagmove",
    "first_due_dates_stay": "UPDATE actions_action SET first_due_on = '2026-01-05'",
    "actions_are_kept": "DELETE FROM actions_action WHERE reference = 'ACT-9999'",
}
"""By the guard that refuses it."""


@pytest.fixture
def action(meera: User, quentin: User) -> Action:
    """One of which there is something of everything that is guarded."""
    made: Action = ActionFactory(
        team=TeamFactory(name="North"), owner=meera, first_due_on=date(2026, 12, 1), priority="p1"
    )
    start_action(made, by=meera)
    pause_escalation(made, until=date(2026, 12, 9), by=quentin, reason="Court on the 8th.")
    at = moment(date(2026, 11, 25))
    Escalation.objects.create(action=made, step="team_manager", at=at)
    ImportedAction.objects.create(
        action=made, source="tracker", external_id="A-1", digest="0" * 64, imported_at=at
    )
    ActionFactory(reference="ACT-9999", team=made.team, owner=meera)
    TagMove.objects.create(
        audit=submitted_audit(), theme=Theme.objects.in_use()[0], is_added=True, by=quentin, at=at
    )
    return made


def refused(statement: str) -> str:
    """The sentence with which the database refuses a statement; empty where it does not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except IntegrityError as refusal:
        return str(refusal).split("\n", maxsplit=1)[0]
    return ""


@pytest.mark.usefixtures("action")
@pytest.mark.parametrize("name", STATEMENTS)
def test_the_database_refuses_and_without_the_guard_it_would_not(name: str) -> None:
    [guard] = [guard for guard in GUARDS if guard.name == name.split(",", maxsplit=1)[0]]
    assert refused(STATEMENTS[name]) == guard.sentence
    drop_guards([guard])
    assert refused(STATEMENTS[name]) == ""


@pytest.mark.parametrize("column", ["owner_id", "completed_by_id"])
def test_the_database_refuses_that_anybody_verified_their_own(
    column: str, action: Action, meera: User, quentin: User
) -> None:
    """The twin: verified by somebody else the same row stands."""
    complete_action(action, by=meera, evidence="On file since Monday.")
    verify_action(action, by=quentin)
    verified_by = f"UPDATE actions_action SET verified_by_id = {column} WHERE reference = '{action}'"  # noqa: S608
    assert "action_verified_by_another" in refused(verified_by)
    assert refused(verified_by.replace(f"= {column}", f"= {quentin.pk}")) == ""


@pytest.mark.parametrize("approves", ["owner", "asker", "nobody", "another"])
def test_the_database_wants_a_cancellation_approved_by_another(
    approves: str, action: Action, meera: User, quentin: User, priya: User
) -> None:
    ask_to_cancel(action, by=quentin, reason="He has left.")
    by = {"owner": meera, "asker": quentin, "another": priya}.get(approves)
    if by:
        ActionMove.objects.create(
            action=action,
            kind="cancel",
            from_status="cancel_asked",
            to_status="cancelled",
            from_due_on=action.due_on,
            to_due_on=action.due_on,
            by=by,
            at=moment(date(2026, 11, 25)),
        )
    cancelled = f"UPDATE actions_action SET status = 'cancelled' WHERE reference = '{action}'"  # noqa: S608
    [guard] = [guard for guard in GUARDS if guard.name == "cancelled_by_another"]
    assert refused(cancelled) == ("" if approves == "another" else guard.sentence)
    drop_guards([guard])
    assert refused(cancelled) == ""


def test_a_due_date_does_not_go_before_the_first(action: Action) -> None:
    earlier = f"UPDATE actions_action SET due_on = '2026-11-30' WHERE reference = '{action}'"  # noqa: S608
    assert "action_due_never_earlier" in refused(earlier)
    assert refused(earlier.replace("2026-11-30", "2026-12-02")) == ""
