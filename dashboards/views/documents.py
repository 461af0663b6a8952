"""A report while it is written: its parts, its way to publication, and its files."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from core.errors import RuleViolation
from core.typed import keeps_typed
from dashboards.contents import Contents
from dashboards.documents import contents_of, working_copy
from dashboards.enums import ReportEdition, ReportFile, ReportStatus
from dashboards.figures import Period, quarters_of
from dashboards.files import CONTENT_TYPES, file_of
from dashboards.forms import FileForm, PlainForm, ReasonForm, SectionForm
from dashboards.models import ReportDocument, ReportVersion
from dashboards.parts import PART_BY_KEY, PARTS
from dashboards.permissions import can_review_report, can_write_reports
from dashboards.services.reports import (
    StaleSection,
    correct_report,
    publish_report,
    record_report_export,
    return_report,
    save_section,
    send_report,
    start_report,
)
from dashboards.views.moving import Move

View = Callable[..., HttpResponse]


def writers_only(view: View) -> View:
    """To everybody else the page does not exist; nor does a period that has not begun."""

    @wraps(view)
    def wrapped(request: SignedInRequest, period: Period, **kwargs: Any) -> HttpResponse:
        if not can_write_reports(request.user) or quarters_of(period)[0].first_day > timezone.localdate():
            raise Http404
        return view(request, period, **kwargs)

    return wrapped


def document_of(request: SignedInRequest, period: Period) -> ReportDocument:
    return get_object_or_404(ReportDocument.objects.visible_to(request.user), period=str(period))


def _sent_by(user: User, document: ReportDocument) -> bool:
    return document.sent_by_id == user.pk


MOVES: dict[str, Move[ReportDocument]] = {
    "send": Move(
        label="Send for review",
        explains="The Principal Social Worker is told by mail. Nobody changes the words while it is in review.",
        done="Sent for review. The Principal Social Worker is told.",
        form=PlainForm,
        may=lambda _user, document: document.status == ReportStatus.DRAFT,
        act=lambda document, by, _form: send_report(document, by=by),
    ),
    "return": Move(
        label="Return it",
        explains="It becomes a draft again. Whoever sent it is told by mail, and reads here what has to change.",
        done="The report is a draft again.",
        form=ReasonForm,
        may=lambda user, document: (
            document.status == ReportStatus.IN_REVIEW
            and (can_review_report(user, document) or _sent_by(user, document))
        ),
        act=lambda document, by, form: return_report(document, reason=form.cleaned_data["reason"], by=by),
    ),
    "publish": Move(
        label="Publish",
        explains=(
            "Its words and figures are kept as they are now and never change. Senior leaders, service managers, the QA "
            "lead and the Principal Social Worker are told by mail. Leaders and service managers read the edition for "
            "the Board, without identifiers and small numbers."
        ),
        done="Published. Its readers are told.",
        form=PlainForm,
        may=lambda user, document: (
            document.status == ReportStatus.IN_REVIEW and can_review_report(user, document)
        ),
        act=lambda document, by, _form: publish_report(document, by=by),
    ),
    "correct": Move(
        label="Start a correction",
        explains=(
            "The report becomes a draft for its next version. What was published stays as it is, for its readers too."
        ),
        done="The report is a draft for its next version.",
        form=ReasonForm,
        may=lambda _user, document: document.status == ReportStatus.PUBLISHED,
        act=lambda document, by, form: correct_report(document, reason=form.cleaned_data["reason"], by=by),
    ),
}


def moves_open_to(user: User, document: ReportDocument) -> list[tuple[str, Move[ReportDocument]]]:
    return [(name, move) for name, move in MOVES.items() if move.may(user, document)]


@require_safe
@writers_only
def report_detail(request: SignedInRequest, period: Period) -> HttpResponse:
    """Where the report stands, its parts, what to look at, its versions."""
    document = ReportDocument.objects.visible_to(request.user).filter(period=str(period)).first()
    context: dict[str, Any] = {"period": period, "document": document}
    if document:
        copy = working_copy(period, document, at=timezone.now())
        problems = copy.problems
        context |= {
            "parts": [
                {
                    "title": part.heading,
                    "url": reverse("dashboards:report_section", args=(period, part.key))
                    if document.status == ReportStatus.DRAFT
                    else "",
                    "status": "complete" if copy.words[part.key].narrative else "not_started",
                    "label": "Written" if copy.words[part.key].narrative else "Not written yet",
                    "hint": "; ".join(
                        problem.sentence
                        for problem in problems
                        if problem.part == part and copy.words[part.key].narrative
                    ),
                }
                for part in PARTS
            ],
            "blocking": [problem for problem in problems if problem.is_blocking],
            "moves_open": moves_open_to(request.user, document),
            "moves": document.moves.select_related("by"),
            "versions": document.versions.select_related("published_by", "sent_by"),
        }
    return render(request, "dashboards/report_detail.html", context)


@require_POST
@writers_only
def report_start(request: SignedInRequest, period: Period) -> HttpResponse:
    start_report(period, by=request.user)
    messages.success(request, "Begun. The figures are in; the words are yours.")
    return redirect("dashboards:report_detail", period)


@keeps_typed
@writers_only
def report_section(request: SignedInRequest, period: Period, key: str) -> HttpResponse:
    """The words of one part, beside the names of the figures."""
    document = document_of(request, period)
    if key not in PART_BY_KEY:
        raise Http404
    section = document.sections.get(key=key)
    form = SectionForm(section, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"period": period, "part": PART_BY_KEY[key], "form": form}
    status = HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        try:
            save_section(document, key, form.words, version=form.cleaned_data["version"], by=request.user)
        except StaleSection as stale:
            form.reopen_at(stale.section.version)
            context["saved_elsewhere"] = stale.section
            status = HTTPStatus.CONFLICT
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
            status = HTTPStatus.CONFLICT
        else:
            messages.success(request, f"{PART_BY_KEY[key].heading}: saved.")
            return redirect("dashboards:report_detail", period)
    report = working_copy(period, None, at=timezone.now()).report
    context["figures"] = report.figures.values()
    return render(request, "dashboards/report_section.html", context, status=status)


@keeps_typed
@writers_only
def report_move(request: SignedInRequest, period: Period, move: str) -> HttpResponse:
    """Send, return, publish or correct: a page that says who will be told, and its button."""
    document = document_of(request, period)
    if move not in MOVES:
        raise Http404
    wanted = MOVES[move]
    form = wanted.attempt(request, document)
    if form is None:
        return redirect("dashboards:report_detail", period)
    problems = []
    if move in ("send", "publish"):
        problems = working_copy(period, document, at=timezone.now()).problems
    context = {"period": period, "move": wanted, "form": form, "problems": problems}
    return render(request, "dashboards/report_move.html", context)


@require_safe
@writers_only
def report_preview(request: SignedInRequest, period: Period) -> HttpResponse:
    """The report as it would be published now, whole or for the Board."""
    document = document_of(request, period)
    edition = edition_asked(request)
    copy = working_copy(period, document, at=timezone.now())
    contents = copy.contents(edition, document.get_status_display())
    context = {
        "contents": contents,
        "tabs": tabs_of_editions(edition),
        "back_url": reverse("dashboards:report_detail", args=(period,)),
        "back_label": f"Report {period}",
    }
    return render(request, "dashboards/report_contents.html", context)


@keeps_typed
@writers_only
def report_file(request: SignedInRequest, period: Period, number: int = 0) -> HttpResponse:
    """Save the report as a file: the draft, or one of its versions. The reason is asked and kept."""
    document = document_of(request, period)
    version = None
    if number:
        versions = ReportVersion.objects.visible_to(request.user).filter(document=document)
        version = get_object_or_404(versions, number=number)
    form = FileForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        edition = ReportEdition(form.cleaned_data["edition"])
        try:
            return _saved(
                request, period, form, contents_for_file(document, version, period, edition), number
            )
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request, "dashboards/report_file.html", {"period": period, "version": version, "form": form}
    )


def contents_for_file(
    document: ReportDocument, version: ReportVersion | None, period: Period, edition: ReportEdition
) -> Contents:
    if version:
        return contents_of(version, edition)
    copy = working_copy(period, document, at=timezone.now())
    return copy.contents(edition, document.get_status_display())


def _saved(
    request: SignedInRequest, period: Period, form: FileForm, contents: Contents, number: int
) -> HttpResponse:
    kind, edition = form.cleaned_data["file"], form.cleaned_data["edition"]
    now = timezone.localtime()
    mark = (
        ""
        if edition == ReportEdition.BOARD
        else (f"Saved by {request.user} on {date_format(now)} at {now:%H:%M}")
    )
    document = file_of(contents, kind, mark=mark)
    record_report_export(
        period,
        number=number,
        edition=edition,
        file=ReportFile(kind),
        reason=form.cleaned_data["reason"],
        by=request.user,
    )
    name = "-".join(
        ["report", str(period).replace(" ", "-"), *([f"version-{number}"] if number else ["draft"]), edition]
    )
    return HttpResponse(
        document,
        content_type=CONTENT_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )


def edition_asked(request: SignedInRequest) -> ReportEdition:
    """The QA team sees both editions; what is asked of no such name is the whole."""
    return ReportEdition.BOARD if request.GET.get("edition") == ReportEdition.BOARD else ReportEdition.WHOLE


def tabs_of_editions(edition: ReportEdition) -> list[dict[str, Any]]:
    return [
        {"label": "Whole", "url": "?edition=whole", "current": edition == ReportEdition.WHOLE},
        {"label": "For the Board", "url": "?edition=board", "current": edition == ReportEdition.BOARD},
    ]
