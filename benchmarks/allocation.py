"""How long a round takes to draw and assign, and how other solvers do on the same table.

    python benchmarks/allocation.py [--children 10000] [--auditors 300] [--audits 300]

Other solvers (networkx, ortools) are timed where they are installed; docs/adr/0004-allocation-solver.md has the
numbers. Each solves the first cost alone, coverage and fairness, and must find the same total.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audits.assignment import Auditor, Problem, assign
from audits.draw import Child, Rules, draw

MONTH = date(2026, 11, 1)
SHARES = {"cin": 35, "cp": 8, "cla": 44, "leaving_care": 13}
Table = NDArray[np.float64]


def council(children: int, auditors: int, seed: int = 2026) -> tuple[list[Child], list[Auditor]]:
    """A caseload and its auditors: a team for every 40 children, every kind of block, half a year of counts."""
    rng = random.Random(seed)
    teams = [f"Team {n:03d}" for n in range(max(1, children // 40))]
    people = [f"auditor{n:03d}@council.example" for n in range(auditors)]
    return (
        [
            Child(
                reference=f"{n:06d}",
                pathway=rng.choices(list(SHARES), list(SHARES.values()))[0],
                team=rng.choice(teams),
                sibling_group=f"family {rng.randrange(children)}" if rng.random() < 0.4 else "",
                last_audited=date(2026, rng.randrange(1, 11), 1) if rng.random() < 0.15 else None,
                held_by={rng.choice(people): "social worker"},
            )
            for n in range(children)
        ],
        [
            Auditor(
                id=person,
                name=person,
                room=(capacity := rng.choice([1, 1, 2])),
                capacity=capacity,
                known_as=frozenset({person}),
                knows=frozenset(pathway for pathway in SHARES if rng.random() < 0.6),
                own_teams=frozenset({rng.choice(teams)}),
                line_teams=frozenset(rng.sample(teams, min(3, len(teams)))),
                recent_teams=frozenset(rng.sample(teams, min(4, len(teams)))),
                exempt=rng.random() < 0.05,
                months_available=rng.randrange(4, 8),
                audits_this_year=rng.randrange(0, 5),
            )
            for person in people
        ],
    )


def by_assignment(cost: Table) -> int:
    """Scipy's linear_sum_assignment: shortest augmenting paths on the table itself."""
    return int(cost[linear_sum_assignment(cost)].sum())


def by_milp(cost: Table) -> int:
    """Scipy's milp: HiGHS on one variable for each open pair."""
    rows, columns = np.nonzero(np.isfinite(cost))
    pairs = np.arange(len(rows))
    each = sparse.csr_array((np.ones(len(pairs)), (rows, pairs)))
    once = sparse.csr_array((np.ones(len(pairs)), (columns, pairs)))
    result = milp(
        cost[rows, columns],
        constraints=[LinearConstraint(each, 1, 1), LinearConstraint(once, 0, 1)],
        bounds=Bounds(0, 1),
    )
    return round(result.fun)


def by_networkx(cost: Table) -> int:
    """Networkx's minimum-cost flow, in Python throughout."""
    import networkx as nx  # noqa: PLC0415 - only where it is installed

    graph = nx.DiGraph()
    for row in range(cost.shape[0]):
        graph.add_node(("row", row), demand=-1)
        for column in np.flatnonzero(np.isfinite(cost[row])):
            graph.add_edge(("row", row), ("column", column), weight=int(cost[row, column]), capacity=1)
    for column in range(cost.shape[1]):
        graph.add_edge(("column", column), "end", capacity=1)
    graph.add_node("end", demand=cost.shape[0])
    return nx.cost_of_flow(graph, nx.min_cost_flow(graph))


def by_ortools(cost: Table) -> int:
    """Ortools' minimum-cost flow, in C++."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415 - the same

    rows, columns = np.nonzero(np.isfinite(cost))
    height, width = cost.shape
    flow = SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        rows, height + columns, np.ones(len(rows), dtype=int), cost[rows, columns].astype(int)
    )
    flow.add_arcs_with_capacity_and_unit_cost(
        height + np.arange(width),
        np.full(width, height + width),
        np.ones(width, dtype=int),
        np.zeros(width, dtype=int),
    )
    flow.set_nodes_supplies(np.arange(height + width + 1), np.array([1] * height + [0] * width + [-height]))
    flow.solve()
    return flow.optimal_cost()


SOLVERS: dict[str, Callable[[Table], int]] = {
    "scipy": by_assignment,
    "scipy (milp)": by_milp,
    "ortools": by_ortools,
    "networkx": by_networkx,
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--children", type=int, default=10_000)
    options.add_argument("--auditors", type=int, default=300)
    options.add_argument("--audits", type=int, default=300)
    wanted = options.parse_args()
    children, auditors = council(wanted.children, wanted.auditors)
    rules = Rules()

    started, started_cpu = time.perf_counter(), time.process_time()
    drawn = draw(children, month=MONTH, wanted=wanted.audits, seed=1, rules=rules)
    drawn_at = time.perf_counter()
    result = assign([row.child for row in drawn.drawn], auditors, seed=1, rules=rules)
    finished = time.perf_counter()
    print(f"{len(children)} children, {len(auditors)} auditors, {len(drawn.drawn)} drawn")
    print(f"  draw    {drawn_at - started:6.3f} s")
    print(
        f"  assign  {finished - drawn_at:6.3f} s: {len(result.assigned)} covered, {len(result.not_covered)} not"
    )
    print(
        f"  both    {finished - started:6.3f} s ({time.process_time() - started_cpu:.3f} s of processor time)"
    )

    problem = Problem([row.child for row in drawn.drawn], auditors, rules)
    cost = np.where(problem.open_to(), next(iter(problem.costs(seed=1))), np.inf)
    print(f"The first cost alone, {cost.shape[0]} x {cost.shape[1]}:")
    for name, solver in SOLVERS.items():
        if find_spec(name.split()[0]) is None:
            print(f"  {name:12} is not installed")
            continue
        started = time.perf_counter()
        total = solver(cost)
        print(f"  {name:12} {time.perf_counter() - started:7.3f} s, total {total}")


if __name__ == "__main__":
    main()
