"""Panels: the list, one panel's people and table, and the steps until its papers are out."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.roles import roles_of
from audits.selectors import closures
from core.dates import FinancialYear
from core.errors import RuleViolation
from moderation.enums import (
    PAPERS_OUT,
    READ,
    SEATED,
    PanelStatus,
    ReadingStatus,
    SeatPart,
    SeatStatus,
    TablingStatus,
)
from moderation.forms.panels import DeclineForm, MemberForm, PanelForm, ReasonForm, TableForm
from moderation.models import ModerationSettings, Panel, PanelMember, Reading, Tabling
from moderation.moves import PANEL_MOVES
from moderation.panel_facts import gaps_of, may_sit
from moderation.permissions import can_run_moderation, can_see_panels
from moderation.selectors import attendance_by_panel, awaiting_panel, sum_of_attendance
from moderation.services.panels import convene_panel, plan_panel, release_panel
from moderation.services.seats import (
    CHANGING,
    add_member,
    answer_invitation,
    propose_members,
    remove_member,
)
from moderation.services.tablings import BEFORE_MEETING, table_audits, take_off_table
from moderation.views.cases import Line, line_of, with_what_is_shown

PER_PAGE = 25
YEARS_SHOWN = 3


def panel_of(request: SignedInRequest, reference: str) -> Panel:
    """The panel if this person may see it; anybody else gets the same 404 as for one that does not exist."""
    return get_object_or_404(Panel.objects.visible_to(request.user), reference=reference)


def panel_to_run(request: SignedInRequest, reference: str) -> Panel:
    """The panel for those who run moderation."""
    if not can_run_moderation(request.user):
        raise Http404
    return panel_of(request, reference)


def crumbs(panel: Panel | None = None) -> list[tuple[str, str]]:
    way = [("Moderation panels", reverse("moderation:panel_list"))]
    if panel is None:
        return way
    return [*way, (panel.reference, reverse("moderation:panel_detail", args=(panel.reference,)))]


def frame(request: SignedInRequest, panel: Panel, current: str) -> dict[str, Any]:
    """What every page of a panel shows: its tabs and whether the person runs it."""
    runs = can_run_moderation(request.user)
    pages = [("People", "panel_detail", True), ("Table", "panel_table", runs or panel.status in SHOWS_TABLE)]
    pages += [
        ("Readings", "panel_readings", runs),
        ("Meeting", "meeting", runs and panel.status == PanelStatus.MEETING),
        ("Outcomes", "panel_outcomes", panel.status == PanelStatus.CLOSED),
    ]
    return {
        "panel": panel,
        "runs": runs,
        "crumbs": crumbs(),
        "tabs": [
            {
                "label": label,
                "url": reverse(f"moderation:{name}", args=(panel.reference,)),
                "current": name == current,
            }
            for label, name, shown in pages
            if shown
        ],
    }


SHOWS_TABLE = (*PAPERS_OUT, PanelStatus.CLOSED)


def panel_list(request: SignedInRequest) -> HttpResponse:
    """The panels this person may see, month by month: whose day has passed unused, to come, closed (latest first)."""
    if not can_see_panels(request.user):
        raise Http404
    panels = Panel.objects.visible_to(request.user).annotate(
        tabled=Count("tablings", filter=~Q(tablings__status=TablingStatus.TAKEN_OFF), distinct=True),
        seated=Count("members", filter=Q(members__status=SeatStatus.ACCEPTED), distinct=True),
    )
    closed = panels.filter(status=PanelStatus.CLOSED).order_by("-month")
    today = timezone.localdate()
    still_open = list(panels.open().order_by("month"))
    context = {
        "missed": [panel for panel in still_open if panel.has_missed_its_day(today)],
        "coming": [panel for panel in still_open if not panel.has_missed_its_day(today)],
        "page_obj": Paginator(closed, PER_PAGE).get_page(request.GET.get("page")),
        "runs": can_run_moderation(request.user),
        "audits": Role.AUDITOR in roles_of(request.user),
    }
    return render(request, "moderation/panel_list.html", context)


def attendance(request: SignedInRequest) -> HttpResponse:
    """Who was asked to the closed panels of a financial year, who came and who dropped out."""
    if not can_run_moderation(request.user):
        raise Http404
    year = FinancialYear.of(timezone.localdate())
    years = [FinancialYear(year.start - back) for back in range(YEARS_SHOWN)]
    chosen = next((shown for shown in years if str(shown) == request.GET.get("year")), year)
    lines = attendance_by_panel(chosen.first_day, chosen.last_day)
    url = reverse("moderation:attendance")
    context = {
        "year": chosen,
        "years": [
            {"label": str(shown), "url": f"{url}?year={shown}", "current": shown == chosen} for shown in years
        ],
        "lines": lines,
        "total": sum_of_attendance(lines),
        "crumbs": crumbs(),
    }
    return render(request, "moderation/attendance.html", context)


def panel_detail(request: SignedInRequest, reference: str) -> HttpResponse:
    """Who sits, and what happens next."""
    panel = panel_of(request, reference)
    members = list(
        PanelMember.objects.visible_to(request.user)
        .filter(panel=panel)
        .select_related("person__auditor_profile")
        .order_by("part", "position", "pk")
    )
    runs = can_run_moderation(request.user)
    own = next((member for member in members if member.person_id == request.user.pk), None)
    readings = Reading.objects.visible_to(request.user).filter(tabling__panel=panel)
    context = {
        **frame(request, panel, "panel_detail"),
        "members": members if runs else [member for member in members if member.status != SeatStatus.REMOVED],
        "own": own,
        "may_answer": own is not None and panel.status in (PanelStatus.CONVENED, PanelStatus.RELEASED),
        "readings": readings.select_related("tabling__audit__allocation").order_by("tabling"),
        "gaps": gaps_of(panel, sitting(panel, members), on=panel.meets_on)
        if runs and panel.status in CHANGING
        else [],
        "next": PANEL_MOVES[panel.status],
        "may_change": runs and panel.status in CHANGING,
        "moves": panel.moves.select_related("by") if runs else [],
    }
    return render(request, "moderation/panel_detail.html", context)


def sitting(panel: Panel, members: list[PanelMember]) -> list[PanelMember]:
    """Those who would make the panel as it stands: until the invitations are out all proposed, then who may come."""
    statuses = SEATED if panel.status == PanelStatus.DRAFT else (SeatStatus.INVITED, SeatStatus.ACCEPTED)
    return [member for member in members if member.status in statuses]


def panel_edit(request: SignedInRequest, reference: str) -> HttpResponse:
    """When and where, and whether it is blind."""
    panel = panel_to_run(request, reference)
    if panel.status in (PanelStatus.MEETING, PanelStatus.CLOSED):
        return redirect("moderation:panel_detail", reference)
    may_change_blind = panel.status != PanelStatus.RELEASED
    form = PanelForm(request.POST or None, panel=panel, may_change_blind=may_change_blind)
    if form.is_valid():
        try:
            plan_panel(panel, **{"is_blind": panel.is_blind, **form.cleaned_data}, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "Saved. Whoever has been invited is told of another day or time.")
            return redirect("moderation:panel_detail", reference)
    return render(
        request, "moderation/panel_edit.html", {"form": form, "panel": panel, "crumbs": crumbs(panel)}
    )


@require_POST
def panel_propose(request: SignedInRequest, reference: str) -> HttpResponse:
    """Ask the rotation who should sit."""
    panel = panel_to_run(request, reference)
    gaps = propose_members(panel, by=request.user)
    messages.success(request, "Proposed by rotation. Nobody has been asked yet.")
    for gap in gaps:
        messages.warning(request, gap)
    return redirect("moderation:panel_detail", reference)


def member_add(request: SignedInRequest, reference: str) -> HttpResponse:
    """Put somebody on the panel, with a reason."""
    panel = panel_to_run(request, reference)
    seats = panel.members.filter(status__in=SEATED)
    people = may_sit(panel.meets_on).exclude(pk__in=seats.values("person"))
    form = MemberForm(request.POST or None, people=people)
    if form.is_valid():
        data = form.cleaned_data
        try:
            member = add_member(
                panel,
                person=data["person"],
                part=SeatPart(data["part"]),
                reason=data["reason"],
                by=request.user,
            )
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            asked = " and is being invited by mail" if member.status == SeatStatus.INVITED else ""
            messages.success(request, f"{data['person']} is on the panel{asked}.")
            return redirect("moderation:panel_detail", reference)
    return render(
        request, "moderation/member_add.html", {"form": form, "panel": panel, "crumbs": crumbs(panel)}
    )


def member_remove(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Take somebody off the panel, with a reason."""
    panel = panel_to_run(request, reference)
    member = get_object_or_404(panel.members.select_related("person", "panel"), pk=pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            remove_member(member, reason=form.cleaned_data["reason"], by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"{member.person} is off the panel and reads nothing of it any more.")
            return redirect("moderation:panel_detail", reference)
    context = {"form": form, "panel": panel, "member": member, "crumbs": crumbs(panel)}
    return render(request, "moderation/member_remove.html", context)


def panel_convene(request: SignedInRequest, reference: str) -> HttpResponse:
    """Check who will be asked, then send the invitations."""
    panel = panel_to_run(request, reference)
    if request.method == "POST":
        convene_panel(panel, by=request.user)
        messages.success(request, "The invitations are on their way.")
        return redirect("moderation:panel_detail", reference)
    if panel.status != PanelStatus.DRAFT:
        return redirect("moderation:panel_detail", reference)
    members = list(
        panel.members.filter(status=SeatStatus.PROPOSED)
        .exclude(part=SeatPart.RESERVE)
        .select_related("person__auditor_profile")
    )
    context = {
        "panel": panel,
        "members": members,
        "gaps": gaps_of(panel, members, on=panel.meets_on),
        "crumbs": crumbs(panel),
    }
    return render(request, "moderation/panel_convene.html", context)


def panel_release(request: SignedInRequest, reference: str) -> HttpResponse:
    """Check what will be readable by whom, then let the papers out."""
    panel = panel_to_run(request, reference)
    if request.method == "POST":
        release_panel(panel, by=request.user)
        messages.success(
            request, "The papers are out. The members are told how many audits are theirs to read."
        )
        return redirect("moderation:panel_readings", reference)
    if panel.status != PanelStatus.CONVENED:
        return redirect("moderation:panel_detail", reference)
    coming = list(panel.members.coming().select_related("person__auditor_profile"))
    context = {
        "panel": panel,
        "coming": coming,
        "tabled": panel.tablings.on_the_table().count(),
        "waiting": panel.members.filter(status=SeatStatus.INVITED).count(),
        "gaps": gaps_of(panel, coming, on=panel.meets_on),
        "crumbs": crumbs(panel),
    }
    return render(request, "moderation/panel_release.html", context)


def panel_table(request: SignedInRequest, reference: str) -> HttpResponse:
    """What is on the table; before the meeting those who run moderation put more on it."""
    panel = panel_of(request, reference)
    runs = can_run_moderation(request.user)
    if not runs and panel.status not in SHOWS_TABLE:
        raise Http404
    rows = Tabling.objects.visible_to(request.user).filter(panel=panel)
    rows = rows.exclude(status=TablingStatus.TAKEN_OFF).select_related("audit__allocation")
    if runs:
        rows = rows.select_related("auditor").prefetch_related("conflicts__person")
    context = {
        **frame(request, panel, "panel_table"),
        "page_obj": Paginator(rows.order_by("pk"), PER_PAGE).get_page(request.GET.get("page")),
        "may_change": runs and panel.status in BEFORE_MEETING,
    }
    return render(request, "moderation/panel_table.html", context)


def table_add(request: SignedInRequest, reference: str) -> HttpResponse:
    """Put audits that wait for a panel on the table."""
    panel = panel_to_run(request, reference)
    within, closed, today = ModerationSettings.current().moderate_within, closures(), timezone.localdate()
    page = Paginator(with_what_is_shown(awaiting_panel()), PER_PAGE).get_page(request.GET.get("page"))
    lines = [line_of(case, within, today, closed) for case in page]
    form = TableForm(
        request.POST or None, waiting=[(line.case.audit, waits_in_words(line)) for line in lines]
    )
    if form.is_valid():
        chosen = set(form.cleaned_data["audits"])
        try:
            made = table_audits(
                panel,
                audits=[line.case.audit for line in lines if line.case.audit.allocation.reference in chosen],
                by=request.user,
            )
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"{len(made)} audit{pluralize(len(made))} put on the table.")
            return redirect("moderation:panel_table", reference)
    context = {"form": form, "panel": panel, "page_obj": page, "crumbs": crumbs(panel)}
    return render(request, "moderation/table_add.html", context)


