"""What the council aims at, and its performance figures typed in (docs/domain.md, section 10)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.dates import Quarter
from core.errors import RuleViolation
from dashboards.enums import Direction
from dashboards.models import PerformanceFigure, Target
from dashboards.permissions import can_set_targets

ONLY_WRITERS = "The QA lead and the Principal Social Worker set targets and type in figures."


@transaction.atomic
def set_target(
    code: str,
    since: Quarter,
    *,
    percent: int | None,
    direction: str = Direction.AT_LEAST,
    by: User,
    at: datetime | None = None,
) -> Target:
    """Aim at so many percent from a quarter on; without a percentage there is no target from then on.

    A target set before for the same quarter is replaced; reports that are published keep what they printed.

    Raises:
        RuleViolation: `by` may not.

    """
    if not can_set_targets(by):
        raise RuleViolation(ONLY_WRITERS)
    target, _ = Target.objects.update_or_create(
        code=code,
        first_day=since.first_day,
        defaults={
            "percent": percent,
            "direction": direction,
            "set_by": by,
            "set_at": at or timezone.now(),
        },
    )
    return target


@dataclass(frozen=True)
class Typed:
    """What was typed in: so many of so many, or a number with its unit; see PerformanceFigure."""

    quarter: Quarter
    code: str
    name: str
    source: str
    numerator: int | None = None
    denominator: int | None = None
    value: Decimal | None = None
    unit: str = ""


@transaction.atomic
def type_figure(
    typed: Typed, *, by: User, at: datetime | None = None, figure: PerformanceFigure | None = None
) -> PerformanceFigure:
    """Keep a figure of the council's performance dashboard, or change `figure` to it.

    Reports that are published keep what they printed.

    Raises:
        RuleViolation: `by` may not, it is neither or both kinds, more is counted than there is, or the quarter has one
            of that name beside the same measure.

    """
    if not can_set_targets(by):
        raise RuleViolation(ONLY_WRITERS)
    _check(typed)
    others = PerformanceFigure.objects.exclude(pk=figure.pk) if figure else PerformanceFigure.objects.all()
    first_day = typed.quarter.first_day
    if others.filter(first_day=first_day, code=typed.code, name=typed.name).exists():
        raise RuleViolation(
            f"{typed.quarter} has a figure of that name beside this measure. Change that one."
        )
    row = figure or PerformanceFigure()
    row.first_day, row.code, row.name, row.source = first_day, typed.code, typed.name, typed.source
    row.numerator, row.denominator = typed.numerator, typed.denominator
    row.value, row.unit = typed.value, typed.unit
    row.typed_by, row.typed_at = by, at or timezone.now()
    row.save()
    return row


def remove_figure(figure: PerformanceFigure, *, by: User) -> None:
    """Take a figure out that was typed in by mistake. Reports that are published keep it.

    Raises:
        RuleViolation: `by` may not.

    """
    if not can_set_targets(by):
        raise RuleViolation(ONLY_WRITERS)
    figure.delete()


def _check(typed: Typed) -> None:
    is_share = typed.numerator is not None and typed.denominator is not None
    is_value = typed.value is not None and bool(typed.unit)
    has_share = typed.numerator is not None or typed.denominator is not None
    has_value = typed.value is not None or bool(typed.unit)
    if is_share == is_value or (is_share and has_value) or (is_value and has_share):
        raise RuleViolation(
            "Type in how many of how many, or a number with its unit, and leave the other empty."
        )
    if typed.numerator is not None and typed.denominator is not None:
        if not typed.denominator:
            raise RuleViolation("Of how many? Nought of nought says nothing.")
        if typed.numerator > typed.denominator:
            raise RuleViolation("There cannot be more counted than there are. Look at the two numbers again.")
