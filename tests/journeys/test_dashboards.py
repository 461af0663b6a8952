"""Each role's dashboard in a real browser: reached by its link, filtered by keyboard, saved and printed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.models import F
from playwright.sync_api import Page, expect

from accounts.enums import JobRole, Role
from accounts.models import User
from audits.enums import AuditStatus
from audits.models import Allocation, Audit
from tests.browser import NARROW, WIDE, assert_accessible
from tests.dashboards.worked_example import Q1, Q2
from tests.factories.accounts import TeamFactory, auditor, person, service_manager, team_manager
from tests.factories.audits import submitted_audits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignIn = Callable[[User], None]
CSV, XLSX = (
    re.compile(rf"^{as_format}\s*: Overall: grades, quarter by quarter") for as_format in ("csv", "xlsx")
)
WITHHOLDING = "What you print or save is read by others"


@pytest.fixture
def _audits() -> None:
    """North had three Good and four Inadequate audits in Q2, and seven Good ones in Q1; the council has more."""
    TeamFactory(name="South", service=TeamFactory(name="North").service)
    grades = {Q1: ["good"] * 7, Q2: ["good"] * 3 + ["inadequate"] * 4}
    for quarter, found in grades.items():
        for name in ("North", "South"):
            audits = submitted_audits(quarter.months[0], [{"overall": one} for one in found])
            Allocation.objects.filter(audit__in=audits).update(team=TeamFactory(name=name))
    Audit.objects.update(status=AuditStatus.FINALISED, finalised_at=F("submitted_at"))


def ada() -> User:
    """An auditor with seven of these audits."""
    user = auditor("Ada Auditor")
    Allocation.objects.filter(team__name="North", round__month=Q2.months[0]).update(auditor=user)
    return user


ROLES: dict[str, Callable[[], User]] = {
    "Your own audits": ada,
    "North": lambda: team_manager("Meera Manager", TeamFactory(name="North")),
    "service": lambda: service_manager("Sanjay Service", TeamFactory(name="North").service),
    "The whole council": lambda: person("Lena Leader", Role.SENIOR_LEADER, job_role=JobRole.DIRECTOR),
    "PSW": lambda: person("Priya Principal", Role.PSW, job_role=JobRole.PRINCIPAL_SOCIAL_WORKER),
}


def open_dashboard(page: Page, who: str) -> None:
    page.goto("/")
    if who == "PSW":
        page.get_by_role("link", name="Reports", exact=True).click()
        page.get_by_role("link", name="Dashboard of the council, its services and teams").click()
    else:
        page.get_by_role("link", name="Dashboard", exact=True).click()


def to_by_keyboard(page: Page, ident: str) -> None:
    """Tab on until the control with that id has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == ident:
            return
    pytest.fail(f"The keyboard does not reach {ident}.")


@pytest.mark.usefixtures("_audits")
@pytest.mark.parametrize("who", ROLES)
def test_a_role_reaches_filters_saves_and_prints_its_dashboard(
    page: Page, sign_in_as: SignIn, tmp_path: Path, who: str
) -> None:
    sign_in_as(ROLES[who]())
    open_dashboard(page, who)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Grades")
    assert_accessible(page)

    to_by_keyboard(page, "id_from")
    page.keyboard.type("2024-25 Q1")
    to_by_keyboard(page, "id_to")
    page.keyboard.type("2024-25 Q2")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**from=2024-25+Q1&to=2024-25+Q2")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2024-25 Q1 to 2024-25 Q2")
    row = page.get_by_role("table", name="Overall: grades, quarter by quarter", exact=True).get_by_role(
        "row", name="2024-25 Q2"
    )
    is_one_team = who in ("North", "Your own audits")
    expect(row).to_contain_text("3 of 7" if is_one_team else "of 14 (")

    leaves_less = who in ("North", "service")
    with page.expect_download() as download:
        page.get_by_role("link", name=CSV).click()
    saved = tmp_path / "overall.csv"
    download.value.save_as(saved)
    assert ("withheld" in saved.read_text("utf-8-sig")) == leaves_less
    with page.expect_download() as download:
        page.get_by_role("link", name=XLSX).click()
    assert download.value.suggested_filename == "grades-overall.xlsx"

    page.emulate_media(media="print")
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        expect(page.get_by_role("button", name="Show")).to_be_hidden()
        expect(page.get_by_role("link", name=CSV)).to_be_hidden()
        expect(page.get_by_text(WITHHOLDING)).to_have_count(int(leaves_less))
        words = page.inner_text("main")
        assert ("3 of 7" in words) == (who == "Your own audits")
        assert ("withheld" in words) == (leaves_less or who == "The whole council")
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.usefixtures("_audits")
@pytest.mark.parametrize("subject", ["questions", "returns", "moderation", "actions", "coverage", "months"])
def test_the_other_subjects_keep_what_was_chosen(page: Page, sign_in_as: SignIn, subject: str) -> None:
    sign_in_as(ROLES["PSW"]())
    page.goto(f"/reports/dashboard/{subject}/?from=2024-25+Q1&to=2024-25+Q2")
    assert_accessible(page)
    page.get_by_role("link", name="Grades", exact=True).click()
    page.wait_for_url("**/grades/?from=2024-25+Q1&to=2024-25+Q2")
    expect(page.get_by_role("img").first).to_be_visible()
