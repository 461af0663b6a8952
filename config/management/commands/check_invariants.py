"""`python manage.py check_invariants [--json]`: what must hold across the data; exit 1 where it does not."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from actions import invariants as of_actions
from actions import path_invariants as of_paths
from audits import invariants as of_audits
from dashboards import invariants as of_reports
from moderation import invariants as of_moderation

CHECKS = (
    *of_audits.CHECKS,
    *of_actions.CHECKS,
    *of_paths.CHECKS,
    *of_moderation.CHECKS,
    *of_reports.CHECKS,
)


class Command(BaseCommand):
    help = "Checks what must hold across the data and lists what does not. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")

    def handle(self, *_: Any, **options: Any) -> None:
        found = [(check, list(check.broken())) for check in CHECKS]
        holds = not any(broken for _, broken in found)
        if options["json"]:
            checks = [
                {"name": check.name, "promise": check.promise, "holds": not broken, "broken": broken}
                for check, broken in found
            ]
            self.stdout.write(json.dumps({"holds": holds, "checks": checks}, ensure_ascii=False, indent=2))
        else:
            for check, broken in found:
                self.stdout.write(f"{'holds' if not broken else 'BROKEN'}: {check.promise}")
                for sentence in broken:
                    self.stdout.write(f"  {sentence}")
        if not holds:
            sys.exit(1)
