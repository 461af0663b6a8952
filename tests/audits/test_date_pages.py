"""The dates of an audit as its auditor enters them, and what they do to its answers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audits.completeness import GivenAnswer, SectionContent
from audits.enums import AuditStatus, EventKind, Grade, Pathway, Section
from audits.models import Answer, Audit, AuditDates, AuditEvent, AuditSection
from audits.selectors import page_of
from audits.services.audits import save_section, submit_audit
from audits.services.timescales import MOST_DATES, StaleDates, add_dates, remove_date, set_circumstances
from audits.timescale_forms import parse_day
from core.errors import RuleViolation
from tests.audits.test_audit_services import VISITS, write_all
from tests.conftest import AssertQueries, ClientFor
from tests.factories.audits import ChildFactory, QuestionFactory, started_audit, submitted_audit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

MANY = "3 11 2026\n17/11/26\r\n\n 20.10.2026 \n6 October 2026\n"


def address(audit: Audit, name: str = "date_list", *args: object) -> str:
    return reverse(f"audits:{name}", args=(audit.allocation.reference, *args))


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split()).replace("&#x27;", "'")


def cin_audit(asha: User, pathway: str = Pathway.CIN) -> Audit:
    """Started on Wednesday 25 November 2026, so that 25 May to 25 November are graded."""
    audit = started_audit(asha, child=ChildFactory(pathway=pathway))
    audit.started_at = datetime(2026, 11, 25, 10, tzinfo=UTC)
    audit.save()
    return audit


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3 11 2026", date(2026, 11, 3)),
        ("03/11/2026", date(2026, 11, 3)),
        ("3/11/26", date(2026, 11, 3)),
        ("3.11.2026", date(2026, 11, 3)),
        ("3-11-26", date(2026, 11, 3)),
        ("3 November 2026", date(2026, 11, 3)),
        ("3 Nov 26", date(2026, 11, 3)),
        ("29 2 2024", date(2024, 2, 29)),
        ("29 2 2026", None),
        ("31/4/26", None),
        ("11/2026", None),
        ("2026-11-03", None),
        ("", None),
        ("\x00", None),
    ],
)
def test_a_day_as_people_write_it(text: str, day: date | None) -> None:
    assert parse_day(text) == day


class TestEntering:
    def test_many_dates_at_once_and_what_they_say(self, asha: User, auditor_client: Client) -> None:
        audit = cin_audit(asha)
        auditor_client.post(address(audit), {"kind": "opened", "on_0": "5", "on_1": "10", "on_2": "2026"})
        page = text_of(
            auditor_client.post(
                address(audit), {"kind": "visit", "days": MANY, "seen": "alone"}, follow=True
            ).text
        )
        assert "Visit: 4 dates added." in page
        assert list(AuditEvent.objects.filter(kind="visit").values_list("on", "seen")) == [
            (date(2026, 10, 6), "alone"),
            (date(2026, 10, 20), "alone"),
            (date(2026, 11, 3), "alone"),
            (date(2026, 11, 17), "alone"),
        ]
        assert "The months that are graded: 25 May 2026 to 25 November 2026" in page
        assert "V1 Yes, 2 of 2 2 of 2 visits on time; the longest gap was 14 days" in page
        assert "Mon 2 November 2026 Tue 20 October 2026 also 6 October on time" in page
        assert "Within 20 working days, then every 20 working days Local policy: shipped value" in page

    def test_the_same_date_twice_is_once_and_the_second_says_how_the_child_was_seen(
        self, asha: User, auditor_client: Client
    ) -> None:
        audit = cin_audit(asha)
        auditor_client.post(address(audit), {"kind": "visit", "days": "3 11 2026"})
        again = {"kind": "visit", "days": "3 11 2026\n4 11 2026", "seen": "not_seen"}
        page = text_of(auditor_client.post(address(audit), again, follow=True).text)
        assert "Visit: 1 date added; 1 had been entered already." in page
        assert list(AuditEvent.objects.values_list("on", "seen")) == [
            (date(2026, 11, 3), "not_seen"),
            (date(2026, 11, 4), "not_seen"),
        ]

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (
                {"days": "3 11 2026\nsoon\n31/2/26"},
                "Line 2: “soon” is not a date. Write it like 3 11 2026 or 3/11/26",
            ),
            ({"days": "3 11 2026\nsoon\n31/2/26"}, "Line 3: “31/2/26” is not a date."),
            ({"days": "26 11 2026"}, "Line 1: 26 November 2026 is still to come. Enter what has happened"),
            ({"days": "3 11 1926"}, "Line 1: 3 November 1926 is too long ago"),
            ({"days": ""}, "Enter a date, or several below"),
            ({"days": "3 11 2026", "kind": ""}, "Select what happened"),
            ({"days": "3 11 2026", "kind": "placement"}, "Select a valid choice"),
            (
                {"days": "3 11 2026", "on_0": "40", "on_1": "1", "on_2": "2026"},
                "Enter a real date, like 28 11 2026",
            ),
            ({"days": "", "on_0": "1", "on_1": "1", "on_2": "2027"}, "1 January 2027 is still to come"),
            (
                {"days": "3 11 2026", "kind": "supervision", "seen": "alone"},
                "Only of visits it is said whether the child was seen.",
            ),
        ],
    )
    def test_a_refusal_names_the_line_and_loses_nothing(
        self, asha: User, auditor_client: Client, data: dict[str, str], sentence: str
    ) -> None:
        audit = cin_audit(asha)
        response = auditor_client.post(address(audit), {"kind": "visit", **data})
        assert response.status_code == 200
        assert sentence in text_of(response.text)
        assert all(line in response.text for line in data["days"].splitlines())
        assert AuditEvent.objects.count() == 0

    def test_an_audit_holds_only_so_many(self, asha: User) -> None:
        audit = cin_audit(asha)
        days = [date.fromordinal(date(2026, 11, 1).toordinal() - number) for number in range(MOST_DATES)]
        add_dates(audit, kind="visit", days=days, by=asha)
        with pytest.raises(RuleViolation, match="at most 500 dates"):
            add_dates(audit, kind="supervision", days=[date(2026, 11, 2)], by=asha)
        assert AuditEvent.objects.count() == MOST_DATES

    def test_a_date_is_removed_and_twice_is_once(self, asha: User, auditor_client: Client) -> None:
        audit = cin_audit(asha)
        add_dates(audit, kind="visit", days=[date(2026, 11, 3)], by=asha)
        url = address(audit, "date_remove", AuditEvent.objects.get().pk)
        assert "Removed: Visit, 3 November 2026." in text_of(auditor_client.post(url, follow=True).text)
        assert AuditEvent.objects.count() == 0
        assert "has been removed already" in text_of(auditor_client.post(url, follow=True).text)

    def test_a_date_of_another_audit_is_not_removed(self, asha: User, auditor_client: Client) -> None:
        mine, other = cin_audit(asha), cin_audit(asha)
        add_dates(other, kind="visit", days=[date(2026, 11, 3)], by=asha)
        auditor_client.post(address(mine, "date_remove", AuditEvent.objects.get().pk))
        assert AuditEvent.objects.count() == 1


class TestCircumstances:
    def test_the_kind_of_placement_decides(self, asha: User, auditor_client: Client) -> None:
        audit = cin_audit(asha, Pathway.CLA)
        add_dates(audit, kind="placement", days=[date(2026, 9, 1)], by=asha)
        add_dates(audit, kind="visit", days=[date(2026, 9, 8)], by=asha)
        assert "Nothing to count yet" in auditor_client.get(address(audit)).text
        posted = {"placement": "parents_before_assessment", "version": "0"}
        page = auditor_client.post(address(audit, "circumstances_edit"), posted, follow=True).text
        assert "Within 1 week, then every week, later every 6 weeks" in text_of(page)
        assert "V1 Partly, 1 of 12" in text_of(page)

    def test_what_was_looked_for_and_not_found(self, asha: User, auditor_client: Client) -> None:
        audit = cin_audit(asha)
        posted = {"none_found": ["supervision"], "version": "0"}
        page = text_of(auditor_client.post(address(audit, "circumstances_edit"), posted, follow=True).text)
        assert "S1 No 0 of 5 sessions of supervision on time" in page
        add_dates(audit, kind="supervision", days=[date(2026, 11, 3)], by=asha)
        assert AuditDates.objects.get().none_found == []

    def test_dates_that_are_there_are_not_missing(self, asha: User, auditor_client: Client) -> None:
        audit = cin_audit(asha)
        add_dates(audit, kind="visit", days=[date(2026, 11, 3)], by=asha)
        response = auditor_client.post(
            address(audit, "circumstances_edit"), {"none_found": ["visit"], "version": "0"}
        )
        assert response.status_code == 409
        assert "You entered dates of this kind: visit. Remove them first" in text_of(response.text)
        assert AuditDates.objects.get().none_found == []

    def test_of_two_tabs_the_second_is_told_and_may_then_save(
        self, asha: User, auditor_client: Client
    ) -> None:
        audit = cin_audit(asha, Pathway.CLA)
        url = address(audit, "circumstances_edit")
        auditor_client.post(url, {"placement": "to_18", "version": "0"})
        response = auditor_client.post(url, {"placement": "short_of_18", "version": "0"})
        assert response.status_code == 409
        assert "Saved now: A placement planned to last until 18; nothing ticked." in text_of(response.text)
        assert AuditDates.objects.get().placement == "to_18"
        version = re.search(r'name="version" value="(\d+)"', response.text)
        assert version is not None
        assert (
            auditor_client.post(url, {"placement": "short_of_18", "version": version[1]}).status_code == 302
        )
        assert AuditDates.objects.get().placement == "short_of_18"

    @pytest.mark.parametrize("version", ["", "x", "9" * 5_000])
    def test_a_version_that_is_none_is_a_stale_tab(
        self, version: str, asha: User, auditor_client: Client
    ) -> None:
        audit = cin_audit(asha, Pathway.CLA)
        posted = {"placement": "to_18", "version": version}
        assert auditor_client.post(address(audit, "circumstances_edit"), posted).status_code == 409

    def test_the_service_tells_it_too_and_twice_the_same_is_once(self, asha: User) -> None:
        audit = cin_audit(asha, Pathway.CLA)
        for _ in range(2):
            saved = set_circumstances(audit, placement="to_18", none_found=[], version=0, by=asha)
        assert saved.version == 1
        with pytest.raises(StaleDates):
            set_circumstances(audit, placement="", none_found=[], version=0, by=asha)


class TestWhoMay:
    def test_after_it_is_submitted_dates_are_read_and_not_changed(
        self, asha: User, auditor_client: Client, qa_client: Client
    ) -> None:
        audit = submitted_audit(by=asha)
        AuditDates.objects.create(audit=audit)
        event = AuditEvent.objects.create(audit=audit, kind="visit", on=date(2026, 11, 3))
        for client in (auditor_client, qa_client):
            page = client.get(address(audit)).text
            assert "Tue 3 November 2026" in page
            assert "Add dates" not in page
            assert "/remove/" not in page
        response = auditor_client.post(address(audit), {"kind": "visit", "days": "4 11 2026"})
        assert response.status_code == 409
        assert "was submitted and can only be read" in text_of(response.text)
        assert "4 11 2026" in response.text
        assert auditor_client.post(address(audit, "date_remove", event.pk)).status_code == 409
        assert auditor_client.post(address(audit, "circumstances_edit"), {"version": "0"}).status_code == 409
        assert AuditEvent.objects.count() == 1

    @pytest.mark.parametrize("who", ["quentin", "priya", "meera", "bella", "stella"])
    def test_a_drafts_dates_are_its_auditors_alone(
        self, who: str, asha: User, client_for: ClientFor, request: pytest.FixtureRequest
    ) -> None:
        audit = cin_audit(asha)
        client = client_for(request.getfixturevalue(who))
        assert client.get(address(audit)).status_code == 404
        assert client.post(address(audit), {"kind": "visit", "days": "3 11 2026"}).status_code == 404
        assert client.post(address(audit, "circumstances_edit"), {"version": "0"}).status_code == 404
        assert AuditEvent.objects.count() == 0

    @pytest.mark.parametrize("who", ["quentin", "stella"])
    def test_the_services_refuse_them_too(self, who: str, asha: User, request: pytest.FixtureRequest) -> None:
        audit, other = cin_audit(asha), request.getfixturevalue(who)
        add_dates(audit, kind="visit", days=[date(2026, 11, 3)], by=asha)
        event = AuditEvent.objects.get()
        for attempt in (
            lambda: add_dates(audit, kind="visit", days=[date(2026, 11, 4)], by=other),
            lambda: remove_date(audit, event, by=other),
            lambda: set_circumstances(audit, placement="", none_found=["assessment"], version=0, by=other),
        ):
            with pytest.raises(RuleViolation, match="Only the auditor who was given this audit can write it"):
                attempt()
        assert AuditEvent.objects.count() == 1

    def test_an_audit_that_was_returned_is_written_again(self, asha: User, qa_client: Client) -> None:
        audit = submitted_audit(by=asha)
        Audit.objects.update(status=AuditStatus.RETURNED)
        assert add_dates(audit, kind="visit", days=[date(2026, 11, 3)], by=asha) == 1
        assert qa_client.get(address(audit)).status_code == 404

    def test_a_long_list_of_one_kind_is_folded(self, asha: User, auditor_client: Client) -> None:
        audit = cin_audit(asha)
        add_dates(audit, kind="visit", days=[date(2026, 10, 1 + number) for number in range(6)], by=asha)
        add_dates(audit, kind="supervision", days=[date(2026, 11, 3)], by=asha)
        page = auditor_client.get(address(audit)).text
        folds = re.findall(
            r"<details class=\"govuk-details\"([^>]*)>\s*<summary.*?</summary>", page, re.DOTALL
        )
        assert [fold.strip() for fold in folds] == ["", "open"]
        assert "Visit: 6 dates, the latest 6 October 2026" in text_of(page)

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries(
        self, asha: User, auditor_client: Client, assert_queries: AssertQueries, rows: int
    ) -> None:
        audit = cin_audit(asha)
        add_dates(audit, kind="visit", days=[date(2026, 11, 2 + number) for number in range(rows)], by=asha)
        with assert_queries(7):  # roles, audit, dates, settings, events, rules, closures
            auditor_client.get(address(audit))


POST = {
    "grade": "requires_improvement",
    "evidence": "Two of three.",
    "difference": "She talks.",
    "version": "0",
}


@pytest.fixture
def dated(asha: User) -> Audit:
    """Two of three visits on time; V1 is asked."""
    QuestionFactory(code="V1", kind="practice_count", options={"count_labels": ["Made on time", "Due"]})
    audit = cin_audit(asha)
    add_dates(audit, kind="opened", days=[date(2026, 8, 3)], by=asha)
    # due 1 September, 28 September and 2 November
    add_dates(audit, kind="visit", days=[date(2026, 8, 28), date(2026, 9, 25), date(2026, 11, 3)], by=asha)
    return audit


class TestAnswers:
    def test_the_page_proposes_and_says_how_it_was_counted(
        self, dated: Audit, auditor_client: Client
    ) -> None:
        page = auditor_client.get(address(dated, "section_edit", "visits")).text
        assert "The dates say: Partly, 2 of 3. 2 of 3 visits on time; the longest gap was 39 days" in text_of(
            page
        )
        assert re.search(r'value="partly"[^>]*checked', page)
        assert re.search(r'name="V1__counted" value="2"', page)
        assert re.search(r'name="V1__counted_of" value="3"', page)
        assert not Answer.objects.exists()

    def test_what_agrees_needs_no_reason(self, dated: Audit, auditor_client: Client) -> None:
        posted = {**POST, "V1": "partly", "V1__counted": "2", "V1__counted_of": "3", "state": "completed"}
        response = auditor_client.post(
            address(dated, "section_edit", "visits"), {**posted, "V1__override": "No."}
        )
        assert response.status_code == 302
        answer = Answer.objects.get()
        assert (answer.counted, answer.counted_of, answer.override_reason) == (2, 3, "")

    def test_another_answer_needs_a_reason_which_readers_see(
        self, dated: Audit, asha: User, auditor_client: Client
    ) -> None:
        url = address(dated, "section_edit", "visits")
        other = {**POST, "V1": "yes", "V1__counted": "3", "V1__counted_of": "3", "state": "completed"}
        seen = text_of(auditor_client.post(url, other).text)
        assert "Say why V1 is not what the dates say (Partly, 2 of 3), or change it" in seen
        assert "Your answers are saved as a draft" in seen
        why = {**other, "V1__override": "The child was in hospital until then.", "version": "1"}
        assert auditor_client.post(url, why).status_code == 302
        assert AuditSection.objects.get(audit=dated, section="visits").is_complete
        check = text_of(auditor_client.get(address(dated, "audit_check")).text)
        assert "Another answer than the dates give, because: The child was in hospital until then." in check

    def test_saved_while_it_is_written_a_complete_page_that_differs_is_a_draft_again(
        self, dated: Audit, asha: User, auditor_client: Client
    ) -> None:
        agreed = GivenAnswer("partly", counted=2, counted_of=3)
        content = SectionContent(
            "requires_improvement", "Two of three.", "She talks.", answers={"V1": agreed}
        )
        save_section(dated, Section.VISITS, content, version=0, complete=True, by=asha)
        url = address(dated, "section_autosave", "visits")
        other = {**POST, "V1": "yes", "V1__counted": "3", "V1__counted_of": "3"}
        why = {**other, "V1__override": "In hospital until then.", "version": "1"}
        assert auditor_client.post(url, why).json()["remark"] == ""
        assert AuditSection.objects.get(audit=dated, section="visits").is_complete
        assert auditor_client.post(url, {**other, "version": "2"}).json()["remark"] == (
            "This section is a draft again until you complete it: "
            "Say why V1 is not what the dates say (Partly, 2 of 3), or change it."
        )
        assert not AuditSection.objects.get(audit=dated, section="visits").is_complete

    def test_a_draft_may_differ_without_one(self, dated: Audit, auditor_client: Client) -> None:
        other = {**POST, "V1": "yes", "V1__counted": "3", "V1__counted_of": "3"}
        assert auditor_client.post(address(dated, "section_edit", "visits"), other).status_code == 302

    def test_dates_entered_after_the_page_was_completed_are_checked_on_submit(
        self, asha: User, auditor_client: Client
    ) -> None:
        QuestionFactory(
            code="S1", section=Section.SUPERVISION, text="Was supervision as frequent as policy asks?"
        )
        audit = cin_audit(asha)
        write_all(audit, asha)
        content = SectionContent(
            Grade.REQUIRES_IMPROVEMENT, VISITS.evidence, VISITS.difference, answers={"S1": GivenAnswer("yes")}
        )
        save_section(audit, Section.SUPERVISION, content, version=1, complete=True, by=asha)
        set_circumstances(audit, placement="", none_found=["supervision"], version=0, by=asha)
        sentence = "Say why S1 is not what the dates say (No), or change it"
        with pytest.raises(RuleViolation, match=re.escape(f"Not submitted yet. {sentence}.")):
            submit_audit(audit, by=asha)
        check = auditor_client.get(address(audit, "audit_check")).text
        assert sentence in text_of(check)
        assert address(audit, "section_edit", "supervision") in check
        why = SectionContent(
            Grade.REQUIRES_IMPROVEMENT,
            VISITS.evidence,
            VISITS.difference,
            answers={"S1": GivenAnswer("yes", override_reason="Held weekly in the court team's record.")},
        )
        save_section(audit, Section.SUPERVISION, why, version=2, complete=True, by=asha)
        assert page_of(audit, Section.SUPERVISION).content == why
        assert submit_audit(audit, by=asha).status == AuditStatus.SUBMITTED

    def test_an_area_that_is_not_applicable_needs_no_reason(self, dated: Audit, asha: User) -> None:
        content = SectionContent(
            grade="not_applicable", not_applicable_reason="New.", answers={"V1": GivenAnswer("yes")}
        )
        assert save_section(dated, Section.VISITS, content, version=0, complete=True, by=asha).missing == ()

    def test_without_dates_nothing_is_proposed(self, asha: User, auditor_client: Client) -> None:
        QuestionFactory(code="V1", kind="practice_count", options={"count_labels": ["Made on time", "Due"]})
        page = auditor_client.get(address(cin_audit(asha), "section_edit", "visits")).text
        assert "The dates say" not in page
        assert "V1__override" not in page
        assert "checked" not in page
        assert "enter dates" in page

    def test_the_task_list_leads_to_the_dates(self, dated: Audit, auditor_client: Client) -> None:
        page = auditor_client.get(address(dated, "audit_detail")).text
        assert f'href="{address(dated)}"' in page
        assert EventKind.VISIT.label in auditor_client.get(address(dated)).text
