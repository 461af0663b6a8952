"""What happens when somebody signs in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from core.middleware import SIGNED_IN_AT


@receiver(user_logged_in)
def note_the_moment(request: HttpRequest, **kwargs: Any) -> None:  # noqa: ARG001 - Django's signature
    """Starts the session's absolute age, which AbsoluteSessionAgeMiddleware ends."""
    request.session[SIGNED_IN_AT] = timezone.now().timestamp()
