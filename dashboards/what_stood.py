"""What stood at an earlier moment, worked out from the moves of the records: what happened since is left out.

For check_invariants alone: a second way to the counts that no audit holds, by plain rows and plain sums, so that what
dashboards.selectors counted and a frozen quarter keeps can be proven (docs/adr/0022-proving-what-was-frozen.md).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from actions.enums import CLOSED, TO_BE_DONE, ActionMoveKind, ActionStatus
from actions.models import Action, ActionMove, ImportedAction
from audits.enums import HANDED_IN, AllocationKind, AllocationStatus, ImportStatus
from audits.models import (
    ActivityRecord,
    Allocation,
    AllocationMove,
    Audit,
    AuditMove,
    CaseloadImport,
    Holding,
    ImportedAudit,
)
from audits.selectors import closures
from core.dates import Quarter, add_months, add_working_days, london_date
from dashboards.selectors.actions import OVERDUE_BANDS
from moderation.enums import SeatStatus
from moderation.models import PanelMember

Cell = tuple[int | None, int | None, str]
"""Service, team and pathway."""

Moves = Mapping[int, list[Mapping[str, Any]]]
"""The moves of each row, earliest first, by the row's id."""

STANDS = (AllocationStatus.ALLOCATED, AllocationStatus.EXCUSED, AllocationStatus.NEVER_RETURNED)


@dataclass
class ActionThen:
    """An action as it stood at a moment."""

    team: int
    pathway: str
    opened_on: date
    first_due_on: date
    status: str = ""
    due_on: date = date.min
    done_at: datetime | None = None
    was_returned: bool = False


