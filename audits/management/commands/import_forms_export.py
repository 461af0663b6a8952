"""`python manage.py import_forms_export FILE.xlsx --mapping FILE.toml [--dry-run] [--json]` (docs/past-audits.md)."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audits.forms_export import FormsExport, read_forms_export, read_mapping
from audits.services.past_audits import import_past_audits
from core.errors import RuleViolation

MOST_MAPPING_BYTES = 1024 * 1024


class Command(BaseCommand):
    help = "Brings in past child journey audits from an export of the form service. Safe to run twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.xlsx", type=Path)
        parser.add_argument(
            "--mapping", metavar="FILE.toml", type=Path, required=True, help="which column holds what"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            export = self.read(options["file"], options["mapping"])
            outcome = import_past_audits(export, by=None, dry_run=options["dry_run"])
        except RuleViolation as refusal:
            raise CommandError(refusal.sentence) from refusal
        told = outcome.as_json()
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **told}))
        else:
            self.stdout.write(
                f"Past audits: {outcome.created} brought in, {outcome.unchanged} were there already, "
                f"{len(outcome.rejected)} rows rejected."
            )
            for what, names in (("auditors", outcome.people_created), ("teams", outcome.teams_created)):
                if names:
                    self.stdout.write(f"New {what}: {', '.join(names)}.")
            if options["dry_run"]:
                self.stdout.write("This was a dry run: nothing was changed.")
        for row in told["rejected"]:
            self.stderr.write(f"Row {row['row']} {row['reason']}.")

    def read(self, file: Path, mapping_file: Path) -> FormsExport:
        for path in (mapping_file, file):
            if not path.is_file():
                raise CommandError(f"{path} cannot be read. Check the name and that you may open it.")
        try:
            if mapping_file.stat().st_size > MOST_MAPPING_BYTES:
                raise CommandError(f"{mapping_file} is no mapping: it is larger than 1 MB.")
            mapping = read_mapping(mapping_file.read_bytes())
            with file.open("rb") as stream:
                return read_forms_export(stream, mapping, today=timezone.localdate())
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
