"""`python manage.py import_actions FILE.xlsx --mapping FILE.toml [--dry-run] [--json]` (docs/past-actions.md)."""

from typing import BinaryIO

from django.utils import timezone

from actions.services.tracker_import import ActionsImported, import_actions
from actions.tracker_file import read_mapping, read_tracker
from core.import_command import ImportCommand


class Command(ImportCommand):
    help = (
        "Brings in actions from the spreadsheet that the council tracked them in before. Safe to run twice."
    )

    def bring_in(self, file: BinaryIO, mapping: bytes, *, dry_run: bool) -> ActionsImported:
        tracker = read_tracker(file, read_mapping(mapping), today=timezone.localdate())
        return import_actions(tracker, by=None, dry_run=dry_run)

    def sentences(self, outcome: ActionsImported) -> list[str]:
        counts = (
            f"Actions: {outcome.created} brought in, {outcome.unchanged} were there already, "
            f"{len(outcome.rejected)} rows rejected."
        )
        if not outcome.children_left_out:
            return [counts]
        return [
            counts,
            f"Of {outcome.children_left_out} the child is not known here: its case number was not kept.",
        ]
