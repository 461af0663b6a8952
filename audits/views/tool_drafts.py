"""Drafts of audit tools: make one, change it question by question, send it for approval; then the decision."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from audits.enums import GRADED_SECTIONS, Section, ToolStatus
from audits.models import Question, Tool, ToolVersion
from audits.moves import TOOL_REFUSALS
from audits.permissions import can_approve_tool, can_draft_tools
from audits.selectors import tool_pages
from audits.services.tool_approval import propose_version, publish_version, return_version
from audits.services.tool_drafts import (
    StaleDraft,
    add_question,
    change_descriptors,
    change_pathways,
    change_question,
    create_tool,
    discard_draft,
    import_tool,
    move_question,
    remove_question,
    start_draft,
)
from audits.tool_diff import losses_without
from audits.tool_facts import descriptors_on, proposal_of, tool_file_of, tool_question_of
from audits.tool_forms import (
    DecideToolForm,
    DescriptorsForm,
    ImportToolForm,
    NewToolForm,
    PathwaysForm,
    ProposeForm,
    QuestionForm,
    reopen,
)
from audits.tool_toml import LARGEST_FILE, read_tool
from audits.views.tools import crumbs_to, version_of
from core.errors import RuleViolation
from core.forms import GovForm


def check_drafter(request: SignedInRequest) -> None:
    if not can_draft_tools(request.user):
        raise Http404


def draft_of(request: SignedInRequest, code: str, number: int) -> ToolVersion:
    """The draft, for those who may change it; what is no draft any more says so."""
    check_drafter(request)
    version = version_of(request, code, number)
    if version.status != ToolStatus.DRAFT:
        raise RuleViolation(TOOL_REFUSALS[version.status].format(version))
    return version


def section_of(value: str) -> Section:
    if value not in Section.values:
        raise Http404
    return Section(value)


def done(form: BaseForm, act: Callable[[], Any], field: str | None = None) -> Any:
    """What `act` gives; None when it is refused, and the form says why and keeps what was typed."""
    try:
        return act()
    except RuleViolation as refusal:
        form.add_error(field, refusal.sentence)
        return None


def to_version(version: ToolVersion) -> HttpResponse:
    return redirect("tools:tool_version_detail", version.tool.code, version.number)


def to_draft(version: ToolVersion) -> HttpResponse:
    return redirect("tools:draft_edit", version.tool.code, version.number)


def to_section(version: ToolVersion, section: str) -> HttpResponse:
    return redirect("tools:draft_section", version.tool.code, version.number, section)


def crumbs_in_draft(version: ToolVersion, section: Section | None = None) -> list[tuple[str, str]]:
    args = (version.tool.code, version.number)
    crumbs = [*crumbs_to(version), ("Change the draft", reverse("tools:draft_edit", args=args))]
    if section:
        crumbs.append((section.label, reverse("tools:draft_section", args=(*args, section.value))))
    return crumbs


def tool_new(request: SignedInRequest) -> HttpResponse:
    """A tool of the council's own."""
    check_drafter(request)
    versions = ToolVersion.objects.visible_to(request.user).published().select_related("tool")
    form = NewToolForm(
        request.POST if request.method == "POST" else None, versions=versions.order_by("tool__name")
    )
    if form.is_valid():
        version = done(form, lambda: create_tool(**form.cleaned_data, by=request.user))
        if version:
            messages.success(request, f"{version} is a draft. Nobody is given it before it is approved.")
            return to_draft(version)
    return render(request, "audits/tool_new.html", {"form": form})


def tool_import(request: SignedInRequest) -> HttpResponse:
    """Bring a tool in from a file, as a draft."""
    check_drafter(request)
    form = ImportToolForm(request.POST, request.FILES) if request.method == "POST" else ImportToolForm()
    if form.is_valid():
        content = form.cleaned_data["file"].file.read(LARGEST_FILE + 1)
        version = done(form, lambda: import_tool(read_tool(content), by=request.user), "file")
        if version:
            messages.success(request, f"{version} is a draft. Look through it, then send it for approval.")
            return to_version(version)
    return render(request, "audits/tool_import.html", {"form": form})


@require_POST
def draft_start(request: SignedInRequest, code: str) -> HttpResponse:
    """Copy the newest version of a tool into a draft."""
    check_drafter(request)
    version = start_draft(
        get_object_or_404(Tool.objects.visible_to(request.user), code=code), by=request.user
    )
    messages.success(request, f"{version} is a draft. Change what you need, then send it for approval.")
    return to_draft(version)


