"""The caseload's pages: the children, and the imports they come from."""

from collections import Counter
from datetime import date
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import Team
from accounts.permissions import can_manage_people
from audits.annex_a import read_caseload
from audits.caseload_forms import ApplyForm, ChildFilterForm, UploadForm
from audits.enums import HANDED_IN, ImportStatus, Pathway
from audits.models import Allocation, Audit, CaseloadImport, Child, Holding
from audits.permissions import can_import_caseload, can_read_caseload
from audits.services.caseload import (
    ManyClosings,
    Plan,
    apply_import,
    caseload_of,
    discard_import,
    plan_import,
    preview_import,
)
from audits.wording import age_in_words
from core.dates import add_months
from core.errors import RuleViolation

PER_PAGE = 25
MONTHS_THAT_COUNT_AS_LATELY = 12
WAS_AUDITED = Q(allocations__audit__status__in=HANDED_IN)
PATHWAYS = tuple(pathway for pathway in Pathway if pathway != Pathway.FRONT_DOOR)
"""The pathways that the four lists hold."""


@require_safe
def child_list(request: SignedInRequest) -> HttpResponse:
    """The children, with when each was last audited, and how much of the open caseload has been."""
    if not can_read_caseload(request.user):
        raise Http404
    today = timezone.localdate()
    lately = add_months(today, -MONTHS_THAT_COUNT_AS_LATELY)
    teams = list(Team.objects.filter(children__isnull=False).distinct().order_by("name"))
    visible = Child.objects.visible_to(request.user)
    form = ChildFilterForm(request.GET, teams=teams)
    form.is_valid()  # what is not valid filters nothing
    children = filtered(visible.with_last_audit(), form.cleaned_data, lately)
    page = Paginator(children.select_related("team"), PER_PAGE).get_page(request.GET.get("page"))
    coverage = visible.open().aggregate(
        open=Count("pk", distinct=True),
        audited=Count("pk", distinct=True, filter=WAS_AUDITED),
        lately=Count(
            "pk", distinct=True, filter=WAS_AUDITED & Q(allocations__audit__submitted_at__date__gt=lately)
        ),
    )
    return render(
        request,
        "audits/child_list.html",
        {
            "form": form,
            "page_obj": page,
            "children": [(child, age_in_words(child.age_on(today))) for child in page],
            "figures": [
                {"label": "Open children", "value": coverage["open"]},
                {"label": "Audited in the last 12 months", "value": coverage["lately"]},
                {"label": "Never audited", "value": coverage["open"] - coverage["audited"]},
            ],
            "last_import": CaseloadImport.objects.applied().order_by("-number").first(),
            "unplaced": [team for team in teams if team.service_id is None],
            "may_place_teams": can_manage_people(request.user),
        },
    )


def filtered(children: QuerySet[Any], wanted: dict[str, Any], lately: date) -> QuerySet[Any]:
    """The children that the filter form asks for, in the order it asks for."""
    if wanted.get("show") != "all":
        children = children.filter(closed_on__isnull=wanted.get("show") != "closed")
    if wanted.get("q"):
        children = children.filter(reference__icontains=wanted["q"])
    if wanted.get("pathway"):
        children = children.filter(pathway=wanted["pathway"])
    if wanted.get("team"):
        children = children.filter(team=wanted["team"])
    match wanted.get("audited"):
        case ChildFilterForm.NEVER:
            children = children.filter(last_audit_at__isnull=True)
        case ChildFilterForm.LONG_AGO:
            children = children.filter(last_audit_at__date__lte=lately)
        case ChildFilterForm.LATELY:
            children = children.filter(last_audit_at__date__gt=lately)
    if wanted.get("order") == "waiting":
        return children.order_by(F("last_audit_at").asc(nulls_first=True), "reference")
    return children.order_by("reference")


