import statistics
from collections import Counter
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.shares import Ratio, chance_of_difference, whole_percent, wilson_interval
from dashboards.measures.definition import Measure, Tally, Unit, expand, pool, ratio
from dashboards.measures.figure import Figure, figure
from dashboards.measures.grades import GRADES
from dashboards.measures.table import MEASURES

WORDS = {
    "area": {"visits": "Visits", "assessments": "Assessments"},
    "grade": {
        "outstanding": "Outstanding",
        "good": "Good",
        "requires_improvement": "Requires improvement",
        "inadequate": "Inadequate",
    },
    "question": {"V6": "V6 Purpose clear"},
    "pathway": {"cla": "Child looked after"},
}
EXPANDED = {measure.code: measure for declared in MEASURES for measure in expand(declared, WORDS)}


def graded(section: str, *counts: int) -> dict[str, int]:
    return {f"{section}.{grade}": count for grade, count in zip(GRADES, counts, strict=True)}


Q1: Tally = {"submitted": 70, **graded("overall", 0, 19, 31, 20), **graded("assessments", 0, 8, 13, 3)}
Q2: Tally = {"submitted": 64, **graded("overall", 3, 26, 23, 12), **graded("assessments", 1, 23, 28, 8)}


@st.composite
def ratios(draw: st.DrawFn, smallest: int = 0, largest: int = 300) -> Ratio:
    denominator = draw(st.integers(smallest, largest))
    return Ratio(draw(st.integers(0, denominator)), denominator)


def share(now: Ratio, before: Ratio) -> Figure:
    return Figure(EXPANDED["return_rate"], now, before, year_to_date=now)


class TestTheTable:
    def test_every_measure_of_the_quarter(self) -> None:
        assert sorted(EXPANDED) == sorted(
            [
                *(
                    f"{section}.{grade}"
                    for section in ("overall", "visits", "assessments")
                    for grade in GRADES
                ),
                "overall.good_or_better",
                "visits.good_or_better",
                "visits.not_applicable",
                "assessments.good_or_better",
                "assessments.not_applicable",
                "question.V6.yes",
                "question.V6.not_evidenced",
                "return_rate",
                "return_rate_gross",
                "on_time",
                "volume",
                "activity",
                *(f"activity.{kind}" for kind in ("cja", "dip_sample", "observation", "handed_in")),
                "worker_involved",
                "feedback.obtained",
                "feedback.attempted",
                "feedback.child",
                *(f"feedback.F{number}" for number in range(3, 10)),
                "visit_timeliness",
                "voice.father",
                "voice.at_least_one_parent",
                "scrutiny.iro",
                "scrutiny.chair",
                *(
                    f"smart.{part}"
                    for part in ("all", "specific", "measurable", "achievable", "relevant", "timed")
                ),
                "moderation.coverage",
                "moderation.returned",
                *(
                    f"moderation.{verdict}"
                    for verdict in ("agreed", "up", "down", "two_step", "mean_shift", "kappa", "coverage_due")
                ),
                *(
                    f"moderation.{area}.{part}"
                    for area in ("visits", "assessments")
                    for part in ("agreed", "two_step", "mean_shift", "kappa")
                ),
                "panel.attendance",
                *(f"actions.{part}" for part in ("on_time", "verified", "returned", "days_to_close")),
                *(f"actions.overdue{band}" for band in ("", ".1_5", ".6_10", ".11_20", ".over_20")),
                "reaudit.in_time",
                "reaudit.improved",
                "hand_off",
                "recurrence",
                "coverage.cla",
            ]
        )

    def test_codes_are_unique(self) -> None:
        codes = [measure.code for measure in MEASURES]
        assert len(set(codes)) == len(codes)

    def test_expanding_writes_out_code_label_and_counts(self) -> None:
        yes = EXPANDED["question.V6.yes"]
        assert yes.label == "V6 Purpose clear: yes"
        assert yes.counts == ("V6.yes",)
        assert yes.of == ("V6.yes", "V6.partly", "V6.no", "V6.not_evidenced")

    def test_a_label_with_braces_stays_as_it_is(self) -> None:
        measure = next(m for m in MEASURES if m.code == "question.{question}.yes")
        assert [m.label for m in expand(measure, {"question": {"V6": "V6 {area}"}})] == ["V6 {area}: yes"]

    def test_not_evidenced_counts_against_and_not_applicable_does_not(self) -> None:
        tally = {"V6.yes": 20, "V6.partly": 5, "V6.no": 3, "V6.not_evidenced": 2, "V6.not_applicable": 70}
        assert ratio(EXPANDED["question.V6.yes"], tally) == Ratio(20, 30)
        assert ratio(EXPANDED["question.V6.not_evidenced"], tally) == Ratio(2, 30)

    def test_returns(self) -> None:
        tally = {"allocated": 60, "excused": 10, "submitted": 40, "returned": 40, "on_time": 25}
        tally["submitted_before"] = 32
        assert ratio(EXPANDED["return_rate"], tally) == Ratio(40, 50)
        assert ratio(EXPANDED["return_rate_gross"], tally) == Ratio(40, 60)
        assert ratio(EXPANDED["on_time"], tally) == Ratio(25, 50)
        assert ratio(EXPANDED["volume"], tally) == Ratio(8, 32)

    def test_people(self) -> None:
        tally = {
            "submitted": 40,
            "returned": 40,
            "W1.took_part": 22,
            "W1.declined": 18,
            "F1_outcome.feedback": 18,
            "F1_outcome.not_appropriate": 4,
        }
        assert ratio(EXPANDED["worker_involved"], tally) == Ratio(22, 40)
        assert ratio(EXPANDED["feedback.obtained"], tally) == Ratio(18, 36)
        tally |= {
            "F1_outcome.no_reply": 9,
            "F1_outcome.declined": 3,
            "F1_outcome.not_tried": 6,
            "F2.child": 7,
        }
        assert ratio(EXPANDED["feedback.attempted"], tally) == Ratio(30, 36)
        assert ratio(EXPANDED["feedback.child"], tally) == Ratio(7, 36)

    def test_what_families_said_counts_people_and_not_who_was_not_asked(self) -> None:
        tally = {"submitted": 40, "F3.yes": 12, "F3.partly": 3, "F3.no": 5, "F3.not_asked": 9}
        assert ratio(EXPANDED["feedback.F3"], tally) == Ratio(12, 20)

    def test_an_area_nobody_graded_is_not_applicable_in_all_audits(self) -> None:
        assert ratio(EXPANDED["visits.not_applicable"], Q1) == Ratio(70, 70)
        assert ratio(EXPANDED["visits.good_or_better"], Q1) == Ratio(0, 0)


