"""The pages of what happens to a submitted audit, its history, its print, and the log of who read it."""

import re
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.enums import Role
from accounts.models import User
from audits import history
from audits.enums import AccessKind, AuditStatus, ToldAs
from audits.history import HistoryEvent, history_of, register_history
from audits.models import (
    AccessRecord,
    Audit,
    AuditDates,
    AuditEvent,
    AuditSection,
    Reopening,
    UrgentNotice,
)
from audits.own_history import its_concerns, who_was_told_the_same_day
from audits.services.access import record_access
from audits.services.audits import submit_audit
from audits.services.concerns import Telephoned, acknowledge_concern, raise_concern
from audits.services.ledger import extend_allocation
from audits.services.moves import (
    decide_reopening,
    finalise_audit,
    propose_reopening,
    return_audit,
    void_audit,
)
from core import pdf
from core.errors import RuleViolation
from tests.audits.test_guards import around_the_pages
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import TeamFactory, auditor, person, team_manager
from tests.factories.audits import QuestionFactory, audit_at, submitted_audit

pytestmark = pytest.mark.django_db

WHY = "The gap in September is not explained."


def page(audit: Audit, name: str) -> str:
    return reverse(f"audits:{name}", args=(audit.allocation.reference,))


def seen(client: Client, audit: Audit, name: str = "audit_detail") -> str:
    response = client.get(page(audit, name))
    assert response.status_code == 200
    return " ".join(strip_tags(response.text).split())


@pytest.fixture
def audit(asha: User) -> Audit:
    best = dict.fromkeys(("visits", "assessments", "supervision"), "outstanding")  # what Outstanding needs
    team = {"child__team": TeamFactory(name="North")}
    return submitted_audit(by=asha, overall="outstanding", allocation=team, **best)


def test_the_qa_lead_returns_an_audit_and_its_auditor_reads_why(
    audit: Audit, qa_client: Client, auditor_client: Client
) -> None:
    assert "Return it for evidence" in seen(qa_client, audit)
    response = qa_client.post(page(audit, "audit_return"), {"reason": WHY}, follow=True)
    assert "is returned. Asha Auditor is being told by mail." in response.text
    text = seen(qa_client, audit)
    assert "Its auditor is writing again: nobody else reads the text" in text
    assert WHY in text
    assert "The record of 3 November shows it." not in text
    assert "Grades that count until it is final again" in text
    own = seen(auditor_client, audit)
    assert (
        f"Returned for evidence on {Audit.objects.get().moves.get().at:%-d %B %Y} by Quentin Lead: {WHY}"
        in own
    )
    assert "Add evidence to" in " ".join(strip_tags(auditor_client.get("/").text).split())


@pytest.mark.parametrize("name", ["audit_return", "audit_void"])
def test_without_a_reason_nothing_happens_and_nothing_is_lost(
    name: str, audit: Audit, qa_client: Client
) -> None:
    response = qa_client.post(page(audit, name), {"reason": "  "})
    assert (response.status_code, Audit.objects.get().status) == (200, AuditStatus.SUBMITTED)
    assert "<title>Error: " in response.text


def test_a_move_that_came_too_late_is_a_form_error_and_keeps_the_text(
    audit: Audit, qa_client: Client, priya: User
) -> None:
    finalise_audit(audit, grades={}, by=priya)
    response = qa_client.post(page(audit, "audit_return"), {"reason": WHY})
    assert "This audit is final. It can be reopened only if" in response.text
    assert WHY in response.text
    assert qa_client.get(page(audit, "audit_return")).url == page(audit, "audit_detail")


def test_voiding_says_first_what_follows_and_who_is_told(audit: Audit, qa_client: Client) -> None:
    text = seen(qa_client, audit, "audit_void")
    assert "This cannot be undone." in text
    assert "The child was not audited, and may be drawn again." in text
    assert "Who will be told Asha Auditor, by mail." in text
    response = qa_client.post(page(audit, "audit_void"), {"reason": WHY}, follow=True)
    assert "is void. Asha Auditor is being told by mail." in response.text
    assert "It is void and counts nowhere." in seen(qa_client, audit)


