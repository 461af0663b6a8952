"""From the logs of whom an auditor asked to the answers that the measures count. Knows no Django.

The logs are the truth; derived here is what questions W1, F1, F1_outcome and F2 say (docs/domain.md, section 4).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from audits.completeness import GivenAnswer, Missing

NOT_INVITED = "not_invited"
TOOK_PART = "took_part"
FEEDBACK = "feedback"
BEST_FIRST = (FEEDBACK, "declined", "no_reply", "not_tried", "not_appropriate")
"""What came of asking a family, the most that was reached first."""

TRIED = frozenset({FEEDBACK, "declined", "no_reply"})


@dataclass(frozen=True)
class Asked:
    """One line of the family's log: whom, what came of it, and the reason where nobody was contacted."""

    person: str
    outcome: str
    reason: str = ""


def worker_outcome(outcomes: Sequence[str]) -> str:
    """What W1 says, from the outcomes in the order of their days: took part if they ever did, else the last one.

    >>> worker_outcome(["invited", "took_part", "left"])
    'took_part'
    """
    if not outcomes:
        return NOT_INVITED
    return TOOK_PART if TOOK_PART in outcomes else outcomes[-1]


def other_than_the_log(
    answers: Mapping[str, GivenAnswer], outcomes: Sequence[str], told_on: date | None
) -> list[Missing]:
    """Where W1 or W3 says something else than the log of the social worker: the log is to be changed, or the answer.

    Args:
        answers: those of the page, where its tool asks them; an answer that is missing is not said here.
        outcomes: those of the log, in the order of their days.
        told_on: the day on which the worker was told, as the page of the social worker has it.

    """
    found = []
    if (said := answers.get("W1", GivenAnswer()).value) and said != worker_outcome(outcomes):
        found.append(
            Missing(
                "W1",
                "W1: the log of the social worker says otherwise. Change the log, or choose what it says",
            )
        )
    if "W3" in answers and answers["W3"].dated_on != told_on:
        found.append(
            Missing(
                "W3",
                "W3: write what you told them and the day on the page The social worker, which answers this",
            )
        )
    return found


def family_outcome(asked: Iterable[Asked]) -> str:
    """The most that was reached with anybody; "" while nothing is logged.

    Contact counts as not appropriate only when that is so for everybody logged.
    """
    outcomes = {line.outcome for line in asked}
    return next((outcome for outcome in BEST_FIRST if outcome in outcomes), "")


def family_answers(asked: Sequence[Asked]) -> dict[str, GivenAnswer]:
    """The answers to F1 (whom one tried to reach), F1_outcome and F2 (who gave feedback)."""
    outcome = family_outcome(asked)
    reasons = "" if outcome in TRIED else "\n".join(_once(line.reason for line in asked if line.reason))
    return {
        "F1": GivenAnswer(selected=_once(line.person for line in asked if line.outcome in TRIED)),
        "F1_outcome": GivenAnswer(value=outcome, note=reasons),
        "F2": GivenAnswer(selected=_once(line.person for line in asked if line.outcome == FEEDBACK)),
    }


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
