"""What the council aims at, and its performance figures: lists, and a form each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from core.dates import Quarter
from core.errors import RuleViolation
from core.typed import keeps_typed
from dashboards.aims import Aim
from dashboards.beside import printed
from dashboards.choices import measures_with_percent
from dashboards.models import PerformanceFigure, Target
from dashboards.permissions import can_set_targets
from dashboards.selectors.targets import targets_in
from dashboards.services.targets import remove_figure, set_target, type_figure
from dashboards.target_forms import PerformanceFigureForm, TargetForm, initial_of

PER_PAGE = 25
PRIMARY_KEY = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class TargetLine:
    """One target that holds now, with what its measure is called."""

    label: str
    aim: Aim


def labels() -> dict[str, str]:
    """What each measure with a percentage is called. One query."""
    return {code: label for _, measures in measures_with_percent() for code, label in measures}


@keeps_typed
def target_list(request: SignedInRequest) -> HttpResponse:
    """The targets that hold now, a form to set one, and every row that was set."""
    if not can_set_targets(request.user):
        raise Http404
    named = labels()
    asked = request.GET.get("change", "")
    changed = Target.objects.filter(pk=int(asked)).first() if PRIMARY_KEY.fullmatch(asked) else None
    form = TargetForm(request.POST or None, initial=initial_of(changed) if changed else None)
    if form.is_valid():
        target = set_target(
            form.cleaned_data["code"],
            form.since_quarter,
            percent=form.cleaned_data["percent"],
            direction=form.cleaned_data["direction"],
            by=request.user,
        )
        messages.success(request, f"Saved. It holds from {target.quarter}.")
        return redirect("target_list")
    now = targets_in(Quarter.of(timezone.localdate()))
    rows = Target.objects.select_related("set_by").order_by("-first_day", "code")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "in_force": list(_lines(now, named)),
        "page_obj": page,
        "rows": [(row, named.get(row.code, row.code)) for row in page],
    }
    return render(request, "dashboards/target_list.html", context)


def _lines(now: dict[str, Aim], named: dict[str, str]) -> Iterator[TargetLine]:
    """In the order of the table of measures; a measure that no question asks any more keeps its code."""
    order = list(named)
    for code in sorted(now, key=lambda code: order.index(code) if code in named else len(order)):
        yield TargetLine(named.get(code, code), now[code])


@require_safe
def performance_figure_list(request: SignedInRequest) -> HttpResponse:
    """Every performance figure, newest quarter first."""
    if not can_set_targets(request.user):
        raise Http404
    rows = PerformanceFigure.objects.visible_to(request.user).select_related("typed_by")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    named = labels()
    context = {
        "page_obj": page,
        "rows": [(row, named.get(row.code, row.code), printed(row)) for row in page],
    }
    return render(request, "dashboards/performance_figure_list.html", context)


@keeps_typed
def performance_figure_edit(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """Type a figure in, or change one."""
    if not can_set_targets(request.user):
        raise Http404
    figures = PerformanceFigure.objects.visible_to(request.user)
    figure = get_object_or_404(figures, pk=pk) if pk else None
    form = PerformanceFigureForm(request.POST or None, figure=figure)
    if form.is_valid():
        try:
            typed = type_figure(form.typed, by=request.user, figure=figure)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"Saved. It stands in the report of {typed.quarter}.")
            return redirect("dashboards:performance_figure_list")
    return render(request, "dashboards/performance_figure_edit.html", {"form": form, "figure": figure})


@require_POST
def performance_figure_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take out what was typed in by mistake. A second click finds it done."""
    if not can_set_targets(request.user):
        raise Http404
    if figure := PerformanceFigure.objects.visible_to(request.user).filter(pk=pk).first():
        remove_figure(figure, by=request.user)
        messages.success(request, "Taken out. Published reports keep what they printed.")
    else:
        messages.info(request, "This figure has been taken out already.")
    return redirect("dashboards:performance_figure_list")
