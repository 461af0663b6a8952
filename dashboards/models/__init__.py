"""The records of reports, by noun."""

from dashboards.models.report import (
    ExportRecord,
    ReportDocument,
    ReportMove,
    ReportSection,
    ReportVersion,
)

__all__ = ["ExportRecord", "ReportDocument", "ReportMove", "ReportSection", "ReportVersion"]
