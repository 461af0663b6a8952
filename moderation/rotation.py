"""Who is proposed for a panel, and why (docs/domain.md, section 7, R3 and R4). Imports no Django.

A panel has a chair (PSW or QA lead) and moderators from at least two services. Each pathway on the table is known
by one of them, and each audit can be read by one of them: somebody with a conflict of interest may sit, since most
auditors have an audit of their own on the table, but does not count for the audits they must not read.

Those who have not sat for a year come first, then those who sat least recently, then the least experienced, then a
lot from the seed. The members are the first in that order with whom the rules can all be met. It is not greedy:
somebody is passed over only when no panel with them and those before them could meet the rules. What nobody could
meet is given up, the least important first, and said.
"""

import random
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from core.dates import add_months

MONTHS_BETWEEN_SEATS = 12


@dataclass(frozen=True, slots=True)
class Rules:
    """What the council has chosen; `pathway_names` are for the sentences."""

    moderators: int = 2
    reserves: int = 2
    pathway_names: Mapping[str, str] = field(default_factory=dict)

    def name_of(self, pathway: str) -> str:
        return self.pathway_names.get(pathway, pathway)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could sit.

    Attributes:
        service: the name of their service; "" for somebody outside the services.
        conflicts: references of audits on the table that they must not read (R3).
        last_seated_on: the day of the last panel they attended. seats: how many they have attended.

    """

    id: int
    name: str
    service: str = ""
    knows: frozenset[str] = frozenset()
    may_chair: bool = False
    may_moderate: bool = True
    conflicts: frozenset[str] = frozenset()
    last_seated_on: date | None = None
    seats: int = 0

    def history(self) -> str:
        """Their seats in words."""
        if self.last_seated_on is None:
            return "Has not sat on a panel yet."
        seats = "1 panel" if self.seats == 1 else f"{self.seats} panels"
        return f"Last sat on {self.last_seated_on:%-d %B %Y}, {seats} so far."


@dataclass(frozen=True, slots=True)
class Proposed:
    candidate: Candidate
    because: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A panel as proposed; `gaps` say which rule it does not meet and why. Reserves are in calling order."""

    chair: Proposed | None
    moderators: tuple[Proposed, ...]
    reserves: tuple[Proposed, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Requirement:
    """That at least one of these candidates sits, and what is said when none can."""

    anyone_of: frozenset[int]
    gap: str


def propose(  # noqa: PLR0913 - a panel depends on them all
    candidates: Iterable[Candidate],
    table: Mapping[str, str],
    *,
    on: date,
    seed: int,
    rules: Rules,
    keep: Collection[int] = (),
    without: Collection[int] = (),
) -> Proposal:
    """The panel that meets on a day.

    Args:
        candidates: all who could sit.
        table: the pathway of each audit on the table, by reference; empty for a panel created ahead.
        on: the day the panel meets. seed: decides ties.
        rules: what the council has chosen.
        keep: ids of those who sit already, the chair among them.
        without: ids of those who declined, are away or were removed.

    """
    in_order = _in_order([person for person in candidates if person.id not in without], on=on, seed=seed)
    chair = _chair(in_order, keep)
    pool = [person for person in in_order if person.may_moderate and (chair is None or person.id != chair.id)]
    requirements = list(_requirements(pool, table, rules))
    seated = [person for person in pool if person.id in keep]
    places = max(rules.moderators - len(seated), 0)
    held, gaps = _feasible(requirements, seated, places)
    chosen, passed_over = _choose(pool, seated, held, places)
    moderators = sorted([*seated, *chosen], key=pool.index)
    if len(moderators) < rules.moderators:
        gaps.insert(0, f"{len(moderators)} of {rules.moderators} moderators: nobody else can sit.")
    if chair is None:
        gaps.insert(0, "No chair: neither a PSW nor a QA lead can sit.")
    reserves = [person for person in pool if person not in moderators][: rules.reserves]
    return Proposal(
        chair=Proposed(chair, f"May chair. {chair.history()}{_conflicts(chair, table)}") if chair else None,
        moderators=tuple(
            Proposed(person, _because(person, table, rules, passed_over.get(person.id, 0)))
            for person in moderators
        ),
        reserves=tuple(Proposed(person, _because(person, table, rules, 0)) for person in reserves),
        gaps=tuple(gaps),
    )


def _in_order(candidates: list[Candidate], *, on: date, seed: int) -> list[Candidate]:
    """Who is invited first."""
    lot = random.Random(seed)  # noqa: S311 - a lot that can be repeated, not a secret
    lots = {person.id: lot.random() for person in sorted(candidates, key=lambda person: person.id)}
    a_year_ago = add_months(on, -MONTHS_BETWEEN_SEATS)
    return sorted(
        candidates,
        key=lambda person: (
            person.last_seated_on is not None and person.last_seated_on > a_year_ago,
            person.last_seated_on or date.min,
            person.seats,
            lots[person.id],
        ),
    )


def _chair(in_order: list[Candidate], keep: Collection[int]) -> Candidate | None:
    """Who sits as chair already; else the one with the fewest conflicts, then the first in order."""
    chairs = [person for person in in_order if person.may_chair]
    return min(chairs, key=lambda person: (person.id not in keep, len(person.conflicts)), default=None)


def _requirements(pool: list[Candidate], table: Mapping[str, str], rules: Rules) -> Iterator[_Requirement]:
    """The rules that the moderators have to meet together, the most important first."""
    for service in sorted({person.service for person in pool}):
        others = frozenset(person.id for person in pool if person.service != service)
        yield _Requirement(others, f"All moderators are from {service or 'outside the services'}.")
    by_pathway = {
        pathway: frozenset(person.id for person in pool if pathway in person.knows)
        for pathway in set(table.values())
    }
    for pathway in sorted(by_pathway, key=lambda pathway: (len(by_pathway[pathway]), pathway)):
        yield _Requirement(by_pathway[pathway], f"No moderator knows {rules.name_of(pathway)}.")
    for reference in sorted(table):
        free = frozenset(person.id for person in pool if reference not in person.conflicts)
        yield _Requirement(free, f"Every moderator has a conflict of interest with {reference}.")


def _feasible(
    requirements: list[_Requirement], seated: list[Candidate], places: int
) -> tuple[list[frozenset[int]], list[str]]:
    """The requirements that can be met together, the most important first, and a sentence for each other."""
    met_by_seated = {person.id for person in seated}
    held: list[frozenset[int]] = []
    gaps: list[str] = []
    for requirement in requirements:
        if requirement.anyone_of & met_by_seated:
            continue
        if _can_meet([*held, requirement.anyone_of], places):
            held.append(requirement.anyone_of)
        elif requirement.gap not in gaps:
            gaps.append(requirement.gap)
    return held, gaps


def _can_meet(unmet: list[frozenset[int]], places: int) -> bool:
    """Whether `places` people can be found so that each of the sets has at least one of them.

    Tries the people of the smallest set, one for each distinct list of sets they would meet.
    """
    if not unmet:
        return True
    if places == 0:
        return False
    left = {tuple(group for group in unmet if person not in group) for person in min(unmet, key=len)}
    return any(_can_meet(list(groups), places - 1) for groups in sorted(left, key=len))


def _choose(
    pool: list[Candidate], seated: list[Candidate], held: list[frozenset[int]], places: int
) -> tuple[list[Candidate], dict[int, int]]:
    """The first in order with whom all of `held` can be met, and how many were passed over for each."""
    chosen: list[Candidate] = []
    passed_over: dict[int, int] = {}
    skipped = 0
    for person in pool:
        if len(chosen) == places:
            break
        if person in seated:
            continue
        rest = [group for group in held if person.id not in group]
        if _can_meet(rest, places - len(chosen) - 1):
            chosen.append(person)
            passed_over[person.id] = skipped
            held = rest
        else:
            skipped += 1
    return chosen, passed_over


def _because(person: Candidate, table: Mapping[str, str], rules: Rules, passed_over: int) -> str:
    """The facts that the choice rests on."""
    sentences = [person.history()]
    if known := [rules.name_of(pathway) for pathway in sorted(set(table.values()) & person.knows)]:
        sentences.append(f"Knows {', '.join(known)}.")
    if passed_over:
        who = "somebody who is" if passed_over == 1 else f"{passed_over} who are"
        sentences.append(f"Chosen before {who} earlier in the order, so that the panel meets its rules.")
    return " ".join(sentences) + _conflicts(person, table)


def _conflicts(person: Candidate, table: Mapping[str, str]) -> str:
    count = len(person.conflicts & table.keys())
    return f" Has a conflict of interest with {count} of the {len(table)} audits." if count else ""
