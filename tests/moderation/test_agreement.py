"""Agreement of panels with auditors, checked against what has been published (docs/domain.md, sections 7 and 10)."""

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from moderation.agreement import (
    SCALE,
    Agreement,
    Estimate,
    Lean,
    Unknown,
    compare,
    from_counts,
    gwet_ac2,
    pool,
    quadratic_weights,
    recurring,
    sign_test,
    weighted_kappa,
)

Rows = Sequence[Sequence[float]]

COHEN_1968 = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
"""Cohen (1968), Psychological Bulletin 70, table 1: his proportions times his 200 cases."""
COHEN_1968_DISAGREEMENT = [[0, 1, 3], [1, 0, 6], [3, 6, 0]]

SAS = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
"""The table of a SAS PROC FREQ printout that the tests of statsmodels reproduce."""

ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
"""Gwet (2014), Handbook of Inter-Rater Reliability: two abstractors, 100 patients; ships with his irrCAC."""

grades = st.sampled_from([*SCALE, "not_applicable"])
pairs = st.lists(st.tuples(grades, grades), max_size=40)
on_the_scale = st.lists(st.tuples(st.sampled_from(SCALE), st.sampled_from(SCALE)), min_size=10, max_size=60)


def same_or_not(size: int) -> Rows:
    return [[float(row == column) for column in range(size)] for row in range(size)]


def linear(size: int) -> Rows:
    return [[1 - abs(row - column) / (size - 1) for column in range(size)] for row in range(size)]


def estimate(coefficient: Estimate | Unknown) -> Estimate:
    assert isinstance(coefficient, Estimate)
    return coefficient


def agreement_of(*counts: tuple[str, str, int]) -> Agreement:
    return from_counts({(auditor, panel): count for auditor, panel, count in counts})


class TestPublishedExamples:
    def test_cohen_1968(self) -> None:
        """He prints an unweighted kappa of .492 and a weighted one of .348."""
        weights = [[1 - cell / 6 for cell in row] for row in COHEN_1968_DISAGREEMENT]
        assert estimate(weighted_kappa(COHEN_1968, same_or_not(3))).value == pytest.approx(0.492, abs=0.0005)
        assert estimate(weighted_kappa(COHEN_1968, weights)).value == pytest.approx(0.348, abs=0.0005)

    @pytest.mark.parametrize(
        ("weights", "printed"),
        [
            (same_or_not(3), (0.4842, 0.1380, 0.2137, 0.7547)),
            (linear(3), (0.4701, 0.1457, 0.1845, 0.7558)),
        ],
        ids=["unweighted", "linear"],
    )
    def test_sas_with_its_standard_errors_and_limits(self, weights: Rows, printed: tuple[float, ...]) -> None:
        found = estimate(weighted_kappa(SAS, weights))
        assert (found.value, found.error, found.low, found.high) == pytest.approx(printed, abs=0.00006)

    def test_gwet_2014_without_weights(self) -> None:
        """IrrCAC prints an AC1 of 0.84933 with the interval (0.76358, 0.93508)."""
        found = estimate(gwet_ac2(ABSTRACTORS, same_or_not(3)))
        assert (found.value, found.low, found.high) == pytest.approx((0.84933, 0.76358, 0.93508), abs=0.00001)

    def test_gwet_2014_with_quadratic_weights_by_hand(self) -> None:
        """Agreement .75 for one step: 0.89 + 0.75 x 0.11; chance: 6 / 6 x ... with T = 3 + 4 x 0.75 = 6, q = 3."""
        used = (13 / 100, (27 + 24) / 200, (60 + 63) / 200)
        observed = 0.89 + 0.75 * 0.11
        expected = 6 / 6 * sum(part * (1 - part) for part in used)
        found = estimate(gwet_ac2(ABSTRACTORS, quadratic_weights(3)))
        assert found.value == pytest.approx((observed - expected) / (1 - expected))

    def test_cohen_1968_with_quadratic_weights_by_hand(self) -> None:
        """1 less observed over expected squared distances."""
        observed = (14 + 4 * 18 + 10 + 10 + 4 * 2 + 6) / 200
        rows, columns = (0.6, 0.3, 0.1), (0.5, 0.3, 0.2)
        expected = sum((i - j) ** 2 * rows[i] * columns[j] for i in range(3) for j in range(3))
        found = estimate(weighted_kappa(COHEN_1968, quadratic_weights(3)))
        assert found.value == pytest.approx(1 - observed / expected)


