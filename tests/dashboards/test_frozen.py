"""Keeping a quarter's counts and freezing them: what changes afterwards, what never does, and who sees it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.enums import Role
from accounts.models import User
from actions.models import Finding, FindingTheme, Theme
from audits.enums import AuditStatus, Grade, Pathway, Section
from audits.models import Allocation, Answer, Audit, AuditMove, AuditSection, Closure, ImportedAudit, Round
from core.dates import FinancialYear, Quarter
from core.errors import RuleViolation
from core.guards import lifted
from core.shares import Ratio
from dashboards import figures, frozen
from dashboards.figures import figures_of
from dashboards.frozen import changes_after_freezing
from dashboards.invariants import CHECKS
from dashboards.measures import table
from dashboards.measures.definition import Measure
from dashboards.measures.table import MEASURES
from dashboards.models import (
    FrozenAllocation,
    QuarterRollUp,
    QuarterSummary,
    ReportSettings,
    Restatement,
)
from dashboards.quarterly import quarter_lines
from dashboards.scopes import Scope
from dashboards.selectors.tallies import tallies
from dashboards.services import roll_up as service
from dashboards.services.roll_up import restate_measure, roll_up_due_quarters, roll_up_quarter
from dashboards.views import quarters
from tests.conftest import AssertQueries
from tests.dashboards.pages import tables_of
from tests.factories.accounts import TeamFactory, person
from tests.factories.actions import ActionFactory
from tests.factories.audits import (
    AuditFactory,
    ChildFactory,
    HoldingFactory,
    QuestionFactory,
    RoundFactory,
    audit_at,
    submitted_audit,
    submitted_audits,
)

pytestmark = pytest.mark.django_db

MAY, JUNE = date(2024, 5, 1), date(2024, 6, 1)
Q1, Q2 = Quarter(2024, 1), Quarter(2024, 2)
LAST_DAY = datetime(2024, 7, 19, 11, 0, tzinfo=UTC)
"""Friday, the fifteenth working day after 30 June 2024."""
THE_NIGHT_AFTER = datetime(2024, 7, 20, 3, 40, tzinfo=UTC)
LATER = datetime(2024, 8, 1, 11, 0, tzinfo=UTC)

Change = Callable[[tuple[Measure, ...]], None]


def freeze(quarter: Quarter = Q1, at: datetime = THE_NIGHT_AFTER) -> QuarterRollUp:
    roll_up_due_quarters(at=at)
    return QuarterRollUp.objects.get(first_day=quarter.first_day)


def good(period: Quarter | FinancialYear = Q1) -> Ratio:
    return figures_of(period, at=LATER).figures["overall.good"].now


@pytest.fixture
def measures_become(monkeypatch: pytest.MonkeyPatch) -> Change:
    """Change the table of measures for the rest of the test."""

    def become(changed: tuple[Measure, ...]) -> None:
        for module in (table, figures, frozen, service, quarters):
            monkeypatch.setattr(module, "MEASURES", changed)

    return become


class TestWhen:
    def test_on_the_last_day_it_is_still_a_draft_and_the_night_after_it_is_frozen(self) -> None:
        submitted_audit(month=MAY)
        assert roll_up_due_quarters(at=LAST_DAY) == {"rolled_up": 1, "frozen": 0}
        assert figures_of(Q1, at=LAST_DAY).status == "draft"
        assert roll_up_due_quarters(at=THE_NIGHT_AFTER) == {"rolled_up": 1, "frozen": 1}
        report = figures_of(Q1, at=LATER)
        assert (report.status, report.freezes_on, report.frozen_at) == (
            "frozen",
            date(2024, 7, 19),
            THE_NIGHT_AFTER,
        )
        assert roll_up_due_quarters(at=LATER) == {"rolled_up": 0, "frozen": 0}

    def test_a_closed_day_of_the_council_and_the_setting_count(self) -> None:
        submitted_audit(month=MAY)
        Closure.objects.create(day=date(2024, 7, 8), reason="Moving house")
        assert freeze().frozen_at is None
        ReportSettings(freeze_after=14).save()
        assert freeze().frozen_at == THE_NIGHT_AFTER

    def test_a_quarter_to_come_or_without_a_published_month_is_left_alone(self) -> None:
        RoundFactory(month=date(2024, 10, 1))
        assert roll_up_due_quarters(at=THE_NIGHT_AFTER) == {"rolled_up": 0, "frozen": 0}
        assert not QuarterRollUp.objects.exists()

    def test_past_audits_brought_in_start_the_days_anew(self) -> None:
        audit = submitted_audit(month=MAY)
        ImportedAudit.objects.create(
            audit=audit,
            source="forms",
            external_id="1",
            digest="x",
            imported_at=datetime(2026, 11, 2, 9, tzinfo=UTC),
        )
        assert freeze(at=datetime(2026, 11, 23, 4, tzinfo=UTC)).frozen_at is None
        assert freeze(at=datetime(2026, 11, 24, 4, tzinfo=UTC)).frozen_at is not None

    def test_a_year_is_frozen_with_its_last_quarter(self) -> None:
        for quarter in FinancialYear(2024).quarters:
            submitted_audit(month=quarter.first_day)
        freeze(at=datetime(2025, 3, 1, 4, tzinfo=UTC))
        assert figures_of(FinancialYear(2024), at=LATER).status == "draft"
        freeze(at=datetime(2025, 5, 1, 4, tzinfo=UTC))
        assert figures_of(FinancialYear(2024), at=LATER).status == "frozen"


class TestWhatIsKept:
    def test_every_part_of_the_council_is_kept_as_it_is_counted(self) -> None:
        north, south = TeamFactory(name="North"), TeamFactory(name="South")
        for team, pathway in ((north, "cla"), (north, "cin"), (south, "cla")):
            audit = submitted_audit(month=MAY, allocation={"team": team, "pathway": pathway})
            question = QuestionFactory(version=audit.tool_version, code="V6")
            Answer.objects.create(audit=audit, question=question, value="yes")
            child = ChildFactory(team=team, pathway=pathway)
            HoldingFactory(child=child, team=team, starts_on=date(2024, 1, 1))
        AuditFactory(allocation__round=RoundFactory(month=JUNE), allocation__team=south)
        freeze(at=LAST_DAY)
        kept = dict(QuarterSummary.objects.values_list("scope", "counts"))
        scopes = [
            Scope(),
            *(Scope(pathway=pathway) for pathway in ("cla", "cin")),
            *(Scope(team=team.pk) for team in (north, south)),
            *(Scope(team=team.pk, pathway=pathway) for team in (north, south) for pathway in ("cla", "cin")),
            *{Scope(service=team.service_id) for team in (north, south)},
            *{Scope(service=team.service_id, pathway=p) for team in (north, south) for p in ("cla", "cin")},
        ]
        for scope in scopes:
            counted = tallies(Q1, Q1, today=LAST_DAY.date(), scope=scope)[Q1]
            assert kept.get(scope.key, {}) == {name: count for name, count in counted.items() if count}, scope
        assert {scope.key for scope in scopes} >= set(kept)

    def test_counting_again_replaces_and_twice_changes_nothing(self) -> None:
        submitted_audit(month=MAY)
        freeze(at=LAST_DAY)
        submitted_audit(month=JUNE)
        freeze(at=LAST_DAY)
        kept = list(QuarterSummary.objects.values_list("scope", "counts"))
        freeze(at=LAST_DAY)
        assert list(QuarterSummary.objects.values_list("scope", "counts")) == kept
        assert dict(kept)[""]["submitted"] == 2
        assert FrozenAllocation.objects.count() == 2

    def test_a_frozen_quarter_is_rolled_up_by_nobody_again(self) -> None:
        submitted_audit(month=MAY)
        freeze()
        assert roll_up_quarter(Q1, at=LATER) is None

    def test_the_database_refuses_what_would_change_it(self) -> None:
        submitted_audit(month=MAY)
        row = freeze()
        summary, allocation = row.summaries.first(), row.allocations.first()
        assert summary is not None
        assert allocation is not None
        attempts: list[Callable[[], object]] = [
            lambda: QuarterRollUp.objects.filter(pk=row.pk).update(frozen_at=None),
            lambda: row.summaries.update(counts={}),
            lambda: row.allocations.update(counts={}),
            lambda: QuarterSummary.objects.filter(pk=summary.pk).delete(),
            lambda: FrozenAllocation.objects.filter(pk=allocation.pk).delete(),
            lambda: QuarterSummary.objects.create(roll_up=row, scope="x", counts={}),
            lambda: FrozenAllocation.objects.create(roll_up=row, counts={}),
        ]
        for attempt in attempts:
            with pytest.raises(IntegrityError, match="is frozen never change"), transaction.atomic():
                attempt()

    def test_twin_without_the_guards_it_changes(self) -> None:
        submitted_audit(month=MAY)
        row = freeze()
        with lifted():
            assert row.summaries.update(counts={}) == row.summaries.count()


class TestAfterwards:
    @pytest.fixture
    def audits(self) -> list[Audit]:
        made = submitted_audits(MAY, [{"overall": Grade.GOOD}] * 3)
        freeze()
        return made

    def test_a_late_return_alters_nothing_and_is_listed(self, psw_client: Client) -> None:
        submitted_audit(month=MAY)
        owed = audit_at(AuditStatus.IN_PROGRESS, person("Ben", Role.AUDITOR), round=RoundFactory(month=MAY))
        freeze()
        before = figures_of(Q1, at=LATER).figures
        Audit.objects.filter(pk=owed.pk).update(status=AuditStatus.SUBMITTED, submitted_at=LATER)
        AuditSection.objects.filter(audit=owed, section=Section.OVERALL).update(
            grade=Grade.GOOD, final_grade=Grade.GOOD
        )
        assert figures_of(Q1, at=LATER).figures == before
        assert good() == Ratio(1, 1)
        assert [(one.reference, one.what) for one in changes_after_freezing(Q1)] == [
            (str(owed), "Returned late, after the quarter was frozen")
        ]
        page = psw_client.get("/reports/2024-25/Q1/").content.decode()
        assert tables_of(page)["Audits that changed after the quarter was frozen"] == {
            "Audit": ["What happened"],
            str(owed): ["Returned late, after the quarter was frozen"],
        }
        assert "These figures were frozen on 20 July 2024" in page

    def test_void_and_a_changed_grade_alter_nothing_and_are_listed(self, audits: list[Audit]) -> None:
        void, moved, _ = audits
        Audit.objects.filter(pk=void.pk).update(status=AuditStatus.VOID)
        Allocation.objects.filter(pk=void.allocation_id).update(status="withdrawn")
        moved.sections.filter(section=Section.OVERALL).update(final_grade=Grade.INADEQUATE)
        assert good() == Ratio(3, 3)
        assert good(FinancialYear(2024)) == Ratio(3, 3)
        assert {one.reference: (one.what, one.names[:2]) for one in changes_after_freezing(Q1)} == {
            str(void): ("Declared void", ("allocated", "assessments.good")),
            str(moved): ("Its grades or answers changed", ("overall.good", "overall.inadequate")),
        }
        assert quarter_lines([Q1])[0].good_or_better == Ratio(3, 3)

    def test_an_audit_given_out_later_is_listed(self, audits: list[Audit]) -> None:
        new = submitted_audit(month=JUNE)
        assert [(one.reference, one.what) for one in changes_after_freezing(Q1)] == [
            (str(new), "Given out, or brought in, after the quarter was frozen")
        ]
        assert good() == Ratio(3, 3)

    def test_the_quarter_after_compares_with_what_was_frozen(self, audits: list[Audit]) -> None:
        submitted_audits(date(2024, 7, 1), [{"overall": Grade.GOOD}] * 2)
        audits[0].sections.filter(section=Section.OVERALL).update(final_grade=Grade.INADEQUATE)
        second = figures_of(Q2, at=LATER).figures
        assert second["overall.good"].before == Ratio(3, 3)
        assert second["overall.good"].year_to_date == Ratio(5, 5)
        assert second["volume"].now == Ratio(-1, 3)

    def test_of_an_auditor_nothing_is_kept(self, audits: list[Audit]) -> None:
        report = figures_of(Q1, Scope(auditor=audits[0].allocation.auditor_id), at=LATER)
        assert (report.status, report.figures["overall.good"].now) == ("draft", Ratio(3, 3))

    def test_a_frozen_quarter_costs_no_counting(
        self, audits: list[Audit], assert_queries: AssertQueries
    ) -> None:
        for quarter in (Quarter(2023, 3), Quarter(2023, 4)):
            submitted_audit(month=quarter.first_day)
        freeze(at=LATER)
        with assert_queries(3):
            assert figures_of(Q1, at=LATER).status == "frozen"


class TestRestating:
    @pytest.fixture
    def row(self) -> QuarterRollUp:
        submitted_audits(MAY, [{"overall": Grade.GOOD}] * 3 + [{"overall": Grade.OUTSTANDING}])
        return freeze()

    def changed(self, **definition: object) -> tuple[Measure, ...]:
        return tuple(
            replace(one, **definition) if one.code == "overall.good_or_better" else one for one in MEASURES
        )

    def test_a_changed_definition_changes_no_frozen_figure_by_itself(
        self, row: QuarterRollUp, measures_become: Change
    ) -> None:
        measures_become(self.changed(counts=("overall.outstanding",)))
        report = figures_of(Q1, at=LATER)
        assert report.figures["overall.good_or_better"].now == Ratio(4, 4)
        assert report.restated == []
        submitted_audits(date(2024, 7, 1), [{"overall": Grade.GOOD}] * 2)
        second = figures_of(Q2, at=LATER).figures["overall.good_or_better"]
        assert (second.now, second.before, second.year_to_date) == (Ratio(0, 2), Ratio(4, 4), Ratio(4, 6))

    def test_restated_it_follows_and_both_figures_are_kept_with_the_reason(
        self, row: QuarterRollUp, measures_become: Change, priya: User, psw_client: Client
    ) -> None:
        measures_become(self.changed(counts=("overall.outstanding",)))
        code = "overall.good_or_better"
        first = restate_measure(Q1, code, by=priya, reason="Good alone is no longer the aim.", at=LATER)
        assert restate_measure(Q1, code, by=priya, reason="Again.", at=LATER) == first
        report = figures_of(Q1, at=LATER)
        assert report.figures[code].now == Ratio(1, 4)
        assert report.as_document()["restated"] == [
            {
                "period": "2024-25 Q1",
                "code": code,
                "reason": "Good alone is no longer the aim.",
                "restated_at": "2024-08-01T11:00:00+00:00",
                "now": {"numerator": 1, "denominator": 4, "percent": None},
                "reported": {"numerator": 4, "denominator": 4, "percent": None},
            }
        ]
        assert row.summaries.get(scope="").counts["overall.good"] == 3
        page = tables_of(psw_client.get("/reports/2024-25/Q1/").content.decode())
        assert page["Figures by a definition that changed after the quarter was frozen"][
            "Overall: good or better"
        ][:2] == ["1 of 4", "4 of 4"]

    def test_what_was_never_counted_is_counted_when_it_is_restated(
        self, row: QuarterRollUp, measures_become: Change, priya: User
    ) -> None:
        measures_become(self.changed(counts=("overall.good",), of=("imported", "submitted")))
        measures_become(
            tuple(
                replace(one, counts=("given",)) if one.code == "overall.good_or_better" else one
                for one in MEASURES
            )
        )
        note = restate_measure(Q1, "overall.good_or_better", by=priya, reason="Better so.", at=LATER)
        assert note.counts[""] == {"given": 4}

    @pytest.mark.parametrize(
        ("quarter", "code", "reason", "sentence"),
        [
            (Q1, "overall.good_or_better", " ", "Say why the definition changed"),
            (Q1, "no.such", "Because.", "There is no such measure"),
            (Q2, "overall.good_or_better", "Because.", "is not frozen"),
            (Q1, "overall.good_or_better", "Because.", "by its definition of today already"),
        ],
    )
    def test_refusals(
        self, row: QuarterRollUp, priya: User, quarter: Quarter, code: str, reason: str, sentence: str
    ) -> None:
        with pytest.raises(RuleViolation, match=sentence):
            restate_measure(quarter, code, by=priya, reason=reason)
        assert not Restatement.objects.exists()

    def test_nobody_else_restates(self, row: QuarterRollUp, meera: User) -> None:
        with pytest.raises(RuleViolation, match="The QA lead and the Principal Social Worker"):
            restate_measure(Q1, "overall.good_or_better", by=meera, reason="Because.")

    def test_on_the_page_of_the_quarter(
        self, row: QuarterRollUp, measures_become: Change, psw_client: Client
    ) -> None:
        page = "/reports/2024-25/Q1/restate/"
        assert "There is nothing to restate." in psw_client.get(page).text
        assert "is not frozen" in psw_client.get("/reports/2024-25/Q2/restate/").text
        measures_become(self.changed(counts=("overall.outstanding",)))
        psw_client.post(page, {"code": "overall.good_or_better", "reason": ""})
        psw_client.post(page, {"code": "visits.good", "reason": "Because."})
        assert not Restatement.objects.exists()
        answer = psw_client.post(page, {"code": "overall.good_or_better", "reason": "A new aim."})
        assert answer.headers["Location"] == "/reports/2024-25/Q1/"
        assert "A new aim." in psw_client.get("/reports/2024-25/Q1/").text
        assert "There is nothing to restate." in psw_client.get(page).text

    def test_a_restatement_never_changes(
        self, row: QuarterRollUp, measures_become: Change, priya: User
    ) -> None:
        measures_become(self.changed(counts=("overall.outstanding",)))
        restate_measure(Q1, "overall.good_or_better", by=priya, reason="Because.")
        with pytest.raises(IntegrityError, match="A restatement is history"), transaction.atomic():
            Restatement.objects.update(reason="Another")


class TestInvariants:
    def broken(self) -> dict[str, list[str]]:
        return {check.name: list(check.broken()) for check in CHECKS}

    def test_all_is_well_and_a_change_with_its_move_is_explained(self) -> None:
        audit = submitted_audit(month=MAY)
        Round.objects.update(published_at=datetime(2024, 4, 2, 9, tzinfo=UTC))
        freeze()
        assert not any(self.broken().values())
        audit.sections.filter(section=Section.VISITS).update(final_grade=Grade.INADEQUATE)
        AuditMove.objects.create(
            audit=audit, from_status="submitted", to_status="finalised", at=LATER, reason="Decided"
        )
        assert not any(self.broken().values())

    def test_a_grade_that_changed_and_no_move_says_so(self) -> None:
        audit = submitted_audit(month=MAY)
        Round.objects.update(published_at=datetime(2024, 4, 2, 9, tzinfo=UTC))
        freeze()
        audit.sections.filter(section=Section.VISITS).update(final_grade=Grade.INADEQUATE)
        assert self.broken()["frozen_figures"] == [
            f"{audit} counts otherwise than when 2024-25 Q1 froze, and nothing happened to it since."
        ]

    def test_an_action_opened_later_explains_a_theme_and_no_grade(self) -> None:
        audit = submitted_audit(month=MAY)
        Round.objects.update(published_at=datetime(2024, 4, 2, 9, tzinfo=UTC))
        freeze()
        ActionFactory(audit=audit, opened_at=LATER)
        theme = Theme.objects.get(code="fathers-voice")
        finding = Finding.objects.create(audit=audit, kind="answer", about="A11", text="No.")
        FindingTheme.objects.create(finding=finding, theme=theme)
        [change] = changes_after_freezing(Q1)
        assert (change.names, change.what) == (("theme.fathers-voice",), "Its themes changed")
        assert not any(self.broken().values())
        audit.sections.filter(section=Section.VISITS).update(final_grade=Grade.INADEQUATE)
        assert self.broken()["frozen_figures"] == [
            f"{audit} counts otherwise than when 2024-25 Q1 froze, and nothing happened to it since."
        ]

    def test_what_only_a_later_measure_counts_is_no_change(self) -> None:
        submitted_audit(month=MAY)
        Round.objects.update(published_at=datetime(2024, 4, 2, 9, tzinfo=UTC))
        row = freeze()
        with lifted():
            [kept] = row.allocations.all()
            kept.counts.pop("returned")
            kept.save()
        assert [change.names for change in changes_after_freezing(Q1)] == [("returned",)]
        row.definitions = {
            code: one
            for code, one in row.definitions.items()
            if "returned" not in (*one["counts"], *one["of"])
        }
        with lifted():
            row.save()
        assert changes_after_freezing(Q1) == []

    def test_a_summary_that_somebody_changed(self) -> None:
        submitted_audit(month=MAY, allocation={"pathway": Pathway.CLA})
        row = freeze()
        with lifted():
            row.summaries.filter(scope="pathway=cla").update(counts={"submitted": 9})
        assert self.broken()["summaries"] == [
            "2024-25 Q1, pathway=cla: its counts are not the sum of its audits'."
        ]


class TestSettings:
    def test_the_page_says_what_it_saves(self, qa_client: Client) -> None:
        qa_client.post("/setup/reports/", {"freeze_after": "20"})
        assert ReportSettings.current().freeze_after == 20
        page = qa_client.post("/setup/reports/", {"freeze_after": "0"}).content.decode()
        assert "Error: " in page
        assert ReportSettings.current().freeze_after == 20


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_many_runs_at_one_moment_one_freezes_the_quarter() -> None:
    submitted_audits(MAY, [{"overall": Grade.GOOD}] * 20)
    barrier, answers = threading.Barrier(4), []

    def run() -> None:
        barrier.wait()
        try:
            answers.append(roll_up_quarter(Q1, at=THE_NIGHT_AFTER) is not None)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, False, False, True]
    row = QuarterRollUp.objects.get()
    assert (row.frozen_at, row.allocations.count()) == (THE_NIGHT_AFTER, 20)
    assert row.summaries.get(scope="").counts["submitted"] == 20
