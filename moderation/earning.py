"""When an auditor has earned an exemption from moderation, and when it lapses (docs/domain.md, section 7, R2).

Imports no Django. Earned: enough moderated audits over enough quarters, of whose overall grades the panels
confirmed nearly all and moved none by two steps. It lapses after its time, on a change by two steps, or on two
changes by one step among the last few audits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.dates import Quarter, add_months


@dataclass(frozen=True, slots=True)
class Rules:
    """What the council has chosen, with our defaults."""

    audits: int = 6
    quarters: int = 2
    confirmed_percent: int = 90
    within_months: int = 12
    changes_that_end: int = 2
    among_the_last: int = 6


@dataclass(frozen=True, slots=True, order=True)
class Moderated:
    """A panel's decision on the overall grade of one audit; `steps` as in agreement, 0 where it was confirmed."""

    decided_on: date
    reference: str
    steps: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an auditor stands, with the numbers it rests on. They are kept as the basis of an exemption."""

    moderated: int
    confirmed: int
    quarters: int
    two_step: int
    missing: tuple[str, ...]
    """What is still needed, as sentences; empty when it is earned."""

    @property
    def is_earned(self) -> bool:
        return not self.missing

    def in_words(self, rules: Rules) -> str:
        """Such as "4 of 6 moderated, 3 confirmed"."""
        return f"{self.moderated} of {rules.audits} moderated, {self.confirmed} confirmed"


def standing_of(
    decisions: Iterable[Moderated], rules: Rules, *, since: date | None = None, on: date | None = None
) -> Standing:
    """Where an auditor stands by the panels' decisions on their audits.

    Args:
        since: only decisions after this day count: an exemption that lapsed was used up with what it rested on.
        on: only decisions of the `within_months` before this day count, so that nothing long past earns anything.

    """
    oldest = add_months(on, -rules.within_months) if on else None
    counted = [
        decision
        for decision in decisions
        if (since is None or decision.decided_on > since) and (oldest is None or decision.decided_on > oldest)
    ]
    moderated = len(counted)
    confirmed = sum(decision.steps == 0 for decision in counted)
    quarters = len({Quarter.of(decision.decided_on) for decision in counted})
    two_step = sum(abs(decision.steps) > 1 for decision in counted)
    missing = []
    if moderated < rules.audits:
        missing.append(f"{rules.audits - moderated} more moderated.")
    if quarters < rules.quarters:
        missing.append(f"Decisions in {rules.quarters} quarters; there are some in {quarters}.")
    if 100 * confirmed < rules.confirmed_percent * moderated:
        missing.append(
            f"{rules.confirmed_percent}% of overall grades confirmed; it is {confirmed} of {moderated}."
        )
    if two_step:
        missing.append(
            f"No change by two steps; there is {two_step}."
            if two_step == 1
            else f"No change by two steps; there are {two_step}."
        )
    return Standing(moderated, confirmed, quarters, two_step, tuple(missing))


def why_lapsed(
    decisions: Iterable[Moderated], rules: Rules, *, starts_on: date, review_on: date, on: date
) -> str:
    """Why an exemption ends on this day, as a sentence; "" while it holds.

    Only decisions made since it started count: those before are what it was granted on.
    """
    since = sorted(decision for decision in decisions if starts_on <= decision.decided_on <= on)
    if far := [decision for decision in since if abs(decision.steps) > 1]:
        first = far[0]
        return f"A panel moved the overall grade of {first.reference} by {abs(first.steps)} steps."
    last = since[-rules.among_the_last :]
    changed = [decision for decision in last if decision.steps]
    if len(changed) >= rules.changes_that_end:
        return (
            f"Panels changed {len(changed)} of the last {len(last)} overall grades: "
            f"{', '.join(decision.reference for decision in changed)}."
        )
    if on >= review_on:
        return "Its time is over. It can be earned again."
    return ""
