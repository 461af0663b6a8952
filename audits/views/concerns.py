"""A child is at risk now: say so, answer it, close it; and the page of an audit that cannot wait."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from audits.concern_forms import AcknowledgeForm, CloseForm, ConcernSettingsForm, RaiseConcernForm
from audits.enums import BEING_WRITTEN, AuditStatus, ConcernStatus, Section
from audits.models import Audit, AuditSection, ConcernSettings, ImmediateConcern
from audits.permissions import (
    can_acknowledge_concern,
    can_change_concern_settings,
    can_close_concern,
    can_see_who_was_told,
)
from audits.selectors import closures, urgent_audits
from audits.services.concerns import acknowledge_concern, close_concern, raise_concern
from core.dates import add_working_days, london_date
from core.errors import RuleViolation
from core.typed import keeps_typed

PER_PAGE = 25
OWN_AUDITS_OFFERED = 12
OWN_AUDITS_WITHIN = timedelta(days=120)


@keeps_typed
def concern_raise(request: SignedInRequest) -> HttpResponse:
    """What to do at once, before anything is typed; then a short form."""
    chosen = audit_chosen(request)
    form = RaiseConcernForm(request.POST or None, audits=audits_offered(request, chosen), chosen=chosen)
    if form.is_valid():
        concern = raise_concern(
            form.reference,
            risk=form.cleaned_data["risk"],
            telephoned=form.calls,
            by=request.user,
            key=form.cleaned_data["key"],
            audit=form.audit,
        )
        return redirect("concerns:concern_detail", concern.pk)
    context = {"form": form, "concern_settings": ConcernSettings.current()}
    return render(request, "audits/concern_raise.html", context)


def audit_chosen(request: SignedInRequest) -> Audit | None:
    """The audit whose page they came from, if they may read it."""
    reference = request.GET.get("audit", "").replace("\0", "")
    if not reference:
        return None
    audits = Audit.objects.visible_to(request.user).select_related("allocation__child")
    return audits.filter(allocation__reference=reference).first()


def audits_offered(request: SignedInRequest, chosen: Audit | None) -> list[Audit]:
    """The person's audits of the last months to choose from, with the chosen one first."""
    own = Audit.objects.visible_to(request.user).filter(
        allocation__auditor=request.user, allocation__due_on__gte=timezone.localdate() - OWN_AUDITS_WITHIN
    )
    own = own.exclude(status=AuditStatus.VOID).select_related("allocation__child")
    offered = list(own.order_by("-allocation__due_on", "allocation__reference")[:OWN_AUDITS_OFFERED])
    return offered if chosen is None else [chosen, *(audit for audit in offered if audit != chosen)]


def concern_list(request: SignedInRequest) -> HttpResponse:
    """The concerns this person may read, the newest first."""
    status = request.GET.get("status", "")
    visible = ImmediateConcern.objects.visible_to(request.user)
    rows = visible.filter(status=status) if status in ConcernStatus.values else visible
    rows = rows.select_related("team", "raised_by", "acknowledged_by").order_by("-raised_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    counts = visible.order_by().aggregate(
        all=Count("pk"), **{value: Count("pk", filter=Q(status=value)) for value in ConcernStatus.values}
    )
    url = reverse("concerns:concern_list")
    tabs = [
        {"label": "All", "url": url, "current": status not in ConcernStatus.values, "count": counts["all"]}
    ]
    tabs += [
        {"label": label, "url": f"{url}?status={value}", "current": status == value, "count": counts[value]}
        for value, label in ConcernStatus.choices
    ]
    context = {
        "page_obj": page,
        "tabs": tabs,
        "may_change_settings": can_change_concern_settings(request.user),
    }
    return render(request, "audits/concern_list.html", context)


def concern_of(request: SignedInRequest, pk: int) -> ImmediateConcern:
    concerns = ImmediateConcern.objects.visible_to(request.user)
    concerns = concerns.select_related(
        "audit__allocation", "team__service", "raised_by", "acknowledged_by", "closed_by"
    )
    return get_object_or_404(concerns, pk=pk)


