"""The ledger as the records have it, in a fixed number of queries (docs/domain.md, section 6)."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from accounts.enums import JobRole
from accounts.models import Membership
from audits.enums import AllocationKind, AllocationStatus
from audits.ledger import COLUMNS, Line, Table, table_by
from audits.querysets import MET, AllocationQuerySet

COUNTS = {
    "allocated": Count("pk"),
    "excused": Count("pk", filter=Q(status=AllocationStatus.EXCUSED)),
    "withdrawn": Count("pk", filter=Q(status=AllocationStatus.WITHDRAWN)),
    "reallocated": Count("pk", filter=Q(status=AllocationStatus.REALLOCATED)),
    "returned": Count("pk", filter=MET),
    "outstanding": Count("pk", filter=Q(status=AllocationStatus.ALLOCATED) & ~MET),
    "never_returned": Count("pk", filter=Q(status=AllocationStatus.NEVER_RETURNED)),
}
"""Each column counted on its own, so that a row which is nowhere, or in two places, shows as a sum that is wrong."""


@dataclass(frozen=True)
class Given:
    """What one auditor was given of one kind in one round, and what became of it."""

    month: date
    kind: AllocationKind
    auditor: str
    auditor_email: str
    job_role: JobRole
    service: str
    line: Line


GROUPINGS: dict[str, Callable[[Given], tuple[str, str]]] = {
    "round": lambda row: (f"{row.month:%Y-%m}", f"{row.month:%B %Y}"),
    "service": lambda row: (row.service, row.service),
    "job role": lambda row: (row.job_role, row.job_role.label),
    "auditor": lambda row: (f"{row.auditor} {row.auditor_email}", row.auditor),
}
"""What a ledger is looked at by: how a row sorts, and the words for it."""


def ledger_of(allocations: AllocationQuerySet) -> list[Given]:
    """These rows of the ledger, counted. An auditor's service is the one they had when the month began.

    Two queries.
    """
    names = ("round__month", "kind", "auditor", "auditor__name", "auditor__email", "auditor__job_role")
    counted = list(allocations.given_out().order_by().values(*names).annotate(**COUNTS))
    months = [row["round__month"] for row in counted]
    service_of = _services(min(months), max(months)) if months else None
    return [
        Given(
            month=row["round__month"],
            kind=AllocationKind(row["kind"]),
            auditor=row["auditor__name"],
            auditor_email=row["auditor__email"],
            job_role=JobRole(row["auditor__job_role"]),
            service=service_of(row["auditor"], row["round__month"]) if service_of else "",
            line=Line(**{column: row[column] for column in COLUMNS}),
        )
        for row in counted
    ]


def tables_of(given: Iterable[Given], *names: str) -> dict[str, Table]:
    """The ledger by each of the groupings named."""
    rows = list(given)
    return {name: table_by(rows, lambda row: row.line, GROUPINGS[name]) for name in names}


def _services(first: date, last: date) -> Callable[[int, date], str]:
    """Tells the service somebody belonged to on a day: by their team, else as its manager or leader."""
    held: defaultdict[int, list[Membership]] = defaultdict(list)
    rows = Membership.objects.between(first, last).select_related("team__service", "service")
    for row in rows.filter(Q(team__isnull=False) | Q(service__isnull=False)).order_by("pk"):
        held[row.user_id].append(row)
    for memberships in held.values():
        memberships.sort(key=lambda row: row.team is None)

    def service_of(person: int, day: date) -> str:
        for row in held[person]:
            service = row.team.service if row.team else row.service
            if service and row.starts_on <= day and (row.ends_on is None or row.ends_on > day):
                return service.name
        return "No service"

    return service_of
