"""Actions at each status."""

from __future__ import annotations

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from actions.enums import ActionSource
from actions.models import Action
from actions.services.raising import pathway_when_opened
from audits.enums import ActionPriority
from tests.factories.accounts import TeamFactory, UserFactory


class ActionFactory(DjangoModelFactory[Action]):
    """An open action of a team's manager."""

    class Meta:
        model = Action

    reference = factory.Sequence(lambda n: f"ACT-{9000 + n}")
    source = ActionSource.HAND
    what = "Write the contingency into the plan and share it with the family."
    why = "The plan does not say what happens if the placement ends."
    success = "The carer can say what would happen."
    audit = None
    child = None
    pathway = factory.LazyAttribute(lambda action: pathway_when_opened(action.audit, action.child))
    team = factory.SubFactory(TeamFactory)
    owner = factory.SubFactory(UserFactory)
    priority = ActionPriority.P2
    first_due_on = factory.LazyFunction(timezone.localdate)
    due_on = factory.LazyAttribute(lambda action: action.first_due_on)
    opened_at = factory.LazyFunction(timezone.now)
