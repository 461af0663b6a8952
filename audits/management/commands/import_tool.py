"""`python manage.py import_tool FILE.toml [--dry-run] [--json]`: an audit tool from a file, as a draft."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audits.services.tool_drafts import import_tool
from audits.tool_toml import LARGEST_FILE, read_tool
from core.errors import RuleViolation


class Command(BaseCommand):
    help = (
        "Brings an audit tool in as a draft, with every check that its pages make. The QA lead sends it for approval; "
        "nothing changes for auditors before that."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.toml", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check the file and save nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            with options["file"].open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        try:
            with transaction.atomic():
                version = import_tool(read_tool(content), by=None)
                made = {
                    "tool": version.tool.code,
                    "number": version.number,
                    "questions": version.questions.count(),
                    "dry_run": options["dry_run"],
                }
                transaction.set_rollback(options["dry_run"])
        except RuleViolation as refusal:
            raise CommandError(refusal.sentence) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(made))
        elif options["dry_run"]:
            self.stdout.write(f"{version} could be imported. This was a dry run: nothing was saved.")
        else:
            self.stdout.write(
                f"{version} is a draft. The QA lead looks through it and sends it for approval."
            )
