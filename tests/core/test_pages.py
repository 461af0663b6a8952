"""The frame every page stands in, and the pages that say no."""

import copy
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import engines
from django.test import Client, RequestFactory

from accounts.models import User
from tests.core.test_forms import Tags

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.sample_pages")]


@pytest.fixture(autouse=True)
def sample_templates(settings: Any) -> None:
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["DIRS"].append(Path(__file__).parent / "templates")


def words(response: Any) -> str:
    return " ".join(Tags(response.content.decode()).text.split())


def title(response: Any) -> str:
    return str(response.content.decode().split("<title>")[1].split("</title>")[0])


# the frame


def test_the_frame_carries_the_council_the_person_and_the_way_out(
    auditor_client: Client, settings: Any
) -> None:
    settings.COUNCIL_NAME = "Felpersham <Borough> Council"
    response = auditor_client.get("/sample/components/")
    page = Tags(response.content.decode())
    assert "Felpersham <Borough> Council" in page.text
    assert "Asha Auditor" in page.text
    assert [(form["method"], form["action"]) for form in page.named("form") if form["method"] == "post"] == [
        ("post", "/sign-out/")
    ]
    assert title(response) == "Your work – Child Journey Audits"


def test_a_signed_out_page_has_no_way_out() -> None:
    assert Tags(Client().get("/no-such-page/").content.decode()).named("form", "nav") == []


def test_no_page_has_inline_script_or_style(auditor_client: Client) -> None:
    for address in ("/sample/components/", "/sample/every-field/", "/no-such-page/"):
        page = Tags(auditor_client.get(address).content.decode())
        assert [attrs for attrs in page.named("script") if "src" not in attrs] == []
        assert page.named("style") == []
        assert [
            attrs
            for _, attrs in page.tags
            if "style" in attrs or any(name.startswith("on") for name in attrs)
        ] == []


def test_a_refused_form_says_so_in_its_title_and_above_its_heading(auditor_client: Client) -> None:
    response = auditor_client.post("/sample/every-field/", {"grade": "good"})
    html = response.content.decode()
    assert title(response) == "Error: Every kind of field – Child Journey Audits"
    assert html.index("govuk-error-summary") < html.index("<h1")
    assert [form["enctype"] for form in Tags(html).named("form") if "enctype" in form] == [
        "multipart/form-data"
    ]


def test_each_message_says_its_kind_and_has_its_own_id(auditor_client: Client) -> None:
    page = Tags(auditor_client.get("/sample/components/").content.decode())
    banners = [
        attrs for attrs in page.named("div") if attrs.get("data-module") == "govuk-notification-banner"
    ]
    assert [(banner["role"], banner["aria-labelledby"]) for banner in banners] == [
        ("alert", "banner-1"),
        ("alert", "banner-2"),
    ]


def test_pages_of_a_list_keep_the_rest_of_the_address() -> None:
    request = RequestFactory().get("/audits/", {"team": "North & East", "page": "2"})
    request.user = AnonymousUser()
    page = Paginator(range(100), 25).get_page(2)
    template = engines["django"].from_string('{% include "components/_pagination.html" %}')
    links = Tags(template.render({"page": page}, request)).named("a")
    assert [link["href"] for link in links] == [
        "?team=North+%26+East&page=1",
        "?team=North+%26+East&page=1",
        "?team=North+%26+East&page=2",
        "?team=North+%26+East&page=3",
        "?team=North+%26+East&page=4",
        "?team=North+%26+East&page=3",
    ]
    assert [link["aria-label"] for link in links if link.get("aria-current")] == ["Page 2"]


def test_a_list_of_one_page_has_no_pagination() -> None:
    template = engines["django"].from_string('{% include "components/_pagination.html" %}')
    assert template.render({"page": Paginator([1], 25).get_page(1)}).strip() == ""


# the pages that say no


@pytest.mark.parametrize(
    ("address", "status", "heading", "next_step"),
    [
        (
            "/sample/raises/403/",
            403,
            "Your role does not allow this",
            "ask business support to check your role",
        ),
        ("/no-such-page/", 404, "Page not found", "check that it is complete"),
        ("/sample/raises/409/", 409, "This cannot be done now", "Ask the QA lead to return it."),
    ],
)
def test_a_refusal_says_what_to_do_next(
    auditor_client: Client, address: str, status: int, heading: str, next_step: str
) -> None:
    response = auditor_client.get(address)
    assert response.status_code == status
    assert title(response) == f"{heading} – Child Journey Audits"
    assert next_step in words(response)


def test_what_does_not_exist_looks_the_same_signed_out() -> None:
    response = Client().get("/no-such-page/")
    assert response.status_code == 404
    assert title(response) == "Page not found – Child Journey Audits"


def test_a_fault_of_ours_is_answered_without_asking_the_database(asha: User) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(asha)
    response = client.get("/sample/raises/500/")
    assert response.status_code == 500
    assert title(response) == "Something went wrong here – Child Journey Audits"
    assert "The fault is the service’s, not yours." in words(response)


def test_an_unreadable_request_is_answered_400() -> None:
    response = Client().get("/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert title(response) == "The service could not read that – Child Journey Audits"


def test_too_much_text_is_answered_413(auditor_client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = auditor_client.post("/sample/every-field/", {"evidence": "x" * 200})
    assert response.status_code == 413
    assert title(response) == "That was too much to take in at once – Child Journey Audits"


def test_a_page_open_too_long_is_answered_403_and_keeps_the_text_with_the_person(asha: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(asha)
    response = client.post("/sample/every-field/", {"name": "Ola"})
    assert response.status_code == 403
    assert title(response) == "The page had been open too long – Child Journey Audits"
    assert "What you wrote is still in your browser" in words(response)
