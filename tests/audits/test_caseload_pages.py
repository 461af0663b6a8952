"""The caseload's pages: for those who run the programme, and for nobody else."""

from __future__ import annotations

import logging
import re
from datetime import date
from io import BytesIO

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django.asserts import assertRedirects

from accounts.models import Team, User
from audits.annex_a import read_caseload
from audits.enums import ImportStatus, Pathway
from audits.models import CaseloadImport, Child
from audits.services.caseload import import_caseload
from core import xlsx
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import TeamFactory
from tests.factories.annex_a import annex_a, row, workbook
from tests.factories.audits import ChildFactory, HoldingFactory, submitted_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

LIST, UPLOAD, IMPORTS = (
    reverse(f"caseload:{name}") for name in ("child_list", "import_upload", "import_list")
)
OCTOBER = date(2026, 10, 31)
AS_AT = {"as_at_0": "31", "as_at_1": "10", "as_at_2": "2026"}


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<main", 1)[-1]).split())


def rows_on(client: Client, url: str, **query: str) -> list[str]:
    """The text of each row of the page's last table, headings left out."""
    tables = re.findall(r"<tbody.*?</tbody>", client.get(url, query).text, flags=re.DOTALL)
    return (
        [text_of(found) for found in re.findall(r"<tr.*?</tr>", tables[-1], flags=re.DOTALL)]
        if tables
        else []
    )


def references(client: Client, **query: str) -> list[str]:
    return [found.split()[0] for found in rows_on(client, LIST, **query)]


def upload(client: Client, file: BytesIO, **data: str) -> str:
    """Upload a workbook; the address of the preview."""
    sent = SimpleUploadedFile("Annex A for Jamie Example.xlsx", file.getvalue())
    response = client.post(UPLOAD, {**AS_AT, **data, "workbook": sent})
    assert response.status_code == 302, text_of(response.text)
    return response["Location"]


def refused(client: Client, content: bytes, **data: str) -> str:
    response = client.post(UPLOAD, {**AS_AT, **data, "workbook": SimpleUploadedFile("a.xlsx", content)})
    assert response.status_code == 200
    assert "<title>Error: Import a caseload" in response.text
    return text_of(re.search(r'class="govuk-error-summary.*?</ul>', response.text, flags=re.DOTALL)[0])  # type: ignore[index]


# The children


def test_the_list_shows_the_child_without_a_name(qa_client: Client) -> None:
    north = TeamFactory(name="North")
    ChildFactory(reference="A1", pathway=Pathway.CLA, team=north, birth_year=2015, birth_month=6)
    submitted_audit(
        submitted_on=date(2026, 3, 4), allocation={"child": ChildFactory(reference="A2", team=north)}
    )
    assert rows_on(qa_client, LIST) == [
        "A1 Child looked after North 11 years Never",
        "A2 Child in need North 11 years 4 March 2026",
    ]


def test_the_figures_say_how_much_of_the_open_caseload_was_audited(qa_client: Client) -> None:
    ChildFactory()
    ChildFactory(closed_on=OCTOBER)
    twice = ChildFactory()
    for day in (date(2026, 2, 2), date(2026, 8, 3)):
        submitted_audit(month=day.replace(day=1), submitted_on=day, allocation={"child": twice})
    submitted_audit(submitted_on=date(2025, 11, 25), allocation={"child": ChildFactory()})
    assert "Open children 3 Audited in the last 12 months 1 Never audited 1" in text_of(
        qa_client.get(LIST).text
    )


def test_filters_are_in_the_address(qa_client: Client) -> None:
    north, south = TeamFactory(name="North"), TeamFactory(name="South")
    ChildFactory(reference="A1", team=north)
    ChildFactory(reference="A2", team=south, pathway=Pathway.CLA)
    ChildFactory(reference="B3", team=south, closed_on=OCTOBER)
    submitted_audit(
        month=date(2025, 6, 1),
        submitted_on=date(2025, 6, 9),
        allocation={"child": ChildFactory(reference="B4", team=north)},
    )
    submitted_audit(
        submitted_on=date(2026, 11, 3), allocation={"child": ChildFactory(reference="B5", team=north)}
    )
    assert references(qa_client) == ["A1", "A2", "B4", "B5"]
    assert references(qa_client, q="a") == ["A1", "A2"]
    assert references(qa_client, pathway="cla") == ["A2"]
    assert references(qa_client, team=str(south.pk)) == ["A2"]
    assert references(qa_client, show="closed") == ["B3"]
    assert references(qa_client, show="all", q="B") == ["B3", "B4", "B5"]
    assert references(qa_client, audited="never") == ["A1", "A2"]
    assert references(qa_client, audited="long_ago") == ["B4"]
    assert references(qa_client, audited="lately") == ["B5"]
    assert references(qa_client, order="waiting") == ["A1", "A2", "B4", "B5"]
    assert references(qa_client, order="waiting", team=str(north.pk)) == ["A1", "B4", "B5"]
    assert (
        "No child found" in text_of(qa_client.get(LIST, {"q": "Z"}).text)
        or references(qa_client, q="Z") == []
    )