def concern_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One concern: the risk, who was told, who acts."""
    return show_concern(request, concern_of(request, pk))


@require_POST
@keeps_typed
def concern_acknowledge(request: SignedInRequest, pk: int) -> HttpResponse:
    concern = concern_of(request, pk)
    if not can_acknowledge_concern(request.user, concern):
        raise Http404
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        return show_concern(request, concern, acknowledging=form)
    try:
        acknowledge_concern(concern, response=form.cleaned_data["response"], by=request.user)
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        concern.refresh_from_db()
        return show_concern(request, concern, acknowledging=form)
    messages.success(request, f"You have acknowledged {concern.reference}. Who raised it is told by mail.")
    return redirect("concerns:concern_detail", pk)


@require_POST
@keeps_typed
def concern_close(request: SignedInRequest, pk: int) -> HttpResponse:
    concern = concern_of(request, pk)
    if not can_acknowledge_concern(request.user, concern):
        raise Http404
    form = CloseForm(request.POST)
    if not form.is_valid():
        return show_concern(request, concern, closing=form)
    try:
        close_concern(concern, outcome=form.cleaned_data["outcome"], by=request.user)
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        concern.refresh_from_db()
        return show_concern(request, concern, closing=form)
    messages.success(request, f"{concern.reference} is closed.")
    return redirect("concerns:concern_detail", pk)


def show_concern(
    request: SignedInRequest,
    concern: ImmediateConcern,
    *,
    acknowledging: AcknowledgeForm | None = None,
    closing: CloseForm | None = None,
) -> HttpResponse:
    """The page of a concern, with the form of what its reader may do next: what was typed stays, even too late."""
    may_answer = can_acknowledge_concern(request.user, concern)
    if acknowledging is None and may_answer and concern.status == ConcernStatus.RAISED:
        acknowledging = AcknowledgeForm()
    if closing is None and can_close_concern(request.user, concern):
        closing = CloseForm()
    names = can_see_who_was_told(request.user, concern)
    told = list(concern.told.select_related("person"))
    context = {
        "concern": concern,
        "telephoned": concern.telephoned or "Nobody could be reached",
        "is_own": concern.raised_by_id == request.user.pk,
        "may_open_audit": concern.audit_id is not None
        and Audit.objects.visible_to(request.user).filter(pk=concern.audit_id).exists(),
        "told": told if names else [],
        "was_told": bool(told),
        "names_told": names,
        "moves": concern.moves.select_related("by"),
        "acknowledging": acknowledging,
        "closing": closing,
        "forms": [form for form in (acknowledging, closing) if form],
        "concern_settings": ConcernSettings.current(),
        "crumbs": [("Immediate concerns", reverse("concerns:concern_list"))],
    }
    return render(request, "audits/concern_detail.html", context)


def concern_settings_edit(request: SignedInRequest) -> HttpResponse:
    """The instruction, the numbers and the times."""
    if not can_change_concern_settings(request.user):
        raise Http404
    form = ConcernSettingsForm(request.POST or None, instance=ConcernSettings.current())
    if form.is_valid():
        form.save()
        messages.success(request, "Saved. Everybody reads this from now on.")
        return redirect("concern_settings_edit")
    return render(request, "audits/concern_settings_edit.html", {"form": form})


def audit_urgent(request: SignedInRequest, reference: str) -> HttpResponse:
    """An audit that does not wait for the panel: what its auditor found, who was told, what is due by when.

    While its auditor writes it again, nobody reads the draft here either.
    """
    audits = urgent_audits(request.user).select_related(
        "allocation__auditor", "allocation__child__team__service", "team"
    )
    audit = get_object_or_404(audits, allocation__reference=reference)
    chosen, closed = ConcernSettings.current(), closures()
    notices = list(audit.urgent_notices.select_related("person"))
    told_on = london_date(notices[0].at)
    overall = None
    if audit.status not in BEING_WRITTEN:
        overall = AuditSection.objects.get(audit=audit, section=Section.OVERALL)
    concerns = ImmediateConcern.objects.visible_to(request.user).filter(audit=audit)
    context = {
        "audit": audit,
        "overall": overall,
        "notices": notices,
        "concerns": list(concerns),
        "told_on": told_on,
        "review_on": add_working_days(told_on, chosen.review_within_days, closed),
        "plan_on": add_working_days(told_on, chosen.plan_within_days, closed),
        "may_open_audit": Audit.objects.visible_to(request.user).filter(pk=audit.pk).exists(),
    }
    return render(request, "audits/audit_urgent.html", context)
