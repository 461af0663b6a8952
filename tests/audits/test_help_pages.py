"""Help for everybody who signs in, and two statements for anybody at all."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from audits.models import ToolVersion
from core.guards import lifted
from tests.conftest import AssertQueries

pytestmark = pytest.mark.django_db

HEADINGS = {
    "index": "Help",
    "grading": "How to grade well",
    "your_audit": "What happens to my audit",
    "moderation": "How moderation works",
    "at_risk": "A child is at risk now",
    "your_actions": "Your actions",
    "involving": "Involve the worker and the family",
    "glossary": "Glossary",
    "accessibility": "Accessibility statement",
    "privacy": "Privacy notice",
}
PUBLIC = {"accessibility", "privacy"}


def heading_of(html: str) -> list[str]:
    return [
        " ".join(re.sub(r"<[^>]+>", " ", h1).split()) for h1 in re.findall(r"<h1.*?</h1>", html, re.DOTALL)
    ]


@pytest.mark.parametrize("name", HEADINGS)
def test_each_page_says_what_it_is(name: str, stranger_client: Client) -> None:
    html = stranger_client.get(reverse(f"help:{name}")).text
    assert heading_of(html) == [HEADINGS[name]]
    assert f"<title>{HEADINGS[name]} – Child Journey Audits</title>" in html


@pytest.mark.parametrize("name", HEADINGS)
def test_only_the_statements_are_read_without_signing_in(name: str, client: Client) -> None:
    response = client.get(reverse(f"help:{name}"))
    if name in PUBLIC:
        assert heading_of(response.text) == [HEADINGS[name]]
    else:
        assert response.headers["Location"] == f"{reverse('account_login')}?next={reverse(f'help:{name}')}"


def test_the_index_leads_to_every_page(stranger_client: Client) -> None:
    html = stranger_client.get(reverse("help:index")).text
    links = set(re.findall(r'<h2 class="govuk-heading-m"><a class="govuk-link" href="([^"]+)"', html))
    assert links == {reverse(f"help:{name}") for name in HEADINGS if name != "index"}


def test_descriptors_are_those_of_the_tool_asked_for(auditor_client: Client) -> None:
    page = reverse("help:grading")
    first = auditor_client.get(page).text
    leaving_care = auditor_client.get(page, {"tool": "leaving_care"}).text
    assert "the child trusts the worker" in first
    assert "the young person trusts the worker" not in first
    assert "the young person trusts the worker" in leaving_care
    assert auditor_client.get(page, {"tool": "nonsense"}).text.count("the child trusts the worker") == 1


def test_descriptors_of_a_draft_are_not_shown(auditor_client: Client) -> None:
    cla = ToolVersion.objects.get(tool__code="cla")
    draft = ToolVersion.objects.create(tool=cla.tool, number=2)
    response = auditor_client.get(reverse("help:grading"), {"tool": "cla"})
    assert draft.number == 2
    assert response.context["version"] == cla


def test_without_a_published_tool_the_page_says_so(auditor_client: Client) -> None:
    with lifted():
        ToolVersion.objects.all().delete()
    assert "No audit tool is published" in auditor_client.get(reverse("help:grading")).text


def test_grading_help_costs_four_queries(auditor_client: Client, assert_queries: AssertQueries) -> None:
    with assert_queries(4):  # roles, tools, questions, descriptors
        auditor_client.get(reverse("help:grading"))
