"""Sessions that end, records that are not cached, addresses that cannot be, refusals that read well."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from core.errors import RuleViolation
from core.typed import holds_typed, page_that_keeps_typed

GetResponse = Callable[[HttpRequest], HttpResponse]
SIGNED_IN_AT = "signed_in_at"


class IdleSessionMiddleware(SessionMiddleware):
    """Sessions that end 30 minutes after a person's last request; those of a script that saves do not count."""

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object) -> None:
        request.leaves_session_alone = getattr(view, "leaves_session_alone", False)  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = request.session
        if getattr(request, "leaves_session_alone", False) and not (session.modified or session.is_empty()):
            return response
        return super().process_response(request, response)


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends strangers to sign in, but keeps what somebody typed who was signed out while typing."""

    def handle_no_permission(  # type: ignore[override]  # a redirect, or the page that keeps what was typed
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        if holds_typed(request, view_func):
            return page_that_keeps_typed(request, HTTPStatus.UNAUTHORIZED)
        return super().handle_no_permission(request, view_func)


class AbsoluteSessionAgeMiddleware:
    """Signs a person out SESSION_ABSOLUTE_AGE seconds after signing in, however busy they are.

    A session that does not say when it began has ended.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            age = timezone.now().timestamp() - request.session.get(SIGNED_IN_AT, 0)
            if age > settings.SESSION_ABSOLUTE_AGE:
                logout(request)
        return self.get_response(request)


class NoStoreMiddleware:
    """Keeps every page of a signed-in person out of caches, the browser's own included."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            response["Cache-Control"] = "no-store, private"
        return response


class NulInAddressMiddleware:
    """Nothing has a NUL in its address: no page, and no question to PostgreSQL, which answers it with an error."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        if "\0" in request.path:
            raise Http404


class RefusalMiddleware:
    """Shows a refused move that no page caught: its sentence on a page of its own, as 409 Conflict."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RuleViolation):
            return None
        return render(request, "409.html", {"sentence": exception.sentence}, status=409)
