"""What the two report commands share: their options, and writing one document."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from dashboards.figures import Report


def add_options(parser: CommandParser) -> None:
    parser.add_argument("--format", default="json", metavar="json", help="how to write it (default: json)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write to FILE, not to standard output")


def check_format(options: dict[str, Any], name: str) -> None:
    """Refuse what cannot be written before anything is counted."""
    if options["format"] != "json":
        raise CommandError(f"The {name} report is written as json only: leave --format out.")


def write(report: Report, options: dict[str, Any], stdout: OutputWrapper, stderr: OutputWrapper) -> None:
    """Write the report to standard output and nothing else, or to the file and say so."""
    document = json.dumps(report.as_document(), ensure_ascii=False, indent=2)
    if options["out"] is None:
        stdout.write(document)
        return
    try:
        options["out"].write_text(f"{document}\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"The report could not be written to {options['out']}: {error.strerror}."
        ) from error
    stderr.write(f"{report.period} was written to {options['out']}.")
