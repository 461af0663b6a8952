"""The beat table: what runs, and how often. UTC, and nothing between 23:00 and 02:00 that looks at a date.

Every job means "see what is due", never "do today's", so that a beat which was off for days catches up by itself
and two beats do nothing twice. `run_due_jobs` makes one pass of all of them.
"""

from dataclasses import dataclass
from datetime import timedelta

from celery.schedules import crontab


@dataclass(frozen=True)
class Job:
    """One line of the table.

    Attributes:
        name: what `run_due_jobs --json` calls it.
        task: the Celery task; it takes an ISO moment and returns counts.
        schedule: how often the beat asks for it.

    """

    name: str
    task: str
    schedule: timedelta | crontab


JOBS = (
    Job("remind_of_audits", "audits.tasks.remind_of_audits", crontab(minute="10", hour="7-17")),
    Job("sweep_panels", "moderation.tasks.sweep_panels", crontab(hour="4", minute="20")),
    Job("remind_of_panels", "moderation.tasks.remind_of_panels", crontab(minute="20", hour="7-17")),
    Job("remind_of_follow_up", "actions.tasks.remind_of_follow_up", crontab(minute="30", hour="7-17")),
    Job("send_tracker", "actions.tasks.send_tracker", crontab(minute="0", hour="6-17")),
    Job("escalate_overdue", "actions.tasks.escalate_overdue", crontab(minute="40", hour="7-17")),
    Job("sweep_spot_checks", "moderation.tasks.sweep_spot_checks", crontab(minute="20", hour="5")),
    Job(
        "sweep_moderation_exemptions",
        "moderation.tasks.sweep_moderation_exemptions",
        crontab(minute="30", hour="5"),
    ),
    Job("sweep_calibrations", "moderation.tasks.sweep_calibrations", crontab(minute="40", hour="5")),
    Job("sweep_concerns", "audits.tasks.sweep_concerns", timedelta(minutes=1)),
    Job("roll_up_quarters", "dashboards.tasks.roll_up_quarters", crontab(hour="4", minute="40")),
    Job("drain_outbox", "notifications.tasks.drain_outbox", timedelta(seconds=30)),
    Job("sweep_sessions", "config.tasks.sweep_sessions", crontab(hour="3", minute="40")),
)

EXPIRES_SECONDS = 60
"""A call that waited longer is dropped: a later one has been made, and a broker that was away does not flood."""
