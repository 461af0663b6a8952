"""The log of who read what: all of it for information governance, their own part for everybody."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from audits.models import AccessRecord, ExportRecord
from audits.move_forms import ReadingLogFilterForm
from audits.permissions import can_read_whole_log

PER_PAGE = 25


@require_safe
def reading_log(request: SignedInRequest) -> HttpResponse:
    """Who opened which audit, how and when, the newest first; one line for each hour."""
    reads_all = can_read_whole_log(request.user)
    form = ReadingLogFilterForm(request.GET)
    form.is_valid()  # what is not valid filters nothing
    rows = AccessRecord.objects.visible_to(request.user)
    if reference := form.cleaned_data.get("reference", "").strip():
        rows = rows.filter(audit__allocation__reference__iexact=reference)
    if reads_all and (person := form.cleaned_data.get("person", "").strip()):
        rows = rows.filter(person__in=User.objects.matching(person).values("pk"))
    rows = rows.select_related("audit__allocation", "person").order_by("-at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "form": form, "reads_all": reads_all}
    return render(request, "audits/reading_log.html", context)


@require_safe
def export_list(request: SignedInRequest) -> HttpResponse:
    """Which tables left the service, who took them and why, the newest first."""
    rows = ExportRecord.objects.visible_to(request.user).select_related("by")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "reads_all": can_read_whole_log(request.user)}
    return render(request, "audits/export_list.html", context)
