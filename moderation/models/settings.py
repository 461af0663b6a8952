"""What this council has chosen for its moderation."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q


def at_least_one(
    verbose_name: str, default: int, most: int = 60
) -> "models.PositiveSmallIntegerField[int, int]":
    """A number of days, people or audits that cannot be none."""
    return models.PositiveSmallIntegerField(
        verbose_name, default=default, validators=[MinValueValidator(1), MaxValueValidator(most)]
    )


class ModerationSettings(models.Model):
    """One row, edited on a page (docs/domain.md, section 7). All days but the last are working days."""

    months_ahead = at_least_one("months for which panels are made ahead", 6, 24)
    meets_on_working_day = at_least_one("working day of the month on which a new panel meets", 10, 20)
    audits_per_moderator = at_least_one("audits that one moderator reads for a panel", 5, 20)
    reserves = models.PositiveSmallIntegerField(
        "reserves for each panel", default=2, validators=[MaxValueValidator(20)]
    )
    days_to_answer = at_least_one("working days after which an unanswered invitation is sent again", 3)
    days_before_meeting = at_least_one("working days before the meeting when unread audits are chased", 3)
    is_blind_by_default = models.BooleanField(
        "hide the auditor and the grades until a moderator has recorded their own reading", default=False
    )
    moderate_within = at_least_one("working days from submission to moderation", 15)
    outcome_within = at_least_one("working days from the panel to the outcome in writing", 5)
    days_to_acknowledge = at_least_one(
        "working days after which an outcome not acknowledged is sent again", 5
    )
    access_days_after_close = models.PositiveSmallIntegerField(
        "days for which members still read the audits once the panel is closed",
        default=28,
        validators=[MaxValueValidator(366)],
    )

    first_audits = models.PositiveSmallIntegerField(
        "first audits of an auditor that are always moderated", default=3, validators=[MaxValueValidator(50)]
    )
    spot_check_percent = models.PositiveSmallIntegerField(
        "percent of an exempt auditor's audits that are moderated by lot",
        default=15,
        validators=[MaxValueValidator(100)],
    )
    days_to_dispute = at_least_one(
        "working days after which an exempt auditor's audit is drawn by lot or final", 5
    )
    exemption_audits = at_least_one("moderated audits that earn an exemption", 6)
    exemption_within_months = at_least_one("months whose decisions count towards an exemption", 12, 36)
    exemption_quarters = at_least_one("quarters over which they are spread", 2, 4)
    exemption_confirmed_percent = models.PositiveSmallIntegerField(
        "percent of overall grades that panels have to confirm",
        default=90,
        validators=[MaxValueValidator(100)],
    )
    exemption_months = at_least_one("months after which an exemption lapses", 12, 36)
    exemption_changes = at_least_one("changed overall grades that end an exemption", 2)
    exemption_among_last = at_least_one("last audits among which they are counted", 6)
    calibration_days = at_least_one("days for which a calibration exercise is open", 14)
    calibration_days_before = at_least_one(
        "days before its end when those who have not graded are reminded", 4
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="moderation_settings_one_row")]

    def __str__(self) -> str:
        return "Moderation settings"

    @classmethod
    def current(cls) -> "ModerationSettings":
        """The council's settings: the defaults until somebody changes one."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
