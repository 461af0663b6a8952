"""Learning briefs: written and reviewed by the QA team, read by everybody who audits, manages or leads."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from actions.models import Finding, Theme
from actions.recurrence import last_quarters
from audits.models import Audit
from audits.querysets import GOOD_PRACTICE
from core.dates import Quarter
from core.errors import RuleViolation
from core.typed import keeps_typed
from dashboards.brief import BriefContents
from dashboards.brief_files import BRIEF_FILES, brief_file
from dashboards.brief_forms import BriefWordsForm, PointForm, StartBriefForm, VersionedForm
from dashboards.enums import LONGEST_POINT, PointKind, ReportStatus
from dashboards.files import CONTENT_TYPES
from dashboards.forms import PlainForm, ReasonForm
from dashboards.models import BriefVersion, LearningBrief
from dashboards.permissions import can_read_briefs, can_review_brief, can_write_briefs
from dashboards.selectors.briefs import findings_to_choose, nominations_to_choose, themes_found
from dashboards.services.briefs import (
    Point,
    StaleBrief,
    add_point,
    change_point,
    contents_of_brief,
    correct_brief,
    names_in_brief,
    publish_brief,
    record_brief_export,
    remove_point,
    return_brief,
    save_brief,
    send_brief,
    start_brief,
)
from dashboards.views.moving import Move

PER_PAGE = 25
View = Callable[..., HttpResponse]


def writers_only(view: View) -> View:
    """To everybody else the page does not exist."""

    @wraps(view)
    def wrapped(request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        if not can_write_briefs(request.user):
            raise Http404
        return view(request, **kwargs)

    return wrapped


def brief_of(request: SignedInRequest, reference: str) -> LearningBrief:
    return get_object_or_404(LearningBrief.objects.visible_to(request.user), reference=reference)


MOVES: dict[str, Move[LearningBrief]] = {
    "send": Move(
        label="Send for review",
        explains="The others who may publish it are told by mail. Nobody changes the words while it is in review.",
        done="Sent for review. Whoever may publish it is told.",
        form=PlainForm,
        may=lambda _user, brief: brief.status == ReportStatus.DRAFT,
        act=lambda brief, by, _form: send_brief(brief, by=by),
    ),
    "return": Move(
        label="Return it",
        explains="It becomes a draft again. Whoever sent it is told by mail, and reads here what has to change.",
        done="The brief is a draft again.",
        form=ReasonForm,
        may=lambda _user, brief: brief.status == ReportStatus.IN_REVIEW,
        act=lambda brief, by, form: return_brief(brief, reason=form.cleaned_data["reason"], by=by),
    ),
    "publish": Move(
        label="Publish",
        explains=(
            "The page is kept as it is now and never changes. Auditors, moderators, managers and leaders are told by "
            "mail and can read it, save it and pass it on."
        ),
        done="Published. Its readers are told.",
        form=PlainForm,
        may=lambda user, brief: brief.status == ReportStatus.IN_REVIEW and can_review_brief(user, brief),
        act=lambda brief, by, _form: publish_brief(brief, by=by),
    ),
    "correct": Move(
        label="Start a correction",
        explains="The brief becomes a draft for its next version. What was published stays as it is.",
        done="The brief is a draft for its next version.",
        form=ReasonForm,
        may=lambda _user, brief: brief.status == ReportStatus.PUBLISHED,
        act=lambda brief, by, form: correct_brief(brief, reason=form.cleaned_data["reason"], by=by),
    ),
}


@require_safe
def brief_list(request: SignedInRequest) -> HttpResponse:
    """What is published, newest first; for the QA team also what is being written."""
    if not can_read_briefs(request.user):
        raise Http404
    versions = BriefVersion.objects.visible_to(request.user).newest().select_related("brief")
    page = Paginator(versions.order_by("-published_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    written = LearningBrief.objects.visible_to(request.user).exclude(status=ReportStatus.PUBLISHED)
    context = {
        "page_obj": page,
        "written": written[:PER_PAGE],
        "may_write": can_write_briefs(request.user),
    }
    return render(request, "dashboards/brief_list.html", context)


@keeps_typed
@writers_only
def brief_start(request: SignedInRequest) -> HttpResponse:
    form = StartBriefForm(request.POST or None)
    if form.is_valid():
        brief = start_brief(form.cleaned_data["title"], by=request.user)
        messages.success(request, "Begun. Choose what it is made from.")
        return redirect("dashboards:brief_choose", brief.reference)
    return render(request, "dashboards/brief_start.html", {"form": form})


@require_safe
@writers_only
def brief_detail(request: SignedInRequest, reference: str) -> HttpResponse:
    """Where the brief stands, its points, what to look at, its versions."""
    brief = brief_of(request, reference)
    points = list(brief.points.select_related("theme", "finding__audit__allocation", "nominated__allocation"))
    context = {
        "brief": brief,
        "is_draft": brief.status == ReportStatus.DRAFT,
        "sections": [(kind, [point for point in points if point.kind == kind]) for kind in PointKind],
        "names": names_in_brief(brief),
        "moves_open": [(name, move) for name, move in MOVES.items() if move.may(request.user, brief)],
        "moves": brief.moves.select_related("by"),
        "versions": brief.versions.select_related("published_by", "sent_by"),
    }
    return render(request, "dashboards/brief_detail.html", context)


@keeps_typed
@writers_only
def brief_words(request: SignedInRequest, reference: str) -> HttpResponse:
    """The title and the opening."""
    brief = brief_of(request, reference)
    form = BriefWordsForm(brief, request.POST if request.method == "POST" else None)

    def save() -> None:
        save_brief(brief, **form.cleaned_data, by=request.user)

    return _saved_or_form(request, brief, form, save, heading="Title and opening")


@keeps_typed
@writers_only
def point_edit(request: SignedInRequest, reference: str, pk: int | None = None) -> HttpResponse:
    """Write a point, or put one in other words."""
    brief = brief_of(request, reference)
    point = get_object_or_404(brief.points, pk=pk) if pk else None
    form = PointForm(brief, request.POST if request.method == "POST" else None, point=point)

    def save() -> None:
        if point:
            change_point(point, **form.cleaned_data, by=request.user)
        else:
            given = dict(form.cleaned_data)
            version = given.pop("version")
            add_point(brief, Point(**given), version=version, by=request.user)

    return _saved_or_form(request, brief, form, save, heading="Change a point" if point else "Write a point")


def _saved_or_form(
    request: SignedInRequest,
    brief: LearningBrief,
    form: VersionedForm,
    save: Callable[[], None],
    *,
    heading: str,
) -> HttpResponse:
    """Save and go back to the brief, or show the form with what was typed and why it was not saved."""
    status = HTTPStatus.OK
    context: dict[str, Any] = {"brief": brief, "form": form, "heading": heading}
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except StaleBrief as stale:
            form.reopen_at(stale.brief.version)
            context["saved_elsewhere"] = contents_of_brief(stale.brief, "")
            status = HTTPStatus.CONFLICT
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "Saved.")
            return redirect("dashboards:brief_detail", brief.reference)
    return render(request, "dashboards/brief_edit.html", context, status=status)


@require_POST
@writers_only
def point_remove(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Take a point out. A second click finds it done."""
    brief = brief_of(request, reference)
    if point := brief.points.filter(pk=pk).first():
        try:
            remove_point(point, by=request.user)
        except RuleViolation as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, "Taken out of the brief.")
    return redirect("dashboards:brief_detail", reference)


