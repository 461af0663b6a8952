"""The social worker and the family: whom the auditor asked, and what they said."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from audits.completeness import GivenAnswer, SectionContent
from audits.enums import BEING_WRITTEN, AuditStatus, FamilyMember, FamilyOutcome, Section
from audits.involvement_forms import FamilyContactForm, PersonForm, WorkerContactForm, WorkerFeedbackForm
from audits.models import Audit, FamilyFeedback, WorkerFeedback
from audits.permissions import can_write_audit
from audits.selectors import asked_of, asked_of_each_person, is_by_person, questions_of, said_by_family
from audits.services.involvement import (
    has_said_something,
    log_family_contact,
    log_worker_contact,
    remove_family_contact,
    remove_worker_contact,
    save_family_feedback,
    save_worker_feedback,
)
from audits.services.writing import StalePage
from audits.views.audits import crumbs_within, own_audit, saved_by_script
from audits.wording import Difference, differences
from core.errors import RuleViolation
from core.typed import keeps_typed


@keeps_typed
def worker_log(request: SignedInRequest, reference: str) -> HttpResponse:
    """The log of the social worker's involvement, with a form for one more line."""
    audit = own_audit(request, reference)
    if audit.status not in BEING_WRITTEN and request.method != "POST":
        return redirect("audits:audit_detail", reference)
    form = WorkerContactForm(request.POST or None)
    if form.is_valid():
        try:
            log_worker_contact(audit, **form.cleaned_data, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "Added to the log. Question W1 says what came of it.")
            return redirect("audits:worker_log", reference)
    context = {
        "audit": audit,
        "form": form,
        "contacts": audit.worker_contacts.all(),
        "feedback": WorkerFeedback.objects.filter(audit=audit).first(),
        "crumbs": crumbs_within(audit),
    }
    return render(request, "audits/worker_log.html", context)


