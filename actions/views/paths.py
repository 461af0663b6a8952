"""What follows from Inadequate audits, and who audits a file again."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from actions.enums import OWED_STEPS, PathStepKind, PathStepStatus
from actions.models import PathSettings, PathStep, Reaudit, UrgentPath
from actions.navigation import tabs_of
from actions.path_forms import GiveReauditForm, PathSettingsForm, ReasonForm, StepForm, VerifyStepForm
from actions.path_permissions import (
    can_change_path_settings,
    can_give_reaudit,
    can_record_step,
    can_see_paths,
    can_see_reaudits,
    can_verify_step,
)
from actions.reaudit_facts import beside, is_in_time, outcome_of
from actions.services.paths import drop_reaudit, give_reaudit, record_step, return_step, verify_step
from audits.models import Audit, Child
from audits.selectors import closures
from audits.services.ledger import round_for_reaudit
from audits.services.rounds import auditor_choices
from core.dates import add_working_days, is_working_day
from core.errors import RuleViolation
from core.typed import keeps_typed

PER_PAGE = 25
QUESTIONS = {
    PathStepKind.REVIEW: "What did the review find and decide?",
    PathStepKind.PLAN: "What is the plan, and where is it recorded?",
    PathStepKind.IMPACT: "What is different for the child now, and how do you know?",
}


@require_safe
def path_list(request: SignedInRequest) -> HttpResponse:
    """The audits that were Inadequate overall and how far what follows has come, the newest first."""
    if not can_see_paths(request.user):
        raise Http404
    paths = UrgentPath.objects.visible_to(request.user).select_related(
        "audit__allocation", "audit__allocation__child__team"
    )
    steps = Prefetch("steps", PathStep.objects.order_by("due_on", "pk"))
    page = Paginator(paths.prefetch_related(steps), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "today": timezone.localdate(),
        "owed": OWED_STEPS,
        "tabs": tabs_of(request.user, "paths:path_list"),
    }
    return render(request, "actions/path_list.html", context)


def path_of(request: SignedInRequest, reference: str) -> UrgentPath:
    """The path if this person may see it; anybody else gets the same 404 as for one that does not exist."""
    paths = UrgentPath.objects.visible_to(request.user).select_related(
        "audit__allocation__auditor", "audit__allocation__child__team__service", "audit__team"
    )
    return get_object_or_404(paths, audit__allocation__reference=reference)


@require_safe
def path_detail(request: SignedInRequest, reference: str) -> HttpResponse:
    """The steps with who did what, and the re-audit."""
    path = path_of(request, reference)
    steps = PathStep.objects.filter(path=path).select_related("done_by", "verified_by")
    rows = []
    for step in steps:
        step.path = path
        rows.append(
            {
                "step": step,
                "records": step.status in OWED_STEPS and can_record_step(request.user, step),
                "verifies": step.status == PathStepStatus.DONE and can_verify_step(request.user, step),
                "is_late": step.status in OWED_STEPS and step.due_on < timezone.localdate(),
            }
        )
    context = {
        "path": path,
        "audit": path.audit,
        "rows": rows,
        "beside": beside(path.audit, request.user),
        "reaudit": Reaudit.objects.filter(first=path.audit).first(),
        "gives": can_see_reaudits(request.user),
        "may_open_audit": Audit.objects.visible_to(request.user).filter(pk=path.audit_id).exists(),
        "crumbs": [("After Inadequate", reverse("paths:path_list"))],
    }
    return render(request, "actions/path_detail.html", context)


@keeps_typed
def step_record(request: SignedInRequest, reference: str, kind: str) -> HttpResponse:
    """Record a step, or verify an impact check that is recorded; its history for whoever may do neither."""
    path = path_of(request, reference)
    step = get_object_or_404(PathStep.objects.select_related("done_by"), path=path, kind=kind)
    step.path = path
    form: StepForm | VerifyStepForm | None = None
    if step.status in OWED_STEPS and can_record_step(request.user, step):
        form = StepForm(request.POST or None, question=QUESTIONS[PathStepKind(step.kind)])
    elif step.status == PathStepStatus.DONE and can_verify_step(request.user, step):
        form = VerifyStepForm(request.POST or None)
    if form is not None and form.is_valid():
        try:
            said = _keep_step(step, form, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, said)
            return redirect("paths:path_detail", reference)
    context = {
        "path": path,
        "audit": path.audit,
        "step": step,
        "form": form,
        "moves": step.moves.select_related("by"),
        "crumbs": [
            ("After Inadequate", reverse("paths:path_list")),
            (reference, reverse("paths:path_detail", args=(reference,))),
        ],
    }
    return render(request, "actions/step_record.html", context)


def _keep_step(step: PathStep, form: StepForm | VerifyStepForm, *, by: User) -> str:
    if isinstance(form, StepForm):
        record_step(step, by=by, held_on=form.cleaned_data["held_on"], text=form.cleaned_data["text"])
        return f"{step} is recorded."
    if form.cleaned_data["decision"] == "verify":
        verify_step(step, by=by, note=form.cleaned_data["note"])
        return f"{step} is verified."
    return_step(step, by=by, reason=form.cleaned_data["note"])
    return f"{step} is sent back. It is on My work of the team manager again."


@require_safe
def reaudit_list(request: SignedInRequest) -> HttpResponse:
    """Every re-audit: those to give out first, then what came of the others."""
    if not can_see_reaudits(request.user):
        raise Http404
    today = timezone.localdate()
    rows = Reaudit.objects.visible_to(request.user).filter(first__in=Audit.objects.submitted().order_by())
    page = Paginator(
        rows.with_outcome().select_related("first__allocation", "first__team").to_give_out_first(today),
        PER_PAGE,
    ).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [
            {
                "reaudit": reaudit,
                "outcome": outcome_of(reaudit.first_grade, reaudit.again_grade),
                "in_time": is_in_time(reaudit),
                "waits": reaudit.given_id is None and reaudit.dropped_at is None,
                "is_open": reaudit.opens_on <= today,
                "is_late": reaudit.again_at is None and reaudit.closes_on < today,
            }
            for reaudit in page
        ],
        "tabs": tabs_of(request.user, "paths:reaudit_list"),
    }
    return render(request, "actions/reaudit_list.html", context)


def reaudit_of(request: SignedInRequest, reference: str) -> Reaudit:
    """The re-audit of that first audit, for those who give it out; never of an audit of their own."""
    rows = Reaudit.objects.visible_to(request.user).standing()
    rows = rows.select_related("first__allocation__auditor", "first__allocation__child__team", "first__team")
    reaudit = get_object_or_404(rows, first__allocation__reference=reference)
    if not can_give_reaudit(request.user, reaudit):
        raise Http404
    return reaudit


def reaudit_give(request: SignedInRequest, reference: str) -> HttpResponse:
    """Choose another auditor, whom no rule keeps from the child, and the day."""
    reaudit = reaudit_of(request, reference)
    today = timezone.localdate()
    due_on = (
        _last_working_day(reaudit) if reaudit.closes_on > today else add_working_days(today, 10, closures())
    )
    refusal = ""
    choices = []
    try:
        round_ = round_for_reaudit(reaudit.first, due_on=due_on, on=today)
    except RuleViolation as no_round:
        refusal = no_round.sentence
    else:
        child = Child.objects.filter(pk=reaudit.first.allocation.audited_child.pk)
        choices = auditor_choices(child, round_, first_auditor=reaudit.first.allocation.auditor)
    free = [choice for choice in choices if choice.block is None]
    form = GiveReauditForm(request.POST or None, choices=free, initial={"due_on": due_on})
    if form.is_valid():
        to = get_object_or_404(User.objects.active(), email=form.cleaned_data["auditor"])
        try:
            given = give_reaudit(reaudit, to=to, by=request.user, due_on=form.cleaned_data["due_on"])
        except RuleViolation as no:
            form.add_error(None, no.sentence)
        else:
            messages.success(request, f"{given} is given to {to}, who is being told by mail.")
            return redirect("paths:reaudit_list")
    given_as = reaudit.first.allocation.audited_again_by.live().first()
    context = {
        "reaudit": reaudit,
        "form": form,
        "refusal": refusal,
        "given_as": given_as,
        "is_open": reaudit.opens_on <= today,
        "may_take_it": bool(free),
        "blocked": [choice for choice in choices if choice.block is not None],
        "crumbs": [("Re-audits", reverse("paths:reaudit_list"))],
    }
    return render(request, "actions/reaudit_give.html", context)


def _last_working_day(reaudit: Reaudit) -> Any:
    closed = closures()
    if is_working_day(reaudit.closes_on, closed):
        return reaudit.closes_on
    return add_working_days(reaudit.closes_on, -1, closed)


def reaudit_drop(request: SignedInRequest, reference: str) -> HttpResponse:
    """Say that none is needed."""
    reaudit = reaudit_of(request, reference)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            drop_reaudit(reaudit, by=request.user, reason=form.cleaned_data["reason"])
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"No re-audit of {reference} is needed. The figures say so.")
            return redirect("paths:reaudit_list")
    context = {
        "form": form,
        "caption": reference,
        "heading": "No re-audit is needed",
        "intro": "Such as for a child who has left the caseload. It still counts as not audited again.",
        "submit": "No re-audit is needed",
        "crumbs": [
            ("Re-audits", reverse("paths:reaudit_list")),
            (reference, reverse("paths:reaudit_give", args=(reference,))),
        ],
    }
    return render(request, "actions/follow_form.html", context)


def path_settings_edit(request: SignedInRequest) -> HttpResponse:
    """The council's numbers. What began already keeps its days."""
    if not can_change_path_settings(request.user):
        raise Http404
    form = PathSettingsForm(request.POST or None, instance=PathSettings.current())
    if form.is_valid():
        form.save()
        messages.success(request, "Saved. It holds for audits submitted from now on.")
        return redirect("path_settings_edit")
    context = {
        "form": form,
        "heading": "Settings of what follows from grades",
        "intro": "Re-audits, impact checks, hand-offs and themes. What began already keeps its days.",
        "submit": "Save settings",
        "crumbs": [("Re-audits", reverse("paths:reaudit_list"))],
    }
    return render(request, "actions/follow_form.html", context)
