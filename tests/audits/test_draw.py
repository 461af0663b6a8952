"""The draw: proportion, exclusions, lots (docs/domain.md, section 6)."""

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.draw import Child, Draw, Rules, Stratum, draw, largest_remainder, round_by_lot, share_out

NOVEMBER = date(2026, 11, 1)
SHIPPED = Rules()


def children(count: int, pathway: str = "cin", team: str = "North", **fields: object) -> list[Child]:
    return [Child(f"{pathway}-{team}-{n:03d}", pathway, team, **fields) for n in range(count)]


def drawn(result: Draw) -> list[str]:
    return [row.child.reference for row in result.drawn]


def draw_november(caseload: list[Child], wanted: int, *, seed: int = 1, rules: Rules = SHIPPED) -> Draw:
    return draw(caseload, month=NOVEMBER, wanted=wanted, seed=seed, rules=rules)


@st.composite
def caseloads(draw_from: st.DrawFn) -> list[Child]:
    facts = st.tuples(
        st.sampled_from(["cin", "cp", "cla"]),
        st.sampled_from(["North", "South", "West"]),
        st.sampled_from(["", "", "a", "b"]),
        st.sampled_from([None, None, date(2025, 10, 9), date(2025, 11, 9)]),
    )
    return [Child(f"{n:03d}", *rest) for n, rest in enumerate(draw_from(st.lists(facts, max_size=24)))]


def families(caseload: list[Child]) -> int:
    """How many may be drawn at most: children with no known family, and one of each family."""
    return sum(not child.sibling_group for child in caseload) + len(
        {child.sibling_group for child in caseload} - {""}
    )


class TestExclusions:
    @given(caseloads(), st.integers(0, 40), st.integers())
    def test_nobody_audited_in_12_months_and_no_two_siblings(
        self, caseload: list[Child], wanted: int, seed: int
    ) -> None:
        result = [row.child for row in draw_november(caseload, wanted, seed=seed).drawn]
        assert [
            child for child in result if child.last_audited and child.last_audited >= date(2025, 11, 1)
        ] == []
        assert families(result) == len(result)

    @given(caseloads(), st.integers(0, 40), st.integers())
    def test_as_many_are_drawn_as_the_rules_allow(
        self, caseload: list[Child], wanted: int, seed: int
    ) -> None:
        result = draw_november(caseload, wanted, seed=seed)
        may = [
            child for child in caseload if not child.last_audited or child.last_audited < date(2025, 11, 1)
        ]
        expected = min(wanted, families(may))
        assert len(result.drawn) == expected
        assert [gap.what for gap in result.not_covered] == (
            [f"{wanted - expected} of the {wanted} child journey audits"] if expected < wanted else []
        )

    @pytest.mark.parametrize(
        ("last_audited", "months", "comes_back"),
        [
            (date(2025, 11, 30), 12, False),
            (date(2025, 10, 31), 12, True),
            (date(2026, 10, 1), 12, False),
            (date(2026, 12, 1), 12, False),
            (date(2026, 7, 1), 3, True),
            (date(2026, 8, 1), 3, False),
        ],
    )
    def test_a_child_comes_back_after_the_months_set(
        self, last_audited: date, months: int, *, comes_back: bool
    ) -> None:
        result = draw_november(
            children(1, last_audited=last_audited), 1, rules=Rules(months_between_audits=months)
        )
        assert bool(result.drawn) is comes_back

    def test_why_too_few_were_drawn(self) -> None:
        caseload = [
            *children(2),
            *children(3, team="South", last_audited=date(2026, 3, 1)),
            *children(2, team="West", sibling_group="family"),
        ]
        [gap] = draw_november(caseload, 5).not_covered
        assert gap.what == "2 of the 5 child journey audits"
        assert gap.why == (
            "3 of 7 open children drawn; 3 audited in the last 12 months; "
            "1 with a brother or sister in this round."
        )

    def test_a_stratum_that_runs_short_passes_its_places_on(self) -> None:
        """First to another team of the pathway, even where another pathway has the lower lots."""
        caseload = [
            *children(10, "cp", "North", last_audited=date(2026, 3, 1)),
            *children(10, "cp", "South"),
            *children(10, "cin", "North"),
        ]
        result = draw_november(caseload, 6, rules=Rules(pathway_names={"cp": "Child protection"}))
        assert Counter(row.child.stratum for row in result.drawn) == {("cp", "South"): 4, ("cin", "North"): 2}
        assert [(gap.what, gap.why) for gap in result.short] == [
            (
                "2 of 2 for Child protection, North",
                "0 of 10 open children drawn; 10 audited in the last 12 months.",
            )
        ]
        assert result.not_covered == ()

    def test_a_pathway_that_runs_short_passes_its_places_on(self) -> None:
        caseload = [*children(10, "cp", last_audited=date(2026, 3, 1)), *children(10, "cin")]
        result = draw_november(caseload, 4)
        assert Counter(row.child.pathway for row in result.drawn) == {"cin": 4}
        assert sorted({row.because for row in result.drawn}) == [
            "Drawn by lot for a place that cp, North could not fill.",
            "Drawn by lot: 2 of the 10 who could be drawn for cin, North.",
        ]

    def test_an_empty_caseload_is_said_to_be_empty(self) -> None:
        result = draw_november([], 2)
        assert (result.drawn, result.not_covered[0].why) == ((), "0 of 0 open children drawn.")


