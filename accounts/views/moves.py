"""What the pages that change something share."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django import forms
from django.http import Http404, HttpResponse

from accounts.http import SignedInRequest
from accounts.permissions import can_manage_people
from core.errors import RuleViolation

Arguments = ParamSpec("Arguments")
Outcome = TypeVar("Outcome")
View = Callable[Concatenate[SignedInRequest, Arguments], HttpResponse]


def for_those_who_manage_people(view: View[Arguments]) -> View[Arguments]:
    """The page does not exist for anybody else."""

    @wraps(view)
    def guarded(
        request: SignedInRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponse:
        if not can_manage_people(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def attempt(
    form: forms.Form, service: Callable[..., Outcome], /, *args: Any, **kwargs: Any
) -> Outcome | None:
    """What the service made; None when the rules refuse, and then the form says why and keeps what was typed."""
    try:
        return service(*args, **kwargs)
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        return None
