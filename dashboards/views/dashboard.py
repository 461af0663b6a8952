"""The dashboard: one page for every role, with what that role has figures of. Its filters stay in the address."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from core.dates import Quarter
from dashboards.dashboard import dashboard_of, parts_open_to
from dashboards.selectors.periods import reported_quarters


@require_safe
def dashboard(request: SignedInRequest) -> HttpResponse:
    """One part of the council in one quarter; the widest part and the quarter before this one where none is asked."""
    parts = parts_open_to(request.user)
    if not parts:
        raise Http404
    quarters = reported_quarters()
    now = Quarter.of(timezone.localdate())
    asked = request.GET.get("quarter", "")
    quarter = next((one for one in quarters if str(one) == asked), None)
    if asked and quarter is None:
        raise Http404
    quarter = quarter or next((one for one in quarters if one < now), now)
    wanted = request.GET.get("part") or parts[0].key
    part = next((one for one in parts if one.key == wanted), None)
    if part is None:
        raise Http404
    context = {
        "parts": parts,
        "part": part,
        "quarters": quarters,
        "quarter": quarter,
        "dashboard": dashboard_of(request.user, part, quarter),
    }
    return render(request, "dashboards/dashboard.html", context)
