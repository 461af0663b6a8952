"""Who is proposed for a panel (docs/domain.md, section 7, R3 and R4)."""

import itertools
import random
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from core.dates import add_months
from moderation.rotation import Candidate, Proposal, Rules, propose

ON = date(2026, 12, 9)
SHIPPED = Rules(pathway_names={"cin": "Child in need", "leaving_care": "Leaving care"})
PAT = Candidate(100, "Pat Chair", may_chair=True, may_moderate=False)


def member(number: int, **facts: object) -> Candidate:
    return Candidate(
        **{
            "id": number,
            "name": f"M{number}",
            "service": f"S{number % 3}",
            "knows": frozenset({"cin"}),
            **facts,
        }
    )


def moderators(proposal: Proposal) -> list[int]:
    return [proposed.candidate.id for proposed in proposal.moderators]


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Candidate], dict[str, str], int]:
    """Few enough candidates to try every panel; tight enough that many cannot meet every rule."""
    table = {
        f"A{n}": draw(st.sampled_from(["cin", "cla", "leaving_care"])) for n in range(draw(st.integers(0, 3)))
    }
    people = [
        Candidate(
            id=n,
            name=f"M{n}",
            service=draw(st.sampled_from(["", "North", "South"])),
            knows=frozenset(draw(st.sets(st.sampled_from(["cin", "cla", "leaving_care"])))),
            conflicts=frozenset(draw(st.sets(st.sampled_from(["A0", "A1", "A2"]), max_size=2))),
            last_seated_on=draw(st.none() | st.dates(date(2025, 6, 1), date(2026, 11, 30))),
            seats=draw(st.integers(0, 3)),
        )
        for n in range(draw(st.integers(0, 6)))
    ]
    return people, table, draw(st.integers(1, 3))


def meets_every_rule(panel: tuple[Candidate, ...], table: dict[str, str], services: set[str]) -> bool:
    """Spelt out again from the rules."""
    return (
        all(any(person.service != service for person in panel) for service in services)
        and all(any(pathway in person.knows for person in panel) for pathway in table.values())
        and all(any(reference not in person.conflicts for person in panel) for reference in table)
    )


@settings(max_examples=150, deadline=None)
@given(problems(), st.integers(0, 2**31))
def test_a_panel_that_meets_every_rule_is_found_when_there_is_one(
    problem: tuple[list[Candidate], dict[str, str], int], seed: int
) -> None:
    """By brute force, over all panels of that size."""
    people, table, size = problem
    result = propose([*people, PAT], table, on=ON, seed=seed, rules=Rules(moderators=size))
    services = {person.service for person in people}
    possible = [
        panel for panel in itertools.combinations(people, size) if meets_every_rule(panel, table, services)
    ]
    found = tuple(proposed.candidate for proposed in result.moderators)
    assert len(found) == min(size, len(people))
    assert bool(possible) == (result.gaps == ())
    if possible:
        assert meets_every_rule(found, table, services)


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(0, 2**31), st.randoms())
def test_the_same_seed_proposes_the_same_in_whatever_order_they_come(
    problem: tuple[list[Candidate], dict[str, str], int], seed: int, shuffler: random.Random
) -> None:
    people, table, size = problem
    shuffled = list(people)
    shuffler.shuffle(shuffled)
    rules = Rules(moderators=size)
    assert propose(shuffled, table, on=ON, seed=seed, rules=rules) == propose(
        people, table, on=ON, seed=seed, rules=rules
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 24), st.integers(0, 2**31))
def test_everybody_sits_at_least_once_a_year_where_the_seats_suffice(people: int, seed: int) -> None:
    """Twelve panels of two have 24 seats: over two years nobody goes longer than twelve months without one."""
    candidates = {n: member(n, service=f"S{n}") for n in range(people)}
    sat: dict[int, list[int]] = {n: [] for n in candidates}
    for month in range(24):
        on = add_months(ON, month)
        for number in moderators(propose(candidates.values(), {}, on=on, seed=seed + month, rules=SHIPPED)):
            before = candidates[number]
            candidates[number] = replace(before, last_seated_on=on, seats=before.seats + 1)
            sat[number].append(month)
    assert all(
        any(start <= month < start + 12 for month in months) for months in sat.values() for start in (0, 12)
    )