def test_both_grades_stand_side_by_side_with_who_decided(
    audit: Audit, priya: User, auditor_client: Client
) -> None:
    finalise_audit(audit, grades={"overall": "good"}, by=priya)
    text = seen(auditor_client, audit)
    assert "Overall Outstanding Good changed" in text
    assert "Visits Outstanding Outstanding Assessments" in text
    assert "Decided by Priya Principal on" in text


def test_reopening_is_proposed_by_one_and_decided_by_another(
    audit: Audit, qa_client: Client, psw_client: Client, quentin: User, priya: User
) -> None:
    finalise_audit(audit, grades={}, by=quentin)
    assert "Propose to reopen it" not in seen(psw_client, audit)
    qa_client.post(page(audit, "reopening_propose"), {"reason": WHY})
    reference = audit.allocation.reference
    assert f"Decide on reopening {reference}" in psw_client.get("/").text
    assert f"Decide on reopening {reference}" not in qa_client.get("/").text
    assert "It waits for the Principal Social Worker." in seen(qa_client, audit)
    assert "Propose to reopen it" not in seen(qa_client, audit)
    refused = psw_client.post(page(audit, "reopening_decide"), {"decision": "refuse", "reason": ""})
    assert "Enter why it is refused." in refused.text
    response = psw_client.post(page(audit, "reopening_decide"), {"decision": "approve"}, follow=True)
    assert "is reopened. Asha Auditor is being told by mail." in response.text
    assert Reopening.objects.get().decided_by == priya
    assert psw_client.get(page(audit, "reopening_decide")).status_code == 404
    assert f"Decide on reopening {reference}" not in psw_client.get("/").text


def test_a_refusal_leaves_it_final(audit: Audit, psw_client: Client, quentin: User) -> None:
    finalise_audit(audit, grades={}, by=quentin)
    propose_reopening(audit, by=quentin, reason=WHY)
    posted = {"decision": "refuse", "reason": "The panel had it."}
    response = psw_client.post(page(audit, "reopening_decide"), posted, follow=True)
    assert "Refused: " in response.text
    assert "The panel had it." in seen(psw_client, audit, "audit_history")


@pytest.mark.parametrize("name", ["audit_return", "audit_void", "reopening_propose"])
def test_nobody_has_a_button_or_a_page_for_an_audit_of_their_own(
    name: str, quentin: User, qa_client: Client
) -> None:
    own = audit_at(AuditStatus.FINALISED if "propose" in name else AuditStatus.SUBMITTED, quentin)
    assert "What you can do" not in seen(qa_client, own)
    assert qa_client.get(page(own, name)).status_code == 404
    assert qa_client.post(page(own, name), {"reason": WHY}).status_code == 404


def test_a_manager_reads_what_is_final_of_their_team_and_nothing_before(
    audit: Audit, manager_client: Client, quentin: User
) -> None:
    assert manager_client.get(page(audit, "audit_detail")).status_code == 404
    return_audit(audit, by=quentin, reason=WHY)
    submit_like(audit)
    finalise_audit(audit, grades={}, by=quentin)
    text = seen(manager_client, audit)
    assert "The record of 3 November shows it." in text
    assert WHY not in seen(manager_client, audit, "audit_history")
    assert audit.allocation.reference in manager_client.get(reverse("audits:audit_list")).text


def submit_like(audit: Audit) -> None:
    submit_audit(Audit.objects.get(pk=audit.pk), by=audit.allocation.auditor)


def titles(audit: Audit, user: User) -> list[str]:
    return [event.title for event in history_of(audit, user)]


