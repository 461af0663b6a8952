"""The rules every installation starts with (docs/domain.md, section 9). A council changes them on a page."""

from collections.abc import Sequence
from datetime import date

from django.apps.registry import Apps

IN_FORCE_FROM = date(2011, 4, 1)
"""When the Care Planning, Placement and Case Review (England) Regulations 2010 came into force."""

REGULATIONS = "Care Planning, Placement and Case Review (England) Regulations 2010, regulation"
WORKING_TOGETHER = "Working Together to Safeguard Children"
LOCAL = "Local policy: shipped value"

Span = tuple[int, str] | None

SEED: Sequence[tuple[str, Span, Span, Span, int | None, str, bool]] = (
    ("visit_cla", (1, "weeks"), (6, "weeks"), (6, "weeks"), 12, f"{REGULATIONS} 28(2)", True),
    ("visit_cla_to_18", (1, "weeks"), (6, "weeks"), (3, "months"), 12, f"{REGULATIONS} 28(2)", True),
    ("visit_cla_parents", (1, "weeks"), (1, "weeks"), (6, "weeks"), None, f"{REGULATIONS} 28(3)", True),
    ("visit_cla_temporary", (1, "weeks"), (1, "weeks"), (4, "weeks"), None, f"{REGULATIONS} 28(4)", True),
    ("visit_cla_care_order", (1, "weeks"), (6, "weeks"), None, None, f"{REGULATIONS} 28(5)", True),
    ("visit_cp", (10, "working_days"), (10, "working_days"), None, None, LOCAL, False),
    ("visit_cin", (20, "working_days"), (20, "working_days"), None, None, LOCAL, False),
    ("review_cla", (20, "working_days"), (3, "months"), (6, "months"), None, f"{REGULATIONS} 33", True),
    ("iro_contact", None, None, None, None, f"{REGULATIONS} 36(1)", True),
    ("rag", (5, "working_days"), None, None, None, LOCAL, False),
    ("icpc", (15, "working_days"), None, None, None, WORKING_TOGETHER, True),
    ("rcpc", (3, "months"), (6, "months"), None, None, WORKING_TOGETHER, True),
    (
        "core_group",
        (10, "working_days"),
        (6, "weeks"),
        None,
        None,
        f"{WORKING_TOGETHER} (the first); local policy, shipped value (then)",
        True,
    ),
    ("assessment", (45, "working_days"), None, None, None, WORKING_TOGETHER, True),
    ("annual_assessment", (12, "months"), (12, "months"), None, None, LOCAL, False),
    ("supervision", (1, "months"), (1, "months"), None, None, LOCAL, False),
)
"""Duty; first, following and later interval; months after which the later applies; source; whether it is law."""


def install_seed_rules(apps: Apps) -> None:
    """Add the first version of each duty's rule where there is none. Running it twice changes nothing."""
    rules = apps.get_model("audits", "TimescaleRule")
    there = set(rules.objects.values_list("duty", flat=True))
    rules.objects.bulk_create(
        rules(
            duty=duty,
            starts_on=IN_FORCE_FROM,
            later_after=later_after,
            source=source,
            is_law=is_law,
            **_columns("first", first),
            **_columns("following", following),
            **_columns("later", later),
        )
        for duty, first, following, later, later_after, source, is_law in SEED
        if duty not in there
    )


def _columns(part: str, span: Span) -> dict[str, int | str | None]:
    count, unit = span or (None, "")
    return {f"{part}_count": count, f"{part}_unit": unit}
