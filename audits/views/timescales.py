"""The rules of when things are due: their versions, and a new one from a day."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from audits.enums import BEING_WRITTEN
from audits.models import Audit, TimescaleRule
from audits.permissions import can_change_timescales
from audits.services.timescales import change_rule, withdraw_rule
from audits.timescale_forms import RuleForm
from audits.timescales import DUTIES
from core.errors import RuleViolation


def rule_list(request: SignedInRequest) -> HttpResponse:
    """Each timescale as it is in force today, with what begins later."""
    if not can_change_timescales(request.user):
        raise Http404
    today = timezone.localdate()
    versions: dict[str, list[TimescaleRule]] = {code: [] for code in DUTIES}
    for row in TimescaleRule.objects.visible_to(request.user).order_by("-starts_on"):
        versions[row.duty].append(row)
    rows = [
        {
            "code": code,
            "label": DUTIES[code].label,
            "now": next((row for row in found if row.has_begun(today)), None),
            "later": next((row for row in reversed(found) if not row.has_begun(today)), None),
        }
        for code, found in versions.items()
    ]
    return render(request, "audits/timescale_list.html", {"rows": rows})


def rule_detail(request: SignedInRequest, duty: str) -> HttpResponse:
    """One timescale: its versions, and a form for the next one, which shows what changes before it is saved."""
    if not can_change_timescales(request.user) or duty not in DUTIES:
        raise Http404
    versions = list(
        TimescaleRule.objects.visible_to(request.user)
        .filter(duty=duty)
        .select_related("added_by")
        .order_by("-starts_on")
    )
    today = timezone.localdate()
    newest = versions[0] if versions else TimescaleRule(duty=duty)
    new = TimescaleRule(duty=duty)
    initial = {name: getattr(newest, name) for name in RuleForm.Meta.fields if name != "starts_on"}
    form = RuleForm(request.POST or None, instance=new, initial=initial)
    context = {
        "code": duty,
        "duty": DUTIES[duty],
        "versions": [(row, row.has_begun(today)) for row in versions],
        "form": form,
        "crumbs": [("Timescales", reverse("timescales:rule_list"))],
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, "audits/timescale_detail.html", context)
    if "confirmed" not in request.POST:
        context |= {
            "new": new,
            "posted": [
                (name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"
            ],
            "newest": versions[0] if versions else None,
            "is_past": new.starts_on <= today,
            "being_written": Audit.objects.filter(status__in=BEING_WRITTEN).count(),
        }
        return render(request, "audits/timescale_check.html", context)
    try:
        saved = change_rule(new, by=request.user)
    except RuleViolation as refusal:
        form.add_error("starts_on", refusal.sentence)
        return render(request, "audits/timescale_detail.html", context)
    messages.success(request, f"Saved. The new version is in force from {saved.starts_on:%-d %B %Y}.")
    return redirect("timescales:rule_detail", duty)


@require_POST
def rule_withdraw(request: SignedInRequest, duty: str, pk: int) -> HttpResponse:
    """Take back a version that has not begun. A second click finds it done."""
    if not can_change_timescales(request.user) or duty not in DUTIES:
        raise Http404
    if rule := TimescaleRule.objects.visible_to(request.user).filter(duty=duty, pk=pk).first():
        withdraw_rule(rule, by=request.user)
        messages.success(request, f"The version from {rule.starts_on:%-d %B %Y} is taken back.")
    else:
        messages.info(request, "This version has been taken back already.")
    return redirect("timescales:rule_detail", duty)
