"""What auditors who got no child found: dip samples and observations, handed in month by month."""

import random
import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from audits.enums import AllocationKind
from audits.models import Round
from audits.services.activities import ActivityContent, hand_in_activity
from config.demo.times import working_hour
from core.dates import add_working_days, london_date

HANDED_IN = 0.85
"""The share of a month's dip samples and observations that come in."""


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "activities.toml").read_text(encoding="utf-8"))


def hand_in_activities(round_: Round, *, seed: int, at: datetime) -> None:
    """Most of the month's dip samples and observations come in up to the moment `at`, before and after it ends."""
    rng = random.Random(f"{seed} activities {round_.month}")  # noqa: S311 - a story, not a secret
    rows = round_.allocations.other_kinds().outstanding().select_related("auditor").order_by("reference")
    found = {kind: rng.sample(told, len(told)) for kind, told in _told().items()}
    for number, row in enumerate(rows):
        day = round_.month + timedelta(days=rng.randint(6, 34))
        handed_in_at = working_hour(rng, day)
        words = found[row.kind][number % len(found[row.kind])]
        good, better, files = rng.choice(words["good"]), rng.choice(words["better"]), rng.randint(3, 12)
        if rng.random() > HANDED_IN or handed_in_at >= at:
            continue
        content = ActivityContent(
            held_on=add_working_days(london_date(handed_in_at), -rng.randint(1, 4)),
            looked_at=words["looked_at"],
            good=good,
            better=better,
            setting=words.get("setting", ""),
            files_read=files if row.kind == AllocationKind.DIP_SAMPLE else None,
        )
        hand_in_activity(row, content, by=row.auditor, at=handed_in_at)
