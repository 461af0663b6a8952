"""Two people, two passes, two clicks at one moment: one wins, and the other is told in a sentence."""

import threading
from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.db import connection

from accounts.enums import Role
from accounts.models import Team, User
from actions.models import Action, ActionMove, Escalation, TrackerWeek
from actions.services.changes import ask_to_cancel, decide_cancellation
from actions.services.escalation import escalate_overdue
from actions.services.progress import complete_action
from actions.services.raising import NewAction, raise_action
from actions.services.tracker import send_tracker
from actions.services.verification import return_action, verify_action
from core.dates import LONDON
from core.errors import RuleViolation
from notifications.models import Message
from tests.factories.accounts import TeamFactory, person
from tests.factories.actions import ActionFactory

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("time_machine_at"),
]

MONDAY_MORNING = datetime(2026, 11, 30, 7, tzinfo=LONDON)


@pytest.fixture
def north() -> Team:
    team: Team = TeamFactory(name="North")
    return team


@pytest.fixture
def action(north: Team, meera: User) -> Action:
    made: Action = ActionFactory(team=north, owner=meera, first_due_on=date(2026, 11, 16), priority="p1")
    return made


def at_once(*doing: Callable[[], object]) -> list[str]:
    """What came of each, started at one moment: "done", or the sentence of the refusal."""
    barrier, answers = threading.Barrier(len(doing)), []

    def run(one: Callable[[], object]) -> None:
        barrier.wait()
        try:
            one()
            answers.append("done")
        except RuleViolation as refusal:
            answers.append(refusal.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def moves_of(kind: str) -> int:
    return ActionMove.objects.filter(kind=kind).count()


def test_of_two_verifiers_one_verifies(action: Action, meera: User, quentin: User, priya: User) -> None:
    done = complete_action(action, by=meera, evidence="On file since Monday.")
    answers = at_once(
        lambda: verify_action(done, by=quentin),
        lambda: verify_action(done, by=priya),
    )
    assert answers == [
        f"{done} has been verified. That stays as it is; raise a new action if more is needed.",
        "done",
    ]
    assert moves_of("verify") == 1


def test_of_verified_and_returned_one_stands(action: Action, meera: User, quentin: User, priya: User) -> None:
    done = complete_action(action, by=meera, evidence="On file since Monday.")
    answers = at_once(
        lambda: verify_action(done, by=quentin, version=done.version),
        lambda: return_action(done, by=priya, reason="It is not there.", version=done.version),
    )
    assert answers[1] == "done"
    assert "was changed by somebody else after you opened it" in answers[0]
    assert moves_of("verify") + moves_of("return") == 1


def test_of_two_who_complete_it_one_is_told(action: Action, meera: User, quentin: User) -> None:
    answers = at_once(
        lambda: complete_action(action, by=meera, evidence="On file.", version=0),
        lambda: complete_action(action, by=quentin, evidence="Seen in the record.", version=0),
    )
    assert answers[1] == "done"
    assert "was changed by somebody else after you opened it" in answers[0]
    assert moves_of("complete") == 1


def test_a_double_click_completes_once_and_nobody_is_refused(action: Action, meera: User) -> None:
    once = [lambda: complete_action(action, by=meera, evidence="On file.", version=0)] * 4
    assert at_once(*once) == ["done"] * 4
    assert moves_of("complete") == 1


def test_of_two_who_decide_on_a_cancellation_one_decides(
    action: Action, meera: User, quentin: User, priya: User
) -> None:
    asked = ask_to_cancel(action, by=meera, reason="The child moved away.")
    answers = at_once(
        lambda: decide_cancellation(asked, by=quentin, approve=True, reason="Yes.", version=asked.version),
        lambda: decide_cancellation(asked, by=priya, approve=False, reason="No.", version=asked.version),
    )
    assert answers[1] == "done"
    assert "was changed by somebody else after you opened it" in answers[0]
    assert moves_of("cancel") + moves_of("keep") == 1


@pytest.mark.usefixtures("action")
def test_of_two_passes_each_step_is_told_once(sanjay: User, quentin: User) -> None:
    steps: list[int] = []
    pass_over = [lambda: steps.append(escalate_overdue(at=MONDAY_MORNING)["steps"])] * 4
    assert at_once(*pass_over) == ["done"] * 4
    assert sorted(steps) == [0, 0, 0, 3]
    assert Escalation.objects.count() == 3
    assert Message.objects.filter(kind="actions.escalated").count() == 3


@pytest.mark.usefixtures("action")
def test_of_two_beats_one_sends_the_weekly_mail(sanjay: User) -> None:
    mails: list[int] = []
    beat = [lambda: mails.append(send_tracker(at=MONDAY_MORNING)["mails"])] * 4
    assert at_once(*beat) == ["done"] * 4
    assert sorted(mails) == [0, 0, 0, 2]
    assert Message.objects.filter(kind__startswith="actions.tracker").count() == 2
    assert TrackerWeek.objects.get().mails == 2


def test_raised_at_once_each_has_a_reference_of_its_own(north: Team, meera: User) -> None:
    leads = [person(f"Lead {number}", Role.QA_LEAD) for number in range(4)]
    content = NewAction("Hold the review.", "It is late.", "Minutes are on file.", meera, north, "p2")
    assert at_once(*(lambda by=lead: raise_action(content, by=by) for lead in leads)) == ["done"] * 4
    assert len(set(Action.objects.values_list("reference", flat=True))) == 4
