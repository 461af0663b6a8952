"""The nine ceilings and the suggested band, worked by hand; and what holds whatever the facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.completeness import GivenAnswer
from audits.grading import (
    BANDS,
    SHIPPED,
    FromDates,
    Met,
    ceiling_on,
    facts_from,
    facts_of_areas,
    is_above,
    lines_of,
    met_by_band,
    suggested_band,
)

NO_DATES = FromDates()
CODES = [ceiling.code for ceiling in SHIPPED]
SECTIONS = sorted({ceiling.section for ceiling in SHIPPED})
facts = st.frozensets(st.sampled_from(CODES))
counts = st.integers(0, 4).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
mets = st.tuples(counts, counts, counts, counts).map(
    lambda rows: [Met(band, ticked, of) for band, (ticked, of) in zip(BANDS, rows, strict=True) if of]
)


def rank(grade: str) -> int:
    """0 for Outstanding to 3 for Inadequate."""
    return BANDS.index(grade)


def answers(**values: str) -> dict[str, GivenAnswer]:
    return {code: GivenAnswer(value) for code, value in values.items()}


def shown(dates: FromDates = NO_DATES, *, concern: bool = False, **values: str) -> set[str]:
    return set(facts_from(answers(**values), dates, pathway="cin", concern_raised=concern))


@pytest.mark.parametrize(
    ("fact", "section", "grade"),
    [
        ("visit_gap", "visits", "requires_improvement"),
        ("cp_unseen", "visits", "inadequate"),
        ("no_plan", "plans", "requires_improvement"),
        ("no_assessment", "assessments", "inadequate"),
        ("no_supervision", "supervision", "requires_improvement"),
        ("area_inadequate", "overall", "requires_improvement"),
        ("two_areas_inadequate", "overall", "inadequate"),
        ("concern", "overall", "inadequate"),
        ("not_outstanding", "overall", "good"),
    ],
)
def test_each_of_the_nine_caps_its_own_section_and_no_other(fact: str, section: str, grade: str) -> None:
    caps = {one: ceiling_on(one, {fact}, SHIPPED) for one in SECTIONS}
    assert {one: ceiling.grade for one, ceiling in caps.items() if ceiling} == {section: grade}


class TestFacts:
    @pytest.mark.parametrize(
        ("values", "found"),
        [
            ({"V1": "no", "V2": "no"}, {"visit_gap"}),
            ({"V1": "partly", "V2": "not_evidenced"}, {"visit_gap"}),
            ({"V1": "partly", "V2": "partly"}, {"visit_gap"}),
            ({"V1": "no", "V2": "yes"}, set()),
            ({"V1": "yes", "V2": "no"}, set()),
            ({"V1": "no", "V2": "not_applicable"}, set()),
            ({"V2": "no"}, {"visit_gap"}),
            ({"P1": "no"}, {"no_plan"}),
            ({"P1": "yes", "P2": "not_evidenced"}, {"no_plan"}),
            ({"P15": "no"}, {"no_plan"}),
            ({"P1": "partly", "P2": "partly"}, set()),
            ({"A1": "no"}, {"no_assessment"}),
            ({"A1": "not_evidenced"}, {"no_assessment"}),
            ({"A1": "partly"}, set()),
            ({"S1": "not_evidenced"}, {"no_supervision"}),
            ({"S1": "no"}, set()),
            ({"W5": "yes"}, {"concern"}),
            ({"W5": "no"}, set()),
            ({}, set()),
        ],
    )
    def test_from_the_answers(self, values: dict[str, str], found: set[str]) -> None:
        assert shown(**values) == found

    @pytest.mark.parametrize(
        ("dates", "values", "found"),
        [
            (FromDates(visit_gap=True), {"V1": "yes"}, {"visit_gap"}),
            (FromDates(visit_gap=True), {"V2": "yes"}, set()),
            (FromDates(no_assessment=True), {"A1": "yes"}, {"no_assessment"}),
            (FromDates(no_supervision=True), {"S1": "partly"}, {"no_supervision"}),
            (FromDates(no_supervision=False), {"S1": "not_evidenced"}, set()),
        ],
    )
    def test_from_the_dates(self, dates: FromDates, values: dict[str, str], found: set[str]) -> None:
        assert shown(dates, **values) == found

    def test_a_child_on_a_plan_who_was_seen_at_none_of_two_visits(self) -> None:
        unseen = {"V3": GivenAnswer("no", counted=0, counted_of=2)}
        once = {"V3": GivenAnswer("no", counted=0, counted_of=1)}
        for given_answers, dates, pathway, found in (
            (unseen, FromDates(), "cp", {"cp_unseen"}),
            (unseen, FromDates(), "cin", set()),
            (once, FromDates(), "cp", set()),
            (unseen, FromDates(cp_unseen=False), "cp", set()),
            ({}, FromDates(cp_unseen=True), "cp", {"cp_unseen"}),
            ({}, FromDates(cp_unseen=True), "cla", set()),
        ):
            assert facts_from(given_answers, dates, pathway=pathway, concern_raised=False) == found

    def test_a_concern_that_was_raised_is_one_whatever_is_ticked(self) -> None:
        assert shown(concern=True, W5="no") == {"concern"}

    @pytest.mark.parametrize(
        ("grades", "found"),
        [
            (["outstanding"] * 3 + ["good"] * 2, set()),
            (["outstanding"] * 3 + ["good", "not_applicable"], set()),
            (["outstanding"] * 2 + ["good"] * 3, {"not_outstanding"}),
            (["outstanding"] * 4 + ["requires_improvement"], {"not_outstanding"}),
            (["good"] * 4 + ["inadequate"], {"not_outstanding", "area_inadequate"}),
            (
                ["good"] * 3 + ["inadequate"] * 2,
                {"not_outstanding", "area_inadequate", "two_areas_inadequate"},
            ),
            ([""] * 5, {"not_outstanding"}),
        ],
    )
    def test_from_the_areas(self, grades: list[str], found: set[str]) -> None:
        assert facts_of_areas(grades) == found


class TestCeiling:
    def test_the_lowest_of_several_holds(self) -> None:
        both = ceiling_on("visits", {"visit_gap", "cp_unseen"}, SHIPPED)
        assert both is not None
        assert (both.code, both.grade) == ("cp_unseen", "inadequate")

    def test_a_grade_at_or_below_it_is_not_above(self) -> None:
        assert [grade for grade in BANDS if is_above(grade, "requires_improvement")] == [
            "outstanding",
            "good",
        ]
        assert not is_above("not_applicable", "inadequate")
        assert not is_above("", "inadequate")
        assert not is_above("outstanding", "")

    @given(facts, st.permutations(SHIPPED), st.sampled_from(SECTIONS))
    def test_the_order_of_ceilings_does_not_move_the_grade(
        self, given_facts: frozenset[str], ceilings: list[object], section: str
    ) -> None:
        one, other = ceiling_on(section, given_facts, SHIPPED), ceiling_on(section, given_facts, ceilings)  # type: ignore[arg-type]
        assert (one and one.grade) == (other and other.grade)

    @given(facts, st.sampled_from(CODES), st.sampled_from(SECTIONS))
    def test_another_fact_never_raises_it(self, given_facts: frozenset[str], more: str, section: str) -> None:
        before, after = (
            ceiling_on(section, given_facts, SHIPPED),
            ceiling_on(section, given_facts | {more}, SHIPPED),
        )
        if before is not None:
            assert after is not None
            assert rank(after.grade) >= rank(before.grade)

    @given(
        st.lists(st.sampled_from((*BANDS, "not_applicable", "")), min_size=5, max_size=5), st.integers(0, 4)
    )
    def test_a_worse_area_never_raises_what_overall_may_be(self, grades: list[str], worse: int) -> None:
        before = ceiling_on("overall", facts_of_areas(grades), SHIPPED)
        after = ceiling_on(
            "overall", facts_of_areas([*grades[:worse], "inadequate", *grades[worse + 1 :]]), SHIPPED
        )
        assert after is not None
        assert before is None or rank(after.grade) >= rank(before.grade)

    @given(st.permutations(["outstanding", "good", "inadequate", "requires_improvement", "not_applicable"]))
    def test_the_order_of_areas_does_not_matter(self, grades: list[str]) -> None:
        assert facts_of_areas(grades) == facts_of_areas(sorted(grades))


class TestSuggestion:
    def test_lines_are_the_parts_of_a_descriptor(self) -> None:
        assert lines_of({"good": "In time; seen, and alone ;", "inadequate": "Unseen"}) == {
            "good.1": "In time",
            "good.2": "seen, and alone",
            "inadequate.1": "Unseen",
        }

    @pytest.mark.parametrize(
        ("ticked", "band"),
        [
            (set(), ""),
            ({"good.1", "good.2"}, "good"),
            ({"good.1"}, "requires_improvement"),
            ({"good.1", "good.2", "outstanding.1"}, "good"),
            ({"good.1", "good.2", "outstanding.1", "outstanding.2"}, "outstanding"),
            ({"outstanding.1", "outstanding.2"}, "requires_improvement"),
            ({"good.1", "good.2", "requires_improvement.1"}, "requires_improvement"),
            ({"good.1", "good.2", "inadequate.1"}, "inadequate"),
            ({"nothing.1"}, ""),
        ],
    )
    def test_the_band_of_what_is_ticked(self, ticked: set[str], band: str) -> None:
        keys = [f"{one}.{number}" for one in BANDS for number in (1, 2)]
        assert suggested_band(met_by_band(keys, ticked), None) == band

    def test_it_counts_the_lines_of_each_band(self) -> None:
        keys = ["outstanding.1", "outstanding.2", "good.1"]
        assert met_by_band(keys, {"good.1", "outstanding.2"}) == [Met("outstanding", 1, 2), Met("good", 1, 1)]

    @given(mets, facts, st.sampled_from(SECTIONS))
    def test_it_is_never_above_the_ceiling(
        self, met: list[Met], given_facts: frozenset[str], section: str
    ) -> None:
        ceiling = ceiling_on(section, given_facts, SHIPPED)
        assert not is_above(suggested_band(met, ceiling), ceiling.grade if ceiling else "")

    @given(mets, st.sampled_from(("requires_improvement", "inadequate")))
    def test_ticking_a_line_of_a_lower_band_never_raises_it(self, met: list[Met], band: str) -> None:
        before = suggested_band(met, None)
        more = [Met(one.band, one.of, one.of) if one.band == band else one for one in met]
        after = suggested_band(more, None)
        assert not before or rank(after) >= rank(before)
