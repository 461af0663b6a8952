"""The records of the reports, by noun."""

from dashboards.models.brief import BriefMove, BriefPoint, BriefVersion, LearningBrief
from dashboards.models.frozen import FrozenAllocation, QuarterRollUp, QuarterSummary, Restatement
from dashboards.models.report import ReportDocument, ReportMove, ReportSection, ReportVersion
from dashboards.models.settings import ReportSettings
from dashboards.models.targets import PerformanceFigure, Target

__all__ = [
    "BriefMove",
    "BriefPoint",
    "BriefVersion",
    "FrozenAllocation",
    "LearningBrief",
    "PerformanceFigure",
    "QuarterRollUp",
    "QuarterSummary",
    "ReportDocument",
    "ReportMove",
    "ReportSection",
    "ReportSettings",
    "ReportVersion",
    "Restatement",
    "Target",
]
