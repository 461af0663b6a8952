"""A child at risk now: raise the concern, answer it, close it, and see that nobody is left without an answer."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, Team, User
from audits.enums import ConcernMoveKind, ConcernStatus, ToldAs
from audits.models import (
    Audit,
    Child,
    ConcernMove,
    ConcernSettings,
    ConcernTold,
    ImmediateConcern,
)
from audits.permissions import can_acknowledge_concern
from audits.signals import concern_acknowledged, concern_escalated, concern_raised
from core.dates import london_date
from core.errors import RuleViolation

ROLE_OF: dict[str, Role] = {
    ToldAs.TEAM_MANAGER: Role.TEAM_MANAGER,
    ToldAs.SERVICE_MANAGER: Role.SERVICE_MANAGER,
    ToldAs.ASSISTANT_DIRECTOR: Role.SENIOR_LEADER,
    ToldAs.QA_LEAD: Role.QA_LEAD,
    ToldAs.PSW: Role.PSW,
}
MANAGERS = (ToldAs.TEAM_MANAGER, ToldAs.SERVICE_MANAGER)
STANDARDS = (ToldAs.QA_LEAD, ToldAs.PSW)


@dataclass(frozen=True)
class Telephoned:
    """What the raiser did before writing: whom they telephoned and when, or that nobody answered."""

    whom: str = ""
    reached_nobody: bool = False


@transaction.atomic
def raise_concern(  # noqa: PLR0913 - what the form asks
    child_reference: str,
    *,
    risk: str,
    telephoned: Telephoned,
    by: User,
    key: uuid.UUID,
    audit: Audit | None = None,
    at: datetime | None = None,
) -> ImmediateConcern:
    """Say that a child is at risk now. The same form posted again is the same concern.

    Effects, in order: the concern is written with its move; who is told is written down: the manager of the child's
    team and the service manager, and where there is neither (or the caseload does not know the child) the QA lead and
    the PSW, never the raiser; concern_raised is sent. Mail goes once the transaction holds.

    Args:
        key: made with the form.
        audit: the audit that `by` was reading or writing; the caller has seen to it that they may.

    """
    concern, is_new = ImmediateConcern.objects.get_or_create(
        raised_by=by,
        key=key,
        defaults={
            "child_reference": child_reference,
            "audit": audit,
            "team": _team_of(child_reference),
            "risk": risk,
            "telephoned": telephoned.whom,
            "reached_nobody": telephoned.reached_nobody,
            "raised_at": at or timezone.now(),
        },
    )
    if not is_new:
        return concern
    _record(concern, ConcernMoveKind.RAISE, by=by, at=concern.raised_at)
    told = who_answers_for(concern.team, on=concern.raised_at, leaving_out=by)
    ConcernTold.objects.bulk_create(
        ConcernTold(concern=concern, person=person, told_as=told_as, at=concern.raised_at)
        for person, told_as in told.items()
    )
    concern_raised.send(ImmediateConcern, concern=concern)
    return concern


@transaction.atomic
def acknowledge_concern(
    concern: ImmediateConcern, *, response: str, by: User, at: datetime | None = None
) -> ImmediateConcern:
    """Take a concern on, saying what will be done. The first who does it has done it.

    Effects, in order: the concern is acknowledged by that person and waits no longer; the move is written;
    concern_acknowledged is sent.

    Raises:
        RuleViolation: `by` raised it, or somebody else was first.

    """
    concern = ImmediateConcern.objects.select_for_update().get(pk=concern.pk)
    if not can_acknowledge_concern(by, concern):
        raise RuleViolation("Somebody else has to acknowledge a concern that you raised. Telephone them.")
    at = at or timezone.now()
    taken = ImmediateConcern.objects.filter(pk=concern.pk, status=ConcernStatus.RAISED).update(
        status=ConcernStatus.ACKNOWLEDGED, acknowledged_by=by, acknowledged_at=at, response=response
    )
    concern.refresh_from_db()
    if not taken:
        if concern.acknowledged_by_id == by.pk and concern.response == response:
            return concern
        raise RuleViolation(
            f"{_name(concern.acknowledged_by)} has acknowledged this concern already. Speak to them before you act."
        )
    _record(concern, ConcernMoveKind.ACKNOWLEDGE, by=by, at=at, note=response)
    concern_acknowledged.send(ImmediateConcern, concern=concern)
    return concern


@transaction.atomic
def close_concern(
    concern: ImmediateConcern, *, outcome: str, by: User, at: datetime | None = None
) -> ImmediateConcern:
    """Say what came of a concern that was acknowledged. Its text stays readable for the same people.

    Effects, in order: the concern is closed; the move is written.

    Raises:
        RuleViolation: `by` raised it, nobody has acknowledged it, or it is closed already.

    """
    concern = ImmediateConcern.objects.select_for_update().get(pk=concern.pk)
    if not can_acknowledge_concern(by, concern):
        raise RuleViolation("Somebody else has to close a concern that you raised.")
    at = at or timezone.now()
    closed = ImmediateConcern.objects.filter(pk=concern.pk, status=ConcernStatus.ACKNOWLEDGED).update(
        status=ConcernStatus.CLOSED, closed_by=by, closed_at=at, outcome=outcome
    )
    concern.refresh_from_db()
    if not closed:
        if concern.status == ConcernStatus.RAISED:
            raise RuleViolation("Nobody has acknowledged this concern yet. Acknowledge it first.")
        if concern.closed_by_id == by.pk and concern.outcome == outcome:
            return concern
        raise RuleViolation(f"{_name(concern.closed_by)} has closed this concern already.")
    _record(concern, ConcernMoveKind.CLOSE, by=by, at=at, note=outcome)
    return concern


def sweep_concerns(*, at: datetime) -> dict[str, int]:
    """Escalate what nobody has acknowledged in time (30 minutes, a setting). Each concern once, however often it runs.

    Returns:
        How many concerns were escalated.

    """
    wait = timedelta(minutes=ConcernSettings.current().escalate_after_minutes)
    waiting = ImmediateConcern.objects.to_escalate(raised_by_then=at - wait)
    return {"escalated": sum(escalate_concern(concern, at=at) for concern in waiting.order_by("raised_at"))}


@transaction.atomic
def escalate_concern(concern: ImmediateConcern, *, at: datetime) -> bool:
    """Tell the assistant director, the QA lead and the PSW of a concern that still waits. Twice is once.

    Effects, in order: the concern says when it was escalated; the move and who is told are written;
    concern_escalated is sent.

    Returns:
        False when another pass was first or somebody has acknowledged it meanwhile.

    """
    waiting = ImmediateConcern.objects.to_escalate(raised_by_then=at).filter(pk=concern.pk)
    if not waiting.update(escalated_at=at):
        return False
    concern.refresh_from_db()
    _record(concern, ConcernMoveKind.ESCALATE, by=None, at=at)
    told = _holders(concern.team, (ToldAs.ASSISTANT_DIRECTOR, *STANDARDS), at=at)
    ConcernTold.objects.bulk_create(
        ConcernTold(concern=concern, person=person, told_as=told_as, is_escalation=True, at=at)
        for person, told_as in told.items()
        if person.pk != concern.raised_by_id
    )
    concern_escalated.send(ImmediateConcern, concern=concern)
    return True


def who_answers_for(team: Team | None, *, on: datetime, leaving_out: User) -> dict[User, ToldAs]:
    """Who is told at once: the team's manager and the service manager; where there is neither, the QA lead and PSW."""
    for parts in (MANAGERS, STANDARDS):
        told = _holders(team, parts, at=on)
        told.pop(leaving_out, None)
        if told:
            return told
    return {}


