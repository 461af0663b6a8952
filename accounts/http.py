"""Types for views."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request that the sign-in middleware let through: its user is a person."""

    user: User
