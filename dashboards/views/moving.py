"""The way on of a report or a learning brief: what its button and its page say, and what is done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.contrib import messages

from accounts.http import SignedInRequest
from accounts.models import User
from core.errors import RuleViolation
from core.forms import GovForm
from dashboards.models import LearningBrief, ReportDocument

W = TypeVar("W", ReportDocument, LearningBrief)


@dataclass(frozen=True)
class Move(Generic[W]):
    """One way on."""

    label: str
    explains: str
    done: str
    form: type[GovForm]
    may: Callable[[User, W], bool]
    act: Callable[[W, User, GovForm], object]

    def attempt(self, request: SignedInRequest, written: W) -> GovForm | None:
        """Do what was posted and say so: None. Else the form, with what hinders it."""
        form = self.form(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return form
        try:
            self.act(written, request.user, form)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
            return form
        messages.success(request, self.done)
        return None
