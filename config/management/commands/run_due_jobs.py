"""One pass of everything the beat schedule would do, for a machine without a beat or to catch up by hand."""

import argparse
import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.module_loading import import_string

from config.schedule import JOBS


def moment(text: str) -> datetime:
    """Read an ISO moment, such as 2026-11-21T09:00 (London) or 2026-11-21T09:00Z."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            "write the time like 2026-11-21T09:00 or 2026-11-21T09:00Z"
        ) from error
    return read if timezone.is_aware(read) else timezone.make_aware(read)


class Command(BaseCommand):
    help = "Does once what the beat schedule would have done by now, or by another moment. Safe to run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", type=moment, help="an ISO time; without a zone it is London's")
        parser.add_argument("--json", action="store_true", help="print one JSON document: job -> counts")

    def handle(self, *_: Any, **options: Any) -> None:
        at: datetime = options["at"] or timezone.now()
        counts: dict[str, dict[str, int]] = {}
        failed = []
        for job in JOBS:
            try:
                counts[job.name] = import_string(job.task)(at.isoformat())
            except Exception as error:  # noqa: BLE001 - one job's trouble must not stop the others
                failed.append(job.name)
                self.stderr.write(f"{job.name}: {type(error).__name__}: {error}")
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            for name, numbers in counts.items():
                words = ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in numbers.items())
                self.stderr.write(f"{name}: {words}")
        if failed:
            raise CommandError(
                f"These jobs failed and are tried again at the next pass: {', '.join(failed)}."
            )
