"""Pages that answer when something went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The page was open too long, or came from elsewhere: nothing was saved, and going back keeps the text."""
    return render(request, "403.html", status=403)
