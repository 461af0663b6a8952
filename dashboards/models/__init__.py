"""The records of the reports, by noun."""

from dashboards.models.frozen import FrozenAllocation, QuarterRollUp, QuarterSummary, Restatement
from dashboards.models.settings import ReportSettings

__all__ = ["FrozenAllocation", "QuarterRollUp", "QuarterSummary", "ReportSettings", "Restatement"]
