"""Which audits a panel must see (docs/domain.md, section 7)."""

import math
import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation import sampling
from moderation.sampling import Draw, Rules, Submitted, draw_spot_checks, reasons_to_moderate

SHIPPED = Rules()
ORDINARY = Submitted("CJA-2026-11-001", "good", nth=10, spot_check_percent=15)
"""Nothing brings it to a panel but a spot check."""

audits = st.lists(
    st.builds(
        Submitted,
        reference=st.integers(1, 10_000).map("CJA-{:05d}".format),
        overall=st.sampled_from(["outstanding", "good", "requires_improvement", "inadequate"]),
        nth=st.integers(1, 8),
        spot_check_percent=st.none() | st.integers(0, 100),
        has_immediate_concern=st.booleans(),
        has_ceiling_overridden=st.booleans(),
        is_disputed=st.booleans(),
    ),
    unique_by=lambda audit: audit.reference,
    max_size=40,
)


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({}, ()),
        ({"spot_check_percent": None}, ("not_exempt",)),
        ({"overall": "inadequate"}, ("inadequate",)),
        ({"overall": "outstanding"}, ("outstanding",)),
        ({"overall": "requires_improvement"}, ()),
        ({"has_immediate_concern": True}, ("immediate_concern",)),
        ({"has_ceiling_overridden": True}, ("ceiling_overridden",)),
        ({"nth": 3}, ("first_audits",)),
        ({"nth": 4}, ()),
        ({"is_disputed": True}, ("disputed",)),
        ({"overall": "inadequate", "is_disputed": True}, ("inadequate", "disputed")),
        ({"spot_check_percent": None, "nth": 1}, ("not_exempt", "first_audits")),
    ],
)
def test_each_reason_stands_by_itself_and_with_others(
    changed: dict[str, object], reasons: tuple[str, ...]
) -> None:
    assert reasons_to_moderate(replace(ORDINARY, **changed), SHIPPED) == reasons


def test_a_council_says_how_many_first_audits_are_moderated() -> None:
    assert reasons_to_moderate(replace(ORDINARY, nth=5), Rules(first_audits=5)) == ("first_audits",)


def test_every_reason_has_its_sentence() -> None:
    constants = {
        value
        for name, value in vars(sampling).items()
        if name.isupper() and isinstance(value, str) and not name.startswith("_")
    }
    assert set(sampling.SENTENCES) == constants


@given(audits, st.integers(0, 2**31))
def test_a_draw_never_holds_what_is_moderated_anyway_and_misses_nobody_else(
    given_audits: list[Submitted], seed: int
) -> None:
    draw = draw_spot_checks(given_audits, seed=seed, rules=SHIPPED)
    expected = {audit.reference for audit in given_audits if not reasons_to_moderate(audit, SHIPPED)}
    assert set(draw.took_part) == expected
    assert draw.drawn <= expected


@given(audits, st.integers(0, 2**31))
def test_the_number_drawn_is_the_share_rounded_up_or_down(given_audits: list[Submitted], seed: int) -> None:
    draw = draw_spot_checks(given_audits, seed=seed, rules=SHIPPED)
    shares = [audit.spot_check_percent or 0 for audit in given_audits if audit.reference in draw.took_part]
    expected = Fraction(sum(shares), 100)
    assert len(draw.drawn) in {math.floor(expected), math.ceil(expected)}


@given(audits, st.integers(0, 2**31), st.randoms())
def test_the_same_seed_draws_the_same_in_whatever_order_they_come(
    given_audits: list[Submitted], seed: int, shuffler: random.Random
) -> None:
    shuffled = list(given_audits)
    shuffler.shuffle(shuffled)
    assert draw_spot_checks(shuffled, seed=seed, rules=SHIPPED) == draw_spot_checks(
        given_audits, seed=seed, rules=SHIPPED
    )


def test_each_audit_has_exactly_the_chance_of_its_auditors_share() -> None:
    """Over many seeds: 15, 30 and 100 in a hundred, within four standard deviations of what chance allows."""
    shares = {"A": 15, "B": 15, "C": 30, "D": 100, "E": 0}
    taking_part = [
        replace(ORDINARY, reference=name, spot_check_percent=share) for name, share in shares.items()
    ]
    seeds = 4000
    drawn = Counter(
        reference
        for seed in range(seeds)
        for reference in draw_spot_checks(taking_part, seed=seed, rules=SHIPPED).drawn
    )
    assert (drawn["D"], drawn["E"]) == (seeds, 0)
    for name in "ABC":
        chance = shares[name] / 100
        assert abs(drawn[name] - seeds * chance) < 4 * math.sqrt(seeds * chance * (1 - chance))


def test_one_audit_alone_can_be_drawn() -> None:
    """Rounding each small draw down would mean that a careful auditor is never checked again."""
    drawn = [bool(draw_spot_checks([ORDINARY], seed=seed, rules=SHIPPED).drawn) for seed in range(400)]
    assert 30 <= sum(drawn) <= 90


def test_a_draw_says_how_to_repeat_it() -> None:
    assert Draw(41, ("A", "B", "C"), frozenset({"B"})).in_words == "1 of 3 drawn by lot, seed 41."
