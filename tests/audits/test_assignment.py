"""The assignment: hard blocks, cover, fairness, reasons (docs/domain.md, section 6)."""

import itertools
import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audits import assignment
from audits.assignment import Assignment, Auditor, Problem, assign, best_assignment, hard_block
from audits.draw import Child, Rules

SHIPPED = Rules(pathway_names={"leaving_care": "Leaving care", "cin": "Child in need"})
EVERYTHING = frozenset({"cin", "leaving_care"})


def child(reference: str = "1", pathway: str = "cin", team: str = "North", **held_by: str) -> Child:
    return Child(reference, pathway, team, held_by=held_by)


def auditor(name: str, room: int = 1, **facts: object) -> Auditor:
    return Auditor(
        **{"id": name, "name": name, "room": room, "knows": EVERYTHING, "known_as": {name}, **facts}
    )


def pairs(result: Assignment) -> dict[str, str]:
    return {row.child.reference: row.auditor.name for row in result.assigned}


def solve(
    children: list[Child], auditors: list[Auditor], *, seed: int = 1, rules: Rules = SHIPPED
) -> Assignment:
    return assign(children, auditors, seed=seed, rules=rules)


teams = st.sampled_from(["North", "South"])
some_teams = st.frozensets(teams, max_size=1)


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Child], list[Auditor]]:
    """Few enough children and auditors to try every assignment; tight enough that many cannot be covered."""
    names = ["Ann", "Bob", "Cem"][: draw(st.integers(0, 3))]
    auditors = [
        Auditor(
            id=name,
            name=name,
            room=draw(st.integers(0, 2)),
            knows=draw(st.sampled_from([EVERYTHING, frozenset({"cin"})])),
            known_as=frozenset({name}),
            own_teams=draw(some_teams),
            line_teams=draw(some_teams),
            recent_teams=draw(some_teams),
            exempt=draw(st.sampled_from([False, False, False, True])),
            capacity=draw(st.integers(1, 2)),
            months_available=draw(st.integers(1, 3)),
            audits_this_year=draw(st.integers(0, 3)),
        )
        for name in names
    ]
    children = [
        Child(
            reference=str(n),
            pathway=draw(st.sampled_from(["cin", "leaving_care"])),
            team=draw(teams),
            held_by=dict.fromkeys(
                draw(st.sets(st.sampled_from(["Ann", "Bob", "Cem"]), max_size=1)), "social worker"
            ),
        )
        for n in range(draw(st.integers(0, 4)))
    ]
    return children, auditors


def every_assignment(children: list[Child], auditors: list[Auditor]) -> list[tuple[Auditor | None, ...]]:
    """All that keep to the hard blocks and to room, spelt out again from docs/domain.md, section 6."""

    def may(child: Child, auditor: Auditor) -> bool:
        return (
            not auditor.exempt
            and auditor.name not in child.held_by
            and child.team not in auditor.own_teams
            and (child.pathway != "leaving_care" or "leaving_care" in auditor.knows)
        )

    options = [[None, *(a for a in auditors if may(child, a))] for child in children]
    return [
        choice
        for choice in itertools.product(*options)
        if all(sum(given is a for given in choice) <= a.room for a in auditors)
    ]


def left_over_lots(children: list[Child], auditors: list[Auditor], seed: int) -> dict[str, int]:
    lots = Problem(children, auditors, SHIPPED).lots(seed)[:, 0]
    return {child.reference: int(lot) for child, lot in zip(children, lots, strict=True)}


