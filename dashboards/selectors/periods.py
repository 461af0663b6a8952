"""The quarters there is something to report of."""

from audits.enums import RoundStatus
from audits.models import Round
from core.dates import Quarter


def reported_quarters() -> list[Quarter]:
    """Each quarter with a published round, newest first. One query."""
    months = Round.objects.exclude(status=RoundStatus.DRAFT).values_list("month", flat=True)
    return sorted({Quarter.of(month) for month in months}, reverse=True)