@pytest.mark.parametrize(
    "query", [{"team": "nobody"}, {"pathway": "x", "page": "x"}, {"q": "\x00"}, {"q": "x" * 99}]
)
def test_what_nobody_offered_filters_nothing(qa_client: Client, query: dict[str, str]) -> None:
    ChildFactory(reference="A1")
    assert references(qa_client, **query) == ["A1"]


def test_teams_in_no_service_are_named_with_who_can_place_them(
    qa_client: Client, support_client: Client
) -> None:
    ChildFactory(team=TeamFactory(name="East", service=None))
    told = "1 team is in no service yet, so no service manager sees its work: East."
    assert f"{told} Business support can place it." in text_of(qa_client.get(LIST).text)
    assert f"{told} Place it in a service" in text_of(support_client.get(LIST).text)


def test_an_empty_caseload_says_what_to_do(qa_client: Client) -> None:
    assert "No children yet Import lists 6 to 9 of the Annex A workbook" in text_of(qa_client.get(LIST).text)


def test_the_list_takes_as_many_queries_for_one_child_as_for_three(
    qa_client: Client, assert_queries: AssertQueries
) -> None:
    for _ in range(2):
        submitted_audit(allocation={"child": ChildFactory()})
        with assert_queries(6):
            qa_client.get(LIST)
        ChildFactory()


def test_a_child_shows_what_is_held_who_held_them_and_their_audits(qa_client: Client) -> None:
    child = ChildFactory(reference="LCS/1", team=TeamFactory(name="North"), worker_name="Wren Hale")
    HoldingFactory(child=child, worker_name="Ola Reed", starts_on=date(2025, 1, 1), ends_on=date(2026, 1, 1))
    HoldingFactory(child=child, worker_name="Wren Hale", starts_on=date(2026, 1, 1))
    audit = submitted_audit(allocation={"child": child})
    address = reverse("caseload:child_detail", args=[child.pk])
    response = qa_client.get(address)
    assert rows_on(qa_client, address) == [
        "North Wren Hale Nobody named Child in need 1 January 2026 Today",
        "North Ola Reed Nobody named Child in need 1 January 2025 1 January 2026",
    ]
    assert "Pathway Child in need" in text_of(response.text)
    assert f"{audit.allocation.reference} November 2026 Asha Auditor Submitted" in text_of(response.text)
    assert reverse("audits:audit_detail", args=[audit.allocation.reference]) in response.text


def test_what_browsers_write_down_of_a_child_is_not_their_reference(qa_client: Client) -> None:
    """Addresses and titles stay in histories and in the logs of proxies."""
    child = ChildFactory(reference="LCS-90210")
    address = reverse("caseload:child_detail", args=[child.pk])
    title = re.search(r"<title>(.*?)</title>", qa_client.get(address).text, re.DOTALL)
    assert title is not None
    assert title[1].strip() == "Child – Child Journey Audits"
    assert "LCS-90210" not in address


def test_business_support_sees_who_audited_but_no_way_to_the_text(support_client: Client) -> None:
    child = ChildFactory(reference="A1")
    audit = submitted_audit(allocation={"child": child})
    html = support_client.get(reverse("caseload:child_detail", args=[child.pk])).text
    assert audit.allocation.reference in html
    assert reverse("audits:audit_detail", args=[audit.allocation.reference]) not in html


# Importing


def test_from_upload_to_applied(support_client: Client, bella: User) -> None:
    preview = upload(
        support_client, annex_a(cin=[row(1), row(2), row(3, **{"Allocated Team": "#N/A"})], cla=[row(2)])
    )
    shown = text_of(support_client.get(preview).text)
    assert "Uploaded by Bella Support on 25 November 2026 at 10:00. Nothing has been changed yet." in shown
    assert (
        "New children 2 Changed 0 Closed 0 no longer open in the workbook Unchanged 0 Rows rejected 1"
        in shown
    )
    assert "New team: North." in shown
    assert "Child in need 0 1 Child protection 0 0 Child looked after 0 1 Leaving care 0 0" in shown
    assert "Team Now After the import North 0 2" in shown
    assert rows_on(support_client, preview) == ["List 6 4 3 The row has no team."]
    assert Child.objects.count() == 0

    made = CaseloadImport.objects.get()
    apply_url = reverse("caseload:import_apply", args=[made.pk])
    response = support_client.post(apply_url, follow=True)
    assertRedirects(response, preview)
    done = text_of(response.text)
    assert "The caseload is up to date as at 31 October 2026: 2 open children." in text_of(
        response.text.replace("<main", "")
    )
    assert "Applied by Bella Support on 25 November 2026 at 10:00." in done
    assert "Place new teams in a service" in done
    assert rows_on(support_client, preview) == ["List 6 4 3 The row has no team."]
    assert list(Child.objects.values_list("reference", "pathway")) == [("1", "cin"), ("2", "cla")]

    again = support_client.post(apply_url, follow=True)  # the second click of a double click
    assertRedirects(again, preview)
    assert CaseloadImport.objects.get().number == 1


