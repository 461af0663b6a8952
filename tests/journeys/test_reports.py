"""The quarter in a real browser: what the Principal Social Worker opens, and what it keeps."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from accounts.models import User
from audits.models import ExportRecord
from core.dates import Quarter
from dashboards.composing import Words
from dashboards.services.reports import publish_report, save_section, send_report, start_report
from notifications.models import Message
from tests.browser import assert_accessible, assert_summary_links_focus
from tests.dashboards.worked_example import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_psw_reads_the_quarter(page: Page, sign_in_as: Callable[[User], None], priya: User) -> None:
    build()
    sign_in_as(priya)

    page.goto("/")
    page.get_by_role("link", name="Reports").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reports")
    assert_accessible(page)

    page.get_by_role("link", name="2024-25 Q2", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2024-25 Q2")
    chart = page.get_by_role("img", name="Assessments: 24 of 60 graded audits (40%) good or better")
    expect(chart).to_have_accessible_description(
        "2024-25 Q2: Outstanding 1, Good 23, Requires improvement 28, Inadequate 8. "
        "2024-25 Q1: Outstanding 0, Good 8, Requires improvement 13, Inadequate 3."
    )
    assert_accessible(page)

    page.get_by_role("link", name="What each measure means").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Measures explained")
    assert_accessible(page)


def test_on_paper_a_finding_stays_with_its_chart(
    page: Page, sign_in_as: Callable[[User], None], priya: User
) -> None:
    build()
    sign_in_as(priya)
    for address in ("/reports/2024-25/Q2/", "/reports/dashboard/grades/?from=2024-25+Q1&to=2024-25+Q2"):
        page.goto(address)
        headings = [" ".join(words.split()) for words in page.locator("main h2:visible").all_inner_texts()]
        printed = PdfReader(BytesIO(page.pdf(format="A4")))
        ends = [" ".join(sheet.extract_text().split())[-200:] for sheet in printed.pages]
        assert len(headings) > 5
        assert [(end, one) for end in ends[:-1] for one in headings if end.endswith(one)] == []


def test_a_report_is_written_by_one_and_published_by_another(
    page: Page, sign_in_as: Callable[[User], None], quentin: User, priya: User, sanjay: User
) -> None:
    build()
    start_report(Quarter(2024, 2), by=quentin)
    sign_in_as(quentin)
    address = "/reports/2024-25/Q2/report/"
    page.goto(f"{address}parts/headline/")
    narrative = page.get_by_label("Narrative (optional)")
    narrative.fill("Overall {{ overall.good_or_better }} are good or better, against 97% hoped for.")
    assert_accessible(page)
    page.get_by_role("button", name="Save").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(address)
    expect(page.get_by_text("No table of this report holds 97%")).to_be_visible()
    assert_accessible(page)
    page.goto(f"{address}send/")
    page.get_by_role("button", name="Send for review").click()

    sign_in_as(priya)
    page.goto(f"{address}publish/")
    assert_accessible(page)
    page.get_by_role("button", name="Publish").click()
    assert Message.objects.filter(kind="dashboards.report_published", recipient=sanjay).count() == 1

    sign_in_as(sanjay)
    page.goto("/reports/published/2024-25/Q2/1/")
    expect(page.get_by_text("Overall 29 of 64 (45%) are good or better")).to_be_visible()
    assert_accessible(page)


def test_a_learning_brief_is_written_by_one_and_published_by_another(
    page: Page, sign_in_as: Callable[[User], None], quentin: User, priya: User, asha: User
) -> None:
    sign_in_as(quentin)
    page.goto("/reports/briefs/start/")
    page.get_by_label("What is it about?").fill("Hearing fathers")
    page.get_by_role("button", name="Begin").click()
    assert_accessible(page)
    address = page.url.removesuffix("choose/")
    for heading in ("What audits found", "What good looks like"):
        page.goto(f"{address}points/add/")
        assert_accessible(page)
        page.get_by_label(heading).check()
        page.get_by_label("The point").fill("He was asked what he hoped for.")
        page.get_by_role("button", name="Save").click()
    assert_accessible(page)
    page.get_by_role("link", name="Send for review").click()
    page.get_by_role("button", name="Send for review").click()

    sign_in_as(priya)
    page.goto(address)
    page.get_by_role("link", name="Publish", exact=True).click()
    page.get_by_role("button", name="Publish").click()

    sign_in_as(asha)
    page.goto("/reports/briefs/")
    assert_accessible(page)
    page.get_by_role("link", name="Hearing fathers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hearing fathers")
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save it as a PDF").click()
    assert download.value.suggested_filename.endswith("-01-version-1.pdf")


def test_a_published_report_is_saved_for_the_board_and_whole(
    page: Page, sign_in_as: Callable[[User], None], quentin: User, priya: User, tmp_path: Path
) -> None:
    build()
    period = Quarter(2024, 2)
    document = start_report(period, by=quentin)
    save_section(document, "headline", Words("Quentin Lead wrote this."), version=0, by=quentin)
    send_report(document, by=quentin)
    publish_report(document, by=priya)

    sign_in_as(priya)
    page.goto("/reports/")
    page.get_by_role("link", name="Published reports").click()
    page.get_by_role("link", name="2024-25 Q2").click()
    page.get_by_role("link", name="Save as a file").click()
    assert_accessible(page)
    page.get_by_role("button", name="Save the file").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert_summary_links_focus(page)

    saved = {}
    for kind, ending in (("Word document", "docx"), ("PDF", "pdf"), ("Excel workbook", "xlsx")):
        for edition in ("Whole", "For the Board"):
            page.goto(page.url)
            page.get_by_label(kind).check()
            page.get_by_label(edition).check()
            page.get_by_label("What is it for?").fill("The Improvement Board of November")
            with page.expect_download() as download:
                page.get_by_role("button", name="Save the file").click()
            name = f"report-2024-25-Q2-version-1-{'board' if edition != 'Whole' else 'whole'}.{ending}"
            assert download.value.suggested_filename == name
            saved[edition, ending] = tmp_path / name
            download.value.save_as(saved[edition, ending])

    for edition in ("Whole", "For the Board"):
        words = "\n".join(one.text for one in Document(str(saved[edition, "docx"])).paragraphs)
        paper = "".join(sheet.extract_text() for sheet in PdfReader(saved[edition, "pdf"]).pages)
        book = load_workbook(saved[edition, "xlsx"])
        cells = [str(row[2]) for row in book["Words"].iter_rows(values_only=True)]
        named = edition == "Whole"
        assert ["Quentin Lead" in text for text in (words, paper, " ".join(cells))] == [named] * 3
        assert "29 of 64" in paper
    kept = ExportRecord.objects.filter(by=priya, reason="The Improvement Board of November")
    assert sorted(kept.values_list("format", "filters")) == [
        (ending, f"edition={edition}") for ending in ("docx", "pdf", "xlsx") for edition in ("board", "whole")
    ]


def test_a_target_and_a_performance_figure_stand_beside_what_audits_found(
    page: Page, sign_in_as: Callable[[User], None], quentin: User
) -> None:
    build()
    sign_in_as(quentin)
    page.goto("/setup/")
    page.get_by_role("link", name="Targets").click()
    assert_accessible(page)
    page.get_by_label("Measure").select_option("Overall: good or better")
    page.get_by_label("From which quarter on?").select_option("2024-25 Q2")
    page.get_by_label("Percentage (optional)").fill("101")
    page.get_by_role("button", name="Save the target").click()
    assert_summary_links_focus(page)
    page.get_by_label("Percentage (optional)").fill("60")
    page.get_by_role("button", name="Save the target").click()
    expect(page.get_by_role("row", name="Overall: good or better").first).to_contain_text("t least 60%")
    assert_accessible(page)

    page.goto("/reports/performance/")
    page.get_by_role("link", name="Type in a figure").click()
    assert_accessible(page)
    page.get_by_label("Quarter").select_option("2024-25 Q2")
    page.get_by_label("Beside which measure").select_option("Assessments: good or better")
    page.get_by_label("What it is called there").fill("Assessments in 45 working days")
    page.get_by_label("Counted (optional)").fill("180")
    page.get_by_label("Out of (optional)").fill("200")
    page.get_by_label("Where it is from").fill("Performance dashboard, seen on 14 October 2024")
    page.get_by_role("button", name="Save").click()
    assert_accessible(page)

    page.goto("/reports/2024-25/Q2/")
    expect(page.get_by_role("row", name="Assessments in 45 working days")).to_contain_text("24 of 60 (40%)")
    target = page.get_by_role("table", name="Progress against targets").get_by_role("row", name="Overall")
    expect(target).to_contain_text("Not reached: it takes 39 of 64")
