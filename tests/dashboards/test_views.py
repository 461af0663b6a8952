"""Who opens the reports, what an empty one says, and what each page costs."""

from datetime import date

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audits.enums import Grade, RoundStatus
from dashboards.measures.table import MEASURES
from tests.conftest import AssertQueries
from tests.dashboards.pages import tables_of
from tests.factories.audits import RoundFactory, submitted_audits

pytestmark = pytest.mark.django_db

PAGES = ["/reports/", "/reports/2024-25/Q2/"]


@pytest.mark.parametrize("url", PAGES)
class TestWhoReads:
    def test_the_qa_lead_and_the_psw(self, url: str, qa_client: Client, psw_client: Client) -> None:
        assert [client.get(url).status_code for client in (qa_client, psw_client)] == [200, 200]

    def test_for_everybody_else_the_page_does_not_exist(
        self,
        url: str,
        auditor_client: Client,
        manager_client: Client,
        support_client: Client,
        stranger_client: Client,
    ) -> None:
        clients = (auditor_client, manager_client, support_client, stranger_client)
        assert [client.get(url).status_code for client in clients] == [404] * 4

    def test_without_the_permission_everybody_would_read(
        self, url: str, stranger_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("dashboards.views.quarters.can_read_reports", lambda _user: True)
        assert stranger_client.get(url).status_code == 200

    def test_after_signing_in(self, url: str, client: Client) -> None:
        assert client.get(url).headers["Location"] == f"/sign-in/?next={url}"


@pytest.mark.parametrize(
    "address",
    [
        "2024-26/Q1",
        "2024-25/Q5",
        "2024-25/Q0",
        "2024-25/q1",
        "2024/Q1",
        "1999-00/Q1",
        "9999-00/Q4",
        "0000-01/Q1",
    ],
)
def test_what_is_no_quarter_is_no_page(address: str, psw_client: Client) -> None:
    assert psw_client.get(f"/reports/{address}/").status_code == 404


@pytest.mark.parametrize("address", ["2000-01/Q1", "2098-99/Q4"])
def test_the_first_and_the_last_quarter_open(address: str, psw_client: Client) -> None:
    assert psw_client.get(f"/reports/{address}/").status_code == 200


class TestTheList:
    def test_empty(self, psw_client: Client) -> None:
        page = psw_client.get("/reports/").content.decode()
        assert tables_of(page) == {}
        assert "No quarter to report yet" in page

    def test_a_draft_round_makes_no_quarter(self, psw_client: Client) -> None:
        RoundFactory(status=RoundStatus.DRAFT)
        assert tables_of(psw_client.get("/reports/").content.decode()) == {}

    def test_newest_first_with_numerator_and_denominator(self, psw_client: Client) -> None:
        submitted_audits(date(2024, 4, 1), [{"overall": Grade.GOOD}] * 9 + [{"overall": Grade.INADEQUATE}])
        submitted_audits(date(2025, 3, 1), [{"overall": Grade.INADEQUATE}] * 9)
        table = tables_of(psw_client.get("/reports/").content.decode())["Quarters"]
        assert list(table.items()) == [
            ("Quarter", ["Months", "Figures", "Audits returned", "Good or better overall", "Report"]),
            (
                "2024-25 Q4",
                ["January to March 2025", "Draft", "9 of 9", "0 of 9", "Words and files of 2024-25 Q4"],
            ),
            (
                "2024-25 Q1",
                [
                    "April to June 2024",
                    "Draft",
                    "10 of 10 (100%)",
                    "9 of 10 (90%)",
                    "Words and files of 2024-25 Q1",
                ],
            ),
        ]

    def test_25_a_page(self, psw_client: Client) -> None:
        for year in range(2018, 2025):
            for month in (1, 4, 7, 10):
                RoundFactory(month=date(year, month, 1))
        first = tables_of(psw_client.get("/reports/").content.decode())["Quarters"]
        second = tables_of(psw_client.get("/reports/?page=2").content.decode())["Quarters"]
        assert (len(first) - 1, list(second)) == (25, ["Quarter", "2018-19 Q2", "2018-19 Q1", "2017-18 Q4"])

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(page=st.text(max_size=20))
    def test_any_page_number_is_answered(self, psw_client: Client, page: str) -> None:
        assert psw_client.get("/reports/", {"page": page}).status_code == 200


def test_the_explanations_come_from_the_table_of_measures(psw_client: Client) -> None:
    table = tables_of(psw_client.get("/reports/measures/").content.decode())[
        "Every measure, with its definition"
    ]
    assert [cells[:4] for label, cells in table.items() if label != "Measure"] == [
        [measure.numerator, measure.denominator, measure.excludes, measure.printed_as] for measure in MEASURES
    ]
    assert table["Each area: good or better"][4] == "<area>.good_or_better"


def test_whoever_has_figures_reads_what_they_mean(
    auditor_client: Client, manager_client: Client, support_client: Client, stranger_client: Client
) -> None:
    for client in (auditor_client, manager_client):
        assert 'href="/reports/measures/"' in client.get("/reports/dashboard/").text
        page = client.get("/reports/measures/").text
        assert ('href="/reports/dashboard/"' in page, 'href="/reports/"' in page) == (True, False)
    assert [client.get("/reports/measures/").status_code for client in (support_client, stranger_client)] == [
        404,
        404,
    ]


def test_what_the_pages_cost_does_not_grow(psw_client: Client, assert_queries: AssertQueries) -> None:
    for month, audits in ((4, 1), (7, 2), (10, 30)):
        submitted_audits(date(2024, month, 1), [{"overall": Grade.GOOD}] * audits)
        with assert_queries(5):
            psw_client.get("/reports/")
        with assert_queries(19):
            psw_client.get("/reports/2024-25/Q3/")
        with assert_queries(2):
            psw_client.get("/reports/measures/")
