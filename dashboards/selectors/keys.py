"""Counting the programme by month and quarter. The database counts; nothing is loaded to be counted.

An audit counts in the quarter of the month it was allocated for (docs/domain.md, section 10). Only child
journey audits are counted: dip samples and observations are not graded.

Every count may be told apart `by` one or more of the names in ALLOCATION_FIELDS, and be narrowed to a `Scope`: the
same queries make the report of the council, of one team, and what is frozen of each audit.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import F, Q, QuerySet

from audits.enums import HANDED_IN, AllocationKind, AllocationStatus
from audits.models import Allocation
from core.dates import Quarter
from dashboards.scopes import Scope

Tallies = dict[Quarter, Counter[str]]
"""A tally for each quarter asked for, earliest first; empty where nothing was counted."""

Key = tuple[Any, ...]
"""The first day of a month, and then the values of what the counts are told apart by."""

Counts = Iterator[tuple[Key, str, int]]
"""Where it belongs, what was counted, and how many."""

By = Sequence[str]


class Source(StrEnum):
    """Where counts come from: a page asks only for those that its figures are made of."""

    LEDGER = "ledger"
    SUBMITTED = "submitted"
    """Of the ledger, what was submitted."""
    PATHWAYS = "pathways"
    MODERATED = "moderated"
    """Which audits panels decided, returned for evidence or did not draw."""
    AFTERWARDS = "afterwards"
    """Hand-offs and re-audits."""
    PARENTS = "parents"
    """Whose views are in the assessment."""
    GRADES = "grades"
    PRACTICE = "practice"
    INVOLVEMENT = "involvement"
    """What auditors answered of the worker and the family."""
    FAMILIES = "families"
    """What people of families answered, one by one."""
    DECISIONS = "decisions"
    ACTIONS = "actions"
    CASELOAD = "caseload"
    PANELS = "panels"
    ACTIVITY = "activity"
    RECURRENCE = "recurrence"


EVERYTHING = frozenset(Source)

ALLOCATION_FIELDS = {
    "service": "team__service",
    "team": "team",
    "pathway": "pathway",
    "auditor": "auditor",
    "allocation": "pk",
}
"""What counts are told apart by, and where an allocation holds it."""


ALLOCATED = Q(
    status__in=(AllocationStatus.ALLOCATED, AllocationStatus.EXCUSED, AllocationStatus.NEVER_RETURNED)
)
"""Neither withdrawn nor reallocated: an audit given to somebody else counts once, where it went."""

SUBMITTED = ALLOCATED & Q(audit__status__in=HANDED_IN)

FINAL_GRADE = F("audit__sections__final_grade")
"""The grade that counts, in every report."""

GIVEN_OUT_HERE = Q(audit__imported__isnull=True)
"""What was given out before this service was used is not known: imported audits are in no return rate."""


def given_out(first: date, last: date, scope: Scope) -> QuerySet[Allocation]:
    """The rows of the ledger, whatever became of them."""
    rows = Allocation.objects.filter(kind=AllocationKind.CJA).exclude(status=AllocationStatus.PROPOSED)
    narrowed = {ALLOCATION_FIELDS[name]: value for name, value in scope.parts.items()}
    return rows.filter(round__month__range=(first, last), **narrowed).order_by()


def fields_by(by: By) -> list[str]:
    return ["round__month", *(ALLOCATION_FIELDS[name] for name in by)]


def nothing_counted(first: Quarter, last: Quarter) -> Tallies:
    quarters = [last]
    while quarters[-1] > first:
        quarters.append(quarters[-1].previous())
    return {quarter: Counter() for quarter in reversed(quarters)}
