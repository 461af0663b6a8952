"""Small numbers of a team do not leave the QA team: somebody who tries to work them out cannot."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards import suppression
from dashboards.suppression import SMALLEST, Released, release, release_part, release_periods
from tests.dashboards.attacker import Attacker, Variable

Counts = dict[str, dict[str, int]]


def tables(rows: int = 6, columns: int = 4) -> st.SearchStrategy[Counts]:
    def filled(shape: tuple[int, int]) -> st.SearchStrategy[Counts]:
        counts = st.integers(0, 14)
        cells = st.fixed_dictionaries({f"c{number}": counts for number in range(shape[1])})
        return st.fixed_dictionaries({f"team {number}": cells for number in range(shape[0])})

    return st.tuples(st.integers(1, rows), st.integers(2, columns)).flatmap(filled)


class Reader(Attacker):
    def reads(self, period: str, table: Mapping[str, Mapping[str, int]], shown: Released) -> None:
        for row, cells in table.items():
            for column, count in cells.items():
                if shown.cell(row, count) is not None:
                    self.learns([(period, row, column)], count)
            if shown.total(row, sum(cells.values())) is not None:
                self.learns([(period, row, column) for column in cells], sum(cells.values()))
        if shown.with_column_totals:
            for column in next(iter(table.values())):
                self.learns(
                    [(period, row, column) for row in table], sum(cells[column] for cells in table.values())
                )


def variables_of(period: str, table: Counts) -> list[Variable]:
    return [(period, row, column) for row, cells in table.items() for column in cells]


@settings(max_examples=60, deadline=None)
@given(tables())
def test_nothing_left_out_can_be_worked_out(table: Counts) -> None:
    shown = release(table)
    attacker = Reader(variables_of("now", table))
    attacker.reads("now", table, shown)
    for row, cells in table.items():
        for column, count in cells.items():
            if row in shown.shown or (
                shown.with_column_totals and not sum(other[column] for other in table.values())
            ):
                continue
            low, high = attacker.range_of(("now", row, column))
            nought = (
                shown.with_column_totals
                and sum(other[column] for name, other in table.items() if name not in shown.shown) == 0
            )
            assert nought or low < high, (row, column, count)


def quarters_alike() -> st.SearchStrategy[list[Counts]]:
    """Two or three tables of the same rows and columns."""
    counts = st.integers(0, 14)

    def filled(shape: tuple[int, int, int]) -> st.SearchStrategy[list[Counts]]:
        cells = st.fixed_dictionaries({f"c{number}": counts for number in range(shape[1])})
        table = st.fixed_dictionaries({f"team {number}": cells for number in range(shape[0])})
        return st.lists(table, min_size=shape[2], max_size=shape[2])

    return st.tuples(st.integers(2, 4), st.integers(2, 3), st.integers(2, 3)).flatmap(filled)


@settings(max_examples=15, deadline=None)
@given(quarters_alike())
def test_nor_from_the_year_less_its_quarters(quarters: list[Counts]) -> None:
    names, columns = set(quarters[0]), set(next(iter(quarters[0].values())))
    by_quarter = {f"Q{number}": table for number, table in enumerate(quarters, start=1)}
    released, pooled = release_periods(by_quarter)
    attacker = Reader([v for period, table in by_quarter.items() for v in variables_of(period, table)])
    for period, table in by_quarter.items():
        attacker.reads(period, table, released[period])
    for row in names:
        if row in pooled.shown:
            for column in columns:
                attacker.learns(
                    [(period, row, column) for period in by_quarter],
                    sum(table[row][column] for table in quarters),
                )
    for period, table in by_quarter.items():
        for row, cells in table.items():
            for column in cells:
                others = sum(o[column] for name, o in table.items() if name not in released[period].shown)
                if row not in released[period].shown and others:
                    low, high = attacker.range_of((period, row, column))
                    assert low < high


@settings(max_examples=15, deadline=None)
@given(quarters_alike())
def test_nor_from_one_range_of_quarters_less_another(quarters: list[Counts]) -> None:
    """The dashboard shows any range: somebody who reads all of them learns nothing that is left out of one quarter."""
    by_quarter = {f"Q{number}": table for number, table in enumerate(quarters, start=1)}
    periods = list(by_quarter)
    attacker = Reader([v for period, table in by_quarter.items() for v in variables_of(period, table)])
    told = {period: release(table) for period, table in by_quarter.items()}
    for period, table in by_quarter.items():
        attacker.reads(period, table, told[period])
    for first in range(len(periods)):
        for last in range(first + 1, len(periods)):
            shown = periods[first : last + 1]
            _, pooled = release_periods({period: by_quarter[period] for period in shown})
            for row in pooled.shown:
                for column in by_quarter[shown[0]][str(row)]:
                    attacker.learns(
                        [(period, str(row), column) for period in shown],
                        sum(by_quarter[period][str(row)][column] for period in shown),
                    )
    for period, table in by_quarter.items():
        for row, cells in table.items():
            for column in cells:
                others = sum(o[column] for name, o in table.items() if name not in told[period].shown)
                if row not in told[period].shown and others:
                    low, high = attacker.range_of((period, row, column))
                    assert low < high


@given(tables())
def test_nothing_shown_is_small(table: Counts) -> None:
    shown = release(table)
    for row, cells in table.items():
        for count in cells.values():
            assert shown.cell(row, count) is None or count >= SMALLEST
        assert shown.total(row, sum(cells.values())) is None or sum(cells.values()) >= SMALLEST


def test_a_table_without_small_numbers_is_shown_whole() -> None:
    table = {"North": {"good": 8, "poor": 6}, "South": {"good": 5, "poor": 9}}
    assert release(table) == Released(frozenset(table), frozenset(table), with_column_totals=True)


def test_one_small_cell_takes_a_second_row_with_it() -> None:
    table = {
        "North": {"good": 8, "poor": 2},
        "South": {"good": 6, "poor": 7},
        "West": {"good": 30, "poor": 20},
    }
    shown = release(table)
    assert shown.shown == {"West"}
    assert shown.with_total == {"North", "South", "West"}


def test_leaving_out_the_small_cell_alone_would_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: without the second step somebody works the small cell out."""
    monkeypatch.setattr(suppression, "_gives_away", lambda *_: False)
    table = {"North": {"good": 8, "poor": 2}, "South": {"good": 6, "poor": 7}, "West": {"good": 9, "poor": 9}}
    attacker = Reader(variables_of("now", table))
    shown = Released(release(table).shown, release(table).with_total, with_column_totals=True)
    attacker.reads("now", table, shown)
    assert attacker.range_of(("now", "North", "poor")) == (2, 2)