@require_safe
def child_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One child: what is held of them, who held them when, and their audits.

    Known by number in the address, which browsers and proxies write down; the reference is the council's own.
    """
    visible = Child.objects.visible_to(request.user).select_related("team__service")
    child = get_object_or_404(visible, pk=pk)
    allocations = Allocation.objects.visible_to(request.user).filter(child=child)
    return render(
        request,
        "audits/child_detail.html",
        {
            "child": child,
            "facts": facts_of(child),
            "holdings": Holding.objects.filter(child=child)
            .select_related("team")
            .order_by("-starts_on", "-pk"),
            "allocations": allocations.select_related("auditor", "round", "audit").order_by("-round__month"),
            "readable": set(
                Audit.objects.visible_to(request.user)
                .filter(allocation__child=child)
                .values_list("allocation_id", flat=True)
            ),
            "crumbs": [("Caseload", reverse("caseload:child_list"))],
        },
    )


def facts_of(child: Child) -> list[dict[str, str]]:
    """What is held of a child, in words."""
    started_on = child.pathway_started_on
    facts = {
        "Case": f"Closed on {date_format(child.closed_on)}" if child.closed_on else "Open",
        "Pathway": child.get_pathway_display() + (f", since {date_format(started_on)}" if started_on else ""),
        "Legal status": child.legal_status,
        "Age": age_in_words(child.age_on(timezone.localdate())),
        "Sex": child.get_sex_display(),
        "Ethnicity": child.ethnicity or "Not recorded",
        "Disability": child.get_disability_display(),
        "Unaccompanied asylum seeking child": "Yes" if child.unaccompanied else "",
        "Team": f"{child.team}, {child.team.service or 'in no service yet'}",
        "Social worker": child.worker_name or "Nobody named",
        "IRO or child protection chair": child.reviewer_name,
        "Family": child.sibling_group,
    }
    return [{"key": key, "value": value} for key, value in facts.items() if value]


@require_safe
def import_list(request: SignedInRequest) -> HttpResponse:
    """Every import, the latest first."""
    if not can_import_caseload(request.user):
        raise Http404
    imports = (
        CaseloadImport.objects.visible_to(request.user).select_related("by", "decided_by").defer("payload")
    )
    page = Paginator(imports.order_by("-created_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "audits/caseload_import_list.html", {"page_obj": page, "crumbs": crumbs()[:1]})


def import_upload(request: SignedInRequest) -> HttpResponse:
    """Read a workbook and show what it would change. The file itself is not kept."""
    if not can_import_caseload(request.user):
        raise Http404
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
    else:
        form = UploadForm(initial={"as_at": timezone.localdate()})
    if form.is_valid():
        try:
            caseload = read_caseload(form.cleaned_data["workbook"].file, form.cleaned_data["as_at"])
            preview = preview_import(caseload, by=request.user)
        except RuleViolation as refusal:
            form.add_error("workbook", refusal.sentence)
        else:
            return redirect("caseload:import_detail", preview.pk)
    return render(request, "audits/caseload_import_upload.html", {"form": form, "crumbs": crumbs()})


def import_of(request: SignedInRequest, pk: int) -> CaseloadImport:
    visible = CaseloadImport.objects.visible_to(request.user).select_related("by", "decided_by")
    return get_object_or_404(visible, pk=pk)


@require_safe
def import_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """What an import would change, while it waits for a decision; afterwards, what it did."""
    return show_import(request, import_of(request, pk), ApplyForm())


def show_import(
    request: SignedInRequest, made: CaseloadImport, form: ApplyForm, *, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context: dict[str, Any] = {"import": made, "form": form, "crumbs": crumbs()}
    rejects: Any = made.rejects.all()
    if made.status == ImportStatus.PREVIEW:
        caseload = caseload_of(made)
        rejects = caseload.rejected
        try:
            plan = plan_import(caseload)
        except RuleViolation as refusal:
            context["refusal"] = refusal.sentence
        else:
            context |= {
                "counts": plan.counts(),
                "many_closings": plan.many_closings,
                **before_and_after(plan),
            }
    elif made.status == ImportStatus.APPLIED:
        context |= {"counts": made.counts, **open_children_by(made.counts)}
    if "counts" in context:
        context["figures"] = figures_of(context["counts"])
    context["page_obj"] = Paginator(rejects, PER_PAGE).get_page(request.GET.get("page"))
    context["may_place_teams"] = can_manage_people(request.user)
    return render(request, "audits/caseload_import_detail.html", context, status=status)


def figures_of(counts: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"label": "New children", "value": counts["created"]},
        {"label": "Changed", "value": counts["updated"]},
        {"label": "Closed", "value": counts["closed"], "note": "no longer open in the workbook"},
        {"label": "Unchanged", "value": counts["unchanged"]},
        {"label": "Rows rejected", "value": counts["rejected"]},
    ]


def before_and_after(plan: Plan) -> dict[str, list[Any]]:
    """Open children by pathway and by team, now and after the import, which leaves the kept ones as they are."""
    names = {team.pk: team.name for team in plan.teams.values()}
    now = [(child.pathway, names[child.team_id]) for child in plan.open_now]
    after = [(child.pathway, plan.team_name(child)) for child in plan.caseload.children]
    after += [(child.pathway, names[child.team_id]) for child in plan.kept]
    pathways = [Counter(pathway for pathway, _ in children) for children in (now, after)]
    teams = [Counter(team for _, team in children) for children in (now, after)]
    return {
        "columns": ["Now", "After the import"],
        "pathways": [
            {"name": pathway.label, "now": pathways[0][pathway], "after": pathways[1][pathway]}
            for pathway in PATHWAYS
        ],
        "teams": [
            {"name": team, "now": teams[0][team], "after": teams[1][team]}
            for team in sorted(teams[0].keys() | teams[1].keys())
        ],
    }


def open_children_by(counts: dict[str, Any]) -> dict[str, list[Any]]:
    """Open children by pathway and by team, as an applied import left them."""
    return {
        "columns": ["After the import"],
        "pathways": [{"name": pathway.label, "after": counts["by_pathway"][pathway]} for pathway in PATHWAYS],
        "teams": [{"name": team, "after": count} for team, count in counts["by_team"].items()],
    }


def crumbs() -> list[tuple[str, str]]:
    return [("Caseload", reverse("caseload:child_list")), ("Imports", reverse("caseload:import_list"))]


@require_POST
def import_apply(request: SignedInRequest, pk: int) -> HttpResponse:
    made = import_of(request, pk)
    form = ApplyForm(request.POST)
    accepted = form.is_valid() and form.cleaned_data["whole"]
    try:
        made = apply_import(made, by=request.user, many_closings_accepted=accepted)
    except RuleViolation as refusal:
        form.add_error("whole" if isinstance(refusal, ManyClosings) else None, refusal.sentence)
        made.refresh_from_db()
        return show_import(request, made, form, status=HTTPStatus.CONFLICT)
    messages.success(
        request,
        f"The caseload is up to date as at {date_format(made.as_at)}: "
        f"{made.counts['open_children']:,} open children.",
    )
    return redirect("caseload:import_detail", pk)


@require_POST
def import_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    made = import_of(request, pk)
    discard_import(made, by=request.user)
    messages.success(request, "The import has been discarded. The caseload is as it was.")
    return redirect("caseload:import_list")
