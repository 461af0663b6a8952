"""Who reads which audit at a panel (docs/domain.md, section 7, R3 and R4)."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moderation.seating import Moderator, Seating, Tabled, seat

ANN, BOB, CEM = (Moderator(n, name, frozenset({"cin"})) for n, name in enumerate(("Ann", "Bob", "Cem"), 1))


def tabled(reference: str, *forbidden: int, pathway: str = "cin") -> Tabled:
    return Tabled(reference, pathway, frozenset(forbidden))


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Tabled], list[Moderator], int]:
    """Few enough audits and moderators to try every seating; tight enough that many have gaps."""
    people = [
        Moderator(
            id=n,
            name=f"M{n}",
            knows=draw(st.sampled_from([frozenset(), frozenset({"cin"}), frozenset({"cin", "cla"})])),
            most=draw(st.none() | st.integers(0, 3)),
        )
        for n in range(1, 1 + draw(st.integers(0, 3)))
    ]
    table = [
        Tabled(
            reference=f"A{n}",
            pathway=draw(st.sampled_from(["cin", "cla"])),
            forbidden=frozenset(draw(st.sets(st.integers(1, 3), max_size=3))),
        )
        for n in range(draw(st.integers(0, 4)))
    ]
    return table, people, draw(st.integers(1, 2))


def every_seating(
    table: list[Tabled], people: list[Moderator], readers: int
) -> list[tuple[tuple[Moderator, ...], ...]]:
    """All that keep to the blocks and to each moderator's limit, spelt out again from the rules."""
    options = [
        [
            chosen
            for size in range(readers + 1)
            for chosen in itertools.combinations([p for p in people if p.id not in audit.forbidden], size)
        ]
        for audit in table
    ]
    return [
        choice
        for choice in itertools.product(*options)
        if all(
            person.most is None or sum(person in chosen for chosen in choice) <= person.most
            for person in people
        )
    ]


def cost(table: list[Tabled], choice: tuple[tuple[Moderator, ...], ...]) -> tuple[int, int, int]:
    """What makes one seating better than another, in order of importance."""
    loads = Counter(person.id for chosen in choice for person in chosen)
    return (
        -sum(len(chosen) for chosen in choice),
        sum(load * (load - 1) // 2 for load in loads.values()),
        sum(
            audit.pathway not in person.knows
            for audit, chosen in zip(table, choice, strict=True)
            for person in chosen
        ),
    )


def choice_of(
    result: Seating, table: list[Tabled], people: list[Moderator]
) -> tuple[tuple[Moderator, ...], ...]:
    by_id = {person.id: person for person in people}
    return tuple(tuple(by_id[reader] for reader in result.readers[audit.reference]) for audit in table)


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(0, 2**31))
@example(([tabled("A0", 2), tabled("A1")], [Moderator(1, "M1", most=1), Moderator(2, "M2", most=1)], 1), 1)
def test_no_seating_is_better(problem: tuple[list[Tabled], list[Moderator], int], seed: int) -> None:
    """By brute force: it keeps the blocks, and none that does covers more, is more even or knows more."""
    table, people, readers = problem
    result = seat(table, people, seed=seed, readers=readers)
    found = choice_of(result, table, people)
    possible = every_seating(table, people, readers)
    assert found in possible
    assert cost(table, found) == min(cost(table, choice) for choice in possible)
    assert result.load == {person.id: sum(person in chosen for chosen in found) for person in people}
    assert len(result.not_covered) == sum(len(chosen) < readers for chosen in found)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 2), st.integers(0, 2**31))
def test_loads_differ_by_at_most_one_where_nothing_stands_in_the_way(
    audits: int, moderators: int, readers: int, seed: int
) -> None:
    people = [Moderator(n, f"M{n}") for n in range(moderators)]
    result = seat([tabled(f"A{n}") for n in range(audits)], people, seed=seed, readers=readers)
    assert max(result.load.values()) - min(result.load.values()) <= 1
    assert sum(result.load.values()) == audits * min(readers, moderators)


