"""The actions that an auditor proposes in an audit, and the council's defaults for them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from audits.action_forms import DUE_ON, ActionForm, FollowUpSettingsForm, typed_of
from audits.enums import BEING_WRITTEN
from audits.models import Audit, FollowUpSettings, ProposedAction
from audits.permissions import can_change_programme_settings
from audits.selectors import action_owners_in_words, manager_of_team, questions_of
from audits.services.proposed_actions import (
    AlreadyAdded,
    change_action,
    give_up_begun_action,
    keep_begun_action,
    propose_action,
    remove_action,
    save_follow_up_settings,
)
from audits.services.writing import StalePage
from audits.smart import hints, listed_words
from audits.views.audits import crumbs_within, own_audit, saved_by_script
from audits.views.rounds import crumbs as programme_crumbs
from audits.wording import Difference, action_rows
from core.errors import RuleViolation
from core.typed import keeps_typed

ONE_MORE = "To add what you typed as one more action, press Add the action."


def action_list(request: SignedInRequest, reference: str) -> HttpResponse:
    """The actions proposed so far, each with hints where its words are vague; and those that were begun."""
    audit = own_audit(request, reference)
    if audit.status not in BEING_WRITTEN:
        return redirect("audits:audit_detail", reference)
    words = listed_words(FollowUpSettings.current().vague_words)
    actions = [
        {"action": action, "rows": action_rows(action), "hints": hints(action.what, action.success, words)}
        for action in audit.proposed_actions.select_related("owner")
    ]
    context = {
        "audit": audit,
        "actions": actions,
        "begun": audit.begun_actions.all(),
        "crumbs": crumbs_within(audit),
    }
    return render(request, "audits/action_list.html", context)


@keeps_typed
def action_add(request: SignedInRequest, reference: str) -> HttpResponse:
    """Propose one more action, or carry on with one that was begun."""
    audit = own_audit(request, reference)
    if audit.status not in BEING_WRITTEN and request.method != "POST":
        return redirect("audits:audit_detail", reference)
    form = new_action_form(request, audit)
    status, instead = HTTPStatus.OK, dict[str, Any]()
    if request.method == "POST":
        form.is_valid()
        try:
            if done := _kept_or_added(request, audit, form):
                messages.success(request, done)
                return redirect("audits:action_list", reference)
        except StalePage as stale:
            kept = audit.begun_actions.get(token=form.cleaned_data["token"])
            form.reopen_at(stale.version)
            status, instead = HTTPStatus.CONFLICT, {"differences": _differences(form, kept.typed)}
        except AlreadyAdded as refusal:
            form.start_anew()
            form.reopen_at(0)
            form.add_error(None, f"{refusal.sentence} {ONE_MORE}")
            status = HTTPStatus.CONFLICT
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
    if status == HTTPStatus.CONFLICT:
        instead["autosave_url"] = ""  # until its writer has chosen
    return render(request, "audits/action_edit.html", _add_page(audit, form) | instead, status=status)


def _kept_or_added(request: SignedInRequest, audit: Audit, form: ActionForm) -> str:
    """What was done with what was posted; "" where the form says what is missing, and what was typed is kept.

    Raises:
        StalePage, RuleViolation: see keep_begun_action and propose_action.

    """
    how: Any = {"token": form.cleaned_data.get("token"), "version": form.opened_version, "by": request.user}
    if form.is_valid() and "later" not in request.POST:
        propose_action(audit, form.content(), typed=form.as_typed(), **how)
        return "The action is added."
    if how["token"]:
        form.reopen_at(keep_begun_action(audit, form.as_typed(), **how).version)
    return "What you wrote is kept. Carry on with it from here." if "later" in request.POST else ""


@keeps_typed
def action_edit(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Change one action."""
    audit = own_audit(request, reference)
    if audit.status not in BEING_WRITTEN and request.method != "POST":
        return redirect("audits:audit_detail", reference)
    action = get_object_or_404(audit.proposed_actions.select_related("owner"), pk=pk)
    form = changed_action_form(request, audit, action)
    context = _page(audit, form) | {
        "action": action,
        "keep_url": reverse("audits:action_edit", args=(reference, pk)),
        **saved_by_script("audits:action_edit_autosave", reference, pk),
    }
    if request.method != "POST":
        return render(request, "audits/action_edit.html", context)
    if not form.is_valid():
        if form.opened_version != action.version:
            form.reopen_at(action.version)
            context |= {"differences": _differences(form, typed_of(action)), "autosave_url": ""}
        return render(request, "audits/action_edit.html", context)
    try:
        change_action(audit, pk, form.content(), version=form.opened_version, by=request.user)
    except StalePage as stale:
        form.reopen_at(stale.version)
        context |= {"differences": _differences(form, typed_of(action)), "autosave_url": ""}
        return render(request, "audits/action_edit.html", context, status=HTTPStatus.CONFLICT)
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        return render(request, "audits/action_edit.html", context)
    messages.success(request, "The action is changed.")
    return redirect("audits:action_list", reference)


@require_POST
def action_give_up(request: SignedInRequest, reference: str, token: UUID) -> HttpResponse:
    give_up_begun_action(own_audit(request, reference), token, by=request.user)
    messages.success(request, "What you began is taken away.")
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


def new_action_form(request: SignedInRequest, audit: Audit) -> ActionForm:
    """The form of an action to add: as posted, as it was begun where the address says so, or empty."""
    begun = None
    if request.method != "POST" and (token := request.GET.get("begun")):
        begun = next((each for each in audit.begun_actions.all() if str(each.token) == token), None)
    if begun:
        due_on = [begun.typed.get(part, "") for part in DUE_ON]
        return _form(
            request, audit, {**begun.typed, "due_on": due_on, "token": begun.token, "version": begun.version}
        )
    owner = manager_of_team(audit.team_id, timezone.localdate())
    return _form(request, audit, {"owner": owner.pk if owner else ""})


def changed_action_form(request: SignedInRequest, audit: Audit, action: ProposedAction) -> ActionForm:
    """The form of an action that is there: as posted, or as saved."""
    names = ("what", "why", "about", "priority", "due_on", "later_reason", "success", "version")
    return _form(request, audit, {name: getattr(action, name) for name in names} | {"owner": action.owner_id})


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


def _add_page(audit: Audit, form: ActionForm) -> dict[str, Any]:
    reference = audit.allocation.reference
    keep_url = f"{reverse('audits:action_add', args=(reference,))}?begun={form['token'].value()}"
    script = saved_by_script("audits:action_add_autosave", reference)
    return _page(audit, form) | script | {"keep_url": keep_url}


def _differences(form: ActionForm, saved: Mapping[str, str]) -> list[Difference]:
    """What is saved beside what was typed, where they differ."""
    was, now = form.in_words(saved), form.in_words(form.as_typed())
    return [Difference(label, was[label], now[label]) for label in was if was[label] != now[label]]
