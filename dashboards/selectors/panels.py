"""What panels made of grades, and who came to them."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Q

from audits.enums import HANDED_IN, Grade
from dashboards.scopes import Scope
from dashboards.selectors.keys import ALLOCATION_FIELDS, By, Counts, Key, fields_by
from moderation.enums import PanelStatus, SeatStatus, Verdict
from moderation.models import DecisionLine, PanelMember, Tabling
from moderation.verdicts import steps_between

ALLOCATION_OF_LINE = "decision__tabling__audit__allocation"


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


def decisions(first: date, last: date, by: By, scope: Scope) -> Counts:
    """What closed panels made of grades, as "moderation.visits.down"; and each pair of grades, for kappa."""
    of = ALLOCATION_OF_LINE
    narrowed = {f"{of}__{ALLOCATION_FIELDS[name]}": value for name, value in scope.parts.items()}
    lines = DecisionLine.objects.filter(
        decision__holds_for__in=Tabling.objects.counted(),
        decision__tabling__audit__status__in=HANDED_IN,
        **{f"{of}__round__month__range": (first, last)},
        **narrowed,
    ).exclude(verdict=Verdict.RETURNED)
    fields = [f"{of}__{field}" for field in fields_by(by)]
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
