"""Pages that answer when something went wrong; Django finds the others by their templates' names."""

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import csrf

from core.typed import holds_typed, page_that_keeps_typed, sent_by_our_page


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A request that could not be read: 413 when there was too much of it, otherwise 400.

    The page is rendered without the request, which may have been refused before anybody knew whose it is.
    """
    too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    status = 413 if too_much else 400
    return HttpResponse(render_to_string(f"{status}.html"), status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is not, or no longer, the browser's: a long one of ours may be sent once more as it is."""
    match = request.resolver_match
    if match and holds_typed(request, match.func) and sent_by_our_page(request):
        return page_that_keeps_typed(request, HTTPStatus.FORBIDDEN)
    return csrf.csrf_failure(request, reason)
