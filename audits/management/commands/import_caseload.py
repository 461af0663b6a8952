"""`python manage.py import_caseload FILE.xlsx [--as-at DATE] [--dry-run] [--json]` (docs/caseload.md)."""

import argparse
import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audits.annex_a import Caseload, read_caseload
from audits.services.caseload import import_caseload, plan_import
from core.errors import RuleViolation


def iso_date(text: str) -> date:
    """For argparse: a day written as 2026-10-31."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("write the date as YYYY-MM-DD, such as 2026-10-31") from error


class Command(BaseCommand):
    help = "Brings the caseload up to date from lists 6 to 9 of an Annex A workbook. Safe to run twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.xlsx", type=Path)
        parser.add_argument(
            "--as-at",
            metavar="DATE",
            type=iso_date,
            help="the day the workbook was exported, as YYYY-MM-DD; today where it is left out",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            caseload = self.read(options["file"], options["as_at"] or timezone.localdate())
            dry_run = options["dry_run"]
            counts = plan_import(caseload).counts() if dry_run else import_caseload(caseload, by=None).counts
        except RuleViolation as refusal:
            raise CommandError(refusal.sentence) from refusal
        if options["json"]:
            rejected = [asdict(row) for row in caseload.rejected]
            self.stdout.write(json.dumps({"dry_run": dry_run, **counts, "rejected": rejected}))
        else:
            self.tell(counts, dry_run=dry_run)
        for sentence in counts["notes"]:
            self.stderr.write(sentence)
        for row in caseload.rejected:
            child = f", child {row.child}" if row.child else ""
            self.stderr.write(f"{row.sheet}, row {row.row}{child}: {row.reason}")

    def read(self, file: Path, as_at: date) -> Caseload:
        try:
            with file.open("rb") as stream:
                return read_caseload(stream, as_at)
        except OSError as error:
            raise CommandError(f"{file} cannot be read. Check the name and that you may open it.") from error

    def tell(self, counts: dict[str, Any], *, dry_run: bool) -> None:
        """The outcome for a person."""
        self.stdout.write(
            f"Caseload as at {date.fromisoformat(counts['as_at']):%-d %B %Y}. Open children: "
            f"{counts['open_children']}. New {counts['created']}, changed {counts['updated']}, unchanged "
            f"{counts['unchanged']}, closed {counts['closed']}. Rows rejected: {counts['rejected']}."
        )
        if counts["new_teams"]:
            self.stdout.write(f"New teams, to be placed in a service: {', '.join(counts['new_teams'])}.")
        if dry_run:
            self.stdout.write("This was a dry run: nothing was changed.")
