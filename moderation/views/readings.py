"""Reading an audit for a panel: its evidence beside one's own grades; at a blind panel nothing but a blind paper."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.http import SignedInRequest
from audits.enums import GRADED_SECTIONS, Grade, Section
from audits.models import Audit
from audits.selectors import contents_of
from audits.wording import answer_in_words
from core.dates import age_band
from core.errors import RuleViolation
from moderation.blind import SECTIONS, BlindPage, BlindPaper, BlindRow, mask
from moderation.enums import READ, ReadingStatus
from moderation.forms.grading import ExplainForm, ReadingForm
from moderation.models import Reading
from moderation.panel_facts import told_elsewhere
from moderation.services.readings import (
    NO_LONGER_BLIND,
    StaleReading,
    auditor_grades,
    auditor_sections,
    content_of,
    differing_grades,
    explain_reading,
    missing_from,
    record_reading,
    save_reading,
)
from moderation.verdicts import in_words
from moderation.views.panels import crumbs


def reading(request: SignedInRequest, reference: str, audit: str) -> HttpResponse:
    """The page of one reading, as far as it has come."""
    rows = Reading.objects.visible_to(request.user).select_related(
        "tabling__panel", "tabling__audit__allocation__auditor", "tabling__audit__allocation__child", "member"
    )
    this = get_object_or_404(
        rows, tabling__panel__reference=reference, tabling__audit__allocation__reference=audit
    )
    if this.status == ReadingStatus.TO_DO:
        return write(request, this)
    if this.status == ReadingStatus.RECORDED:
        return explain(request, this)
    if this.status in READ:
        return render(request, "moderation/reading_detail.html", recorded_context(this))
    raise Http404


def write(request: SignedInRequest, this: Reading) -> HttpResponse:
    """Grade it: kept as a draft, or recorded."""
    panel = this.tabling.panel
    if panel.is_blind and told_elsewhere(request.user, [this.tabling.audit]):
        messages.warning(request, NO_LONGER_BLIND)
        return redirect("moderation:panel_detail", panel.reference)
    form = ReadingForm(
        request.POST or None, is_blind=panel.is_blind, saved=content_of(this), version=this.version
    )
    paper = paper_of(this.tabling.audit, is_blind=panel.is_blind)
    graded = {} if panel.is_blind else auditor_sections(this.tabling)
    status = HTTPStatus.OK
    if form.is_valid():
        answer = _save(request, this, form)
        if isinstance(answer, HttpResponse):
            return answer
        status = answer
    context = {
        "panel": panel,
        "paper": paper,
        "form": form,
        "rows": [
            {
                "section": section,
                "page": paper.page(section),
                "fields": form.fields_of(section),
                "graded": graded.get(section),
            }
            for section in GRADED_SECTIONS
        ],
        "others": [page for page in paper.pages if page.section not in GRADED_SECTIONS],
        "crumbs": crumbs(panel),
    }
    return render(request, "moderation/reading_edit.html", context, status=status)


def _save(request: SignedInRequest, this: Reading, form: ReadingForm) -> HttpResponse | HTTPStatus:
    """Saves a form that is valid: the answer, or with which status the page is shown again."""
    content, version = form.content(), form.cleaned_data["version"]
    audit, panel = this.tabling.audit.allocation.reference, this.tabling.panel
    try:
        if "record" not in request.POST:
            save_reading(this, content, version=version, by=request.user)
            messages.success(request, f"Your draft on {audit} is saved. Nobody else reads it.")
            return redirect("moderation:panel_detail", panel.reference)
        if missing := missing_from(content, auditor_grades(this.tabling), is_blind=panel.is_blind):
            this = save_reading(this, content, version=version, by=request.user)
            form.reopen_at(this.version)
            quality = missing.pop("form_quality", "")
            form.show_missing(missing, "grade")
            if quality:
                form.add_error("form_quality", quality)
            return HTTPStatus.OK
        record_reading(this, content, version=version, by=request.user)
    except StaleReading as stale:
        form.reopen_at(stale.reading.version)
        form.add_error(
            None,
            "This reading was saved in another tab since you opened this page. What you have typed is below: "
            "save it to replace what is there.",
        )
        return HTTPStatus.CONFLICT
    except RuleViolation as refusal:
        form.add_error(None, refusal.sentence)
        return HTTPStatus.CONFLICT
    messages.success(request, f"Your reading of {audit} is recorded.")
    return redirect("moderation:reading", panel.reference, audit)


def explain(request: SignedInRequest, this: Reading) -> HttpResponse:
    """After a blind reading: why one's grades differ from the auditor's."""
    differing = differing_grades(this)
    notes = {row.section: row.note for row in this.grades.all()}
    form = ExplainForm(
        request.POST or None,
        sections={section: notes[section] for section in differing},
        version=this.version,
    )
    if form.is_valid():
        try:
            explain_reading(this, given=form.given(), by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "Your reasons are recorded.")
            return redirect(
                "moderation:reading", this.tabling.panel.reference, this.tabling.audit.allocation.reference
            )
    context = {
        **recorded_context(this),
        "form": form,
        "rows": [
            {
                "section": Section(section),
                "auditor": auditor,
                "auditor_label": Grade(auditor).label,
                "own": own,
                "own_label": Grade(own).label,
                "differs": in_words(auditor, own),
                "fields": form.fields_of(section),
            }
            for section, (auditor, own) in differing.items()
        ],
    }
    return render(request, "moderation/reading_explain.html", context)


def recorded_context(this: Reading) -> dict[str, object]:
    """A reading that is recorded: one's own grades beside the auditor's."""
    auditor = auditor_grades(this.tabling)
    own = {row.section: row for row in this.grades.all()}
    return {
        "panel": this.tabling.panel,
        "reading": this,
        "reference": this.tabling.audit.allocation.reference,
        "grades": [
            {
                "section": section,
                "auditor": auditor[section],
                "auditor_label": Grade(auditor[section]).label,
                "own": own[section].grade,
                "own_label": own[section].get_grade_display(),
                "differs": in_words(auditor[section], own[section].grade),
                "note": own[section].note,
            }
            for section in GRADED_SECTIONS
            if section in auditor and section in own
        ],
        "crumbs": crumbs(this.tabling.panel),
    }


def paper_of(audit: Audit, *, is_blind: bool) -> BlindPaper:
    """What a moderator reads. Even where the panel is not blind it has no grades: the page shows them beside.

    At a blind panel the auditor's name and the words of the scale are masked in what the auditor wrote.
    """
    auditor = audit.allocation.auditor
    names = (auditor.name, auditor.email)

    def shown(text: str) -> str:
        return mask(text, names) if is_blind else text

    sections = SECTIONS if is_blind else Section.values
    return BlindPaper(
        reference=audit.allocation.reference,
        child=audit.allocation.audited_child.reference,
        pathway=audit.get_pathway_display(),
        age=age_band(audit.age),
        legal_status=audit.legal_status,
        pages=tuple(
            BlindPage(
                section=page.row.section,
                label=Section(page.row.section).label,
                rows=tuple(
                    BlindRow(
                        f"{question.code}. {question.text}",
                        shown("\n".join(answer_in_words(question.asked, page.content.answers[question.code])))
                        or "Not answered",
                    )
                    for question in page.questions
                ),
                evidence=shown(page.content.evidence),
                difference=shown(page.content.difference),
            )
            for page in contents_of(audit)
            if page.row.section in sections
        ),
    )