def cost(
    children: list[Child], choice: tuple[Auditor | None, ...], lots: dict[str, int]
) -> tuple[object, ...]:
    """What makes one assignment better than another, in order of importance."""
    given = [(child, auditor) for child, auditor in zip(children, choice, strict=True) if auditor]
    months = Counter(auditor.id for _, auditor in given)
    people = {auditor.id: auditor for _, auditor in given}.values()
    return (
        len(children) - len(given),
        sum(
            Fraction(2 * (a.audits_this_year + nth) + 1, a.capacity * a.months_available)
            for a in people
            for nth in range(months[a.id])
        ),
        sum(
            lots[child.reference] for child, auditor in zip(children, choice, strict=True) if auditor is None
        ),
        sum(child.team in auditor.line_teams for child, auditor in given),
        sum(child.pathway not in auditor.knows for child, auditor in given),
        sum(child.team in auditor.recent_teams for child, auditor in given),
        sum(n * (n - 1) // 2 for n in months.values()),
    )


def blocked_pairs(result: Assignment) -> list[tuple[str, str]]:
    """The pairs given that docs/domain.md forbids: what no round may ever hold."""
    return [
        (row.child.reference, row.auditor.name)
        for row in result.assigned
        if row.auditor.exempt
        or row.auditor.name in row.child.held_by
        or row.child.team in row.auditor.own_teams
        or (row.child.pathway == "leaving_care" and "leaving_care" not in row.auditor.knows)
    ]


class TestBest:
    @settings(max_examples=150, deadline=None)
    @given(problems(), st.integers())
    def test_no_assignment_is_better(self, problem: tuple[list[Child], list[Auditor]], seed: int) -> None:
        """Against every assignment there is: cover first, then fairness, then each softer cost."""
        children, auditors = problem
        result = {row.child.reference: row.auditor for row in solve(children, auditors, seed=seed).assigned}
        choice = tuple(result.get(child.reference) for child in children)
        lots = left_over_lots(children, auditors, seed)
        assert cost(children, choice, lots) == min(
            cost(children, other, lots) for other in every_assignment(children, auditors)
        )

    @settings(max_examples=60, deadline=None)
    @given(problems(), st.integers(), st.randoms())
    def test_blocks_and_room_hold_and_order_does_not_matter(
        self, problem: tuple[list[Child], list[Auditor]], seed: int, shuffler: random.Random
    ) -> None:
        children, auditors = problem
        result = solve(children, auditors, seed=seed)
        assert blocked_pairs(result) == []
        assert {a.id: 0 for a in auditors if not a.exempt} | Counter(pairs(result).values()) == result.load
        assert [a.id for a in auditors if result.load.get(a.id, 0) > a.room] == []
        assert {row.child.reference for row in result.assigned}.isdisjoint(
            gap.what.split()[1] for gap in result.not_covered
        )
        assert len(result.assigned) + len(result.not_covered) == len(children)
        shuffler.shuffle(children)
        shuffler.shuffle(auditors)
        assert solve(children, auditors, seed=seed) == result

    def test_greedy_would_leave_a_child_over(self) -> None:
        """Only Ann may take the second child, so she must not be given the first, whom Bob may take too."""
        children = [child("1"), child("2", Bob="team manager")]
        auditors = [auditor("Ann"), auditor("Bob", audits_this_year=4)]
        assert pairs(solve(children, auditors)) == {"1": "Bob", "2": "Ann"}

    def test_who_is_left_over_goes_by_lot(self) -> None:
        """Also where one child's pathway is known to few and its team in everybody's line of management."""
        few_know = [child("1", "leaving_care"), *(child(str(n), team="South") for n in (2, 3, 4))]
        auditors = [
            auditor(name, knows=knows, line_teams=frozenset({"North"}))
            for name, knows in (("Ann", EVERYTHING), ("Bob", frozenset({"cin"})), ("Cem", frozenset({"cin"})))
        ]
        left = Counter(
            solve(few_know, auditors, seed=seed).not_covered[0].what.split()[1] for seed in range(400)
        )
        assert sorted(left) == ["1", "2", "3", "4"]
        assert min(left.values()) > 70

    def test_ties_go_by_lot(self) -> None:
        auditors = [auditor(name) for name in ("Ann", "Bob", "Cem", "Dee")]
        chosen = Counter(pairs(solve([child()], auditors, seed=seed))["1"] for seed in range(400))
        assert sorted(chosen) == ["Ann", "Bob", "Cem", "Dee"]
        assert min(chosen.values()) > 70

    @given(
        st.integers(1, 5).flatmap(
            lambda n: st.lists(
                st.lists(st.lists(st.integers(0, 3), min_size=n + 2, max_size=n + 2), min_size=n, max_size=n),
                min_size=1,
                max_size=3,
            )
        )
    )
    @settings(max_examples=60, deadline=None)
    @example([[[0, 0, 0]], [[1, 2, 0]]])
    def test_one_cost_after_another(self, tables: list[list[list[int]]]) -> None:
        """The pairs and columns that stay open after each cost are all its best assignments and no others."""
        costs = [np.array(table) for table in tables]
        rows, columns = costs[0].shape
        chosen = best_assignment(costs, np.ones((rows, columns), dtype=bool))

        def total(choice: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(int(table[np.arange(rows), list(choice)].sum()) for table in costs)

        assert total(tuple(chosen)) == min(total(p) for p in itertools.permutations(range(columns), rows))


class TestBlocks:
    """Each hard block keeps an auditor away, and gives way to the next best."""

    @pytest.mark.parametrize(
        ("kept_away", "the_child", "sentence"),
        [
            (auditor("Ann", exempt=True), child(), "is exempt this month"),
            (
                auditor("Ann", knows=frozenset({"cin"})),
                child(pathway="leaving_care"),
                "does not know Leaving care",
            ),
            (
                auditor("Ann"),
                child(Ann="social worker"),
                "is or was the child's social worker in the last 12 months",
            ),
            (
                auditor("Ann"),
                child(Ann="IRO or CP chair"),
                "is or was the child's IRO or CP chair in the last 12 months",
            ),
            (auditor("Ann", own_teams=frozenset({"North"})), child(), "works in the child's team"),
        ],
    )
    def test_block(self, kept_away: Auditor, the_child: Child, sentence: str) -> None:
        block = hard_block(the_child, kept_away, SHIPPED)
        assert block is not None
        assert block.one == sentence
        busy = auditor("Bob", audits_this_year=9, own_teams=frozenset({"West"}))
        assert pairs(solve([the_child], [kept_away, busy])) == {"1": "Bob"}
        assert [gap.why for gap in solve([the_child], [kept_away]).not_covered] == [
            f"No auditor may take this child: 1 {sentence}."
        ]

    def test_own_team_is_a_setting(self) -> None:
        ann = auditor("Ann", own_teams=frozenset({"North"}))
        assert pairs(solve([child()], [ann], rules=Rules(own_team_blocked=False))) == {"1": "Ann"}

    def test_without_the_blocks_the_properties_would_fail(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The twin of TestBest: with the filter off, forbidden pairs are given and the check sees them."""
        monkeypatch.setattr(assignment, "hard_block", lambda *_: None)
        result = solve(
            [child("1", "leaving_care", "North"), child("2", Bob="team manager")],
            [
                auditor("Ann", knows=frozenset({"cin"}), own_teams=frozenset({"North"})),
                auditor("Bob", audits_this_year=1),
            ],
        )
        assert blocked_pairs(result) != []


class TestSoftCosts:
    @pytest.mark.parametrize(
        ("facts", "note"),
        [
            ({"line_teams": frozenset({"North"})}, "North is in their line of management."),
            ({"knows": frozenset({"cp"})}, "They are not marked as knowing Child in need."),
            ({"recent_teams": frozenset({"North"})}, "They audited a child of North lately."),
        ],
    )
    def test_somebody_else_is_preferred(self, facts: dict[str, object], note: str) -> None:
        ann, bob = auditor("Ann", **facts), auditor("Bob")
        assert {pairs(solve([child()], [ann, bob], seed=seed))["1"] for seed in range(9)} == {"Bob"}
        [alone] = solve([child()], [ann]).assigned
        assert alone.because == (
            "Ann has had 0 of the 1 audits they could have had this year (0%); "
            f"no other auditor with room may take this child. {note}"
        )

    def test_fairness_comes_before_them(self) -> None:
        ann = auditor("Ann", line_teams=frozenset({"North"}), recent_teams=frozenset({"North"}))
        [given] = solve(
            [child()], [ann, auditor("Bob", audits_this_year=1), auditor("Cem", audits_this_year=2)]
        ).assigned
        assert given.auditor.name == "Ann"
        assert given.because.startswith(
            "Ann has had 0 of the 1 audits they could have had this year (0%); "
            "the 2 others who could take this child: 100% to 200%."
        )

    def test_a_month_is_spread_over_people(self) -> None:
        """Ann could take both and stay as fair; Bob, who may have one a month, takes one of them."""
        ann = auditor("Ann", room=2, capacity=3)
        bob = auditor("Bob", capacity=1)
        for seed in range(9):
            assert solve([child("1"), child("2")], [ann, bob], seed=seed).load == {"Ann": 1, "Bob": 1}


class TestWhyNobody:
    def why(self, children: list[Child], auditors: list[Auditor]) -> list[tuple[str, str]]:
        return [(gap.what, gap.why) for gap in solve(children, auditors).not_covered]

    def test_those_who_know_the_pathway_are_full(self) -> None:
        children = [child(str(n), "leaving_care") for n in range(3)]
        [(what, why)] = self.why(
            children[:2], [auditor("Ann"), auditor("Bob", room=5, knows=frozenset({"cin"}))]
        )
        assert what in {"Child 0 (Leaving care, North)", "Child 1 (Leaving care, North)"}
        assert why == (
            "No auditor who knows Leaving care has room this month: "
            "Ann can take 1 in all; 2 of the children drawn can go to nobody else."
        )

    def test_everybody_is_full(self) -> None:
        [(_, why)] = self.why([child(str(n)) for n in range(4)], [auditor("Ann", room=2), auditor("Bob")])
        assert why == (
            "No auditor has room this month: "
            "Ann, Bob can take 3 in all; 4 of the children drawn can go to nobody else."
        )

    def test_those_who_may_take_the_child_are_full(self) -> None:
        """Bob has room, but both children are ones he manages: the reason names Ann, not him."""
        children = [child(str(n), Bob="team manager") for n in range(2)]
        [(_, why)] = self.why(children, [auditor("Ann"), auditor("Bob", room=5)])
        assert why == (
            "No auditor who may take this child has room this month: "
            "Ann can take 1 in all; 2 of the children drawn can go to nobody else."
        )

    def test_many_names_are_counted(self) -> None:
        [(_, why)] = self.why([child(str(n)) for n in range(7)], [auditor(f"Auditor {n}") for n in range(6)])
        assert why.startswith("No auditor has room this month: 6 auditors can take 6 in all; 7 of ")

    def test_blocks_are_counted(self) -> None:
        kept_away = [auditor(name, own_teams=frozenset({"North"})) for name in ("Ann", "Bob")]
        [(_, why)] = self.why([child()], [*kept_away, auditor("Cem", exempt=True)])
        assert why == "No auditor may take this child: 2 work in the child's team, 1 is exempt this month."

    def test_no_auditors_at_all(self) -> None:
        assert self.why([child()], []) == [
            ("Child 1 (Child in need, North)", "No auditor may take this child: there are none.")
        ]

    @settings(max_examples=60, deadline=None)
    @given(problems())
    def test_the_reason_is_true(self, problem: tuple[list[Child], list[Auditor]]) -> None:
        """Whoever a reason calls full is full, and more children than they have room for need just them."""
        children, auditors = problem
        result = solve(children, auditors)
        room = {a.name: a.room for a in auditors}
        for gap in result.not_covered:
            if "No auditor may take this child" in gap.why:
                reference = gap.what.split()[1]
                [the_child] = [child for child in children if child.reference == reference]
                assert [a.name for a in auditors if hard_block(the_child, a, SHIPPED) is None] == []
                continue
            names = gap.why.split(": ")[1].split(" can take ")[0].split(", ")
            can_take, need = (int(word) for word in gap.why.replace(";", "").split() if word.isdigit())
            assert [name for name in names if result.load[name] != room[name]] == []
            assert can_take == sum(room[name] for name in names)
            assert need == sum(
                all(a.name in names for a in auditors if hard_block(c, a, SHIPPED) is None) for c in children
            )
            assert need > can_take


class TestYear:
    def test_equal_auditors_differ_by_at_most_one_after_each_month(self) -> None:
        """Twelve months of 25 children among 40 auditors of three kinds, every block at work."""
        rng = random.Random(2026)
        teams = [f"Team {n}" for n in range(10)]
        auditors = [
            auditor(
                f"Auditor {n:02d}",
                capacity=1 + n % 2,
                room=1 + n % 2,
                known_as=frozenset({f"Auditor {n:02d}"}),
                own_teams=frozenset({teams[n % 10]}),
                line_teams=frozenset(rng.sample(teams, 2)),
                knows=EVERYTHING if n % 3 else frozenset({"cin"}),
                months_available=0,
            )
            for n in range(40)
        ]
        for month in range(12):
            away = {a.id for n, a in enumerate(auditors) if n % 4 == 3 and month % 2}
            auditors = [
                replace(a, exempt=a.id in away, months_available=a.months_available + (a.id not in away))
                for a in auditors
            ]
            children = [
                child(
                    f"{month}-{n}",
                    "leaving_care" if n < 4 else "cin",
                    rng.choice(teams),
                    **{f"Auditor {rng.randrange(40):02d}": "social worker"},
                )
                for n in range(25)
            ]
            result = solve(children, auditors, seed=month)
            assert result.not_covered == ()
            auditors = [
                replace(a, audits_this_year=a.audits_this_year + result.load.get(a.id, 0)) for a in auditors
            ]
            counts: dict[tuple[int, int], list[int]] = {}
            for a in auditors:
                counts.setdefault((a.capacity, a.months_available), []).append(a.audits_this_year)
            assert {kind: max(n) - min(n) for kind, n in counts.items() if max(n) - min(n) > 1} == {}
        assert sum(a.audits_this_year for a in auditors) == 300
