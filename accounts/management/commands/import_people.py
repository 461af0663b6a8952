"""`python manage.py import_people FILE.csv [--dry-run] [--json]` (docs/people.md)."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.people_file import LARGEST_FILE
from accounts.people_import import PeopleImported, import_people
from core.errors import RuleViolation


class Command(BaseCommand):
    help = "Brings in people, their services, teams and roles from a CSV file. Safe to run twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.csv", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")

    def handle(self, *_args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            with file.open("rb") as stream:
                content = stream.read(LARGEST_FILE + 1)
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} cannot be read. Check the name and that you may open it.") from error
        try:
            imported = import_people(content, on=timezone.localdate(), dry_run=options["dry_run"])
        except RuleViolation as refusal:
            raise CommandError(refusal.sentence) from refusal
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], **imported.as_json()}))
        else:
            self.tell(imported, dry_run=options["dry_run"])

    def tell(self, imported: PeopleImported, *, dry_run: bool) -> None:
        """The outcome for a person: counts on standard output, rows to look at on standard error."""
        self.stdout.write(
            f"People: {imported.created} added, {imported.updated} changed, {imported.unchanged} unchanged, "
            f"{len(imported.rejected)} rows rejected."
        )
        for what, names in (
            ("Services added", imported.services_created),
            ("Teams added", imported.teams_created),
            ("Teams placed in another service", imported.teams_placed),
        ):
            if names:
                self.stdout.write(f"{what}: {', '.join(names)}.")
        for notice in imported.rejected:
            self.stderr.write(f"Row {notice.row} rejected. {notice.reason}")
        for notice in imported.warnings:
            self.stderr.write(f"Row {notice.row}: {notice.reason}")
        if dry_run:
            self.stdout.write("This was a dry run: nothing was changed.")
        else:
            self.stdout.write("New people set their own password: the sign-in page offers the link by mail.")
