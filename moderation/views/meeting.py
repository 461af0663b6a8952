"""The meeting: who has come, one audit at a time on the screen of the room, and the close."""

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from audits.enums import GRADED_SECTIONS, Grade, Section
from core.errors import RuleViolation
from moderation.enums import PanelStatus, Reason, SeatStatus, TablingStatus, Verdict
from moderation.forms.grading import DecisionForm
from moderation.forms.panels import AttendanceForm
from moderation.models import Conflict, Decision, DecisionLine, Panel, Reading, ReadingGrade, Tabling
from moderation.permissions import can_decide, is_in_conflict
from moderation.services.decisions import (
    RETURN,
    Line,
    StaleDecision,
    decide_audit,
    missing_from,
    take_back_decision,
)
from moderation.services.panels import close_panel, start_meeting
from moderation.services.readings import auditor_sections
from moderation.verdicts import in_words, steps_between
from moderation.views.panels import crumbs, frame, panel_to_run


@dataclass(frozen=True)
class GradeSeen:
    """One grade on the screen: whose, the grade, and how it differs from the auditor's in words and by a sign."""

    whose: str
    grade: str
    label: str
    differs: str
    sign: str
    narrative: str
    reasons: str


def tablings_of(panel: Panel) -> list[Tabling]:
    """What the meeting goes through, in order."""
    rows = panel.tablings.exclude(status=TablingStatus.TAKEN_OFF)
    return list(rows.select_related("audit__allocation", "decision").order_by("pk"))


