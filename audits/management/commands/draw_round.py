"""`python manage.py draw_round YYYY-MM [--cjas N] [--seed N] [--dry-run] [--json]` (docs/domain.md, section 6)."""

import argparse
import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audits.enums import RoundStatus
from audits.management.commands._months import month
from audits.models import Round
from audits.models.programme import MOST_CJAS
from audits.services.rounds import RoundPlan, draw_round, plan_round
from core.errors import RuleViolation

SEED_LIMIT = 2**63


def wanted(text: str) -> int:
    """How many audits: at least one, and no more than a round can hold."""
    if not text.isdecimal() or not 1 <= int(text) <= MOST_CJAS:
        raise argparse.ArgumentTypeError(f"write a whole number from 1 to {MOST_CJAS}")
    return int(text)


def seed(text: str) -> int:
    """Any whole number that the round's row can hold."""
    number = int(text)
    if not -SEED_LIMIT <= number < SEED_LIMIT:
        raise argparse.ArgumentTypeError("write a smaller whole number")
    return number


class Command(BaseCommand):
    help = (
        "Draws the child journey audits of a month at random and keeps them as a draft to review and publish. "
        "A draft stays as it is, swaps and all, unless --seed or another number of audits asks for a new draw."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM", type=month)
        parser.add_argument("--cjas", type=wanted, metavar="N", help="how many audits (default: the setting)")
        parser.add_argument("--seed", type=seed, metavar="N", help="repeat a draw (default: a random seed)")
        parser.add_argument("--dry-run", action="store_true", help="say what would be drawn and save nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            plan = self.plan(options)
        except RuleViolation as refusal:
            raise CommandError(refusal.sentence) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(as_document(plan), ensure_ascii=False, indent=2))
            return
        self.stdout.write(
            f"{options['month']:%B %Y}: {len(plan.allocations)} audits drawn with seed {plan.seed} for "
            f"{len({row.auditor_id for row in plan.allocations})} auditors, {len(plan.not_covered)} not covered."
        )
        if plan.others:
            self.stdout.write(f"Dip samples and observations for the other auditors: {len(plan.others)}.")
        for gap in plan.not_covered:
            self.stderr.write(f"{gap['what']}: {gap['why']}")
        if options["dry_run"]:
            self.stdout.write("This was a dry run: nothing was saved.")
        else:
            self.stdout.write("Nobody has been told. Review the draft, then publish it with publish_round.")

    def plan(self, options: dict[str, Any]) -> RoundPlan:
        """The draft that is there, when nothing new is asked for; otherwise a new draw, saved or not."""
        draft = Round.objects.filter(month=options["month"], status=RoundStatus.DRAFT).first()
        draws = {name: options[name] for name in ("cjas", "seed")}
        if draft and draws["seed"] is None and draws["cjas"] in (None, draft.cjas_wanted):
            self.stderr.write(f"{draft} is drawn already. Give --seed to draw it again.")
            return RoundPlan.of(draft)
        if options["dry_run"]:
            return plan_round(options["month"], **draws)
        return RoundPlan.of(draw_round(options["month"], by=None, **draws))


def as_document(plan: RoundPlan) -> dict[str, Any]:
    """The draw as the JSON that other programs read."""
    return {
        "seed": plan.seed,
        "allocations": [
            {
                "reference": row.reference,
                "child": str(row.child),
                "pathway": row.pathway,
                "team": str(row.team),
                "auditor": row.auditor.email,
                "because": " ".join(row.because.splitlines()),
            }
            for row in plan.allocations
        ],
        "others": [
            {"reference": row.reference, "kind": row.kind, "auditor": row.auditor.email}
            for row in plan.others
        ],
        "not_covered": plan.not_covered,
        "load": dict(sorted(Counter(row.auditor.email for row in plan.allocations).items())),
    }
