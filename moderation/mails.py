"""What mails say of a panel or an outcome: references, days, counts and a link; nothing of what is on the table."""

from typing import Any

from django.urls import reverse

from moderation.models import Outcome, Panel


def of_panel(panel: Panel, *, page: str = "moderation:panel_detail") -> dict[str, Any]:
    """Where and when; the place is on the page, since it may be a link of another service."""
    return {
        "panel": panel.reference,
        "meets_on": f"{panel.meets_on:%-d %B %Y}",
        "meets_at": f"{panel.meets_at:%H:%M}" if panel.meets_at else "",
        "path": reverse(page, args=(panel.reference,)),
    }


def day_to_keep(panel: Panel, person: int) -> dict[str, str]:
    """The panel's day for the recipient's calendar; the same event when the day moves."""
    at = f" at {panel.meets_at:%H:%M}" if panel.meets_at else ""
    return {
        "uid": f"{panel.reference}-{person}",
        "on": f"{panel.meets_on:%Y-%m-%d}",
        "summary": f"Moderation panel{at}",
        "path": reverse("moderation:panel_detail", args=(panel.reference,)),
    }


def of_outcome(outcome: Outcome) -> dict[str, Any]:
    """The audit's reference and the page; no grade."""
    return {
        "audit": outcome.decision.tabling.audit.allocation.reference,
        "path": reverse("moderation:outcome_detail", args=(outcome.pk,)),
    }
