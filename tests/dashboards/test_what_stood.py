"""What a frozen quarter keeps that no audit holds is proven by the moves of the records, however much happens since."""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from accounts.enums import Role
from accounts.models import Team, User
from actions.enums import TO_BE_DONE, ActionStatus
from actions.models import Action, ActionMove, FindingTheme, ImportedAction, Theme
from actions.services.changes import ask_to_cancel, decide_cancellation, extend_action
from actions.services.findings import tag_finding
from actions.services.progress import complete_action, start_action
from actions.services.raising import NewAction, raise_action
from actions.services.verification import return_action, verify_action
from audits.enums import ImportStatus, Pathway
from audits.models import Allocation, CaseloadImport, Child, Holding, Round
from audits.services.ledger import excuse_allocation
from audits.services.moves import void_audit
from core.dates import Quarter, add_working_days
from core.guards import lifted
from dashboards.invariants import CHECKS
from dashboards.models import FrozenAllocation, QuarterRollUp, QuarterSummary
from dashboards.services.roll_up import roll_up_due_quarters
from moderation.models import Panel, PanelMember
from tests.factories.accounts import TeamFactory, person
from tests.factories.audits import (
    ActivityRecordFactory,
    ChildFactory,
    DipSampleFactory,
    HoldingFactory,
    RoundFactory,
    moment,
    submitted_audit,
)
from tests.factories.fairness import closed_panel
from tests.factories.paths import finding_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

QUARTER = Quarter(2026, 2)
JULY, AUGUST, SEPTEMBER = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)
FROZEN, LATER = moment(date(2026, 10, 23)), moment(date(2026, 11, 2))
BY_NAME = {check.name: check for check in CHECKS}


def freeze() -> QuarterRollUp:
    Round.objects.update(published_at=moment(date(2026, 6, 29)))
    roll_up_due_quarters(at=FROZEN)
    return QuarterRollUp.objects.get(first_day=QUARTER.first_day, frozen_at=FROZEN)


def broken(name: str = "frozen_stocks") -> list[str]:
    return list(BY_NAME[name].broken())


def kept(row: QuarterRollUp, name: str, scope: str = "") -> int:
    counts = row.summaries.get(scope=scope).counts
    return counts.get(name, 0)


def tamper(row: QuarterRollUp, name: str, scope: str = "") -> None:
    """Count one more, behind the guards."""
    with lifted():
        summary = row.summaries.get(scope=scope)
        QuarterSummary.objects.filter(pk=summary.pk).update(
            counts={**summary.counts, name: summary.counts.get(name, 0) + 1}
        )


@pytest.fixture
def north(meera: User) -> Team:
    return Team.objects.get(name="North")


class TestActions:
    def step(self, action: Action, rng: random.Random, people: dict[str, User], at: datetime) -> None:
        """Whatever somebody may do next with it."""
        owner, qa_lead, psw = people["owner"], people["qa_lead"], people["psw"]
        action.refresh_from_db()
        moves: list[Callable[[], object]] = []
        if action.status in (ActionStatus.OPEN, ActionStatus.RETURNED):
            moves.append(lambda: start_action(action, by=owner, at=at))
        if action.status in TO_BE_DONE and action.status != ActionStatus.CANCEL_ASKED:
            moves += [
                lambda: complete_action(action, by=owner, evidence=f"On file, {at:%d %B}.", at=at),
                lambda: ask_to_cancel(action, by=owner, reason="The child moved.", at=at),
                lambda: extend_action(
                    action,
                    due_on=add_working_days(max(action.due_on, at.date()), rng.randint(1, 30)),
                    by=qa_lead,
                    reason="Court.",
                    at=at,
                ),
            ]
        if action.status == ActionStatus.CANCEL_ASKED:
            approve = rng.random() < 0.5
            moves.append(
                lambda: decide_cancellation(action, by=psw, approve=approve, reason="Agreed.", at=at)
            )
        if action.status == ActionStatus.DONE:
            moves += [
                lambda: verify_action(action, by=qa_lead, at=at),
                lambda: return_action(action, by=qa_lead, reason="Nothing there.", at=at),
            ]
        if moves:
            rng.choice(moves)()

    @pytest.mark.parametrize("seed", range(4))
    def test_whatever_is_done_with_them_later(
        self, seed: int, north: Team, meera: User, quentin: User, priya: User
    ) -> None:
        rng = random.Random(seed)
        people = {"owner": meera, "qa_lead": quentin, "psw": priya}
        pathways = [Pathway.CLA, Pathway.CIN]
        children = [ChildFactory(team=north, pathway=pathway) for pathway in pathways]
        RoundFactory(month=JULY)

        def raised(first: datetime, days: int) -> Action:
            at = first + timedelta(rng.randint(0, days))
            due_on = at.date() + timedelta(rng.randint(0, 40))
            child, priority = rng.choice([*children, None]), rng.choice(["p1", "p2"])
            content = NewAction("Do.", "Seen.", "Done.", meera, north, priority, due_on=due_on, child=child)
            return raise_action(content, by=quentin, at=at)

        actions = [raised(moment(date(2026, 6, 1)), 140) for _ in range(25)]
        for action in actions:
            at = action.opened_at
            while (at := at + timedelta(rng.randint(1, 25), rng.randint(0, 9000))) <= FROZEN:
                self.step(action, rng, people, at)
        row = freeze()
        assert kept(row, "at_end.actions.open") > 0 < kept(row, "actions.first_due")
        assert broken() == []
        for action in (*actions, *(raised(FROZEN + timedelta(hours=1), 9) for _ in range(5))):
            at = max(action.opened_at, FROZEN)
            for _ in range(3):
                at += timedelta(rng.randint(1, 8), 60)
                self.step(action, rng, people, at)
        Child.objects.filter(pk=children[0].pk).update(pathway=Pathway.CP)
        assert broken() == []
        tamper(row, "at_end.actions.open", f"team={north.pk},pathway=cla")
        [sentence] = broken()
        assert sentence.startswith(
            f"2026-27 Q2, team={north.pk},pathway=cla: at_end.actions.open was frozen as "
        )

    def test_an_action_brought_in_later_was_not_there(self, north: Team, meera: User) -> None:
        RoundFactory(month=JULY)
        row = freeze()
        at = moment(date(2026, 7, 3))
        action = Action.objects.create(
            reference="ACT-1",
            source="tracker",
            what="Do.",
            why="Seen.",
            success="Done.",
            team=north,
            owner=meera,
            priority="p2",
            first_due_on=JULY,
            due_on=JULY,
            opened_at=at,
        )
        ActionMove.objects.create(
            action=action, kind="open", to_status="open", from_due_on=JULY, to_due_on=JULY, at=at
        )
        imported = ImportedAction.objects.create(
            action=action, source="tracker", external_id="1", digest="0" * 64, imported_at=LATER
        )
        assert broken() == []
        with lifted():
            ImportedAction.objects.filter(pk=imported.pk).update(imported_at=at)
        assert (
            "2026-27 Q2, the council: actions.first_due was frozen as 0, and the moves of the records say 1."
            in (broken())
        )
        assert row.summaries.count() == 1


