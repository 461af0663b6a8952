"""`python manage.py import_forms_export FILE.xlsx --mapping FILE.toml [--dry-run] [--json]` (docs/past-audits.md)."""

from typing import BinaryIO

from django.utils import timezone

from audits.forms_export import read_forms_export, read_mapping
from audits.services.past_audits import PastAuditsImported, import_past_audits
from core.import_command import ImportCommand


class Command(ImportCommand):
    help = "Brings in past child journey audits from an export of the form service. Safe to run twice."

    def bring_in(self, file: BinaryIO, mapping: bytes, *, dry_run: bool) -> PastAuditsImported:
        export = read_forms_export(file, read_mapping(mapping), today=timezone.localdate())
        return import_past_audits(export, by=None, dry_run=dry_run)

    def sentences(self, outcome: PastAuditsImported) -> list[str]:
        counts = (
            f"Past audits: {outcome.created} brought in, {outcome.unchanged} were there already, "
            f"{len(outcome.rejected)} rows rejected."
        )
        made = (("auditors", outcome.people_created), ("teams", outcome.teams_created))
        return [counts, *(f"New {what}: {', '.join(names)}." for what, names in made if names)]
