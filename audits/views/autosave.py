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
from audits.selectors import page_of, questions_of
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

    Answers, each with a `sentence` to show: 200 saved, with the page's new `version`; 401 signed out, whatever the
    address names; 404 not this person's to write; 409 `stale`, another save came first, or it can no longer be
    written.
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
    asked = [question.asked for question in questions]
    form = SectionForm(
        AuditSection(audit=audit, section=section), asked, {}, SectionContent(), data=request.POST
    )
    if form.is_valid():
        content = form.content()
    else:
        content = form.content_that_can_be_saved(page_of(audit, section).content)
    try:
        saved = autosave_section(audit, section, questions, content, version=form.opened_version, by=by)
    except StaleSection:
        return JsonResponse({"sentence": STALE, "stale": True}, status=HTTPStatus.CONFLICT)
    except RuleViolation as refusal:
        return JsonResponse(
            {"sentence": f"Not saved. {refusal.sentence}", "stale": False}, status=HTTPStatus.CONFLICT
        )
    sentence = sentence_of(saved, [str(error) for errors in form.errors.values() for error in errors])
    return JsonResponse({"sentence": sentence, "version": saved.section.version})


def sentence_of(saved: SavedSection, refused: list[str]) -> str:
    """When it was saved, by London's clock, and what was not."""
    at = saved.section.saved_at
    sentence = f"Saved {date_format(timezone.localtime(at), 'H:i')}" if at else "Saved"
    if refused:
        sentence += f", but for this: {'; '.join(refused)}"
    if saved.missing:
        gaps = "; ".join(gap.sentence for gap in saved.missing)
        sentence += f". The section is a draft again until you complete it: {gaps}"
    return sentence