def waits_in_words(line: Line) -> str:
    """Whose it is, why a panel must see it, for how long it has waited and how often a panel did not get to it."""
    audit = line.case.audit
    times = line.carried_over
    over = f"Carried over {'once' if times == 1 else f'{times} times'}. " if times else ""
    late = "late: it was" if line.is_late else "it is"
    return (
        f"{audit.get_pathway_display()}, {audit.team}, by {audit.allocation.auditor}. {', '.join(line.reasons)}. {over}"
        f"Waiting {line.days} working day{pluralize(line.days)}, {late} to be moderated by {line.due_on:%-d %B %Y}"
    )


@require_POST
def table_remove(request: SignedInRequest, reference: str, audit: str) -> HttpResponse:
    """Take an audit off the table again."""
    panel = panel_to_run(request, reference)
    tabling = get_object_or_404(panel.tablings.select_related("panel"), audit__allocation__reference=audit)
    take_off_table(tabling, by=request.user)
    messages.success(request, f"{audit} is off the table and waits for another panel.")
    return redirect("moderation:panel_table", reference)


def panel_readings(request: SignedInRequest, reference: str) -> HttpResponse:
    """Who reads what, and how far they are; nothing of what they wrote."""
    panel = panel_to_run(request, reference)
    rows = (
        panel.tablings.exclude(status=TablingStatus.TAKEN_OFF)
        .select_related("audit__allocation")
        .prefetch_related(Prefetch("readings", Reading.objects.standing().select_related("moderator")))
        .order_by("pk")
    )
    standing = Reading.objects.standing().filter(tabling__panel=panel)
    counts = standing.aggregate(
        all=Count("pk"),
        read=Count("pk", filter=Q(status__in=READ)),
        missed=Count("pk", filter=Q(status=ReadingStatus.MISSED)),
    )
    context = {
        **frame(request, panel, "panel_readings"),
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "counts": counts,
    }
    return render(request, "moderation/panel_readings.html", context)


