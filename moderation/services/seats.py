"""Who sits on a panel: proposed, invited, answering, called from the reserves, taken off."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from audits.models import Audit
from core.dates import london_date
from core.errors import RuleViolation
from moderation import rotation
from moderation.enums import SEATED, PanelStatus, ReadingStatus, SeatPart, SeatStatus
from moderation.models import ModerationSettings, Panel, PanelMember, Reading, SeatMove
from moderation.moves import PANEL_REFUSALS, check_seat_move
from moderation.panel_facts import candidates, may_sit, rotation_rules, with_what_conflicts_need
from moderation.permissions import can_answer_invitation, can_run_moderation
from moderation.querysets import CHAIR_ROLES
from moderation.services.readings import share_out_again
from moderation.services.tablings import note_conflicts
from moderation.signals import member_invited, member_removed

CHANGING = (PanelStatus.DRAFT, PanelStatus.CONVENED, PanelStatus.RELEASED)
"""Until the meeting, people come and go."""


@transaction.atomic
def propose_members(panel: Panel, *, by: User | None, at: datetime | None = None) -> list[str]:
    """Propose who sits on a panel that is being prepared, by rotation; earlier proposals are replaced.

    Effects, in order: seats that the rotation does not propose are taken off, those it does are proposed, each with
    the reason. Whom somebody put on the panel or took off it with a reason of their own stays so.

    Returns:
        Sentences on what the proposal lacks by R4; empty when it lacks nothing.

    Raises:
        RuleViolation: `by` may not, or the panel is no longer being prepared.

    """
    at = at or timezone.now()
    current = _panel_to_change(panel, by=by, statuses=(PanelStatus.DRAFT,))
    tablings = current.tablings.on_the_table()
    audits = list(with_what_conflicts_need(Audit.objects.filter(pk__in=tablings.values("audit"))))
    people = list(may_sit(current.meets_on))
    proposal = rotation.propose(
        candidates(people, audits, on=current.meets_on),
        {audit.allocation.reference: audit.pathway for audit in audits},
        on=current.meets_on,
        seed=current.month.toordinal(),
        rules=rotation_rules(ModerationSettings.current(), len(audits)),
        keep=set(_chosen_by_hand(current, SeatStatus.PROPOSED)),
        without=set(_chosen_by_hand(current, SeatStatus.REMOVED)),
    )
    wanted = {
        proposed.candidate.id: (part, proposed.because)
        for part, chosen in (
            (SeatPart.RESERVE, proposal.reserves),
            (SeatPart.MODERATOR, proposal.moderators),
            (SeatPart.CHAIR, (proposal.chair,) if proposal.chair else ()),
        )
        for proposed in chosen
    }
    for member in current.members.filter(status__in=SEATED):
        if member.person_id not in wanted:
            _move_seat(member, SeatStatus.REMOVED, by=None, at=at, reason="Not proposed again.")
    had = {member.person_id: member for member in current.members.all()}
    for position, (person, (part, because)) in enumerate(wanted.items()):
        seat = had.get(person) or PanelMember(panel=current, person_id=person)
        _seat(seat, part=part, because=because, position=position, by=by, at=at)
    note_conflicts(current, on=london_date(at))
    return list(proposal.gaps)


@transaction.atomic
def add_member(
    panel: Panel, *, person: User, part: SeatPart, reason: str, by: User, at: datetime | None = None
) -> PanelMember:
    """Put somebody on a panel, and say why. Once the invitations are out, they are invited at once unless a reserve.

    Raises:
        RuleViolation: `by` may not, the panel is meeting or over, there is no reason, the person may not sit in that
            part, sits already, or the panel has a chair.

    """
    at = at or timezone.now()
    current = _panel_to_change(panel, by=by, statuses=CHANGING)
    if not reason.strip():
        raise RuleViolation("Say why, so that the choice can be explained.")
    if not may_sit(current.meets_on).filter(pk=person.pk).exists():
        raise RuleViolation(f"{person} may not sit: no auditor or moderator, or exempt on that day.")
    is_chairing = person.memberships.on(current.meets_on).filter(role__in=CHAIR_ROLES).exists()
    if (part == SeatPart.CHAIR) != is_chairing:
        raise RuleViolation(
            "The QA lead and the Principal Social Worker chair, and take no seat as moderators. Nobody else chairs."
        )
    seated = current.members.filter(status__in=SEATED)
    if seated.filter(person=person).exists():
        raise RuleViolation(f"{person} is on this panel already.")
    if part == SeatPart.CHAIR and seated.filter(part=SeatPart.CHAIR).exists():
        raise RuleViolation("This panel has a chair. Take the chair off first.")
    last: int = current.members.aggregate(last=Max("position"))["last"] or 0
    seat = current.members.filter(person=person).first() or PanelMember(panel=current, person=person)
    member = _seat(seat, part=part, because=reason.strip(), position=last + 1, by=by, at=at, reason=reason)
    note_conflicts(current, on=london_date(at))
    if current.status != PanelStatus.DRAFT and part != SeatPart.RESERVE:
        invite(member, by=by, at=at)
    return member


@transaction.atomic
def remove_member(member: PanelMember, *, reason: str, by: User, at: datetime | None = None) -> PanelMember:
    """Take somebody off a panel, and say why. From their next request they read nothing of it. Twice is once.

    Effects, in order: the seat changes; their readings that are not recorded are withdrawn; somebody who had been
    invited is told (member_removed); a moderator's place goes to the next reserve; the readings are shared out again.

    Raises:
        RuleViolation: `by` may not, the panel is meeting or over, or there is no reason.

    """
    at = at or timezone.now()
    panel = _panel_to_change(member.panel, by=by, statuses=CHANGING)
    current = _locked_member(member)
    if current.status == SeatStatus.REMOVED:
        return current
    if not reason.strip():
        raise RuleViolation("Say why, so that the choice can be explained.")
    was_told = current.status in (SeatStatus.INVITED, SeatStatus.ACCEPTED)
    _move_seat(current, SeatStatus.REMOVED, by=by, at=at, reason=reason.strip())
    if was_told:
        member_removed.send(PanelMember, member=current)
        _after_leaving(current, panel, at=at, why=f"Called because {current.person} was taken off.")
    return current


@transaction.atomic
def answer_invitation(
    member: PanelMember, *, accept: bool, by: User, reason: str = "", at: datetime | None = None
) -> PanelMember:
    """Accept or decline an invitation. The same answer twice is one; until the meeting it can be changed.

    Effects, in order: the answer is recorded; after a decline their readings that are not recorded are withdrawn and
    the next reserve is invited; once the papers are out, the readings are shared out again.

    Raises:
        RuleViolation: it is not this person's invitation, the meeting has begun, or the chair's seat went to another.

    """
    at = at or timezone.now()
    panel = Panel.objects.select_for_update().get(pk=member.panel_id)
    current = _locked_member(member)
    if not can_answer_invitation(by, current):
        raise RuleViolation(
            "Only the person who was invited can answer, and only while the invitation stands."
        )
    to_status = SeatStatus.ACCEPTED if accept else SeatStatus.DECLINED
    if current.status == to_status:
        return current
    if panel.status not in (PanelStatus.CONVENED, PanelStatus.RELEASED):
        raise RuleViolation(PANEL_REFUSALS[panel.status])
    if (
        accept
        and current.part == SeatPart.CHAIR
        and panel.members.filter(part=SeatPart.CHAIR, status__in=SEATED).exclude(pk=current.pk).exists()
    ):
        raise RuleViolation("Somebody else chairs this panel now. Thank you for offering.")
    current.answered_at = at
    _move_seat(current, to_status, by=by, at=at, reason=reason.strip(), save=("answered_at",))
    if accept:
        share_out_again(panel, at=at)
    else:
        _after_leaving(current, panel, at=at, why=f"Called because {current.person} declined.")
    return current


def invite(member: PanelMember, *, by: User | None, at: datetime, reason: str = "") -> None:
    """Invite somebody whose seat was checked; member_invited is sent, by which they are told."""
    member.invited_at = at
    _move_seat(member, SeatStatus.INVITED, by=by, at=at, reason=reason, save=("invited_at",))
    member_invited.send(PanelMember, member=member)


def _after_leaving(member: PanelMember, panel: Panel, *, at: datetime, why: str) -> None:
    Reading.objects.filter(member=member, status=ReadingStatus.TO_DO).update(status=ReadingStatus.WITHDRAWN)
    if member.part == SeatPart.MODERATOR:
        reserves = panel.members.filter(part=SeatPart.RESERVE, status=SeatStatus.PROPOSED)
        reserve = reserves.select_related("person", "panel").order_by("position", "pk").first()
        if reserve and panel.status != PanelStatus.DRAFT:
            reserve.part = SeatPart.MODERATOR
            reserve.save(update_fields=("part",))
            invite(reserve, by=None, at=at, reason=why)
    share_out_again(panel, at=at)


def _chosen_by_hand(panel: Panel, status: SeatStatus) -> Iterable[int]:
    """The people whom somebody put on the panel, or took off it, with a reason; a new proposal leaves it so."""
    seats = panel.members.filter(
        status=status, moves__to_status=status, moves__by__isnull=False, moves__reason__gt=""
    )
    return seats.values_list("person", flat=True)


def _panel_to_change(panel: Panel, *, by: User | None, statuses: Iterable[str]) -> Panel:
    if by is not None and not can_run_moderation(by):
        raise RuleViolation("Only the QA lead and the Principal Social Worker choose who sits on a panel.")
    current = Panel.objects.select_for_update().get(pk=panel.pk)
    if current.status not in statuses:
        raise RuleViolation(PANEL_REFUSALS[current.status])
    return current


def _locked_member(member: PanelMember) -> PanelMember:
    rows = PanelMember.objects.select_for_update(of=("self",)).select_related("person", "panel")
    return rows.get(pk=member.pk)


def _seat(  # noqa: PLR0913 - what a seat is
    member: PanelMember,
    *,
    part: SeatPart,
    because: str,
    position: int,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> PanelMember:
    """The seat, proposed: a new one, or one that the person had before and left."""
    is_new = member.pk is None
    member.part, member.because, member.position = part, because, position
    member.save()
    if is_new:
        _write(member, "", SeatStatus.PROPOSED, by=by, at=at, reason=reason)
    elif member.status != SeatStatus.PROPOSED:
        _move_seat(member, SeatStatus.PROPOSED, by=by, at=at, reason=reason)
    return member


def _move_seat(
    member: PanelMember,
    to_status: SeatStatus,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    save: tuple[str, ...] = (),
) -> None:
    check_seat_move(member.status, to_status)
    from_status, member.status = member.status, to_status
    member.save(update_fields=("status", *save))
    _write(member, from_status, to_status, by=by, at=at, reason=reason)


def _write(
    member: PanelMember, from_status: str, to_status: str, *, by: User | None, at: datetime, reason: str
) -> None:
    SeatMove.objects.create(
        member=member, from_status=from_status, to_status=to_status, by=by, at=at, reason=reason
    )
