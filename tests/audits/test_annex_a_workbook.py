"""The demonstration workbooks: as large as asked, as untidy as real ones, and a story over time."""

from collections import Counter
from datetime import date

import pytest

from audits.annex_a import Caseload, read_caseload
from audits.demo.annex_a_workbook import UNUSABLE_ROWS, annex_a_workbook

OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 30)


def made(children: int, as_at: date = OCTOBER, seed: int = 1) -> Caseload:
    return read_caseload(annex_a_workbook(children=children, as_at=as_at, seed=seed), as_at)


@pytest.mark.parametrize("children", [1, 7, 120])
def test_exactly_so_many_children_are_open(children: int) -> None:
    assert [len(made(children, as_at).children) for as_at in (OCTOBER, NOVEMBER)] == [children, children]


def test_every_pathway_has_its_share() -> None:
    assert made(100).by_pathway == {"cin": 39, "cp": 10, "cla": 38, "leaving_care": 13}


def test_the_rows_that_cannot_go_in() -> None:
    caseload = made(50)
    assert len(caseload.rejected) == UNUSABLE_ROWS
    assert Counter(row.reason for row in caseload.rejected) == {
        "The row has no team.": 3,
        "The row has no child ID.": 1,
        "The row has a date of birth after 31 October 2026.": 1,
    }


def test_a_month_later_most_are_the_same_and_some_came_and_went() -> None:
    before = {child.reference: child for child in made(300).children}
    after = {child.reference: child for child in made(300, NOVEMBER).children}
    both = before.keys() & after.keys()
    assert 250 < len(both) < 300
    assert 0 < sum(before[reference] != after[reference] for reference in both) < 60


def test_the_same_seed_makes_the_same_caseload_and_another_seed_another() -> None:
    assert made(60) == made(60)
    assert made(60).children != made(60, seed=2).children


def test_children_are_of_an_age_for_their_pathway() -> None:
    for child in made(300).children:
        age = 2026 - child.birth_year
        assert (17 <= age <= 25) if child.pathway == "leaving_care" else (0 <= age <= 18)
