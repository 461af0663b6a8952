"""What the council has chosen for its moderation."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.http import SignedInRequest
from moderation.forms.panels import PanelSettingsForm
from moderation.models import ModerationSettings
from moderation.permissions import can_run_moderation
from moderation.views.panels import crumbs


def moderation_settings_edit(request: SignedInRequest) -> HttpResponse:
    """The numbers for panels. Panels that exist stay as they are."""
    if not can_run_moderation(request.user):
        raise Http404
    form = PanelSettingsForm(request.POST or None, instance=ModerationSettings.current())
    if form.is_valid():
        form.save()
        messages.success(request, "Saved. Panels that exist already stay as they are.")
        return redirect("moderation_settings_edit")
    return render(request, "moderation/moderation_settings_edit.html", {"form": form, "crumbs": crumbs()})
