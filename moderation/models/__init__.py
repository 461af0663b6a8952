"""The records of moderation, by noun."""

from moderation.models.decision import Decision, DecisionLine
from moderation.models.outcome import Outcome, Reply
from moderation.models.panel import Panel, PanelMember, PanelMove, SeatMove
from moderation.models.reading import Reading, ReadingDifference, ReadingGrade
from moderation.models.settings import ModerationSettings
from moderation.models.tabling import Conflict, Tabling

__all__ = [
    "Conflict",
    "Decision",
    "DecisionLine",
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
    "Tabling",
]