class TestKappa:
    def test_from_the_pairs_counted_and_not_for_few(self) -> None:
        """The classic table of Cohen (1968) is in tests/moderation/test_agreement.py; here: perfect, and too few."""
        measure = EXPANDED["moderation.kappa"]
        pairs = {"moderation.overall.pair.good.good": 8, "moderation.overall.pair.inadequate.inadequate": 4}
        tally = {"moderation.overall.pairs": 12, **pairs}
        found = figure(measure, tally, {"moderation.overall.pairs": 3}, tally)
        assert (found.value, found.value_interval_95, found.percent) == (1.0, (1.0, 1.0), None)
        assert (found.printed, found.printed_before) == ("1.00 (1.00 to 1.00) over 12", "not given over 3")
        assert (found.interval_95, found.points, found.change_supported) == (None, None, None)

    def test_an_area_does_not_read_the_pairs_of_another(self) -> None:
        tally = {"moderation.visits.pairs": 10, "moderation.assessments.pair.good.good": 10}
        assert figure(EXPANDED["moderation.visits.kappa"], tally, {}, tally).value is None


class TestMedian:
    @given(days=st.lists(st.integers(0, 400), min_size=1, max_size=60))
    def test_is_the_median_of_the_days_counted(self, days: list[int]) -> None:
        tally = {f"actions.days.{day}": count for day, count in Counter(days).items()}
        assert EXPANDED["actions.days_to_close"].statistic_of(tally) == statistics.median(days)

    def test_of_nothing_there_is_none(self) -> None:
        found = figure(EXPANDED["actions.days_to_close"], {}, {}, {})
        assert (found.value, found.printed) == (None, "none over 0")


class TestDefinitions:
    def test_the_mark_of_a_definition_changes_with_it_and_not_with_its_words(self) -> None:
        measure = EXPANDED["return_rate"]
        assert replace(measure, label="Returned", numerator="In other words").version == measure.version
        others = {
            replace(measure, counts=("submitted",)).version,
            replace(measure, of=("allocated",)).version,
            replace(measure, unit=Unit.RATIO).version,
            replace(measure, parts="x.").version,
        }
        assert len(others) == 4
        assert measure.version not in others

    def test_what_stood_at_an_end_is_not_added(self) -> None:
        quarters = [{"submitted": 3, "at_end.open.cla": 90}, {"submitted": 4, "at_end.open.cla": 80}]
        assert pool(quarters) == {"submitted": 7, "at_end.open.cla": 80}


