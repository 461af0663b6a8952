"""Dip samples and direct observations: handed in once by the auditor who was given them (docs/domain.md, section 6)."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audits.enums import AllocationKind, AllocationStatus, ObservedSetting, RoundStatus
from audits.models import ActivityRecord, Allocation, Round
from audits.models.activity import MOST_FILES
from audits.moves import ALLOCATION_REFUSALS
from audits.permissions import can_hand_in_activity
from core.dates import london_date
from core.errors import RuleViolation


@dataclass(frozen=True)
class ActivityContent:
    """What the auditor writes: `files_read` of a dip sample, `setting` of an observation."""

    held_on: date
    looked_at: str
    good: str
    better: str
    setting: str = ""
    files_read: int | None = None


@transaction.atomic
def hand_in_activity(
    allocation: Allocation, content: ActivityContent, *, by: User, at: datetime | None = None
) -> ActivityRecord:
    """Hand in what a dip sample or an observation found. The same twice is once.

    Effects, in order: the record is written and never changes. From then on the allocation is met: it counts as
    returned in the ledger, has left My work and is not excused, withdrawn or extended.

    Raises:
        RuleViolation: it is not `by`'s to hand in, it no longer stands, its month is closed, it was handed in with
            other words, the day is in the future, or something is missing.

    """
    at = at or timezone.now()
    Round.objects.select_for_update().get(pk=allocation.round_id)  # it is not closed meanwhile
    current = Allocation.objects.select_for_update(of=("self",)).select_related("round").get(pk=allocation.pk)
    if not can_hand_in_activity(by, current):
        raise RuleViolation("Only the auditor who was given a dip sample or an observation hands it in.")
    if kept := ActivityRecord.objects.filter(allocation=current).first():
        if all(getattr(kept, name) == value for name, value in asdict(content).items()):
            return kept
        raise RuleViolation(
            f"{current} was handed in on {london_date(kept.handed_in_at):%-d %B %Y} and can only be read."
        )
    check_can_be_handed_in(current)
    _check_content(content, current.kind, today=london_date(at))
    return ActivityRecord.objects.create(allocation=current, **asdict(content), handed_in_at=at)


def check_can_be_handed_in(allocation: Allocation) -> None:
    """Return when a dip sample or an observation is still owed in a month that is open.

    Raises:
        RuleViolation: it no longer stands, or its month is closed.

    """
    if allocation.status != AllocationStatus.ALLOCATED:
        raise RuleViolation(ALLOCATION_REFUSALS[allocation.status].format(allocation))
    if allocation.round.status == RoundStatus.CLOSED:
        raise RuleViolation(f"{allocation.round} is closed, so {allocation} can no longer be handed in.")


def _check_content(content: ActivityContent, kind: str, *, today: date) -> None:
    if content.held_on > today:
        raise RuleViolation("The day on which it took place cannot be in the future.")
    if not (content.looked_at and content.good and content.better):
        raise RuleViolation("Say what you looked at, what was good and what has to be better.")
    if kind == AllocationKind.DIP_SAMPLE:
        if content.setting or content.files_read not in range(1, MOST_FILES + 1):
            raise RuleViolation(f"Say how many files you read, from 1 to {MOST_FILES}.")
    elif content.files_read is not None or content.setting not in ObservedSetting.values:
        raise RuleViolation("Say where you observed practice.")
