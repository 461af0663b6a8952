"""Targets and the council's performance figures: set, printed in every output, and refused where they say nothing."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts.models import User
from core.dates import FinancialYear, Quarter
from core.errors import RuleViolation
from core.shares import Ratio
from dashboards.aims import Aim
from dashboards.contents import Contents, Table
from dashboards.documents import working_copy
from dashboards.enums import Direction, ReportEdition
from dashboards.figures import Period
from dashboards.files import file_of
from dashboards.models import PerformanceFigure, Target
from dashboards.selectors.targets import targets_in
from dashboards.services.targets import Typed, remove_figure, set_target, type_figure
from tests.conftest import AssertQueries
from tests.dashboards.pages import tables_of
from tests.dashboards.worked_example import Q2, build

NOON = datetime(2024, 10, 3, 11, 0, tzinfo=UTC)
Q1 = Quarter(2024, 1)
YEAR = FinancialYear(2024)
VISITS = Typed(Q2, "visits.good_or_better", "Visits in time", "Performance dashboard", 180, 200)


class TestTheAim:
    @pytest.mark.parametrize(
        ("aim", "counted", "reached", "limit"),
        [
            (Aim("x", 95), Ratio(190, 199), True, 190),
            (Aim("x", 95), Ratio(189, 199), False, 190),
            (Aim("x", 100), Ratio(64, 64), True, 64),
            (Aim("x", 10, is_most=True), Ratio(6, 64), True, 6),
            (Aim("x", 10, is_most=True), Ratio(7, 64), False, 6),
        ],
    )
    def test_is_reached_by_counts_and_not_by_rounding(
        self, aim: Aim, counted: Ratio, *, reached: bool, limit: int
    ) -> None:
        assert (aim.is_reached(counted), aim.limit(counted.denominator)) == (reached, limit)

    @given(percent=st.integers(0, 100), whole=st.integers(1, 5000), is_most=st.booleans(), data=st.data())
    def test_the_limit_is_the_first_that_reaches(
        self, percent: int, whole: int, *, is_most: bool, data: st.DataObject
    ) -> None:
        aim, part = Aim("x", percent, is_most=is_most), data.draw(st.integers(0, whole))
        exact = part * 100 <= percent * whole if is_most else part * 100 >= percent * whole
        assert aim.is_reached(Ratio(part, whole)) == exact


def targets_table(contents: Contents) -> Table:
    [found] = [
        table for part in contents.parts for table in part.tables if table.caption.startswith("Progress")
    ]
    return found


def aimed(quentin: User) -> None:
    build()
    set_target("overall.good_or_better", Q1, percent=40, by=quentin, at=NOON)
    set_target("overall.inadequate", Q1, percent=20, direction=Direction.AT_MOST, by=quentin, at=NOON)
    set_target("return_rate", Q1, percent=None, by=quentin, at=NOON)
    set_target("moderation.coverage", Q1, percent=None, by=quentin, at=NOON)


@pytest.mark.django_db
class TestTargets:
    def test_the_newest_row_up_to_the_quarter_holds(self, quentin: User) -> None:
        set_target("return_rate", Q2, percent=80, by=quentin)
        set_target("return_rate", Q2, percent=85, by=quentin)
        set_target("return_rate", Quarter(2025, 1), percent=None, by=quentin)
        found = [targets_in(one).get("return_rate") for one in (Q1, Q2, Quarter(2024, 4), Quarter(2025, 2))]
        assert [str(one) if one else None for one in found] == [
            "at least 95%",
            "at least 85%",
            "at least 85%",
            None,
        ]
        assert Target.objects.count() == 2

    def test_only_the_qa_team_sets_them(self, meera: User) -> None:
        with pytest.raises(RuleViolation) as refusal:
            set_target("return_rate", Q2, percent=1, by=meera)
        assert refusal.value.sentence == (
            "The QA lead and the Principal Social Worker set targets and type in figures."
        )

    @pytest.mark.parametrize(
        ("period", "rows"),
        [
            (
                YEAR,
                (
                    (
                        "Overall: Inadequate",
                        "at most 20%",
                        "32 of 134 (24%)",
                        "0 of 0",
                        "Not reached yet: it takes 26 of 134 or fewer",
                    ),
                    (
                        "Overall: good or better",
                        "at least 40%",
                        "48 of 134 (36%)",
                        "0 of 0",
                        "Not reached yet: it takes 54 of 134",
                    ),
                ),
            ),
            (
                Q2,
                (
                    (
                        "Overall: Inadequate",
                        "at most 20%",
                        "12 of 64 (19%)",
                        "20 of 70 (29%)",
                        "Reached",
                    ),
                    (
                        "Overall: good or better",
                        "at least 40%",
                        "29 of 64 (45%)",
                        "19 of 70 (27%)",
                        "Reached",
                    ),
                ),
            ),
        ],
        ids=["year", "quarter"],
    )
    def test_every_output_says_how_far_the_figures_are(
        self, quentin: User, period: Period, rows: tuple[tuple[str, ...], ...]
    ) -> None:
        aimed(quentin)
        contents = working_copy(period, None, at=NOON).contents(ReportEdition.WHOLE, "Draft")
        assert targets_table(contents).rows == rows
        out = StringIO()
        name, arguments = (
            ("annual_report", ["2024-25"]) if period == YEAR else ("quarterly_report", ["2024-25", "Q2"])
        )
        call_command(name, *arguments, stdout=out)
        in_json = json.loads(out.getvalue())["targets"]
        assert in_json == list(contents.targets)
        header, *in_sheet = load_workbook(BytesIO(file_of(contents, "xlsx")))["Targets"].iter_rows(
            values_only=True
        )
        assert header[0] == "Code"
        assert [row[3:9] for row in in_sheet] == [
            (
                one["target"],
                one["since"],
                one["numerator"],
                one["denominator"],
                one["percent"],
                one["takes"],
            )
            for one in in_json
        ]
        assert [f"{one['numerator']} of {one['denominator']} ({one['percent']}%)" for one in in_json] == [
            row[2] for row in rows
        ]

    def test_a_figure_of_few_is_too_few_to_say(self, quentin: User) -> None:
        set_target("return_rate", Q1, percent=90, by=quentin)
        contents = working_copy(Q2, None, at=NOON).contents(ReportEdition.WHOLE, "Draft")
        assert {row[4] for row in targets_table(contents).rows} == {"Too few to say"}

    def test_the_page_sets_and_changes_one(self, qa_client: Client, time_machine_at: None) -> None:
        page = "/setup/targets/"
        posted = {"code": "visits.good_or_better", "since": "2026-27 Q3", "direction": "at_least"}
        answer = qa_client.post(page, {**posted, "percent": "101"})
        assert "must be 100 or less" in answer.text
        assert Target.objects.count() == 0
        assert qa_client.post(page, {**posted, "percent": "70"}).headers["Location"] == page
        row = Target.objects.get()
        assert tables_of(qa_client.get(page).text)["Targets that hold now"]["Visits: good or better"] == [
            "at least 70%",
            "2026-27 Q3",
        ]
        assert 'value="70"' in qa_client.get(page, {"change": row.pk}).text
        assert qa_client.get(page, {"change": "9" * 30}).status_code == 200


@pytest.mark.django_db
class TestPerformanceFigures:
    def test_stands_beside_the_finding_of_the_same_quarter(self, quentin: User) -> None:
        build()
        type_figure(VISITS, by=quentin)
        type_figure(
            Typed(Q1, "visits.good_or_better", "Days late", "By hand", value=Decimal("2.50"), unit="days"),
            by=quentin,
        )
        year = working_copy(YEAR, None, at=NOON).contents(ReportEdition.WHOLE, "Draft")
        part = next(part for part in year.parts if part.key == "visits")
        [table] = [one for one in part.tables if "performance figures" in one.caption]
        assert table.rows == (
            (
                "Days late",
                "By hand",
                "2024-25 Q1",
                "2.5 days",
                "Visits: good or better",
                "40 of 70 (57%)",
            ),
            (
                "Visits in time",
                "Performance dashboard",
                "2024-25 Q2",
                "180 of 200 (90%)",
                "Visits: good or better",
                "28 of 64 (44%)",
            ),
        )
        sheet = load_workbook(BytesIO(file_of(year, "xlsx")))["Performance"]
        rows = list(sheet.iter_rows(min_row=2, values_only=True))
        assert [row[3:8] for row in rows] == [
            (None, None, None, 2.5, "days"),
            (180, 200, 90, None, None),
        ]
        assert [row[9:] for row in rows] == [(40, 70, 57), (28, 64, 44)]

    def test_prose_may_quote_it_and_the_page_of_the_quarter_prints_it(
        self, quentin: User, qa_client: Client
    ) -> None:
        build()
        type_figure(VISITS, by=quentin)
        copy = working_copy(Q2, None, at=NOON)
        assert (200 in copy.performance[0].counts, 90 in copy.performance[0].percents) == (True, True)
        found = tables_of(qa_client.get("/reports/2024-25/Q2/").text)
        table = found["2024-25 Q2: the council’s performance figures beside the audits"]
        assert table["Visits in time"][2:] == ["180 of 200 (90%)", "Visits: good or better", "28 of 64 (44%)"]

    def test_the_board_reads_no_name_in_it(self, quentin: User, meera: User) -> None:
        build()
        type_figure(
            Typed(Q2, "visits.good_or_better", f"Told by {meera.name}", "CJA-2024-07-001", 1, 20), by=quentin
        )
        board = working_copy(Q2, None, at=NOON).contents(ReportEdition.BOARD, "Draft")
        assert [(one["name"], one["source"]) for one in board.performance] == [
            ("Told by [left out]", "[left out]")
        ]
        assert meera.name not in json.dumps(board.as_json())

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({}, "Type in how many of how many, or a number with its unit, and leave the other empty."),
            (
                {"numerator": 1, "denominator": 2, "value": Decimal(1), "unit": "days"},
                "Type in how many of how many, or a number with its unit, and leave the other empty.",
            ),
            (
                {"value": Decimal(1)},
                "Type in how many of how many, or a number with its unit, and leave the other empty.",
            ),
            ({"numerator": 0, "denominator": 0}, "Of how many? Nought of nought says nothing."),
            (
                {"numerator": 3, "denominator": 2},
                "There cannot be more counted than there are. Look at the two numbers again.",
            ),
        ],
    )
    def test_what_says_nothing_is_refused(self, quentin: User, given: dict[str, Any], sentence: str) -> None:
        with pytest.raises(RuleViolation) as refusal:
            type_figure(Typed(Q2, "return_rate", "Returned", "By hand", **given), by=quentin)
        assert refusal.value.sentence == sentence
        assert not PerformanceFigure.objects.exists()

    def test_the_database_refuses_it_too(self, quentin: User) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            PerformanceFigure.objects.create(
                first_day=date(2024, 7, 1),
                code="return_rate",
                name="Both",
                numerator=1,
                denominator=2,
                value=1,
                unit="days",
                source="By hand",
                typed_by=quentin,
                typed_at=NOON,
            )

    def test_typed_twice_is_refused_changed_and_taken_out(self, quentin: User, meera: User) -> None:
        made = type_figure(VISITS, by=quentin)
        with pytest.raises(RuleViolation) as refusal:
            type_figure(VISITS, by=quentin)
        assert refusal.value.sentence == (
            "2024-25 Q2 has a figure of that name beside this measure. Change that one."
        )
        type_figure(VISITS, by=quentin, figure=made)
        with pytest.raises(RuleViolation):
            remove_figure(made, by=meera)
        remove_figure(made, by=quentin)
        assert not PerformanceFigure.objects.exists()

    def test_the_pages(self, qa_client: Client, time_machine_at: None, assert_queries: AssertQueries) -> None:
        posted = {
            "quarter": "2026-27 Q2",
            "code": "question.V1.yes",
            "name": "Visits in time",
            "numerator": "1800",
            "denominator": "2000",
            "source": "Performance dashboard",
        }
        refused = qa_client.post("/reports/performance/add/", {**posted, "denominator": ""})
        assert "Type in how many of how many" in refused.text
        assert "1800" in refused.text
        answer = qa_client.post("/reports/performance/add/", posted)
        assert answer.headers["Location"] == "/reports/performance/"
        row = PerformanceFigure.objects.get()
        with assert_queries(4):
            assert "1800 of 2000 (90%)" in qa_client.get("/reports/performance/").text
        again = {**posted, "name": "Visits"}
        qa_client.post("/reports/performance/add/", again)
        with assert_queries(4):
            qa_client.get("/reports/performance/")
        qa_client.post(f"/reports/performance/{row.pk}/", {**posted, "numerator": "1700"})
        row.refresh_from_db()
        assert row.numerator == 1700
        for _ in range(2):
            qa_client.post(f"/reports/performance/{row.pk}/remove/")
        assert PerformanceFigure.objects.count() == 1
