"""Saving a page of an audit while it is being written, for static/app/autosave.js. The page works without it."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from accounts.models import User
from audits.completeness import SectionContent
from audits.enums import AuditStatus, Section
from audits.forms import SectionForm
from audits.models import Audit, AuditSection
from audits.selectors import asked_of, page_of, questions_of
from audits.services.audits import SavedSection, StaleSection, autosave_section
from core.errors import RuleViolation
from core.typed import leaves_session_alone

SIGNED_OUT = "You have been signed out."
STALE = "Not saved: this page was saved somewhere else after you opened it, perhaps in another tab."


@login_not_required  # a script is told in JSON; a redirect would hand it the page to sign in on
@leaves_session_alone
@require_http_methods(["GET", "POST"])
def section_autosave(request: HttpRequest, reference: str, section: str) -> JsonResponse:
    """POST saves what is typed, as far as it can be saved; GET gives the token for the next POST.

    Answers, each with a `sentence` to show: 200 saved, with the page's new `version` and a `remark` on what was not
    saved; 401 signed out, whatever the address names; 409 another save came first (`stale`), or the audit can no
    longer be written. 404 as everywhere.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"sentence": SIGNED_OUT}, status=HTTPStatus.UNAUTHORIZED)
    audits = Audit.objects.own(request.user).select_related("allocation")
    audit = get_object_or_404(audits, allocation__reference=reference)
    if section not in Section.values or audit.status == AuditStatus.ALLOCATED:
        raise Http404
    if request.method == "GET":
        return JsonResponse({"token": get_token(request)})
    return save_as_typed(request, audit, Section(section), by=request.user)


def save_as_typed(request: HttpRequest, audit: Audit, section: Section, *, by: User) -> JsonResponse:
    questions = questions_of(audit, section)
    page, asked = AuditSection(audit=audit, section=section), asked_of(audit, questions)
    form = SectionForm(page, asked, {}, SectionContent(), data=request.POST)
    whole = form.is_valid()
    content = form.content() if whole else form.content_that_can_be_saved(page_of(audit, section).content)
    try:
        saved = autosave_section(audit, section, questions, content, version=form.opened_version, by=by)
    except StaleSection:
        return JsonResponse({"sentence": STALE, "stale": True}, status=HTTPStatus.CONFLICT)
    except RuleViolation as refusal:
        return JsonResponse(
            {"sentence": f"Not saved. {refusal.sentence}", "stale": False}, status=HTTPStatus.CONFLICT
        )
    refused = [str(error) for errors in form.errors.values() for error in errors]
    answer = {
        "version": saved.section.version,
        "sentence": saved_at(saved),
        "remark": remark_on(saved, refused),
    }
    return JsonResponse(answer)


def saved_at(saved: SavedSection) -> str:
    """When it was saved, by London's clock."""
    at = saved.section.saved_at
    return f"Saved {date_format(timezone.localtime(at), 'H:i')}" if at else "Saved"


def remark_on(saved: SavedSection, refused: list[str]) -> str:
    """What was not saved, and what a page lacks that was complete before."""
    remarks = []
    if refused:
        remarks.append(f"Not saved yet: {'; '.join(refused)}.")
    if saved.missing:
        gaps = "; ".join(gap.sentence for gap in saved.missing)
        remarks.append(f"This section is a draft again until you complete it: {gaps}.")
    return " ".join(remarks)