def test_the_standard_errors_are_those_that_resampling_finds() -> None:
    """Another way to the same number: 1,500 seeded samples of the table, with replacement."""
    lot = random.Random(1968)
    table = [[12, 6, 1, 0], [4, 30, 9, 1], [1, 7, 24, 3], [0, 1, 4, 7]]
    cells = [(i, j) for i in range(4) for j in range(4)]
    counts = [table[i][j] for i, j in cells]
    weights = quadratic_weights(4)
    kappas, acs = [], []
    for _ in range(1500):
        sample = [[0] * 4 for _ in range(4)]
        for i, j in lot.choices(cells, counts, k=sum(counts)):
            sample[i][j] += 1
        kappas.append(estimate(weighted_kappa(sample, weights)).value)
        acs.append(estimate(gwet_ac2(sample, weights)).value)
    assert stats.tstd(kappas) == pytest.approx(estimate(weighted_kappa(table, weights)).error, rel=0.1)
    assert stats.tstd(acs) == pytest.approx(estimate(gwet_ac2(table, weights)).error, rel=0.1)


@given(on_the_scale)
def test_quadratic_kappa_is_lins_concordance(found: list[tuple[str, str]]) -> None:
    """A known identity (Fleiss and Cohen 1973): 2 cov / (var + var + (difference of means) squared), over n."""
    kappa = compare(found).kappa
    first = [SCALE.index(auditor) for auditor, _ in found]
    second = [SCALE.index(panel) for _, panel in found]
    n = len(found)
    mean_1, mean_2 = sum(first) / n, sum(second) / n
    spread = sum((x - mean_1) ** 2 for x in first) + sum((y - mean_2) ** 2 for y in second)
    below = spread / n + (mean_1 - mean_2) ** 2
    if below == 0:
        assert kappa == Unknown("Every grade is the same one, so kappa is not defined.")
    else:
        together = sum((x - mean_1) * (y - mean_2) for x, y in zip(first, second, strict=True)) / n
        assert estimate(kappa).value == pytest.approx(2 * together / below, abs=1e-9)


@given(pairs)
def test_agreed_up_and_down_are_all_there_is(found: list[tuple[str, str]]) -> None:
    result = compare(found)
    assert result.agreed.numerator + result.up.numerator + result.down.numerator == result.pairs
    both = sum(pair.count("not_applicable") == 2 for pair in found)
    assert result.pairs + result.applicability_changed + both == len(found)
    assert result.two_step.numerator <= result.up.numerator + result.down.numerator


@given(on_the_scale)
def test_coefficients_lie_in_their_intervals_and_swapping_the_raters_changes_nothing(
    found: list[tuple[str, str]],
) -> None:
    result = compare(found)
    swapped = compare((panel, auditor) for auditor, panel in found)
    for one, other in ((result.kappa, swapped.kappa), (result.ac2, swapped.ac2)):
        if isinstance(one, Estimate):
            assert -1 <= one.low <= one.value <= one.high <= 1
            assert one.value == pytest.approx(estimate(other).value)
            assert one.error == pytest.approx(estimate(other).error, abs=1e-6)
        else:
            assert one == other
    assert (result.up, result.down) == (swapped.down, swapped.up)


@given(st.lists(on_the_scale, max_size=4))
def test_pooling_is_comparing_all_pairs_at_once(parts: list[list[tuple[str, str]]]) -> None:
    assert pool(compare(part) for part in parts) == compare(pair for part in parts for pair in part)