def everything_stored() -> str:
    """Every row of every table, sessions and messages to colleagues too."""
    return "\n".join(str(list(model._default_manager.values())) for model in apps.get_models())


def test_a_childs_name_is_stored_shown_and_logged_nowhere(
    qa_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """In a column of its own, beside the ID, where the ID should be, on another sheet, in the file's name."""
    caplog.set_level(logging.DEBUG)
    named = {"Child's Name": "Jamie Example", "Notes": "Jamie Example's mother rang"}
    book = load_workbook(
        annex_a(
            cin=[row(1, **named), row("Jamie Example", **named), row(2, **named, **{"Allocated Team": None})]
        )
    )
    book.create_sheet("List 1").append(["Jamie Example"])
    book.properties.creator = book.properties.title = "Jamie Example"
    file = BytesIO()
    book.save(file)
    preview = upload(qa_client, file)
    seen = [qa_client.get(preview).text, everything_stored()]
    apply_url = reverse("caseload:import_apply", args=[CaseloadImport.objects.get().pk])
    seen += [qa_client.post(apply_url, follow=True).text, everything_stored(), caplog.text]
    assert ["Example" in place.replace("council.example", "") for place in seen] == [False] * 5
    assert rows_on(qa_client, preview) == [
        "List 6 3 No ID The row has a child ID that does not look like one.",
        "List 6 4 2 The row has no team.",
    ]


def test_twin_a_name_that_is_stored_is_found() -> None:
    ChildFactory(worker_name="Jamie Example")
    assert "Jamie Example" in everything_stored()


def test_discard_forgets_what_was_read(qa_client: Client) -> None:
    preview = upload(qa_client, annex_a(cin=[row(1), row(2, **{"Allocated Team": None})]))
    made = CaseloadImport.objects.get()
    response = qa_client.post(reverse("caseload:import_discard", args=[made.pk]), follow=True)
    assertRedirects(response, IMPORTS)
    made.refresh_from_db()
    assert (made.status, made.payload, Child.objects.count()) == (ImportStatus.DISCARDED, {}, 0)
    assert "Nothing of this workbook was kept" in text_of(qa_client.get(preview).text)
    refusal = qa_client.post(reverse("caseload:import_apply", args=[made.pk]))
    assert refusal.status_code == 409
    assert "This import was discarded. Upload the workbook again." in text_of(refusal.text)


def test_many_closings_ask_for_a_tick(qa_client: Client, quentin: User) -> None:
    import_caseload(read_caseload(annex_a(cin=[row(n) for n in range(1, 5)]), OCTOBER), by=quentin)
    preview = upload(qa_client, annex_a(cin=[row(1), row(2)]))
    warning = "This file would close 2 of 4 open children. Check that it holds every list and every team."
    assert warning in text_of(qa_client.get(preview).text)
    apply_url = reverse("caseload:import_apply", args=[CaseloadImport.objects.waiting().get().pk])
    response = qa_client.post(apply_url)
    assert response.status_code == 409
    assert f"{warning} If it does, tick the box to say so and apply it again." in text_of(response.text)
    assert Child.objects.open().count() == 4
    assertRedirects(qa_client.post(apply_url, {"whole": "on"}), preview)
    assert Child.objects.open().count() == 2


def test_few_closings_ask_for_nothing(qa_client: Client, quentin: User) -> None:
    import_caseload(read_caseload(annex_a(cin=[row(n) for n in range(1, 6)]), OCTOBER), by=quentin)
    preview = upload(qa_client, annex_a(cin=[row(n) for n in range(1, 5)]))
    assert 'name="whole"' not in qa_client.get(preview).text


def test_a_preview_that_was_overtaken_can_only_be_discarded(qa_client: Client, priya: User) -> None:
    preview = upload(qa_client, annex_a(cin=[row(1)]))
    import_caseload(read_caseload(annex_a(cin=[row(2)]), date(2026, 11, 20)), by=priya)
    html = qa_client.get(preview).text
    assert "The caseload as at 20 November 2026 was imported already" in text_of(html)
    assert ("Apply to the caseload" in html, "Discard" in html) == (False, True)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty. Export the workbook again and choose that file."),
        (b"Child Unique ID,Gender\n", "This is not an Excel workbook."),
        (
            workbook({"Form1": [["Id"]]}).getvalue(),
            "The workbook has no sheet named List 6, List 7, List 8 or List 9.",
        ),
        (annex_a(cin=[row(1)]).getvalue()[:3000], "The workbook is damaged or incomplete."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "has a password."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "This is an older kind of Excel file (.xls)."),
        (b"%PDF-1.7", "This is not an Excel workbook."),
    ],
)
def test_a_bad_file_gets_one_sentence(qa_client: Client, content: bytes, sentence: str) -> None:
    assert sentence in refused(qa_client, content)
    assert CaseloadImport.objects.count() == 0