class TestWorkedExample:
    """The published counts of docs/domain.md, section 11."""

    @pytest.mark.parametrize(
        ("code", "tally", "expected", "percent"),
        [
            ("assessments.good", Q1, Ratio(8, 24), 33),
            ("assessments.not_applicable", Q1, Ratio(46, 70), 66),
            ("assessments.good", Q2, Ratio(23, 60), 38),
            ("assessments.not_applicable", Q2, Ratio(4, 64), 6),
            ("overall.good", Q2, Ratio(26, 64), 41),
            ("overall.good_or_better", Q1, Ratio(19, 70), 27),
            ("overall.good_or_better", Q2, Ratio(29, 64), 45),
            ("overall.good_or_better", pool([Q1, Q2]), Ratio(48, 134), 36),
        ],
    )
    def test_percentages(self, code: str, tally: Tally, expected: Ratio, percent: int) -> None:
        found = ratio(EXPANDED[code], tally)
        assert (found, found.percent) == (expected, percent)

    def test_overall_rose_by_18_points_and_the_change_is_supported(self) -> None:
        overall = figure(EXPANDED["overall.good_or_better"], now=Q2, before=Q1, year_to_date=pool([Q1, Q2]))
        assert (overall.points, overall.change_supported) == (18, True)

    def test_assessments_rose_by_5_points_and_the_change_is_not_supported(self) -> None:
        good = figure(EXPANDED["assessments.good"], now=Q2, before=Q1, year_to_date=pool([Q1, Q2]))
        assert (good.points, good.change_supported) == (5, False)

    def test_volume_fell_by_6_of_70(self) -> None:
        volume = figure(EXPANDED["volume"], {**Q2, "submitted_before": 70}, before=Q1, year_to_date={})
        assert (volume.now, volume.now.percent, volume.year_to_date) == (Ratio(-6, 70), -9, None)
        assert (volume.printed, volume.printed_before) == (
            "\N{MINUS SIGN}6 on 70 (\N{MINUS SIGN}9%)",
            "+70 on 0",
        )
        assert (volume.interval_95, volume.points, volume.change_supported) == (None, None, None)


class TestPercent:
    @pytest.mark.parametrize(
        ("numerator", "denominator", "percent"),
        [
            (1, 8, 13),
            (3, 8, 38),
            (1, 200, 1),
            (99, 200, 50),
            (0, 10, 0),
            (10, 10, 100),
            (-1, 8, -13),
            (5, 2, 250),
        ],
    )
    def test_by_hand(self, numerator: int, denominator: int, percent: int) -> None:
        assert whole_percent(numerator, denominator) == percent

    @given(st.integers(-5000, 5000), st.integers(1, 5000))
    def test_is_decimal_rounding(self, numerator: int, denominator: int) -> None:
        exact = Decimal(100 * numerator) / Decimal(denominator)
        assert whole_percent(numerator, denominator) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))

    @pytest.mark.parametrize(
        ("found", "percent"), [(Ratio(3, 9), None), (Ratio(0, 0), None), (Ratio(3, 10), 30)]
    )
    def test_below_ten_only_the_fraction(self, found: Ratio, percent: int | None) -> None:
        assert found.percent == percent

    def test_a_total_is_never_forced_to_100(self) -> None:
        assert [Ratio(count, 24).percent for count in (8, 13, 3)] == [33, 54, 13]
        assert [Ratio(10, 30).percent for _ in range(3)] == [33, 33, 33]


class TestPooling:
    def test_adds_counts_and_keeps_what_fell(self) -> None:
        assert pool([{"a": 1, "b": -3}, {"a": 2, "c": 4}]) == {"a": 3, "b": -3, "c": 4}

    @given(st.lists(ratios(smallest=1), min_size=1, max_size=4))
    def test_the_year_lies_between_its_quarters(self, quarters: list[Ratio]) -> None:
        of_all = Measure("x", "X", "", "", "", ("hits",), ("trials",))
        year = ratio(of_all, pool([{"hits": q.numerator, "trials": q.denominator} for q in quarters]))
        shares = [Fraction(q.numerator, q.denominator) for q in quarters]
        assert min(shares) <= Fraction(year.numerator, year.denominator) <= max(shares)

    def test_is_not_the_average_of_the_quarters(self) -> None:
        year = ratio(EXPANDED["assessments.good"], pool([Q1, Q2]))
        assert (year, year.percent) == (Ratio(31, 84), 37)  # the average of 33% and 38% would print 36%


