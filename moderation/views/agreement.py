"""How far panels agree with auditors: everybody's for the QA lead and the PSW, one's own for an auditor."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.models import User
from accounts.roles import roles_of
from audits.enums import Pathway, Section
from core.dates import FinancialYear
from moderation.agreement import Agreement, Lean, pool, recurring
from moderation.earning import standing_of
from moderation.enums import EarnedStatus, Reason
from moderation.fairness_permissions import can_see_all_of_moderation
from moderation.models import EarnedExemption, ModerationSettings
from moderation.selectors import (
    AUDITOR,
    MONTH,
    PATHWAY,
    Lines,
    agreement_by_section,
    coverage,
    decided_lines,
    leans,
    overall_agreement_by,
    reasons_given,
)
from moderation.services.earned import used_up_on
from moderation.standing_facts import decided_overall, earning_rules

PER_PAGE = 25
YEARS_SHOWN = 3
NOTHING = pool([])


@dataclass(frozen=True)
class Line:
    """One row of a table: what it is of, and how far panels agreed."""

    label: str
    agreement: Agreement
    url: str = ""
    lean: Lean | None = None


def agreement_year(request: SignedInRequest) -> HttpResponse:
    """Agreement of a financial year by area, pathway, month and auditor, with recurring reasons and leans."""
    if not can_see_all_of_moderation(request.user):
        raise Http404
    year = chosen_year(request)
    lines = decided_lines(year.first_day, year.last_day)
    auditors = auditor_lines(lines, year)
    page = Paginator(auditors, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **shared_context(request, lines, year, "fairness:agreement_year"),
        "coverage": coverage(year.first_day, year.last_day),
        "page_obj": page,
        "auditors": len(auditors),
        "leaning": [line for line in auditors if line.lean and line.lean.direction],
    }
    return render(request, "moderation/agreement_year.html", context)


def auditor_lines(lines: Lines, year: FinancialYear) -> list[Line]:
    """The auditors with a decision in the year, by name. Three queries."""
    found = overall_agreement_by(lines, AUDITOR)
    moved = leans(year.first_day, year.last_day)
    names = dict(User.objects.filter(pk__in=lines.values(AUDITOR)).order_by().values_list("pk", "name"))
    made = [
        Line(
            names[pk],
            agreement,
            f"{reverse('fairness:agreement_auditor', args=(pk,))}?year={year}",
            moved.get(pk, Lean(0, 0)),
        )
        for pk, agreement in found.items()
    ]
    return sorted(made, key=lambda line: (line.label, line.url))


def agreement_mine(request: SignedInRequest) -> HttpResponse:
    """An auditor's own: agreement, reasons, lean, and how far they are from an exemption."""
    if Role.AUDITOR not in roles_of(request.user):
        raise Http404
    return of_auditor(request, request.user, "fairness:agreement_mine")


def agreement_auditor(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same of one auditor, for the QA lead and the PSW."""
    if not can_see_all_of_moderation(request.user):
        raise Http404
    auditors = User.objects.filter(memberships__role=Role.AUDITOR).distinct()
    return of_auditor(request, get_object_or_404(auditors, pk=pk), "fairness:agreement_auditor")


def of_auditor(request: SignedInRequest, auditor: User, url_name: str) -> HttpResponse:
    year = chosen_year(request)
    lines = decided_lines(year.first_day, year.last_day, auditor=auditor)
    settings = ModerationSettings.current()
    rules = earning_rules(settings)
    standing = standing_of(
        decided_overall([auditor.pk])[auditor.pk],
        rules,
        since=used_up_on(auditor.pk),
        on=timezone.localdate(),
    )
    exemptions = EarnedExemption.objects.filter(auditor=auditor).exclude(status=EarnedStatus.PROPOSED)
    context = {
        **shared_context(request, lines, year, url_name, auditor),
        "auditor": auditor,
        "is_own": url_name == "fairness:agreement_mine",
        "lean": leans(year.first_day, year.last_day, auditor=auditor).get(auditor.pk, Lean(0, 0)),
        "standing": standing,
        "standing_in_words": standing.in_words(rules),
        "exemption": exemptions.filter(status=EarnedStatus.GRANTED).first(),
        "ended": exemptions.filter(status=EarnedStatus.ENDED).order_by("-ended_on").first(),
        "settings": settings,
    }
    return render(request, "moderation/agreement_auditor.html", context)


def shared_context(
    request: SignedInRequest,
    lines: Lines,
    year: FinancialYear,
    url_name: str,
    auditor: User | None = None,
) -> dict[str, object]:
    """What all pages of agreement show. Four queries."""
    by_section = agreement_by_section(lines)
    months = overall_agreement_by(lines, MONTH)
    pathways = overall_agreement_by(lines, PATHWAY)
    url = reverse(
        url_name, args=(auditor.pk,) if url_name == "fairness:agreement_auditor" and auditor else ()
    )
    this_year = FinancialYear.of(timezone.localdate())
    years = [FinancialYear(this_year.start - n) for n in range(YEARS_SHOWN)]
    return {
        "year": year,
        "years": [
            {"label": str(one), "url": f"{url}?year={one}", "current": one == year} for one in reversed(years)
        ],
        "overall": by_section.get(Section.OVERALL, NOTHING),
        "sections": [Line(Section(section).label, found) for section, found in by_section.items()],
        "months": [Line(f"{month:%B %Y}", months[month]) for month in sorted(months)],
        "pathways": [Line(name.label, pathways[name]) for name in Pathway if name in pathways],
        "reasons": [(Reason(reason).label, count) for reason, count in recurring(reasons_given(lines))],
        "sees_all": can_see_all_of_moderation(request.user),
        "is_auditor": Role.AUDITOR in roles_of(request.user),
    }


def chosen_year(request: SignedInRequest) -> FinancialYear:
    """The year of the address, or this one."""
    this_year = FinancialYear.of(timezone.localdate())
    try:
        return FinancialYear.parse(request.GET.get("year", str(this_year)))
    except ValueError:
        return this_year
