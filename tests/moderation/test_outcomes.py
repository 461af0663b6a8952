"""What the auditor is told, acknowledges and replies; who decides on it."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audits.enums import Grade
from audits.services.moves import propose_reopening
from audits.work import work_of
from core.errors import RuleViolation
from moderation.audit_history import HISTORY
from moderation.models import Outcome, Reply
from moderation.own_work import replies_to_decide, upheld_to_reopen
from moderation.permissions import can_decide_reply
from moderation.services.outcomes import acknowledge_outcome, decide_reply, reply_to_outcome
from notifications.models import Message
from tests.conftest import ClientFor
from tests.factories.accounts import person
from tests.factories.audits import submitted_audit
from tests.factories.moderation import outcome_of

pytestmark = pytest.mark.django_db

TEXT = "The plan was updated in July: see the note of 9 July."


@pytest.fixture
def outcome(priya: User, quentin: User, mona: User, felix: User, asha: User) -> Outcome:
    """Quentin chaired, so that Priya may decide on the reply."""
    return outcome_of(
        submitted_audit(by=asha), chair=quentin, moderators=[mona, felix], plans=Grade.INADEQUATE
    )


def told(kind: str) -> list[str]:
    rows = Message.objects.filter(kind=f"moderation.{kind}")
    return sorted(rows.values_list("recipient__name", flat=True))


def test_the_auditor_is_told_without_a_grade(outcome: Outcome) -> None:
    message = Message.objects.get(kind="moderation.outcome_written")
    assert message.recipient == outcome.auditor
    assert set(message.context) == {"audit", "path"}
    assert message.context["path"] == f"/moderation/outcomes/{outcome.pk}/"


def test_the_history_of_the_audit_tells_each_what_they_may_know(
    outcome: Outcome, asha: User, quentin: User, mona: User, stella: User
) -> None:
    tabling = outcome.decision.tabling
    panel = tabling.panel.reference
    tabled, decided, told_at = (
        f"Tabled at {panel}",
        f"Decided at {panel}",
        "Asha Auditor told of the outcome",
    )
    for user, expected in (
        (quentin, [tabled, decided, told_at]),
        (asha, [decided, told_at]),
        (mona, [tabled]),
        (stella, []),
    ):
        events = [event for history in HISTORY for event in history(tabling.audit, user)]
        assert [event.title for event in events] == expected


def test_only_its_auditor_acknowledges_and_once(outcome: Outcome, asha: User, mona: User) -> None:
    with pytest.raises(RuleViolation, match="Only the auditor"):
        acknowledge_outcome(outcome, by=mona)
    first = datetime(2026, 11, 25, 9, tzinfo=UTC)
    acknowledge_outcome(outcome, by=asha, at=first)
    assert acknowledge_outcome(outcome, by=asha).acknowledged_at == first


def test_one_reply_which_acknowledges_too(outcome: Outcome, asha: User, mona: User) -> None:
    with pytest.raises(RuleViolation, match="Only the auditor"):
        reply_to_outcome(outcome, text=TEXT, by=mona)
    with pytest.raises(RuleViolation, match="Write your reply first"):
        reply_to_outcome(outcome, text=" ", by=asha)
    reply = reply_to_outcome(outcome, text=TEXT, by=asha)
    assert reply_to_outcome(outcome, text=TEXT, by=asha) == reply
    with pytest.raises(RuleViolation, match="You have replied already"):
        reply_to_outcome(outcome, text="And another thing.", by=asha)
    outcome.refresh_from_db()
    assert outcome.acknowledged_at is not None
    assert told("reply_sent") == ["Priya Principal"]


@pytest.mark.parametrize("is_upheld", [True, False])
def test_the_psw_decides_once_and_the_auditor_is_told(
    outcome: Outcome, asha: User, priya: User, quentin: User, *, is_upheld: bool
) -> None:
    reply = reply_to_outcome(outcome, text=TEXT, by=asha)
    for by in (quentin, asha):
        with pytest.raises(RuleViolation, match="The Principal Social Worker decides"):
            decide_reply(reply, is_upheld=is_upheld, answer="So.", by=by)
    with pytest.raises(RuleViolation, match="Say why"):
        decide_reply(reply, is_upheld=is_upheld, answer=" ", by=priya)
    decide_reply(reply, is_upheld=is_upheld, answer="So.", by=priya)
    decide_reply(reply, is_upheld=is_upheld, answer="So.", by=priya)
    with pytest.raises(RuleViolation, match="decided on already"):
        decide_reply(reply, is_upheld=not is_upheld, answer="Otherwise.", by=priya)
    assert told("reply_decided") == ["Asha Auditor"]
    assert (len(upheld_to_reopen(quentin, timezone.localdate())) == 1) is is_upheld


def test_where_the_psw_chaired_another_psw_decides_or_the_qa_lead(
    priya: User, quentin: User, mona: User, felix: User, asha: User
) -> None:
    outcome = outcome_of(submitted_audit(by=asha), chair=priya, moderators=[mona, felix])
    reply = reply_to_outcome(outcome, text=TEXT, by=asha)
    assert not can_decide_reply(priya, reply)
    assert can_decide_reply(quentin, reply)
    second = person("Petra Principal", Role.PSW)
    assert can_decide_reply(second, reply)
    assert not can_decide_reply(User.objects.get(pk=quentin.pk), reply)


def test_an_upheld_reply_is_work_until_reopening_is_proposed(
    outcome: Outcome, asha: User, priya: User, quentin: User
) -> None:
    decide_reply(
        reply_to_outcome(outcome, text=TEXT, by=asha), is_upheld=True, answer="You are right.", by=priya
    )
    audit = outcome.decision.tabling.audit
    today = timezone.localdate()
    assert [item.title for item in upheld_to_reopen(quentin, today)] == [
        f"Propose to reopen {audit.allocation.reference}"
    ]
    propose_reopening(audit, by=quentin, reason="The reply was upheld.")
    assert upheld_to_reopen(quentin, today) == []


def test_my_work_asks_for_what_is_owed(outcome: Outcome, asha: User, priya: User, stella: User) -> None:
    today = timezone.localdate()
    reference = outcome.decision.tabling.audit.allocation.reference
    assert [item.title for item in work_of(asha, today)] == [f"Read the outcome of {reference}"]
    reply_to_outcome(outcome, text=TEXT, by=asha)
    assert work_of(asha, today) == []
    assert [item.title for item in replies_to_decide(priya, today)] == [
        f"Decide on the reply about {reference}"
    ]
    assert replies_to_decide(stella, today) == []
    assert Reply.objects.waiting().count() == 1


def test_reopening_is_proposed_by_a_qa_lead_and_never_of_their_own(
    priya: User, quentin: User, mona: User, felix: User, client_for: ClientFor
) -> None:
    """In My work, on the audit's page, at its address and in the service; where it is one's own, another proposes."""
    audit = submitted_audit(by=quentin)
    outcome = outcome_of(audit, chair=priya, moderators=[mona, felix])
    second, lena = person("Petra Principal", Role.PSW), person("Lena Lead", Role.QA_LEAD)
    decide_reply(reply_to_outcome(outcome, text=TEXT, by=quentin), is_upheld=True, answer="Yes.", by=second)
    audit.refresh_from_db()
    today, reference = timezone.localdate(), audit.allocation.reference
    address = reverse("audits:reopening_propose", args=(reference,))
    for who in (quentin, priya, second, mona):
        assert upheld_to_reopen(who, today) == []
        client = client_for(who)
        assert "Propose to reopen" not in client.get(reverse("audits:audit_detail", args=(reference,))).text
        assert client.get(address).status_code == HTTPStatus.NOT_FOUND
        assert client.post(address, {"reason": "The reply was upheld."}).status_code == HTTPStatus.NOT_FOUND
        with pytest.raises(RuleViolation):
            propose_reopening(audit, by=who, reason="The reply was upheld.")
    assert [item.title for item in upheld_to_reopen(lena, today)] == [f"Propose to reopen {reference}"]
    page = client_for(lena).get(reverse("audits:audit_detail", args=(reference,))).text
    assert "Propose to reopen it" in page
    assert client_for(lena).post(address, {"reason": "It was upheld."}).status_code == HTTPStatus.FOUND
