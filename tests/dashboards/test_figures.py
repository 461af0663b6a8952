"""What each measure counts, for which part of the council, and who may have it."""

from datetime import UTC, date, datetime

import pytest

from accounts.enums import Role
from accounts.models import User
from actions.models import Action, ActionMove, Reaudit, SupervisionHandOff, Theme
from audits.enums import Grade, Pathway, QuestionKind
from audits.models import Allocation, Answer, Audit
from core.dates import FinancialYear, Quarter
from core.shares import Ratio
from dashboards.figures import NotVisible, Report, figures_of
from dashboards.scopes import Scope
from moderation.services.panels import close_panel
from tests.conftest import AssertQueries
from tests.factories.accounts import TeamFactory, person, senior_leader
from tests.factories.actions import ActionFactory
from tests.factories.audits import (
    ActivityRecordFactory,
    AllocationFactory,
    ChildFactory,
    HoldingFactory,
    QuestionFactory,
    submitted_audit,
    submitted_audits,
)
from tests.factories.moderation import decided, met_panel, moderator
from tests.factories.paths import finding_of

pytestmark = pytest.mark.django_db

APRIL, MAY, JULY = date(2024, 4, 1), date(2024, 5, 1), date(2024, 7, 1)
Q1, Q2 = Quarter(2024, 1), Quarter(2024, 2)
NOON = datetime(2024, 10, 3, 11, 0, tzinfo=UTC)


def counted(*codes: str, scope: Scope | None = None, period: Quarter | FinancialYear = Q1) -> list[Ratio]:
    report = figures_of(period, scope or Scope(), at=NOON)
    return [report.figures[code].now for code in codes]


def answer(
    audit: Audit, code: str, value: str, kind: QuestionKind = QuestionKind.PRACTICE, **columns: object
) -> None:
    question = QuestionFactory(version=audit.tool_version, code=code, kind=kind)
    Answer.objects.create(audit=audit, question=question, value=value, **columns)


class TestAnswers:
    def test_visits_are_summed_and_not_averaged(self) -> None:
        kind = QuestionKind.PRACTICE_COUNT
        for made, due in ((5, 6), (1, 6), (0, 1)):
            answer(submitted_audit(month=MAY), "V1", "partly", kind, counted=made, counted_of=due)
        answer(submitted_audit(month=MAY), "V1", "no", kind, counted=3)
        answer(submitted_audit(month=MAY), "V1", "not_applicable", kind, counted=1, counted_of=1)
        assert counted("visit_timeliness") == [Ratio(6, 13)]

    def test_the_fathers_view_and_at_least_one_parents(self) -> None:
        for mother, father in (("yes", "no"), ("no", "yes"), ("no", "not_applicable"), ("yes", "yes")):
            audit = submitted_audit(month=MAY)
            answer(audit, "A10", mother)
            answer(audit, "A11", father)
        neither = submitted_audit(month=MAY)
        answer(neither, "A10", "not_applicable")
        answer(neither, "A11", "not_applicable")
        submitted_audit(month=MAY)
        assert counted("voice.father", "voice.at_least_one_parent") == [Ratio(2, 3), Ratio(3, 4)]

    def test_the_iro_and_the_chair_are_never_merged(self) -> None:
        for pathway, value in (("cla", "yes"), ("cla", "no"), ("cp", "yes"), ("cp", "not_applicable")):
            audit = submitted_audit(month=MAY)
            Audit.objects.filter(pk=audit.pk).update(pathway=pathway)
            answer(audit, "S11", value)
        assert counted("scrutiny.iro", "scrutiny.chair", "question.S11.yes") == [
            Ratio(1, 2),
            Ratio(1, 1),
            Ratio(2, 3),
        ]

    def test_smart_in_every_letter_and_by_letter(self) -> None:
        letters = ["specific", "measurable", "achievable", "relevant", "timed"]
        for value, ticked in (("yes", letters), ("partly", ["timed", "specific"]), ("not_applicable", [])):
            answer(submitted_audit(month=MAY), "P3", value, QuestionKind.PRACTICE_LETTERS, selected=ticked)
        assert counted("smart.all", "smart.timed", "smart.relevant") == [
            Ratio(1, 2),
            Ratio(2, 2),
            Ratio(1, 2),
        ]


