"""The tracker: every action one may see, filtered by the address, and taken out as a file with a reason."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from actions.deadlines import BANDS
from actions.models import Action, SavedView, Theme
from actions.navigation import tabs_of
from actions.permissions import can_export_actions, can_open_tracker, can_track_actions
from actions.querysets import ActionQuerySet
from actions.selectors import due_of
from actions.services.tracker import delete_view, save_view
from actions.tracker_facts import HEADINGS, counts_of, filtered, table_of, teams_of_tracker
from actions.tracker_forms import ExportForm, SavedViewForm, TrackerFilterForm
from audits.enums import ExportFormat
from audits.selectors import closures
from audits.services.access import record_export
from core.cell_writer import csv_bytes, xlsx_bytes
from core.errors import RuleViolation

PER_PAGE = 25
MOST_ROWS = 20_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def tracker(request: SignedInRequest) -> HttpResponse:
    """The list; a post asks for a file of it, or keeps its filters under a name."""
    if not can_open_tracker(request.user):
        raise Http404
    today, closed = timezone.localdate(), closures()
    visible = Action.objects.visible_to(request.user)
    filters = TrackerFilterForm(
        request.GET, teams=teams_of_tracker(visible), themes=Theme.objects.in_use(), on=today
    )
    rows = filtered(visible, filters, on=today, closures=closed)
    export, saving = ExportForm(), SavedViewForm()
    if request.method == "POST" and "name" in request.POST:
        saving = SavedViewForm(request.POST)
        if saving.is_valid() and _saved(saving, filters, request):
            return redirect("actions:view_list")
    elif request.method == "POST" and can_export_actions(request.user):
        export = ExportForm(request.POST)
        if export.is_valid() and (made := _file(request, export, rows, filters)):
            return made
    counts = counts_of(rows, on=today, closures=closed)
    paginator = Paginator(
        rows.select_related("team", "owner").most_pressing_first()
        if filters.chosen.get("status") != "verified"
        else rows.select_related("team", "owner").order_by("-verified_at", "-pk"),
        PER_PAGE,
    )
    paginator.count = counts["all"]
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "tabs": tabs_of(request.user, "actions:tracker"),
        "filters": filters,
        "is_filtered": bool(filters.chosen),
        "page_obj": page,
        "rows": [(action, due_of(action, today, closed)) for action in page],
        "figures": _figures(counts, filters.chosen),
        "export": export if can_export_actions(request.user) else None,
        "saving": saving,
        "exports_own_teams": not can_track_actions(request.user),
        "tracks_all": can_track_actions(request.user),
        "forms": [export, saving],
        "query": urlencode(filters.chosen),
    }
    return render(request, "actions/tracker.html", context)


def view_list(request: SignedInRequest) -> HttpResponse:
    """The views that the person has saved."""
    if not can_open_tracker(request.user):
        raise Http404
    context = {
        "views": SavedView.objects.visible_to(request.user),
        "crumbs": [("Tracker", reverse("actions:tracker"))],
    }
    return render(request, "actions/view_list.html", context)


@require_POST
def view_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    delete_view(view, by=request.user)
    messages.success(request, f"The view “{view}” is deleted.")
    return redirect("actions:view_list")


def _figures(counts: dict[str, int], chosen: dict[str, Any]) -> list[dict[str, Any]]:
    """How many, and how late: each a link that filters by it."""
    figures = [
        {"label": "To be done", "count": counts["owed"], "query": chosen | {"status": "owed"}},
        {"label": "Overdue", "count": counts["overdue"], "query": chosen | {"age": "over"}},
    ]
    figures += [
        {
            "label": f"{band} working days over",
            "count": counts[f"band_{number}"],
            "query": chosen | {"age": band},
        }
        for number, band in enumerate(BANDS)
    ]
    return [figure | {"url": f"?{urlencode(figure['query'])}"} for figure in figures]  # type: ignore[arg-type]


def _saved(form: SavedViewForm, filters: TrackerFilterForm, request: SignedInRequest) -> bool:
    try:
        view = save_view(form.cleaned_data["name"], query=urlencode(filters.chosen), by=request.user)
    except RuleViolation as refusal:
        form.add_error("name", refusal.sentence)
        return False
    messages.success(request, f"The view “{view}” is saved.")
    return True


def _file(
    request: SignedInRequest, form: ExportForm, rows: ActionQuerySet, filters: TrackerFilterForm
) -> HttpResponse | None:
    """The file, once it is written down that it leaves; None where it is refused, which the form then says."""
    if not can_track_actions(request.user):
        rows = rows.of_teams_managed_by(request.user)
    today, closed = timezone.localdate(), closures()
    count = rows.count()
    if count > MOST_ROWS:
        form.add_error(None, f"These are {count:,} actions. Filter them: a file holds {MOST_ROWS:,} at most.")
        return None
    chosen = ExportFormat(form.cleaned_data["format"])
    record_export(
        "Actions",
        as_format=chosen,
        filters=urlencode(filters.chosen),
        rows=count,
        reason=form.cleaned_data["reason"],
        by=request.user,
    )
    table = table_of(rows.order_by("due_on", "reference"), on=today, closures=closed)
    is_xlsx = chosen == ExportFormat.XLSX
    content = xlsx_bytes("Actions", HEADINGS, table) if is_xlsx else csv_bytes(HEADINGS, table)
    response = HttpResponse(content, content_type=XLSX if is_xlsx else "text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="actions-{today:%Y-%m-%d}.{chosen}"'
    return response