def test_a_file_that_unpacks_to_too_much_gets_one_sentence(
    qa_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MAX_UNPACKED_BYTES", 2_000)
    told = refused(qa_client, annex_a(cin=[row(1)]).getvalue())
    assert "The workbook holds more than this service reads at once." in told
    assert CaseloadImport.objects.count() == 0


def test_a_large_file_gets_one_sentence(qa_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_FILE_BYTES", xlsx.MEGABYTE)
    told = refused(qa_client, b"PK" + bytes(3 * xlsx.MEGABYTE))
    assert "The file is 4 MB and the limit is 1 MB." in told


def test_a_day_in_the_future_is_refused(qa_client: Client) -> None:
    told = refused(qa_client, annex_a(cin=[row(1)]).getvalue(), as_at_0="26", as_at_1="11")
    assert "The day on which it was exported must be today or in the past" in told


def test_an_upload_without_a_file_says_what_is_missing(qa_client: Client) -> None:
    shown = text_of(qa_client.post(UPLOAD, {}).text)
    assert (
        "There is a problem Select the Annex A workbook Enter the day on which it was exported Import a caseload"
    ) in shown


def test_the_history_lists_every_import(
    qa_client: Client, quentin: User, assert_queries: AssertQueries
) -> None:
    book = read_caseload(annex_a(cin=[row(1), row(2, **{"Allocated Team": None})]), OCTOBER)
    import_caseload(book, by=None)
    with assert_queries(3):
        (line,) = rows_on(qa_client, IMPORTS)
    assert line == (
        "31 October 2026 , uploaded 25 November 2026, 10:00 Applied The import command "
        "25 November 2026, 10:00 1 0 0 1"
    )
    import_caseload(book, by=quentin)
    upload(qa_client, annex_a(cin=[row(1)]))
    with assert_queries(3):
        assert [found.split("10:00 ")[1].split(" 25")[0] for found in rows_on(qa_client, IMPORTS)] == [
            "Waiting for a decision Quentin Lead",
            "Applied Quentin Lead",
            "Applied The import command",
        ]


@pytest.mark.parametrize("rejected", [1, 3])
def test_an_applied_import_takes_a_fixed_number_of_queries(
    qa_client: Client, quentin: User, assert_queries: AssertQueries, rejected: int
) -> None:
    rows = [row(1), *(row(9 + n, **{"Allocated Team": None}) for n in range(rejected))]
    made = import_caseload(read_caseload(annex_a(cin=rows), OCTOBER), by=quentin)
    with assert_queries(4):
        assert len(rows_on(qa_client, reverse("caseload:import_detail", args=[made.pk]))) == rejected


@pytest.mark.parametrize("children", [1, 3])
def test_a_preview_takes_a_fixed_number_of_queries(
    qa_client: Client, assert_queries: AssertQueries, children: int
) -> None:
    for number in range(children):
        ChildFactory(reference=str(100 + number))
    preview = upload(qa_client, annex_a(cin=[row(n) for n in range(1, children + 1)]))
    with assert_queries(5):
        qa_client.get(preview)


@pytest.mark.parametrize("who", ["asha", "meera", "sanjay", "sid", "stella"])
def test_everybody_else_meets_404(who: str, request: pytest.FixtureRequest, client_for: ClientFor) -> None:
    client = client_for(request.getfixturevalue(who))
    made = import_caseload(read_caseload(annex_a(cin=[row("A1")]), OCTOBER), by=None)
    pages = [
        LIST,
        UPLOAD,
        IMPORTS,
        reverse("caseload:child_detail", args=[Child.objects.get(reference="A1").pk]),
        reverse("caseload:import_detail", args=[made.pk]),
    ]
    assert [client.get(url).status_code for url in pages] == [404] * 5
    acts = [UPLOAD, *(reverse(f"caseload:import_{verb}", args=[made.pk]) for verb in ("apply", "discard"))]
    assert [client.post(url).status_code for url in acts] == [404] * 3


def test_acts_are_never_links(qa_client: Client) -> None:
    urls = [reverse(f"caseload:import_{verb}", args=[1]) for verb in ("apply", "discard")]
    assert [qa_client.get(url).status_code for url in urls] == [405, 405]
    assert Team.objects.count() == 0
