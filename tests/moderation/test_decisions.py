"""What the chair decides, takes back, and what two chairs at once may not."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.models import User
from audits.enums import Grade
from core.errors import RuleViolation
from moderation.enums import Reason, SeatPart
from moderation.models import Decision, DecisionLine, Panel, Tabling
from moderation.services import decisions
from moderation.services.decisions import RETURN, Line, StaleDecision, decide_audit, take_back_decision
from moderation.services.panels import close_panel, release_panel
from moderation.services.seats import add_member, answer_invitation, remove_member
from tests.factories.accounts import MembershipFactory, auditor
from tests.factories.audits import submitted_audit
from tests.factories.moderation import (
    WHY,
    convened_panel,
    decided,
    decision_lines,
    in_meeting,
    met_panel,
    released_panel,
    seat_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(priya: User, mona: User, felix: User) -> Panel:
    return met_panel(submitted_audit(assessments=Grade.NOT_APPLICABLE), chair=priya, moderators=[mona, felix])


@pytest.fixture
def tabling(panel: Panel) -> Tabling:
    return panel.tablings.get()


def changes(decision: Decision) -> dict[str, list[str | int]]:
    """By section the verdict, both grades and the steps; without what is confirmed."""
    rows = decision.lines.values_list("section", "verdict", "auditor_grade", "final_grade", "steps")
    return {section: rest for section, *rest in rows if rest[0] != "confirmed"}


def test_each_line_says_both_grades_and_how_far_it_moved(tabling: Tabling, priya: User) -> None:
    decision = decided(
        tabling,
        by=priya,
        visits=Grade.INADEQUATE,
        plans=Grade.OUTSTANDING,
        assessments=Grade.REQUIRES_IMPROVEMENT,
        meetings=RETURN,
    )
    assert changes(decision) == {
        "visits": ["down", "good", "inadequate", -2],
        "plans": ["up", "good", "outstanding", 1],
        "assessments": ["applicability", "not_applicable", "requires_improvement", 0],
        "meetings": ["returned", "good", "good", 0],
    }
    assert decision.lines.count() == 6
    tabling.refresh_from_db()
    assert (tabling.decision, tabling.version) == (decision, 1)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (Line(""), "Visits: choose what was decided."),
        (Line("excellent"), "Visits: choose what was decided."),
        (Line(Grade.INADEQUATE, (), WHY), "Visits: a change needs at least one reason"),
        (Line(Grade.INADEQUATE, (Reason.OUTDATED,), " "), "Visits: a change needs at least one reason"),
        (Line(Grade.INADEQUATE, ("invented",), WHY), "Visits: a change needs at least one reason"),
        (Line(RETURN), "Visits: say what evidence is missing"),
    ],
)
def test_a_change_has_its_reason(tabling: Tabling, priya: User, line: Line, sentence: str) -> None:
    with pytest.raises(RuleViolation, match=sentence):
        decide_audit(tabling, lines={**decision_lines(tabling), "visits": line}, version=0, by=priya)
    assert Decision.objects.count() == 0


def test_a_confirmed_grade_keeps_no_words_of_the_form(tabling: Tabling, priya: User) -> None:
    line = Line(Grade.GOOD, (Reason.OUTDATED,), "Left over.")
    decision = decide_audit(tabling, lines={**decision_lines(tabling), "visits": line}, version=0, by=priya)
    assert DecisionLine.objects.get(decision=decision, section="visits").narrative == ""


def test_overall_always_applies(tabling: Tabling, priya: User) -> None:
    with pytest.raises(RuleViolation, match="Overall: choose what was decided"):
        decided(tabling, by=priya, overall=Grade.NOT_APPLICABLE)


def test_a_later_decision_supersedes_and_history_is_kept(tabling: Tabling, priya: User) -> None:
    first = decided(tabling, by=priya, visits=Grade.INADEQUATE)
    second = decided(tabling, by=priya)
    tabling.refresh_from_db()
    assert tabling.decision == second
    assert list(tabling.decisions.values_list("pk", "number")) == [(first.pk, 1), (second.pk, 2)]


def test_the_same_decision_twice_is_one(tabling: Tabling, priya: User) -> None:
    chosen = decision_lines(tabling, visits=Grade.INADEQUATE)
    first = decide_audit(tabling, lines=chosen, version=0, by=priya)
    assert decide_audit(tabling, lines=chosen, version=0, by=priya) == first
    assert Decision.objects.count() == 1


def test_taking_back_leaves_it_undecided(tabling: Tabling, priya: User) -> None:
    with pytest.raises(RuleViolation, match="Nothing is decided yet"):
        take_back_decision(tabling, version=0, by=priya)
    decided(tabling, by=priya)
    with pytest.raises(StaleDecision):
        take_back_decision(tabling, version=0, by=priya)
    take_back_decision(tabling, version=1, by=priya)
    take_back_decision(tabling, version=1, by=priya)
    tabling.refresh_from_db()
    assert (tabling.decision, tabling.version) == (None, 2)
    assert list(tabling.decisions.values_list("number", "is_taken_back")) == [(1, False), (2, True)]


def test_a_second_chair_with_an_old_page_is_told(tabling: Tabling, priya: User) -> None:
    decided(tabling, by=priya, visits=Grade.INADEQUATE)
    with pytest.raises(StaleDecision):
        decide_audit(tabling, lines=decision_lines(tabling), version=0, by=priya)
    tabling.refresh_from_db()
    assert tabling.version == 1


def test_only_the_chair_decides(tabling: Tabling, quentin: User, mona: User, stella: User) -> None:
    for by in (quentin, mona, stella):
        with pytest.raises(RuleViolation, match="The chair decides"):
            decided(tabling, by=by)


def test_nothing_is_decided_before_or_after_the_meeting(priya: User, mona: User, felix: User) -> None:
    panel = released_panel(submitted_audit(), chair=priya, moderators=[mona, felix])
    with pytest.raises(RuleViolation, match="The papers of this panel are out"):
        decided(panel.tablings.get(), by=priya)
    in_meeting(panel, by=priya)
    close_panel(panel, by=priya)
    with pytest.raises(RuleViolation, match="This panel is closed"):
        decided(panel.tablings.get(), by=priya)


@pytest.mark.parametrize("chairing", ["psw", "qa_lead"])
def test_the_chairs_own_audit_is_decided_by_the_other(
    priya: User, quentin: User, mona: User, felix: User, chairing: str
) -> None:
    chair, other = (priya, quentin) if chairing == "psw" else (quentin, priya)
    panel = met_panel(submitted_audit(by=chair), chair=chair, moderators=[mona, felix])
    tabling = panel.tablings.get()
    with pytest.raises(RuleViolation, match="never on an audit of their own"):
        decided(tabling, by=chair)
    assert decided(tabling, by=other).by == other
    close_panel(panel, by=chair)
    tabling.audit.refresh_from_db()
    assert tabling.audit.status == "finalised"
    assert tabling.audit.moves.last().by == other


def test_where_the_chair_manages_the_auditor_the_other_decides(
    priya: User, quentin: User, mona: User, felix: User
) -> None:
    report = auditor("Rea Report")
    report.line_manager = priya
    report.save()
    panel = met_panel(submitted_audit(by=report), chair=priya, moderators=[mona, felix])
    with pytest.raises(RuleViolation, match="conflict of interest"):
        decided(panel.tablings.get(), by=priya)
    assert decided(panel.tablings.get(), by=quentin).by == quentin


def test_a_new_chair_takes_over(priya: User, quentin: User, mona: User, felix: User) -> None:
    panel = convened_panel(submitted_audit(), chair=priya, moderators=[mona, felix])
    remove_member(seat_of(panel, priya), reason="On leave.", by=quentin)
    add_member(panel, person=quentin, part=SeatPart.CHAIR, reason="Stands in.", by=quentin)
    for who in (quentin, mona, felix):
        answer_invitation(seat_of(panel, who), accept=True, by=who)
    in_meeting(release_panel(panel, by=quentin), by=quentin)
    with pytest.raises(RuleViolation, match="The chair decides"):
        decided(panel.tablings.get(), by=priya)
    assert decided(panel.tablings.get(), by=quentin).by == quentin


def decided_at_one_moment(tabling: Tabling, by: User) -> list[str]:
    """What two windows of the chair are answered that decide otherwise at the same moment."""
    barrier, answers = threading.Barrier(2), []

    def decide_as(**choices: str) -> Callable[[], None]:
        chosen = decision_lines(tabling, **choices)

        def run() -> None:
            barrier.wait()
            try:
                decide_audit(Tabling.objects.get(pk=tabling.pk), lines=chosen, version=0, by=by)
                answers.append("decided")
            except StaleDecision:
                answers.append("told")
            finally:
                connection.close()

        return run

    threads = [
        threading.Thread(target=decide_as(visits=Grade.INADEQUATE)),
        threading.Thread(target=decide_as(visits=Grade.OUTSTANDING)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_two_chairs_at_one_moment_one_wins(priya: User, mona: User, felix: User) -> None:
    """One decision is made, and the other window is told."""
    tabling = met_panel(submitted_audit(), chair=priya, moderators=[mona, felix]).tablings.get()
    assert decided_at_one_moment(tabling, priya) == ["decided", "told"]
    assert Decision.objects.count() == 1
    tabling.refresh_from_db()
    assert tabling.version == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_the_twin_were_the_version_not_asked_the_later_would_replace_the_earlier_unseen(
    priya: User, mona: User, felix: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tabling = met_panel(submitted_audit(), chair=priya, moderators=[mona, felix]).tablings.get()
    locked = decisions._locked

    def at_nought(tabling: Tabling, *, by: User) -> Tabling:
        current = locked(tabling, by=by)
        Tabling.objects.filter(pk=current.pk).update(version=0)
        current.version = 0
        return current

    monkeypatch.setattr(decisions, "_locked", at_nought)
    assert decided_at_one_moment(tabling, priya) == ["decided", "decided"]
    assert Decision.objects.count() == 2


def test_a_role_is_not_enough(tabling: Tabling, felix: User) -> None:
    MembershipFactory(user=felix, role="qa_lead")
    with pytest.raises(RuleViolation, match="The chair decides"):
        decided(tabling, by=User.objects.get(pk=felix.pk))
