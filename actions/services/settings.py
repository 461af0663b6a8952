"""The council's choices for following actions through."""

from django.db import transaction

from accounts.models import User
from actions.models import ActionSettings
from actions.permissions import can_change_action_settings
from core.errors import RuleViolation

CHOICES = (
    "verification_percent",
    "team_manager_after",
    "service_manager_after",
    "assistant_director_after",
    "board_after",
)


@transaction.atomic
def save_action_settings(settings: ActionSettings, *, by: User) -> ActionSettings:
    """Keep the council's choices. How far the draw has come stays as it is.

    Raises:
        RuleViolation: `by` may not.

    """
    if not can_change_action_settings(by):
        raise RuleViolation("Only the QA lead and the Principal Social Worker change these settings.")
    ActionSettings.objects.get_or_create(pk=1)
    settings.save(update_fields=CHOICES)
    return settings
