"""The audit tools to read: for the QA lead and the PSW, as their auditors see them."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audits.enums import ToolStatus
from audits.models import Question, Tool, ToolVersion
from core.guards import lifted
from tests.conftest import AssertQueries, ClientFor

pytestmark = pytest.mark.django_db

LIST = reverse("tools:tool_list")


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def codes_on(html: str) -> set[str]:
    return set(re.findall(r'<th scope="row" class="govuk-table__header">(\w+)</th>', html))


def test_the_list_shows_each_version_with_its_questions(qa_client: Client) -> None:
    cla = Tool.objects.get(code="cla")
    ToolVersion.objects.create(tool=cla, number=2)
    rows = re.findall(r"<tr.*?</tr>", qa_client.get(LIST).text, flags=re.DOTALL)[1:]
    shipped = f"Published {timezone.localdate():%-d %B %Y}, as shipped"
    assert [text_of(row) for row in rows] == [
        f"Child in need and child protection , version 1 1 {shipped} 93",
        "Child looked after , version 2 2 Draft Not yet 0",
        f"Child looked after , version 1 1 {shipped} 99",
        f"Leaving care , version 1 1 {shipped} 79",
    ]


def test_an_installation_without_tools_says_what_to_do(qa_client: Client) -> None:
    with lifted():
        ToolVersion.objects.all().delete()
    assert "Nobody can start an audit until a tool is published." in text_of(qa_client.get(LIST).text)


def test_a_tool_shows_every_question_with_where_it_is_asked(psw_client: Client) -> None:
    html = psw_client.get(reverse("tools:tool_detail", args=["cin_cp"])).text
    asked = Question.objects.filter(version__tool__code="cin_cp")
    assert codes_on(html) == set(asked.values_list("code", flat=True))
    assert text_of(html).count("Asked on: Child in need, Child protection") == 1
    assert (
        "V1 Were visits in the window made within the interval that applies? "
        "Yes: each visit was made by its due date. Count due visits in the last 6 months, then those made on time. "
        "Practice answer, with two numbers: visits made on time, visits due"
    ) in text_of(html)
    assert "Practice answer With a note: Which direct work tool was used?" in text_of(html)


def test_a_pathway_shows_what_its_auditor_is_asked(psw_client: Client) -> None:
    page = reverse("tools:tool_detail", args=["cin_cp"])
    front_door = codes_on(psw_client.get(page, {"pathway": "front_door"}).text)
    child_protection = codes_on(psw_client.get(page, {"pathway": "cp"}).text)
    assert child_protection - front_door == {"H5", "V5", "S11", "M10"}
    assert front_door - child_protection == set()


def test_a_pathway_of_another_tool_shows_the_whole_tool(psw_client: Client) -> None:
    page = reverse("tools:tool_detail", args=["cin_cp"])
    whole = codes_on(psw_client.get(page).text)
    assert codes_on(psw_client.get(page, {"pathway": "cla"}).text) == whole
    assert codes_on(psw_client.get(page, {"pathway": "nonsense"}).text) == whole


def test_grades_are_described_from_best_to_worst(psw_client: Client) -> None:
    html = psw_client.get(reverse("tools:tool_detail", args=["cla"])).text
    grades = re.findall(r'app-grade--(\w+)"', html)
    assert grades == ["outstanding", "good", "requires_improvement", "inadequate"] * 6


def test_a_version_has_an_address_of_its_own(psw_client: Client) -> None:
    ToolVersion.objects.create(tool=Tool.objects.get(code="cla"), number=2)
    newest = psw_client.get(reverse("tools:tool_detail", args=["cla"]))
    first = psw_client.get(reverse("tools:tool_version_detail", args=["cla", 1]))
    assert (newest.context["version"].number, first.context["version"].number) == (2, 1)
    assert codes_on(newest.text) == set()
    assert psw_client.get(reverse("tools:tool_version_detail", args=["cla", 9])).status_code == 404
    assert psw_client.get(reverse("tools:tool_detail", args=["nonsense"])).status_code == 404


@pytest.mark.parametrize("name", ["asha", "meera", "sanjay", "bella", "sid", "stella"])
def test_nobody_else_learns_that_the_pages_exist(
    name: str, request: pytest.FixtureRequest, client_for: ClientFor
) -> None:
    user: User = request.getfixturevalue(name)
    client = client_for(user)
    assert client.get(LIST).status_code == 404
    assert client.get(reverse("tools:tool_detail", args=["cla"])).status_code == 404
    assert client.get(reverse("tools:tool_version_detail", args=["cla", 1])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    count: int, qa_client: Client, assert_queries: AssertQueries
) -> None:
    with lifted():
        ToolVersion.objects.exclude(tool__code="cla").delete()
    cla = Tool.objects.get(code="cla")
    for number in range(2, count + 1):
        ToolVersion.objects.create(
            tool=cla, number=number, status=ToolStatus.SUPERSEDED, published_at=timezone.now()
        )
    with assert_queries(3):  # roles, page count, page
        assert len(qa_client.get(LIST).context["page_obj"].object_list) == count


def test_a_tool_costs_the_same_whatever_its_length(qa_client: Client, assert_queries: AssertQueries) -> None:
    for code in ("cla", "leaving_care"):
        with assert_queries(7):  # roles, version, questions, descriptors, open versions, in force, moves
            qa_client.get(reverse("tools:tool_detail", args=[code]))
