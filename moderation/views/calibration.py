"""Calibration exercises: prepare one, grade it alone, see the spread once it is closed."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.http import SignedInRequest
from accounts.roles import roles_of
from audits.enums import GRADED_SECTIONS, Grade
from audits.models import Audit, AuditSection
from core.errors import RuleViolation
from moderation.calibrating import spread_of
from moderation.enums import CalibrationStatus
from moderation.fairness_forms import (
    CalibrationGradesForm,
    CalibrationTextForm,
    OpenCalibrationForm,
    PrepareCalibrationForm,
)
from moderation.fairness_permissions import can_grade_calibration, can_see_all_of_moderation
from moderation.models import CalibrationExercise, CalibrationGrade, CalibrationText, ModerationSettings
from moderation.services.calibration import (
    finished,
    grade_calibration,
    is_open,
    open_calibration,
    prepare_calibration,
    who_grades,
    with_source,
    write_calibration_text,
)

PER_PAGE = 25


def calibration_list(request: SignedInRequest) -> HttpResponse:
    """The exercises that this person may see, the latest first."""
    if not can_grade_calibration(request.user):
        raise Http404
    rows = CalibrationExercise.objects.visible_to(request.user).order_by("-created_at", "-pk")
    context = {
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "sees_all": can_see_all_of_moderation(request.user),
        "is_auditor": Role.AUDITOR in roles_of(request.user),
    }
    return render(request, "moderation/calibration_list.html", context)


def calibration_prepare(request: SignedInRequest) -> HttpResponse:
    """Choose the audit whose texts are used."""
    if not can_see_all_of_moderation(request.user):
        raise Http404
    audits = Audit.objects.visible_to(request.user).submitted().select_related("allocation")
    form = PrepareCalibrationForm(request.POST or None, audits=audits)
    if form.is_valid():
        try:
            made = prepare_calibration(
                form.cleaned_data["source"], title=form.cleaned_data["title"], by=request.user
            )
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(
                request, "Prepared. Nobody else sees it yet: take the names out of each text next."
            )
            return redirect("fairness:calibration_detail", made.reference)
    return render(request, "moderation/calibration_prepare.html", {"form": form, "crumbs": crumbs()})


def calibration_detail(request: SignedInRequest, reference: str) -> HttpResponse:
    """A draft to prepare, an open exercise to grade, or the spread of one that is closed."""
    rows = CalibrationExercise.objects.visible_to(request.user)
    exercise = get_object_or_404(with_source(rows), reference=reference)
    if exercise.status == CalibrationStatus.DRAFT:
        if request.method == "POST":
            raise Http404
        return draft(request, exercise)
    if is_open(exercise, on=timezone.localdate()):
        return grading(request, exercise)
    if request.method == "POST":
        raise RuleViolation("This exercise is not open for grading.")
    return results(request, exercise)


def draft(request: SignedInRequest, exercise: CalibrationExercise) -> HttpResponse:
    texts = [
        {
            "title": text.get_section_display(),
            "url": reverse("fairness:calibration_text_edit", args=(exercise.reference, text.section)),
            "status": "completed" if text.is_checked else "to_do",
            "label": "Checked" if text.is_checked else "To be checked",
        }
        for text in exercise.texts.all()
    ]
    days = ModerationSettings.current().calibration_days
    context = {
        "exercise": exercise,
        "texts": texts,
        "form": OpenCalibrationForm(initial={"closes_on": timezone.localdate() + timedelta(days=days)}),
        "crumbs": crumbs(),
    }
    return render(request, "moderation/calibration_draft.html", context)


def calibration_open(request: SignedInRequest, reference: str) -> HttpResponse:
    """Check who will be asked, then open it."""
    if not can_see_all_of_moderation(request.user):
        raise Http404
    rows = CalibrationExercise.objects.visible_to(request.user)
    exercise = get_object_or_404(rows, reference=reference)
    days = ModerationSettings.current().calibration_days
    form = OpenCalibrationForm(
        request.POST or None, initial={"closes_on": timezone.localdate() + timedelta(days=days)}
    )
    if form.is_valid():
        try:
            open_calibration(exercise, closes_on=form.cleaned_data["closes_on"], by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "Open. Everybody who grades is being told by mail.")
            return redirect("fairness:calibration_detail", reference)
    context = {
        "exercise": exercise,
        "form": form,
        "people": who_grades(timezone.localdate()).count(),
        "crumbs": crumbs(exercise),
    }
    return render(request, "moderation/calibration_open.html", context)


def calibration_text_edit(request: SignedInRequest, reference: str, section: str) -> HttpResponse:
    """Take the names out of one text."""
    if not can_see_all_of_moderation(request.user):
        raise Http404
    rows = CalibrationExercise.objects.visible_to(request.user).filter(status=CalibrationStatus.DRAFT)
    exercise = get_object_or_404(with_source(rows), reference=reference)
    text = get_object_or_404(exercise.texts.all(), section=section)
    form = CalibrationTextForm(
        request.POST or None,
        initial={
            "words": text.text,
            "reference_grade": text.reference_grade,
            "is_checked": text.is_checked,
        },
    )
    if form.is_valid():
        try:
            write_calibration_text(text, **form.cleaned_data, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"Saved: {text.get_section_display()}.")
            return redirect("fairness:calibration_detail", reference)
    source = AuditSection.objects.filter(audit=exercise.source, section=section).first()
    context = {"exercise": exercise, "text": text, "source": source, "form": form, "crumbs": crumbs(exercise)}
    return render(request, "moderation/calibration_text_edit.html", context)


def grading(request: SignedInRequest, exercise: CalibrationExercise) -> HttpResponse:
    texts = list(exercise.texts.all())
    own = own_grades(request, texts)
    form = CalibrationGradesForm(texts, own, request.POST or None)
    if form.is_valid():
        try:
            grade_calibration(exercise, grades=form.grades, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(
                request,
                "Your grades are kept. You may change them until it closes, and nobody sees them before.",
            )
            return redirect("fairness:calibration_detail", exercise.reference)
    context = {
        "exercise": exercise,
        "form": form,
        "is_graded": len(own) == len(texts),
        "crumbs": crumbs(),
    }
    if can_see_all_of_moderation(request.user):
        context |= {"finished": len(finished(exercise)), "people": who_grades(timezone.localdate()).count()}
    return render(request, "moderation/calibration_grade.html", context)


def own_grades(request: SignedInRequest, texts: list[CalibrationText]) -> dict[int, tuple[str, str]]:
    rows = CalibrationGrade.objects.filter(person=request.user, text__in=texts)
    return {grade.text_id: (grade.grade, grade.why) for grade in rows}


def results(request: SignedInRequest, exercise: CalibrationExercise) -> HttpResponse:
    """The spread, without names: once the sweep has closed it, which it does the night after its last day."""
    texts = list(exercise.texts.all())
    own = own_grades(request, texts)
    if exercise.status != CalibrationStatus.CLOSED:
        return render(request, "moderation/calibration_over.html", {"exercise": exercise, "crumbs": crumbs()})
    given: dict[int, list[str]] = {text.pk: [] for text in texts}
    rows = CalibrationGrade.objects.visible_to(request.user).filter(text__in=texts)
    for text_id, grade in rows.order_by("pk").values_list("text", "grade"):
        given[text_id].append(grade)
    order = [section.value for section in GRADED_SECTIONS]
    context = {
        "exercise": exercise,
        "grades": [Grade(grade).label for grade, _ in spread_of([]).counts],
        "lines": [
            result_of(text, given[text.pk], own)
            for text in sorted(texts, key=lambda text: order.index(text.section))
        ],
        "crumbs": crumbs(),
    }
    return render(request, "moderation/calibration_results.html", context)


def result_of(text: CalibrationText, given: list[str], own: dict[int, tuple[str, str]]) -> dict[str, object]:
    spread = spread_of(given, text.reference_grade)
    return {
        "text": text,
        "spread": spread,
        "counts": [(Grade(grade).label, count) for grade, count in spread.counts],
        "own": Grade(own[text.pk][0]).label if text.pk in own else "",
    }


def crumbs(exercise: CalibrationExercise | None = None) -> list[tuple[str, str]]:
    """The pages above."""
    above = [("Calibration", reverse("fairness:calibration_list"))]
    if exercise:
        above.append((exercise.reference, reverse("fairness:calibration_detail", args=(exercise.reference,))))
    return above
