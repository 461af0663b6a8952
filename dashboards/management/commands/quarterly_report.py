"""quarterly_report YYYY-YY Qn [--format json] [--out FILE]: the figures of a quarter."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.dates import Quarter
from dashboards.figures import figures_of
from dashboards.management.commands._writing import add_options, check_format, write


class Command(BaseCommand):
    help = "Write the figures of a quarter as one JSON document."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", metavar="YYYY-YY", help="the financial year, such as 2024-25")
        parser.add_argument("quarter", metavar="Qn", help="Q1 is April to June")
        add_options(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            quarter = Quarter.parse(options["year"], options["quarter"])
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        check_format(options, "quarterly")
        write(figures_of(quarter), options, self.stdout, self.stderr)
