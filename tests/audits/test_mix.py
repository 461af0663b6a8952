"""Dip samples and observations for those who get no child (docs/domain.md, section 6)."""

from collections import Counter
from datetime import date

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audits.enums import AllocationKind, AllocationStatus
from audits.mix import KINDS, share_out
from audits.models import Audit, ProgrammeSettings
from audits.services.rounds import draw_round, plan_round, publish_round, swap_auditor
from core.errors import RuleViolation
from notifications.emails import render
from notifications.models import Message
from tests.audits.test_round_pages import text_of
from tests.factories.accounts import TeamFactory, auditor
from tests.factories.audits import ChildFactory, ExemptionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_machine_at")]

DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)


@given(st.dictionaries(st.text(max_size=4), st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20))
def test_everybody_gets_what_they_had_less_of(had: dict[str, tuple[int, int]]) -> None:
    counts = {person: Counter(dict(zip(KINDS, two, strict=True))) for person, two in had.items()}
    kinds = share_out(counts)
    assert kinds.keys() == had.keys()
    assert share_out(dict(reversed(counts.items()))) == kinds
    for person, kind in kinds.items():
        other = KINDS[1 - KINDS.index(kind)]
        assert counts[person][kind] <= counts[person][other]


@given(st.integers(1, 30), st.integers(1, 12))
def test_over_a_year_nobody_has_two_more_of_one_kind(people: int, months: int) -> None:
    had = {str(n): Counter[str]() for n in range(people)}
    for _ in range(months):
        kinds = share_out(had)
        assert abs(sum(kind == KINDS[0] for kind in kinds.values()) * 2 - people) <= 1
        for person, kind in kinds.items():
            had[person][kind] += 1
    assert all(abs(counts[KINDS[0]] - counts[KINDS[1]]) <= 1 for counts in had.values())


@pytest.fixture
def council() -> list[User]:
    """Two children, and five auditors of whom one has no room."""
    for _ in range(2):
        ChildFactory(team=TeamFactory(name="North"))
    auditor("No Room", capacity=0)
    return [auditor(f"Auditor {n}") for n in range(4)]


def test_the_remaining_auditors_get_one_each(council: list[User]) -> None:
    made = draw_round(DECEMBER, by=None, cjas=2, seed=1)
    kinds = Counter(made.allocations.values_list("kind", flat=True))
    assert kinds == {AllocationKind.CJA: 2, AllocationKind.DIP_SAMPLE: 1, AllocationKind.OBSERVATION: 1}
    assert set(made.allocations.values_list("auditor", flat=True)) == {person.pk for person in council}
    references = sorted(made.allocations.values_list("reference", flat=True))
    assert references[2:] == ["DIP-2026-12-001", "OBS-2026-12-001"]
    assert {row.child for row in made.allocations.other_kinds()} == {None}
    assert [row.reference for row in plan_round(DECEMBER, cjas=2, seed=1).others] == references[2:]


def test_it_alternates_over_the_year_and_is_told(council: list[User]) -> None:
    first = publish_round(draw_round(DECEMBER, by=None, cjas=2, seed=1), by=None)
    assert (Audit.objects.count(), Message.objects.count()) == (2, 4)
    dip = first.allocations.get(kind=AllocationKind.DIP_SAMPLE)
    mail = render(Message.objects.get(recipient=dip.auditor))
    assert mail.subject == "Your dip sample or observation for December 2026"
    assert "you have been given 1 dip sample for December 2026" in mail.body
    for _ in range(2):
        ChildFactory(team=TeamFactory(name="North"))
    second = draw_round(JANUARY, by=None, cjas=1, seed=1)
    again = second.allocations.filter(auditor=dip.auditor).first()
    assert again is not None
    assert again.kind != AllocationKind.DIP_SAMPLE


def test_not_the_exempt_and_not_where_it_is_switched_off(council: list[User], quentin: User) -> None:
    made = ExemptionFactory(auditor=council[0])
    type(made).objects.update(status="approved", decided_by=quentin, decided_at=made.requested_at)
    drawn = draw_round(DECEMBER, by=None, cjas=2, seed=1)
    assert council[0].pk not in drawn.allocations.values_list("auditor", flat=True)
    assert drawn.allocations.count() == 3
    ProgrammeSettings.objects.create(pk=1, draws_mix=False)
    assert draw_round(DECEMBER, by=None, cjas=2, seed=1).allocations.other_kinds().count() == 0


def test_a_swap_goes_both_ways(council: list[User], quentin: User) -> None:
    drawn = draw_round(DECEMBER, by=quentin, cjas=2, seed=1)
    child = drawn.allocations.cjas().order_by("reference")[0]
    dip = drawn.allocations.get(kind=AllocationKind.DIP_SAMPLE)
    relieved, taker = child.auditor, dip.auditor
    swap_auditor(child, auditor=taker, by=quentin, reason="She is away")
    child.refresh_from_db()
    dip.refresh_from_db()
    assert (child.auditor, dip.auditor) == (taker, relieved)


def test_who_has_become_exempt_stops_publication(council: list[User], quentin: User) -> None:
    drawn = draw_round(DECEMBER, by=None, cjas=2, seed=1)
    dip = drawn.allocations.get(kind=AllocationKind.DIP_SAMPLE)
    made = ExemptionFactory(auditor=dip.auditor)
    type(made).objects.update(status="approved", decided_by=quentin, decided_at=made.requested_at)
    with pytest.raises(
        RuleViolation, match=f"{dip}: {dip.auditor} is exempt this month. Draw the month again"
    ):
        publish_round(drawn, by=quentin)


def test_pages_say_that_it_is_owed(council: list[User], qa_client: Client, client: Client) -> None:
    drawn = publish_round(draw_round(DECEMBER, by=None, cjas=2, seed=1), by=None)
    dip = drawn.allocations.get(kind=AllocationKind.DIP_SAMPLE)
    page = text_of(qa_client.get("/programme/2026-12/").text)
    assert "Who has one (2)" in page
    assert "Outstanding" in qa_client.get("/programme/2026-12/DIP-2026-12-001/").text
    client.force_login(dip.auditor)
    page = text_of(client.get("/").text)
    assert "Hand in dip sample DIP-2026-12-001 For December 2026." in page
    assert dip.status == AllocationStatus.ALLOCATED
