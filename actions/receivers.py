"""What closing the loop hears of."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from accounts.chain import Chain
from accounts.enums import Role
from accounts.models import User
from actions.models import Action
from actions.services.findings import note_action, note_changes, note_findings
from actions.services.hand_offs import open_hand_off
from actions.services.paths import follow_grade
from actions.services.raising import open_proposed_actions
from actions.signals import action_opened
from audits.enums import ActionPriority
from audits.models import Audit
from audits.signals import audit_finalised, audit_submitted
from audits.submission import NEEDS_ACTION
from core.dates import london_date
from notifications.services import queue_message


@receiver(audit_submitted, sender=Audit)
def make_proposed_actions_real(audit: Audit, at: datetime, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """What the auditor proposed is owed from the moment of submission."""
    if audit.proposed_actions.all():  # submitting has loaded them
        open_proposed_actions(audit, at=at)


@receiver(audit_submitted, sender=Audit)
def begin_what_follows(audit: Audit, at: datetime, overall: str, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """What its grade asks for, its findings, and the hand-off of its learning."""
    if overall in NEEDS_ACTION:
        follow_grade(audit, at=at)
    note_findings(audit)
    open_hand_off(audit, at=at)


@receiver(audit_finalised, sender=Audit)
def note_what_the_panel_changed(audit: Audit, why: dict[str, str], **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    note_changes(audit, why=why)


@receiver(action_opened, sender=Action)
def note_what_it_is_about(action: Action, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    note_action(action)


@receiver(action_opened, sender=Action)
def tell_of_immediate_safety(action: Action, at: datetime, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """Of a P0 at once: its owner, the team's manager and the service's; that there is one, and where."""
    if action.priority != ActionPriority.P0:
        return
    chain = Chain(london_date(at))
    told = chain.active.intersection((action.owner_id, chain.manager_of(action.team_id)))
    told |= set(chain.in_line(Role.SERVICE_MANAGER, [action.team.service_id], besides=0))
    path = reverse("actions:action_detail", args=(action.reference,))
    context = {"reference": action.reference, "path": path}
    for person in User.objects.filter(pk__in=told).order_by("pk"):
        queue_message("actions.safety_action", to=person, subject_key=action.reference, context=context)
