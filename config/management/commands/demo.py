"""demo: what `python3 bootstrap.py run` runs."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import User
from config.demo.council import PASSWORD, sign_ins


class Command(BaseCommand):
    help = (
        "Show the product on this machine: migrate, fill an empty database, say who can sign in, and serve."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--scale", type=float, default=1.0, help="of the demonstration council, when it is made"
        )
        parser.add_argument("--months", type=int, default=12, help="of audits before this one")
        parser.add_argument("--no-serve", action="store_true", help="prepare everything, then stop")

    def handle(self, *, port: int, scale: float, months: int, no_serve: bool, **_: Any) -> None:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0)
        if not User.objects.exists():
            self.stdout.write("Making a council that does not exist. It takes about a minute, this once.")
            call_command("seed_demo", scale=scale, months=months, stdout=self.stdout, stderr=self.stderr)
        self.stdout.write(
            f"\nOpen http://127.0.0.1:{port}/ and sign in as one of these, with the password {PASSWORD}\n"
        )
        for role, person in sign_ins(timezone.localdate()):
            self.stdout.write(f"  {role.label:<26}{person.email}")
        self.stdout.write("\nMails are not sent: they are shown at /dev/mail/. Stop with Ctrl-C.\n")
        self.stdout.flush()  # who reads it through a pipe must not wait for the server to stop
        if not no_serve:
            call_command("runserver", f"127.0.0.1:{port}", use_reloader=False)