def test_the_history_is_told_the_newest_first(
    asha: User, quentin: User, priya: User, qa_client: Client
) -> None:
    with time_machine.travel(datetime(2026, 11, 2, 9, tzinfo=UTC)):
        audit = audit_at(AuditStatus.SUBMITTED, asha)
    with time_machine.travel(datetime(2026, 11, 3, 9, tzinfo=UTC), tick=False):
        return_audit(audit, by=quentin, reason=WHY)
    with time_machine.travel(datetime(2026, 11, 4, 9, tzinfo=UTC), tick=False):
        submit_like(audit)
    with time_machine.travel(datetime(2026, 11, 5, 9, tzinfo=UTC), tick=False):
        finalise_audit(audit, grades={}, by=priya)
    with time_machine.travel(datetime(2026, 11, 6, 9, tzinfo=UTC), tick=False):
        proposed = propose_reopening(audit, by=quentin, reason="The school wrote.")
        decide_reopening(proposed, by=priya, approve=True)
    with time_machine.travel(datetime(2026, 11, 7, 9, tzinfo=UTC), tick=False):
        audit.refresh_from_db()
        void_audit(audit, by=quentin, reason="It is of the twin.")
    audit.refresh_from_db()
    assert titles(audit, quentin) == [
        *("Declared void", "Reopened", "Reopening proposed", "Final", "Submitted again"),
        *("Returned for evidence", "Allocated to Asha Auditor"),
    ]
    assert "Reopening proposed" not in titles(audit, asha)
    text = seen(qa_client, audit, "audit_history")
    assert f"Returned for evidence by Quentin Lead 3 November 2026 at 09:00 {WHY}" in text


