"""Counting the programme by month and quarter. The database counts; nothing is loaded to be counted.

An audit counts in the quarter of the month it was allocated for (docs/domain.md, section 10). Only child
journey audits are counted: dip samples and observations are not graded.

Every count may be told apart `by` one or more of the names in ALLOCATION_FIELDS, and be narrowed to a `Scope`: the
same queries make the report of the council, of one team, and what is frozen of each audit.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Coalesce, RowNumber, TruncDate, TruncMonth
from django.utils import timezone

from actions.enums import CLOSED, TO_BE_DONE, ActionMoveKind, ActionStatus, ReauditReason
from actions.models import Action, ActionMove
from audits.enums import (
    APPROVED_TOOL_STATUSES,
    AREAS,
    BAND_GRADES,
    HANDED_IN,
    PRACTICE_KINDS,
    AllocationKind,
    AllocationStatus,
    FamilyMember,
    Grade,
    Pathway,
    PracticeAnswer,
    QuestionKind,
    RoundStatus,
    Section,
)
from audits.models import Allocation, Answer, Audit, AuditSection, Holding, Question, Round
from core.dates import LONDON, NO_CLOSURES, Quarter, add_working_days
from dashboards.measures import Measure, expand
from dashboards.scopes import COUNCIL, Scope
from moderation.enums import PanelStatus, SeatStatus, TablingStatus, Verdict
from moderation.models import DecisionLine, PanelMember, Tabling
from moderation.verdicts import steps_between

Tallies = dict[Quarter, Counter[str]]
"""A tally for each quarter asked for, earliest first; empty where nothing was counted."""

Key = tuple[Any, ...]
"""The first day of a month, and then the values of what the counts are told apart by."""

Counts = Iterator[tuple[Key, str, int]]
"""Where it belongs, what was counted, and how many."""

By = Sequence[str]

ALLOCATION_FIELDS = {
    "service": "team__service",
    "team": "team",
    "pathway": "pathway",
    "auditor": "auditor",
    "allocation": "pk",
}
"""What counts are told apart by, and where an allocation holds it."""

ALLOCATION_OF_LINE = "decision__tabling__audit__allocation"

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

PARENTS = ("A10", "A11")
SMART_LETTERS = 5
ANSWERED = tuple(answer for answer in PracticeAnswer if answer != PracticeAnswer.NOT_APPLICABLE)


def _overall(grades: Iterable[str], audit: str, **of_audit: OuterRef) -> Exists:
    """Whether there is such an audit with one of the overall grades."""
    graded = AuditSection.objects.filter(section=Section.OVERALL, final_grade__in=list(grades))
    narrowed = {f"audit__{name}": value for name, value in of_audit.items()} or {"audit": OuterRef(audit)}
    return Exists(graded.filter(audit__status__in=HANDED_IN, **narrowed))


AGAIN = {"allocation__audits_again": OuterRef("pk")}
BETTER = {grade: BAND_GRADES[:place] for place, grade in enumerate(BAND_GRADES) if place}
IMPROVED = reduce(
    or_,
    (
        Q(_overall([grade], "audit__pk")) & Q(_overall(better, "audit__pk", **AGAIN))
        for grade, better in BETTER.items()
    ),
)
AUDITED_AGAIN = Q(Exists(Audit.objects.filter(status__in=HANDED_IN, **AGAIN)))
IN_TIME = Q(
    Exists(
        Audit.objects.filter(status__in=HANDED_IN, **AGAIN)
        .annotate(again_on=TruncDate("submitted_at", tzinfo=LONDON))
        .filter(again_on__lte=OuterRef("audit__reaudit__closes_on"))
    )
)
WAS_INADEQUATE = Q(SUBMITTED, audit__reaudit__because=ReauditReason.INADEQUATE)


def _of_parents(*answers: str) -> Exists:
    asked = Answer.objects.filter(audit=OuterRef("audit__pk"), question__code__in=PARENTS)
    return Exists(asked.filter(value__in=answers))


def _tabled(status: TablingStatus) -> Exists:
    settled = Tabling.objects.filter(status=status, panel__status=PanelStatus.CLOSED)
    return Exists(settled.filter(audit=OuterRef("audit__pk")))


OF_THE_AUDIT = {
    **{
        f"submitted.{pathway}": Count("pk", filter=SUBMITTED & Q(pathway=pathway))
        for pathway in Pathway.values
    },
    "moderated": Count("pk", filter=SUBMITTED & GIVEN_OUT_HERE & Q(_tabled(TablingStatus.DECIDED))),
    "moderation.returned": Count(
        "pk", filter=SUBMITTED & GIVEN_OUT_HERE & Q(_tabled(TablingStatus.RETURNED))
    ),
    "moderation.not_drawn": Count(
        "pk",
        filter=SUBMITTED
        & GIVEN_OUT_HERE
        & Q(audit__moderation_case__must_moderate=False, audit__moderation_case__draw__isnull=False),
    ),
    "handed_off": Count("pk", filter=SUBMITTED & Q(audit__hand_off__supervised_on__isnull=False)),
    "reaudit.in_time": Count("pk", filter=WAS_INADEQUATE & IN_TIME),
    "reaudit.again": Count("pk", filter=WAS_INADEQUATE & AUDITED_AGAIN),
    "reaudit.improved": Count("pk", filter=WAS_INADEQUATE & IMPROVED),
    "parents.yes": Count("pk", filter=SUBMITTED & Q(_of_parents(PracticeAnswer.YES))),
    "parents.answered": Count("pk", filter=SUBMITTED & Q(_of_parents(*ANSWERED))),
}
"""What else is counted of audits, each once."""

FOLLOWS = ("handed_off", "reaudit.")
"""How the names begin of what follows from an audit by its nature later, and is no change of it."""


def returns_by_quarter(first: Quarter, last: Quarter, scope: Scope = COUNCIL) -> Tallies:
    """The counts of RETURNS. One query."""
    rows = _given_out(first.first_day, last.last_day, scope)
    return _by_quarter(first, last, _aggregated(rows, (), RETURNS))


def grades_by_quarter(first: Quarter, last: Quarter, scope: Scope = COUNCIL) -> Tallies:
    """How many submitted audits have each final grade, as "visits.good". One query."""
    return _by_quarter(first, last, _grades(_given_out(first.first_day, last.last_day, scope), ()))


def counts_of_audits(
    first: date, last: date, *, by: By = (), scope: Scope = COUNCIL, today: date | None = None
) -> dict[Key, Counter[str]]:
    """What is counted of the audits allocated for the months from `first` to `last`. Five queries.

    `today` is the day on which re-audits are due or not.
    """
    rows = _given_out(first, last, scope)
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for source in (
        _aggregated(
            rows, by, RETURNS | OF_THE_AUDIT | {"reaudit.due": _reaudits_due(today or timezone.localdate())}
        ),
        _grades(rows, by),
        _answers(rows, by),
        _answers_of_families(rows, by),
        _decisions(first, last, by, scope),
    ):
        for key, name, count in source:
            found[key][name] += count
    return dict(found)


def _reaudits_due(today: date) -> Count:
    """Inadequate audits whose window for a re-audit has closed, or that were audited again already."""
    return Count("pk", filter=WAS_INADEQUATE & (Q(audit__reaudit__closes_on__lt=today) | AUDITED_AGAIN))


ACTION_FIELDS = {"service": "team__service", "team": "team", "pathway": "child__pathway"}
OVERDUE_BANDS = {"1_5": (0, 5), "6_10": (5, 10), "11_20": (10, 20), "over_20": (20, None)}
"""By name of the band: above how many working days over, and up to how many."""


def counts_of_actions(
    quarters: Sequence[Quarter],
    today: date,
    closures: AbstractSet[date],
    *,
    by: By = (),
    scope: Scope = COUNCIL,
) -> dict[Key, Counter[str]]:
    """What is counted of actions by the quarter they were first due or were done in, and what stood at its end.

    An action that was cancelled counts nowhere. What stood open or overdue at the end of a quarter goes by the due
    dates of today: an extension given since shows there, too, until the quarter is frozen. Two queries.
    """
    narrowed = {ACTION_FIELDS[name]: value for name, value in scope.parts.items()}
    rows = Action.objects.exclude(status=ActionStatus.CANCELLED).filter(**narrowed).order_by()
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for source in (
        _actions_due_and_done(rows, quarters, today, by),
        _actions_at_the_end(rows, quarters, today, closures, by),
    ):
        for key, name, count in source:
            found[key][name] += count
    return dict(found)


def _actions_due_and_done(rows: QuerySet[Action], quarters: Sequence[Quarter], today: date, by: By) -> Counts:
    first, last = quarters[0].first_day, quarters[-1].last_day
    fields = [ACTION_FIELDS[name] for name in by]
    dated = rows.annotate(
        due_month=TruncMonth("first_due_on"),
        done_on=Case(When(status__in=CLOSED, then=TruncDate("done_at", tzinfo=LONDON))),
        done_month=TruncMonth("done_on"),
        took=ExpressionWrapper(
            F("done_on") - TruncDate("opened_at", tzinfo=LONDON), output_field=DurationField()
        ),
        is_due=Q(first_due_on__range=(first, min(last, today))),
        was_on_time=Coalesce(Q(done_on__lte=F("first_due_on")), Value(False)),
        was_returned=Exists(ActionMove.objects.filter(action=OuterRef("pk"), kind=ActionMoveKind.RETURN)),
    ).filter(Q(is_due=True) | Q(done_on__range=(first, last)))
    found = dated.values_list(
        *fields, "due_month", "done_month", "took", "is_due", "was_on_time", "was_returned", "status"
    ).annotate(Count("pk"))
    for *key, due, done, took, is_due, was_on_time, was_returned, status, count in found:
        if is_due:
            yield (due, *key), "actions.first_due", count
            if was_on_time:
                yield (due, *key), "actions.done_by_first_due", count
        if done and first <= done <= last:
            yield (done, *key), "actions.closed", count
            yield (done, *key), f"actions.days.{took.days}", count
            if status == ActionStatus.VERIFIED:
                yield (done, *key), "actions.verified", count
            if was_returned:
                yield (done, *key), "actions.returned", count


def _actions_at_the_end(
    rows: QuerySet[Action], quarters: Sequence[Quarter], today: date, closures: AbstractSet[date], by: By
) -> Counts:
    fields = [ACTION_FIELDS[name] for name in by]
    counted: dict[str, Count] = {}
    names: dict[str, tuple[Quarter, str]] = {}
    for place, quarter in enumerate(quarters):
        day = min(quarter.last_day, today)
        is_open = Q(opened_on__lte=day) & (Q(status__in=TO_BE_DONE) | Q(done_on__gt=day))
        states = {"open": is_open, "overdue": is_open & Q(due_on__lt=day)}
        for band, (above, up_to) in OVERDUE_BANDS.items():
            states[f"overdue.{band}"] = is_open & Q(due_on__lt=add_working_days(day, -above, closures))
            if up_to is not None:
                states[f"overdue.{band}"] &= Q(due_on__gte=add_working_days(day, -up_to, closures))
        for state, condition in states.items():
            alias = f"c{place}_{len(names)}"
            counted[alias], names[alias] = Count("pk", filter=condition), (quarter, f"at_end.actions.{state}")
    dated = rows.annotate(
        opened_on=TruncDate("opened_at", tzinfo=LONDON), done_on=TruncDate("done_at", tzinfo=LONDON)
    )
    for row in dated.values(*fields).annotate(**counted) if fields else [dated.aggregate(**counted)]:
        key = tuple(row[field] for field in fields)
        for alias, (quarter, name) in names.items():
            if row[alias]:
                yield (quarter.first_day, *key), name, row[alias]


def counts_of_panels(first: date, last: date) -> dict[Key, Counter[str]]:
    """Who was invited to the panels of the months, and came; a panel is of no team and no pathway. One query."""
    seats = PanelMember.objects.filter(
        panel__status=PanelStatus.CLOSED, panel__month__range=(first, last), invited_at__isnull=False
    ).exclude(status=SeatStatus.REMOVED)
    rows = (
        seats.order_by()
        .values_list("panel__month")
        .annotate(invited=Count("pk"), attended=Count("pk", filter=Q(attended=True)))
    )
    return {
        (month,): Counter({"panel.invited": invited, "panel.attended": attended})
        for month, invited, attended in rows
    }


def counts_of_caseload(
    quarters: Iterable[Quarter], today: date, *, by: By = (), scope: Scope = COUNCIL
) -> dict[Key, Counter[str]]:
    """How many children's cases were open at the end of each quarter, as "at_end.open.cla", or today if it goes on.

    The team is the one that held the child then; the pathway is the child's now. One query.
    """
    fields = {"service": "team__service", "team": "team", "pathway": "child__pathway"}
    days = {f"q{place}": quarter for place, quarter in enumerate(quarters)}
    held = Holding.objects.filter(**{fields[name]: value for name, value in scope.parts.items()})
    counted = {
        name: Count(
            "child",
            distinct=True,
            filter=Q(starts_on__lte=day)
            & (Q(ends_on__gte=day) | Q(ends_on__isnull=True))
            & (Q(child__closed_on__gt=day) | Q(child__closed_on__isnull=True)),
        )
        for name, day in ((name, min(quarter.last_day, today)) for name, quarter in days.items())
    }
    rows = held.order_by().values_list("child__pathway", *(fields[name] for name in by)).annotate(**counted)
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for pathway, *values in rows:
        key, counts = values[: len(by)], values[len(by) :]
        for quarter, count in zip(days.values(), counts, strict=True):
            found[quarter.first_day, *key][f"at_end.open.{pathway}"] += count
    return dict(found)


def tallies(
    first: Quarter,
    last: Quarter,
    *,
    today: date,
    scope: Scope = COUNCIL,
    kept: Mapping[Quarter, Counter[str]] | None = None,
    closed_days: AbstractSet[date] = NO_CLOSURES,
) -> Tallies:
    """Everything that the measures of the quarters from `first` to `last` count. Nine queries, eight of a part.

    Of an auditor there are no caseload and no actions. What is `kept` is taken as it is, and only the quarters from
    the first to the last that are not kept are counted: none where all are. "submitted_before" is what the quarter
    before submitted.
    """
    found = _nothing_counted(first, last)
    kept = kept or {}
    found.update({quarter: Counter(counts) for quarter, counts in kept.items()})
    if open_quarters := [quarter for quarter in found if quarter not in kept]:
        for part in _parts(open_quarters, today, scope, closed_days):
            for (month, *_), counts in part.items():
                if (quarter := Quarter.of(month)) not in kept:
                    found[quarter].update(counts)
    for before, quarter in pairwise(found):
        found[quarter]["submitted_before"] = found[before]["submitted"]
    return found


def _parts(
    quarters: list[Quarter], today: date, scope: Scope, closed_days: AbstractSet[date]
) -> Iterator[dict[Key, Counter[str]]]:
    first, last = quarters[0].first_day, quarters[-1].last_day
    yield counts_of_audits(first, last, scope=scope, today=today)
    if scope.auditor is None:
        yield counts_of_actions(quarters, today, closed_days, scope=scope)
        yield counts_of_caseload(quarters, today, scope=scope)
    if scope.is_council:
        yield counts_of_panels(first, last)


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


def expanded(declared: Iterable[Measure], questions: list[Question]) -> list[Measure]:
    """The measures written out for each area, grade, pathway and practice question. No query."""
    words = {
        "area": {area.value: area.label for area in AREAS},
        "grade": {grade.value: grade.label for grade in BAND_GRADES},
        "question": {question.code: str(question) for question in questions},
        "pathway": {pathway.value: pathway.label for pathway in Pathway},
    }
    return [measure for one in declared for measure in expand(one, words)]


def reported_quarters() -> list[Quarter]:
    """Each quarter with a published round, newest first. One query."""
    months = Round.objects.exclude(status=RoundStatus.DRAFT).values_list("month", flat=True)
    return sorted({Quarter.of(month) for month in months}, reverse=True)


def _as_counted(code: str) -> list[str | int]:
    """A key that sorts V9 before V10."""
    letters_and_numbers = re.split(r"([0-9]+)", code)
    return [int(part) if place % 2 else part for place, part in enumerate(letters_and_numbers)]


def _given_out(first: date, last: date, scope: Scope) -> QuerySet[Allocation]:
    """The rows of the ledger, whatever became of them."""
    rows = Allocation.objects.filter(kind=AllocationKind.CJA).exclude(status=AllocationStatus.PROPOSED)
    narrowed = {ALLOCATION_FIELDS[name]: value for name, value in scope.parts.items()}
    return rows.filter(round__month__range=(first, last), **narrowed).order_by()


def _fields(by: By) -> list[str]:
    return ["round__month", *(ALLOCATION_FIELDS[name] for name in by)]


def _aggregated(rows: QuerySet[Allocation], by: By, counted: dict[str, Count]) -> Counts:
    fields = _fields(by)
    found = (
        rows.annotate(submitted_on=TruncDate("audit__submitted_at", tzinfo=LONDON))
        .values(*fields)
        .annotate(**{f"count_{place}": count for place, count in enumerate(counted.values())})
        .values_list(*fields, *(f"count_{place}" for place in range(len(counted))))
    )
    for row in found:
        key, counts = row[: len(fields)], row[len(fields) :]
        for name, count in zip(counted, counts, strict=True):
            if count:
                yield key, name, count


def _grades(rows: QuerySet[Allocation], by: By) -> Counts:
    graded = rows.filter(SUBMITTED, audit__sections__final_grade__in=Grade.values)
    found = graded.values_list(*_fields(by), "audit__sections__section", FINAL_GRADE).annotate(Count("pk"))
    for *key, section, grade, count in found:
        yield tuple(key), f"{section}.{grade}", count


def _answers(rows: QuerySet[Allocation], by: By) -> Counts:
    """Answers chosen from a list, as "V6.yes"; ticks as "P3.part.timed" and "P3.every_part"; sums as "V1.counted".

    Question S11 is told apart by pathway, as "S11.cla.yes"; F2 says who gave feedback, as "F2.child".
    """
    answer = "audit__answers"
    answered = rows.filter(
        Q(**{f"{answer}__question__kind__in": (*PRACTICE_KINDS, QuestionKind.CHOICE)})
        | Q(**{f"{answer}__question__code": "F2"}),
        SUBMITTED,
    ).annotate(
        asked_on=Case(
            When(**{f"{answer}__question__code": "S11", "then": F("audit__pathway")}),
            default=Value(""),
            output_field=CharField(),
        ),
        ticked=Cast(f"{answer}__selected", TextField()),
    )
    found = answered.values_list(
        *_fields(by),
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
    if counted is not None and counted_of:
        yield f"{code}.counted", counted
        yield f"{code}.counted_of", counted_of


def _answers_of_families(rows: QuerySet[Allocation], by: By) -> Counts:
    """How many people of families gave each answer, as "F3.yes", where they were asked one by one."""
    answers = "audit__family_feedback__answers"
    answered = rows.filter(SUBMITTED, **{f"{answers}__question__kind": QuestionKind.CHOICE})
    found = answered.values_list(*_fields(by), f"{answers}__question__code", f"{answers}__value")
    for *key, code, value, count in found.annotate(Count("pk")):
        yield tuple(key), f"{code}.{value}", count


def _decisions(first: date, last: date, by: By, scope: Scope) -> Counts:
    """What closed panels made of grades, as "moderation.visits.down"; and each pair of grades, for kappa."""
    of = ALLOCATION_OF_LINE
    narrowed = {f"{of}__{ALLOCATION_FIELDS[name]}": value for name, value in scope.parts.items()}
    lines = DecisionLine.objects.filter(
        decision__holds_for__in=Tabling.objects.counted(),
        decision__tabling__audit__status__in=HANDED_IN,
        **{f"{of}__round__month__range": (first, last)},
        **narrowed,
    ).exclude(verdict=Verdict.RETURNED)
    fields = [f"{of}__{field}" for field in _fields(by)]
    found = (
        lines.order_by().values_list(*fields, "section", "auditor_grade", "final_grade").annotate(Count("pk"))
    )
    for *key, section, auditor_grade, final_grade, count in found:
        for part, number in _of_pair(auditor_grade, final_grade):
            yield tuple(key), f"moderation.{section}.{part}", number * count


def _of_pair(auditor_grade: str, final_grade: str) -> Iterator[tuple[str, int]]:
    """What a pair counts as; a change to or from "not applicable", which is no grade of the scale, is no pair."""
    if Grade.NOT_APPLICABLE in (auditor_grade, final_grade):
        if auditor_grade != final_grade:
            yield "applicability", 1
        return
    steps = steps_between(auditor_grade, final_grade)
    yield "pairs", 1
    yield ("agreed" if not steps else "up" if steps > 0 else "down"), 1
    yield f"pair.{auditor_grade}.{final_grade}", 1
    if abs(steps) > 1:
        yield "two_step", 1
    if steps:
        yield "shift", steps


def _by_quarter(first: Quarter, last: Quarter, counts: Counts) -> Tallies:
    found = _nothing_counted(first, last)
    for (month, *_), name, count in counts:
        found[Quarter.of(month)][name] += count
    return found


def _nothing_counted(first: Quarter, last: Quarter) -> Tallies:
    quarters = [last]
    while quarters[-1] > first:
        quarters.append(quarters[-1].previous())
    return {quarter: Counter() for quarter in reversed(quarters)}
