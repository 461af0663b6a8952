"""Pages that answer when something went wrong; Django finds the others by their templates' names."""

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A request that could not be read: 413 when there was too much of it, otherwise 400.

    The page is rendered without the request, which may have been refused before anybody knew whose it is.
    """
    too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    status = 413 if too_much else 400
    return HttpResponse(render_to_string(f"{status}.html"), status=status)
