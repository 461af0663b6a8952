"""What is counted of the audits themselves: returns, grades, re-audits, and all of it together."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from actions.enums import ReauditReason
from audits.enums import (
    BAND_GRADES,
    HANDED_IN,
    AllocationStatus,
    AuditStatus,
    Grade,
    Pathway,
    PracticeAnswer,
    Section,
)
from audits.models import Allocation, Audit, AuditSection
from core.dates import LONDON, Quarter
from dashboards.scopes import COUNCIL, Scope
from dashboards.selectors.answers import ANSWERED, KINDS_OF, answers, answers_of_families, of_parents
from dashboards.selectors.keys import (
    ALLOCATED,
    EVERYTHING,
    FINAL_GRADE,
    GIVEN_OUT_HERE,
    SUBMITTED,
    By,
    Counts,
    Key,
    Source,
    Tallies,
    fields_by,
    given_out,
    nothing_counted,
)
from dashboards.selectors.panels import decisions
from moderation.enums import PanelStatus, TablingStatus
from moderation.models import Tabling

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


AGAIN = {"allocation__audits_again": OuterRef("pk")}
FIRST_GRADES = "audit__allocation__audits_again__audit__sections"
IMPROVED = Q(
    Exists(
        AuditSection.objects.filter(
            reduce(
                or_,
                (
                    Q(final_grade__in=BAND_GRADES[:place], **{f"{FIRST_GRADES}__final_grade": grade})
                    for place, grade in enumerate(BAND_GRADES)
                    if place
                ),
            ),
            section=Section.OVERALL,
            audit__status__in=HANDED_IN,
            audit__allocation__audits_again=OuterRef("pk"),
            **{f"{FIRST_GRADES}__section": Section.OVERALL},
        )
    )
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


def _tabled(status: TablingStatus) -> Exists:
    settled = Tabling.objects.filter(status=status, panel__status=PanelStatus.CLOSED)
    return Exists(settled.filter(audit=OuterRef("audit__pk")))


OF_THE_AUDIT = {
    Source.LEDGER: RETURNS,
    Source.SUBMITTED: {name: RETURNS[name] for name in ("submitted", "returned")},
    Source.PATHWAYS: {
        f"submitted.{pathway}": Count("pk", filter=SUBMITTED & Q(pathway=pathway))
        for pathway in Pathway.values
    },
    Source.MODERATED: {
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
    },
    Source.AFTERWARDS: {
        "handed_off": Count("pk", filter=SUBMITTED & Q(audit__hand_off__supervised_on__isnull=False)),
        "reaudit.in_time": Count("pk", filter=WAS_INADEQUATE & IN_TIME),
        "reaudit.again": Count("pk", filter=WAS_INADEQUATE & AUDITED_AGAIN),
        "reaudit.improved": Count("pk", filter=WAS_INADEQUATE & IMPROVED),
    },
    Source.PARENTS: {
        "parents.yes": Count("pk", filter=SUBMITTED & Q(of_parents(PracticeAnswer.YES))),
        "parents.answered": Count("pk", filter=SUBMITTED & Q(of_parents(*ANSWERED))),
    },
}
"""What is counted of audits, each once, in one query for all the sources wanted."""

FOLLOWS = ("handed_off", "reaudit.")
"""How the names begin of what follows from an audit by its nature later, and is no change of it."""


def returns_by_quarter(first: Quarter, last: Quarter, scope: Scope = COUNCIL) -> Tallies:
    """The counts of RETURNS. One query."""
    rows = given_out(first.first_day, last.last_day, scope)
    return _by_quarter(first, last, _aggregated(rows, (), RETURNS))


def grades_by_quarter(first: Quarter, last: Quarter, scope: Scope = COUNCIL) -> Tallies:
    """How many submitted audits have each final grade, as "visits.good". One query."""
    return _by_quarter(first, last, _grades(given_out(first.first_day, last.last_day, scope), ()))


def counts_of_audits(
    first: date,
    last: date,
    *,
    by: By = (),
    scope: Scope = COUNCIL,
    today: date | None = None,
    sources: AbstractSet[Source] = EVERYTHING,
) -> dict[Key, Counter[str]]:
    """What is counted of the audits allocated for the months from `first` to `last`. Five queries at most.

    `today` is the day on which re-audits are due or not.
    """
    rows = given_out(first, last, scope)
    found: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for counts in _asked_for(rows, by, sources, today or timezone.localdate()):
        for key, name, count in counts:
            found[key][name] += count
    if Source.DECISIONS in sources:
        for key, name, count in decisions(first, last, by, scope):
            found[key][name] += count
    return dict(found)


def _asked_for(
    rows: QuerySet[Allocation], by: By, sources: AbstractSet[Source], today: date
) -> Iterator[Counts]:
    of_the_audit: dict[str, Count] = {}
    for source, counted in OF_THE_AUDIT.items():
        if source in sources:
            of_the_audit |= counted
    if Source.AFTERWARDS in sources:
        of_the_audit["reaudit.due"] = _reaudits_due(today)
    if of_the_audit:
        yield _aggregated(rows, by, of_the_audit)
    if Source.GRADES in sources:
        yield _grades(rows, by)
    kinds = [kind for source, kinds in KINDS_OF.items() if source in sources for kind in kinds]
    if kinds:
        yield answers(rows, by, kinds)
    if Source.FAMILIES in sources:
        yield answers_of_families(rows, by)


def _reaudits_due(today: date) -> Count:
    """Inadequate audits whose window for a re-audit has closed, or that were audited again already."""
    return Count("pk", filter=WAS_INADEQUATE & (Q(audit__reaudit__closes_on__lt=today) | AUDITED_AGAIN))


def _aggregated(rows: QuerySet[Allocation], by: By, counted: dict[str, Count]) -> Counts:
    fields = fields_by(by)
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
    found = graded.values_list(*fields_by(by), "audit__sections__section", FINAL_GRADE).annotate(Count("pk"))
    for *key, section, grade, count in found:
        yield tuple(key), f"{section}.{grade}", count


def _by_quarter(first: Quarter, last: Quarter, counts: Counts) -> Tallies:
    found = nothing_counted(first, last)
    for (month, *_), name, count in counts:
        found[Quarter.of(month)][name] += count
    return found


def quarters_undecided(first: Quarter, last: Quarter, scope: Scope) -> frozenset[Quarter]:
    """The quarters among these with an audit that counts and that no panel or exemption has made final. One query."""
    rows = given_out(first.first_day, last.last_day, scope).filter(SUBMITTED)
    months = rows.exclude(audit__status=AuditStatus.FINALISED).values_list("round__month", flat=True)
    return frozenset(Quarter.of(month) for month in months.distinct())