class TestModeration:
    @pytest.fixture
    def report(self, priya: User) -> Report:
        """Three audits of May decided in a panel, one confirmed; another nobody tabled."""
        audits = [submitted_audit(month=MAY, visits=Grade.OUTSTANDING) for _ in range(4)]
        people = [moderator("Mo", "East"), moderator("Mary", "West")]
        panel = met_panel(*audits[:3], chair=priya, moderators=people)
        for tabling, choices in zip(
            panel.tablings.order_by("pk"),
            (
                {},
                {"overall": Grade.REQUIRES_IMPROVEMENT, "visits": Grade.REQUIRES_IMPROVEMENT},
                {"overall": Grade.OUTSTANDING, "visits": Grade.NOT_APPLICABLE},
            ),
            strict=True,
        ):
            decided(tabling, by=priya, **choices)
        assert counted("moderation.coverage") == [Ratio(0, 4)], "a panel that has not closed decides nothing"
        close_panel(panel, by=priya)
        return figures_of(Q1, at=NOON)

    def test_of_the_overall_grade(self, report: Report) -> None:
        codes = ("coverage", "agreed", "up", "down", "two_step", "returned")
        assert {code: report.figures[f"moderation.{code}"].now for code in codes} == {
            "coverage": Ratio(3, 4),
            "agreed": Ratio(1, 3),
            "up": Ratio(1, 3),
            "down": Ratio(1, 3),
            "two_step": Ratio(0, 3),
            "returned": Ratio(0, 4),
        }

    def test_of_an_area_whose_applicability_changed_once(self, report: Report) -> None:
        figures = report.figures
        assert figures["moderation.visits.agreed"].now == Ratio(1, 2)
        assert figures["moderation.visits.two_step"].now == Ratio(1, 2)
        shift = figures["moderation.visits.mean_shift"]
        assert (shift.value, shift.printed, shift.percent) == (-1.0, "\N{MINUS SIGN}1.00 over 2", None)

    def test_who_attended_counts_for_the_council_alone(self, report: Report, priya: User) -> None:
        this_month = Quarter.of(datetime.now(tz=UTC).date())
        assert counted("panel.attendance", period=this_month) == [Ratio(3, 3)]
        assert "panel.attendance" not in figures_of(Q1, Scope(pathway="cla"), at=NOON).figures
        assert figures_of(Q1, at=NOON).figures["moderation.mean_shift"].value == 0.0


class TestCaseload:
    def test_open_at_the_end_of_the_quarter_and_not_added_up(self) -> None:
        for starts, ends in (("2024-01-01", None), ("2024-01-01", "2024-08-15"), ("2024-07-02", None)):
            child = ChildFactory(pathway=Pathway.CLA)
            HoldingFactory(child=child, team=child.team, starts_on=starts, ends_on=ends)
        closed = ChildFactory(pathway=Pathway.CLA, closed_on="2024-05-01")
        HoldingFactory(child=closed, team=closed.team, starts_on="2024-01-01", ends_on="2024-05-01")
        assert counted("coverage.cla") == [Ratio(0, 2)]
        assert counted("coverage.cla", period=Q2) == [Ratio(0, 2)]
        assert figures_of(Q2, at=NOON).figures["coverage.cla"].year_to_date == Ratio(0, 2)

    def test_children_are_counted_and_not_audits_over_twelve_months(self) -> None:
        """Of four open children one was audited twice in the year, one thirteen months before and one never."""
        children = ChildFactory.create_batch(4, pathway=Pathway.CIN)
        for child in children:
            HoldingFactory(child=child, team=child.team, starts_on="2023-01-01", ends_on=None)
        closed = ChildFactory(pathway=Pathway.CIN, closed_on="2024-05-20")
        for month, child in (
            (APRIL, children[0]),
            (MAY, children[0]),
            (date(2023, 7, 1), children[1]),
            (date(2023, 6, 1), children[2]),
            (MAY, closed),
        ):
            submitted_audit(month=month, allocation={"child": child, "pathway": Pathway.CIN})
        assert counted("coverage.cin") == [Ratio(2, 4)]
        assert counted("coverage.cin", period=Q2) == [Ratio(1, 4)]
        coverage = figures_of(Q1, at=NOON).figures["coverage.cin"]
        assert (coverage.interval_95, coverage.points, coverage.change_in_words) == (None, None, "not tested")


