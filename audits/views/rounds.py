"""The monthly programme: plan a month, review the draw, swap auditors, publish."""

from collections import Counter
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.http import SignedInRequest
from accounts.models import User
from audits.enums import HANDED_IN, AllocationKind, AllocationStatus, RoundStatus
from audits.models import Allocation, Audit, ProgrammeSettings, Round
from audits.permissions import (
    can_change_programme_settings,
    can_close_round,
    can_draw_round,
    can_list_activities,
    can_publish_round,
)
from audits.querysets import STANDING
from audits.round_forms import DrawForm, ProgrammeSettingsForm, SwapForm
from audits.services.rounds import draw_round, problems_of, publish_round, swap_auditor, swap_choices
from core.dates import add_months
from core.errors import RuleViolation

PER_PAGE = 25
MONTHS_AHEAD = 6
GIVEN = Q(
    allocations__status__in=(*STANDING, AllocationStatus.NEVER_RETURNED), allocations__kind=AllocationKind.CJA
)
SUBMITTED = Q(allocations__audit__status__in=HANDED_IN)
"""What a month's line counts: its children, and whose audits are in."""


def round_of(request: SignedInRequest, month: date) -> Round:
    """The round if this person may see it; anybody else gets the same 404 as for a month never drawn."""
    rounds = Round.objects.visible_to(request.user).select_related("drawn_by", "published_by", "closed_by")
    return get_object_or_404(rounds, month=month)


def months_to_draw() -> dict[date, bool]:
    """The months from this one on that are not published; True where there is a draft already."""
    this_month = timezone.localdate().replace(day=1)
    months = [add_months(this_month, n) for n in range(MONTHS_AHEAD + 1)]
    drawn = dict(Round.objects.filter(month__in=months).values_list("month", "status"))
    return {
        month: month in drawn for month in months if drawn.get(month, RoundStatus.DRAFT) == RoundStatus.DRAFT
    }


def next_to_draw(months: dict[date, bool]) -> date | None:
    """The month to plan now: the first of those ahead that is not drawn."""
    this_month = timezone.localdate().replace(day=1)
    return next((month for month, is_drawn in months.items() if month > this_month and not is_drawn), None)


