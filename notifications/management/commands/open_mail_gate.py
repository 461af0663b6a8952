"""Lets a restored or moved installation send mail again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from notifications.services import take_over_mail


class Command(BaseCommand):
    help = (
        "Lets this installation send mail after its database was restored or moved. "
        "Never run it on a copy made for a test."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--discard-queued",
            action="store_true",
            help="set aside what was waiting when the backup was made: it may have been sent since",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        discarded = take_over_mail(discard_queued=options["discard_queued"])
        self.stderr.write(f"This installation now sends the mail. Waiting messages set aside: {discarded}.")