@require_safe
@writers_only
def brief_choose(request: SignedInRequest, reference: str) -> HttpResponse:
    """Themes, findings and nominated good practice of the last four quarters, to take into the brief."""
    brief = brief_of(request, reference)
    quarters = last_quarters(Quarter.of(timezone.localdate()))
    taken = list(brief.points.values_list("theme", "finding", "nominated"))
    context = {
        "brief": brief,
        "is_draft": brief.status == ReportStatus.DRAFT,
        "themes": themes_found(quarters),
        "findings": findings_to_choose(request.user, quarters),
        "nominations": nominations_to_choose(request.user),
        "taken_themes": {theme for theme, _, _ in taken},
        "taken_findings": {finding for _, finding, _ in taken},
        "taken_nominations": {audit for _, _, audit in taken},
    }
    return render(request, "dashboards/brief_choose.html", context)


@require_POST
@writers_only
def brief_take(request: SignedInRequest, reference: str, source: str, pk: int) -> HttpResponse:
    """Take a theme, a finding or a nomination into the brief as a point, whose words are then the writer's."""
    brief = brief_of(request, reference)
    try:
        point = add_point(brief, _taken(request, source, pk), by=request.user)
    except RuleViolation as refusal:
        messages.error(request, refusal.sentence)
        return redirect("dashboards:brief_choose", reference)
    messages.success(request, "Taken in. Put it in your own words, without names.")
    return redirect("dashboards:point_edit", reference, point.pk)