class TestCaseload:
    @pytest.fixture
    def row(self, north: Team) -> QuarterRollUp:
        """Three looked-after children of one team, one of them audited, and one who left in August."""
        for number in range(3):
            child = ChildFactory(team=north, pathway=Pathway.CLA)
            HoldingFactory(child=child)
            if not number:
                submitted_audit(month=JULY, allocation={"child": child})
        HoldingFactory(child=ChildFactory(team=north, closed_on=AUGUST), ends_on=AUGUST)
        return freeze()

    def test_who_moves_team_or_pathway_or_leaves_later(self, row: QuarterRollUp) -> None:
        assert (kept(row, "at_end.open.cla"), kept(row, "at_end.audited.cla")) == (3, 1)
        south = TeamFactory(name="South")
        october = date(2026, 10, 12)
        moved, left, stays = Child.objects.filter(closed_on__isnull=True)
        Holding.objects.filter(child__in=(moved, left)).update(ends_on=october)
        HoldingFactory(child=moved, team=south, pathway=Pathway.CP, starts_on=october)
        Child.objects.filter(pk=moved.pk).update(team=south, pathway=Pathway.CP)
        Child.objects.filter(pk=left.pk).update(closed_on=october)
        assert broken() == []
        Holding.objects.filter(child=stays).update(pathway=Pathway.CP)
        assert any("at_end.open.cp was frozen as 0" in sentence for sentence in broken())

    def test_a_caseload_of_september_that_came_late_explains_it(self, row: QuarterRollUp) -> None:
        Holding.objects.filter(ends_on__isnull=True).update(ends_on=SEPTEMBER)
        assert len(broken()) == 12, "open and audited, in the six parts that the three children are of"
        late = CaseloadImport.objects.create(
            as_at=SEPTEMBER, status=ImportStatus.APPLIED, number=1, decided_at=LATER
        )
        assert broken() == []
        CaseloadImport.objects.filter(pk=late.pk).update(decided_at=FROZEN)
        assert broken()

    def test_an_audit_declared_void_later_was_there_then(self, row: QuarterRollUp, quentin: User) -> None:
        audited = Allocation.objects.get()
        void_audit(audited.audit, by=quentin, reason="Another child was meant.", at=LATER)
        assert broken() == []
        with lifted():
            audited.moves.all().delete()
            audited.audit.moves.all().delete()
        assert any("at_end.audited.cla was frozen as 1" in sentence for sentence in broken())