def test_a_lone_team_is_not_told_by_the_councils_totals() -> None:
    assert release({"North": {"good": 8, "poor": 2}}) == Released(
        frozenset(), frozenset(), with_column_totals=False
    )


PARTS = ("good", "not good", "not graded")


def areas_beside(overall: Counts) -> st.SearchStrategy[list[Counts]]:
    """Two areas in which every team has as many audits as in the overall table."""

    def split(total: int) -> st.SearchStrategy[dict[str, int]]:
        cuts = st.tuples(st.integers(0, total), st.integers(0, total)).map(sorted)
        ends = cuts | st.tuples(st.integers(0, total), st.just(total)).map(sorted)
        return ends.map(lambda cut: dict(zip(PARTS, (cut[0], cut[1] - cut[0], total - cut[1]), strict=True)))

    area = st.fixed_dictionaries({row: split(sum(cells.values())) for row, cells in overall.items()})
    return st.lists(area, min_size=2, max_size=2)


def who_read(
    overall: Counts, by_area: Mapping[str, Counts], told: Mapping[str, frozenset[Hashable]]
) -> Reader:
    """Somebody who read the whole document: both kinds of tables by team, and the council's figures of each area."""
    shown = release(overall)
    variables = variables_of("now", overall)
    for area, table in by_area.items():
        variables += variables_of(area, table)
    attacker = Reader(variables)
    attacker.reads("now", overall, shown)
    for area, table in by_area.items():
        for row, cells in table.items():
            same = [
                *((area, row, part) for part in PARTS),
                *(("now", row, column) for column in overall[row]),
            ]
            attacker.weighs(same, [1] * len(PARTS) + [-1] * len(overall[row]), 0)
            for part in PARTS[:2] if row in told[area] else ():
                attacker.learns([(area, row, part)], cells[part])
        for part in PARTS if shown.with_column_totals else ():
            attacker.learns([(area, row, part) for row in table], sum(one[part] for one in table.values()))
    return attacker


@settings(max_examples=40, deadline=None)
@given(tables().flatmap(lambda overall: st.tuples(st.just(overall), areas_beside(overall))))
def test_nor_from_the_areas_beside_the_overall_grades(document: tuple[Counts, list[Counts]]) -> None:
    overall = document[0]
    by_area = {f"area {number}": table for number, table in enumerate(document[1])}
    told = {
        area: release_part(table, release(overall), may_be_nought="not graded")
        for area, table in by_area.items()
    }
    attacker = who_read(overall, by_area, told)
    for area, table in by_area.items():
        left_out = [row for row in table if row not in told[area]]
        for row in left_out if told[area] else ():
            for part in PARTS:
                if sum(table[other][part] for other in left_out):
                    low, high = attacker.range_of((area, row, part))
                    assert low < high, (area, row, part)


def test_of_an_area_leaving_out_the_small_cell_alone_would_not_do() -> None:
    overall = {row: {"c0": 10, "c1": 10} for row in ("A", "B", "C")}
    area = {
        "A": {"good": 2, "not good": 18, "not graded": 0},
        "B": {"good": 10, "not good": 10, "not graded": 0},
        "C": {"good": 9, "not good": 8, "not graded": 3},
    }
    assert release_part(area, release(overall), may_be_nought="not graded") == {"B"}
    assert release_part({**area, "C": area["B"]}, release(overall), may_be_nought="not graded") == {"C"}
