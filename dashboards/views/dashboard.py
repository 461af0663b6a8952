"""The dashboard: a page for each subject with what the reader's roles have figures of. Filters stay in the address."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from audits.enums import Pathway
from audits.services.access import record_export
from core.cell_writer import csv_bytes, xlsx_bytes
from core.dates import Quarter
from dashboards.dashboard.pages import Asked, Page, page_of
from dashboards.dashboard.parts import OWN, Part, parts_open_to
from dashboards.dashboard.subjects import GRADES, SUBJECTS, Subject
from dashboards.figures import NotVisible
from dashboards.selectors.periods import reported_quarters

QUARTERS_SHOWN, MOST_QUARTERS = 4, 8
FILTERS_KEPT = 200
"""Characters of the address that are kept with an export."""
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
def dashboard(request: SignedInRequest, key: str = GRADES) -> HttpResponse:
    """One subject of one part of the council; the widest part and four quarters where nothing is asked."""
    parts, quarters = _parts(request), reported_quarters()
    asked = _asked(request, parts, quarters)
    subject = _subject(key, asked.part)
    context = {
        "tabs": list(_tabs(request, subject, asked.part)),
        "parts": parts,
        "pathways": Pathway.choices,
        "quarters": [str(one) for one in quarters],
        "since": str(asked.quarters[0]),
        "until": str(asked.until),
        "most_quarters": MOST_QUARTERS,
        "asked": asked,
        "subject": subject,
        "page": _page(request, subject, asked),
        "formats": CONTENT_TYPES,
    }
    return render(request, "dashboards/dashboard.html", context)


@require_safe
def dashboard_file(request: SignedInRequest, key: str, ident: str, as_format: str) -> HttpResponse:
    """One table of such a page as a file, as the paper prints it; that it left is kept for information governance."""
    asked = _asked(request, _parts(request), reported_quarters())
    subject = _subject(key, asked.part)
    page = _page(request, subject, asked)
    table = next((one.paper.table for one in page.shown if one.paper and one.paper.ident == ident), None)
    if table is None or as_format not in CONTENT_TYPES:
        raise Http404
    record_export(
        f"Dashboard, {ident}",
        as_format=as_format,
        filters=request.GET.urlencode()[:FILTERS_KEPT],
        rows=len(table.rows),
        reason=f"{table.caption}: as the page prints it",
        by=request.user,
    )
    content = (
        csv_bytes(table.columns, table.rows)
        if as_format == "csv"
        else xlsx_bytes(subject.label, table.columns, table.rows)
    )
    response = HttpResponse(content, content_type=CONTENT_TYPES[as_format])
    response["Content-Disposition"] = f'attachment; filename="{key}-{ident}.{as_format}"'
    return response


def _page(request: SignedInRequest, subject: Subject, asked: Asked) -> Page:
    try:
        return page_of(request.user, subject, asked)
    except NotVisible as error:
        raise Http404 from error


def _parts(request: SignedInRequest) -> list[Part]:
    parts = parts_open_to(request.user)
    if not parts:
        raise Http404
    return parts


def _asked(request: SignedInRequest, parts: list[Part], quarters: list[Quarter]) -> Asked:
    """What the address asks for; what it does not know is no page."""
    wanted = request.GET.get("part") or parts[0].key
    part = next((one for one in parts if one.key == wanted), None)
    pathway = request.GET.get("pathway", "")
    if part is None or (pathway and pathway not in Pathway.values):
        raise Http404
    now = Quarter.of(timezone.localdate())
    until = _quarter(request, "to", quarters) or next((one for one in quarters if one < now), now)
    since = _quarter(request, "from", quarters)
    shown = [until]
    while len(shown) < MOST_QUARTERS and (shown[0] > since if since else len(shown) < QUARTERS_SHOWN):
        shown.insert(0, shown[0].previous())
    return Asked(part, pathway, shown)


def _quarter(request: SignedInRequest, name: str, quarters: list[Quarter]) -> Quarter | None:
    asked = request.GET.get(name, "")
    found = next((one for one in quarters if str(one) == asked), None)
    if asked and found is None:
        raise Http404
    return found


def _subject(key: str, part: Part) -> Subject:
    found = next((one for one in SUBJECTS if one.key == key and (one.of_auditor or part.key != OWN)), None)
    if found is None:
        raise Http404
    return found


def _tabs(request: SignedInRequest, current: Subject, part: Part) -> Iterator[dict[str, Any]]:
    """The subjects, each with the same filters."""
    asked = request.GET.urlencode()
    for subject in SUBJECTS:
        if subject.of_auditor or part.key != OWN:
            url = reverse("dashboards:dashboard_subject", args=(subject.key,))
            yield {
                "label": subject.label,
                "url": f"{url}?{asked}" if asked else url,
                "current": subject == current,
            }
