"""Which submitted audits a panel must see, and why (docs/domain.md, section 7, R1 and R2). Imports no Django.

All audits of an auditor without an earned exemption; those on the always list, whatever the exemption; and of the
rest a share drawn by lot. The lot is a systematic sample: the audits stand in an order that the seed shuffles, each
takes as much room as its auditor's share in percent, and every hundredth point from a start that the seed also
gives is drawn. So each audit has exactly its own chance, the number drawn is the share rounded up or down, and the
same seed and audits give the same answer in whatever order they come.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

NOT_EXEMPT = "not_exempt"
INADEQUATE = "inadequate"
OUTSTANDING = "outstanding"
IMMEDIATE_CONCERN = "immediate_concern"
CEILING_OVERRIDDEN = "ceiling_overridden"
FIRST_AUDITS = "first_audits"
DISPUTED = "disputed"
REOPENED = "reopened"
SPOT_CHECK = "spot_check"

SENTENCES: Mapping[str, str] = {
    NOT_EXEMPT: "All audits of auditors without an earned exemption are moderated.",
    INADEQUATE: "The overall grade is Inadequate.",
    OUTSTANDING: "The overall grade is Outstanding.",
    IMMEDIATE_CONCERN: "The auditor raised an immediate concern.",
    CEILING_OVERRIDDEN: "A ceiling was overridden.",
    FIRST_AUDITS: "It is one of the auditor's first audits.",
    DISPUTED: "The social worker disputes it.",
    REOPENED: "It was reopened after it was final.",
    SPOT_CHECK: "It was drawn by lot as a spot check.",
}
"""Each reason as a sentence for the queue; what the auditor of the audit may read of it is the same."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the council has chosen: how many of an auditor's first audits are always moderated."""

    first_audits: int = 3


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submitted audit, as far as the choice depends on it.

    Attributes:
        overall: the stable code of the auditor's overall grade.
        nth: its place among all audits that its auditor has handed in, counted from 1.
        spot_check_percent: the share of its auditor's audits that is drawn; None without an exemption.

    """

    reference: str
    overall: str
    nth: int
    spot_check_percent: int | None = None
    has_immediate_concern: bool = False
    has_ceiling_overridden: bool = False
    is_disputed: bool = False
    was_reopened: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """What a draw of spot checks gave: who took part, by reference and in order, and which of them were drawn."""

    seed: int
    took_part: tuple[str, ...] = ()
    drawn: frozenset[str] = field(default_factory=frozenset)

    @property
    def in_words(self) -> str:
        """Enough to repeat it."""
        return f"{len(self.drawn)} of {len(self.took_part)} drawn by lot, seed {self.seed}."


def reasons_to_moderate(audit: Submitted, rules: Rules) -> tuple[str, ...]:
    """Why a panel must see this audit, before any lot is drawn; empty when only a spot check could."""
    reasons = {
        NOT_EXEMPT: audit.spot_check_percent is None,
        INADEQUATE: audit.overall == INADEQUATE,
        OUTSTANDING: audit.overall == OUTSTANDING,
        IMMEDIATE_CONCERN: audit.has_immediate_concern,
        CEILING_OVERRIDDEN: audit.has_ceiling_overridden,
        FIRST_AUDITS: audit.nth <= rules.first_audits,
        DISPUTED: audit.is_disputed,
        REOPENED: audit.was_reopened,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def draw_spot_checks(audits: Iterable[Submitted], *, seed: int, rules: Rules) -> Draw:
    """Draw by lot among the audits that nothing else brings to a panel; the others take no part.

    An audit is drawn with exactly the chance of its auditor's share. The number drawn is the sum of the shares,
    rounded up or down.
    """
    waiting = sorted(
        (audit.reference, audit.spot_check_percent)
        for audit in audits
        if audit.spot_check_percent is not None and not reasons_to_moderate(audit, rules)
    )
    lot = random.Random(seed)  # noqa: S311 - a lot that can be repeated, not a secret
    start = lot.randrange(100)
    order = lot.sample(waiting, len(waiting))
    ends = accumulate((percent for _, percent in order), initial=start)
    drawn = frozenset(
        reference
        for (reference, percent), begin in zip(order, ends, strict=False)
        if begin // 100 < (begin + percent) // 100
    )
    return Draw(seed, tuple(reference for reference, _ in waiting), drawn)
