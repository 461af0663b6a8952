"""The records of moderation, by noun."""

from moderation.models.calibration import CalibrationExercise, CalibrationGrade, CalibrationText
from moderation.models.decision import Decision, DecisionLine
from moderation.models.exemption import EarnedExemption
from moderation.models.outcome import Outcome, Reply
from moderation.models.panel import Panel, PanelMember, PanelMove, SeatMove
from moderation.models.reading import Reading, ReadingDifference, ReadingGrade
from moderation.models.selection import ModerationCase, SpotCheckDraw
from moderation.models.settings import ModerationSettings
from moderation.models.tabling import Conflict, Tabling

__all__ = [
    "CalibrationExercise",
    "CalibrationGrade",
    "CalibrationText",
    "Conflict",
    "Decision",
    "DecisionLine",
    "EarnedExemption",
    "ModerationCase",
    "ModerationSettings",
    "Outcome",
    "Panel",
    "PanelMember",
    "PanelMove",
    "Reading",
    "ReadingDifference",
    "ReadingGrade",
    "Reply",
    "SeatMove",
    "SpotCheckDraw",
    "Tabling",
]
