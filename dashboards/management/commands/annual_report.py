"""annual_report YYYY-YY [--format json|docx|xlsx|pdf] [--board] [--out FILE]: the report of a financial year."""

from typing import Any

from core.dates import FinancialYear
from dashboards.management.reporting import ReportCommand


class Command(ReportCommand):
    help = "Write the pooled figures of a year as one JSON document, or its report as a file."

    def period(self, options: dict[str, Any]) -> FinancialYear:
        return FinancialYear.parse(options["year"])