def _holders(team: Team | None, parts: Iterable[ToldAs], *, at: datetime) -> dict[User, ToldAs]:
    """The active people who are these things to the team on that day; who is two of them is named for the first."""
    held: defaultdict[tuple[str, int | None, int | None], list[User]] = defaultdict(list)
    rows = Membership.objects.on(london_date(at)).filter(role__in=ROLE_OF.values(), user__is_active=True)
    for row in rows.select_related("user").order_by("user__name", "pk"):
        held[row.role, row.team_id, row.service_id].append(row.user)
    told: dict[User, ToldAs] = {}
    for part in parts:
        role = ROLE_OF[part]
        if part in STANDARDS:
            people = held[role, None, None]
        elif team is None:
            people = []
        elif part == ToldAs.TEAM_MANAGER:
            people = held[role, team.pk, None]
        else:
            people = held[role, None, team.service_id] if team.service_id else []
        for person in people:
            told.setdefault(person, part)
    return told


def _team_of(child_reference: str) -> Team | None:
    child = Child.objects.filter(reference__iexact=child_reference).select_related("team__service").first()
    return child.team if child else None


def _record(
    concern: ImmediateConcern, kind: ConcernMoveKind, *, by: User | None, at: datetime, note: str = ""
) -> None:
    ConcernMove.objects.create(concern=concern, kind=kind, by=by, at=at, note=note)


def _name(person: User | None) -> str:
    return person.name if person else "Somebody"