def invitation(request: SignedInRequest, reference: str) -> HttpResponse:
    """The invitation to a panel: two buttons. Opening it answers nothing."""
    panel = panel_of(request, reference)
    member = get_object_or_404(
        PanelMember.objects.visible_to(request.user).select_related("panel", "person"),
        panel=panel,
        person=request.user,
    )
    form = DeclineForm(request.POST or None)
    is_open = panel.status in (PanelStatus.CONVENED, PanelStatus.RELEASED)
    accept = "accept" in request.POST
    if form.is_valid() and not accept and "decline" not in request.POST:
        form.add_error(None, "Press one of the two buttons.")
    if form.is_valid():
        try:
            answer_invitation(
                member,
                accept=accept,
                by=request.user,
                reason="" if accept else form.cleaned_data["reason"],
            )
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            said = (
                "Thank you. You are expected" if accept else "Thank you for saying so. You are not expected"
            )
            messages.success(request, f"{said} on {panel.meets_on:%-d %B %Y}.")
            return redirect("moderation:panel_detail", reference)
    context = {
        "form": form,
        "panel": panel,
        "member": member,
        "is_open": is_open,
        "is_over": panel.meets_on < timezone.localdate(),
        "crumbs": crumbs(panel),
    }
    return render(request, "moderation/invitation.html", context)
