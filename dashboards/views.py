"""The pages of the reports: the quarters, one quarter, and what each measure means."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.dates import Quarter
from dashboards.measures import MEASURES, SMALLEST_FOR_PERCENT, expand
from dashboards.permissions import can_read_reports
from dashboards.quarterly import FREEZE_AFTER_WORKING_DAYS, quarter_lines, quarterly_report
from dashboards.selectors import reported_quarters

PER_PAGE = 25
ANY = {
    "area": {"<area>": "Each area"},
    "grade": {"<grade>": "each grade"},
    "question": {"<CODE>": "Each practice question"},
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
    return render(request, "dashboards/quarter_list.html", {"page_obj": page, "lines": lines})


@for_readers
def quarter_detail(request: HttpRequest, quarter: Quarter) -> HttpResponse:
    """One quarter as counted now."""
    report = quarterly_report(quarter, at=timezone.now())
    return render(request, "dashboards/quarter_detail.html", {"report": report})


@for_readers
def measure_list(request: HttpRequest) -> HttpResponse:
    """Every measure in words, from the table that the figures are made with."""
    measures = [example for measure in MEASURES for example in expand(measure, ANY)]
    context = {
        "measures": measures,
        "smallest_for_percent": SMALLEST_FOR_PERCENT,
        "freeze_after": FREEZE_AFTER_WORKING_DAYS,
    }
    return render(request, "dashboards/measure_list.html", context)
