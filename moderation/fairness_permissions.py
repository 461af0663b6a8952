"""Who sees how moderation goes, decides on earned exemptions and grades for calibration (docs/access.md)."""

from accounts.roles import roles_of
from audits.querysets import Person
from moderation.models import EarnedExemption
from moderation.querysets import CALIBRATING_ROLES, CHAIR_ROLES


def can_see_all_of_moderation(user: Person) -> bool:
    """The queue, the register and named agreement: the QA lead and the PSW. Everybody else sees their own."""
    return roles_of(user).any_of(*CHAIR_ROLES)


def can_decide_earned_exemption(user: Person, exemption: EarnedExemption) -> bool:
    """Grant, decline or end one: never their own, which the other of the two decides."""
    return can_see_all_of_moderation(user) and exemption.auditor_id != user.pk


def can_grade_calibration(user: Person) -> bool:
    return roles_of(user).any_of(*CALIBRATING_ROLES)
