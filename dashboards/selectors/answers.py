"""What auditors and families answered."""

import json
from collections.abc import Collection, Iterator

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast

from audits.enums import PRACTICE_KINDS, FamilyMember, PracticeAnswer, QuestionKind
from audits.models import Allocation, Answer
from dashboards.selectors.keys import SUBMITTED, By, Counts, Source, fields_by

PARENTS = ("A10", "A11")
SMART_LETTERS = 5
ANSWERED = tuple(answer for answer in PracticeAnswer if answer != PracticeAnswer.NOT_APPLICABLE)


def of_parents(*answers: str) -> Exists:
    asked = Answer.objects.filter(audit=OuterRef("audit__pk"), question__code__in=PARENTS)
    return Exists(asked.filter(value__in=answers))


KINDS_OF = {
    Source.PRACTICE: PRACTICE_KINDS,
    Source.INVOLVEMENT: (QuestionKind.CHOICE,),
}
"""The kinds of questions whose answers each source counts."""


def answers(rows: QuerySet[Allocation], by: By, kinds: Collection[QuestionKind]) -> Counts:
    """Answers chosen from a list, as "V6.yes"; ticks as "P3.part.timed" and "P3.every_part"; sums as "V1.counted".

    Question S11 is told apart by pathway, as "S11.cla.yes"; F2 says who gave feedback, as "F2.child".
    """
    answer = "audit__answers"
    wanted = Q(**{f"{answer}__question__kind__in": kinds})
    if QuestionKind.CHOICE in kinds:
        wanted |= Q(**{f"{answer}__question__code": "F2"})
    answered = rows.filter(wanted, SUBMITTED).annotate(
        asked_on=Case(
            When(**{f"{answer}__question__code": "S11", "then": F("audit__pathway")}),
            default=Value(""),
            output_field=CharField(),
        ),
        ticked=Cast(f"{answer}__selected", TextField()),
    )
    found = answered.values_list(
        *fields_by(by),
        f"{answer}__question__code",
        f"{answer}__question__kind",
        f"{answer}__value",
        "asked_on",
        "ticked",
    ).annotate(
        how_many=Count("pk"),
        counted=Sum(f"{answer}__counted", filter=Q(**{f"{answer}__counted_of__isnull": False})),
        counted_of=Sum(f"{answer}__counted_of", filter=Q(**{f"{answer}__counted__isnull": False})),
    )
    for *key, code, kind, value, pathway, ticked, count, counted, counted_of in found:
        for name, number in _names(code, kind, value, pathway, ticked, (count, counted, counted_of)):
            yield tuple(key), name, number


def _names(
    code: str, kind: str, value: str, pathway: str, ticked: str, numbers: tuple[int, int | None, int | None]
) -> Iterator[tuple[str, int]]:
    count, counted, counted_of = numbers
    if code == "F2":
        if FamilyMember.CHILD in json.loads(ticked):
            yield "F2.child", count
        return
    yield f"{code}.{value}", count
    if pathway:
        yield f"{code}.{pathway}.{value}", count
    if value == PracticeAnswer.NOT_APPLICABLE:
        return
    if kind == QuestionKind.PRACTICE_LETTERS:
        parts = json.loads(ticked)
        for part in parts:
            yield f"{code}.part.{part}", count
        if code == "P3" and len(set(parts)) == SMART_LETTERS:
            yield f"{code}.every_part", count
    elif code == "P3":
        yield "P3.without_letters", count
    if counted is not None and counted_of:
        yield f"{code}.counted", counted
        yield f"{code}.counted_of", counted_of


def answers_of_families(rows: QuerySet[Allocation], by: By) -> Counts:
    """How many people of families gave each answer, as "F3.yes", where they were asked one by one."""
    answers = "audit__family_feedback__answers"
    answered = rows.filter(SUBMITTED, **{f"{answers}__question__kind": QuestionKind.CHOICE})
    found = answered.values_list(*fields_by(by), f"{answers}__question__code", f"{answers}__value")
    for *key, code, value, count in found.annotate(Count("pk")):
        yield tuple(key), f"{code}.{value}", count
