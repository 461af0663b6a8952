"""quarterly_report YYYY-YY Qn [--format json] [--out FILE]: the figures of a quarter."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.dates import Quarter
from dashboards.quarterly import quarterly_report


class Command(BaseCommand):
    help = "Count a quarter and write its figures as one JSON document."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", metavar="YYYY-YY", help="the financial year, such as 2024-25")
        parser.add_argument("quarter", metavar="Qn", help="Q1 is April to June")
        parser.add_argument(
            "--format", default="json", metavar="json", help="how to write it (default: json)"
        )
        parser.add_argument("--out", type=Path, metavar="FILE", help="write to FILE, not to standard output")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            quarter = Quarter.parse(options["year"], options["quarter"])
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["format"] != "json":
            raise CommandError("The quarterly report is written as json only: leave --format out.")
        report = quarterly_report(quarter, at=timezone.now())
        document = json.dumps(report.as_document(), ensure_ascii=False, indent=2)
        if options["out"] is None:
            self.stdout.write(document)
            return
        try:
            options["out"].write_text(f"{document}\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(
                f"The report could not be written to {options['out']}: {error.strerror}."
            ) from error
        self.stderr.write(f"{quarter} was written to {options['out']}.")