def round_list(request: SignedInRequest) -> HttpResponse:
    """The months, the latest first: drawn, published, and how many of their audits are in."""
    if not can_draw_round(request.user):
        raise Http404
    rounds = Round.objects.visible_to(request.user).annotate(
        given=Count("allocations", filter=GIVEN), submitted=Count("allocations", filter=SUBMITTED)
    )
    page = Paginator(rounds.order_by("-month"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "next_month": next_to_draw(months_to_draw()),
        "may_change_settings": can_change_programme_settings(request.user),
        "may_list_activities": can_list_activities(request.user),
    }
    return render(request, "audits/round_list.html", context)


def round_draw(request: SignedInRequest) -> HttpResponse:
    """Plan a month: draw it, or draw its draft again."""
    if not can_draw_round(request.user):
        raise Http404
    months = months_to_draw()
    choices = [
        (f"{month:%Y-%m-%d}", f"{month:%B %Y}{' (replaces its draft)' if is_drawn else ''}")
        for month, is_drawn in months.items()
    ]
    initial = {
        "month": request.GET.get("month", f"{next_to_draw(months) or ''}"),
        "cjas": ProgrammeSettings.current().cjas_per_month,
    }
    form = DrawForm(request.POST or None, initial=initial, months=choices)
    if form.is_valid():
        try:
            drawn = draw_round(**form.cleaned_data, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"{drawn} is drawn. Nobody has been told: review it, then publish it.")
            return redirect("programme:round_detail", drawn.reference)
    context = {"form": form, "crumbs": crumbs(), "replaces": any(months.values())}
    return render(request, "audits/round_draw.html", context)


def round_detail(request: SignedInRequest, month: date) -> HttpResponse:
    """A draft to review, or a published month with the state of each audit."""
    this = round_of(request, month)
    rows = list(
        this.allocations.select_related(
            "child", "team", "auditor__auditor_profile", "audit", "activity_record"
        ).order_by("reference")
    )
    cjas = [row for row in rows if row.kind == AllocationKind.CJA]
    standing = [row for row in cjas if row.status in STANDING]
    counts = Counter(row.auditor for row in standing)
    load = sorted(counts.items(), key=lambda item: (-item[1], item[0].name, item[0].pk))
    page = Paginator(cjas, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "round": this,
        "is_draft": this.status == RoundStatus.DRAFT,
        "page_obj": page,
        "load": load,
        "others": [row for row in rows if row.kind != AllocationKind.CJA],
        "left": [row for row in standing if row.child and row.child.closed_on and not is_submitted(row)]
        if this.status == RoundStatus.PUBLISHED
        else [],
        "may_close": this.status == RoundStatus.PUBLISHED
        and can_close_round(request.user)
        and this.due_on < timezone.localdate(),
        "figures": [
            {"label": "Audits", "value": len(standing), "note": f"of {this.cjas_wanted} wanted"},
            {
                "label": "Auditors",
                "value": len(load),
                "note": f"at most {load[0][1]} each" if load else "",
            },
            {
                "label": "Not covered",
                "value": len(this.not_covered),
                "note": "see below" if this.not_covered else "",
            },
        ],
        "may_publish": can_publish_round(request.user),
        "may_list_activities": can_list_activities(request.user),
        "crumbs": crumbs(),
    }
    return render(request, "audits/round_detail.html", context)


def is_submitted(allocation: Allocation) -> bool:
    audit: Audit | None = getattr(allocation, "audit", None)
    return audit is not None and audit.status in HANDED_IN


def round_publish(request: SignedInRequest, month: date) -> HttpResponse:
    """Check who will be told, then publish."""
    this = round_of(request, month)
    if not can_publish_round(request.user):
        raise Http404
    if request.method == "POST":
        try:
            publish_round(this, by=request.user)
        except RuleViolation as refusal:
            messages.error(request, refusal.sentence)
        else:
            auditors = this.allocations.live().order_by().values("auditor").distinct().count()
            messages.success(request, f"{this} is published. {auditors} auditors are being told by mail.")
        return redirect("programme:round_detail", this.reference)
    if this.status != RoundStatus.DRAFT:
        return redirect("programme:round_detail", this.reference)
    people = (
        this.allocations.standing()
        .order_by("auditor__name", "auditor")
        .values("auditor__name", "auditor__email")
        .annotate(given=Count("pk"))
    )
    context = {
        "round": this,
        "people": people,
        "count": sum(person["given"] for person in people),
        "problems": problems_of(this, on=timezone.localdate()),
        "crumbs": crumbs(this),
    }
    return render(request, "audits/round_publish.html", context)


def allocation_swap(request: SignedInRequest, month: date, reference: str) -> HttpResponse:
    """Give one child of a draft to another auditor."""
    this = round_of(request, month)
    allocations = this.allocations.cjas().standing().select_related("round", "child", "team", "auditor")
    allocation = get_object_or_404(allocations, reference=reference)
    if this.status != RoundStatus.DRAFT:
        return redirect("programme:round_detail", this.reference)
    choices = swap_choices(allocation)
    may_take_it = [choice for choice in choices if choice.block is None]
    form = SwapForm(request.POST or None, choices=may_take_it)
    if form.is_valid():
        auditor = User.objects.get(email=form.cleaned_data["auditor"])
        try:
            swap_auditor(allocation, auditor=auditor, by=request.user, reason=form.cleaned_data["reason"])
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"{allocation} is now {auditor}'s. Nobody has been told yet.")
            return redirect("programme:round_detail", this.reference)
    context = {
        "form": form,
        "allocation": allocation,
        "may_take_it": may_take_it,
        "blocked": [choice for choice in choices if choice.block is not None],
        "crumbs": crumbs(this),
    }
    return render(request, "audits/allocation_swap.html", context)


def programme_settings_edit(request: SignedInRequest) -> HttpResponse:
    """The council's numbers for the draw. They take effect with the next draw."""
    if not can_change_programme_settings(request.user):
        raise Http404
    form = ProgrammeSettingsForm(request.POST or None, instance=ProgrammeSettings.current())
    if form.is_valid():
        form.save()
        messages.success(request, "Saved. The next draw uses these settings; drafts stay as they are.")
        return redirect("programme_settings_edit")
    return render(request, "audits/programme_settings_edit.html", {"form": form, "crumbs": crumbs()})


def crumbs(below: Round | None = None) -> list[tuple[str, str]]:
    """The way to a page of the programme, or to one below a round's."""
    way = [("Programme", reverse("programme:round_list"))]
    return (
        way
        if below is None
        else [*way, (str(below), reverse("programme:round_detail", args=(below.reference,)))]
    )
