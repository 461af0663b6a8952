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

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="moderation_settings_one_row")]

    def __str__(self) -> str:
        return "Moderation settings"

    @classmethod
    def current(cls) -> "ModerationSettings":
        """The council's settings: the defaults until somebody changes one."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