@require_POST
def worker_contact_remove(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    remove_worker_contact(own_audit(request, reference), pk, by=request.user)
    messages.success(request, "Removed from the log.")
    return redirect("audits:worker_log", reference)


@keeps_typed
def worker_feedback(request: SignedInRequest, reference: str) -> HttpResponse:
    """What the social worker was told about the work."""
    audit = own_audit(request, reference)
    if audit.status not in BEING_WRITTEN and request.method != "POST":
        return redirect("audits:audit_detail", reference)
    form, saved = worker_feedback_form(request, audit)
    own_page = reverse("audits:worker_feedback", args=(reference,))
    context = {"audit": audit, "form": form, "keep_url": own_page}
    context |= saved_by_script("audits:worker_feedback_autosave", reference)
    context["crumbs"] = [
        *crumbs_within(audit),
        ("The social worker", reverse("audits:worker_log", args=(reference,))),
    ]
    if request.method != "POST" or not form.is_valid():
        return render(request, "audits/worker_feedback.html", context)
    typed = form.cleaned_data
    try:
        save_worker_feedback(
            audit, on=typed["on"], text=typed["text"], version=form.opened_version, by=request.user
        )
    except StalePage as stale:
        form.reopen_at(stale.version)
        context["autosave_url"] = ""
        context["differences"] = [Difference("What you told them", saved.text, typed["text"])]
        return render(request, "audits/worker_feedback.html", context, status=HTTPStatus.CONFLICT)
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        context["autosave_url"] = ""
        return render(request, "audits/worker_feedback.html", context, status=HTTPStatus.CONFLICT)
    messages.success(request, "Saved.")
    return redirect("audits:worker_log", reference)


def worker_feedback_form(request: SignedInRequest, audit: Audit) -> tuple[WorkerFeedbackForm, WorkerFeedback]:
    """The form of what the social worker was told, and what is saved of it."""
    saved = WorkerFeedback.objects.filter(audit=audit).first() or WorkerFeedback(audit=audit)
    return WorkerFeedbackForm(request.POST if request.method == "POST" else None, saved=saved), saved


@keeps_typed
def family_log(request: SignedInRequest, reference: str) -> HttpResponse:
    """The log of asking the family, already before the audit is started; and who gave feedback."""
    audit = own_audit(request, reference)
    if not can_write_audit(request.user, audit) and request.method != "POST":
        return redirect("audits:audit_detail", reference)
    _check_by_person(audit)
    form = FamilyContactForm(request.POST or None)
    if form.is_valid():
        try:
            log_family_contact(audit, **form.cleaned_data, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "Added to the log.")
            return redirect("audits:family_log", reference)
    contacts = list(audit.family_contacts.all())
    said = said_by_family(audit)
    gave = [contact.person for contact in contacts if contact.outcome == FamilyOutcome.FEEDBACK]
    is_started = audit.status != AuditStatus.ALLOCATED
    context = {
        "audit": audit,
        "form": form,
        "contacts": contacts,
        "is_started": is_started,
        "tasks": [
            _task_of(audit, person, is_written=has_said_something(said.get(person, [])))
            for person in FamilyMember
            if is_started and person in gave
        ],
        "has_tried": any(contact.how for contact in contacts),
        "crumbs": crumbs_within(audit),
    }
    return render(request, "audits/family_log.html", context)


@require_POST
def family_contact_remove(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    remove_family_contact(own_audit(request, reference), pk, by=request.user)
    messages.success(request, "Removed from the log.")
    return redirect("audits:family_log", reference)


@keeps_typed
def family_person(request: SignedInRequest, reference: str, person: str) -> HttpResponse:
    """What one person of the family said."""
    audit = own_audit(request, reference)
    if audit.status not in BEING_WRITTEN and request.method != "POST":
        return redirect("audits:audit_detail", reference)
    if audit.status == AuditStatus.ALLOCATED:
        raise Http404
    who = person_of(audit, person)
    form, saved = person_page(request, audit, who)
    own_page = reverse("audits:family_person", args=(reference, person))
    context: dict[str, Any] = {"audit": audit, "person": who, "form": form, "keep_url": own_page}
    context |= saved_by_script("audits:family_person_autosave", reference, person)
    context["crumbs"] = [
        *crumbs_within(audit),
        ("Family feedback", reverse("audits:family_log", args=(reference,))),
    ]
    if request.method != "POST" or not form.is_valid():
        return render(request, "audits/family_person.html", context)
    try:
        save_family_feedback(audit, who, form.content(), version=form.opened_version, by=request.user)
    except StalePage as stale:
        form.reopen_at(stale.version)
        context["autosave_url"] = ""
        context["differences"] = differences(form.questions.values(), saved, form.content())
        return render(request, "audits/family_person.html", context, status=HTTPStatus.CONFLICT)
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        context["autosave_url"] = ""
        return render(request, "audits/family_person.html", context, status=HTTPStatus.CONFLICT)
    messages.success(request, f"{who.label}: saved.")
    return redirect("audits:family_log", reference)


def person_of(audit: Audit, person: str) -> FamilyMember:
    """The person whose page it is; 404 where there is no such page."""
    if person not in FamilyMember.values:
        raise Http404
    _check_by_person(audit)
    return FamilyMember(person)


def person_page(
    request: SignedInRequest, audit: Audit, who: FamilyMember
) -> tuple[PersonForm, SectionContent]:
    """The form of what one person said, and what is saved of it."""
    row = audit.family_feedback.filter(person=who).first() or FamilyFeedback(audit=audit, person=who)
    questions = asked_of(audit, asked_of_each_person(questions_of(audit, Section.FEEDBACK)))
    said = {question.code: answer for question, answer in said_by_family(audit).get(who, [])}
    saved = SectionContent(answers={q.code: said.get(q.code, GivenAnswer()) for q in questions})
    return PersonForm(row, questions, saved, request.POST if request.method == "POST" else None), saved


def _check_by_person(audit: Audit) -> None:
    """404 for an audit whose feedback is on a page of its own, as for a page that does not exist."""
    is_elsewhere = audit.status != AuditStatus.ALLOCATED and not is_by_person(
        audit, questions_of(audit, Section.FEEDBACK)
    )
    if is_elsewhere:
        raise Http404


def _task_of(audit: Audit, person: FamilyMember, *, is_written: bool) -> dict[str, str]:
    status, label = ("completed", "Written") if is_written else ("not_started", "Not written")
    url = reverse("audits:family_person", args=(audit.allocation.reference, person.value))
    return {"title": f"What they said: {person.label}", "url": url, "status": status, "label": label}
