"""Dip samples and direct observations: hand one in, read one, read them all."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from audits.activity_forms import FORM_OF, ActivityFilterForm
from audits.enums import AllocationKind
from audits.models import ActivityRecord, Allocation
from audits.permissions import can_list_activities
from audits.services.activities import check_can_be_handed_in, hand_in_activity
from audits.views.ledger import way_to_programme
from core.errors import RuleViolation
from core.typed import keeps_typed

PER_PAGE = 25


@keeps_typed
def activity_detail(request: SignedInRequest, reference: str) -> HttpResponse:
    """The form for its auditor; once it is handed in, what it says for whoever may read it."""
    if request.method != "POST":
        records = ActivityRecord.objects.visible_to(request.user)
        records = records.select_related("allocation__auditor", "allocation__round")
        if record := records.filter(allocation__reference=reference).first():
            return show_record(request, record)
    own = Allocation.objects.visible_to(request.user).given_out().other_kinds().filter(auditor=request.user)
    allocation = get_object_or_404(own.select_related("round"), reference=reference)
    form = FORM_OF[allocation.kind](request.POST or None)
    if request.method != "POST":
        try:
            check_can_be_handed_in(allocation)
        except RuleViolation as refusal:
            messages.error(request, refusal.sentence)
            return redirect("programme:allocation_detail", allocation.round.reference, reference)
    elif form.is_valid():
        try:
            hand_in_activity(allocation, form.content, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"{allocation} is handed in. The QA lead can read it now.")
            return redirect("programme:activity_detail", reference)
    context = {"allocation": allocation, "form": form, "crumbs": [("My work", reverse("my_work"))]}
    return render(request, "audits/activity_hand_in.html", context)


def show_record(request: SignedInRequest, record: ActivityRecord) -> HttpResponse:
    """One that was handed in. It is read and never changed."""
    allocation = record.allocation
    is_dip_sample = allocation.kind == AllocationKind.DIP_SAMPLE
    where = ("Files read", record.files_read) if is_dip_sample else ("Where", record.get_setting_display())
    facts = [
        ("Auditor", allocation.auditor),
        ("Month", allocation.round),
        ("Took place", date_format(record.held_on)),
        where,
        ("What was looked at" if is_dip_sample else "What was observed", record.looked_at),
        ("What was good", record.good),
        ("What has to be better", record.better),
    ]
    way = (
        [
            *way_to_programme(request.user),
            ("Dip samples and observations", reverse("programme:activity_list")),
        ]
        if can_list_activities(request.user)
        else [("My work", reverse("my_work"))]
    )
    context = {
        "record": record,
        "allocation": allocation,
        "facts": [{"key": key, "value": value} for key, value in facts],
        "crumbs": way,
    }
    return render(request, "audits/activity_detail.html", context)


@require_safe
def activity_list(request: SignedInRequest) -> HttpResponse:
    """What was handed in, the newest first, of every month or one, of both kinds or one."""
    if not can_list_activities(request.user):
        raise Http404
    rows = ActivityRecord.objects.visible_to(request.user)
    months = rows.order_by("-allocation__round__month").values_list("allocation__round__month", flat=True)
    form = ActivityFilterForm(request.GET, months=months.distinct())
    form.is_valid()  # what is not valid filters nothing
    if month := form.cleaned_data.get("month"):
        rows = rows.filter(allocation__round__month=month)
    if kind := form.cleaned_data.get("kind"):
        rows = rows.filter(allocation__kind=kind)
    rows = rows.select_related("allocation__auditor", "allocation__round").order_by("-handed_in_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "form": form, "crumbs": way_to_programme(request.user)}
    return render(request, "audits/activity_list.html", context)