def _taken(request: SignedInRequest, source: str, pk: int) -> Point:
    if source == "theme":
        theme = get_object_or_404(Theme.objects.visible_to(request.user), pk=pk)
        quarters = last_quarters(Quarter.of(timezone.localdate()))
        found = next((one.proposed for one in themes_found(quarters) if one.theme == theme), str(theme))
        return Point(PointKind.FOUND, found[:LONGEST_POINT], {"theme": theme})
    if source == "finding":
        finding = get_object_or_404(Finding.objects.visible_to(request.user), pk=pk)
        return Point(PointKind.FOUND, finding.text[:LONGEST_POINT], {"finding": finding})
    if source != "nomination":
        raise Http404
    audit = get_object_or_404(Audit.objects.visible_to(request.user).nominated(), pk=pk)
    learning = audit.answers.get(question__code=GOOD_PRACTICE).note
    return Point(PointKind.GOOD, learning[:LONGEST_POINT], {"nominated": audit})


@keeps_typed
@writers_only
def brief_move(request: SignedInRequest, reference: str, move: str) -> HttpResponse:
    """Send, return, publish or correct: a page that says who will be told, and its button."""
    brief = brief_of(request, reference)
    if move not in MOVES:
        raise Http404
    wanted = MOVES[move]
    form = wanted.attempt(request, brief)
    if form is None:
        return redirect("dashboards:brief_detail", reference)
    context = {
        "brief": brief,
        "move": wanted,
        "form": form,
        "contents": contents_of_brief(brief, brief.get_status_display()),
    }
    return render(request, "dashboards/brief_move.html", context)


@require_safe
def brief_version(request: SignedInRequest, reference: str, number: int) -> HttpResponse:
    """One version as it was published."""
    version = _version_of(request, reference, number)
    context = {
        "version": version,
        "contents": BriefContents.from_json(version.contents),
        "files": BRIEF_FILES,
        "may_write": can_write_briefs(request.user),
    }
    return render(request, "dashboards/brief_version.html", context)


@require_safe
def brief_version_file(request: SignedInRequest, reference: str, number: int, kind: str) -> HttpResponse:
    """One version as a file, to be passed on; that it left is kept."""
    version = _version_of(request, reference, number)
    if kind not in BRIEF_FILES:
        raise Http404
    try:
        content = brief_file(BriefContents.from_json(version.contents), kind)
    except RuleViolation as refusal:
        messages.error(request, refusal.sentence)
        return redirect("dashboards:brief_version", reference, number)
    record_brief_export(version, as_format=kind, by=request.user)
    name = f"{reference}-version-{number}.{kind}"
    return HttpResponse(
        content,
        content_type=CONTENT_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _version_of(request: SignedInRequest, reference: str, number: int) -> BriefVersion:
    versions = BriefVersion.objects.visible_to(request.user).select_related("brief")
    return get_object_or_404(versions, brief__reference=reference, number=number)
