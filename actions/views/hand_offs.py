"""The learning of an audit, handed over in the worker's supervision."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from actions.models import Action, SupervisionHandOff
from actions.navigation import tabs_of
from actions.path_forms import HandOffForm
from actions.path_permissions import can_close_hand_off, can_see_hand_offs
from actions.services.hand_offs import close_hand_off
from audits.enums import READABLE
from audits.models import Answer, Audit, WorkerFeedback, WorkerReply
from core.errors import RuleViolation
from core.typed import keeps_typed

PER_PAGE = 25
STRENGTHS = "W4"


@require_safe
def hand_off_list(request: SignedInRequest) -> HttpResponse:
    """What is owed, by due date; with ?done what was handed over, the latest first."""
    if not can_see_hand_offs(request.user):
        raise Http404
    seen = SupervisionHandOff.objects.visible_to(request.user)
    shows_done = "done" in request.GET
    rows = seen.dated().order_by("-supervised_on", "-pk") if shows_done else seen.owed()
    rows = rows.select_related("audit__allocation", "audit__team", "manager", "closed_by")
    context = {
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "shows_done": shows_done,
        "today": timezone.localdate(),
        "tabs": tabs_of(request.user, "paths:hand_off_list"),
    }
    return render(request, "actions/hand_off_list.html", context)


@keeps_typed
def hand_off_detail(request: SignedInRequest, reference: str) -> HttpResponse:
    """What the auditor shared with the worker, the strengths and the actions; and the form that closes it.

    The audit itself is read once it is final: this page shows neither its grades nor its evidence.
    """
    rows = SupervisionHandOff.objects.visible_to(request.user).select_related(
        "audit__allocation__auditor", "audit__team", "manager", "closed_by"
    )
    hand_off = get_object_or_404(rows, audit__allocation__reference=reference)
    audit = hand_off.audit
    form = None
    if hand_off.closed_at is None and can_close_hand_off(request.user, hand_off):
        form = HandOffForm(request.POST or None)
        if form.is_valid():
            try:
                close_hand_off(hand_off, by=request.user, **form.cleaned_data)
            except RuleViolation as refusal:
                form.add_error(None, refusal.sentence)
            else:
                messages.success(request, f"The learning of {reference} is handed over.")
                return redirect("paths:hand_off_list")
    strengths = Answer.objects.filter(audit=audit, question__code=STRENGTHS).first()
    context = {
        "hand_off": hand_off,
        "audit": audit,
        "form": form,
        "feedback": WorkerFeedback.objects.filter(audit=audit).first(),
        "strengths": strengths.note or strengths.value if strengths and audit.status in READABLE else "",
        "actions": Action.objects.visible_to(request.user).filter(audit=audit).select_related("owner"),
        "reply": WorkerReply.objects.filter(audit=audit).first(),
        "may_reply": Audit.objects.open_to_reply_by(request.user).filter(pk=audit.pk).exists(),
        "may_open_audit": Audit.objects.visible_to(request.user).filter(pk=audit.pk).exists(),
        "crumbs": [("Supervision hand-offs", reverse("paths:hand_off_list"))],
    }
    return render(request, "actions/hand_off_detail.html", context)
