"""What moderation shows and what reports count of it, each in a fixed number of queries.

An audit counts in the month it was allocated for (docs/domain.md, section 10).
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from audits.enums import AWAITING_MODERATION, GRADED_SECTIONS, AuditStatus, Section
from audits.models import Audit
from core.shares import Ratio
from moderation.agreement import Agreement, Lean, from_counts
from moderation.enums import PanelStatus, SeatStatus, TablingStatus, Verdict
from moderation.models import Decision, DecisionLine, ModerationCase, Panel, Tabling
from moderation.querysets import ModerationCaseQuerySet

Lines = QuerySet[DecisionLine]

MONTH = "decision__tabling__audit__allocation__round__month"
PATHWAY = "decision__tabling__audit__pathway"
AUDITOR = "decision__auditor"


def awaiting_panel() -> ModerationCaseQuerySet:
    """What a panel has to see and is on no table: what may be tabled, the longest waiting first."""
    return (
        ModerationCase.objects.waiting()
        .select_related("audit__allocation__auditor", "audit__allocation__child", "audit__team")
        .order_by("audit__submitted_at", "pk")
    )


def counts_of_queue(cases: ModerationCaseQuerySet) -> dict[str, int]:
    """How many cases stand where in the queue. One query."""
    tabled = Tabling.objects.filter(audit=OuterRef("audit"), status=TablingStatus.TABLED)
    with_panel = Q(audit__status__in=AWAITING_MODERATION)
    found: dict[str, int] = cases.annotate(is_tabled=Exists(tabled)).aggregate(
        waiting=Count("pk", filter=with_panel & Q(must_moderate=True, is_tabled=False)),
        tabled=Count("pk", filter=with_panel & Q(must_moderate=True, is_tabled=True)),
        returned=Count("pk", filter=Q(must_moderate=True, audit__status=AuditStatus.RETURNED)),
        draw=Count("pk", filter=with_panel & Q(must_moderate=False, draw__isnull=True)),
    )
    return found


def decided_lines(first: date, last: date, *, auditor: User | None = None) -> Lines:
    """What closed panels decided on audits allocated for the months from `first` to `last`, line by line."""
    lines = DecisionLine.objects.filter(
        decision__holds_for__in=Tabling.objects.counted(),
        **{f"{MONTH}__range": (first, last)},
    ).exclude(verdict=Verdict.RETURNED)
    return lines if auditor is None else lines.filter(decision__auditor=auditor)


def agreement_by_section(lines: Lines) -> dict[str, Agreement]:
    """By graded section, the overall grade among them. One query."""
    found = _grouped(lines, "section")
    return {section.value: found.get(section.value, from_counts({})) for section in GRADED_SECTIONS}


def overall_agreement_by(lines: Lines, field: str) -> dict[Any, Agreement]:
    """Agreement on the overall grade, one pair for each audit, by auditor, pathway or month. One query."""
    return _grouped(lines.filter(section=Section.OVERALL), field)


def _grouped(lines: Lines, field: str) -> dict[Any, Agreement]:
    counts: defaultdict[Any, Counter[tuple[str, str]]] = defaultdict(Counter)
    rows = lines.order_by().values_list(field, "auditor_grade", "final_grade").annotate(Count("pk"))
    for value, auditor_grade, final_grade, count in rows:
        counts[value][auditor_grade, final_grade] += count
    return {value: from_counts(pairs) for value, pairs in counts.items()}


def leans(first: date, last: date, *, auditor: User | None = None) -> dict[int, Lean]:
    """By auditor how many audits panels moved up and down, taking all grades of an audit together. One query."""
    moved = (
        DecisionLine.objects.filter(decision=OuterRef("pk"))
        .order_by()
        .values("decision")
        .annotate(total=Sum("steps"))
        .values("total")
    )
    decisions = Decision.objects.filter(
        holds_for__in=Tabling.objects.counted(),
        tabling__audit__allocation__round__month__range=(first, last),
    )
    if auditor is not None:
        decisions = decisions.filter(auditor=auditor)
    rows = (
        decisions.annotate(moved=Coalesce(Subquery(moved), 0))
        .order_by()
        .values_list("auditor")
        .annotate(up=Count("pk", filter=Q(moved__gt=0)), down=Count("pk", filter=Q(moved__lt=0)))
    )
    return {person: Lean(up, down) for person, up, down in rows}


def reasons_given(lines: Lines) -> Counter[str]:
    """How often each reason was given for a changed grade. One query, and as many rows as distinct lists of them."""
    counts: Counter[str] = Counter()
    rows = lines.exclude(verdict=Verdict.CONFIRMED).order_by().values_list("reasons").annotate(Count("pk"))
    for reasons, count in rows:
        for reason in reasons:
            counts[reason] += count
    return counts


@dataclass(frozen=True)
class Attendance:
    """Of those asked to a panel, or to those of a year, how many came. A sum has no month."""

    invited: int
    accepted: int
    declined: int
    attended: int
    dropped_out: int
    month: date | None = None
    reference: str = ""

    @property
    def came(self) -> Ratio:
        return Ratio(self.attended, self.invited)

    @property
    def did_not_come(self) -> Ratio:
        """Of those who said they would."""
        return Ratio(self.dropped_out, self.accepted)


def attendance_by_panel(first: date, last: date) -> list[Attendance]:
    """The closed panels of these months, the latest first. One query.

    Somebody whom the QA lead took off was not asked in the end. Somebody dropped out who had accepted and did not
    come; somebody may come who had declined.
    """
    asked = Q(members__invited_at__isnull=False) & ~Q(members__status=SeatStatus.REMOVED)
    accepted = asked & Q(members__status=SeatStatus.ACCEPTED)
    panels = Panel.objects.filter(status=PanelStatus.CLOSED, month__range=(first, last)).annotate(
        invited=Count("members", filter=asked),
        accepted=Count("members", filter=accepted),
        declined=Count("members", filter=asked & Q(members__status=SeatStatus.DECLINED)),
        attended=Count("members", filter=asked & Q(members__attended=True)),
        dropped_out=Count("members", filter=accepted & Q(members__attended=False)),
    )
    counts = ("invited", "accepted", "declined", "attended", "dropped_out")
    rows = panels.order_by("-month").values_list(*counts, "month", "reference")
    return [Attendance(*row) for row in rows]


def sum_of_attendance(lines: Collection[Attendance]) -> Attendance:
    return Attendance(
        invited=sum(line.invited for line in lines),
        accepted=sum(line.accepted for line in lines),
        declined=sum(line.declined for line in lines),
        attended=sum(line.attended for line in lines),
        dropped_out=sum(line.dropped_out for line in lines),
    )


@dataclass(frozen=True)
class Coverage:
    """How many of the submitted audits panels decided on."""

    submitted: int
    moderated: int
    not_sampled: int
    returned: int

    @property
    def of_all(self) -> Ratio:
        return Ratio(self.moderated, self.submitted)

    @property
    def of_due(self) -> Ratio:
        """Of those submitted, less those of exempt auditors that were not drawn."""
        return Ratio(self.moderated, self.submitted - self.not_sampled)


def coverage(first: date, last: date) -> Coverage:
    """MOD and SUB of the measures. Three queries.

    Audits brought in from the former forms are left out: no panel of this service could have seen them.
    """
    audits = Audit.objects.submitted().filter(
        allocation__round__month__range=(first, last), imported__isnull=True
    )
    decided = Tabling.objects.counted()
    not_sampled = Q(moderation_case__must_moderate=False, moderation_case__draw__isnull=False)
    counts = audits.aggregate(submitted=Count("pk"), not_sampled=Count("pk", filter=not_sampled))
    return Coverage(
        submitted=counts["submitted"],
        moderated=audits.filter(pk__in=decided.values("audit")).count(),
        not_sampled=counts["not_sampled"],
        returned=Tabling.objects.filter(
            status=TablingStatus.RETURNED, audit__allocation__round__month__range=(first, last)
        ).count(),
    )
