"""The records of the reports, by noun."""

from dashboards.models.frozen import FrozenAllocation, QuarterRollUp, QuarterSummary, Restatement
from dashboards.models.report import ReportDocument, ReportMove, ReportSection, ReportVersion
from dashboards.models.settings import ReportSettings
from dashboards.models.targets import PerformanceFigure, Target

__all__ = [
    "FrozenAllocation",
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