class TestSmallNumbers:
    def test_below_ten_there_is_the_fraction_alone(self) -> None:
        result = agreement_of(("good", "good", 7), ("good", "requires_improvement", 2))
        assert str(result.agreed) == "7 of 9"
        assert result.kappa == result.ac2 == Unknown("Too few to say: below 10 grades compared.")

    def test_from_ten_on_there_is_everything(self) -> None:
        result = agreement_of(("good", "good", 7), ("good", "requires_improvement", 3))
        assert str(result.agreed) == "7 of 10 (70%)"
        assert isinstance(result.kappa, Estimate)

    def test_kappa_is_not_defined_where_every_grade_is_the_same_and_ac2_is_one(self) -> None:
        result = agreement_of(("good", "good", 12))
        assert result.kappa == Unknown("Every grade is the same one, so kappa is not defined.")
        assert estimate(result.ac2) == Estimate(1.0, 0.0, 1.0, 1.0)

    def test_ac2_stays_sensible_where_kappa_falls_to_nothing(self) -> None:
        """19 of 20 the same and kappa 0: why both are printed."""
        result = agreement_of(("good", "good", 19), ("good", "requires_improvement", 1))
        assert estimate(result.kappa).value == pytest.approx(0)
        assert estimate(result.ac2).value > 0.97

    def test_nothing_is_nothing(self) -> None:
        result = compare([])
        assert (result.pairs, result.mean_shift, str(result.agreed)) == (0, None, "0 of 0")

    def test_one_pair_has_no_standard_error(self) -> None:
        assert gwet_ac2([[1, 0], [0, 0]], same_or_not(2)) == Unknown("Nothing to compare.")
        assert weighted_kappa([[0, 0], [0, 0]], same_or_not(2)) == Unknown("Nothing to compare.")


def test_steps_shift_and_applicability() -> None:
    result = agreement_of(
        ("outstanding", "requires_improvement", 1),
        ("good", "good", 5),
        ("requires_improvement", "good", 1),
        ("good", "not_applicable", 2),
        ("not_applicable", "not_applicable", 4),
    )
    assert (str(result.agreed), str(result.up), str(result.down)) == ("5 of 7", "1 of 7", "1 of 7")
    assert str(result.two_step) == "1 of 7"
    assert result.mean_shift == pytest.approx(-1 / 7)
    assert result.applicability_changed == 2


class TestLean:
    @pytest.mark.parametrize(
        ("up", "down", "direction"),
        [
            (0, 0, ""),
            (0, 5, ""),
            (0, 6, "lenient"),
            (6, 0, "harsh"),
            (1, 8, "lenient"),
            (1, 7, ""),
            (4, 5, ""),
        ],
    )
    def test_it_is_said_only_when_the_sign_test_supports_it(self, up: int, down: int, direction: str) -> None:
        assert Lean(up, down).direction == direction

    def test_in_words(self) -> None:
        assert Lean(0, 0).in_words == "No audit was moved up or down."
        assert Lean(1, 4).in_words == "No direction beyond chance: 4 marked down, 1 marked up."
        assert (
            Lean(0, 6).in_words == "Grades higher than panels do, beyond chance: 6 marked down, 0 marked up."
        )
        assert (
            Lean(7, 0).in_words == "Grades lower than panels do, beyond chance: 0 marked down, 7 marked up."
        )

    @given(st.integers(0, 40), st.integers(0, 40))
    def test_the_sign_test_is_the_exact_binomial_one(self, up: int, down: int) -> None:
        assume(up + down)
        assert sign_test(up, down) == pytest.approx(stats.binomtest(up, up + down).pvalue)


def test_recurring_reasons_are_those_given_more_than_once() -> None:
    assert recurring({"timescale": 2, "direct_work": 1, "evidence": 3}) == [("evidence", 3), ("timescale", 2)]


def test_an_estimate_prints_its_interval() -> None:
    assert str(Estimate(0.4701, 0.1457, 0.1845, 0.7558)) == "0.47 (0.18 to 0.76)"
    assert math.isclose(quadratic_weights(4)[0][1], 8 / 9)
