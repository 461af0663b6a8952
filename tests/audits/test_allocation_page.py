"""Who learns which child an obligation is about, and why it was moved; the others learn that it is owed."""

from collections.abc import Callable
from datetime import date

import pytest

from accounts.models import User
from audits.models import Allocation, AllocationMove
from audits.services.ledger import extend_allocation, reallocate_allocation
from tests.audits.test_audit_pages import text_of
from tests.conftest import ClientFor
from tests.factories.accounts import UserFactory, auditor
from tests.factories.audits import AllocationFactory, AuditFactory, ChildFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

CHILD, REASON = "LCS-90210", "Her mother is ill."
Sees = Callable[[User], tuple[bool, bool]]


@pytest.fixture
def owed(asha: User, quentin: User) -> Allocation:
    """Asha's audit of a child of another team, extended for a reason."""
    asha.line_manager = UserFactory(name="Lin Manager")
    asha.save(update_fields=["line_manager"])
    owed: Allocation = AllocationFactory(
        auditor=asha, child=ChildFactory(reference=CHILD), reference="CJA-2026-11-001"
    )
    AuditFactory(allocation=owed)
    return extend_allocation(owed, by=quentin, due_on=date(2026, 12, 7), reason=REASON)


@pytest.fixture
def sees(owed: Allocation, client_for: ClientFor) -> Sees:
    """Whether a person sees the child's reference and the reason on the obligation's page."""

    def look(user: User) -> tuple[bool, bool]:
        response = client_for(user).get(f"/programme/{owed.round.reference}/{owed.reference}/")
        assert response.status_code == 200
        seen = text_of(response.text)
        assert "Auditor Asha Auditor" in seen
        return CHILD in seen, REASON in seen

    return look


@pytest.mark.parametrize(
    ("who", "child_and_reason"),
    [
        ("asha", (True, True)),
        ("quentin", (True, True)),
        ("priya", (True, True)),
        ("bella", (True, True)),
        ("meera", (False, False)),
        ("sanjay", (False, False)),
    ],
)
def test_who_learns_the_child_and_the_reason(
    who: str, child_and_reason: tuple[bool, bool], sees: Sees, request: pytest.FixtureRequest
) -> None:
    assert sees(request.getfixturevalue(who)) == child_and_reason


def test_the_line_manager_learns_the_reason_and_not_the_child(asha: User, sees: Sees) -> None:
    asha.refresh_from_db()
    assert asha.line_manager is not None
    assert sees(asha.line_manager) == (False, True)


def test_who_owes_it_no_more_loses_sight_of_the_child(
    asha: User, quentin: User, owed: Allocation, sees: Sees, client_for: ClientFor
) -> None:
    cora = auditor("Cora Colleague")
    passed_on = reallocate_allocation(owed, to=cora, by=quentin, reason=REASON)
    assert sees(asha) == (False, True)
    page = client_for(asha).get(f"/programme/{owed.round.reference}/{owed.reference}/").text
    assert passed_on.reference not in page


def test_twin_without_the_guard_a_manager_reads_which_child(
    meera: User, sees: Sees, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audits.views.allocations.can_read_child_of", lambda *_: True)
    assert sees(meera) == (True, False)
    assert AllocationMove.objects.count() == 1
