"""The actions that an auditor proposes in an audit, and the council's defaults for them."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from audits.action_forms import ActionForm, FollowUpSettingsForm
from audits.enums import BEING_WRITTEN
from audits.models import Audit, FollowUpSettings, ProposedAction
from audits.permissions import can_change_programme_settings
from audits.selectors import action_owners_in_words, manager_of_team, questions_of
from audits.services.proposed_actions import (
    change_action,
    propose_action,
    remove_action,
    save_follow_up_settings,
)
from audits.services.writing import StalePage
from audits.smart import hints, listed_words
from audits.views.audits import crumbs_within, own_audit
from audits.views.rounds import crumbs as programme_crumbs
from audits.wording import Difference, action_rows
from core.errors import RuleViolation
from core.typed import keeps_typed


def action_list(request: SignedInRequest, reference: str) -> HttpResponse:
    """The actions proposed so far, each with hints where its words are vague."""
    audit = own_audit(request, reference)
    if audit.status not in BEING_WRITTEN:
        return redirect("audits:audit_detail", reference)
    words = listed_words(FollowUpSettings.current().vague_words)
    actions = [
        {"action": action, "rows": action_rows(action), "hints": hints(action.what, action.success, words)}
        for action in audit.proposed_actions.select_related("owner")
    ]
    context = {"audit": audit, "actions": actions, "crumbs": crumbs_within(audit)}
    return render(request, "audits/action_list.html", context)


@keeps_typed
def action_add(request: SignedInRequest, reference: str) -> HttpResponse:
    """Propose one more action."""
    audit = own_audit(request, reference)
    if audit.status not in BEING_WRITTEN and request.method != "POST":
        return redirect("audits:audit_detail", reference)
    owner = manager_of_team(audit.team_id, timezone.localdate())
    form = _form(request, audit, initial={"owner": owner.pk if owner else ""})
    if form.is_valid():
        try:
            propose_action(audit, form.content(), token=form.cleaned_data["token"], by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "The action is added.")
            return redirect("audits:action_list", reference)
    return render(request, "audits/action_edit.html", _page(audit, form))


@keeps_typed
def action_edit(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Change one action."""
    audit = own_audit(request, reference)
    if audit.status not in BEING_WRITTEN and request.method != "POST":
        return redirect("audits:audit_detail", reference)
    action = get_object_or_404(audit.proposed_actions.select_related("owner"), pk=pk)
    form = _form(request, audit, initial=_initial(action))
    context = _page(audit, form) | {
        "action": action,
        "keep_url": reverse("audits:action_edit", args=(reference, pk)),
    }
    if not form.is_valid():
        return render(request, "audits/action_edit.html", context)
    try:
        change_action(audit, pk, form.content(), version=form.opened_version, by=request.user)
    except StalePage as stale:
        form.reopen_at(stale.version)
        context["differences"] = _differences(action, form)
        return render(request, "audits/action_edit.html", context, status=HTTPStatus.CONFLICT)
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        return render(request, "audits/action_edit.html", context)
    messages.success(request, "The action is changed.")
    return redirect("audits:action_list", reference)


@require_POST
def action_remove(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    remove_action(own_audit(request, reference), pk, by=request.user)
    messages.success(request, "The action is removed.")
    return redirect("audits:action_list", reference)


def follow_up_settings_edit(request: SignedInRequest) -> HttpResponse:
    """How many days each priority has, which words are vague, and how long a worker has to reply."""
    if not can_change_programme_settings(request.user):
        raise Http404
    form = FollowUpSettingsForm(request.POST or None, instance=FollowUpSettings.current())
    if form.is_valid():
        save_follow_up_settings(form.save(commit=False), by=request.user)
        messages.success(request, "Saved. Actions and replies that are there already keep their dates.")
        return redirect("follow_up_settings_edit")
    context = {"form": form, "crumbs": programme_crumbs()}
    return render(request, "audits/follow_up_settings_edit.html", context)


def _form(request: SignedInRequest, audit: Audit, initial: dict[str, Any]) -> ActionForm:
    return ActionForm(
        request.POST if request.method == "POST" else None,
        owners=action_owners_in_words(timezone.localdate()),
        questions=questions_of(audit),
        days=FollowUpSettings.current().days,
        initial=initial,
    )


def _page(audit: Audit, form: ActionForm) -> dict[str, Any]:
    actions = ("Actions", reverse("audits:action_list", args=(audit.allocation.reference,)))
    return {"audit": audit, "form": form, "crumbs": [*crumbs_within(audit), actions]}


def _initial(action: ProposedAction) -> dict[str, Any]:
    names = ("what", "why", "about", "priority", "due_on", "later_reason", "success", "version")
    return {name: getattr(action, name) for name in names} | {"owner": action.owner_id}


def _differences(action: ProposedAction, form: ActionForm) -> list[Difference]:
    """What is saved beside what was typed, where they differ; the dates are told by the priority."""
    typed = form.content()
    pairs = (
        ("What shall be done", action.what, typed.what),
        ("What was found", action.why, typed.why),
        ("Owner", action.owner.name, typed.owner.name),
        ("How soon", action.get_priority_display(), typed.priority.label),
        ("Why it can wait", action.later_reason, typed.later_reason),
        ("How success will be seen", action.success, typed.success),
    )
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]
