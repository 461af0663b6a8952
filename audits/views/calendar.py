"""The year of the programme, and the days on which nobody works."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from audits.calendar_forms import ClosureForm
from audits.models import Closure, Round
from audits.permissions import can_change_programme_settings, can_draw_round
from audits.services.closures import add_closure, remove_closure
from audits.views.rounds import GIVEN, MONTHS_AHEAD, PER_PAGE, SUBMITTED, crumbs
from core.dates import (
    FinancialYear,
    add_months,
    add_working_days,
    bank_holiday_names,
    is_working_day,
    last_working_day_of_month,
    london_date,
)
from core.errors import RuleViolation

YEARS_EACH_WAY = 1


def closure_list(request: SignedInRequest) -> HttpResponse:
    """The council's closures, the latest first, with a form to add one; and the bank holidays of two years."""
    if not can_draw_round(request.user):
        raise Http404
    may_change = can_change_programme_settings(request.user)
    form = ClosureForm(request.POST or None) if may_change else None
    if request.method == "POST" and form is None:
        raise Http404
    if form is not None and form.is_valid():
        try:
            closure = add_closure(**form.cleaned_data, by=request.user)
        except RuleViolation as refusal:
            form.add_error("day", refusal.sentence)
        else:
            messages.success(request, f"{closure.day:%-d %B %Y} no longer counts as a working day.")
            return redirect("closures:closure_list")
    rows = Closure.objects.visible_to(request.user).order_by("-day")
    year = timezone.localdate().year
    context = {
        "form": form,
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "holidays": [(one, list(bank_holiday_names(one).items())) for one in (year, year + 1)],
        "crumbs": crumbs(),
    }
    return render(request, "audits/closure_list.html", context)


@require_POST
def closure_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make a day a working day again. A second click finds it done."""
    if not can_change_programme_settings(request.user):
        raise Http404
    if closure := Closure.objects.visible_to(request.user).filter(pk=pk).first():
        remove_closure(closure, by=request.user)
        messages.success(request, f"{closure.day:%-d %B %Y} counts as a working day again.")
    else:
        messages.info(request, "This closure has been removed already.")
    return redirect("closures:closure_list")


def year_calendar(request: SignedInRequest) -> HttpResponse:
    """A financial year of the programme, month by month: planned, issued, due, and what is in."""
    if not can_draw_round(request.user):
        raise Http404
    this_year = FinancialYear.of(timezone.localdate())
    try:
        year = FinancialYear.parse(request.GET.get("year", str(this_year)))
    except ValueError as error:
        raise Http404 from error
    rounds = {
        row.month: row
        for row in Round.objects.visible_to(request.user)
        .filter(month__range=(year.first_day, year.last_day))
        .annotate(given=Count("allocations", filter=GIVEN), submitted=Count("allocations", filter=SUBMITTED))
    }
    named = {row.day: row.reason for row in Closure.objects.visible_to(request.user)}
    url = reverse("programme:year_calendar")
    context = {
        "year": year,
        "years": [
            {"label": str(one), "url": f"{url}?year={one}", "current": one == year}
            for one in (
                FinancialYear(this_year.start + n) for n in range(-YEARS_EACH_WAY, YEARS_EACH_WAY + 1)
            )
        ],
        "months": [
            _month(add_months(year.first_day, n), rounds, named, today=timezone.localdate())
            for n in range(12)
        ],
    }
    return render(request, "audits/year_calendar.html", context)


def _month(month: date, rounds: dict[date, Round], named: dict[date, str], *, today: date) -> dict[str, Any]:
    """One line of the calendar. What is not drawn yet shows when it should be issued and will be due."""
    closed = frozenset(named)
    round_ = rounds.get(month)
    this_month = today.replace(day=1)
    a_month_ahead = add_months(month, -1)
    off = {**bank_holiday_names(month.year), **named}
    issue_on = (
        a_month_ahead if is_working_day(a_month_ahead, closed) else add_working_days(a_month_ahead, 1, closed)
    )
    return {
        "month": month,
        "round": round_,
        "issued_on": london_date(round_.published_at) if round_ and round_.published_at else None,
        "issue_on": issue_on,
        "due_on": round_.due_on if round_ else last_working_day_of_month(month, closed),
        "may_plan": round_ is None and this_month <= month <= add_months(this_month, MONTHS_AHEAD),
        "is_over": month < this_month,
        "days_off": [
            (day, name)
            for day, name in sorted(off.items())
            if (day.year, day.month) == (month.year, month.month)
        ],
    }
