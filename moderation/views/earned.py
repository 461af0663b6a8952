"""The register of exemptions from moderation that auditors have earned."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.roles import roles_of
from core.errors import RuleViolation
from moderation.enums import EarnedStatus
from moderation.fairness_forms import DecideEarnedForm, EndEarnedForm
from moderation.fairness_permissions import can_decide_earned_exemption, can_see_all_of_moderation
from moderation.models import EarnedExemption, ModerationSettings
from moderation.services.earned import decide_earned_exemption, end_earned_exemption

PER_PAGE = 25


def earned_list(request: SignedInRequest) -> HttpResponse:
    """The register: proposals that wait, exemptions in force, and those that are over."""
    if not can_see_all_of_moderation(request.user):
        raise Http404
    rows = EarnedExemption.objects.visible_to(request.user).select_related("auditor")
    context = {
        "page_obj": Paginator(rows.as_register(), PER_PAGE).get_page(request.GET.get("page")),
        "waiting": rows.proposed().count(),
        "in_force": rows.in_force().count(),
        "is_auditor": Role.AUDITOR in roles_of(request.user),
    }
    return render(request, "moderation/earned_list.html", context)


def earned_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One exemption with its basis; for those who decide, the decision or its end."""
    rows = EarnedExemption.objects.visible_to(request.user).select_related(
        "auditor", "decided_by", "ended_by"
    )
    exemption = get_object_or_404(rows, pk=pk)
    may_decide = can_decide_earned_exemption(request.user, exemption)
    form = form_for(request, exemption) if may_decide else None
    if request.method == "POST" and form is None:
        raise Http404
    if form and form.is_valid():
        try:
            said = carry_out(request, exemption, form)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, said)
            return redirect("fairness:earned_detail", pk)
    context = {
        "exemption": exemption,
        "form": form,
        "settings": ModerationSettings.current(),
        "is_own": exemption.auditor_id == request.user.pk,
        "crumbs": [("Earned exemptions", reverse("fairness:earned_list"))]
        if can_see_all_of_moderation(request.user)
        else [("My moderation", reverse("fairness:agreement_mine"))],
    }
    return render(request, "moderation/earned_detail.html", context)


def form_for(request: SignedInRequest, exemption: EarnedExemption) -> DecideEarnedForm | EndEarnedForm | None:
    """What may be done with it now."""
    if exemption.status == EarnedStatus.PROPOSED:
        return DecideEarnedForm(request.POST or None)
    return EndEarnedForm(request.POST or None) if exemption.status == EarnedStatus.GRANTED else None


def carry_out(
    request: SignedInRequest, exemption: EarnedExemption, form: DecideEarnedForm | EndEarnedForm
) -> str:
    """Do what the form says; the sentence for the banner."""
    if isinstance(form, EndEarnedForm):
        end_earned_exemption(exemption, by=request.user, reason=form.cleaned_data["reason"])
        return f"Ended. {exemption.auditor} is being told by mail, and panels see all their audits again."
    is_granted = form.cleaned_data["decision"] == "grant"
    decide_earned_exemption(exemption, grant=is_granted, by=request.user, note=form.cleaned_data["note"])
    if is_granted:
        return f"Granted. {exemption.auditor} is being told by mail."
    return "Declined. It is proposed again only after another decision of a panel."
