"""Raising an action by hand or from a panel, made SMART; and the council's choices for following through."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.http import SignedInRequest
from accounts.models import Team
from actions.enums import ActionSource
from actions.finding_facts import answered_wanting
from actions.models import ActionSettings
from actions.permissions import can_change_action_settings, can_raise_action, can_raise_from_panel
from actions.raise_forms import ActionSettingsForm, HandRaiseForm, PanelRaiseForm
from actions.services.raising import raise_action
from actions.services.settings import save_action_settings
from audits import smart
from audits.models import Audit, Child, FollowUpSettings
from audits.selectors import action_owners_in_words, manager_of_team, questions_of
from core.errors import RuleViolation
from core.typed import keeps_typed


@keeps_typed
def action_raise(request: SignedInRequest) -> HttpResponse:
    """The form. Vague words draw a hint once; the same words sent again are taken.

    With ?panel_audit=REFERENCE it comes from a panel: about that audit, its child and its team.
    """
    audit = _audit_of_panel(request)
    if audit is None and not can_raise_action(request.user):
        raise Http404
    settings = FollowUpSettings.current()
    choices: dict[str, Any] = {
        "owners": action_owners_in_words(timezone.localdate()),
        "teams": Team.objects.all(),
        "days": settings.days,
    }
    form = (
        PanelRaiseForm(
            request.POST or None,
            questions=questions_of(audit),
            found=answered_wanting(audit),
            initial=_of_its_team(audit),
            **choices,
        )
        if audit
        else HandRaiseForm(request.POST or None, children=Child.objects.visible_to(request.user), **choices)
    )
    context: dict[str, Any] = {
        "form": form,
        "audit": audit,
        "crumbs": [("Actions", reverse("actions:my_actions"))],
    }
    if not form.is_valid():
        return render(request, "actions/action_raise.html", context)
    said = form.cleaned_data
    hints = smart.hints(said["what"], said["success"], smart.listed_words(settings.vague_words))
    if hints and said["seen_hints"] != _words(said):
        data = request.POST.copy()
        data["seen_hints"] = _words(said)
        form.data = data
        return render(request, "actions/action_raise.html", context | {"hints": hints})
    try:
        if audit:
            content = replace(form.content(), audit=audit, child=audit.allocation.child)
            action = raise_action(content, by=request.user, source=ActionSource.PANEL)
        else:
            action = raise_action(form.content(), by=request.user)
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        return render(request, "actions/action_raise.html", context)
    messages.success(request, f"{action} is raised. {action.owner} has it under My work when it is due.")
    return redirect("actions:action_detail", action.reference)


def _audit_of_panel(request: SignedInRequest) -> Audit | None:
    """The audit that a panel raises it from; None by hand."""
    if "panel_audit" not in request.GET:
        return None
    audits = Audit.objects.visible_to(request.user).select_related("allocation__child", "team")
    reference = request.GET["panel_audit"].replace("\0", "")
    audit = get_object_or_404(audits, allocation__reference=reference)
    if not can_raise_from_panel(request.user, audit):
        raise Http404
    return audit


def _of_its_team(audit: Audit) -> dict[str, Any]:
    manager = manager_of_team(audit.team_id, timezone.localdate())
    return {"team": audit.team_id, "owner": manager.pk if manager else None}


def _words(said: dict[str, Any]) -> str:
    """What the hints were about: other words draw hints of their own."""
    return f"{said['what']}|{said['success']}"


def action_settings_edit(request: SignedInRequest) -> HttpResponse:
    """The share that is verified, and the ladder."""
    if not can_change_action_settings(request.user):
        raise Http404
    form = ActionSettingsForm(request.POST or None, instance=ActionSettings.current())
    if form.is_valid():
        save_action_settings(form.instance, by=request.user)
        messages.success(request, "Saved. Steps that were told already stay as they are.")
        return redirect("action_settings_edit")
    context = {"form": form, "crumbs": [("Actions", reverse("actions:tracker"))]}
    return render(request, "actions/action_settings_edit.html", context)
