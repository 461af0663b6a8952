"""What quarterly_report and annual_report share: the formats, the file, and the sentences of refusal."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import RuleViolation
from dashboards.documents import contents_to_save, working_copy
from dashboards.enums import ReportEdition, ReportFile
from dashboards.figures import Period
from dashboards.files import file_of

FORMATS = ("json", *ReportFile.values)


class ReportCommand(BaseCommand):
    """Writes the report of a period: its figures as JSON, or the document as a file."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", metavar="YYYY-YY", help="the financial year, such as 2024-25")
        self.add_period(parser)
        parser.add_argument(
            "--format", default="json", choices=FORMATS, help="how to write it (default: json)"
        )
        parser.add_argument(
            "--board",
            action="store_true",
            help="the edition without identifiers and small numbers; not for json",
        )
        parser.add_argument(
            "--out", type=Path, metavar="FILE", help="write to FILE; only json can do without"
        )

    def add_period(self, parser: CommandParser) -> None:
        """Arguments that say which part of the year."""

    def period(self, options: dict[str, Any]) -> Period:
        """The period asked for; ValueError with a sentence for wrong usage."""
        raise NotImplementedError

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            period = self.period(options)
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        kind, out, now = options["format"], options["out"], timezone.now()
        if kind == "json" and options["board"]:
            raise CommandError(
                "The Board's edition is a docx, xlsx or pdf file; json is whole.", returncode=2
            )
        if kind != "json" and out is None:
            raise CommandError(f"Say with --out where to write the {kind} file.", returncode=2)
        if kind == "json":
            figures = working_copy(period, None, at=now).as_document()
            document = json.dumps(figures, ensure_ascii=False, indent=2)
            if out is None:
                self.stdout.write(document)
                return
            content = f"{document}\n".encode()
        else:
            edition = ReportEdition.BOARD if options["board"] else ReportEdition.WHOLE
            try:
                content = file_of(contents_to_save(period, edition, at=now), kind)
            except RuleViolation as refusal:
                raise CommandError(refusal.sentence) from refusal
        try:
            out.write_bytes(content)
        except OSError as error:
            raise CommandError(f"The report could not be written to {out}: {error.strerror}.") from error
        self.stderr.write(f"{period} was written to {out}.")
