"""Long texts outlive a session: marks for views, and the page that keeps what was typed.

A view marked `keeps_typed` that gets a post it cannot take, because the person was signed out meanwhile or signed in
again, answers with a page that holds all that was typed and posts it to the same address again. Nothing of it is
kept on the server. A view marked `leaves_session_alone` is asked by a script, not by a click, and so does not put
off the end of the session.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

View = TypeVar("View", bound=Callable[..., HttpResponse])


def keeps_typed(view: View) -> View:
    """Mark a view whose form takes long to fill in. Not for forms with files: a page cannot hold them."""
    view.keeps_typed = True  # type: ignore[attr-defined]  # a mark, as Django's login_required is
    return view


def leaves_session_alone(view: View) -> View:
    """Mark a view whose requests do not count as a person's."""
    view.leaves_session_alone = True  # type: ignore[attr-defined]
    return view


def holds_typed(request: HttpRequest, view: Callable[..., Any] | None) -> bool:
    """Whether this request carries what somebody typed into a form that must not lose it."""
    return request.method == "POST" and getattr(view, "keeps_typed", False)


def sent_by_our_page(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent the form. What another site sends is never held up to
    be sent once more.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def page_that_keeps_typed(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """The page that holds all that was typed, with a fresh token. It says nothing of what the address names."""
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    response = render(request, "typed_kept.html", {"typed": typed}, status=status)
    response["Cache-Control"] = "no-store, private"
    return response
