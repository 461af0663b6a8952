"""Reminding those who have not graded a calibration exercise that closes soon."""

from datetime import datetime

from moderation.services.calibration import exercises_to_remind
from notifications.services import queue_message


def remind_to_grade(*, at: datetime) -> int:
    """Queue one mail to each who has not graded all of an exercise that closes soon. Twice is once.

    Returns:
        How many were queued.

    """
    queued = 0
    for exercise, people in exercises_to_remind(at=at).items():
        context = {"reference": exercise.reference, "closes_on": f"{exercise.closes_on:%-d %B %Y}"}
        for person in people:
            queued += queue_message(
                "moderation.calibration_reminder",
                to=person,
                subject_key=exercise.reference,
                context=context,
            )
    return queued
