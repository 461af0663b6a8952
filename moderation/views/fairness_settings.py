"""What the council has chosen for selection, earned exemptions and calibration."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.http import SignedInRequest
from moderation.fairness_forms import FairnessSettingsForm
from moderation.fairness_permissions import can_see_all_of_moderation
from moderation.models import ModerationSettings


def fairness_settings_edit(request: SignedInRequest) -> HttpResponse:
    """The numbers take effect with the next audit submitted, the next sweep and the next exercise."""
    if not can_see_all_of_moderation(request.user):
        raise Http404
    form = FairnessSettingsForm(request.POST or None, instance=ModerationSettings.current())
    if form.is_valid():
        form.save()
        messages.success(
            request, "Saved. Exemptions that are in force keep the share they were granted with."
        )
        return redirect("fairness_settings_edit")
    crumbs = [("Audits waiting for moderation", reverse("fairness:case_list"))]
    return render(request, "moderation/fairness_settings_edit.html", {"form": form, "crumbs": crumbs})
