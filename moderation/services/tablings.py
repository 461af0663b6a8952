"""What lies on a panel's table, and who has to leave the room for it."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits.enums import AWAITING_MODERATION
from audits.models import Audit
from core.dates import london_date
from core.errors import RuleViolation
from moderation.enums import PanelStatus, ReadingStatus, TablingStatus
from moderation.models import Conflict, ModerationCase, Panel, Reading, Tabling
from moderation.moves import PANEL_REFUSALS
from moderation.panel_facts import conflicts_between, with_what_conflicts_need
from moderation.permissions import can_run_moderation
from moderation.services.readings import share_out_again
from moderation.services.selection import select_for_moderation

BEFORE_MEETING = (PanelStatus.DRAFT, PanelStatus.CONVENED, PanelStatus.RELEASED)


@transaction.atomic
def table_audits(
    panel: Panel, *, audits: Iterable[Audit], by: User, at: datetime | None = None, because: str = ""
) -> list[Tabling]:
    """Put audits on a panel's table; one that is on it stays. Once the papers are out, they are shared out at once.

    Effects, in order: an audit that was never looked at is selected for moderation, or for the lot; each is tabled;
    conflicts are noted anew.

    Raises:
        RuleViolation: `by` may not, the panel is meeting or over, or an audit is not waiting for a panel, is on
            another's table, or is an exempt auditor's that no lot has drawn.

    """
    at = at or timezone.now()
    current = _panel_to_change(panel, by=by)
    rows = list(
        Audit.objects.filter(pk__in=[audit.pk for audit in audits]).select_related("allocation__auditor")
    )
    tabled = Tabling.objects.on_the_table().filter(audit__in=rows).select_related("panel")
    open_at = {row.audit_id: row for row in tabled}
    cases = {case.audit_id: case for case in ModerationCase.objects.filter(audit__in=rows)}
    left = {row.audit_id: row for row in current.tablings.exclude(status=TablingStatus.TABLED)}
    made = []
    for audit in sorted(rows, key=lambda audit: (audit.submitted_at or at, audit.pk)):
        elsewhere = open_at.get(audit.pk)
        if elsewhere and elsewhere.panel_id == current.pk:
            continue
        if audit.status not in AWAITING_MODERATION:
            raise RuleViolation(
                f"{audit.allocation} is not waiting for a panel: {audit.get_status_display().lower()}."
            )
        if elsewhere:
            raise RuleViolation(f"{audit.allocation} is on the table of the {elsewhere.panel} already.")
        case = cases.get(audit.pk) or select_for_moderation(audit, at=at)
        if case is None or not case.must_moderate:
            raise RuleViolation(
                f"{audit.allocation} is by an exempt auditor and no spot check has drawn it. "
                "It comes to a panel if the lot falls on it, or something else brings it there."
            )
        tabling = left.get(audit.pk) or Tabling(panel=current, audit=audit, because=because)
        tabling.status = TablingStatus.TABLED
        tabling.auditor, tabling.tabled_by, tabling.tabled_at = audit.allocation.auditor, by, at
        tabling.save()
        made.append(tabling)
    _after_change(current, at=at)
    return made


@transaction.atomic
def take_off_table(tabling: Tabling, *, by: User, at: datetime | None = None) -> Tabling:
    """Take an audit off the table before the meeting: it goes back to the queue. Twice is once.

    Effects, in order: its readings that are not recorded are withdrawn; it leaves the table; the readings of the
    others are shared out again.

    Raises:
        RuleViolation: `by` may not, or the panel is meeting or over.

    """
    panel = _panel_to_change(tabling.panel, by=by)
    current = Tabling.objects.select_for_update().get(pk=tabling.pk)
    if current.status == TablingStatus.TAKEN_OFF:
        return current
    Reading.objects.filter(tabling=current, status=ReadingStatus.TO_DO).update(status=ReadingStatus.WITHDRAWN)
    current.status = TablingStatus.TAKEN_OFF
    current.save(update_fields=("status",))
    _after_change(panel, at=at or timezone.now())
    return current


def recheck_readings(*, at: datetime) -> None:
    """See anew who may read what at the panels whose papers are out: conflicts and roles come up meanwhile.

    Effects, for each such panel in a transaction of its own: conflicts are noted anew; a reading that is not recorded
    and whose moderator must not read it, or at a blind panel would no longer read it blind, goes to somebody else,
    who is told. Twice changes nothing.
    """
    for pk in Panel.objects.filter(status=PanelStatus.RELEASED).values_list("pk", flat=True):
        with transaction.atomic():
            panel = Panel.objects.select_for_update().get(pk=pk)
            if panel.status == PanelStatus.RELEASED:
                _after_change(panel, at=at)


def note_conflicts(panel: Panel, *, on: date) -> None:
    """Write down who of the panel must not moderate which of its audits, as it is on that day.

    A reading that such a person was given and has not recorded is withdrawn. Called inside the caller's transaction.
    """
    tablings = list(panel.tablings.on_the_table())
    audits = list(
        with_what_conflicts_need(Audit.objects.filter(pk__in=[tabling.audit_id for tabling in tablings]))
    )
    people = list(User.objects.filter(seats__panel=panel))
    found = conflicts_between(audits, people, on=on)
    by_audit = {tabling.audit_id: tabling for tabling in tablings}
    not_recorded = Reading.objects.filter(tabling__in=tablings, status=ReadingStatus.TO_DO)
    not_recorded.filter(
        pk__in=[
            reading.pk
            for reading in not_recorded.select_related("tabling")
            if (reading.tabling.audit_id, reading.moderator_id) in found
        ]
    ).update(status=ReadingStatus.WITHDRAWN)
    Conflict.objects.bulk_create(
        [
            Conflict(tabling=by_audit[audit], person_id=person, why=why)
            for (audit, person), why in found.items()
        ],
        update_conflicts=True,
        unique_fields=("tabling", "person"),
        update_fields=("why",),
    )


def _panel_to_change(panel: Panel, *, by: User) -> Panel:
    if not can_run_moderation(by):
        raise RuleViolation("Only the QA lead and the Principal Social Worker set a panel's table.")
    current = Panel.objects.select_for_update().get(pk=panel.pk)
    if current.status not in BEFORE_MEETING:
        raise RuleViolation(PANEL_REFUSALS[current.status])
    return current


def _after_change(panel: Panel, *, at: datetime) -> None:
    note_conflicts(panel, on=london_date(at))
    share_out_again(panel, at=at)
