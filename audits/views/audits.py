"""The audit's pages: list, task list, one page per section, check answers, and the submitted audit to read."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from audits.enums import (
    BEING_WRITTEN,
    GRADED_SECTIONS,
    HANDED_IN,
    AccessKind,
    AuditStatus,
    FamilyMember,
    Section,
)
from audits.forms import SectionForm
from audits.grading import is_above, says_concern
from audits.grading_facts import LinesHeld, advice_on, concern_is_raised, lines_held, put_ceilings_on
from audits.models import (
    Audit,
    AuditSection,
    FamilyContact,
    GradeDescriptor,
    ProposedAction,
    WorkerContact,
    WorkerFeedback,
    WorkerReply,
)
from audits.permissions import can_read_final_audits, can_read_submitted_audits, can_read_text_of
from audits.selectors import (
    PageOfAudit,
    asked_of,
    carry_on_at,
    closures,
    contents_of,
    descriptors_ticked,
    is_by_person,
    page_of,
    questions_of,
    said_by_family,
)
from audits.services.access import record_access
from audits.services.audits import (
    SavedSection,
    StaleSection,
    save_section,
    start_audit,
    submit_audit,
)
from audits.submission import needed_before_submit
from audits.timescale_facts import ANSWERED, proposals_for, timescales_of
from audits.views.standing import standing_of
from audits.wording import (
    action_rows,
    answer_in_words,
    differences,
    due_in_words,
    log_in_words,
)
from core.dates import age_band
from core.errors import RuleViolation
from core.typed import keeps_typed

PER_PAGE = 25


def audit_of(request: SignedInRequest, reference: str) -> Audit:
    """The audit if this person may read it; anybody else gets the same 404 as for one that does not exist."""
    audits = Audit.objects.visible_to(request.user).with_waiting_reopening()
    audits = audits.select_related(
        "allocation__auditor",
        "allocation__child",
        "allocation__round",
        "team__service",
        "manager",
        "tool_version__tool",
        "worker_feedback",
        "worker_reply__recorded_by",
    )
    return get_object_or_404(audits, allocation__reference=reference)


def own_audit(request: SignedInRequest, reference: str) -> Audit:
    """The audit if it is this person's to write, or was: once it is submitted the services say so."""
    audit = audit_of(request, reference)
    if audit.allocation.auditor_id != request.user.pk:
        raise Http404
    return audit