class WhatStood:
    """The records with all their moves, each read once."""

    def stocks(
        self, quarter: Quarter, then: datetime, services: Mapping[int, int]
    ) -> Iterator[tuple[Cell, Counter[str]]]:
        """What no audit holds of a quarter, as the records said at a moment, cell by cell.

        Args:
            services: the service of each team at that moment, by their ids.

        """
        for (team, pathway), counts in (
            *self._actions(quarter, then).items(),
            *self._caseload(quarter, then).items(),
        ):
            yield (services.get(team), team, pathway), counts
        yield (None, None, ""), self._panels(quarter, then) + self._activity(quarter, then)

    def knows_caseload(self, quarter: Quarter, then: datetime) -> bool:
        """Whether no caseload of a day in the quarter, or before it, was brought in after that moment."""
        return not any(as_at <= quarter.last_day and at and at > then for as_at, at in self.caseload_imports)

    def _actions(self, quarter: Quarter, then: datetime) -> dict[tuple[int, str], Counter[str]]:
        day = min(quarter.last_day, london_date(then))
        found: defaultdict[tuple[int, str], Counter[str]] = defaultdict(Counter)
        for action in self._actions_at(then):
            found[action.team, action.pathway].update(self._counts_of(action, quarter, day))
        return found

    def _counts_of(self, action: ActionThen, quarter: Quarter, day: date) -> Iterator[str]:
        """The names that an action counts under in a quarter, seen from its last day or from `day` within it."""
        done_on = london_date(action.done_at) if action.done_at and action.status in CLOSED else None
        if quarter.first_day <= action.first_due_on <= day:
            yield "actions.first_due"
            if done_on and done_on <= action.first_due_on:
                yield "actions.done_by_first_due"
        if done_on and quarter.first_day <= done_on <= quarter.last_day:
            yield "actions.closed"
            yield f"actions.days.{(done_on - action.opened_on).days}"
            if action.status == ActionStatus.VERIFIED:
                yield "actions.verified"
            if action.was_returned:
                yield "actions.returned"
        if action.opened_on <= day and (
            action.status in TO_BE_DONE or (action.done_at and london_date(action.done_at) > day)
        ):
            yield "at_end.actions.open"
            if action.due_on < day:
                yield "at_end.actions.overdue"
                yield f"at_end.actions.overdue.{self._band(action.due_on, day)}"

    def _band(self, due_on: date, day: date) -> str:
        """The band of OVERDUE_BANDS that an action due on a day before this one is in."""
        return next(
            band
            for band, (_, up_to) in OVERDUE_BANDS.items()
            if up_to is None or due_on >= add_working_days(day, -up_to, self.closed)
        )

    def _actions_at(self, then: datetime) -> Iterator[ActionThen]:
        for pk, (team, pathway, first_due_on) in self.actions.items():
            moves = [move for move in self.action_moves[pk] if move["at"] <= then]
            imported_at = self.actions_imported.get(pk)
            if not moves or (imported_at and imported_at > then):
                continue
            action = ActionThen(team, pathway, london_date(moves[0]["at"]), first_due_on)
            for move in moves:
                action.status, action.due_on = move["to_status"], move["to_due_on"]
                if move["kind"] == ActionMoveKind.COMPLETE:
                    action.done_at = move["at"]
                action.was_returned |= move["kind"] == ActionMoveKind.RETURN
            if action.status != ActionStatus.CANCELLED:
                yield action

    def _caseload(self, quarter: Quarter, then: datetime) -> dict[tuple[int, str], Counter[str]]:
        day = min(quarter.last_day, london_date(then))
        first_month = add_months(quarter.first_day, -9)
        audited = {
            row["child"]
            for row in self._standing_at(then, first_month, quarter.last_day)
            if row["kind"] == AllocationKind.CJA and self._audit_status(row["audit"], then) in HANDED_IN
        }
        found: defaultdict[tuple[int, str], Counter[str]] = defaultdict(Counter)
        for child, team, pathway, starts_on, ends_on in self.holdings:
            if starts_on <= day and (ends_on is None or ends_on > day):
                found[team, pathway][f"at_end.open.{pathway}"] += 1
                if child in audited:
                    found[team, pathway][f"at_end.audited.{pathway}"] += 1
        return found

    def _panels(self, quarter: Quarter, then: datetime) -> Counter[str]:
        found: Counter[str] = Counter()
        for month, closed_at, attended in self.seats:
            if quarter.first_day <= month <= quarter.last_day and closed_at and closed_at <= then:
                found["panel.invited"] += 1
                found["panel.attended"] += bool(attended)
        return +found

    def _activity(self, quarter: Quarter, then: datetime) -> Counter[str]:
        found: Counter[str] = Counter()
        for row in self._standing_at(then, quarter.first_day, quarter.last_day):
            found[f"activity.{row['kind']}"] += 1
            handed_in_at = self.activities_handed_in.get(row["pk"])
            found["activity.handed_in"] += (
                self._audit_status(row["audit"], then) in HANDED_IN
                if row["kind"] == AllocationKind.CJA
                else handed_in_at is not None and handed_in_at <= then
            )
        return +found

    def _standing_at(self, then: datetime, first: date, last: date) -> Iterator[dict[str, Any]]:
        """The allocations of the months that stood at a moment."""
        for row in self.allocations:
            if not first <= row["round__month"] <= last or row["round__published_at"] > then:
                continue
            imported_at = self.audits_imported.get(row["audit"])
            was_passed_on = self.status_of_allocation(row["replaces"], then) if row["replaces"] else None
            came_later = was_passed_on is not None and was_passed_on != AllocationStatus.REALLOCATED
            if came_later or (imported_at and imported_at > then):
                continue
            if self.status_of_allocation(row["pk"], then) in STANDS:
                yield row

    def status_of_allocation(self, pk: int, then: datetime) -> str:
        """What an allocation's status was: what its first move since then came from, or what it is."""
        return _before(self.allocation_moves[pk], then, self.allocation_status[pk])

    def _audit_status(self, pk: int | None, then: datetime) -> str:
        return _before(self.audit_moves[pk], then, self.audit_status[pk]) if pk else ""

    @cached_property
    def closed(self) -> frozenset[date]:
        return closures()

    @cached_property
    def actions(self) -> dict[int, tuple[int, str, date]]:
        rows = Action.objects.values_list("pk", "team", "pathway", "first_due_on")
        return {pk: (team, pathway, first_due_on) for pk, team, pathway, first_due_on in rows}

    @cached_property
    def action_moves(self) -> Moves:
        moves = ActionMove.objects.order_by("at", "pk")
        return _grouped("action", moves.values("action", "kind", "to_status", "to_due_on", "at"))

    @cached_property
    def actions_imported(self) -> dict[int, datetime]:
        return dict(ImportedAction.objects.values_list("action", "imported_at"))

    @cached_property
    def allocations(self) -> list[dict[str, Any]]:
        fields = ("pk", "kind", "child", "replaces", "audit", "round__month", "round__published_at")
        return list(Allocation.objects.filter(round__published_at__isnull=False).order_by().values(*fields))

    @cached_property
    def allocation_status(self) -> dict[int, str]:
        return dict(Allocation.objects.values_list("pk", "status"))

    @cached_property
    def allocation_moves(self) -> Moves:
        moves = AllocationMove.objects.order_by("at", "pk")
        return _grouped("allocation", moves.values("allocation", "from_status", "at"))

    @cached_property
    def audit_status(self) -> dict[int, str]:
        return dict(Audit.objects.values_list("pk", "status"))

    @cached_property
    def audit_moves(self) -> Moves:
        return _grouped("audit", AuditMove.objects.order_by("at", "pk").values("audit", "from_status", "at"))

    @cached_property
    def audits_imported(self) -> dict[int, datetime]:
        return dict(ImportedAudit.objects.values_list("audit", "imported_at"))

    @cached_property
    def activities_handed_in(self) -> dict[int, datetime]:
        return dict(ActivityRecord.objects.order_by().values_list("allocation", "handed_in_at"))

    @cached_property
    def holdings(self) -> list[tuple[int, int, str, date, date | None]]:
        return list(
            Holding.objects.order_by().values_list("child", "team", "pathway", "starts_on", "ends_on")
        )

    @cached_property
    def caseload_imports(self) -> list[tuple[date, datetime | None]]:
        return list(
            CaseloadImport.objects.filter(status=ImportStatus.APPLIED).values_list("as_at", "decided_at")
        )

    @cached_property
    def seats(self) -> list[tuple[date, datetime | None, bool | None]]:
        rows = PanelMember.objects.filter(panel__closed_at__isnull=False, invited_at__isnull=False)
        return list(
            rows.exclude(status=SeatStatus.REMOVED).values_list(
                "panel__month", "panel__closed_at", "attended"
            )
        )


def _grouped(name: str, rows: Iterable[Mapping[str, Any]]) -> Moves:
    found: defaultdict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return found


def _before(moves: list[Mapping[str, Any]], then: datetime, now: str) -> str:
    return next((move["from_status"] for move in moves if move["at"] > then), now)
