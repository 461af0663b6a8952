"""Reading what was frozen, and what came after it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import FilteredRelation, Max, Q

from audits.enums import AuditStatus
from audits.models import Allocation, AuditMove, ImportedAudit
from core.dates import Quarter, add_working_days, london_date
from dashboards.measures.definition import Measure, Unit
from dashboards.measures.table import MEASURES
from dashboards.models import FrozenAllocation, QuarterRollUp
from dashboards.scopes import Scope
from dashboards.selectors.audits import FOLLOWS, counts_of_audits
from dashboards.selectors.recurrence import THEME, counts_of_themes

Definition = Mapping[str, Any]


@dataclass(frozen=True)
class Restated:
    """A measure that a frozen quarter reports by a newer definition: why, who said so, and when."""

    code: str
    definition: Definition
    reason: str
    by: str
    at: datetime


@dataclass
class Frozen:
    """A frozen quarter for one part of the council: its tally, and the definitions its figures were made with."""

    at: datetime
    counts: Counter[str]
    definitions: Mapping[str, Definition]
    restated: dict[str, Restated] = field(default_factory=dict)

    def definition_of(self, measure: Measure) -> Definition | None:
        """The definition by which it reports a measure of the table; None where it is today's, or it had none."""
        holds = self._holding(measure)
        return None if holds is None or holds == measure.definition else holds

    def may_restate(self, measure: Measure) -> bool:
        """Whether the quarter reports the measure by another definition than today's, or had none of it."""
        return self._holding(measure) != measure.definition

    def _holding(self, measure: Measure) -> Definition | None:
        newest = self.restated.get(measure.code)
        return newest.definition if newest else self.definitions.get(measure.code)


def frozen_quarters(first: Quarter, last: Quarter, scope: Scope) -> dict[Quarter, Frozen]:
    """The quarters among these that are frozen. Of one auditor nothing is kept. One query."""
    found: dict[Quarter, Frozen] = {}
    if scope.auditor is not None:
        return found
    rows = (
        QuarterRollUp.objects.filter(
            frozen_at__isnull=False, first_day__range=(first.first_day, last.first_day)
        )
        .annotate(part=FilteredRelation("summaries", condition=Q(summaries__scope=scope.key)))
        .order_by("first_day", "restatements__at", "restatements__pk")
        .values_list(
            "first_day",
            "frozen_at",
            "definitions",
            "part__counts",
            *(
                f"restatements__{name}"
                for name in ("code", "definition", "counts", "reason", "by__name", "at")
            ),
        )
    )
    for first_day, frozen_at, definitions, counts, code, definition, recounted, reason, by, at in rows:
        quarter = Quarter.of(first_day)
        kept = found.setdefault(quarter, Frozen(frozen_at, Counter(counts or {}), definitions))
        if code:
            kept.restated[code] = Restated(code, definition, reason, by, at)
            kept.counts.update((recounted or {}).get(scope.key, {}))
    return found


def by_definition(measure: Measure, definition: Definition) -> Measure:
    """The same measure with what decided its figure at another time."""
    return Measure(
        code=measure.code,
        label=measure.label,
        numerator=measure.numerator,
        denominator=measure.denominator,
        excludes=measure.excludes,
        counts=tuple(definition["counts"]),
        of=tuple(definition["of"]),
        unit=Unit(definition["unit"]),
        smallest=measure.smallest,
        parts=definition.get("parts", ""),
        of_council_only=measure.of_council_only,
    )


def definitions_today() -> dict[str, Definition]:
    """What decides each measure of the table, by its code there."""
    return {measure.code: measure.definition for measure in MEASURES}


def counted_since(definitions: Mapping[str, Definition]) -> frozenset[str]:
    """The counts that measures of today are made of and none of these definitions was: no frozen row can hold them."""
    return _names_in(definitions_today()) - _names_in(definitions)


def _names_in(definitions: Mapping[str, Definition]) -> frozenset[str]:
    return frozenset(
        term.removeprefix("-")
        for definition in definitions.values()
        for term in (*definition["counts"], *definition["of"])
    )


def freezes_on(quarter: Quarter, *, after: int, closures: frozenset[date]) -> date:
    """The last day on which the records still change the figures of a quarter, if no past audits are brought in."""
    return add_working_days(quarter.last_day, after, closures)


def last_import_into(quarter: Quarter) -> date | None:
    """The day on which past audits were last brought into a quarter. One query."""
    moment = ImportedAudit.objects.filter(
        audit__allocation__round__month__range=(quarter.first_day, quarter.last_day)
    ).aggregate(last=Max("imported_at"))["last"]
    return london_date(moment) if moment else None