class TestWilson:
    def test_by_hand(self) -> None:
        assert wilson_interval(29, 64) == (33.7, 57.4)
        assert wilson_interval(0, 20) == (0.0, 16.1)
        assert wilson_interval(20, 20) == (83.9, 100.0)

    @pytest.mark.parametrize(
        ("hits", "of", "interval"),
        [(81, 263, (25.5, 36.6)), (15, 148, (6.2, 16.0)), (0, 20, (0.0, 16.1)), (1, 29, (0.6, 17.2))],
    )
    def test_the_four_examples_that_were_published(
        self, hits: int, of: int, interval: tuple[float, float]
    ) -> None:
        """R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17, 1998."""
        assert wilson_interval(hits, of) == interval

    @given(ratios(smallest=1))
    def test_agrees_with_scipy(self, found: Ratio) -> None:
        theirs = stats.binomtest(found.numerator, found.denominator).proportion_ci(method="wilson")
        low, high = wilson_interval(found.numerator, found.denominator)
        assert low == pytest.approx(100 * theirs.low, abs=0.0501)
        assert high == pytest.approx(100 * theirs.high, abs=0.0501)

    @given(ratios(smallest=1))
    def test_holds_the_share_itself(self, found: Ratio) -> None:
        low, high = wilson_interval(found.numerator, found.denominator)
        assert 0 <= low <= round(100 * found.numerator / found.denominator, 1) <= high <= 100

    def test_none_below_ten(self) -> None:
        assert share(Ratio(3, 9), Ratio(0, 0)).interval_95 is None


class TestChange:
    def test_by_hand(self) -> None:
        # Of 6 ways to choose which 2 of 4 are hits, one is this split and one its reverse.
        assert chance_of_difference(2, 2, 0, 2) == Fraction(2, 6)
        # The lady tasting tea: 3 of 4 and 1 of 4.
        assert chance_of_difference(3, 4, 1, 4) == Fraction(34, 70)

    def test_as_published(self) -> None:
        """R. A. Fisher's convicted twins: 10 of 13 against 2 of 17, two-sided 0.00054 (J. Roy. Stat. Soc. 98, 1935)."""
        assert float(chance_of_difference(10, 13, 2, 17)) == pytest.approx(0.0005367, abs=5e-8)

    @given(ratios(smallest=1, largest=120), ratios(smallest=1, largest=120))
    def test_agrees_with_scipy(self, now: Ratio, before: Ratio) -> None:
        table = [
            [now.numerator, now.denominator - now.numerator],
            [before.numerator, before.denominator - before.numerator],
        ]
        ours = chance_of_difference(now.numerator, now.denominator, before.numerator, before.denominator)
        assert float(ours) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6)

    @given(ratios(smallest=10), ratios(smallest=10))
    def test_a_rise_and_its_reverse_print_alike(self, now: Ratio, before: Ratio) -> None:
        rise = share(now, before)
        fall = share(before, now)
        assert rise.points == -(fall.points or 0)
        assert rise.change_supported == fall.change_supported

    @given(ratios(smallest=10))
    def test_no_difference_is_no_change(self, same: Ratio) -> None:
        unchanged = share(same, same)
        assert (unchanged.points, unchanged.change_supported) == (0, False)

    @pytest.mark.parametrize(
        ("now", "before"),
        [(Ratio(9, 9), Ratio(0, 50)), (Ratio(50, 50), Ratio(0, 9)), (Ratio(50, 50), Ratio(0, 0))],
    )
    def test_too_few_to_say(self, now: Ratio, before: Ratio) -> None:
        found = share(now, before)
        assert (found.points, found.change_supported) == (None, None)

    def test_one_point_is_no_points(self) -> None:
        found = share(Ratio(510, 1000), Ratio(500, 1000))
        assert (found.change_in_words, found.change_said) == ("+1 point", "")
        found = share(Ratio(49000, 100000), Ratio(50000, 100000))
        assert found.change_in_words == "\N{MINUS SIGN}1 point, supported change"
        assert found.change_said == "a fall of 1 percentage point"

    def test_points_come_from_the_counts(self) -> None:
        # 33.4% prints as 33% and 37.6% as 38%, yet the change is 4.2 points.
        found = share(Ratio(376, 1000), Ratio(334, 1000))
        assert (found.now.percent, found.before.percent, found.points) == (38, 33, 4)
