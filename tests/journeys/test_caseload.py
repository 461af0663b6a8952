"""A month's caseload in a real browser: a wrong file, half a file, and the whole one."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from audits.annex_a import read_caseload
from audits.demo.annex_a_workbook import annex_a_workbook
from audits.models import Child
from audits.services.caseload import import_caseload
from tests.browser import assert_accessible, assert_summary_links_focus
from tests.factories.audits import submitted_audit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def upload(page: Page, content: bytes) -> None:
    page.goto("/caseload/imports/upload/")
    page.locator("input[type=file]").set_input_files(
        {"name": "annex a.xlsx", "mimeType": EXCEL, "buffer": content}
    )
    page.get_by_role("button", name="Continue").click()


def test_business_support_brings_in_a_month(
    page: Page, sign_in_as: Callable[[User], None], bella: User
) -> None:
    today = timezone.localdate()
    earlier = today - timedelta(days=30)
    import_caseload(read_caseload(annex_a_workbook(children=100, as_at=earlier), earlier), by=None)
    submitted_audit(month=date(2026, 6, 1), allocation={"child": Child.objects.order_by("reference")[0]})
    sign_in_as(bella)

    upload(page, b"Child Unique ID,Gender\n")
    expect(page.get_by_role("alert")).to_contain_text("This is not an Excel workbook.")
    assert_accessible(page)

    upload(page, annex_a_workbook(children=60, as_at=today).getvalue())
    expect(page.locator("main")).to_contain_text("Check that it holds every list and every team.")
    page.get_by_role("button", name="Apply to the caseload").click()
    expect(page.get_by_role("alert")).to_contain_text("tick the box to say so")
    assert_accessible(page)
    assert_summary_links_focus(page)
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("alert")).to_contain_text("The caseload is as it was.")
    assert_accessible(page)

    upload(page, annex_a_workbook(children=100, as_at=today).getvalue())
    page.get_by_role("button", name="Apply to the caseload").click()
    expect(page.get_by_role("alert")).to_contain_text("100 open children")
    page.go_back()
    expect(page.get_by_role("button", name="Apply to the caseload")).to_have_count(0)
    assert Child.objects.open().count() == 100

    page.get_by_role("link", name="Caseload").first.click()
    page.get_by_label("Pathway").select_option("cla")
    page.get_by_label("Order").select_option("waiting")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main tbody tr")).to_have_count(25)
    assert_accessible(page)
    page.locator("main tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Child ")
    assert_accessible(page)
