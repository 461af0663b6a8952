"""`python manage.py export_tool CODE [--number N] [--out FILE]`: one version of an audit tool as TOML."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audits.models import ToolVersion
from audits.tool_facts import tool_file_of
from audits.tool_toml import write_tool


class Command(BaseCommand):
    help = (
        "Prints a version of an audit tool as TOML: the published one, or the newest when none is published."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", metavar="CODE", help="the tool's code, such as cla")
        parser.add_argument("--number", type=int, metavar="N", help="another version than the published one")
        parser.add_argument("--out", type=Path, metavar="FILE", help="write it there instead of printing it")

    def handle(self, *_: Any, **options: Any) -> None:
        versions = ToolVersion.objects.select_related("tool").filter(tool__code=options["code"])
        if options["number"] is None:
            version = versions.published().first() or versions.order_by("-number").first()
        else:
            version = versions.filter(number=options["number"]).first()
        if version is None:
            raise CommandError(f"There is no such version of a tool with the code {options['code']}.")
        content = write_tool(tool_file_of(version))
        if options["out"] is None:
            self.stdout.write(content, ending="")
            return
        try:
            options["out"].write_text(content, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error.strerror}.") from error
        self.stderr.write(f"{version} is in {options['out']}.")
