"""The quarterly report: the worked example number by number, and what each count takes in and leaves out."""

import json
from datetime import UTC, date, datetime
from fractions import Fraction
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from audits.enums import (
    AREAS,
    BAND_GRADES,
    AllocationKind,
    AllocationStatus,
    FamilyMember,
    Grade,
    QuestionKind,
    RoundStatus,
    Section,
    ToolStatus,
)
from audits.models import Answer, Audit, FamilyAnswer, FamilyFeedback, Question, Tool
from core.dates import Quarter
from core.shares import Ratio
from dashboards.measures.grades import GRADES
from dashboards.quarterly import QuarterlyReport, quarter_lines, quarterly_report
from dashboards.selectors.audits import grades_by_quarter, returns_by_quarter
from dashboards.selectors.periods import reported_quarters
from dashboards.selectors.questions import practice_questions
from tests.dashboards.pages import tables_of
from tests.dashboards.worked_example import COUNTS, Q1, Q2, SUBMITTED, build, expected
from tests.factories.audits import (
    AllocationFactory,
    AuditFactory,
    QuestionFactory,
    RoundFactory,
    ToolVersionFactory,
    started_audit,
    submitted_audit,
    submitted_audits,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2024, 10, 3, 11, 0, tzinfo=UTC)
APRIL, MAY, JUNE, JULY = (date(2024, month, 1) for month in (4, 5, 6, 7))

YEAR_TO_DATE_GOOD_OR_BETTER = {
    "overall": "48 of 134 (36%)",
    "visits": "68 of 134 (51%)",
    "assessments": "32 of 84 (38%)",
    "supervision": "55 of 134 (41%)",
    "plans": "57 of 134 (43%)",
    "meetings": "59 of 134 (44%)",
}
ROW = {grade.value: grade.label for grade in Grade} | {"good_or_better": "Good or better"}


def report_on(quarter: Quarter) -> QuarterlyReport:
    return quarterly_report(quarter, at=NOON)


