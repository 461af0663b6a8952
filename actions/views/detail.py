"""One action: what it says, everything that happened to it, and what its reader may do next."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.http import SignedInRequest
from actions.enums import TO_BE_DONE, ActionMoveKind
from actions.finding_facts import subject_of
from actions.forms import (
    ActionMoveForm,
    AssignForm,
    CheckForm,
    DecideForm,
    PauseForm,
    UpdateForm,
    may_be_updated,
)
from actions.models import Action
from actions.moves import MOVES
from actions.permissions import (
    can_assign_action,
    can_decide_cancellation,
    can_pause_escalation,
    can_see_child_of,
    can_update_action,
    can_verify_action,
)
from actions.selectors import due_of, history_of
from actions.views.moving import moved
from audits.models import Audit
from audits.selectors import action_owners_in_words, closures
from core.typed import keeps_typed

HEADINGS = {
    "update": "Update it",
    "check": "Verify it, or send it back",
    "decide": "Decide on the cancellation",
    "assign": "Give it to another owner",
    "pause": "Pause the escalation",
}
BUTTONS = {
    "update": "Save the update",
    "check": "Save",
    "decide": "Save the decision",
    "assign": "Give it over",
    "pause": "Pause it",
}


@keeps_typed
def action_detail(request: SignedInRequest, reference: str) -> HttpResponse:
    """The page, and a post of one of its forms, which the button names."""
    actions = Action.objects.visible_to(request.user).select_related(
        "team__service", "owner", "child", "audit__allocation", "theme", "verified_by"
    )
    action = get_object_or_404(actions, reference=reference)
    offered = forms_offered(request, action)
    forms: dict[str, ActionMoveForm] = {}
    if request.method == "POST":
        which = request.POST.get("form", "")
        if which not in HEADINGS:
            raise Http404
        if which not in offered:
            return _no_longer_offered(request, action)
        forms[which] = offered[which](request.POST)
        if after := moved(forms[which], by=request.user):
            messages.success(request, f"{after}: {after.get_status_display().lower()}. It is in its history.")
            return redirect("actions:action_detail", reference)
        action.refresh_from_db(fields=("status", "version"))
    forms = {name: forms.get(name) or make(None) for name, make in offered.items()}
    today = timezone.localdate()
    context = {
        "action": action,
        "due": due_of(action, today, closures()),
        "about": subject_of(action),
        "sees_child": can_see_child_of(request.user, action),
        "opens_audit": action.audit_id is not None
        and Audit.objects.visible_to(request.user).filter(pk=action.audit_id).exists(),
        "history": history_of(action),
        "offered": [
            {"name": name, "form": form, "heading": HEADINGS[name], "button": BUTTONS[name]}
            for name, form in forms.items()
        ],
        "forms": list(forms.values()),
        "crumbs": [("Actions", reverse("actions:my_actions"))],
    }
    return render(request, "actions/action_detail.html", context)


def forms_offered(request: SignedInRequest, action: Action) -> dict[str, Callable[[Any], ActionMoveForm]]:
    """By name: the forms that this person may send of the action as it stands, most likely first."""
    user, status = request.user, action.status
    asked = action.moves.filter(kind=ActionMoveKind.ASK_CANCEL).last()
    asked_by_id = asked.by_id if asked else None
    offered: dict[str, Callable[[Any], ActionMoveForm]] = {}
    if may_be_updated(action) and can_update_action(user, action):
        offered["update"] = lambda data: UpdateForm(data, action=action)
    if status in MOVES[ActionMoveKind.VERIFY] and can_verify_action(user, action):
        offered["check"] = lambda data: CheckForm(data, action=action)
    if status in MOVES[ActionMoveKind.CANCEL] and can_decide_cancellation(
        user, action, asked_by_id=asked_by_id
    ):
        offered["decide"] = lambda data: DecideForm(data, action=action)
    if status in MOVES[ActionMoveKind.ASSIGN] and can_assign_action(user, action):
        owners = action_owners_in_words(timezone.localdate())
        offered["assign"] = lambda data: AssignForm(data, action=action, owners=owners)
    if status in TO_BE_DONE and can_pause_escalation(user, action):
        offered["pause"] = lambda data: PauseForm(data, action=action)
    return offered


def _no_longer_offered(request: SignedInRequest, action: Action) -> HttpResponse:
    """A form of a page that is out of date: somebody was quicker, or the same form came twice."""
    messages.info(
        request,
        f"{action} is {action.get_status_display().lower()} already. Its history says who did what.",
    )
    return redirect("actions:action_detail", action.reference)
