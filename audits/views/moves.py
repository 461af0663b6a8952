"""What may be done with a submitted audit: return it, declare it void, reopen it by two people. And its history."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from audits.enums import AuditStatus
from audits.history import history_of
from audits.models import Audit
from audits.move_forms import DecideReopeningForm, ProposeReopeningForm, ReturnForm, VoidForm
from audits.moves import MOVES
from audits.permissions import (
    can_decide_reopening,
    can_propose_reopening,
    can_return_audit,
    can_void_audit,
)
from audits.services.moves import (
    decide_reopening,
    propose_reopening,
    return_audit,
    void_audit,
)
from audits.views.audits import audit_of, crumbs_within
from audits.views.standing import waiting_reopening
from core.errors import RuleViolation
from core.forms import GovForm


def audit_return(request: SignedInRequest, reference: str) -> HttpResponse:
    """Return the audit to its auditor, who is told."""
    audit = audit_to_move(request, reference, can_return_audit)
    form = ReturnForm(request.POST or None)
    return move_page(
        request,
        audit,
        form,
        to_status=AuditStatus.RETURNED,
        template="audits/audit_return.html",
        move=lambda: return_audit(audit, by=request.user, reason=form.cleaned_data["reason"]),
        said=f"{reference} is returned. {audit.allocation.auditor} is being told by mail.",
    )


def audit_void(request: SignedInRequest, reference: str) -> HttpResponse:
    """Say what follows and who will be told, then declare the audit void."""
    audit = audit_to_move(request, reference, can_void_audit)
    form = VoidForm(request.POST or None)
    return move_page(
        request,
        audit,
        form,
        to_status=AuditStatus.VOID,
        template="audits/audit_void.html",
        move=lambda: void_audit(audit, by=request.user, reason=form.cleaned_data["reason"]),
        said=f"{reference} is void. {audit.allocation.auditor} is being told by mail.",
    )


def reopening_propose(request: SignedInRequest, reference: str) -> HttpResponse:
    """Propose that a final audit be reopened."""
    audit = audit_to_move(request, reference, can_propose_reopening)
    form = ProposeReopeningForm(request.POST or None)
    return move_page(
        request,
        audit,
        form,
        to_status=AuditStatus.REOPENED,
        template="audits/reopening_propose.html",
        move=lambda: propose_reopening(audit, by=request.user, reason=form.cleaned_data["reason"]),
        said="Reopening is proposed. It waits for the Principal Social Worker under My work.",
    )


def reopening_decide(request: SignedInRequest, reference: str) -> HttpResponse:
    """Approve or refuse the reopening that waits; what nobody proposed answers as what does not exist."""
    audit = audit_of(request, reference)
    reopening = waiting_reopening(request.user, audit)
    if reopening is None or not can_decide_reopening(request.user, reopening):
        raise Http404
    form = DecideReopeningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        approve = form.cleaned_data["decision"] == "approve"
        try:
            decide_reopening(reopening, by=request.user, approve=approve, reason=form.cleaned_data["reason"])
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(
                request,
                f"{reference} is reopened. {audit.allocation.auditor} is being told by mail."
                if approve
                else f"Refused: {reference} stays final.",
            )
            return redirect("audits:audit_detail", reference)
    context = {"audit": audit, "reopening": reopening, "form": form, "crumbs": crumbs_within(audit)}
    return render(request, "audits/reopening_decide.html", context)


@require_safe
def audit_history(request: SignedInRequest, reference: str) -> HttpResponse:
    """Everything that happened to the audit, for whoever may see it."""
    audit = audit_of(request, reference)
    context = {
        "audit": audit,
        "events": history_of(audit, request.user),
        "crumbs": crumbs_within(audit),
    }
    return render(request, "audits/audit_history.html", context)


def audit_to_move(request: SignedInRequest, reference: str, may: Callable[[User, Audit], bool]) -> Audit:
    """The audit if this person makes that move at all; anybody else gets the same 404 as for what does not exist."""
    audit = audit_of(request, reference)
    if not may(request.user, audit):
        raise Http404
    return audit


def move_page(  # noqa: PLR0913 - what a page of a move is
    request: SignedInRequest,
    audit: Audit,
    form: GovForm,
    *,
    to_status: AuditStatus,
    template: str,
    move: Callable[[], object],
    said: str,
) -> HttpResponse:
    """Ask for the reason, make the move, and go back to the audit."""
    reference = audit.allocation.reference
    if request.method != "POST" and to_status not in MOVES[audit.status]:
        return redirect("audits:audit_detail", reference)
    if form.is_valid():
        try:
            move()
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, said)
            return redirect("audits:audit_detail", reference)
    return render(request, template, {"audit": audit, "form": form, "crumbs": crumbs_within(audit)})
