"""What this council has chosen for following actions through."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from actions.enums import EscalationStep


def multiple_of_five(value: int) -> None:
    """Refuse a share that a block of 20 does not hold exactly."""
    if value % 5:
        raise ValidationError("Choose a multiple of 5, such as 20.")


def working_days(verbose_name: str, default: int) -> "models.PositiveSmallIntegerField[int, int]":
    return models.PositiveSmallIntegerField(
        verbose_name, default=default, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )


class ActionSettings(models.Model):
    """One row, edited on a page (docs/domain.md, section 8). How long a priority has is FollowUpSettings'.

    `drawn` counts the completed actions that stood in the draw for verification, so that each block of the draw is
    whole; `verification_seed` decides the draw.
    """

    verification_percent = models.PositiveSmallIntegerField(
        "share of other completed actions that is verified, in percent",
        default=20,
        validators=[MaxValueValidator(100), multiple_of_five],
    )
    verification_seed = models.PositiveIntegerField(default=1)
    drawn = models.PositiveIntegerField("completed actions that stood in the draw", default=0)
    team_manager_after = working_days("working days over when the owner is told", 1)
    service_manager_after = working_days("working days over when the service manager is told", 5)
    assistant_director_after = working_days("working days over when the assistant director is told", 10)
    board_after = working_days("working days over when it goes on the Improvement Board's list", 20)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="action_settings_one_row")]

    def __str__(self) -> str:
        return "Settings of actions"

    @property
    def ladder(self) -> dict[str, int]:
        """By step of the escalation, lowest first: at how many working days over it is told."""
        return {
            EscalationStep.TEAM_MANAGER: self.team_manager_after,
            EscalationStep.SERVICE_MANAGER: self.service_manager_after,
            EscalationStep.ASSISTANT_DIRECTOR: self.assistant_director_after,
            EscalationStep.BOARD: self.board_after,
        }

    @classmethod
    def current(cls) -> "ActionSettings":
        """The council's settings: the defaults until somebody changes one."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
