"""seed_demo: fill an empty database with a council that does not exist."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from config.demo.seed import make_council


class Command(BaseCommand):
    help = (
        "Fill an empty database with a believable council of its own making. Run twice, it changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", type=float, default=1.0, help="1 is 1,600 open children")
        parser.add_argument("--seed", type=int, default=2026, help="the same seed gives the same council")
        parser.add_argument("--months", type=int, default=12, help="months of audits before this one")

    def handle(self, *, scale: float, seed: int, months: int, **_: Any) -> None:
        if not settings.DEMONSTRATION_ALLOWED:
            raise CommandError(
                "These are production settings: demonstration people, whose password is public, stay out."
            )
        if not 0 < scale <= 20 or not 1 <= months <= 120:
            raise CommandError("Choose a scale above 0 and up to 20, and 1 to 120 months.", returncode=2)
        if User.objects.exists():
            self.stderr.write("There are people in this database already, so nothing was added.")
            return
        made = make_council(
            scale=scale, seed=seed, months=months, at=timezone.now(), progress=self.stderr.write
        )
        self.stdout.write(
            f"{made.children} open children, {made.rounds} rounds, {made.submitted} submitted audits."
        )
