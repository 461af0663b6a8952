"""What closing the loop hears of."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from actions.services.actions import open_proposed_actions
from audits.models import Audit
from audits.signals import audit_submitted


@receiver(audit_submitted, sender=Audit)
def make_proposed_actions_real(audit: Audit, at: datetime, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """What the auditor proposed is owed from the moment of submission."""
    if audit.proposed_actions.all():  # submitting has loaded them
        open_proposed_actions(audit, at=at)
