"""What the beat asks of moderation. Running any of it twice changes nothing."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from moderation.services.calibration import sweep_calibrations as close_calibrations
from moderation.services.calibration_reminders import remind_to_grade
from moderation.services.earned import sweep_moderation_exemptions as sweep_exemptions
from moderation.services.panels import make_panels_ahead
from moderation.services.reminders import send_panel_reminders
from moderation.services.selection import sweep_spot_checks as draw_spot_checks
from moderation.services.tablings import recheck_readings


@shared_task  # type: ignore[untyped-decorator]  # celery ships no types
def sweep_panels(at: str | None = None) -> dict[str, int]:
    """Make the panels of the months ahead, as seen `at` an ISO moment (now)."""
    return {"made": make_panels_ahead(at=_moment(at))}


@shared_task  # type: ignore[untyped-decorator]
def remind_of_panels(at: str | None = None) -> dict[str, int]:
    """See anew who may read what, then chase what panels wait for `at` an ISO moment (now)."""
    moment = _moment(at)
    recheck_readings(at=moment)
    return send_panel_reminders(at=moment)


@shared_task  # type: ignore[untyped-decorator]
def sweep_spot_checks(at: str | None = None) -> dict[str, int]:
    """Draw the spot checks that are due `at` an ISO moment (now), and make final what was not drawn."""
    return draw_spot_checks(at=_moment(at))


@shared_task  # type: ignore[untyped-decorator]
def sweep_moderation_exemptions(at: str | None = None) -> dict[str, int]:
    """End, withdraw and propose earned exemptions, as seen `at` an ISO moment (now)."""
    return sweep_exemptions(at=_moment(at))


@shared_task  # type: ignore[untyped-decorator]
def sweep_calibrations(at: str | None = None) -> dict[str, int]:
    """Close calibration exercises that are over `at` an ISO moment (now), and remind of those that close soon."""
    moment = _moment(at)
    return {"closed": close_calibrations(at=moment), "reminded": remind_to_grade(at=moment)}


def _moment(at: str | None) -> datetime:
    return datetime.fromisoformat(at) if at else timezone.now()
