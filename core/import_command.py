"""What the commands share that bring in a council's own workbook with a mapping file."""

import json
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import RuleViolation
from core.mapped_rows import Imported

MOST_MAPPING_BYTES = 1024 * 1024


class ImportCommand(BaseCommand):
    """FILE.xlsx --mapping FILE.toml [--dry-run] [--json]; rejected rows are listed on the error output."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.xlsx", type=Path)
        parser.add_argument(
            "--mapping", metavar="FILE.toml", type=Path, required=True, help="which column holds what"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")

    def bring_in(self, file: BinaryIO, mapping: bytes, *, dry_run: bool) -> Imported:
        """Read both files and bring the rows in."""
        raise NotImplementedError

    def sentences(self, outcome: Any) -> list[str]:
        """What a person reads of it."""
        raise NotImplementedError

    def handle(self, *_args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        outcome = self._read(options["file"], options["mapping"], dry_run=dry_run)
        told = outcome.as_json()
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": dry_run, **told}))
        else:
            for sentence in self.sentences(outcome):
                self.stdout.write(sentence)
            if dry_run:
                self.stdout.write("This was a dry run: nothing was changed.")
        for row in told["rejected"]:
            self.stderr.write(f"Row {row['row']} {row['reason']}.")

    def _read(self, file: Path, mapping_file: Path, *, dry_run: bool) -> Imported:
        for path in (mapping_file, file):
            if not path.is_file():
                raise CommandError(f"{path} cannot be read. Check the name and that you may open it.")
        try:
            if mapping_file.stat().st_size > MOST_MAPPING_BYTES:
                raise CommandError(f"{mapping_file} is no mapping: it is larger than 1 MB.")
            mapping = mapping_file.read_bytes()
            with file.open("rb") as stream:
                return self.bring_in(stream, mapping, dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        except RuleViolation as refusal:
            raise CommandError(refusal.sentence) from refusal
