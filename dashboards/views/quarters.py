"""The pages of the reports: the quarters, one quarter, and what each measure means."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.http import SignedInRequest
from core.dates import Quarter
from core.errors import RuleViolation
from core.shares import SMALLEST_FOR_PERCENT
from core.typed import keeps_typed
from dashboards.aims import progress_of
from dashboards.beside import beside_audits, performance_table, targets_table
from dashboards.dashboard.parts import parts_open_to
from dashboards.forms import ReportSettingsForm, RestateForm
from dashboards.frozen import changes_after_freezing, frozen_quarters
from dashboards.measures.definition import expand
from dashboards.measures.table import MEASURES
from dashboards.models import ReportSettings
from dashboards.permissions import (
    can_change_report_settings,
    can_open_programme,
    can_read_reports,
    can_read_returns,
    can_restate,
)
from dashboards.quarterly import quarter_lines, quarterly_report
from dashboards.returns import months_with_returns, returns_of_month
from dashboards.scopes import COUNCIL
from dashboards.selectors.periods import reported_quarters
from dashboards.selectors.targets import performance_figures, targets_in
from dashboards.services.roll_up import restate_measure

PER_PAGE = 25
ANY = {
    "area": {"<area>": "Each area"},
    "grade": {"<grade>": "each grade"},
    "question": {"<CODE>": "Each practice question"},
    "pathway": {"<pathway>": "each pathway"},
}

View = Callable[..., HttpResponse]


def for_readers(view: View) -> View:
    """To everybody else the page does not exist."""

    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not can_read_reports(request.user):
            raise Http404
        return view(request, **kwargs)

    return wrapped


@for_readers
def quarter_list(request: HttpRequest) -> HttpResponse:
    """Every quarter with a published round, newest first."""
    page = Paginator(reported_quarters(), PER_PAGE).get_page(request.GET.get("page"))
    lines = quarter_lines(list(page))
    years = sorted({line.quarter.year for line in lines}, reverse=True)
    return render(request, "dashboards/quarter_list.html", {"page_obj": page, "lines": lines, "years": years})


@for_readers
def quarter_detail(request: HttpRequest, quarter: Quarter) -> HttpResponse:
    """One quarter as counted now, or as it was frozen with what came after."""
    report = quarterly_report(quarter, at=timezone.now())
    late = changes_after_freezing(quarter) if report.frozen_at else []
    beside = beside_audits(report, performance_figures([quarter]))
    tables = [
        targets_table(report, progress_of(report.figures, targets_in(quarter))),
        performance_table(str(quarter), beside, said=str),
    ]
    context = {"report": report, "late": late, "tables": tables}
    return render(request, "dashboards/quarter_detail.html", context)


@keeps_typed
def quarter_restate(request: SignedInRequest, quarter: Quarter) -> HttpResponse:
    """Report a measure of a frozen quarter by its definition of today: what it said before stays beside it."""
    if not can_restate(request.user):
        raise Http404
    frozen = frozen_quarters(quarter, quarter, COUNCIL).get(quarter)
    measures = [measure for measure in MEASURES if frozen and frozen.may_restate(measure)]
    form = RestateForm(measures, request.POST or None)
    if form.is_valid():
        try:
            restate_measure(quarter, **form.cleaned_data, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "Restated. Reports print both figures and the reason.")
            return redirect("dashboards:quarter_detail", quarter)
    context = {"quarter": quarter, "form": form, "measures": measures, "is_frozen": frozen is not None}
    return render(request, "dashboards/quarter_restate.html", context)


def measure_list(request: SignedInRequest) -> HttpResponse:
    """Every measure in words, from the table that the figures are made with; for everybody who reads figures."""
    reads_reports = can_read_reports(request.user)
    if not reads_reports and not parts_open_to(request.user):
        raise Http404
    measures = [example for measure in MEASURES for example in expand(measure, ANY)]
    context = {
        "measures": measures,
        "reads_reports": reads_reports,
        "smallest_for_percent": SMALLEST_FOR_PERCENT,
        "freeze_after": ReportSettings.current().freeze_after,
    }
    return render(request, "dashboards/measure_list.html", context)


def report_settings_edit(request: SignedInRequest) -> HttpResponse:
    """When quarters freeze. Those that are frozen stay so."""
    if not can_change_report_settings(request.user):
        raise Http404
    form = ReportSettingsForm(request.POST or None, instance=ReportSettings.current())
    if form.is_valid():
        form.save()
        messages.success(request, "Saved. Quarters that are frozen already stay as they are.")
        return redirect("report_settings_edit")
    return render(request, "dashboards/report_settings_edit.html", {"form": form})


def return_list(request: SignedInRequest) -> HttpResponse:
    """The returns of one month by service, team and auditor, with the months before it."""
    if not can_read_returns(request.user):
        raise Http404
    today = timezone.localdate()
    months = months_with_returns(request.user)
    started = [month for month in months if month <= today] or months
    month = next(iter(started), None)
    if asked := request.GET.get("month"):
        month = next((one for one in months if f"{one:%Y-%m}" == asked), None)
        if month is None:
            raise Http404
    context: dict[str, Any] = {"may_open_programme": can_open_programme(request.user)}
    if month is not None:
        aim = targets_in(Quarter.of(month)).get("return_rate")
        target = aim.percent if aim else None
        returns = returns_of_month(request.user, month, on=today, target=target)
        page = Paginator(returns.auditors, PER_PAGE).get_page(request.GET.get("page"))
        context |= {"month": month, "months": months, "target": target, "returns": returns, "page_obj": page}
    return render(request, "dashboards/return_list.html", context)
