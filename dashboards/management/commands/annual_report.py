"""annual_report YYYY-YY [--format json] [--out FILE]: the pooled figures of a financial year, and its quarters."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.dates import FinancialYear
from dashboards.figures import figures_of
from dashboards.management.commands._writing import add_options, check_format, write


class Command(BaseCommand):
    help = "Write the pooled figures of a financial year as one JSON document."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", metavar="YYYY-YY", help="the financial year, such as 2024-25")
        add_options(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            year = FinancialYear.parse(options["year"])
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        check_format(options, "annual")
        write(figures_of(year), options, self.stdout, self.stderr)
