"""The records of the reports, by noun."""

from dashboards.models.frozen import FrozenAllocation, QuarterRollUp, QuarterSummary, Restatement
from dashboards.models.report import ReportDocument, ReportMove, ReportSection, ReportVersion
from dashboards.models.settings import ReportSettings

__all__ = [
    "FrozenAllocation",
    "QuarterRollUp",
    "QuarterSummary",
    "ReportDocument",
    "ReportMove",
    "ReportSection",
    "ReportSettings",
    "ReportVersion",
    "Restatement",
]