class TestActivity:
    def test_every_kind_once_where_it_went(self) -> None:
        submitted_audits(MAY, [{}] * 3)
        withdrawn = submitted_audit(month=MAY).allocation
        Allocation.objects.filter(pk=withdrawn.pk).update(status="withdrawn")
        for kind, count in (("dip_sample", 2), ("observation", 1)):
            for _ in range(count):
                row = AllocationFactory(
                    round__month=MAY, kind=kind, status="allocated", child=None, team=None, pathway=""
                )
        ActivityRecordFactory(allocation=row, files_read=None, setting="court")
        moved = AllocationFactory(
            round__month=MAY, kind="dip_sample", status="reallocated", child=None, team=None, pathway=""
        )
        figures = figures_of(Q1, at=NOON).figures
        assert moved.kind == "dip_sample"
        assert {
            kind: figures[f"activity{kind}"].printed
            for kind in ("", ".cja", ".dip_sample", ".observation", ".handed_in")
        } == {
            "": "6",
            ".cja": "3",
            ".dip_sample": "2",
            ".observation": "1",
            ".handed_in": "4",
        }
        document = figures_of(Q1, at=NOON).as_document()
        [activity] = [one for one in document["measures"] if one["code"] == "activity"]
        assert (activity["numerator"], activity["denominator"], activity["percent"]) == (6, None, None)
        assert "activity" not in figures_of(Q1, Scope(pathway="cla"), at=NOON).figures


class TestRecurrence:
    def test_teams_with_a_theme_in_three_of_four_quarters(self) -> None:
        north, south, west = (TeamFactory(name=name) for name in ("North", "South", "West"))
        theme = Theme.objects.get(code="fathers-voice")
        for month in (date(2023, 8, 1), date(2023, 11, 1), MAY):
            for _ in range(2):
                finding_of(north, theme, month=month)
        for month in (date(2023, 8, 1), MAY):
            for _ in range(2):
                finding_of(south, theme, month=month)
        submitted_audit(month=APRIL, allocation={"team": west})
        assert counted("recurrence") == [Ratio(1, 3)]
        assert counted("recurrence", period=Q2) == [Ratio(0, 3)]
        Theme.objects.update(is_in_use=False)
        assert counted("recurrence") == [Ratio(0, 3)]


