"""The health check of the worker's and the beat's container."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from notifications.models import Heartbeat


class Command(BaseCommand):
    requires_system_checks = []  # a container asks every minute
    help = "Exits 0 when the worker or the beat was alive in the last three minutes, else 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=("worker", "beat"))

    def handle(self, *_: Any, **options: Any) -> None:
        silence = Heartbeat.silence(options["name"], at=timezone.now())
        if silence is None or silence > Heartbeat.SILENT_AFTER:
            raise CommandError(f"The {options['name']} has shown no sign of life for three minutes.")
