"""The social worker's right of reply, and the work that auditors nominate as good practice."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.http import SignedInRequest
from audits.involvement_forms import WorkerReplyForm
from audits.models import Audit
from audits.permissions import can_read_submitted_audits
from audits.services.involvement import record_worker_reply
from audits.views.audits import PER_PAGE
from core.errors import RuleViolation
from core.typed import keeps_typed


@keeps_typed
def worker_reply(request: SignedInRequest, reference: str) -> HttpResponse:
    """Record what the social worker says; shows what they were told, and nothing else of the audit."""
    audits = Audit.objects.open_to_reply_by(request.user).select_related(
        "allocation__auditor", "team", "worker_feedback", "worker_reply__recorded_by"
    )
    audit = get_object_or_404(audits, allocation__reference=reference)
    reply = getattr(audit, "worker_reply", None)
    form = None if reply and request.method != "POST" else WorkerReplyForm(request.POST or None)
    if form and form.is_valid():
        try:
            record_worker_reply(audit, **form.cleaned_data, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "Recorded. The auditor is being told by mail that there is a reply.")
            return redirect("audits:worker_reply", reference)
    context = {
        "audit": audit,
        "reply": reply,
        "feedback": getattr(audit, "worker_feedback", None),
        "form": form,
        "crumbs": [("My work", reverse("my_work"))],
    }
    return render(request, "audits/worker_reply.html", context)


def good_practice_list(request: SignedInRequest) -> HttpResponse:
    """Nominations of good practice with what others should learn, the newest first."""
    if not can_read_submitted_audits(request.user):
        raise Http404
    audits = Audit.objects.visible_to(request.user).nominated()
    audits = audits.select_related("allocation__auditor", "team").order_by("-submitted_at", "pk")
    page = Paginator(audits, PER_PAGE).get_page(request.GET.get("page"))
    crumbs = [("Audits", reverse("audits:audit_list"))]
    return render(request, "audits/good_practice_list.html", {"page_obj": page, "crumbs": crumbs})
