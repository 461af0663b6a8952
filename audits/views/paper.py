"""An audit on paper: a page to print and a tagged PDF, both marked with who printed it and when."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from audits.enums import READABLE, AccessKind, EventKind
from audits.models import Audit
from audits.selectors import contents_of
from audits.services.access import record_access
from audits.timescale_facts import timescales_of
from audits.views.audits import around, audit_of, facts_of, readable_pages
from audits.views.standing import standing_of
from core.pdf import pdf_of


@require_safe
def audit_print(request: SignedInRequest, reference: str) -> HttpResponse:
    """The whole audit on one page without anything around it, for the browser's own printing."""
    audit = audit_to_print(request, reference)
    response = render(request, "audits/audit_paper.html", paper_of(request, audit))
    record_access(audit, kind=AccessKind.PRINT, by=request.user)
    return response


@require_safe
def audit_pdf(request: SignedInRequest, reference: str) -> HttpResponse:
    """The same as a file, named by the audit's reference alone."""
    audit = audit_to_print(request, reference)
    context = {**paper_of(request, audit), "is_file": True}
    html = render_to_string("audits/audit_paper.html", context, request)
    document = pdf_of(html, ("app/paper.css", "app/paper-pages.css"))
    record_access(audit, kind=AccessKind.PDF, by=request.user)
    return HttpResponse(
        document,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{reference}.pdf"'},
    )


def audit_to_print(request: SignedInRequest, reference: str) -> Audit:
    """What is being written, or is void, is not put on paper, by its auditor either."""
    audit = audit_of(request, reference)
    if audit.status not in READABLE:
        raise Http404
    return audit


def paper_of(request: SignedInRequest, audit: Audit) -> dict[str, Any]:
    now = timezone.localtime()
    contents = contents_of(audit)
    return {
        "audit": audit,
        "facts": facts_of(audit),
        "pages": readable_pages(audit, contents),
        "around": around(audit),
        "timescales": timescale_rows(audit),
        "printed": f"Printed by {request.user} on {date_format(now)} at {now:%H:%M}",
        **standing_of(audit, request.user, [page.row for page in contents]),
    }


def timescale_rows(audit: Audit) -> list[dict[str, str]]:
    """What the dates say of each duty, then the dates themselves by kind; nothing where none were entered."""
    found = timescales_of(audit)
    said = [{"key": result.duty.label, "value": result.sentence} for result in found.results]
    days = {kind: [row.on for row in found.events if row.kind == kind] for kind in EventKind}
    entered = [
        {"key": f"Dates: {kind.label}", "value": ", ".join(date_format(day) for day in sorted(on))}
        for kind, on in days.items()
        if on
    ]
    return [*said, *entered]