class TestPanelsAndActivity:
    def test_a_panel_that_closes_later_was_not_there(self) -> None:
        RoundFactory(month=JULY)
        seat = {"invited_at": FROZEN, "attended": True, "status": "accepted", "part": "moderator"}
        with lifted():
            PanelMember.objects.create(panel=closed_panel(JULY), person=person("Mona", Role.PSW), **seat)
            row = freeze()
            late = closed_panel(AUGUST)
            Panel.objects.filter(pk=late.pk).update(closed_at=LATER)
            PanelMember.objects.create(panel=late, person=person("Felix", Role.PSW), **seat)
        assert (kept(row, "panel.invited"), kept(row, "panel.attended")) == (1, 1)
        assert broken() == []
        Panel.objects.filter(pk=late.pk).update(closed_at=FROZEN)
        assert broken() == [
            "2026-27 Q2, the council: panel.attended was frozen as 1, and the moves of the records say 2.",
            "2026-27 Q2, the council: panel.invited was frozen as 1, and the moves of the records say 2.",
        ]

    def test_what_is_void_excused_or_handed_in_later_was_otherwise_then(self, quentin: User) -> None:
        round_ = RoundFactory(month=JULY)
        voided = submitted_audit(month=JULY)
        sample, late = DipSampleFactory(round=round_), DipSampleFactory(round=round_)
        record = ActivityRecordFactory(allocation__round=round_, handed_in_at=FROZEN)
        row = freeze()
        assert [kept(row, f"activity.{what}") for what in ("cja", "dip_sample", "handed_in")] == [1, 3, 2]
        void_audit(voided, by=quentin, reason="Another child was meant.", at=LATER)
        excuse_allocation(sample, by=quentin, reason="Ill.", at=LATER)
        ActivityRecordFactory(allocation=late, handed_in_at=LATER)
        assert broken() == []
        Allocation.objects.filter(pk=sample.pk).update(status="withdrawn")
        assert broken() == []
        given = "2026-27 Q2, the council: activity.dip_sample was frozen as 3, and the moves of the records say 2."
        with lifted():
            sample.moves.all().delete()
        assert broken() == [given]
        with lifted():
            record.delete()
        assert broken() == [
            given,
            "2026-27 Q2, the council: activity.handed_in was frozen as 2, and the moves of the records say 1.",
        ]

    def test_what_was_handed_in_is_not_asked_of_a_quarter_that_froze_before_it_was_counted(self) -> None:
        ActivityRecordFactory(allocation__round=RoundFactory(month=JULY), handed_in_at=FROZEN)
        row = freeze()
        tamper(row, "activity.handed_in")
        assert len(broken()) == 1
        del row.definitions["activity.handed_in"]
        with lifted():
            row.save()
        assert broken() == []


class TestThemes:
    @pytest.fixture
    def row(self, north: Team) -> QuarterRollUp:
        theme = Theme.objects.get(code="fathers-voice")
        for month in (date(2026, 2, 1), date(2026, 5, 1), JULY):
            for _ in range(2):
                finding_of(north, theme, month=month)
        return freeze()

    def test_they_are_held_by_the_audits_and_said_of_the_council_alone(
        self, row: QuarterRollUp, north: Team
    ) -> None:
        assert (kept(row, "theme.fathers-voice"), kept(row, "at_end.recurrence.teams")) == (2, 1)
        assert kept(row, "theme.fathers-voice", f"team={north.pk}") == 0
        rows = FrozenAllocation.objects.filter(roll_up=row)
        assert [one.counts["theme.fathers-voice"] for one in rows] == [1, 1]
        assert not any(list(check.broken()) for check in CHECKS)
        tamper(row, "theme.fathers-voice")
        assert broken("summaries") == ["2026-27 Q2, the council: its counts are not the sum of its audits'."]

    def test_a_recurrence_that_the_findings_do_not_say(self, row: QuarterRollUp) -> None:
        tamper(row, "at_end.recurrence.teams")
        assert broken("recurrence") == [
            "2026-27 Q2: the teams with a recurring theme are not those that its audits' findings say."
        ]

    def test_a_theme_taken_away_since_is_told_of_its_audit(self, row: QuarterRollUp, quentin: User) -> None:
        finding = FindingTheme.objects.filter(finding__audit__allocation__round__month=JULY)[0].finding
        tag_finding(finding, themes=[], by=quentin, at=LATER)
        assert not any(list(check.broken()) for check in CHECKS)
        with lifted():
            finding.tag_moves.all().delete()
        assert broken("frozen_figures") == [
            f"{finding.audit} counts otherwise than when 2026-27 Q2 froze, and nothing happened to it since."
        ]

    def test_where_what_makes_a_theme_changed_nothing_is_claimed(self, row: QuarterRollUp) -> None:
        tamper(row, "at_end.recurrence.teams")
        Theme.objects.filter(code="fathers-voice").update(is_in_use=False)
        assert broken("recurrence") == []


def test_a_quarter_frozen_before_circumstances_were_kept_is_left_out(north: Team) -> None:
    RoundFactory(month=JULY)
    row = freeze()
    tamper(row, "at_end.open.cla")
    assert broken()
    with lifted():
        QuarterRollUp.objects.update(circumstances={})
    assert broken() == broken("recurrence") == []


def test_a_team_counts_in_the_service_it_was_in(north: Team) -> None:
    RoundFactory(month=JULY)
    HoldingFactory(child=ChildFactory(team=north))
    freeze()
    Team.objects.filter(pk=north.pk).update(service=TeamFactory(name="South").service)
    assert broken() == []