@settings(max_examples=15, deadline=None)
@given(problems(), st.integers(0, 2**31), st.randoms())
def test_the_same_seed_seats_the_same_in_whatever_order_they_come(
    problem: tuple[list[Tabled], list[Moderator], int], seed: int, shuffler: random.Random
) -> None:
    table, people, readers = problem
    shuffled_table, shuffled_people = list(table), list(people)
    shuffler.shuffle(shuffled_table)
    shuffler.shuffle(shuffled_people)
    first = seat(table, people, seed=seed, readers=readers)
    second = seat(shuffled_table, shuffled_people, seed=seed, readers=readers)
    assert (first.readers, first.load) == (second.readers, second.load)


def test_a_greedy_choice_would_leave_an_audit_without_a_reader() -> None:
    """Ann is free for both, Bob only for the first: giving the first to Ann strands the second."""
    ann, bob = Moderator(1, "Ann", most=1), Moderator(2, "Bob", most=1)
    result = seat([tabled("A1"), tabled("A2", 2)], [ann, bob], seed=1)
    assert result.readers == {"A1": (2,), "A2": (1,)}
    assert result.not_covered == ()


def test_a_reader_who_knows_the_pathway_comes_first_when_loads_allow() -> None:
    knows = Moderator(1, "Ann", frozenset({"leaving_care"}))
    result = seat([tabled("A1", pathway="leaving_care"), tabled("A2")], [knows, BOB], seed=3)
    assert result.readers == {"A1": (1,), "A2": (2,)}


def test_who_is_left_without_a_reader_is_named_with_the_reason() -> None:
    result = seat([tabled("A1", 1, 2)], [ANN, BOB], seed=1)
    assert result.readers == {"A1": ()}
    assert result.not_covered == (
        "A1 has 0 of 1 readers: 0 of the 2 on the panel may read it, 2 have a conflict of interest.",
    )


def test_a_full_panel_says_so() -> None:
    result = seat([tabled("A1"), tabled("A2")], [Moderator(1, "Ann", most=1)], seed=1)
    assert len(result.not_covered) == 1
    assert (
        "has 0 of 1 readers: those who may read it have as many audits as they can." in result.not_covered[0]
    )


def test_readings_that_have_begun_stand_when_somebody_joins() -> None:
    table = [tabled(f"A{n}") for n in range(4)]
    kept = {("A0", 1), ("A1", 1), ("A2", 1)}
    result = seat(table, [ANN, BOB], seed=1, keep=kept)
    assert {(reference, reader) for reference, readers in result.readers.items() for reader in readers} == {
        *kept,
        ("A3", 2),
    }


def test_readings_that_have_not_begun_go_only_where_that_evens_the_loads() -> None:
    table = [tabled(f"A{n}") for n in range(4)]
    all_ann = {(f"A{n}", 1) for n in range(4)}
    joined = seat(table, [ANN, BOB], seed=1, keep={("A2", 1)}, stay=all_ann - {("A2", 1)})
    assert joined.load == {1: 2, 2: 2}
    assert joined.readers["A2"] == (1,)
    even = {("A0", 2), ("A1", 1), ("A2", 2), ("A3", 1)}
    for seed in range(8):
        again = seat(table, [ANN, BOB], seed=seed, stay=even)
        assert {(reference, reader) for reference, (reader,) in again.readers.items()} == even


def test_a_pair_that_became_a_conflict_is_not_kept() -> None:
    assert seat([tabled("A0", 1)], [ANN, BOB], seed=1, keep={("A0", 1)}).readers == {"A0": (2,)}


def test_the_choice_says_what_it_rests_on() -> None:
    result = seat([tabled("A1", 2)], [ANN, BOB], seed=1)
    assert result.because == {
        ("A1", 1): "Ann reads this audit: nobody else on the panel may, loads kept even; knows the pathway."
    }


@pytest.mark.parametrize("people", [[], [Moderator(1, "Ann", most=0)]])
def test_a_panel_without_readers_covers_nothing(people: list[Moderator]) -> None:
    assert seat([tabled("A1")], people, seed=1).readers == {"A1": ()}


def test_a_panel_of_eight_with_forty_audits_is_seated_quickly() -> None:
    lot = random.Random(8)
    people = [Moderator(n, f"M{n}", frozenset({"cin"} if n % 2 else {"cla"})) for n in range(8)]
    table = [
        tabled(f"A{n:02d}", *lot.sample(range(8), 3), pathway=lot.choice(["cin", "cla"])) for n in range(40)
    ]
    result = seat(table, people, seed=5, readers=2)
    assert result.not_covered == ()
    assert set(result.load.values()) == {10}
