"""The database refuses to change what a panel wrote; without the guard the same statement passes."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from audits.enums import Grade
from core.guards import drop_guards, guards_not_in_force
from moderation.guards import GUARDS
from moderation.models import Outcome, Reading
from moderation.services.outcomes import acknowledge_outcome, decide_reply, reply_to_outcome
from moderation.services.panels import close_panel
from tests.factories.audits import submitted_audit
from tests.factories.moderation import decided, in_meeting, recorded, released_panel

pytestmark = pytest.mark.django_db

STATEMENTS = {
    "panel_moves": "UPDATE moderation_panelmove SET reason = 'Another.'",
    "panel_moves, deleted": "DELETE FROM moderation_panelmove",
    "seat_moves": "UPDATE moderation_seatmove SET reason = 'Another.'",
    "seat_moves, deleted": "DELETE FROM moderation_seatmove",
    "seats_of_closed_panels": "UPDATE moderation_panelmember SET attended = NOT attended",
    "seats_of_closed_panels, deleted": "DELETE FROM moderation_panelmember",
    "decisions": "UPDATE moderation_decision SET number = 7",
    "decision_lines": "UPDATE moderation_decisionline SET narrative = 'Another.' WHERE section = 'plans'",
    "decision_lines, deleted": "DELETE FROM moderation_decisionline",
    "reading_differences": "UPDATE moderation_readingdifference SET narrative = 'Another.'",
    "reading_differences, deleted": "DELETE FROM moderation_readingdifference",
    "recorded_readings": "UPDATE moderation_reading SET form_note = 'Another.'",
    "recorded_readings, undone": "UPDATE moderation_reading SET status = 'to_do', recorded_at = NULL",
    "recorded_grades": "UPDATE moderation_readinggrade SET grade = 'outstanding'",
    "outcomes": "UPDATE moderation_outcome SET due_on = '2020-01-01'",
    "outcomes, not read": "UPDATE moderation_outcome SET acknowledged_at = NULL",
    "replies": "UPDATE moderation_reply SET answer = 'Another.'",
    "replies, the text": "UPDATE moderation_reply SET text = 'Another.'",
    "kept_replies": "DELETE FROM moderation_reply",
}
"""By the guard that refuses it."""


@pytest.fixture
def history(asha: User, priya: User, quentin: User, mona: User, felix: User) -> None:
    """A panel from its invitations to a reply that was decided."""
    panel = released_panel(submitted_audit(by=asha), chair=quentin, moderators=[mona, felix])
    recorded(
        Reading.objects.select_related("moderator", "tabling__panel").get(), plans=Grade.REQUIRES_IMPROVEMENT
    )
    in_meeting(panel, by=quentin)
    decided(panel.tablings.get(), by=quentin, plans=Grade.REQUIRES_IMPROVEMENT)
    close_panel(panel, by=quentin)
    outcome = acknowledge_outcome(Outcome.objects.get(), by=asha)
    decide_reply(
        reply_to_outcome(outcome, text="I disagree.", by=asha), is_upheld=False, answer="No.", by=priya
    )


def refused(statement: str) -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except IntegrityError as refusal:
        return str(refusal).split("\n", maxsplit=1)[0]
    return ""


@pytest.mark.usefixtures("history")
def test_the_database_refuses_and_without_the_guard_it_does_not() -> None:
    """The second half is the twin: each statement is refused by its guard alone."""
    sentences = {guard.name: guard.sentence for guard in GUARDS}
    answers = {name: refused(statement) for name, statement in STATEMENTS.items()}
    assert answers == {name: sentences[name.split(",", maxsplit=1)[0]] for name in STATEMENTS}
    with transaction.atomic():
        drop_guards(GUARDS)
        assert {name: refused(statement) for name, statement in STATEMENTS.items()} == dict.fromkeys(
            STATEMENTS, ""
        )
        transaction.set_rollback(True)


def test_the_guards_are_in_force() -> None:
    assert guards_not_in_force() == []
