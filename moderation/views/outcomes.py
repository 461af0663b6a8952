"""Outcomes: what the auditor is told, acknowledges and may reply to, and what is decided on the reply."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from audits.models import Audit
from core.errors import RuleViolation
from moderation.enums import PanelStatus, TablingStatus, Verdict
from moderation.forms.outcomes import ReplyDecisionForm, ReplyForm
from moderation.models import DecisionLine, Outcome, Reply, Tabling
from moderation.permissions import can_decide_reply, can_reply, can_run_moderation
from moderation.services.outcomes import acknowledge_outcome, decide_reply, reply_to_outcome
from moderation.verdicts import in_words
from moderation.views.meeting import reasons_in_words
from moderation.views.panels import crumbs, frame, panel_of

PER_PAGE = 25


def outcome_of(request: SignedInRequest, pk: int) -> Outcome:
    """The outcome if this person may read it; anybody else gets the same 404 as for one that does not exist."""
    rows = Outcome.objects.visible_to(request.user).select_related(
        "auditor", "decision__by", "decision__tabling__panel", "decision__tabling__audit__allocation"
    )
    return get_object_or_404(rows, pk=pk)


def outcome_list(request: SignedInRequest) -> HttpResponse:
    """The outcomes of one's own audits; for those who run moderation all of them."""
    rows = Outcome.objects.visible_to(request.user).select_related(
        "auditor", "decision__tabling__panel", "decision__tabling__audit__allocation", "reply"
    )
    page = Paginator(rows.order_by("-told_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "runs": can_run_moderation(request.user)}
    return render(request, "moderation/outcome_list.html", context)


def outcome_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Both grades, the reasons, and the one reply."""
    outcome = outcome_of(request, pk)
    may_reply = can_reply(request.user, outcome)
    if request.method == "POST" and outcome.auditor_id != request.user.pk:
        raise Http404
    form = ReplyForm(request.POST or None) if outcome.auditor_id == request.user.pk else None
    if form and form.is_valid():
        try:
            reply_to_outcome(outcome, text=form.cleaned_data["text"], by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
            may_reply = True
        else:
            messages.success(request, "Your reply is sent. You are told by mail what is decided on it.")
            return redirect("moderation:outcome_detail", pk)
    reply = Reply.objects.filter(outcome=outcome).select_related("decided_by").first()
    context = {
        "outcome": outcome,
        "reference": outcome.decision.tabling.audit.allocation.reference,
        "panel": outcome.decision.tabling.panel,
        "lines": lines_in_words(outcome.decision.lines.all()),
        "reply": reply,
        "form": form if may_reply else None,
        "is_own": outcome.auditor_id == request.user.pk,
        "may_decide": reply is not None
        and reply.decided_at is None
        and can_decide_reply(request.user, reply),
        "crumbs": [("Outcomes", reverse("moderation:outcome_list"))],
    }
    return render(request, "moderation/outcome_detail.html", context)


@require_POST
def outcome_acknowledge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say that one has read it."""
    outcome = outcome_of(request, pk)
    if outcome.auditor_id != request.user.pk:
        raise Http404
    acknowledge_outcome(outcome, by=request.user)
    messages.success(request, "Thank you. It is noted that you have read this outcome.")
    return redirect("moderation:outcome_detail", pk)


def reply_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Decide on the reply to an outcome."""
    outcome = outcome_of(request, pk)
    reply = Reply.objects.filter(outcome=outcome).select_related("outcome__decision").first()
    if reply is None or not can_decide_reply(request.user, reply):
        raise Http404
    form = ReplyDecisionForm(request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            decide_reply(
                reply, is_upheld=data["decision"] == "upheld", answer=data["answer"], by=request.user
            )
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "Decided. The auditor is being told by mail.")
            return redirect("moderation:outcome_detail", pk)
    reference = outcome.decision.tabling.audit.allocation.reference
    context = {
        "form": form,
        "reply": reply,
        "outcome": outcome,
        "reference": reference,
        "lines": lines_in_words(outcome.decision.lines.all()),
        "crumbs": [
            ("Outcomes", reverse("moderation:outcome_list")),
            (reference, reverse("moderation:outcome_detail", args=(pk,))),
        ],
    }
    return render(request, "moderation/reply_decide.html", context)


def panel_outcomes(request: SignedInRequest, reference: str) -> HttpResponse:
    """What a closed panel decided: for those who run moderation, and its members as long as they read its audits."""
    panel = panel_of(request, reference)
    if panel.status != PanelStatus.CLOSED:
        raise Http404
    rows = (
        Tabling.objects.visible_to(request.user).filter(panel=panel).exclude(status=TablingStatus.TAKEN_OFF)
    )
    if not can_run_moderation(request.user):
        rows = rows.filter(audit__in=Audit.objects.visible_to(request.user))
    rows = rows.select_related("audit__allocation", "decision__by", "decision__outcome").prefetch_related(
        Prefetch(
            "decision__lines", DecisionLine.objects.exclude(verdict=Verdict.CONFIRMED), to_attr="changes"
        )
    )
    page = Paginator(rows.order_by("pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {**frame(request, panel, "panel_outcomes"), "page_obj": page, "crumbs": crumbs()}
    return render(request, "moderation/panel_outcomes.html", context)


def lines_in_words(lines: Iterable[DecisionLine]) -> list[dict[str, str]]:
    """Each area with both grades and why they differ."""
    return [
        {
            "section": line.get_section_display(),
            "auditor": line.auditor_grade,
            "auditor_label": line.get_auditor_grade_display(),
            "final": line.final_grade,
            "final_label": line.get_final_grade_display(),
            "verdict": line.get_verdict_display()
            if line.verdict in (Verdict.CONFIRMED, Verdict.RETURNED)
            else in_words(line.auditor_grade, line.final_grade).capitalize(),
            "reasons": reasons_in_words(line.reasons),
            "narrative": line.narrative,
        }
        for line in lines
    ]