def audit_list(request: SignedInRequest) -> HttpResponse:
    """The audits this person may read: their own, and those that their roles let them read."""
    status = request.GET.get("status", "")
    visible = Audit.objects.visible_to(request.user)
    audits = visible.filter(status=status) if status in AuditStatus.values else visible
    audits = audits.select_related("allocation__auditor", "allocation__child", "allocation__round", "team")
    page = Paginator(audits.order_by("-allocation__due_on", "allocation__reference"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    counts = visible.order_by().aggregate(
        all=Count("pk"), **{value: Count("pk", filter=Q(status=value)) for value in AuditStatus.values}
    )
    url = reverse("audits:audit_list")
    tabs = [{"label": "All", "url": url, "current": status not in AuditStatus.values, "count": counts["all"]}]
    tabs += [
        {"label": label, "url": f"{url}?status={value}", "current": status == value, "count": counts[value]}
        for value, label in AuditStatus.choices
        if counts[value] or status == value
    ]
    context = {
        "page_obj": page,
        "tabs": tabs,
        "reads_all": can_read_submitted_audits(request.user),
        "reads_final": can_read_final_audits(request.user),
    }
    return render(request, "audits/audit_list.html", context)


def audit_detail(request: SignedInRequest, reference: str) -> HttpResponse:
    """What there is to do on an audit: start it, carry on with it, or read it."""
    audit = audit_of(request, reference)
    context: dict[str, Any] = {
        "audit": audit,
        "facts": facts_of(audit),
        "crumbs": [("Audits", reverse("audits:audit_list"))],
    }
    if audit.status == AuditStatus.ALLOCATED:
        context["family_contacts"] = audit.family_contacts.all()
        return render(request, "audits/audit_start.html", context)
    if audit.status in BEING_WRITTEN and audit.allocation.auditor_id == request.user.pk:
        rows = list(AuditSection.objects.filter(audit=audit))
        context |= standing_of(audit, request.user, rows)
        context |= {
            "tasks": [task_of(audit, row) for row in rows],
            "done": sum(row.is_complete for row in rows),
            "carry_on_at": carry_on_at(rows),
            "more_tasks": more_tasks(audit),
        }
        return render(request, "audits/audit_tasks.html", context)
    reads = can_read_text_of(request.user, audit)
    contents = contents_of(audit)
    context |= standing_of(audit, request.user, [page.row for page in contents])
    context["pages"] = readable_pages(audit, contents) if reads else []
    context["around"] = around(audit) if reads else None
    record_access(audit, kind=AccessKind.PAGE, by=request.user)
    return render(request, "audits/audit_detail.html", {**context, "reads_text": reads})


@require_POST
def audit_start(request: SignedInRequest, reference: str) -> HttpResponse:
    audit = own_audit(request, reference)
    start_audit(audit, by=request.user)
    return redirect("audits:audit_detail", reference)


@keeps_typed
def section_edit(request: SignedInRequest, reference: str, section: str) -> HttpResponse:
    """One page of the audit: shown as saved, or saved as posted."""
    audit = own_audit(request, reference)
    if elsewhere := written_elsewhere(request, audit, section):
        return redirect(elsewhere, reference)
    if section not in Section.values or audit.status == AuditStatus.ALLOCATED:
        raise Http404
    page = page_of(audit, Section(section))
    form = form_for(audit, page, request)
    context = {
        "audit": audit,
        "section": Section(section),
        "form": form,
        "position": list(Section).index(Section(section)) + 1,
        "of": len(Section),
        "crumbs": crumbs_within(audit),
        "dates_answer": [code for code in ANSWERED if code in form.questions],
        **saved_by_script("audits:section_autosave", reference, section),
    }
    if request.method != "POST" or not form.is_valid():
        return with_advice(request, page, context)
    try:
        saved = save_section(
            audit,
            Section(section),
            form.content(),
            version=form.opened_version,
            complete=form.says_complete,
            by=request.user,
        )
    except StaleSection as stale:
        form.reopen_at(stale.section.version)
        asked = [question.asked for question in page.questions]
        context |= {"differences": differences(asked, stale.saved, form.content()), "autosave_url": ""}
        return with_advice(request, page, context, status=HTTPStatus.CONFLICT)
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        context["autosave_url"] = ""
        return with_advice(request, page, context, status=HTTPStatus.CONFLICT)
    if saved.missing:
        form.show_missing(saved.missing)
        form.reopen_at(saved.section.version)
        return with_advice(request, page, {**context, "kept_as_draft": True})
    return after_saving(request, audit, Section(section), saved)


def with_advice(
    request: SignedInRequest, page: PageOfAudit, context: dict[str, Any], status: int = HTTPStatus.OK
) -> HttpResponse:
    """The page with the advice on what it shows: what was posted, or what is saved. It changes no answer."""
    audit, section, form = context["audit"], context["section"], context["form"]
    content = form.content() if form.is_bound else page.content
    if section in GRADED_SECTIONS:
        context["advice"] = advice_on(audit, section, content, form.descriptors)
        form.asks_reason |= is_above(content.grade, context["advice"].ceiling_grade)
    elif section == Section.PROCESS:
        if "W1" in form.questions:
            told = getattr(audit, "worker_feedback", None)
            context["log_says"] = log_in_words(audit.worker_contacts.all(), told.on if told else None)
        if says_concern(content):
            context["concern_not_raised"] = not concern_is_raised(audit)
            form.asks_reason |= context["concern_not_raised"]
    return render(request, "audits/section_edit.html", context, status=status)


def written_elsewhere(request: SignedInRequest, audit: Audit, section: str) -> str:
    """The name of the page to go to instead: nobody writes it now, or family feedback is by person; "" if none."""
    if audit.status not in BEING_WRITTEN:
        return "" if request.method == "POST" else "audits:audit_detail"
    if section == Section.FEEDBACK and is_by_person(audit, questions_of(audit, Section.FEEDBACK)):
        return "audits:family_log"
    return ""


def after_saving(
    request: SignedInRequest, audit: Audit, section: Section, saved: SavedSection
) -> HttpResponse:
    state = "complete" if saved.section.is_complete else "saved as a draft"
    messages.success(request, f"{section.label}: {state}.")
    reference = audit.allocation.reference
    if "again" in request.POST:
        return redirect(f"{reverse('audits:section_edit', args=(reference, section.value))}#grade-advice")
    if "later" in request.POST:
        return redirect("audits:audit_detail", reference)
    following = list(Section)[list(Section).index(section) + 1 :]
    if not following:
        return redirect("audits:audit_check", reference)
    return redirect("audits:section_edit", reference, following[0].value)


def audit_check(request: SignedInRequest, reference: str) -> HttpResponse:
    """Check answers, then submit."""
    if request.method == "POST":
        audits = Audit.objects.own(request.user).select_related("allocation")
        submit_audit(get_object_or_404(audits, allocation__reference=reference), by=request.user)
        messages.success(request, f"You have submitted {reference}. Thank you.")
        return redirect("audits:audit_detail", reference)
    audit = own_audit(request, reference)
    if audit.status not in BEING_WRITTEN:
        return redirect("audits:audit_detail", reference)
    contents, dates = contents_of(audit), timescales_of(audit)
    put_ceilings_on(audit, contents, dates.facts)
    context = {
        "audit": audit,
        "pages": readable_pages(audit, contents),
        "around": around(audit),
        "needs": needed_before_submit(audit, contents, dates),
        "crumbs": crumbs_within(audit),
    }
    return render(request, "audits/audit_check.html", context)


def crumbs_within(audit: Audit) -> list[tuple[str, str]]:
    """The way back from a page of an audit."""
    reference = audit.allocation.reference
    return [
        ("Audits", reverse("audits:audit_list")),
        (reference, reverse("audits:audit_detail", args=(reference,))),
    ]


def saved_by_script(name: str, *args: object) -> dict[str, Any]:
    """What layouts/saved_while_written.html needs: the address that saves, and how long a session lasts."""
    return {"autosave_url": reverse(name, args=args), "idle_minutes": settings.SESSION_COOKIE_AGE // 60}


def form_for(audit: Audit, page: PageOfAudit, request: SignedInRequest) -> SectionForm:
    section = page.row.section
    descriptors = (
        dict(
            GradeDescriptor.objects.filter(version=audit.tool_version_id, section=section).values_list(
                "grade", "text"
            )
        )
        if section in GRADED_SECTIONS
        else {}
    )
    data = request.POST if request.method == "POST" else None
    return SectionForm(
        page.row,
        asked_of(audit, page.questions),
        descriptors,
        page.content,
        data,
        proposals=proposals_for(audit, page.content.answers),
    )


def facts_of(audit: Audit) -> list[dict[str, str]]:
    """What an auditor must know of the child and the audit before opening the file."""
    allocation = audit.allocation
    if audit.status in HANDED_IN:
        due = date_format(allocation.due_on)
    else:
        due = due_in_words(allocation.due_on, timezone.localdate(), closures())
    return [
        {"key": "Child", "value": allocation.audited_child.reference},
        {"key": "Pathway", "value": audit.get_pathway_display()},
        {"key": "Age band", "value": age_band(audit.age)},
        {"key": "Sex", "value": audit.get_sex_display()},
        {"key": "Ethnicity", "value": audit.ethnicity or "Not recorded"},
        {"key": "Disability", "value": audit.get_disability_display()},
        {"key": "Legal status", "value": audit.legal_status or "None recorded"},
        {
            "key": "Team",
            "value": f"{audit.team}, {audit.team.service}" if audit.team.service else audit.team.name,
        },
        {"key": "Team manager", "value": audit.manager.name if audit.manager else "Not recorded"},
        {"key": "Social worker", "value": audit.worker_name or "Not recorded"},
        {"key": "IRO or chair", "value": audit.reviewer_name or "Not recorded"},
        {"key": "Auditor", "value": allocation.auditor.name},
        {"key": "Deadline", "value": capfirst(due)},
    ]


def task_of(audit: Audit, row: AuditSection) -> dict[str, str]:
    status, label = ("completed", "Completed") if row.is_complete else ("in_progress", "In progress")
    if row.version == 0:
        status, label = "not_started", "Not started"
    url = reverse("audits:section_edit", args=(audit.allocation.reference, row.section))
    at = timezone.localtime(row.saved_at) if row.saved_at else None
    saved = f"Saved on {date_format(at)} at {date_format(at, 'H:i')}" if at else ""
    return {
        "title": row.get_section_display(), "url": url, "status": status, "label": label, "hint": saved,
    }  # fmt: skip


def more_tasks(audit: Audit) -> list[dict[str, str]]:
    """What belongs to an audit beside its sections, for the task list. Three queries."""
    reference = audit.allocation.reference
    logged, proposed = audit.worker_contacts.count(), audit.proposed_actions.count()
    begun = audit.begun_actions.count()
    actions = [f"{number} {what}" for number, what in ((proposed, "proposed"), (begun, "begun")) if number]
    return [
        {
            "title": "The social worker",
            "url": reverse("audits:worker_log", args=(reference,)),
            "status": "in_progress" if logged else "not_started",
            "label": f"{logged} logged" if logged else "Not started",
        },
        {
            "title": "Actions",
            "url": reverse("audits:action_list", args=(reference,)),
            "status": "in_progress" if actions else "not_started",
            "label": ", ".join(actions) or "None yet",
        },
    ]


@dataclass(frozen=True)
class Around:
    """What stands around an audit's pages: whom its auditor asked, what they said, what shall follow."""

    worker_contacts: list[WorkerContact]
    worker_feedback: WorkerFeedback | None
    reply: WorkerReply | None
    family_contacts: list[FamilyContact]
    family: list[tuple[str, list[dict[str, str]]]]
    actions: list[tuple[ProposedAction, list[dict[str, str]]]]


def around(audit: Audit) -> Around:
    """Four queries; the feedback to the worker and their reply are loaded with the audit."""
    return Around(
        worker_contacts=list(audit.worker_contacts.all()),
        worker_feedback=getattr(audit, "worker_feedback", None),
        reply=getattr(audit, "worker_reply", None),
        family_contacts=list(audit.family_contacts.all()),
        family=[
            (
                FamilyMember(person).label,
                [
                    {
                        "key": f"{question.code}. {question.text}",
                        "value": "\n".join(answer_in_words(question, answer)) or "Not asked",
                    }
                    for question, answer in answers
                ],
            )
            for person, answers in said_by_family(audit).items()
        ],
        actions=[(action, action_rows(action)) for action in audit.proposed_actions.select_related("owner")],
    )


@dataclass(frozen=True)
class ReadablePage:
    """One page of an audit as words."""

    section: Section
    row: AuditSection
    rows: list[dict[str, str]]
    held: LinesHeld | None


def readable_pages(audit: Audit, pages: list[PageOfAudit]) -> list[ReadablePage]:
    """The pages as words, with the lines of the descriptors that hold. One query where any is ticked."""
    descriptors = descriptors_ticked(pages, audit.tool_version_id)
    return [readable(page, descriptors.get(page.row.section, {})) for page in pages]


def readable(page: PageOfAudit, descriptors: dict[str, str]) -> ReadablePage:
    return ReadablePage(
        Section(page.row.section),
        page.row,
        [
            {
                "key": f"{question.code}. {question.text}",
                "value": "\n".join(answer_in_words(question.asked, page.content.answers[question.code]))
                or "Not answered",
            }
            for question in page.questions
        ],
        lines_held(page.row, descriptors),
    )
