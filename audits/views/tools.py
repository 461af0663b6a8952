"""The audit tools to read: as their auditors see them, what changed between versions, and as a file."""

from dataclasses import dataclass, replace

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from audits.completeness import AskedQuestion, SectionContent
from audits.enums import OPEN_TOOL_STATUSES, Pathway, Section, ToolStatus
from audits.forms import SectionForm
from audits.models import AuditSection, Question, ToolVersion
from audits.permissions import can_approve_tool, can_draft_tools, can_read_tools
from audits.selectors import asked_of_each_person, asks_by_person, tool_pages
from audits.timescale_facts import ANSWERED
from audits.tool_facts import proposal_of, tool_file_of
from audits.tool_toml import write_tool

PER_PAGE = 25


def version_of(request: SignedInRequest, code: str, number: int) -> ToolVersion:
    """The version, if this person may read it."""
    versions = ToolVersion.objects.visible_to(request.user).select_related("tool", "proposed_by")
    return get_object_or_404(versions, tool__code=code, number=number)


def crumbs_to(version: ToolVersion) -> list[tuple[str, str]]:
    """The way to the pages of a version."""
    url = reverse("tools:tool_version_detail", args=(version.tool.code, version.number))
    return [("Audit tools", reverse("tools:tool_list")), (str(version), url)]


def tool_list(request: SignedInRequest) -> HttpResponse:
    """Every version of every tool, the newest of each first."""
    if not can_read_tools(request.user):
        raise Http404
    versions = (
        ToolVersion.objects.visible_to(request.user)
        .select_related("tool", "published_by")
        .annotate(question_count=Count("questions"))
        .order_by("tool__name", "-number")
    )
    page = Paginator(versions, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "may_draft": can_draft_tools(request.user)}
    return render(request, "audits/tool_list.html", context)


@dataclass(frozen=True)
class Doable:
    """What this person may do with a version now, for the buttons of its page."""

    change: bool
    start_draft: bool
    decide: bool
    take_back: bool


def doable_with(request: SignedInRequest, version: ToolVersion) -> Doable:
    drafts = can_draft_tools(request.user)
    proposed = version.status == ToolStatus.PROPOSED
    open_versions = version.tool.versions.filter(status__in=OPEN_TOOL_STATUSES)
    return Doable(
        change=drafts and version.status == ToolStatus.DRAFT,
        start_draft=drafts and bool(version.pathways) and not open_versions.exists(),
        decide=proposed and can_approve_tool(request.user, version),
        take_back=proposed and drafts,
    )


def tool_detail(request: SignedInRequest, code: str, number: int | None = None) -> HttpResponse:
    """One version of a tool, by default its newest: for every pathway, or as the auditor of one sees it."""
    versions = ToolVersion.objects.visible_to(request.user).select_related("tool", "proposed_by")
    versions = versions.filter(tool__code=code)
    if number is None:
        version = versions.order_by("-number").first()
        if version is None:
            raise Http404
    else:
        version = get_object_or_404(versions, number=number)
    pathways = [Pathway(value) for value in version.pathways]
    chosen = request.GET.get("pathway", "")
    pathway = Pathway(chosen) if chosen in pathways else None
    tabs = [
        {"label": label, "url": f"?pathway={value}", "current": value == (pathway or "")}
        for value, label in [("", "All pathways"), *((pathway.value, pathway.label) for pathway in pathways)]
    ]
    context = {
        "version": version,
        "pages": tool_pages(version, pathway),
        "pathway": pathway,
        "tabs": tabs if len(pathways) > 1 else [],
        "may": doable_with(request, version),
        "serves": [row.get_pathway_display() for row in version.in_force.all()],
        "previews": [
            (
                one.label,
                reverse("tools:tool_preview", args=(code, version.number, one.value, Section.HEADER.value)),
            )
            for one in pathways
        ],
        "moves": version.moves.select_related("by"),
    }
    return render(request, "audits/tool_detail.html", context)


@require_safe
def tool_changes(request: SignedInRequest, code: str, number: int) -> HttpResponse:
    """What changed against the version that was approved before, to read and to print."""
    version = version_of(request, code, number)
    context = {"version": version, "proposal": proposal_of(version), "crumbs": crumbs_to(version)}
    return render(request, "audits/tool_changes.html", context)


@require_safe
def tool_export(request: SignedInRequest, code: str, number: int) -> HttpResponse:
    """The version as one TOML file."""
    version = version_of(request, code, number)
    response = HttpResponse(write_tool(tool_file_of(version)), content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{code}-version-{number}.toml"'
    return response


def previewed(question: Question, pathway: str) -> AskedQuestion:
    """The question as it is asked on the pathway of a child of any age, with the ages at which it is asked."""
    asked = question.asked.offered_to(pathway, None, "")
    ages = f"Asked at ages: {question.ages_in_words}." if question.ages_in_words else ""
    return replace(asked, help=f"{asked.help} {ages}".strip())


@require_safe
def tool_preview(
    request: SignedInRequest, code: str, number: int, pathway: str, section: str
) -> HttpResponse:
    """One page of the version as an auditor of the pathway would see it. Nothing can be saved from it."""
    version = version_of(request, code, number)
    if pathway not in version.pathways or section not in Section.values:
        raise Http404
    page = next(page for page in tool_pages(version, Pathway(pathway)) if page.section == section)
    by_person = asks_by_person(page.questions)
    questions = asked_of_each_person(page.questions) if by_person else page.questions
    form = SectionForm(
        AuditSection(section=section),
        [previewed(question, pathway) for question in questions],
        {row.grade: row.text for row in page.descriptors},
        SectionContent(),
    )
    tabs = [
        {
            "label": one.label,
            "url": reverse("tools:tool_preview", args=(code, number, pathway, one.value)),
            "current": one == section,
        }
        for one in Section
    ]
    context = {
        "version": version,
        "pathway": Pathway(pathway),
        "section": Section(section),
        "form": form,
        "logged": [question for question in page.questions if by_person and question not in questions],
        "dates_answer": [question.code for question in questions if question.code in ANSWERED],
        "worker_log_answers": [question.code for question in questions if question.code in ("W1", "W3")],
        "tabs": tabs,
        "crumbs": crumbs_to(version),
    }
    return render(request, "audits/tool_preview.html", context)
