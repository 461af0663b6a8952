"""A date to keep, as a file that calendars read (RFC 5545)."""

from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event

CONTENT_TYPE = "text/calendar"


def calendar_file(event: Mapping[str, str], *, written_at: datetime) -> str:
    """One day-long event without a reminder of its own, which leaves the day free.

    Args:
        event: `uid`, which stays the same so that a second file replaces the first; `on`, an ISO date; `summary`; and
            `path`, the page of this service to open.
        written_at: when the message was queued, so that the file is the same at each attempt to send it.

    """
    day = Event()
    day.add("uid", f"{event['uid']}@{urlsplit(settings.SITE_URL).hostname}")
    day.add("dtstamp", written_at)
    day.add("dtstart", date.fromisoformat(event["on"]))
    day.add("summary", event["summary"])
    day.add("url", f"{settings.SITE_URL}{event['path']}")
    day.add("transp", "TRANSPARENT")
    calendar = Calendar()
    calendar.add("prodid", "-//Child Journey Audits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(day)
    written: bytes = calendar.to_ical()
    return written.decode()