class TestActions:
    """As on 3 October 2024, which is in Q3: what was first due or done in Q1, and what stood at the end of it."""

    def action(self, due: str, done: str | None = None, **fields: object) -> Action:
        """An action opened on 2 April 2024."""
        if done:
            moment = datetime.fromisoformat(f"{done}T12:00:00+00:00")
            fields = {
                "status": "done",
                "done_at": moment,
                "evidence": "In the plan.",
                "verification": "not_drawn",
            } | fields
        day = date.fromisoformat(due)
        opened = datetime(2024, 4, 2, 9, tzinfo=UTC)
        made: Action = ActionFactory(first_due_on=day, due_on=day, opened_at=opened, **fields)
        return made

    def test_on_time_goes_by_the_first_due_date_and_cancelled_ones_count_nowhere(self) -> None:
        self.action("2024-05-01", "2024-05-01")
        self.action("2024-05-01", "2024-05-02")
        late = self.action("2024-05-01", "2024-05-20")
        Action.objects.filter(pk=late.pk).update(due_on="2024-05-31")
        self.action("2024-06-03")
        self.action("2024-06-03", status="cancelled")
        self.action("2024-07-10", "2024-06-28")
        assert counted("actions.on_time") == [Ratio(1, 4)]
        assert counted("actions.on_time", period=Q2) == [Ratio(1, 1)]

    def test_what_is_due_later_in_the_quarter_of_today_is_not_asked_for_yet(self) -> None:
        self.action("2024-10-02")
        self.action("2024-12-01")
        assert counted("actions.on_time", period=Quarter(2024, 3)) == [Ratio(0, 1)]

    def test_overdue_at_the_end_by_age_in_working_days(self) -> None:
        """Friday 28 June 2024 is the last working day before the end of Q1, Sunday 30 June."""
        for due in (
            "2024-06-30",
            "2024-07-15",
            "2024-06-28",
            "2024-06-24",
            "2024-06-17",
            "2024-06-03",
            "2024-05-01",
        ):
            self.action(due)
        self.action("2024-06-03", "2024-06-20")
        self.action("2024-06-03", "2024-07-01")
        codes = [f"actions.overdue{band}" for band in ("", ".1_5", ".6_10", ".11_20", ".over_20")]
        assert counted(*codes) == [
            Ratio(6, 8),
            Ratio(2, 8),
            Ratio(1, 8),
            Ratio(2, 8),
            Ratio(1, 8),
        ]

    def test_verified_returned_and_the_median_of_days(self, priya: User) -> None:
        done = [self.action("2024-05-01", day) for day in ("2024-04-12", "2024-04-22", "2024-05-02")]
        ActionMove.objects.create(
            action=done[0],
            kind="return",
            from_status="done",
            to_status="returned",
            from_due_on=done[0].due_on,
            to_due_on=done[0].due_on,
            at=NOON,
            reason="Where?",
        )
        self.action("2024-05-01", "2024-05-12", status="verified", verified_at=NOON, verified_by=priya)
        assert counted("actions.verified", "actions.returned") == [Ratio(1, 4), Ratio(1, 4)]
        days = figures_of(Q1, at=NOON).figures["actions.days_to_close"]
        assert (days.value, days.printed, days.percent) == (25.0, "25 days over 4", None)

    def test_of_a_team_and_of_a_pathway(self) -> None:
        north, child = TeamFactory(name="North"), ChildFactory(pathway=Pathway.CLA)
        self.action("2024-05-01", team=north)
        self.action("2024-05-01", child=child)
        for scope in (Scope(team=north.pk), Scope(pathway="cla")):
            assert counted("actions.on_time", scope=scope) == [Ratio(0, 1)]
        assert counted("actions.on_time", scope=Scope(team=north.pk, pathway="cla")) == [Ratio(0, 0)]


class TestWhatFollows:
    def test_inadequate_audits_again_in_time_and_better(self) -> None:
        firsts = [submitted_audit(month=APRIL, overall=Grade.INADEQUATE) for _ in range(4)]
        for first, closes in zip(
            firsts, ("2024-07-01", "2024-07-01", "2024-09-01", "2024-12-01"), strict=True
        ):
            Reaudit.objects.create(first=first, because="inadequate", opens_on="2024-06-01", closes_on=closes)
        for first, grade, submitted_on in (
            (firsts[0], Grade.GOOD, date(2024, 6, 28)),
            (firsts[1], Grade.INADEQUATE, date(2024, 7, 20)),
        ):
            submitted_audit(
                month=JULY,
                overall=grade,
                submitted_on=submitted_on,
                allocation={"audits_again": first.allocation},
            )
        assert counted("reaudit.in_time", "reaudit.improved") == [Ratio(1, 3), Ratio(1, 2)]

    def test_learning_handed_over(self, priya: User) -> None:
        audit = submitted_audit(month=APRIL)
        submitted_audit(month=APRIL)
        SupervisionHandOff.objects.create(audit=audit, due_on="2024-06-01")
        assert counted("hand_off") == [Ratio(0, 2)]
        SupervisionHandOff.objects.update(
            supervised_on="2024-06-01", note="Dates.", closed_by=priya, closed_at=NOON
        )
        assert counted("hand_off") == [Ratio(1, 2)]


