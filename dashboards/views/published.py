"""Published reports, for their readers."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from dashboards.documents import contents_of, period_named
from dashboards.enums import ReportEdition
from dashboards.figures import Period
from dashboards.models import ReportVersion
from dashboards.permissions import can_read_published, can_write_reports
from dashboards.views.documents import edition_asked, tabs_of_editions

PER_PAGE = 25


@require_safe
def version_list(request: SignedInRequest) -> HttpResponse:
    """What is published, newest period first."""
    if not can_read_published(request.user):
        raise Http404
    versions = ReportVersion.objects.visible_to(request.user).select_related("document")
    versions = versions.defer("contents", "board_contents").order_by("-document__period", "-number")
    page = Paginator(versions, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(version, period_named(version.document.period)) for version in page]
    return render(request, "dashboards/version_list.html", {"page_obj": page, "rows": rows})


@require_safe
def version_detail(request: SignedInRequest, period: Period, number: int) -> HttpResponse:
    """One version as it was published: whole for the QA team, the Board's edition for everybody else."""
    versions = ReportVersion.objects.visible_to(request.user).filter(document__period=str(period))
    version = get_object_or_404(versions, number=number)
    writes = can_write_reports(request.user)
    edition = edition_asked(request) if writes else ReportEdition.BOARD
    context: dict[str, Any] = {
        "contents": contents_of(version, edition),
        "tabs": tabs_of_editions(edition) if writes else [],
        "back_url": reverse("dashboards:version_list"),
        "back_label": "Published reports",
        "file_url": reverse("dashboards:version_file", args=(period, number)) if writes else "",
    }
    return render(request, "dashboards/report_contents.html", context)
