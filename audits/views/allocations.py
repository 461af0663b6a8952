"""One obligation: what it is, what happened to it, and what may be done with it now."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.http import SignedInRequest
from accounts.models import User
from audits.enums import HANDED_IN, AllocationKind, AllocationMoveKind, RoundStatus
from audits.ledger_forms import (
    ExcuseForm,
    ExtendForm,
    ReallocateForm,
    WithdrawForm,
    WithdrawLeftForm,
)
from audits.models import ActivityRecord, Allocation, Audit, ProgrammeSettings
from audits.moves import ALLOCATION_MOVES
from audits.permissions import (
    can_close_round,
    can_draw_round,
    can_extend_allocation,
    can_move_allocation,
    can_read_child_of,
    can_read_reasons_of,
    can_see_ledger,
)
from audits.selectors import closures
from audits.services.ledger import (
    close_round,
    excuse_allocation,
    extend_allocation,
    reallocate_allocation,
    withdraw_allocation,
    withdraw_children_who_left,
)
from audits.services.rounds import swap_choices
from audits.views.rounds import crumbs, round_of
from core.dates import add_working_days
from core.errors import RuleViolation
from core.forms import GovForm

ACTIONS = (
    (AllocationMoveKind.EXTEND, "Extend", "programme:allocation_extend"),
    (AllocationMoveKind.REALLOCATE, "Give to somebody else", "programme:allocation_reallocate"),
    (AllocationMoveKind.EXCUSE, "Excuse", "programme:allocation_excuse"),
    (AllocationMoveKind.WITHDRAW, "Withdraw", "programme:allocation_withdraw"),
)


def allocation_of(request: SignedInRequest, month: date, reference: str) -> Allocation:
    """The obligation if this person may see it; anybody else gets the same 404 as for one that does not exist."""
    rows = Allocation.objects.visible_to(request.user).given_out()
    rows = rows.select_related(
        "round", "auditor", "child__team", "team", "audit", "activity_record", "replaces", "replaced_by"
    )
    return get_object_or_404(rows, round__month=month, reference=reference)


def stands(allocation: Allocation) -> bool:
    """Whether something may still be done with it."""
    audit: Audit | None = getattr(allocation, "audit", None)
    is_met = hasattr(allocation, "activity_record") or (audit is not None and audit.status in HANDED_IN)
    return bool(ALLOCATION_MOVES[allocation.status]) and not is_met


def allocation_detail(request: SignedInRequest, month: date, reference: str) -> HttpResponse:
    """The obligation, its history, and the moves that this person may make."""
    allocation = allocation_of(request, month, reference)
    audit = Audit.objects.visible_to(request.user).filter(allocation=allocation).first()
    records = ActivityRecord.objects.visible_to(request.user).filter(allocation=allocation)
    context = {
        "allocation": allocation,
        "facts": facts_of(allocation, shows_child=can_read_child_of(request.user, allocation)),
        "shows_reasons": can_read_reasons_of(request.user, allocation),
        "shows_others": can_draw_round(request.user),
        "moves": allocation.moves.select_related("by"),
        "actions": [
            {"label": label, "url": reverse(url, args=(allocation.round.reference, reference))}
            for kind, label, url in ACTIONS
            if stands(allocation)
            and may_move(request.user, allocation, kind)
            and (allocation.child or kind != AllocationMoveKind.REALLOCATE)
        ],
        "audit": audit,
        "may_read_record": allocation.kind != AllocationKind.CJA and records.exists(),
        "crumbs": way_to(request.user, allocation),
    }
    return render(request, "audits/allocation_detail.html", context)


def allocation_excuse(request: SignedInRequest, month: date, reference: str) -> HttpResponse:
    """Let the auditor off."""
    allocation = allocation_to_move(request, month, reference, AllocationMoveKind.EXCUSE)
    form = ExcuseForm(request.POST or None)
    return move_page(
        request,
        allocation,
        form,
        words=("Excuse", f"{allocation.auditor} no longer owes it, and what they wrote is kept unread."),
        move=lambda: excuse_allocation(allocation, by=request.user, reason=form.cleaned_data["reason"]),
        said=f"{allocation} is excused.",
    )


def allocation_withdraw(request: SignedInRequest, month: date, reference: str) -> HttpResponse:
    """Take the audit out of the programme."""
    allocation = allocation_to_move(request, month, reference, AllocationMoveKind.WITHDRAW)
    form = WithdrawForm(request.POST or None)
    return move_page(
        request,
        allocation,
        form,
        words=("Withdraw", "It no longer counts in the return rate. Its row stays in the ledger."),
        move=lambda: withdraw_allocation(allocation, by=request.user, **form.cleaned_data),
        said=f"{allocation} is withdrawn.",
    )


def allocation_extend(request: SignedInRequest, month: date, reference: str) -> HttpResponse:
    """Move the due date on."""
    allocation = allocation_to_move(request, month, reference, AllocationMoveKind.EXTEND)
    form = ExtendForm(request.POST or None)
    words = (
        f"It was first due on {allocation.first_due_on:%-d %B %Y}. Whether it is on time goes by that day."
    )
    if not can_move_allocation(request.user, allocation):
        days = ProgrammeSettings.current().line_manager_extension
        latest = add_working_days(allocation.first_due_on, days, closures())
        words += f" You may extend to {latest:%-d %B %Y}; ask the QA lead for longer."
    return move_page(
        request,
        allocation,
        form,
        words=("Extend", words),
        move=lambda: extend_allocation(allocation, by=request.user, **form.cleaned_data),
        said=f"{allocation} has a later due date.",
    )


def allocation_reallocate(request: SignedInRequest, month: date, reference: str) -> HttpResponse:
    """Give the child to another auditor."""
    allocation = allocation_to_move(request, month, reference, AllocationMoveKind.REALLOCATE)
    if request.method != "POST" and not stands(allocation):
        return to_detail(allocation)
    choices = swap_choices(allocation) if allocation.child else []
    may_take_it = [choice for choice in choices if choice.block is None]
    form = ReallocateForm(request.POST or None, choices=may_take_it)

    def move() -> Allocation:
        to = User.objects.get(email=form.cleaned_data["auditor"])
        return reallocate_allocation(allocation, to=to, by=request.user, reason=form.cleaned_data["reason"])

    return move_page(
        request,
        allocation,
        form,
        words=(
            "Give to somebody else",
            "The other auditor starts afresh under a new reference and is told by mail.",
        ),
        move=move,
        said=f"{allocation} has been given to somebody else, who is being told by mail.",
        may_take_it=may_take_it,
        blocked=[choice for choice in choices if choice.block is not None],
    )


def round_close(request: SignedInRequest, month: date) -> HttpResponse:
    """Check what will never be returned, then close the month."""
    this = round_of(request, month)
    if not can_close_round(request.user):
        raise Http404
    if request.method == "POST":
        try:
            close_round(this, by=request.user)
        except RuleViolation as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, f"{this} is closed.")
        return redirect("programme:round_detail", this.reference)
    if this.status != RoundStatus.PUBLISHED:
        return redirect("programme:round_detail", this.reference)
    rows = this.allocations.cjas().outstanding().select_related("auditor", "audit").order_by("reference")
    return render(request, "audits/round_close.html", {"round": this, "rows": rows, "crumbs": crumbs(this)})


def round_withdraw_left(request: SignedInRequest, month: date) -> HttpResponse:
    """Withdraw the audits of all children who have left the caseload."""
    this = round_of(request, month)
    if not can_close_round(request.user):
        raise Http404
    form = WithdrawLeftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        withdrawn, own = withdraw_children_who_left(this, by=request.user, note=form.cleaned_data["note"])
        said = f"{len(withdrawn)} withdrawn."
        messages.success(request, said + (" Somebody else has to withdraw your own." if own else ""))
        return redirect("programme:round_detail", this.reference)
    rows = this.allocations.child_has_left().select_related("auditor", "child").order_by("reference")
    context = {"round": this, "rows": rows, "form": form, "crumbs": crumbs(this)}
    return render(request, "audits/round_withdraw_left.html", context)


def allocation_to_move(
    request: SignedInRequest, month: date, reference: str, kind: AllocationMoveKind
) -> Allocation:
    """The obligation if this person may make that move; what they may not is answered as what does not exist."""
    allocation = allocation_of(request, month, reference)
    if not may_move(request.user, allocation, kind):
        raise Http404
    return allocation


def may_move(user: User, allocation: Allocation, kind: AllocationMoveKind) -> bool:
    may = can_extend_allocation if kind == AllocationMoveKind.EXTEND else can_move_allocation
    return may(user, allocation)


def move_page(
    request: SignedInRequest,
    allocation: Allocation,
    form: GovForm,
    *,
    words: tuple[str, str],
    move: Callable[[], Allocation],
    said: str,
    **more: object,
) -> HttpResponse:
    """Ask for what the move needs, make it, and go back to the obligation."""
    if request.method != "POST" and not stands(allocation):
        return to_detail(allocation)
    if form.is_valid():
        try:
            move()
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, said)
            return to_detail(allocation)
    title, text = words
    context = {
        "allocation": allocation,
        "form": form,
        "title": title,
        "text": text,
        "crumbs": [
            *way_to(request.user, allocation),
            (
                allocation.reference,
                reverse("programme:allocation_detail", args=(allocation.round.reference, allocation)),
            ),
        ],
        **more,
    }
    return render(request, "audits/allocation_move.html", context)


def to_detail(allocation: Allocation) -> HttpResponse:
    return redirect("programme:allocation_detail", allocation.round.reference, allocation.reference)


def way_to(user: User, allocation: Allocation) -> list[tuple[str, str]]:
    """From the round for those who run it, from the ledger for managers, from My work for the auditor."""
    if can_draw_round(user):
        return crumbs(allocation.round)
    if can_see_ledger(user):
        return [("Ledger", reverse("programme:ledger_year"))]
    return [("My work", reverse("my_work"))]


def facts_of(allocation: Allocation, *, shows_child: bool) -> list[dict[str, str]]:
    """What the obligation is, for a summary list; of which child, where this person may know."""
    facts = [
        ("Kind", allocation.get_kind_display()),
        ("Auditor", allocation.auditor.name),
        ("Month", str(allocation.round)),
        ("First due", f"{allocation.first_due_on:%-d %B %Y}"),
        ("Due", f"{allocation.due_on:%-d %B %Y}"),
    ]
    if allocation.child and shows_child:
        facts.insert(
            1, ("Child", f"{allocation.child}, {allocation.get_pathway_display().lower()}, {allocation.team}")
        )
        if allocation.child.closed_on:
            facts.insert(2, ("Left the caseload", f"{allocation.child.closed_on:%-d %B %Y}"))
    return [{"key": key, "value": value} for key, value in facts]
