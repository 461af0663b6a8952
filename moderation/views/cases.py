"""The queue: what waits for a panel, why, and for how long."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.roles import roles_of
from audits.selectors import closures
from core.dates import add_working_days, london_date, working_days_between
from moderation.enums import SelectionReason, TablingStatus
from moderation.fairness_forms import CaseFilterForm
from moderation.fairness_permissions import can_see_all_of_moderation
from moderation.models import ModerationCase, ModerationSettings, Tabling
from moderation.querysets import ModerationCaseQuerySet
from moderation.selectors import counts_of_queue

PER_PAGE = 25

TABS = {
    "waiting": "To be tabled",
    "tabled": "On a table",
    "returned": "Returned for evidence",
    "draw": "Waiting for the lot",
}


@dataclass(frozen=True)
class Line:
    """A case with its age, in working days since it was submitted (docs/domain.md, section 7, R5)."""

    case: ModerationCase
    submitted_on: date
    due_on: date
    days: int
    is_late: bool

    @property
    def carried_over(self) -> int:
        """How often a panel did not get to it, as with_what_is_shown counted it."""
        return int(vars(self.case)["carried_over"])

    @property
    def reasons(self) -> list[str]:
        return [SelectionReason(reason).label for reason in self.case.reasons]


def case_list(request: SignedInRequest) -> HttpResponse:
    """What waits for a panel, the longest waiting first."""
    if not can_see_all_of_moderation(request.user):
        raise Http404
    cases = ModerationCase.objects.visible_to(request.user)
    chosen = request.GET.get("show", "")
    tab = chosen if chosen in TABS else "waiting"
    form = CaseFilterForm(request.GET)
    form.is_valid()
    within = ModerationSettings.current().moderate_within
    closed, today = closures(), timezone.localdate()
    last_in_time = add_working_days(today, -within, closed)
    rows = narrowed(in_tab(cases, tab), form, last_in_time)
    page = Paginator(with_what_is_shown(rows), PER_PAGE).get_page(request.GET.get("page"))
    counts = counts_of_queue(cases)
    context = {
        "page_obj": page,
        "lines": [line_of(case, within, today, closed) for case in page],
        "form": form,
        "tab": tab,
        "tabs": [
            {"label": label, "url": f"?show={name}", "current": name == tab, "count": counts[name]}
            for name, label in TABS.items()
        ],
        "within": within,
        "is_filtered": any(form.cleaned_data.values()),
        "sees_all": True,
        "is_auditor": Role.AUDITOR in roles_of(request.user),
    }
    return render(request, "moderation/case_list.html", context)


def in_tab(cases: ModerationCaseQuerySet, tab: str) -> ModerationCaseQuerySet:
    if tab == "tabled":
        return cases.on_a_table()
    if tab == "returned":
        return cases.returned()
    return cases.to_draw() if tab == "draw" else cases.waiting()


def narrowed(
    cases: ModerationCaseQuerySet, form: CaseFilterForm, last_in_time: date
) -> ModerationCaseQuerySet:
    chosen = form.cleaned_data
    if reason := chosen.get("reason"):
        cases = cases.because(reason)
    if pathway := chosen.get("pathway"):
        cases = cases.filter(audit__pathway=pathway)
    if chosen.get("late"):
        cases = cases.filter(audit__submitted_at__date__lt=last_in_time)
    return cases


def with_what_is_shown(cases: ModerationCaseQuerySet) -> ModerationCaseQuerySet:
    """Each with `carried_over`, how often a panel did not get to it, and `panel`, on whose table it lies."""
    tabled = Tabling.objects.filter(audit=OuterRef("audit"), status=TablingStatus.TABLED)
    return (
        cases.select_related("audit__allocation__auditor", "audit__team")
        .annotate(
            carried_over=Count(
                "audit__tablings", filter=Q(audit__tablings__status=TablingStatus.CARRIED_OVER)
            ),
            panel=Subquery(tabled.values("panel__reference")[:1]),
        )
        .order_by("audit__submitted_at", "pk")
    )


def line_of(case: ModerationCase, within: int, today: date, closed: frozenset[date]) -> Line:
    submitted_at = case.audit.submitted_at
    if submitted_at is None:
        raise ValueError(f"{case} was never submitted")
    submitted_on = london_date(submitted_at)
    days = working_days_between(submitted_on, today, closed)
    return Line(case, submitted_on, add_working_days(submitted_on, within, closed), days, days > within)
