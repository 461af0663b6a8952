"""The audit tools as an auditor sees them, for those who answer for them."""

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.http import SignedInRequest
from audits.enums import Pathway
from audits.models import ToolVersion
from audits.permissions import can_read_tools
from audits.selectors import tool_pages

PER_PAGE = 25


def tool_list(request: SignedInRequest) -> HttpResponse:
    """Every version of every tool, the newest of each first."""
    if not can_read_tools(request.user):
        raise Http404
    versions = (
        ToolVersion.objects.visible_to(request.user)
        .select_related("tool", "published_by")
        .annotate(question_count=Count("questions"))
        .order_by("tool__name", "-number")
    )
    page = Paginator(versions, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "audits/tool_list.html", {"page_obj": page})


def tool_detail(request: SignedInRequest, code: str, number: int | None = None) -> HttpResponse:
    """One version of a tool, by default its newest: for every pathway, or as the auditor of one sees it."""
    versions = ToolVersion.objects.visible_to(request.user).select_related("tool").filter(tool__code=code)
    if number is None:
        version = versions.order_by("-number").first()
        if version is None:
            raise Http404
    else:
        version = get_object_or_404(versions, number=number)
    pathways = [Pathway(value) for value in version.pathways]
    chosen = request.GET.get("pathway", "")
    pathway = Pathway(chosen) if chosen in pathways else None
    tabs = [
        {"label": label, "url": f"?pathway={value}", "current": value == (pathway or "")}
        for value, label in [("", "All pathways"), *((pathway.value, pathway.label) for pathway in pathways)]
    ]
    context = {"version": version, "pages": tool_pages(version, pathway), "pathway": pathway}
    return render(request, "audits/tool_detail.html", context | {"tabs": tabs if len(pathways) > 1 else []})
