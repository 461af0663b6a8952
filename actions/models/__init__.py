"""Closing the loop, by noun."""

from actions.models.action import Action, ActionMove, Escalation, EscalationPause
from actions.models.imported import ImportedAction
from actions.models.path import (
    PathMove,
    PathSettings,
    PathStep,
    Reaudit,
    SampleDraw,
    SupervisionHandOff,
    UrgentPath,
)
from actions.models.settings import ActionSettings
from actions.models.theme import DipSampleProposal, Finding, FindingTheme, TagMove, Theme, ThemeRule
from actions.models.tracker import SavedView, TrackerWeek

__all__ = [
    "Action",
    "ActionMove",
    "ActionSettings",
    "DipSampleProposal",
    "Escalation",
    "EscalationPause",
    "Finding",
    "FindingTheme",
    "ImportedAction",
    "PathMove",
    "PathSettings",
    "PathStep",
    "Reaudit",
    "SampleDraw",
    "SavedView",
    "SupervisionHandOff",
    "TagMove",
    "Theme",
    "ThemeRule",
    "TrackerWeek",
    "UrgentPath",
]