@dataclass(frozen=True)
class LateChange:
    """What happened to one audit after its quarter had frozen; no frozen figure holds it."""

    reference: str
    what: str
    names: tuple[str, ...]
    """The counts that would be others today."""


def changes_after_freezing(quarter: Quarter) -> list[LateChange]:
    """What the records say today that the frozen figures do not, audit by audit. Nine queries."""
    row = QuarterRollUp.objects.filter(first_day=quarter.first_day).first()
    found = FrozenAllocation.objects.filter(roll_up=row, allocation__isnull=False)
    kept = {pk: _of_itself(counts) for pk, counts in found.values_list("allocation", "counts")}
    if row is None or not kept:
        return []
    months, by = (quarter.first_day, quarter.last_day), ("allocation",)
    counted = [counts_of_audits(*months, by=by)]
    if row.circumstances:
        counted.append(counts_of_themes(*months, by=by))
    unknown_then = counted_since(row.definitions) if row.frozen_at else frozenset()
    today: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for part in counted:
        for (*_, allocation), counts in part.items():
            today[allocation].update(
                {name: count for name, count in _of_itself(counts).items() if name not in unknown_then}
            )
    differing = [pk for pk in kept.keys() | today.keys() if kept.get(pk, Counter()) != today[pk]]
    changed = Allocation.objects.filter(pk__in=differing).order_by("reference")
    return [
        LateChange(
            reference,
            _in_words(status, kept.get(pk), today[pk]),
            tuple(sorted(_differing(kept.get(pk, Counter()), today[pk]))),
        )
        for pk, reference, status in changed.values_list("pk", "reference", "audit__status")
    ]


def _of_itself(counts: Mapping[str, int]) -> Counter[str]:
    """The counts without what follows from an audit later."""
    return Counter({name: count for name, count in counts.items() if not name.startswith(FOLLOWS)})


def _differing(kept: Counter[str], today: Counter[str]) -> Iterator[str]:
    return (name for name in kept.keys() | today.keys() if kept[name] != today[name])


def _in_words(status: str | None, kept: Counter[str] | None, today: Counter[str]) -> str:
    if kept is None:
        return "Given out, or brought in, after the quarter was frozen"
    if today["submitted"] < kept["submitted"]:
        return "Declared void" if status == AuditStatus.VOID else "Withdrawn or given to somebody else"
    reasons = {
        "Returned late, after the quarter was frozen": today["submitted"] > kept["submitted"],
        "Decided by a panel after the quarter was frozen": today["moderated"] > kept["moderated"],
        "Reopened, or returned for evidence": status in (AuditStatus.REOPENED, AuditStatus.RETURNED),
        "Excused, withdrawn or closed after the quarter was frozen": not today["submitted"],
        "Its themes changed": all(name.startswith(THEME) for name in _differing(kept, today)),
    }
    return next((words for words, holds in reasons.items() if holds), "Its grades or answers changed")


def unexplained_changes(quarter: Quarter, frozen_at: datetime) -> Iterator[str]:
    """References of audits that count otherwise than when frozen, although nothing happened to them since."""
    changes = {change.reference: change for change in changes_after_freezing(quarter)}
    moved = set(
        AuditMove.objects.filter(audit__allocation__reference__in=changes, at__gte=frozen_at).values_list(
            "audit__allocation__reference", flat=True
        )
    )
    moved.update(
        Allocation.objects.filter(reference__in=changes)
        .filter(
            Q(moves__at__gte=frozen_at)
            | Q(replaces__moves__at__gte=frozen_at)
            | Q(round__published_at__gte=frozen_at)
            | Q(audit__imported__imported_at__gte=frozen_at)
            | Q(audit__tablings__panel__closed_at__gte=frozen_at)
            | Q(audit__moderation_case__draw__drawn_at__gte=frozen_at)
        )
        .values_list("reference", flat=True)
    )
    in_themes = [
        one.reference for one in changes.values() if all(name.startswith(THEME) for name in one.names)
    ]
    moved.update(  # these explain a theme, and no grade
        Allocation.objects.filter(reference__in=in_themes)
        .filter(Q(audit__tag_moves__at__gte=frozen_at) | Q(audit__actions__opened_at__gte=frozen_at))
        .values_list("reference", flat=True)
    )
    yield from sorted(changes.keys() - moved)