class TestScopes:
    def test_a_team_a_service_a_pathway_and_an_auditor(self, asha: User) -> None:
        north, south = TeamFactory(name="North"), TeamFactory(name="South")
        mine = submitted_audit(month=APRIL, by=asha, allocation={"team": north, "pathway": Pathway.CLA})
        submitted_audit(month=APRIL, by=person("Ben", Role.AUDITOR), allocation={"team": south})
        assert mine.allocation.team == north
        code = "overall.good"
        assert counted(code) == [Ratio(2, 2)]
        for scope in (
            Scope(team=north.pk),
            Scope(pathway="cla"),
            Scope(auditor=asha.pk),
            Scope(team=north.pk, pathway="cla"),
        ):
            assert counted(code, scope=scope) == [Ratio(1, 1)], scope
        assert counted(code, scope=Scope(service=north.service_id))[0].denominator in {1, 2}
        assert counted(code, scope=Scope(team=south.pk, pathway="cla")) == [Ratio(0, 0)]

    def test_the_parts_of_a_scope_are_its_key(self) -> None:
        assert [scope.key for scope in (Scope(), Scope(team=7), Scope(team=7, pathway="cla"))] == [
            "",
            "team=7",
            "team=7,pathway=cla",
        ]


class TestYears:
    def test_a_year_pools_its_quarters_beside_the_year_before(self) -> None:
        submitted_audits(date(2023, 6, 1), [{"overall": Grade.GOOD}] * 2)
        submitted_audits(APRIL, [{"overall": Grade.GOOD}] * 3)
        submitted_audits(date(2025, 3, 1), [{"overall": Grade.INADEQUATE}] * 2)
        report = figures_of(FinancialYear(2024), at=NOON)
        good, volume = report.figures["overall.good"], report.figures["volume"]
        assert (good.now, good.before) == (Ratio(3, 5), Ratio(2, 2))
        assert (volume.now, volume.before) == (Ratio(3, 2), Ratio(2, 0))
        assert [(str(quarter), share) for quarter, share in report.trend("overall.good")][-4:] == [
            ("2024-25 Q1", Ratio(3, 3)),
            ("2024-25 Q2", Ratio(0, 0)),
            ("2024-25 Q3", Ratio(0, 0)),
            ("2024-25 Q4", Ratio(0, 2)),
        ]

    def test_a_trend_goes_back_as_far_as_asked(self) -> None:
        report = figures_of(Q1, at=NOON, since=Quarter(2022, 2))
        assert str(next(quarter for quarter, _ in report.trend("return_rate"))) == "2022-23 Q2"


class TestWhoMayHaveThem:
    def may(self, user: User, scope: Scope) -> bool:
        try:
            figures_of(Q1, scope, user, at=NOON)
        except NotVisible:
            return False
        return True

    def test_each_their_own_and_the_qa_team_all(
        self, quentin: User, meera: User, sanjay: User, asha: User, stella: User
    ) -> None:
        north = TeamFactory(name="North")
        south = TeamFactory(name="South")
        leader = senior_leader("Dina Director")
        scopes = {
            "council": Scope(),
            "north": Scope(team=north.pk),
            "south": Scope(team=south.pk),
            "service": Scope(service=north.service_id),
            "team across services": Scope(service=south.service_id, team=north.pk),
            "pathway": Scope(pathway="cla"),
            "asha": Scope(auditor=asha.pk),
            "asha in north": Scope(auditor=asha.pk, team=north.pk),
        }
        everything = set(scopes)
        expected = {
            quentin: everything,
            leader: {"council", "pathway"},
            meera: {"north"},
            asha: {"asha", "asha in north"},
            stella: set(),
        }
        for user, names in expected.items():
            assert {name for name, scope in scopes.items() if self.may(user, scope)} == names, user
        managed = {"north", "service"} | ({"south"} if south.service_id == north.service_id else set())
        assert {name for name, scope in scopes.items() if self.may(sanjay, scope)} == managed

    def test_what_it_costs_does_not_grow(self, assert_queries: AssertQueries) -> None:
        for month, audits in ((4, 1), (5, 30)):
            submitted_audits(date(2024, month, 1), [{"overall": Grade.GOOD}] * audits)
            with assert_queries(15):
                figures_of(Q1, at=NOON)
            with assert_queries(15):
                figures_of(FinancialYear(2024), at=NOON, since=Quarter(2015, 1))
            with assert_queries(11):
                figures_of(Q1, Scope(pathway="cla"), at=NOON)
