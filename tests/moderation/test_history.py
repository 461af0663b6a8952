"""Moderation's part of an audit's history, and the outcome of an audit that came back."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audits.enums import Grade
from audits.history import history_of
from audits.models import Audit
from audits.work import work_of
from core.errors import RuleViolation
from moderation.audit_history import HISTORY
from moderation.models import Outcome, Reading
from moderation.services.decisions import RETURN
from moderation.services.outcomes import acknowledge_outcome, decide_reply, reply_to_outcome
from moderation.services.panels import close_panel
from notifications.models import Message
from tests.conftest import AssertQueries, ClientFor
from tests.factories.audits import submitted_audit
from tests.factories.moderation import (
    WHY,
    decided,
    in_meeting,
    met_panel,
    outcome_of,
    recorded,
    released_panel,
)

pytestmark = pytest.mark.django_db


def told(audit: Audit, user: User) -> list[str]:
    """What moderation tells, in the order in which it tells it."""
    return [event.title for history in HISTORY for event in history(audit, user)]


def test_who_is_told_what_happened(quentin: User, priya: User, mona: User, felix: User, asha: User) -> None:
    audit = submitted_audit(by=asha)
    panel = released_panel(audit, chair=quentin, moderators=[mona, felix])
    recorded(Reading.objects.select_related("moderator", "tabling__panel").get())
    in_meeting(panel, by=quentin)
    decided(panel.tablings.get(), by=quentin, plans=Grade.INADEQUATE)
    assert told(audit, asha) == []  # it may still change
    close_panel(panel, by=quentin)
    acknowledge_outcome(Outcome.objects.get(), by=asha)
    reply = reply_to_outcome(Outcome.objects.get(), text="See July.", by=asha)
    decide_reply(reply, is_upheld=False, answer="It was seen.", by=priya)
    audit.refresh_from_db()
    tabled, at_panel = f"Tabled at {panel.reference}", f"Decided at {panel.reference}"
    after = [
        "Asha Auditor told of the outcome",
        "Outcome acknowledged",
        "Reply to the outcome",
        "Reply decided: the grades stay",
    ]
    assert told(audit, asha) == [at_panel, *after]
    assert told(audit, priya) == [tabled, at_panel, f"Read for {panel.reference}", *after]
    assert told(audit, mona) == [tabled]
    texts = {user: {event.text for event in history_of(audit, user)} for user in (asha, mona)}
    changed = f"Plans and planning: Good to Inadequate, two steps down. {WHY}"
    assert changed in texts[asha]
    assert changed not in texts[mona]


def test_it_is_on_the_page(priya: User, mona: User, felix: User, asha: User, client_for: ClientFor) -> None:
    audit = submitted_audit(by=asha)
    outcome_of(audit, chair=priya, moderators=[mona, felix])
    address = reverse("audits:audit_history", args=(audit.allocation.reference,))
    assert "Every grade was confirmed." in client_for(asha).get(address).text


def test_what_a_panel_did_not_reach(priya: User, mona: User, felix: User, asha: User) -> None:
    audit = submitted_audit(by=asha)
    panel = met_panel(audit, chair=priya, moderators=[mona, felix])
    close_panel(panel, by=priya)
    assert told(audit, mona) == [
        f"Tabled at {panel.reference}",
        f"Not reached at {panel.reference}: carried over",
    ]


@pytest.mark.parametrize("panels_before", [0, 2])
def test_what_the_history_costs(
    panels_before: int, priya: User, mona: User, felix: User, asha: User, assert_queries: AssertQueries
) -> None:
    audit = submitted_audit(by=asha)
    for number in range(panels_before):
        before = met_panel(audit, chair=priya, moderators=[mona, felix], month=date(2030, 1 + number, 1))
        close_panel(before, by=priya)
    outcome_of(audit, chair=priya, moderators=[mona, felix])
    with assert_queries(6):
        told(audit, User.objects.get(pk=priya.pk))


def test_an_audit_that_came_back_has_its_outcome_too(
    priya: User, mona: User, felix: User, asha: User, client_for: ClientFor
) -> None:
    audit = submitted_audit(by=asha)
    outcome = outcome_of(audit, chair=priya, moderators=[mona, felix], visits=RETURN)
    kinds = list(Message.objects.filter(recipient=asha).values_list("kind", flat=True))
    assert kinds == ["audits.audit_returned"]  # one mail is enough
    items = [
        item for item in work_of(asha, timezone.localdate()) if item.title.startswith("Read the outcome")
    ]
    assert [item.what for item in items] == ["The moderation panel has returned your audit for evidence."]
    client = client_for(asha)
    page = client.get(reverse("moderation:outcome_detail", args=(outcome.pk,))).text
    assert "Returned for evidence" in page
    assert WHY in page
    assert "Send my reply" not in page
    with pytest.raises(RuleViolation, match="submit it again"):
        reply_to_outcome(outcome, text="No.", by=asha)
    client.post(reverse("moderation:outcome_acknowledge", args=(outcome.pk,)))
    assert Outcome.objects.get().acknowledged_at is not None
