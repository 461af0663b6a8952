"""Earning an exemption and losing it (docs/domain.md, section 7, R2)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.earning import Moderated, Rules, Standing, standing_of, why_lapsed

SHIPPED = Rules()
Q1, Q2 = date(2026, 5, 13), date(2026, 8, 12)
ON = date(2026, 11, 25)
STARTS, REVIEW = date(2026, 9, 1), date(2027, 9, 1)


def decisions(*steps: int, days: tuple[date, ...] = (Q1, Q2)) -> list[Moderated]:
    """One decision for each step, on the days in turn."""
    return [Moderated(days[n % len(days)], f"CJA-{n}", step) for n, step in enumerate(steps)]


def standing(*steps: int, days: tuple[date, ...] = (Q1, Q2)) -> Standing:
    return standing_of(decisions(*steps, days=days), SHIPPED, on=ON)


def lapse(*steps: int, on: date = ON) -> str:
    made = [Moderated(STARTS + timedelta(days=7 * n), f"CJA-{n}", step) for n, step in enumerate(steps)]
    return why_lapsed(made, SHIPPED, starts_on=STARTS, review_on=REVIEW, on=on)


class TestEarning:
    def test_six_confirmed_over_two_quarters_is_earned(self) -> None:
        assert standing(*[0] * 6) == Standing(6, 6, 2, 0, ())
        assert standing(*[0] * 6).is_earned

    @pytest.mark.parametrize(
        ("found", "missing"),
        [
            (standing(*[0] * 5), ("1 more moderated.",)),
            (
                standing(*[0] * 6, days=(Q1,)),
                ("Decisions in 2 quarters; there are some in 1.",),
            ),
            (standing(*[0] * 5, -1), ("90% of overall grades confirmed; it is 5 of 6.",)),
            (
                standing(*[0] * 19, 2),
                ("No change by two steps; there is 1.",),
            ),
            (
                standing(*[0] * 18, 2, -2),
                ("No change by two steps; there are 2.",),
            ),
            (standing(), ("6 more moderated.", "Decisions in 2 quarters; there are some in 0.")),
        ],
        ids=[
            "too few",
            "one quarter",
            "too many changed",
            "one by two steps",
            "two by two steps",
            "nothing yet",
        ],
    )
    def test_what_is_missing_is_said(self, found: Standing, missing: tuple[str, ...]) -> None:
        assert found.missing == missing
        assert not found.is_earned

    def test_exactly_ninety_percent_is_enough(self) -> None:
        assert standing(*[0] * 9, 1).is_earned
        assert not standing(*[0] * 8, 1).is_earned

    def test_a_council_decides_how_much_is_enough(self) -> None:
        rules = Rules(audits=3, quarters=1, confirmed_percent=60)
        assert standing_of(decisions(0, 0, 1), rules).is_earned

    def test_what_was_decided_before_an_exemption_lapsed_earns_nothing_again(self) -> None:
        assert standing_of(decisions(*[0] * 12), SHIPPED, since=Q2).moderated == 0
        assert standing_of(decisions(*[0] * 12), SHIPPED, since=Q1).moderated == 6

    def test_what_is_long_past_earns_nothing(self) -> None:
        found = standing_of(
            decisions(*[0] * 6, days=(date(2025, 11, 25), date(2025, 11, 26))), SHIPPED, on=ON
        )
        assert found.moderated == 3

    def test_in_words(self) -> None:
        assert standing(0, 0, 0, 1).in_words(SHIPPED) == "4 of 6 moderated, 3 confirmed"

    @given(st.lists(st.sampled_from([-3, -2, -1, 0, 0, 0, 0, 0, 0, 1]), max_size=20))
    def test_earned_is_exactly_what_the_rule_says(self, steps: list[int]) -> None:
        """Spelt out again from docs/domain.md."""
        found = standing(*steps)
        expected = (
            len(steps) >= 6
            and all(abs(step) < 2 for step in steps)
            and sum(step == 0 for step in steps) / len(steps) >= 0.9
        )
        assert found.is_earned is expected


class TestLapsing:
    @pytest.mark.parametrize("steps", [(), (0, 0, 0), (1,), (-1, 0, 0, 0, 0, 0, -1)])
    def test_it_holds(self, steps: tuple[int, ...]) -> None:
        assert lapse(*steps) == ""

    def test_two_steps_end_it(self) -> None:
        assert lapse(0, -2) == "A panel moved the overall grade of CJA-1 by 2 steps."

    def test_two_changes_by_one_step_in_the_last_six_end_it(self) -> None:
        assert lapse(0, -1, 0, 0, 1, 0) == "Panels changed 2 of the last 6 overall grades: CJA-1, CJA-4."

    def test_its_time_ends_it(self) -> None:
        assert lapse(on=REVIEW - timedelta(days=1)) == ""
        assert lapse(on=REVIEW) == "Its time is over. It can be earned again."

    def test_what_was_decided_before_it_started_does_not_end_it(self) -> None:
        before = [Moderated(STARTS - timedelta(days=1), "CJA-9", -2)]
        assert why_lapsed(before, SHIPPED, starts_on=STARTS, review_on=REVIEW, on=ON) == ""

    def test_a_decision_of_its_first_day_counts(self) -> None:
        made = [Moderated(STARTS, "CJA-9", -2)]
        assert why_lapsed(made, SHIPPED, starts_on=STARTS, review_on=REVIEW, on=ON) != ""

    @given(st.lists(st.sampled_from([-2, -1, 0, 0, 0, 1]), max_size=10), st.randoms())
    def test_the_order_in_which_decisions_come_does_not_matter(
        self, steps: list[int], shuffler: object
    ) -> None:
        made = [Moderated(STARTS + timedelta(days=n), f"CJA-{n}", step) for n, step in enumerate(steps)]
        again = list(made)
        shuffler.shuffle(again)  # type: ignore[attr-defined]
        assert why_lapsed(again, SHIPPED, starts_on=STARTS, review_on=REVIEW, on=ON) == why_lapsed(
            made, SHIPPED, starts_on=STARTS, review_on=REVIEW, on=ON
        )
