"""quarterly_report YYYY-YY Qn [--format json|docx|xlsx|pdf] [--board] [--out FILE]: the report of a quarter."""

from typing import Any

from django.core.management.base import CommandParser

from core.dates import Quarter
from dashboards.management.reporting import ReportCommand


class Command(ReportCommand):
    help = "Write the figures of a quarter as one JSON document, or its report as a file."

    def add_period(self, parser: CommandParser) -> None:
        parser.add_argument("quarter", metavar="Qn", help="Q1 is April to June")

    def period(self, options: dict[str, Any]) -> Quarter:
        return Quarter.parse(options["year"], options["quarter"])
