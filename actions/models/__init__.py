"""Closing the loop, by noun."""

from actions.models.action import Action, ActionMove, Escalation, EscalationPause
from actions.models.settings import ActionSettings
from actions.models.theme import Theme

__all__ = ["Action", "ActionMove", "ActionSettings", "Escalation", "EscalationPause", "Theme"]
