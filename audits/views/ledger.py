"""The ledger: what became of everything that was given out, by month and by year."""

from datetime import date

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.http import SignedInRequest
from accounts.models import User
from audits.enums import AllocationKind
from audits.ledger import COLUMNS
from audits.ledger_facts import GROUPINGS, Given, ledger_of, tables_of
from audits.models import Allocation, Exemption, Round
from audits.permissions import can_draw_round, can_list_activities, can_see_ledger
from core.dates import FinancialYear, last_day_of_month

YEARS_SHOWN = 4


def ledger_year(request: SignedInRequest) -> HttpResponse:
    """The ledger of a financial year, by round, service, job role and auditor."""
    if not can_see_ledger(request.user):
        raise Http404
    this_year = FinancialYear.of(timezone.localdate())
    try:
        year = FinancialYear.parse(request.GET.get("year", str(this_year)))
    except ValueError:
        year = this_year
    rows = Allocation.objects.visible_to(request.user)
    given = ledger_of(rows.filter(round__month__range=(year.first_day, year.last_day)))
    url = reverse("programme:ledger_year")
    years = [FinancialYear(this_year.start - n) for n in range(YEARS_SHOWN)]
    context = {
        **ledger_context(given, *GROUPINGS),
        "exemptions": exemptions_in(request.user, year.first_day, year.last_day),
        "of": str(year),
        "years": [
            {"label": str(one), "url": f"{url}?year={one}", "current": one == year} for one in reversed(years)
        ],
        "sees_all": can_draw_round(request.user),
        "may_list_activities": can_list_activities(request.user),
        "crumbs": way_to_programme(request.user),
    }
    return render(request, "audits/ledger.html", context)


def ledger_month(request: SignedInRequest, month: date) -> HttpResponse:
    """The ledger of one month, by service, job role and auditor."""
    if not can_see_ledger(request.user):
        raise Http404
    given = ledger_of(Allocation.objects.visible_to(request.user).filter(round__month=month))
    if not given and not Round.objects.visible_to(request.user).filter(month=month).exists():
        raise Http404
    crumbs = [*way_to_programme(request.user), ("Ledger", reverse("programme:ledger_year"))]
    context = {
        **ledger_context(given, *(name for name in GROUPINGS if name != "round")),
        "exemptions": exemptions_in(request.user, month, last_day_of_month(month)),
        "of": f"{month:%B %Y}",
        "sees_all": can_draw_round(request.user),
        "may_list_activities": can_list_activities(request.user),
        "crumbs": crumbs,
    }
    return render(request, "audits/ledger.html", context)


def ledger_context(given: list[Given], *names: str) -> dict[str, object]:
    """The tables of a ledger: child journey audits by each grouping, the other kinds in one line each."""
    cjas = tables_of((row for row in given if row.kind == AllocationKind.CJA), *names)
    others = [
        {"label": kind.label, "line": tables_of(rows, "auditor")["auditor"].total}
        for kind in AllocationKind
        if kind != AllocationKind.CJA and (rows := [row for row in given if row.kind == kind])
    ]
    return {
        "tables": cjas,
        "total": next(iter(cjas.values())).total,
        "others": others,
        "columns": [column.replace("_", " ").capitalize() for column in COLUMNS],
    }


def exemptions_in(user: User, first: date, last: date) -> QuerySet[Exemption]:
    """The approved exemptions of those days that this person may see, by auditor."""
    rows = Exemption.objects.visible_to(user).in_force(first, last).select_related("auditor")
    return rows.order_by("auditor__name", "starts_on", "pk")


def way_to_programme(user: User) -> list[tuple[str, str]]:
    """Managers have no page above their ledger."""
    return [("Programme", reverse("programme:round_list"))] if can_draw_round(user) else []