def meeting_start(request: SignedInRequest, reference: str) -> HttpResponse:
    """Record who has come, and start; while it meets, correct who came."""
    panel = panel_to_run(request, reference)
    if panel.status not in (PanelStatus.RELEASED, PanelStatus.MEETING):
        return redirect("moderation:panel_detail", reference)
    members = list(
        panel.members.filter(status__in=(SeatStatus.INVITED, SeatStatus.ACCEPTED, SeatStatus.DECLINED))
        .select_related("person")
        .order_by("part", "position", "pk")
    )
    here = [
        str(member.pk)
        for member in members
        if member.attended or (member.attended is None and member.status == SeatStatus.ACCEPTED)
    ]
    form = AttendanceForm(request.POST or None, members=members, initial={"attended": here})
    if form.is_valid():
        try:
            start_meeting(panel, attended=form.seats(), by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return redirect("moderation:meeting", reference)
    context = {"form": form, "panel": panel, "crumbs": crumbs(panel)}
    return render(request, "moderation/meeting_start.html", context)


def meeting(request: SignedInRequest, reference: str) -> HttpResponse:
    """To the next audit that is not decided, or to the close."""
    panel = panel_to_run(request, reference)
    if panel.status != PanelStatus.MEETING:
        return redirect("moderation:panel_detail", reference)
    in_conflict = Conflict.objects.filter(tabling__panel=panel, person=request.user)
    kept_from = set(in_conflict.values_list("tabling", flat=True))
    undecided = [
        tabling
        for tabling in tablings_of(panel)
        if tabling.decision_id is None
        and tabling.auditor_id != request.user.pk
        and tabling.pk not in kept_from
    ]
    if not undecided:
        return redirect("moderation:panel_close", reference)
    return redirect("moderation:meeting_audit", reference, undecided[0].audit.allocation.reference)


def meeting_audit(request: SignedInRequest, reference: str, audit: str) -> HttpResponse:
    """One audit on the screen: both grades side by side, what differs, and what is decided."""
    panel = panel_to_run(request, reference)
    if panel.status != PanelStatus.MEETING:
        return redirect("moderation:panel_detail", reference)
    tablings = tablings_of(panel)
    tabling = next((row for row in tablings if row.audit.allocation.reference == audit), None)
    if tabling is None or is_in_conflict(request.user, tabling):
        raise Http404
    may_decide = can_decide(request.user, tabling)
    if request.method == "POST" and not may_decide:
        raise Http404
    graded = auditor_sections(tabling)
    auditor = {section: row.grade for section, row in graded.items()}
    readings = readings_at(tabling)
    seen = {section: grades_seen(section, auditor, readings) for section in GRADED_SECTIONS}
    form = DecisionForm(
        request.POST or None,
        auditor=auditor,
        initial_lines=lines_of(tabling.decision) if tabling.decision else lines_to_offer(auditor, readings),
        version=tabling.version,
    )
    context = {
        **frame(request, panel, "meeting"),
        "tabling": tabling,
        "position": tablings.index(tabling) + 1,
        "tablings": tablings,
        "decided": sum(row.decision_id is not None for row in tablings),
        "form": form,
        "may_decide": may_decide,
        "history": tabling.decisions.select_related("by"),
    }
    status = HTTPStatus.OK
    if form.is_valid():
        if missing := missing_from(form.lines(), auditor):
            form.show_missing(missing, "choice")
        else:
            try:
                decide_audit(
                    tabling, lines=form.lines(), version=form.cleaned_data["version"], by=request.user
                )
            except StaleDecision as stale:
                form.reopen_at(stale.tabling.version)
                context["others"] = decision_in_words(stale.tabling.decision)
                context["tabling"] = stale.tabling
                status = HTTPStatus.CONFLICT
            except RuleViolation as refusal:
                form.add_error(None, refusal.sentence)
                status = HTTPStatus.CONFLICT
            else:
                messages.success(request, f"{audit} is decided. It can be changed until the panel is closed.")
                return redirect("moderation:meeting", reference)
    context["rows"] = [
        {
            "section": section,
            "seen": seen[section],
            "graded": graded.get(section),
            "fields": form.fields_of(section),
            "differs": any(grade.differs for grade in seen[section]),
        }
        for section in GRADED_SECTIONS
    ]
    return render(request, "moderation/meeting_audit.html", context, status=status)


def readings_at(tabling: Tabling) -> list[Reading]:
    """What was recorded of an audit, with its reasons, by nobody who has a conflict of interest. Three queries."""
    grades = ReadingGrade.objects.select_related("difference")
    rows = Reading.objects.recorded().without_conflict().filter(tabling=tabling).select_related("moderator")
    return list(rows.prefetch_related(Prefetch("grades", grades)).order_by("pk"))


def grades_seen(section: Section, auditor: dict[str, str], readings: list[Reading]) -> list[GradeSeen]:
    own = auditor.get(section, "")
    seen = [GradeSeen("Auditor", own, Grade(own).label, "", "", "", "")] if own else []
    for reading in readings:
        row = next((grade for grade in reading.grades.all() if grade.section == section), None)
        if row is None or not row.grade or not own:
            continue
        steps = steps_between(own, row.grade)
        difference = getattr(row, "difference", None)
        seen.append(
            GradeSeen(
                whose=reading.moderator.name,
                grade=row.grade,
                label=row.get_grade_display(),
                differs="" if row.grade == own else in_words(own, row.grade),
                sign="▲" if steps > 0 else "▼" if steps < 0 else "◆",
                narrative=difference.narrative if difference else row.note,
                reasons=reasons_in_words(difference.reasons) if difference else "",
            )
        )
    return seen


def reasons_in_words(reasons: list[str]) -> str:
    return "; ".join(Reason(reason).label for reason in reasons)


def lines_to_offer(auditor: dict[str, str], readings: list[Reading]) -> dict[str, Line]:
    """What the form opens with: agreed grades as confirmed, a reader's difference with their reasons, else nothing."""
    offered: dict[str, Line] = {}
    for section in GRADED_SECTIONS:
        rows = [
            row
            for reading in readings
            for row in reading.grades.all()
            if row.section == section and row.grade
        ]
        if {row.grade for row in rows} == {auditor.get(section)}:
            offered[section] = Line(auditor[section])
        elif rows:
            differing = [row.difference for row in rows if hasattr(row, "difference")]
            reasons = tuple(dict.fromkeys(reason for row in differing for reason in row.reasons))
            offered[section] = Line("", reasons, "\n".join(row.narrative for row in differing))
    return offered


def lines_of(decision: Decision) -> dict[str, Line]:
    return {
        line.section: Line(
            RETURN if line.verdict == Verdict.RETURNED else line.final_grade,
            tuple(line.reasons),
            line.narrative,
        )
        for line in decision.lines.all()
    }


def decision_in_words(decision: Decision | None) -> list[dict[str, str]]:
    """What another chair decided, line by line; for nobody it was taken back."""
    if decision is None:
        return [{"key": "All areas", "value": "What was decided was taken back."}]
    return [
        {"key": line.get_section_display(), "value": line_in_words(line)} for line in decision.lines.all()
    ]


def line_in_words(line: DecisionLine) -> str:
    grade = line.get_final_grade_display()
    if line.verdict == Verdict.RETURNED:
        return f"Returned for evidence: {line.narrative}"
    if line.verdict == Verdict.CONFIRMED:
        return f"{grade}, confirmed"
    return f"{grade}, {in_words(line.auditor_grade, line.final_grade)}: {line.narrative}"


@require_POST
def decision_take_back(request: SignedInRequest, reference: str, audit: str) -> HttpResponse:
    """Take the decision on an audit back."""
    panel = panel_to_run(request, reference)
    tabling = get_object_or_404(panel.tablings, audit__allocation__reference=audit)
    if not can_decide(request.user, tabling):
        raise Http404
    version = request.POST.get("version", "")
    try:
        take_back_decision(tabling, version=int(version) if version.isdigit() else -1, by=request.user)
    except StaleDecision:
        messages.error(request, "Somebody else decided on this audit in the meantime. Look at it again.")
    except RuleViolation as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"The decision on {audit} is taken back.")
    return redirect("moderation:meeting_audit", reference, audit)


def panel_close(request: SignedInRequest, reference: str) -> HttpResponse:
    """Check what will be final and who will be told, then close."""
    panel = panel_to_run(request, reference)
    if request.method == "POST":
        close_panel(panel, by=request.user)
        messages.success(request, f"{panel} is closed. The auditors are being told by mail.")
        return redirect("moderation:panel_outcomes", reference)
    if panel.status != PanelStatus.MEETING:
        return redirect("moderation:panel_detail", reference)
    lines = Prefetch("decision__lines", DecisionLine.objects.order_by("pk"))
    rows = panel.tablings.on_the_table().select_related("audit__allocation", "decision")
    tablings = list(rows.prefetch_related(lines).order_by("pk"))
    returned = [
        row
        for row in tablings
        if row.decision and any(line.verdict == Verdict.RETURNED for line in row.decision.lines.all())
    ]
    context = {
        **frame(request, panel, "meeting"),
        "undecided": [row for row in tablings if row.decision is None],
        "returned": returned,
        "final": [row for row in tablings if row.decision and row not in returned],
        "meeting_url": reverse("moderation:meeting", args=(reference,)),
    }
    return render(request, "moderation/panel_close.html", context)
