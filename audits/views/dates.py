"""The dates of an audit's file: entered by its auditor, and what they say beside the rules."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from audits.enums import BEING_WRITTEN, AuditStatus, EventKind, Section
from audits.models import Audit, AuditEvent
from audits.permissions import can_read_text_of, can_write_audit
from audits.services.timescales import StaleDates, add_dates, remove_date, set_circumstances
from audits.timescale_facts import ANSWERED, Timescales, kinds_on, timescales_of
from audits.timescale_forms import CircumstancesForm, DatesForm
from audits.views.audits import audit_of, crumbs_within, own_audit
from audits.wording import proposal_in_words
from core.errors import RuleViolation
from core.typed import keeps_typed


@keeps_typed
def date_list(request: SignedInRequest, reference: str) -> HttpResponse:
    """What the dates say, for whoever reads the audit; with forms to enter them, for who writes it."""
    audit = audit_of(request, reference)
    if audit.status == AuditStatus.ALLOCATED or not can_read_text_of(request.user, audit):
        raise Http404
    if request.method != "POST":
        return _page(request, audit)
    if audit.allocation.auditor_id != request.user.pk:
        raise Http404
    form = DatesForm(request.POST, kinds=kinds_on(audit.pathway))
    if not form.is_valid():
        return _page(request, audit, dates_form=form)
    given = form.cleaned_data
    try:
        new = add_dates(
            audit, kind=given["kind"], days=form.all_days, seen=given.get("seen", ""), by=request.user
        )
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        return _page(request, audit, dates_form=form, status=HTTPStatus.CONFLICT)
    there = len(set(form.all_days)) - new
    said = f"{EventKind(given['kind']).label}: {new} date{'' if new == 1 else 's'} added"
    messages.success(request, f"{said}; {there} had been entered already." if there else f"{said}.")
    return redirect("audits:date_list", reference)


@require_POST
def circumstances_edit(request: SignedInRequest, reference: str) -> HttpResponse:
    """Which placement it is, and what was looked for and not found."""
    audit = own_audit(request, reference)
    if audit.status == AuditStatus.ALLOCATED:
        raise Http404
    form = CircumstancesForm(request.POST, pathway=audit.pathway, kinds=kinds_on(audit.pathway))
    if not form.is_valid():
        return _page(request, audit, circumstances_form=form)
    try:
        set_circumstances(
            audit,
            placement=form.cleaned_data.get("placement", ""),
            none_found=form.cleaned_data["none_found"],
            version=form.opened_version,
            by=request.user,
        )
    except StaleDates as stale:
        form.reopen_at(stale.saved.version)
        saved = stale.saved.get_placement_display() or "no placement chosen"
        missing = ", ".join(EventKind(kind).label for kind in stale.saved.none_found) or "nothing ticked"
        form.add_error(
            None,
            f"This was changed somewhere else after you opened it. Saved now: {saved}; {missing}. "
            "Save again to replace it with what you chose.",
        )
        return _page(request, audit, circumstances_form=form, status=HTTPStatus.CONFLICT)
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        return _page(request, audit, circumstances_form=form, status=HTTPStatus.CONFLICT)
    messages.success(request, "Saved. The due dates are counted anew.")
    return redirect("audits:date_list", reference)


@require_POST
def date_remove(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Take a date out. A second click finds it done."""
    audit = own_audit(request, reference)
    if event := AuditEvent.objects.filter(audit=audit, pk=pk).first():
        remove_date(audit, event, by=request.user)
        messages.success(request, f"Removed: {event}.")
    else:
        messages.info(request, "This date has been removed already.")
    return redirect("audits:date_list", reference)


def _page(
    request: SignedInRequest,
    audit: Audit,
    *,
    dates_form: DatesForm | None = None,
    circumstances_form: CircumstancesForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The page, with a form as it was posted where one was refused."""
    found = timescales_of(audit)
    context = {
        "audit": audit,
        "found": found,
        "crumbs": crumbs_within(audit),
        "events": _by_kind(found),
        "answers": [
            {
                "code": code,
                "says": proposal_in_words(found.proposals[code].answer),
                "because": found.proposals[code].because,
                "section": Section(section),
            }
            for code, section in ANSWERED.items()
            if code in found.proposals
        ],
    }
    writes = can_write_audit(request.user, audit) and audit.status in BEING_WRITTEN
    if writes or dates_form or circumstances_form:
        kinds = kinds_on(audit.pathway)
        dates = found.dates
        context["writes"] = True
        context["dates_form"] = dates_form or DatesForm(kinds=kinds)
        context["circumstances_form"] = circumstances_form or CircumstancesForm(
            pathway=audit.pathway,
            kinds=kinds,
            initial={
                "placement": dates.placement if dates else "",
                "none_found": dates.none_found if dates else [],
                "version": dates.version if dates else 0,
            },
        )
    context["form"] = circumstances_form or dates_form
    return render(request, "audits/date_list.html", context, status=status)


def _by_kind(found: Timescales) -> list[tuple[EventKind, list[AuditEvent]]]:
    """The dates entered, by kind, the latest first."""
    return [
        (kind, sorted(rows, key=lambda row: row.on, reverse=True))
        for kind in EventKind
        if (rows := [row for row in found.events if row.kind == kind])
    ]
