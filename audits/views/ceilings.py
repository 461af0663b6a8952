"""The ceilings of grades: what is advised, and changing it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.http import SignedInRequest
from audits.ceiling_forms import OFF, ON, CeilingForm
from audits.enums import CeilingCode, Grade, Section
from audits.grading import SHIPPED
from audits.grading_facts import ceilings_in_force
from audits.models import CeilingChange
from audits.permissions import can_change_ceilings
from audits.services.ceilings import change_ceiling


def ceiling_list(request: SignedInRequest) -> HttpResponse:
    """The nine ceilings with the grade that each caps at today."""
    if not can_change_ceilings(request.user):
        raise Http404
    now = {ceiling.code: ceiling for ceiling in ceilings_in_force(timezone.localdate())}
    coming = CeilingChange.objects.filter(starts_on__gt=timezone.localdate())
    rows = [
        {
            "code": ceiling.code,
            "label": CeilingCode(ceiling.code).label,
            "section": Section(ceiling.section).label,
            "grade": Grade(now[ceiling.code].grade) if ceiling.code in now else None,
        }
        for ceiling in SHIPPED
    ]
    return render(request, "audits/ceiling_list.html", {"rows": rows, "coming": coming})


def ceiling_edit(request: SignedInRequest, code: str) -> HttpResponse:
    """Change one ceiling from a day on; what was changed before is below."""
    if not can_change_ceilings(request.user) or code not in CeilingCode.values:
        raise Http404
    shipped = next(ceiling for ceiling in SHIPPED if ceiling.code == code)
    now = next((one for one in ceilings_in_force(timezone.localdate()) if one.code == code), None)
    initial = {
        "state": ON if now else OFF,
        "grade": (now or shipped).grade,
        "starts_on": timezone.localdate(),
    }
    form = CeilingForm(request.POST or None, initial=initial)
    if form.is_valid():
        made = change_ceiling(
            code,
            is_on=form.cleaned_data["state"] == ON,
            grade=form.cleaned_data["grade"] or shipped.grade,
            starts_on=form.cleaned_data["starts_on"],
            reason=form.cleaned_data["reason"],
            by=request.user,
        )
        messages.success(request, f"Saved. It holds from {made.starts_on:%-d %B %Y}.")
        return redirect("ceilings:ceiling_list")
    context = {
        "form": form,
        "label": CeilingCode(code).label,
        "section": Section(shipped.section).label,
        "shipped": Grade(shipped.grade).label,
        "changes": CeilingChange.objects.filter(code=code).select_related("by").order_by("-starts_on", "-pk"),
        "crumbs": [("Ceilings of grades", reverse("ceilings:ceiling_list"))],
    }
    return render(request, "audits/ceiling_edit.html", context)