def draft_edit(request: SignedInRequest, code: str, number: int) -> HttpResponse:
    """The pages of a draft, and what else there is to change in it."""
    version = draft_of(request, code, number)
    args = (code, number)
    tasks = [
        {
            "title": page.section.label,
            "url": reverse("tools:draft_section", args=(*args, page.section.value)),
            "questions": len(page.questions),
            "described": len(page.descriptors) if page.section in GRADED_SECTIONS else None,
        }
        for page in tool_pages(version)
    ]
    context = {"version": version, "tasks": tasks, "crumbs": crumbs_to(version)}
    return render(request, "audits/tool_draft.html", context)


def draft_pathways(request: SignedInRequest, code: str, number: int) -> HttpResponse:
    version = draft_of(request, code, number)
    form = PathwaysForm(
        request.POST if request.method == "POST" else None, initial={"pathways": version.pathways}
    )
    if form.is_valid() and done(
        form, lambda: change_pathways(version, form.cleaned_data["pathways"], by=request.user), "pathways"
    ):
        messages.success(request, "The pathways of the draft are changed.")
        return to_draft(version)
    context = {"version": version, "form": form, "crumbs": crumbs_in_draft(version)}
    return render(request, "audits/tool_draft_pathways.html", context)


def draft_section(request: SignedInRequest, code: str, number: int, section: str) -> HttpResponse:
    """The questions of one page, to order, change, add and remove."""
    version = draft_of(request, code, number)
    page = next(page for page in tool_pages(version) if page.section == section_of(section))
    context = {"version": version, "page": page, "crumbs": crumbs_in_draft(version)}
    context["is_graded"] = page.section in GRADED_SECTIONS
    return render(request, "audits/tool_draft_section.html", context)


def draft_descriptors(request: SignedInRequest, code: str, number: int, section: str) -> HttpResponse:
    """What each grade looks like on one page."""
    version = draft_of(request, code, number)
    if section_of(section) not in GRADED_SECTIONS:
        raise Http404
    form = DescriptorsForm(
        request.POST if request.method == "POST" else None, texts=descriptors_on(version, section)
    )
    crumbs = crumbs_in_draft(version, Section(section))
    context = {"version": version, "section": Section(section), "form": form, "crumbs": crumbs}
    opened = form.cleaned_data["opened"] if form.is_valid() else ""
    try:
        if form.is_valid() and done(
            form,
            lambda: change_descriptors(
                version, Section(section), form.texts(), by=request.user, opened=opened
            ),
        ):
            messages.success(request, f"{Section(section).label}: the descriptors are changed.")
            return to_section(version, section)
    except StaleDraft:
        return conflict(request, form, "audits/tool_draft_descriptors.html", context)
    return render(request, "audits/tool_draft_descriptors.html", context)


def question_add(request: SignedInRequest, code: str, number: int, section: str) -> HttpResponse:
    version = draft_of(request, code, number)
    form = QuestionForm(
        request.POST if request.method == "POST" else None, version=version, section=section_of(section)
    )
    if form.is_valid():
        question = done(form, lambda: add_question(version, form.row(), by=request.user))
        if question:
            messages.success(request, f"{question.code} is added at the end of the page.")
            return to_section(version, section)
    return render(request, "audits/tool_question.html", _question_context(version, Section(section), form))


def question_edit(request: SignedInRequest, code: str, number: int, question: str) -> HttpResponse:
    version = draft_of(request, code, number)
    saved = get_object_or_404(Question, version=version, code=question)
    form = QuestionForm(
        request.POST if request.method == "POST" else None,
        version=version,
        section=saved.section,
        saved=tool_question_of(saved),
    )
    context = _question_context(version, Section(saved.section), form, question)
    opened = form.cleaned_data["opened"] if form.is_valid() else ""
    try:
        if form.is_valid() and done(
            form, lambda: change_question(version, question, form.row(), by=request.user, opened=opened)
        ):
            messages.success(request, f"{question} is changed.")
            return to_section(version, saved.section)
    except StaleDraft:
        return conflict(request, form, "audits/tool_question.html", context)
    return render(request, "audits/tool_question.html", context)


