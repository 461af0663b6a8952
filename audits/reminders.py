"""Which reminders of an audit are due on a day. Imports no Django (docs/domain.md, section 6).

A step falls a number of working days before or after the due date. Whoever asks on a later day is told of every step
that has fallen since, so a day on which nobody asked loses nothing.
"""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from datetime import date

from core.dates import add_working_days, is_working_day

Offsets = Mapping[str, int]
"""By step: working days from the due date, below nought before it. In the order in which the steps are told."""


def reached_steps(
    due_on: date, *, issued_on: date, on: date, offsets: Offsets, closures: AbstractSet[date]
) -> list[str]:
    """The steps of an audit that have fallen by the day `on`, told or not, in order.

    A step that had fallen by the day on which the audit was issued is left out: the mail of that day says when the
    audit is due.
    """
    return [
        step for step, days in offsets.items() if issued_on < add_working_days(due_on, days, closures) <= on
    ]


def steps_to_tell(
    due_on: date,
    *,
    issued_on: date,
    on: date,
    offsets: Offsets,
    told: Collection[str],
    closures: AbstractSet[date],
) -> list[str]:
    """The steps to tell on the day `on`, in order: none on a day without work, and no step that was `told`.

    Told is told: an extension moves the steps still to come and brings none back.
    """
    if not is_working_day(on, closures):
        return []
    reached = reached_steps(due_on, issued_on=issued_on, on=on, offsets=offsets, closures=closures)
    return [step for step in reached if step not in told]
