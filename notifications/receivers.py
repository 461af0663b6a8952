"""What happens below this app that somebody must be told of."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from accounts.signals import password_link_asked
from notifications.services import queue_message


@receiver(password_link_asked)
def send_password_link(person: User, **_: Any) -> None:
    """Queue a mail with a link to set a password: one for each minute, however often it is asked for."""
    queue_message(
        "accounts.password_link",
        to=person,
        subject_key=str(person.pk),
        period=f"{timezone.now():%Y-%m-%dT%H:%MZ}",
    )