def _question_context(
    version: ToolVersion, section: Section, form: QuestionForm, code: str = ""
) -> dict[str, Any]:
    crumbs = crumbs_in_draft(version, section)
    return {"version": version, "section": section, "form": form, "code": code, "crumbs": crumbs}


def conflict(request: SignedInRequest, form: GovForm, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page with both: what is saved, and what was typed, which the form holds."""
    context |= {"differences": reopen(form), "keep_url": request.path}
    return render(request, template, context, status=HTTPStatus.CONFLICT)


@require_POST
def question_move(request: SignedInRequest, code: str, number: int, question: str) -> HttpResponse:
    """One place up or down on its page."""
    version = draft_of(request, code, number)
    up = request.POST.get("direction") == "up"
    moved = move_question(version, question, up=up, by=request.user)
    messages.success(request, f"{moved.code} is moved {'up' if up else 'down'}.")
    return to_section(version, moved.section)


def question_remove(request: SignedInRequest, code: str, number: int, question: str) -> HttpResponse:
    """Take a question out, after a look at what would miss it."""
    version = draft_of(request, code, number)
    saved = get_object_or_404(Question, version=version, code=question)
    if request.method == "POST":
        remove_question(version, question, by=request.user)
        messages.success(request, f"{question} is removed from the draft.")
        return to_section(version, saved.section)
    context = {
        "version": version,
        "question": saved,
        "losses": losses_without(tool_file_of(version), question),
        "crumbs": crumbs_in_draft(version, Section(saved.section)),
    }
    return render(request, "audits/tool_question_remove.html", context)


def draft_discard(request: SignedInRequest, code: str, number: int) -> HttpResponse:
    version = draft_of(request, code, number)
    if request.method == "POST":
        discard_draft(version, by=request.user)
        messages.success(request, f"{version} is discarded.")
        return to_version(version)
    return render(
        request, "audits/tool_draft_discard.html", {"version": version, "crumbs": crumbs_to(version)}
    )


def draft_propose(request: SignedInRequest, code: str, number: int) -> HttpResponse:
    """The check before a draft goes to the Principal Social Worker."""
    version = draft_of(request, code, number)
    proposal = proposal_of(version)
    form = ProposeForm(
        request.POST if request.method == "POST" else None,
        has_losses=bool(proposal.losses),
        initial={"change_note": version.change_note},
    )
    if form.is_valid() and done(
        form,
        lambda: propose_version(version, change_note=form.cleaned_data["change_note"], by=request.user),
    ):
        messages.success(request, "Sent. The Principal Social Worker is being told by mail.")
        return to_version(version)
    context = {"version": version, "proposal": proposal, "form": form, "crumbs": crumbs_in_draft(version)}
    return render(request, "audits/tool_propose.html", context)


@require_POST
def version_take_back(request: SignedInRequest, code: str, number: int) -> HttpResponse:
    """Make one's proposal a draft again."""
    check_drafter(request)
    version = version_of(request, code, number)
    return_version(version, reason="Taken back to change it", by=request.user)
    messages.success(request, f"{version} is a draft again.")
    return to_draft(version)


def version_decide(request: SignedInRequest, code: str, number: int) -> HttpResponse:
    """Approve a proposed version or return it, with all that it changes in view."""
    version = version_of(request, code, number)
    if not can_approve_tool(request.user, version):
        raise Http404
    if version.status != ToolStatus.PROPOSED:
        raise RuleViolation(TOOL_REFUSALS[version.status].format(version))
    proposal = proposal_of(version)
    form = DecideToolForm(
        request.POST if request.method == "POST" else None, takes_over=bool(proposal.taken_over)
    )
    if form.is_valid() and done(form, lambda: _decide(version, form, request)):
        return to_version(version)
    context = {"version": version, "proposal": proposal, "form": form, "crumbs": crumbs_to(version)}
    return render(request, "audits/tool_decide.html", context)


def _decide(version: ToolVersion, form: DecideToolForm, request: SignedInRequest) -> ToolVersion:
    given = form.cleaned_data
    if given["decision"] == "return":
        decided = return_version(version, reason=given["reason"], by=request.user)
        messages.success(request, "Returned. The QA lead is being told by mail.")
    else:
        decided = publish_version(version, take_over=given.get("take_over", False), by=request.user)
        messages.success(request, f"{decided} is published. Audits that are started from now on use it.")
    return decided
