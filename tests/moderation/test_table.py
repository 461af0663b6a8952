"""What may be put on a panel's table, and how it is chosen from the queue."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from accounts.models import User
from core.errors import RuleViolation
from moderation.models import ModerationCase, Tabling
from moderation.services.panels import close_panel
from moderation.services.selection import select_for_moderation
from moderation.services.tablings import table_audits
from tests.conftest import AssertQueries, ClientFor
from tests.factories.accounts import auditor
from tests.factories.audits import submitted_audit
from tests.factories.fairness import earned_exemption
from tests.factories.moderation import draft_panel, met_panel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]


@pytest.fixture
def exempt(db: None) -> User:
    """An auditor whose first audits have long been seen."""
    made = auditor("Edna Exempt")
    for month in range(1, 4):
        submitted_audit(by=made, month=date(2026, month, 1))
    earned_exemption(made, starts_on=date(2026, 9, 1))
    return made


def test_what_no_lot_has_drawn_is_neither_offered_nor_tabled(
    exempt: User, priya: User, client_for: ClientFor
) -> None:
    audit, panel = submitted_audit(by=exempt), draft_panel()
    case = select_for_moderation(audit)
    assert case is not None
    assert not case.must_moderate
    other = submitted_audit()
    select_for_moderation(other)
    address = reverse("moderation:table_add", args=(panel.reference,))
    client = client_for(priya)
    page = client.get(address).text
    assert other.allocation.reference in page
    assert audit.allocation.reference not in page
    assert "valid choice" in client.post(address, {"audits": [audit.allocation.reference]}).text
    with pytest.raises(RuleViolation, match="no spot check has drawn it"):
        table_audits(panel, audits=[audit], by=priya)
    assert Tabling.objects.count() == 0
    ModerationCase.objects.filter(pk=case.pk).update(must_moderate=True, reasons=["spot_check"])
    assert len(table_audits(panel, audits=[audit], by=priya)) == 1


def test_an_audit_that_was_never_looked_at_is_selected_first(exempt: User, priya: User) -> None:
    with pytest.raises(RuleViolation, match="no spot check has drawn it"):
        table_audits(draft_panel(), audits=[submitted_audit(by=exempt)], by=priya)
    audit = submitted_audit(by=auditor("Nora New"))
    table_audits(draft_panel(date(2026, 12, 1)), audits=[audit], by=priya)
    assert ModerationCase.objects.get(audit=audit).reasons == ["not_exempt", "first_audits"]


def test_more_than_a_page_of_the_queue_is_reachable_and_says_how_long_it_waits(
    priya: User, mona: User, felix: User, client_for: ClientFor
) -> None:
    left = submitted_audit(submitted_on=date(2026, 10, 1))
    select_for_moderation(left)
    close_panel(met_panel(left, chair=priya, moderators=[mona, felix]), by=priya)  # undecided
    audits = [submitted_audit(submitted_on=date(2026, 11, 20)) for _ in range(26)]
    for audit in audits:
        select_for_moderation(audit)
    panel = draft_panel(date(2026, 12, 1))
    address = reverse("moderation:table_add", args=(panel.reference,))
    client = client_for(priya)
    first, second = client.get(address).text, client.get(f"{address}?page=2").text
    assert (first.count('type="checkbox"'), second.count('type="checkbox"')) == (25, 2)
    assert "Carried over once. Waiting 39 working days, late: it was to be moderated by" in first
    assert "Waiting 3 working days, it is to be moderated by 11 December 2026" in second
    last = audits[-1].allocation.reference
    assert last not in first
    assert client.post(f"{address}?page=2", {"audits": [last]}).status_code == 302
    assert panel.tablings.get().audit == audits[-1]


@pytest.mark.parametrize("count", [1, 3])
def test_what_choosing_costs(
    count: int, priya: User, client_for: ClientFor, assert_queries: AssertQueries
) -> None:
    for _ in range(count):
        select_for_moderation(submitted_audit())
    client, panel = client_for(priya), draft_panel()
    with assert_queries(6):
        client.get(reverse("moderation:table_add", args=(panel.reference,)))
