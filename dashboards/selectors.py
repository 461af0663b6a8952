"""Counting the programme by quarter. The database counts by month; nothing is loaded to be counted.

An audit counts in the quarter of the month it was allocated for (docs/domain.md, section 10). Only child
journey audits are counted: dip samples and observations are not graded.
"""

import re
from collections import Counter
from itertools import pairwise

from django.db.models import Count, F, Q, QuerySet, TextField, Value, Window
from django.db.models.functions import Cast, RowNumber, TruncDate

from audits.enums import (
    APPROVED_TOOL_STATUSES,
    HANDED_IN,
    PRACTICE_KINDS,
    AllocationKind,
    AllocationStatus,
    FamilyMember,
    Grade,
    QuestionKind,
    RoundStatus,
    Section,
)
from audits.models import Allocation, Question, Round
from core.dates import LONDON, Quarter

Tallies = dict[Quarter, Counter[str]]
"""A tally for each quarter asked for, earliest first; empty where nothing was counted."""

ALLOCATED = Q(
    status__in=(AllocationStatus.ALLOCATED, AllocationStatus.EXCUSED, AllocationStatus.NEVER_RETURNED)
)
"""Neither withdrawn nor reallocated: an audit given to somebody else counts once, where it went."""

SUBMITTED = ALLOCATED & Q(audit__status__in=HANDED_IN)

FINAL_GRADE = F("audit__sections__final_grade")
"""The grade that counts, in every report."""

GIVEN_OUT_HERE = Q(audit__imported__isnull=True)
"""What was given out before this service was used is not known: imported audits are in no return rate."""

RETURNS = {
    "given": Count("pk", filter=GIVEN_OUT_HERE),
    "withdrawn": Count("pk", filter=Q(status=AllocationStatus.WITHDRAWN)),
    "reallocated": Count("pk", filter=Q(status=AllocationStatus.REALLOCATED)),
    "allocated": Count("pk", filter=ALLOCATED & GIVEN_OUT_HERE),
    "excused": Count("pk", filter=Q(status=AllocationStatus.EXCUSED) & ~SUBMITTED),
    "submitted": Count("pk", filter=SUBMITTED),
    "returned": Count("pk", filter=SUBMITTED & GIVEN_OUT_HERE),
    "imported": Count("pk", filter=SUBMITTED & ~GIVEN_OUT_HERE),
    "on_time": Count("pk", filter=SUBMITTED & GIVEN_OUT_HERE & Q(submitted_on__lte=F("first_due_on"))),
}
"""What became of the audits given out. Somebody excused who submits all the same counts as submitted."""


def returns_by_quarter(first: Quarter, last: Quarter) -> Tallies:
    """The counts of RETURNS. One query."""
    found = _nothing_counted(first, last)
    rows = (
        _given_out(first, last)
        .annotate(submitted_on=TruncDate("audit__submitted_at", tzinfo=LONDON))
        .values("round__month")
        .annotate(**RETURNS)
        .values_list("round__month", *RETURNS)
    )
    for month, *counts in rows:
        found[Quarter.of(month)].update(dict(zip(RETURNS, counts, strict=True)))
    return found


def grades_by_quarter(first: Quarter, last: Quarter) -> Tallies:
    """How many submitted audits have each final grade, as "visits.good". One query."""
    graded = _given_out(first, last).filter(SUBMITTED, audit__sections__final_grade__in=Grade.values)
    return _count_pairs(first, last, graded, F("audit__sections__section"), FINAL_GRADE)


def answers_by_quarter(first: Quarter, last: Quarter) -> Tallies:
    """How many submitted audits gave each answer chosen from a list, as "V6.yes". One query."""
    answered = _given_out(first, last).filter(
        SUBMITTED, audit__answers__question__kind__in=(*PRACTICE_KINDS, QuestionKind.CHOICE)
    )
    return _count_pairs(
        first, last, answered, F("audit__answers__question__code"), F("audit__answers__value")
    )


def family_answers_by_quarter(first: Quarter, last: Quarter) -> Tallies:
    """How many people of families gave each answer, as "F3.yes", where they were asked one by one. One query."""
    answered = _given_out(first, last).filter(
        SUBMITTED, audit__family_feedback__answers__question__kind=QuestionKind.CHOICE
    )
    answers = "audit__family_feedback__answers"
    return _count_pairs(first, last, answered, F(f"{answers}__question__code"), F(f"{answers}__value"))


def children_who_answered_by_quarter(first: Quarter, last: Quarter) -> Tallies:
    """How many submitted audits have feedback of the child, as "F2.child". One query."""
    ticked = Cast("audit__answers__selected", TextField())
    said = (
        _given_out(first, last)
        .filter(SUBMITTED, audit__answers__question__code="F2")
        .annotate(ticked=ticked)
        .filter(ticked__contains=f'"{FamilyMember.CHILD}"')
    )
    return _count_pairs(first, last, said, F("audit__answers__question__code"), Value("child"))


def tallies(first: Quarter, last: Quarter) -> Tallies:
    """Everything that the measures of the quarters from `first` to `last` count. Five queries.

    "submitted_before" is what the quarter before submitted; `first` has none.
    """
    found = returns_by_quarter(first, last)
    for counted in (
        grades_by_quarter(first, last),
        answers_by_quarter(first, last),
        family_answers_by_quarter(first, last),
        children_who_answered_by_quarter(first, last),
    ):
        for quarter, tally in counted.items():
            found[quarter].update(tally)
    for before, quarter in pairwise(found):
        found[quarter]["submitted_before"] = found[before]["submitted"]
    return found


def practice_questions() -> list[Question]:
    """Each practice question that a published tool asks or asked, once, by page and code. One query.

    The words are those of the newest version of the first tool that asks it.
    """
    newest_first = Window(RowNumber(), partition_by="code", order_by=("version__tool", "-version__number"))
    questions = (
        Question.objects.filter(version__status__in=APPROVED_TOOL_STATUSES, kind__in=PRACTICE_KINDS)
        .annotate(place=newest_first)
        .filter(place=1)
    )
    pages = Section.values
    return sorted(questions, key=lambda question: (pages.index(question.section), _as_counted(question.code)))


def reported_quarters() -> list[Quarter]:
    """Each quarter with a published round, newest first. One query."""
    months = Round.objects.exclude(status=RoundStatus.DRAFT).values_list("month", flat=True)
    return sorted({Quarter.of(month) for month in months}, reverse=True)


def _as_counted(code: str) -> list[str | int]:
    """A key that sorts V9 before V10."""
    letters_and_numbers = re.split(r"([0-9]+)", code)
    return [int(part) if place % 2 else part for place, part in enumerate(letters_and_numbers)]


def _given_out(first: Quarter, last: Quarter) -> QuerySet[Allocation]:
    """The rows of the ledger, whatever became of them."""
    rows = Allocation.objects.filter(kind=AllocationKind.CJA).exclude(status=AllocationStatus.PROPOSED)
    return rows.filter(round__month__gte=first.first_day, round__month__lte=last.last_day).order_by()


def _count_pairs(
    first: Quarter, last: Quarter, rows: QuerySet[Allocation], name: F, value: F | Value
) -> Tallies:
    found = _nothing_counted(first, last)
    for month, counted, as_what, count in rows.values_list("round__month", name, value).annotate(Count("pk")):
        found[Quarter.of(month)][f"{counted}.{as_what}"] += count
    return found


def _nothing_counted(first: Quarter, last: Quarter) -> Tallies:
    quarters = [last]
    while quarters[-1] > first:
        quarters.append(quarters[-1].previous())
    return {quarter: Counter() for quarter in reversed(quarters)}
