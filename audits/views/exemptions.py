"""Exemptions and grace periods: ask for one, decide on one, end one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.models import User
from accounts.querysets import UserQuerySet
from audits.enums import ExemptionStatus
from audits.exempting import is_exempt_in, months_touched
from audits.ledger_forms import DecideForm, ExemptionForm
from audits.models import Allocation, Exemption
from audits.permissions import can_decide_exemption, can_draw_round
from audits.selectors import closures
from audits.services.exemptions import decide_exemption, end_exemption, request_exemption
from audits.views.ledger import way_to_programme
from core.errors import RuleViolation

PER_PAGE = 25


def auditors_to_ask_for(user: User) -> UserQuerySet:
    """For whom this person may ask: all auditors, or themselves and those they manage."""
    auditors: UserQuerySet = User.objects.holding(Role.AUDITOR, timezone.localdate())
    return auditors if can_draw_round(user) else auditors.filter(Q(pk=user.pk) | Q(line_manager=user))


def exemption_list(request: SignedInRequest) -> HttpResponse:
    """The exemptions this person may read, those waiting for a decision first."""
    rows = Exemption.objects.visible_to(request.user).select_related("auditor")
    waiting = rows.waiting().order_by("starts_on", "pk")
    decided = rows.exclude(status=ExemptionStatus.REQUESTED).order_by("-starts_on", "pk")
    page = Paginator(decided, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "waiting": waiting,
        "page_obj": page,
        "may_request": auditors_to_ask_for(request.user).exists(),
        "crumbs": way_to_programme(request.user),
    }
    return render(request, "audits/exemption_list.html", context)


def exemption_request(request: SignedInRequest) -> HttpResponse:
    """Ask to be given no audits for a time, or ask for somebody else."""
    auditors = list(auditors_to_ask_for(request.user))
    if not auditors:
        raise Http404
    form = ExemptionForm(
        request.POST or None,
        auditors=auditors,
        initial={"auditor": request.user if request.user in auditors else None},
    )
    if form.is_valid():
        try:
            made = request_exemption(**form.cleaned_data, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "Sent. The QA lead or the Principal Social Worker decides.")
            return redirect("programme:exemption_detail", made.pk)
    crumbs = [*way_to_programme(request.user), ("Exemptions", reverse("programme:exemption_list"))]
    return render(request, "audits/exemption_request.html", {"form": form, "crumbs": crumbs})


def exemption_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """A request or an exemption; for those who decide, the decision."""
    rows = Exemption.objects.visible_to(request.user).select_related("auditor", "requested_by", "decided_by")
    exemption = get_object_or_404(rows, pk=pk)
    may_decide = can_decide_exemption(request.user, exemption)
    is_waiting = exemption.status == ExemptionStatus.REQUESTED
    if request.method == "POST" and not may_decide:
        raise Http404
    given = given_already(exemption) if may_decide and is_waiting else []
    form = DecideForm(request.POST or None, given=given) if may_decide else None
    if form and form.is_valid():
        data = form.cleaned_data
        try:
            decide_exemption(
                exemption,
                approve=data["decision"] == "approve",
                by=request.user,
                note=data["note"],
                excuse=data.get("excuse", ()),
            )
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"Decided. {exemption.auditor} is being told by mail.")
            return redirect("programme:exemption_detail", pk)
    spans = [(exemption.starts_on, exemption.ends_on)]
    closed = closures()
    context = {
        "exemption": exemption,
        "months": [month for month in months_touched(spans) if is_exempt_in(month, spans, closed)],
        "form": form if is_waiting else None,
        "may_end": may_decide
        and exemption.status == ExemptionStatus.APPROVED
        and exemption.ends_on >= timezone.localdate(),
        "crumbs": [*way_to_programme(request.user), ("Exemptions", reverse("programme:exemption_list"))],
    }
    return render(request, "audits/exemption_detail.html", context)


@require_POST
def exemption_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End an exemption today."""
    exemption = get_object_or_404(Exemption.objects.visible_to(request.user), pk=pk)
    if not can_decide_exemption(request.user, exemption):
        raise Http404
    try:
        end_exemption(exemption, by=request.user)
    except RuleViolation as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"Ended. {exemption.auditor} can be given audits again.")
    return redirect("programme:exemption_detail", pk)


def given_already(exemption: Exemption) -> list[Allocation]:
    """What the auditor still owes from the months that the exemption touches, or that is due within it."""
    spans = [(exemption.starts_on, exemption.ends_on)]
    rows = Allocation.objects.given_out().outstanding().filter(auditor=exemption.auditor_id)
    rows = rows.filter(
        Q(round__month__in=months_touched(spans)) | Q(due_on__range=(exemption.starts_on, exemption.ends_on))
    )
    return list(rows.order_by("due_on", "reference"))
