"""Saving a page of an audit while it is being written, for static/app/autosave.js. The pages work without it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from http import HTTPStatus

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from audits.completeness import SectionContent
from audits.enums import AuditStatus, Section
from audits.forms import SectionForm
from audits.models import Audit, AuditSection
from audits.selectors import asked_of, page_of, questions_of
from audits.services.audits import SavedSection, StaleSection, autosave_section
from audits.services.involvement import save_family_feedback, save_worker_feedback
from audits.services.proposed_actions import NotWhole, change_action, keep_begun_action
from audits.services.writing import StalePage
from audits.views.involvement import person_of, person_page, worker_feedback_form
from audits.views.proposed_actions import changed_action_form, new_action_form
from core.errors import RuleViolation
from core.typed import leaves_session_alone

SIGNED_OUT = "You have been signed out."
STALE = "Not saved: this page was saved somewhere else after you opened it, perhaps in another tab."


@dataclass(frozen=True)
class Kept:
    """What a save kept: the version that the page has now, when it was saved, and what is left to be said of it."""

    version: int
    at: datetime | None
    remark: str = ""

    @property
    def sentence(self) -> str:
        """When it was saved, by London's clock; `at` is None where nothing was."""
        return f"Saved {date_format(timezone.localtime(self.at), 'H:i')}" if self.at else "Not saved yet"


def saves_by_script(keep: Callable[..., Kept]) -> Callable[..., JsonResponse]:
    """Make a view of a function that keeps what was posted, as far as it can be kept.

    POST saves; GET gives the token for the next POST. Answers, each with a `sentence` to show: 200 saved, with the
    page's new `version` and a `remark` on what was not saved; 401 signed out, whatever the address names; 409 another
    save came first (`stale`), or the audit can no longer be written. 404 as everywhere.
    """

    @login_not_required  # a script is told in JSON; a redirect would hand it the page to sign in on
    @leaves_session_alone
    @require_http_methods(["GET", "POST"])
    @wraps(keep)
    def view(request: HttpRequest, reference: str, **names: object) -> JsonResponse:
        if not request.user.is_authenticated:
            return JsonResponse({"sentence": SIGNED_OUT}, status=HTTPStatus.UNAUTHORIZED)
        audits = Audit.objects.own(request.user).select_related("allocation")
        audit = get_object_or_404(audits, allocation__reference=reference)
        if audit.status == AuditStatus.ALLOCATED:
            raise Http404
        if request.method == "GET":
            return JsonResponse({"token": get_token(request)})
        try:
            kept = keep(request, audit, **names)
        except (StaleSection, StalePage):
            return JsonResponse({"sentence": STALE, "stale": True}, status=HTTPStatus.CONFLICT)
        except RuleViolation as refusal:
            sentence = f"Not saved. {refusal.sentence}"
            return JsonResponse({"sentence": sentence, "stale": False}, status=HTTPStatus.CONFLICT)
        return JsonResponse({"version": kept.version, "sentence": kept.sentence, "remark": kept.remark})

    return view


@saves_by_script
def section_autosave(request: SignedInRequest, audit: Audit, section: str) -> Kept:
    """One section of the audit."""
    if section not in Section.values:
        raise Http404
    questions = questions_of(audit, Section(section))
    page, asked = AuditSection(audit=audit, section=section), asked_of(audit, questions)
    form = SectionForm(page, asked, {}, SectionContent(), data=request.POST)
    whole = form.is_valid()
    content = (
        form.content() if whole else form.content_that_can_be_saved(page_of(audit, Section(section)).content)
    )
    saved = autosave_section(
        audit, Section(section), questions, content, version=form.opened_version, by=request.user
    )
    remark = " ".join((*not_saved(form), *not_complete(saved)))
    return Kept(saved.section.version, saved.section.saved_at or timezone.now(), remark)


@saves_by_script
def family_person_autosave(request: SignedInRequest, audit: Audit, person: str) -> Kept:
    """What one person of the family said."""
    who = person_of(audit, person)
    form, saved = person_page(request, audit, who)
    content = form.content() if form.is_valid() else form.content_that_can_be_saved(saved)
    feedback = save_family_feedback(audit, who, content, version=form.opened_version, by=request.user)
    return Kept(feedback.version, timezone.now(), " ".join(not_saved(form)))


@saves_by_script
def worker_feedback_autosave(request: SignedInRequest, audit: Audit) -> Kept:
    """What the social worker was told."""
    form, saved = worker_feedback_form(request, audit)
    form.is_valid()
    typed = form.cleaned_data
    feedback = save_worker_feedback(
        audit,
        on=typed.get("on", saved.on),
        text=typed.get("text", saved.text),
        version=form.opened_version,
        by=request.user,
    )
    return Kept(feedback.version, timezone.now(), " ".join(not_saved(form)))


@saves_by_script
def action_add_autosave(request: SignedInRequest, audit: Audit) -> Kept:
    """An action that is not added yet: kept as it is typed, and added by the button alone."""
    form = new_action_form(request, audit)
    form.is_valid()
    if (token := form.cleaned_data.get("token")) is None:
        raise RuleViolation("The page does not say which action this is. Open it again from the actions.")
    begun = keep_begun_action(
        audit, form.as_typed(), token=token, version=form.opened_version, by=request.user
    )
    return Kept(begun.version, begun.saved_at)


@saves_by_script
def action_edit_autosave(request: SignedInRequest, audit: Audit, pk: int) -> Kept:
    """An action that is there. It stays as it was while what is typed would not be a whole action."""
    action = get_object_or_404(audit.proposed_actions.select_related("owner"), pk=pk)
    form = changed_action_form(request, audit, action)
    form.is_valid()
    try:
        changed = change_action(audit, pk, form.content(action), version=form.opened_version, by=request.user)
    except NotWhole as gap:
        return Kept(form.opened_version, None, gap.sentence)
    return Kept(changed.version, timezone.now(), " ".join(not_saved(form)))


def not_saved(form: forms.BaseForm) -> list[str]:
    """What could not be saved, as a sentence."""
    refused = [str(error).rstrip(".") for errors in form.errors.values() for error in errors]
    return [f"Not saved yet: {'; '.join(refused)}."] if refused else []


def not_complete(saved: SavedSection) -> list[str]:
    """What a section lacks that was complete before, as a sentence."""
    gaps = "; ".join(gap.sentence for gap in saved.missing)
    return [f"This section is a draft again until you complete it: {gaps}."] if gaps else []