def test_the_least_recently_seated_and_the_inexperienced_come_first() -> None:
    people = [
        member(1, last_seated_on=date(2026, 11, 11), seats=1),
        member(2, last_seated_on=date(2026, 3, 11), seats=4),
        member(3, last_seated_on=date(2026, 3, 11), seats=2),
        member(4),
    ]
    result = propose(people, {}, on=ON, seed=1, rules=Rules(moderators=2, reserves=2))
    assert moderators(result) == [4, 3]
    assert [proposed.candidate.id for proposed in result.reserves] == [2, 1]
    assert result.moderators[0].because == "Has not sat on a panel yet."
    assert result.moderators[1].because == "Last sat on 11 March 2026, 2 panels so far."


def test_the_one_who_knows_a_pathway_on_the_table_is_chosen_before_others() -> None:
    people = [
        member(1),
        member(2),
        member(4, knows=frozenset({"cin", "leaving_care"}), last_seated_on=date(2026, 11, 11), seats=3),
    ]
    result = propose([*people, PAT], {"A1": "leaving_care"}, on=ON, seed=1, rules=SHIPPED)
    assert 4 in moderators(result)
    assert result.gaps == ()
    assert result.moderators[1].because == (
        "Last sat on 11 November 2026, 3 panels so far. Knows Leaving care. "
        "Chosen before somebody who is earlier in the order, so that the panel meets its rules."
    )


def test_moderators_come_from_different_services() -> None:
    people = [member(1, service="North"), member(2, service="North"), member(3, service="South")]
    everybody_else_sat = [replace(people[2], last_seated_on=date(2026, 11, 11), seats=9)]
    result = propose([*people[:2], *everybody_else_sat], {}, on=ON, seed=1, rules=SHIPPED)
    assert 3 in moderators(result)


def test_an_audit_that_all_but_one_must_not_read_brings_that_one_in() -> None:
    own = frozenset({"A1"})
    people = [
        member(1, conflicts=own),
        member(2, conflicts=own),
        member(3, last_seated_on=date(2026, 11, 11), seats=5),
    ]
    result = propose([*people, PAT], {"A1": "cin"}, on=ON, seed=1, rules=SHIPPED)
    assert 3 in moderators(result)
    assert result.gaps == ()


def test_what_nobody_can_meet_is_said_and_the_rest_still_holds() -> None:
    people = [member(1, service="North"), member(2, service="North"), member(3, service="South")]
    result = propose(people, {"A1": "leaving_care"}, on=ON, seed=1, rules=SHIPPED)
    assert result.gaps == (
        "No chair: neither a PSW nor a QA lead can sit.",
        "No moderator knows Leaving care.",
    )
    assert 3 in moderators(result)


def test_the_chair_has_the_fewest_conflicts_and_then_sat_longest_ago() -> None:
    chairs = [
        Candidate(7, "Quentin", may_chair=True, may_moderate=False, conflicts=frozenset({"A1"})),
        Candidate(8, "Priya", may_chair=True, may_moderate=False, last_seated_on=date(2026, 11, 1), seats=3),
        Candidate(9, "Petra", may_chair=True, may_moderate=False, last_seated_on=date(2026, 10, 1), seats=9),
    ]
    result = propose(chairs, {"A1": "cin"}, on=ON, seed=1, rules=SHIPPED)
    assert result.chair is not None
    assert result.chair.candidate.name == "Petra"
    assert result.chair.because == "May chair. Last sat on 1 October 2026, 9 panels so far."


def test_a_replacement_keeps_who_sits_and_leaves_out_who_declined() -> None:
    people = [member(n) for n in range(1, 6)]
    first = propose([*people, PAT], {}, on=ON, seed=1, rules=SHIPPED)
    stays, declines = moderators(first)
    second = propose(
        [*people, PAT], {}, on=ON, seed=1, rules=SHIPPED, keep={stays, PAT.id}, without={declines}
    )
    assert stays in moderators(second)
    assert declines not in moderators(second)
    assert len(moderators(second)) == 2
    assert second.chair is not None
    assert second.chair.candidate == PAT


def test_too_few_people_are_said() -> None:
    result = propose([PAT, member(1)], {}, on=ON, seed=1, rules=SHIPPED)
    assert moderators(result) == [1]
    assert "1 of 2 moderators: nobody else can sit." in result.gaps


def test_a_proposal_for_sixty_people_is_made_quickly() -> None:
    lot = random.Random(60)
    table = {f"A{n:02d}": lot.choice(["cin", "cp", "cla", "leaving_care"]) for n in range(30)}
    people = [
        member(
            n,
            knows=frozenset(lot.sample(["cin", "cp", "cla", "leaving_care"], 2)),
            conflicts=frozenset(lot.sample(sorted(table), 3)),
        )
        for n in range(60)
    ]
    result = propose([*people, PAT], table, on=ON, seed=1, rules=Rules(moderators=5))
    assert result.gaps == ()
