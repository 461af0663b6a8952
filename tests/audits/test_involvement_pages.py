"""The pages of the worker, the family, the actions and the reply, as a browser meets them."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audits.models import (
    Answer,
    Audit,
    FamilyContact,
    ProposedAction,
    WorkerContact,
    WorkerFeedback,
    WorkerReply,
)
from tests.conftest import AssertQueries
from tests.factories.accounts import TeamFactory
from tests.factories.audits import (
    AllocationFactory,
    AuditFactory,
    ChildFactory,
    QuestionFactory,
    started_audit,
    submitted_audit,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

DAY = {"on_0": "3", "on_1": "11", "on_2": "2026"}
LONG = "word " * 20_000


def page(audit: Audit, name: str, *more: object) -> str:
    return reverse(f"audits:{name}", args=(audit.allocation.reference, *more))


def contact(**given: str) -> dict[str, str]:
    return {**DAY, "how": "telephone", "outcome": "invited", "token": str(uuid4()), **given}


def action(owner: User, **given: str) -> dict[str, str]:
    words = {"what": "Meera visits him.", "why": "Nobody saw him.", "success": "He says whom he rings."}
    return {**words, "owner": str(owner.pk), "priority": "p1", "token": str(uuid4()), **given}


def test_the_family_is_asked_before_the_audit_is_started(asha: User, auditor_client: Client) -> None:
    audit = AuditFactory(allocation=AllocationFactory(auditor=asha))
    assert "You have not asked the family yet." in auditor_client.get(page(audit, "audit_detail")).text
    asked = contact(person="mother", outcome="no_reply")
    for _ in range(2):
        assert auditor_client.post(page(audit, "family_log"), asked).url == page(audit, "family_log")
    assert FamilyContact.objects.count() == 1
    assert "You have not asked the family yet." not in auditor_client.get(page(audit, "audit_detail")).text


def test_a_line_that_is_refused_keeps_what_was_typed(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    refused = auditor_client.post(page(audit, "worker_log"), contact(on_2="2027", note="Joined by video."))
    assert "The date is still to come. Enter the day on which it happened" in refused.text
    assert "Joined by video." in refused.text
    assert not WorkerContact.objects.exists()


def test_another_auditor_meets_none_of_these_pages(asha: User, manager_client: Client) -> None:
    audit = started_audit(asha)
    for name in ("worker_log", "worker_feedback", "family_log", "action_list", "action_add", "worker_reply"):
        assert manager_client.get(page(audit, name)).status_code == 404, name


def test_the_page_of_the_process_says_what_the_log_says(asha: User, auditor_client: Client) -> None:
    QuestionFactory(code="W1", section="process", kind="choice")
    audit = started_audit(asha)
    url = page(audit, "section_edit", "process")
    assert "W1, from the log: nothing yet, so the answer is Not invited." in auditor_client.get(url).text
    auditor_client.post(page(audit, "worker_log"), contact(outcome="took_part"))
    assert Answer.objects.get(question__code="W1").value == "took_part"
    assert "W1, from the log: Took part, 3 November 2026." in auditor_client.get(url).text


def test_feedback_of_twenty_thousand_words_and_the_second_tab(asha: User, auditor_client: Client) -> None:
    audit = started_audit(asha)
    url = page(audit, "worker_feedback")
    assert auditor_client.post(url, {**DAY, "text": LONG, "version": "0"}).status_code == 302
    stale = auditor_client.post(url, {**DAY, "text": "Another tab.", "version": "0"})
    assert stale.status_code == 409
    assert "Another tab." in stale.text
    assert WorkerFeedback.objects.get(audit=audit).text == LONG


def test_an_action_once_with_a_hint_for_its_vague_word(
    asha: User, meera: User, auditor_client: Client
) -> None:
    audit = started_audit(asha)
    proposed = action(meera, what="Ensure that he is seen.")
    for _ in range(2):
        assert auditor_client.post(page(audit, "action_add"), proposed).url == page(audit, "action_list")
    assert ProposedAction.objects.count() == 1
    assert "ensure" in auditor_client.get(page(audit, "action_list")).text
    refused = auditor_client.post(page(audit, "action_add"), action(meera, success="", why="A long finding."))
    assert "Say how success will be seen" in refused.text
    assert "A long finding." in refused.text


def test_the_manager_records_the_reply_and_reads_nothing_else(
    asha: User, meera: User, manager_client: Client
) -> None:
    child = ChildFactory(team=TeamFactory(name="North"))
    audit = submitted_audit(by=asha, allocation={"child": child})
    WorkerFeedback.objects.create(audit=audit, on="2026-11-20", text="Your visits are in time.")
    shown = manager_client.get(page(audit, "worker_reply")).text
    assert "Your visits are in time." in shown
    assert "The record of 3 November shows it." not in shown
    assert manager_client.get(page(audit, "audit_detail")).status_code == 404
    said = {"outcome": "disagrees", "said_on_0": "24", "said_on_1": "11", "said_on_2": "2026"}
    refused = manager_client.post(page(audit, "worker_reply"), {**said, "text": ""})
    assert "Write what they say, in their words" in refused.text
    for _ in range(2):
        manager_client.post(page(audit, "worker_reply"), {**said, "text": "I saw him twice."})
    assert WorkerReply.objects.get(audit=audit).recorded_by == meera


@pytest.mark.parametrize("rows", [1, 3])
def test_the_log_costs_the_same_for_one_line_and_for_three(
    rows: int, asha: User, auditor_client: Client, assert_queries: AssertQueries
) -> None:
    audit = started_audit(asha)
    for _ in range(rows):
        auditor_client.post(page(audit, "worker_log"), contact())
    with assert_queries(4):  # roles, audit, what they were told, log
        auditor_client.get(page(audit, "worker_log"))
