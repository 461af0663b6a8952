"""A panel from the day it is made to the day it closes."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits.enums import AWAITING_MODERATION
from audits.models import Audit
from audits.selectors import closures
from audits.services.moves import finalise_locked, locked_audits, return_locked
from core.dates import add_months, add_working_days, london_date
from core.errors import RuleViolation
from moderation.enums import PanelStatus, ReadingStatus, SeatPart, SeatStatus, TablingStatus, Verdict
from moderation.models import ModerationSettings, Outcome, Panel, PanelMember, PanelMove, Reading, Tabling
from moderation.moves import PANEL_REFUSALS, check_panel_move
from moderation.panel_facts import gaps_of
from moderation.permissions import can_chair_meeting, can_run_moderation
from moderation.services.readings import share_out_readings
from moderation.services.seats import invite
from moderation.services.tablings import note_conflicts
from moderation.signals import outcome_written, panel_moved, panel_released

NOT_YOURS = "Only the QA lead and the Principal Social Worker run moderation panels."


@transaction.atomic
def make_panels_ahead(*, at: datetime) -> int:
    """Make the panels of this month and of the months ahead that are not there. Twice is once.

    A new panel meets on the working day that the settings say. How many were made is returned.
    """
    settings, closed = ModerationSettings.current(), closures()
    this_month = london_date(at).replace(day=1)
    made = 0
    for number in range(settings.months_ahead + 1):
        month = add_months(this_month, number)
        _, is_new = Panel.objects.get_or_create(
            month=month,
            defaults={
                "reference": f"PANEL-{month:%Y-%m}",
                "meets_on": _working_day(month, settings.meets_on_working_day, closed),
                "is_blind": settings.is_blind_by_default,
            },
        )
        made += is_new
    return made


def _working_day(month: date, number: int, closed: frozenset[date]) -> date:
    """The `number`-th working day of the month."""
    day_before = date.fromordinal(month.toordinal() - 1)
    return add_working_days(day_before, number, closed)


@transaction.atomic
def plan_panel(
    panel: Panel, *, meets_on: date, meets_at: time | None, place: str, is_blind: bool, by: User
) -> Panel:
    """Say when and where a panel meets, and whether its first readings are blind.

    Effects, in order: the panel is saved; when its invitations are out and the day or the time is another,
    panel_moved is sent, by which everybody invited is told.

    Raises:
        RuleViolation: `by` may not, the panel is meeting or over, or its papers are out and blind is changed.

    """
    current = locked_panel(panel, by=by)
    if current.status in (PanelStatus.MEETING, PanelStatus.CLOSED):
        raise RuleViolation(PANEL_REFUSALS[current.status])
    if current.status == PanelStatus.RELEASED and current.is_blind != is_blind:
        raise RuleViolation(
            "The papers are out. Whether the first readings are blind can no longer be changed."
        )
    is_moved = (current.meets_on, current.meets_at) != (meets_on, meets_at)
    current.meets_on, current.meets_at = meets_on, meets_at
    current.place, current.is_blind = place.strip(), is_blind
    current.save(update_fields=("meets_on", "meets_at", "place", "is_blind"))
    if is_moved and current.status != PanelStatus.DRAFT:
        panel_moved.send(Panel, panel=current)
    return current


@transaction.atomic
def convene_panel(panel: Panel, *, by: User, at: datetime | None = None) -> Panel:
    """Send the invitations. Twice is once.

    Effects, in order: the panel moves; the chair and each moderator are invited, the chair too when it is `by`;
    reserves wait until somebody declines.

    Raises:
        RuleViolation: `by` may not, the panel is past this, its day is over, or it lacks somebody whom R4 asks for.

    """
    at = at or timezone.now()
    current = locked_panel(panel, by=by)
    if current.status == PanelStatus.CONVENED:
        return current
    check_panel_move(current.status, PanelStatus.CONVENED)
    if current.meets_on < london_date(at):
        raise RuleViolation("The day of this panel is over. Choose another day first.")
    proposed = current.members.filter(status=SeatStatus.PROPOSED).exclude(part=SeatPart.RESERVE)
    members = list(proposed.select_related("person__auditor_profile", "panel"))
    if gaps := gaps_of(current, members, on=current.meets_on):
        raise RuleViolation(f"Not sent. {' '.join(gaps)} Change the members or the table first.")
    move_panel(current, PanelStatus.CONVENED, by=by, at=at)
    for member in members:
        invite(member, by=by, at=at)
    return current


@transaction.atomic
def release_panel(panel: Panel, *, by: User, at: datetime | None = None) -> Panel:
    """Let the members read what is tabled. Twice is once.

    Effects, in order: conflicts are noted anew; the panel moves, and whether it is blind is settled; the readings
    are shared out among the moderators who accepted; panel_released is sent, by which they are told.

    Raises:
        RuleViolation: `by` may not, the panel is past this or its invitations are not out, nothing is tabled, or
            those who accepted do not make a panel by R4.

    """
    at = at or timezone.now()
    current = locked_panel(panel, by=by)
    if current.status == PanelStatus.RELEASED:
        return current
    check_panel_move(current.status, PanelStatus.RELEASED)
    if not current.tablings.on_the_table().exists():
        raise RuleViolation("Nothing is on the table yet. Table audits first.")
    coming = list(current.members.coming().select_related("person__auditor_profile"))
    if gaps := gaps_of(current, coming, on=current.meets_on):
        raise RuleViolation(
            f"Not released. Of those who accepted: {' '.join(gaps)} Wait for answers or ask others."
        )
    note_conflicts(current, on=london_date(at))
    current.released_at = at
    move_panel(current, PanelStatus.RELEASED, by=by, at=at, save=("released_at",))
    share_out_readings(current, at=at)
    panel_released.send(Panel, panel=current)
    return current


@transaction.atomic
def start_meeting(panel: Panel, *, attended: set[int], by: User, at: datetime | None = None) -> Panel:
    """Start the meeting, with who has come. Saying it again while it meets corrects who came.

    Effects, in order: attendance is recorded for everybody who was invited; conflicts are noted anew, so that nobody
    decides in one that has come up since the papers went out; the panel moves; readings that were not
    recorded are missed, since the grades are on the screen from now on.

    Args:
        attended: the ids of the seats whose people have come.

    Raises:
        RuleViolation: `by` may not, the papers are not out, or those who came do not make a panel by R4.

    """
    at = at or timezone.now()
    current = locked_panel(panel, by=None)
    if not can_chair_meeting(by, current):
        raise RuleViolation(PANEL_REFUSALS[current.status] if can_run_moderation(by) else NOT_YOURS)
    members = list(
        current.members.filter(status__in=(SeatStatus.INVITED, SeatStatus.ACCEPTED, SeatStatus.DECLINED))
        .select_related("person__auditor_profile")
        .order_by("pk")
    )
    here = [member for member in members if member.pk in attended]
    moderators = [gap for gap in gaps_of(current, here, on=current.meets_on) if "knows" not in gap]
    if moderators:
        raise RuleViolation(
            f"Not started. Of those here: {' '.join(moderators)} Call a reserve, or choose another day."
        )
    for member in members:
        member.attended = member.pk in attended
    PanelMember.objects.bulk_update(members, ("attended",))
    if current.status == PanelStatus.MEETING:
        return current
    check_panel_move(current.status, PanelStatus.MEETING)
    note_conflicts(current, on=london_date(at))
    move_panel(current, PanelStatus.MEETING, by=by, at=at)
    Reading.objects.filter(tabling__panel=current, status=ReadingStatus.TO_DO).update(
        status=ReadingStatus.MISSED
    )
    return current


@transaction.atomic
def close_panel(panel: Panel, *, by: User, at: datetime | None = None) -> Panel:
    """Close a panel: what it decided holds, and the auditors are told. Twice is once.

    Effects, in order: each decided audit is made final with the moderated grades, or returned with the reasons when
    an area of it was returned for evidence; each of them has its outcome written, and outcome_written is sent, by
    which the auditor of a final one is told, while the return tells that of the other; what is undecided goes back to
    the queue as carried over; what is no longer with the panel is taken off; the panel moves.

    Raises:
        RuleViolation: `by` may not, or the panel is not meeting.

    """
    at = at or timezone.now()
    current = locked_panel(panel, by=None)
    if current.status == PanelStatus.CLOSED and can_run_moderation(by):
        return current
    if not can_chair_meeting(by, current):
        raise RuleViolation(PANEL_REFUSALS[current.status] if can_run_moderation(by) else NOT_YOURS)
    check_panel_move(current.status, PanelStatus.CLOSED)
    settings = ModerationSettings.current()
    due_on = add_working_days(london_date(at), settings.outcome_within, closures())
    on_the_table = current.tablings.on_the_table().select_related("auditor", "decision__by")
    tablings = list(on_the_table.prefetch_related("decision__lines").order_by("pk"))
    audits = locked_audits([tabling.audit_id for tabling in tablings])
    for tabling in tablings:
        _close_tabling(tabling, audits[tabling.audit_id], due_on=due_on, at=at)
    current.closed_at, current.readable_until = at, at + timedelta(days=settings.access_days_after_close)
    move_panel(current, PanelStatus.CLOSED, by=by, at=at, save=("closed_at", "readable_until"))
    return current


def _close_tabling(tabling: Tabling, audit: Audit, *, due_on: date, at: datetime) -> None:
    decision = tabling.decision
    if audit.status not in AWAITING_MODERATION:
        tabling.status, tabling.decision = TablingStatus.TAKEN_OFF, None
    elif decision is None:
        tabling.status = TablingStatus.CARRIED_OVER
    else:
        lines = list(decision.lines.all())
        returned = [line for line in lines if line.verdict == Verdict.RETURNED]
        if returned:
            reason = "\n".join(f"{line.get_section_display()}: {line.narrative}" for line in returned)
            return_locked(audit, by=decision.by, reason=reason, at=at)
            tabling.status = TablingStatus.RETURNED
        else:
            grades = {line.section: line.final_grade for line in lines}
            why = {line.section: line.narrative for line in lines}
            finalise_locked(audit, grades=grades, by=decision.by, why=why, at=at)
            tabling.status = TablingStatus.DECIDED
        tabling.audit, decision.tabling = audit, tabling
        outcome = Outcome.objects.create(
            decision=decision, auditor=tabling.auditor, due_on=due_on, told_at=at
        )
        outcome_written.send(Outcome, outcome=outcome)
    tabling.save(update_fields=("status", "decision"))


def locked_panel(panel: Panel, *, by: User | None) -> Panel:
    """The panel as it stands, locked; `by` must be somebody who runs moderation.

    Raises:
        RuleViolation: they are not.

    """
    if by is not None and not can_run_moderation(by):
        raise RuleViolation(NOT_YOURS)
    return Panel.objects.select_for_update().get(pk=panel.pk)


def move_panel(
    panel: Panel, to_status: PanelStatus, *, by: User | None, at: datetime, save: tuple[str, ...] = ()
) -> None:
    """Save a move that was checked, and write it down."""
    from_status, panel.status = panel.status, to_status
    panel.save(update_fields=("status", *save))
    PanelMove.objects.create(panel=panel, from_status=from_status, to_status=to_status, by=by, at=at)
