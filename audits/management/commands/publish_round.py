"""`python manage.py publish_round YYYY-MM`: its auditors see their audits and are told."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audits.enums import RoundStatus
from audits.management.commands._months import month
from audits.models import Round
from audits.services.rounds import publish_round
from core.errors import RuleViolation


class Command(BaseCommand):
    help = "Publishes the draft of a month: allocations become visible and mails queue. Safe to run twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM", type=month)

    def handle(self, *_: Any, **options: Any) -> None:
        draft = Round.objects.filter(month=options["month"]).first()
        if draft is None:
            raise CommandError(f"{options['month']:%B %Y} has not been drawn. Run draw_round first.")
        if draft.status != RoundStatus.DRAFT:
            self.stderr.write(f"{draft} was published on {draft.published_at:%-d %B %Y}. Nothing to do.")
            return
        try:
            published = publish_round(draft, by=None)
        except RuleViolation as refusal:
            raise CommandError(refusal.sentence) from refusal
        allocations = published.allocations.live()
        self.stderr.write(
            f"{published} is published: {allocations.count()} audits, "
            f"{allocations.order_by().values('auditor').distinct().count()} auditors to be told."
        )