class TestLots:
    @given(caseloads(), st.randoms(), st.integers())
    def test_order_of_the_children_does_not_matter(
        self, caseload: list[Child], shuffler: random.Random, seed: int
    ) -> None:
        shuffled = list(caseload)
        shuffler.shuffle(shuffled)
        assert draw_november(shuffled, 9, seed=seed) == draw_november(caseload, 9, seed=seed)

    def test_the_draw_of_a_recorded_seed_never_changes(self) -> None:
        """Held for good: a council must be able to repeat a draw of years ago."""
        assert drawn(draw_november([*children(40), *children(20, "cp", "South")], 6, seed=20261101)) == [
            "cin-North-004",
            "cin-North-013",
            "cin-North-014",
            "cin-North-025",
            "cp-South-007",
            "cp-South-008",
        ]

    def test_seeds_differ(self) -> None:
        draws = {tuple(drawn(draw_november(children(100), 5, seed=seed))) for seed in range(20)}
        assert len(draws) == 20

    def test_each_child_of_a_pathway_has_the_same_chance(self) -> None:
        """A team of 3 children is reached as often as its size says, beside a team of 37."""
        caseload = [*children(37), *children(3, team="Tiny")]
        times = Counter(name for seed in range(500) for name in drawn(draw_november(caseload, 5, seed=seed)))
        expected = 500 * 5 / 40
        assert max(abs(times[child.reference] - expected) for child in caseload) < 5 * expected**0.5
        tiny = sum(times[child.reference] for child in caseload if child.team == "Tiny")
        assert abs(tiny - 3 * expected) < 4 * (3 * expected) ** 0.5

    def test_largest_remainder_alone_would_never_reach_a_small_team(self) -> None:
        """The twin of the test above: what rounding by lot is for."""
        sizes = {"North": Fraction(37), "Tiny": Fraction(3)}
        assert largest_remainder(sizes, 5, random.Random(1)) == {"North": 5, "Tiny": 0}

    def test_two_children_of_one_reference_are_refused(self) -> None:
        with pytest.raises(ValueError, match="same reference"):
            draw_november([*children(1), *children(1)], 1)


class TestShares:
    @given(st.dictionaries(st.text(), st.fractions(0, 900), max_size=8), st.integers(0, 200), st.integers())
    def test_largest_remainder_keeps_the_quota_and_the_total(
        self, sizes: dict[str, Fraction], places: int, seed: int
    ) -> None:
        shares = largest_remainder(sizes, places, random.Random(seed))
        total = sum(sizes.values())
        assert sum(shares.values()) == (places if total else 0)
        assert [
            name for name in sizes if total and abs(shares[name] - places * sizes[name] / total) >= 1
        ] == []

    def test_largest_remainder_of_a_known_table(self) -> None:
        """Hamilton's method on 25 places: quotas 8.93, 2.08, 10.95, 3.05."""
        sizes = {"cin": 571, "cp": 133, "cla": 700, "leaving_care": 195}
        shares = largest_remainder(
            {name: Fraction(size) for name, size in sizes.items()}, 25, random.Random(1)
        )
        assert shares == {"cin": 9, "cp": 2, "cla": 11, "leaving_care": 3}

    @given(caseloads(), st.integers(0, 60), st.integers())
    def test_every_pathway_team_and_cell_is_within_one_of_its_share(
        self, caseload: list[Child], wanted: int, seed: int
    ) -> None:
        shares = share_out(caseload, wanted, rules=SHIPPED, rng=random.Random(seed))
        size = Counter(child.stratum for child in caseload)
        of_pathway = Counter(child.pathway for child in caseload)
        seats: Counter[str] = Counter()
        for stratum, share in shares.items():
            seats[stratum.pathway] += share
        cell = {s: Fraction(seats[s.pathway] * size[s], of_pathway[s.pathway]) for s in shares}
        assert sum(shares.values()) == (wanted if caseload else 0)
        assert [
            p for p, n in of_pathway.items() if abs(seats[p] - Fraction(wanted * n, len(caseload))) >= 1
        ] == []
        assert [s for s in shares if abs(shares[s] - cell[s]) >= 1] == []
        for team in {s.team for s in shares}:
            expected = sum(cell[s] for s in shares if s.team == team)
            assert abs(sum(shares[s] for s in shares if s.team == team) - expected) < 1

    def test_rounding_by_lot_is_right_on_average(self) -> None:
        shares = {
            Stratum("cin", "North"): Fraction(3, 4),
            Stratum("cin", "South"): Fraction(1, 4),
            Stratum("cp", "North"): Fraction(1, 3),
            Stratum("cp", "South"): Fraction(2, 3),
        }
        rng = random.Random(4)
        total: Counter[Stratum] = Counter()
        for _ in range(2000):
            total.update(round_by_lot(shares, rng))
        assert [s for s, share in shares.items() if abs(total[s] / 2000 - share) > 0.04] == []

    @pytest.mark.parametrize(
        ("weight", "expected"), [("1", {"cin": 8, "cp": 2}), ("4", {"cin": 5, "cp": 5}), ("0", {"cin": 10})]
    )
    def test_a_weight_over_samples_a_pathway(self, weight: str, expected: dict[str, int]) -> None:
        caseload = [*children(80, "cin"), *children(20, "cp")]
        result = draw_november(caseload, 10, rules=Rules(pathway_weights={"cp": Decimal(weight)}))
        assert Counter(row.child.pathway for row in result.drawn) == expected

    def test_a_pathway_left_out_never_fills_a_place(self) -> None:
        caseload = [*children(3, "cin"), *children(20, "cp")]
        result = draw_november(caseload, 10, rules=Rules(pathway_weights={"cp": Decimal(0)}))
        assert Counter(row.child.pathway for row in result.drawn) == {"cin": 3}