def document(*arguments: str) -> dict[str, Any]:
    """What the command prints, which must be JSON and nothing else."""
    out = StringIO()
    call_command("quarterly_report", *arguments, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def by_code(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {measure["code"]: measure for measure in found["measures"]}


def printed(numerator: int, denominator: int, percent: int) -> str:
    return f"{numerator} of {denominator} ({percent}%)"


def test_the_measures_and_the_audits_name_the_grades_alike() -> None:
    assert list(GRADES) == [grade.value for grade in BAND_GRADES]


class TestWorkedExample:
    """docs/domain.md, section 11."""

    def test_the_counts(self) -> None:
        build()
        graded = grades_by_quarter(Q1, Q2)
        for quarter, sections in COUNTS.items():
            assert graded[quarter] == {
                f"{section}.{grade}": count
                for section, counts in sections.items()
                for grade, count in zip(
                    (*BAND_GRADES, Grade.NOT_APPLICABLE),
                    (*counts, SUBMITTED[quarter] - sum(counts)),
                    strict=True,
                )
                if count
            }

    def test_the_json(self) -> None:
        build()
        found = document("2024-25", "Q2", "--format", "json")
        measures = by_code(found)
        now, before = expected(Q2), expected(Q1)
        for code, (numerator, denominator, percent) in now.items():
            measure = measures[code]
            assert (measure["numerator"], measure["denominator"], measure["percent"]) == now[code], code
            assert tuple(measure["previous"].values()) == before[code], code
            change = Fraction(numerator, denominator) - Fraction(*before[code][:2])
            assert abs(measure["points"] - 100 * change) <= Fraction(1, 2), code
            assert measure["interval_95"][0] <= percent <= measure["interval_95"][1] + 1, code
        assert {code for code in measures if code.split(".")[0] in COUNTS[Q1]} == set(now)
        assert found["tables"]["grades"]["assessments"] == {
            "outstanding": 1,
            "good": 23,
            "requires_improvement": 28,
            "inadequate": 8,
            "graded": 60,
            "not_applicable": 4,
        }

    def test_the_headline_of_the_json(self) -> None:
        build()
        overall = by_code(document("2024-25", "Q2"))["overall.good_or_better"]
        assert overall == {
            "code": "overall.good_or_better",
            "label": "Overall: good or better",
            "unit": "share",
            "value": None,
            "value_interval_95": None,
            "numerator": 29,
            "denominator": 64,
            "percent": 45,
            "interval_95": [33.7, 57.4],
            "previous": {"numerator": 19, "denominator": 70, "percent": 27},
            "points": 18,
            "change_supported": True,
            "year_to_date": {"numerator": 48, "denominator": 134, "percent": 36},
        }

    def test_the_first_quarter_in_json(self) -> None:
        build()
        measures = by_code(document("2024-25", "Q1"))
        for code, (numerator, denominator, percent) in expected(Q1).items():
            assert measures[code]["previous"] == {"numerator": 0, "denominator": 0, "percent": None}
            assert (measures[code]["points"], measures[code]["change_supported"]) == (None, None)
            assert tuple(measures[code]["year_to_date"].values()) == (numerator, denominator, percent)

    @pytest.mark.parametrize("quarter", [Q1, Q2])
    def test_the_page(self, quarter: Quarter, psw_client: Client) -> None:
        build()
        tables = tables_of(psw_client.get(f"/reports/2024-25/Q{quarter.number}/").content.decode())
        before = expected(Q1) if quarter == Q2 else {}
        for section in (Section.OVERALL, *AREAS):
            rows = tables[f"{section.label}: grades in {quarter}"]
            found = {row: (cells[0], cells[2]) for row, cells in rows.items() if row != "Measure"}
            assert found == {
                ROW[code.split(".")[1]]: (
                    printed(*now),
                    printed(*before[code]) if before else "0 of 0",
                )
                for code, now in expected(quarter).items()
                if code.startswith(f"{section}.")
            }

    def test_the_page_has_the_year_to_date_and_the_changes(self, psw_client: Client) -> None:
        build()
        tables = tables_of(psw_client.get("/reports/2024-25/Q2/").content.decode())
        for section in (Section.OVERALL, *AREAS):
            row = tables[f"{section.label}: grades in 2024-25 Q2"]["Good or better"]
            assert row[4] == YEAR_TO_DATE_GOOD_OR_BETTER[section]
        overall = tables["Overall: grades in 2024-25 Q2"]["Good or better"]
        assert overall == [
            "29 of 64 (45%)",
            "33.7% to 57.4%",
            "19 of 70 (27%)",
            "+18 points, supported change",
            "48 of 134 (36%)",
        ]
        assessments = tables["Assessments: grades in 2024-25 Q2"]
        assert assessments["Good"][3] == "+5 points"
        assert assessments["Not applicable"][3] == "\N{MINUS SIGN}59 points, supported change"

    def test_the_page_in_words(self, psw_client: Client) -> None:
        build()
        page = psw_client.get("/reports/2024-25/Q2/").content.decode()
        assert report_on(Q2).headlines == [
            (
                "29 of 64 audits (45%) are good or better overall. "
                "In 2024-25 Q1 it was 19 of 70 (27%): a rise of 18 percentage points, more than chance explains."
            ),
            "In the year so far it is 48 of 134 (36%).",
            "64 of 64 audits (100%) came back, 64 of 64 (100%) by their first due date.",
            "64 were submitted in 2024-25 Q2 and 70 in 2024-25 Q1.",
            "The social worker took part in 0 of 64 audits (0%).",
            "Family feedback was obtained in 0 of 64 audits (0%).",
        ]
        assert all(f"<li>{sentence}</li>" in page for sentence in report_on(Q2).headlines)
        assert [section.finding for section in report_on(Q2).sections] == [
            "Overall: 29 of 64 audits (45%) good or better, a rise of 18 percentage points on 2024-25 Q1",
            "Visits: 28 of 64 graded audits (44%) good or better",
            "Assessments: 24 of 60 graded audits (40%) good or better",
            "Supervision and management oversight: 29 of 64 graded audits (45%) good or better",
            "Plans and planning: 27 of 64 graded audits (42%) good or better",
            "Meetings and reviews: 25 of 64 graded audits (39%) good or better",
        ]

    def test_while_the_quarter_goes_on_no_change_is_claimed(self) -> None:
        build()
        last_day, day_after = (datetime(2024, month, day, 9, tzinfo=UTC) for month, day in ((9, 30), (10, 1)))
        running = quarterly_report(Q2, at=last_day)
        good = running.figures["overall.good_or_better"]
        assert (good.points, good.change_supported, good.change_in_words) == (
            18,
            None,
            "+18 points, not tested yet",
        )
        assert running.headlines[0] == (
            "29 of 64 audits (45%) are good or better overall. In 2024-25 Q1 it was 19 of 70 (27%)."
        )
        assert running.sections[0].finding == "Overall: 29 of 64 audits (45%) good or better"
        assert quarterly_report(Q2, at=day_after).figures["overall.good_or_better"].change_supported is True

    def test_json_page_and_report_agree_on_every_measure(self, psw_client: Client) -> None:
        build()
        report = report_on(Q2)
        measures = by_code(document("2024-25", "Q2"))
        assert list(measures) == list(report.figures)
        assert {
            code: Ratio(found["numerator"], found["denominator"] or 0) for code, found in measures.items()
        } == {code: figure.now for code, figure in report.figures.items()}
        tables = tables_of(psw_client.get("/reports/2024-25/Q2/").content.decode())
        questions = {
            question: (cells[0], cells[5])
            for caption, rows in tables.items()
            for question, cells in rows.items()
            if caption.endswith("how often the answer was Yes") and question != "Question"
        }
        assert questions == {
            str(question): (
                str(report.figures[f"question.{question.code}.yes"].now),
                str(report.figures[f"question.{question.code}.not_evidenced"].now),
            )
            for question in report.questions
        }
        returns = tables["Returns, and who took part"]
        assert {label: figure.printed for label, figure in report.returns} == {
            label: cells[0] for label, cells in returns.items() if label != "Measure"
        }


class TestWhatCounts:
    def test_an_audit_counts_in_the_month_it_was_allocated_for(self) -> None:
        submitted_audit(month=JUNE, submitted_on=date(2024, 7, 19))
        assert report_on(Q1).figures["overall.good"].now == Ratio(1, 1)
        assert report_on(Q2).figures["overall.good"].now == Ratio(0, 0)

    @pytest.mark.parametrize("status", [AllocationStatus.WITHDRAWN, AllocationStatus.REALLOCATED])
    def test_a_withdrawn_or_reallocated_row_counts_only_in_the_ledger(self, status: AllocationStatus) -> None:
        submitted_audit(month=APRIL)
        AllocationFactory(round=RoundFactory(month=APRIL), status=status)
        void = submitted_audit(month=APRIL, overall=Grade.INADEQUATE, allocation={"status": status})
        Answer.objects.create(
            audit=void, question=QuestionFactory(version=void.tool_version, code="V6"), value="yes"
        )
        report = report_on(Q1)
        assert report.figures["return_rate"].now == Ratio(1, 1)
        assert report.figures["return_rate_gross"].now == Ratio(1, 1)
        assert report.figures["overall.inadequate"].now == Ratio(0, 1)
        assert report.figures["question.V6.yes"].now == Ratio(0, 0)
        assert report.ledger == {
            "excused": 0,
            "withdrawn": 2 * (status == AllocationStatus.WITHDRAWN),
            "reallocated": 2 * (status == AllocationStatus.REALLOCATED),
            "submitted": 1,
            "outstanding": 0,
            "given": 3,
        }

    def test_excused_leaves_the_return_rate_but_not_the_gross_one(self) -> None:
        submitted_audit(month=APRIL)
        AuditFactory(allocation__round=RoundFactory(month=APRIL))
        AllocationFactory(round=RoundFactory(month=APRIL), status=AllocationStatus.EXCUSED)
        report = report_on(Q1)
        assert report.figures["return_rate"].now == Ratio(1, 2)
        assert report.figures["return_rate_gross"].now == Ratio(1, 3)
        assert report.ledger["outstanding"] == 1

    def test_excused_and_submitted_all_the_same_is_submitted(self) -> None:
        submitted_audit(month=APRIL, allocation={"status": AllocationStatus.EXCUSED})
        report = report_on(Q1)
        assert report.figures["return_rate"].now == Ratio(1, 1)
        assert (report.ledger["excused"], report.ledger["submitted"]) == (0, 1)

    def test_a_draft_counts_nowhere(self) -> None:
        draft = RoundFactory(month=APRIL, status=RoundStatus.DRAFT)
        AllocationFactory(round=draft, status=AllocationStatus.PROPOSED)
        assert report_on(Q1).ledger["given"] == 0
        assert report_on(Q1).headlines == ["No audit was due in 2024-25 Q1."]

    def test_an_audit_in_progress_is_due_and_not_submitted(self) -> None:
        audit = started_audit(round=RoundFactory(month=APRIL))
        audit.sections.filter(section=Section.VISITS).update(grade=Grade.GOOD)
        report = report_on(Q1)
        assert report.figures["return_rate"].now == Ratio(0, 1)
        assert report.figures["visits.good"].now == Ratio(0, 0)

    def test_dip_samples_and_observations_are_not_audits(self) -> None:
        for kind in (AllocationKind.DIP_SAMPLE, AllocationKind.OBSERVATION):
            AllocationFactory(round=RoundFactory(month=APRIL), kind=kind)
        assert report_on(Q1).ledger["given"] == 0

    def test_on_time_is_by_the_first_due_date_in_london(self) -> None:
        due = date(2024, 4, 30)
        for submitted_at in (
            datetime(2024, 4, 30, 22, 59, tzinfo=UTC),  # a minute to midnight in London
            datetime(2024, 4, 30, 23, 0, tzinfo=UTC),  # midnight: 1 May
        ):
            audit = submitted_audit(month=APRIL, allocation={"first_due_on": due, "due_on": date(2024, 5, 8)})
            Audit.objects.filter(pk=audit.pk).update(submitted_at=submitted_at)
        assert report_on(Q1).figures["on_time"].now == Ratio(1, 2)

    def test_volume_compares_with_the_quarter_before_in_both_quarters(self) -> None:
        submitted_audits(date(2024, 1, 1), [{"overall": Grade.GOOD}] * 4)
        submitted_audits(APRIL, [{"overall": Grade.GOOD}] * 6)
        submitted_audits(JULY, [{"overall": Grade.GOOD}] * 5)
        volume = report_on(Q2).figures["volume"]
        assert (volume.now, volume.before, volume.year_to_date) == (Ratio(-1, 6), Ratio(2, 4), None)

    def test_the_year_pools_its_own_quarters_only(self) -> None:
        submitted_audits(date(2024, 1, 1), [{"overall": Grade.GOOD}])
        submitted_audits(APRIL, [{"overall": Grade.GOOD}, {"overall": Grade.INADEQUATE}])
        for number in (2, 3, 4):
            submitted_audits(Quarter(2024, number).months[2], [{"overall": Grade.GOOD}])
        fourth = report_on(Quarter(2024, 4))
        assert fourth.figures["overall.good"].year_to_date == Ratio(4, 5)
        assert fourth.year_to_date == "2024-25 Q1 to Q4"
        assert report_on(Q1).figures["overall.good"].year_to_date == Ratio(1, 2)
        assert report_on(Q1).year_to_date == "2024-25 Q1"


class TestAnswers:
    def answer(self, code: str, value: str, kind: QuestionKind = QuestionKind.PRACTICE) -> None:
        audit = submitted_audit(month=MAY)
        question = QuestionFactory(version=audit.tool_version, code=code, kind=kind)
        Answer.objects.create(audit=audit, question=question, value=value)

    def test_yes_and_not_evidenced_of_those_that_apply(self) -> None:
        for value in ("yes", "yes", "partly", "no", "not_evidenced", "not_applicable"):
            self.answer("V6", value)
        figures = report_on(Q1).figures
        assert figures["question.V6.yes"].now == Ratio(2, 5)
        assert figures["question.V6.not_evidenced"].now == Ratio(1, 5)

    def test_a_question_is_one_measure_across_versions_of_its_tool(self) -> None:
        self.answer("V6", "yes")
        shipped = Tool.objects.get(code="cin_cp")
        question = QuestionFactory(
            version=ToolVersionFactory(tool=shipped, number=99), code="V6", text="In newer words?"
        )
        Answer.objects.create(audit=submitted_audit(month=MAY), question=question, value="no")
        assert report_on(Q1).figures["question.V6.yes"].now == Ratio(1, 2)
        assert [str(each) for each in practice_questions() if each.code == "V6"] == ["V6 In newer words?"]

    def test_questions_stand_by_page_and_in_the_order_of_their_numbers(self) -> None:
        codes = [question.code for question in practice_questions()]
        assert codes[:6] == ["H6", "H7", "H8", "V1", "V2", "V3"]
        assert codes.index("V9") + 1 == codes.index("V10")

    def test_the_words_of_a_version_not_yet_published_wait(self) -> None:
        draft = ToolVersionFactory(
            tool=Tool.objects.get(code="cin_cp"), number=99, status=ToolStatus.DRAFT, published_at=None
        )
        QuestionFactory(version=draft, code="V99")
        assert [each.code for each in practice_questions() if each.code == "V99"] == []

    def test_the_social_worker_took_part(self) -> None:
        for value in ("took_part", "invited", "declined"):
            self.answer("W1", value, QuestionKind.CHOICE)
        assert report_on(Q1).figures["worker_involved"].now == Ratio(1, 3)

    def test_feedback_leaves_out_families_nobody_should_ask(self) -> None:
        for value in ("feedback", "no_reply", "declined", "not_tried", "not_appropriate"):
            self.answer("F1_outcome", value, QuestionKind.CHOICE)
        assert report_on(Q1).figures["feedback.obtained"].now == Ratio(1, 4)

    def test_what_a_family_said_counts_once_whether_asked_one_by_one_or_together(self) -> None:
        """Two people of one family in a new audit, one answer in an old one."""
        self.answer("F3", "no", QuestionKind.CHOICE)
        new = submitted_audit(month=date(2024, 5, 1))
        question = Question.objects.get(code="F3", version=new.tool_version)
        for who, said in ((FamilyMember.CHILD, "yes"), (FamilyMember.MOTHER, "partly")):
            page = FamilyFeedback.objects.create(audit=new, person=who)
            FamilyAnswer.objects.create(feedback=page, question=question, value=said)
        assert report_on(Q1).figures["feedback.F3"].now == Ratio(1, 3)

    def test_the_childs_share_reads_who_gave_feedback(self) -> None:
        for ticked in (["mother", "child"], ["father"], []):
            self.answer("F2", "", QuestionKind.CHOICES)
            Answer.objects.filter(pk=Answer.objects.latest("pk").pk).update(selected=ticked)
        assert report_on(Q1).figures["feedback.child"].now == Ratio(1, 3)

    def test_words_are_not_counted(self) -> None:
        self.answer("V6", "yes", QuestionKind.TEXT)
        assert report_on(Q1).counted["V6.yes"] == 0


class TestWhichQuarters:
    def test_with_a_published_round_newest_first(self) -> None:
        for month in (APRIL, MAY, date(2025, 1, 1), date(2024, 3, 1)):
            RoundFactory(month=month)
        RoundFactory(month=date(2025, 6, 1), status=RoundStatus.DRAFT)
        assert reported_quarters() == [Quarter(2024, 4), Q1, Quarter(2023, 4)]

    def test_each_line_counts_its_own_quarter(self) -> None:
        submitted_audit(month=APRIL)
        submitted_audit(month=date(2025, 1, 1), overall=Grade.INADEQUATE)
        AllocationFactory(round=RoundFactory(month=APRIL))
        fourth = Quarter(2024, 4)
        assert [
            (line.quarter, line.return_rate, line.good_or_better) for line in quarter_lines([fourth, Q1])
        ] == [
            (fourth, Ratio(1, 1), Ratio(0, 1)),
            (Q1, Ratio(1, 2), Ratio(1, 1)),
        ]

    def test_a_quarter_without_anything_is_there_and_empty(self) -> None:
        assert {
            quarter: sum(counted.values()) for quarter, counted in returns_by_quarter(Q1, Q2).items()
        } == {
            Q1: 0,
            Q2: 0,
        }


class TestDraft:
    def test_says_when_it_was_counted_and_when_the_quarter_is_to_close(self) -> None:
        with time_machine.travel(NOON, tick=False):
            found = document("2024-25", "Q2")
        assert {key: found[key] for key in ("period", "status", "freezes_on", "as_of", "themes")} == {
            "period": "2024-25 Q2",
            "status": "draft",
            "freezes_on": "2024-10-21",
            "as_of": "2024-10-03T12:00:00+01:00",
            "themes": [],
        }

    def test_is_still_a_draft_long_afterwards(self) -> None:
        assert quarterly_report(Q1, at=datetime(2030, 1, 1, tzinfo=UTC)).as_document()["status"] == "draft"