def test_times_are_londons(asha: User, quentin: User, qa_client: Client) -> None:
    audit = audit_at(AuditStatus.SUBMITTED, asha)
    return_audit(audit, by=quentin, reason=WHY, at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    assert "2 July 2026 at 00:30" in seen(qa_client, audit, "audit_history")


def test_why_somebody_was_let_off_stays_private(asha: User, quentin: User, meera: User) -> None:
    audit = audit_at(AuditStatus.ALLOCATED, asha)
    extend_allocation(
        audit.allocation,
        due_on=date(2027, 1, 8),
        by=quentin,
        reason="In court.",
        at=datetime(2026, 11, 3, 9, tzinfo=UTC),
    )
    for user, reason in ((quentin, "In court."), (asha, "In court."), (meera, "")):
        events = [(event.title, event.by, event.text) for event in history_of(audit, user)]
        assert ("Extended to 8 January 2027", "Quentin Lead", reason) in events


def test_a_concern_is_told_to_those_who_may_read_it(asha: User, quentin: User, meera: User) -> None:
    audit = submitted_audit(by=asha, allocation={"child__team": TeamFactory(name="North")})
    concern = raise_concern(
        audit.allocation.audited_child.reference,
        risk="Alone at night.",
        telephoned=Telephoned("The duty desk at ten", reached_nobody=False),
        audit=audit,
        key=uuid4(),
        by=asha,
    )
    acknowledge_concern(concern, response="I am on my way.", by=quentin)
    told = {f"Immediate concern {concern}: raised": "Alone at night."}
    told[f"Immediate concern {concern}: acknowledged"] = "I am on my way."
    for user, expected in ((quentin, told), (asha, told), (meera, told), (auditor("Una"), {})):
        events = {event.title: event.text for event in its_concerns(audit, user)}
        assert events == expected, user


def test_who_was_told_the_same_day(asha: User, quentin: User, meera: User, sanjay: User) -> None:
    audit = audit_at(AuditStatus.SUBMITTED, asha)
    for manager, told_as in ((meera, ToldAs.TEAM_MANAGER), (sanjay, ToldAs.SERVICE_MANAGER)):
        UrgentNotice.objects.create(audit=audit, person=manager, told_as=told_as, at=audit.submitted_at)
    meera_was = "Meera Manager told the same day (Team manager)"
    both = [meera_was, "Sanjay Service told the same day (Service manager)"]
    for user, expected in ((quentin, both), (asha, both), (meera, [meera_was]), (auditor("Una"), [])):
        assert [event.title for event in who_was_told_the_same_day(audit, user)] == expected


def test_another_app_adds_to_the_history(
    audit: Audit, quentin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_registered", [])
    event = HistoryEvent(datetime(2026, 11, 3, 9, tzinfo=UTC), "The worker replied")
    replied = lambda _audit, _user: [event]  # noqa: E731
    for _ in range(2):
        register_history(replied)
    assert history_of(audit, quentin) == [event]


@pytest.mark.parametrize("moves", [1, 3])
def test_the_history_costs_the_same_however_long(
    moves: int, audit: Audit, quentin: User, qa_client: Client, assert_queries: AssertQueries
) -> None:
    for _ in range(moves):
        return_audit(audit, by=quentin, reason=WHY)
        submit_like(audit)
    with assert_queries(16):  # roles, audit; 7 of audits, 4 of moderation, 3 of actions
        qa_client.get(page(audit, "audit_history"))


@pytest.mark.parametrize("moves", [1, 3])
def test_reading_costs_the_same_however_long(
    moves: int, audit: Audit, quentin: User, qa_client: Client, assert_queries: AssertQueries
) -> None:
    for _ in range(moves):
        return_audit(audit, by=quentin, reason=WHY)
        submit_like(audit)
    with assert_queries(10):
        qa_client.get(page(audit, "audit_detail"))


def test_on_paper_is_everything_that_was_written(asha: User, quentin: User, qa_client: Client) -> None:
    audit = submitted_audit(by=asha)
    around_the_pages(audit, QuestionFactory(code="F3", section="feedback"), quentin)
    AuditDates.objects.create(audit=audit)
    AuditEvent.objects.bulk_create(
        AuditEvent(audit=audit, kind=kind, on=day)
        for kind, day in (
            ("opened", date(2026, 8, 3)),
            ("visit", date(2026, 8, 28)),
            ("visit", date(2026, 11, 3)),
        )
    )
    AuditSection.objects.filter(audit=audit, section="visits").update(
        ceiling="requires_improvement", ceiling_reason="a gap is unexplained", override_reason="In hospital."
    )
    said = seen(qa_client, audit, "audit_print")
    for words in (
        "The service advised at most Requires improvement because a gap is unexplained.",
        "The auditor graded above that: In hospital.",
        "Dates and timescales Child in need visits",
        "Dates: Visit 28 August 2026, 3 November 2026",
        "Took part, 3 November 2026, by video call: An hour.",
        "What they were told, on 3 November 2026 Good work.",
        "Mother: gave feedback, 3 November 2026, by video call",
        "The social worker’s reply: agrees Yes.",
        "Proposed actions Hold the review.",
    ):
        assert words in said, words


def test_what_is_printed_is_marked_and_has_nothing_around_it(audit: Audit, qa_client: Client) -> None:
    with time_machine.travel(datetime(2026, 11, 25, 15, 30, tzinfo=UTC), tick=False):
        response = qa_client.get(page(audit, "audit_print"))
    assert "Printed by Quentin Lead on 25 November 2026 at 15:30." in response.text
    assert "The record of 3 November shows it." in response.text
    assert "<nav" not in response.text
    assert "app.css" not in response.text


@pytest.mark.parametrize("status", AuditStatus)
def test_only_what_may_be_read_is_put_on_paper(
    status: AuditStatus, asha: User, auditor_client: Client, qa_client: Client
) -> None:
    audit = audit_at(status, asha)
    readable = status in ("submitted", "resubmitted", "finalised")
    for client in (auditor_client, qa_client):
        assert (client.get(page(audit, "audit_print")).status_code == 200) is readable


@pytest.mark.services
def test_the_pdf_is_tagged_named_by_reference_and_marked_on_every_page(
    audit: Audit, qa_client: Client
) -> None:
    from io import BytesIO  # noqa: PLC0415

    from pypdf import PdfReader  # noqa: PLC0415

    audit.sections.filter(section="visits").update(evidence="A long record.\n" * 200)
    response = qa_client.get(page(audit, "audit_pdf"))
    reference = audit.allocation.reference
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{reference}.pdf"'
    document = PdfReader(BytesIO(response.content))
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"].value is True
    assert document.trailer["/Root"]["/Lang"] == "en-GB"
    assert document.metadata.title.startswith(f"{reference}: audit of the journey of child ")
    assert len(document.pages) > 2
    for sheet in document.pages:
        words = " ".join(sheet.extract_text().split())
        assert re.search(r"Printed by Quentin Lead on .* Borsetshire Council\. About a child", words)
    assert [row.kind for row in AccessRecord.objects.all()] == [AccessKind.PDF]


@pytest.mark.services
def test_a_pdf_fetches_nothing() -> None:
    html = '<html lang="en"><title>x</title><img src="http://127.0.0.1:1/a.png" alt="x"><p>Text.</p></html>'
    assert pdf.pdf_of(html, ()).startswith(b"%PDF")


def test_a_server_without_pango_says_so(
    audit: Audit, qa_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def has_none(name: str, *rest: object, **more: object) -> object:
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libgobject-2.0-0'")
        return real(name, *rest, **more)

    import builtins  # noqa: PLC0415

    real = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", has_none)
    with pytest.raises(RuleViolation, match="pango library is not installed"):
        pdf.pdf_of("<p>x</p>", ())
    response = qa_client.get(page(audit, "audit_pdf"))
    assert response.status_code == 409
    assert "pango library is not installed" in response.text
    assert not AccessRecord.objects.exists()


def test_reading_somebody_elses_audit_is_written_down_once_an_hour(
    audit: Audit, quentin: User, qa_client: Client, auditor_client: Client
) -> None:
    with time_machine.travel(datetime(2026, 11, 25, 15, 40, tzinfo=UTC), tick=False):
        for _ in range(3):
            seen(qa_client, audit)
        seen(auditor_client, audit)
        qa_client.get(page(audit, "audit_print"))
    with time_machine.travel(datetime(2026, 11, 25, 16, 0, tzinfo=UTC), tick=False):
        seen(qa_client, audit)
        auditor_client.get(page(audit, "audit_print"))
    rows = AccessRecord.objects.order_by("pk").values_list("person__name", "kind", "at__hour")
    assert list(rows) == [
        ("Quentin Lead", "page", 15),
        ("Quentin Lead", "print", 15),
        ("Quentin Lead", "page", 16),
        ("Asha Auditor", "print", 16),
    ]


def test_who_may_not_read_leaves_no_row(audit: Audit, stranger_client: Client) -> None:
    for name in ("audit_detail", "audit_print", "audit_pdf", "audit_history"):
        assert stranger_client.get(page(audit, name)).status_code == 404
    assert not AccessRecord.objects.exists()


def test_information_governance_sees_all_and_everybody_their_own(
    audit: Audit, asha: User, quentin: User, priya: User, client_for: ClientFor
) -> None:
    other = submitted_audit(by=asha)
    for row, by in ((audit, quentin), (other, quentin), (audit, priya)):
        record_access(row, kind=AccessKind.PAGE, by=by)
    ian = client_for(person("Ian Records", Role.INFORMATION_GOVERNANCE))
    log = reverse("reading_log")

    def listed(client: Client, **filters: str) -> list[str]:
        return re.findall(r'data-label="Audit">([^<]+)<', client.get(log, filters).text)

    assert sorted(listed(ian)) == sorted([str(audit), str(audit), str(other)])
    assert listed(ian, reference=str(other).lower()) == [str(other)]
    assert listed(ian, person="priya") == [str(audit)]
    assert sorted(listed(client_for(quentin))) == sorted([str(audit), str(other)])
    assert listed(client_for(quentin), person="priya") != []
    assert listed(client_for(asha)) == []
    assert "Reading log" in ian.get("/").text
    assert "Reading log" not in client_for(quentin).get("/").text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_log_costs_the_same_for_one_and_three(
    rows: int, asha: User, quentin: User, client_for: ClientFor, assert_queries: AssertQueries
) -> None:
    for _ in range(rows):
        record_access(submitted_audit(by=asha), kind=AccessKind.PAGE, by=quentin)
    ian = client_for(person("Ian Records", Role.INFORMATION_GOVERNANCE))
    with assert_queries(3):
        assert ian.get(reverse("reading_log")).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_a_managers_list_costs_the_same_for_one_and_three(
    rows: int, asha: User, client_for: ClientFor, assert_queries: AssertQueries
) -> None:
    team = TeamFactory(name="North")
    for _ in range(rows):
        audit_at(AuditStatus.FINALISED, asha, child__team=team)
    manager = client_for(team_manager("Meera Manager", team))
    with assert_queries(4):
        assert manager.get(reverse("audits:audit_list")).status_code == 200
