"""Calibration exercises: prepared, opened, graded by everybody, closed (docs/domain.md, section 7, R11)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from accounts.models import Membership, User
from accounts.querysets import UserQuerySet
from audits.enums import BAND_GRADES, GRADED_SECTIONS, HANDED_IN
from audits.models import Audit, AuditSection
from core.dates import Quarter, london_date
from core.errors import RuleViolation
from moderation.calibrating import names_left
from moderation.enums import CalibrationStatus
from moderation.fairness_permissions import can_grade_calibration, can_see_all_of_moderation
from moderation.fairness_signals import calibration_opened
from moderation.models import CalibrationExercise, CalibrationGrade, CalibrationText, ModerationSettings
from moderation.querysets import CALIBRATING_ROLES, CalibrationExerciseQuerySet

NOT_YOURS = "The QA lead and the Principal Social Worker prepare calibration exercises."


@transaction.atomic
def prepare_calibration(
    source: Audit, *, title: str, by: User, at: datetime | None = None
) -> CalibrationExercise:
    """Start an exercise from the texts of a submitted audit. Nobody but those who prepare it sees it yet.

    Effects, in order: the exercise is made with the next number of its quarter; the evidence of each area that was
    graded, and of the whole, is copied, unchecked.

    Raises:
        RuleViolation: `by` may not, or the audit was not submitted or has no graded text.

    """
    at = at or timezone.now()
    if not can_see_all_of_moderation(by):
        raise RuleViolation(NOT_YOURS)
    if source.status not in HANDED_IN:
        raise RuleViolation("Choose an audit that has been submitted.")
    rows = AuditSection.objects.filter(audit=source, section__in=GRADED_SECTIONS, grade__in=BAND_GRADES)
    texts = {row.section: _text_of(row) for row in rows if row.evidence.strip()}
    if not texts:
        raise RuleViolation("This audit has no text that was graded. Choose another.")
    exercise = CalibrationExercise.objects.create(
        reference=_next_reference(london_date(at)),
        title=title.strip(),
        pathway=source.pathway,
        source=source,
        created_by=by,
        created_at=at,
    )
    CalibrationText.objects.bulk_create(
        CalibrationText(exercise=exercise, section=section.value, text=texts[section.value])
        for section in GRADED_SECTIONS
        if section.value in texts
    )
    return exercise


def names_in(source: Audit) -> list[str]:
    """What the audit itself knows by name: a text that is called checked holds none of it. No query.

    Args:
        source: with its team, its manager, and its allocation with auditor and child.

    """
    allocation = source.allocation
    people = [source.worker_name, source.reviewer_name, allocation.auditor.name]
    people += [source.manager.name] if source.manager else []
    return [name for name in (*people, allocation.audited_child.reference) if name]


def _text_of(row: AuditSection) -> str:
    parts = [row.evidence.strip()]
    if row.difference.strip():
        parts.append(f"What is different for this child: {row.difference.strip()}")
    return "\n\n".join(parts)[:20_000]


def _next_reference(on: date) -> str:
    quarter = Quarter.of(on)
    stem = f"CAL-{quarter.year}-Q{quarter.number}"
    taken = CalibrationExercise.objects.filter(reference__startswith=stem).count()
    return f"{stem}-{taken + 1}"


@transaction.atomic
def write_calibration_text(
    text: CalibrationText, *, words: str, is_checked: bool, reference_grade: str, by: User
) -> CalibrationText:
    """Change what graders will read of one area, say that it was checked, and give a reference grade or none.

    Raises:
        RuleViolation: `by` may not, the exercise is open already, nothing is left of the text, or it is called
            checked while a name that the audit knows still stands in it.

    """
    exercise = _locked(text.exercise)
    if not can_see_all_of_moderation(by):
        raise RuleViolation(NOT_YOURS)
    _check_draft(exercise)
    if not words.strip():
        raise RuleViolation("Leave some text to grade.")
    if is_checked and (left := names_left(words, names_in(exercise.source))):
        raise RuleViolation(f"Take out first what tells who it is about: {', '.join(left)}.")
    text.text, text.is_checked, text.reference_grade = words.strip(), is_checked, reference_grade
    text.save(update_fields=("text", "is_checked", "reference_grade"))
    return text


@transaction.atomic
def open_calibration(
    exercise: CalibrationExercise, *, closes_on: date, by: User, at: datetime | None = None
) -> CalibrationExercise:
    """Let everybody grade it. Twice is once.

    Effects, in order: it is open to the end of `closes_on`; calibration_opened is sent, by which everybody who
    grades is told by mail.

    Raises:
        RuleViolation: `by` may not, it was opened already, a text is not checked, or the last day is not ahead.

    """
    at = at or timezone.now()
    current = _locked(exercise)
    if not can_see_all_of_moderation(by):
        raise RuleViolation(NOT_YOURS)
    if current.status == CalibrationStatus.OPEN:
        return current
    _check_draft(current)
    unchecked = current.texts.filter(is_checked=False).order_by("pk")
    if unchecked.exists():
        names = ", ".join(text.get_section_display() for text in unchecked)
        raise RuleViolation(f"Check first that nothing in it tells who the child is: {names}.")
    if closes_on <= london_date(at):
        raise RuleViolation("Choose a last day that lies ahead.")
    current.status, current.closes_on = CalibrationStatus.OPEN, closes_on
    current.opened_by, current.opened_at = by, at
    current.save(update_fields=("status", "closes_on", "opened_by", "opened_at"))
    calibration_opened.send(CalibrationExercise, exercise=current)
    return current


@transaction.atomic
def grade_calibration(
    exercise: CalibrationExercise,
    *,
    grades: Mapping[str, tuple[str, str]],
    by: User,
    at: datetime | None = None,
) -> CalibrationExercise:
    """Keep one person's own grades, by section each with its reason. They may be changed until it closes.

    Raises:
        RuleViolation: `by` may not, it is not open, or a grade is not of the scale or of no text.

    """
    at = at or timezone.now()
    current = _locked(exercise)
    if not can_grade_calibration(by):
        raise RuleViolation("Auditors, moderators, the QA lead and the Principal Social Worker grade.")
    if not is_open(current, on=london_date(at)):
        raise RuleViolation("This exercise is not open for grading.")
    texts = {text.section: text for text in current.texts.all()}
    on_the_scale = {band.value for band in BAND_GRADES}
    if any(section not in texts or grade not in on_the_scale for section, (grade, _) in grades.items()):
        raise RuleViolation("Choose one of the four grades for each text.")
    CalibrationGrade.objects.bulk_create(
        [
            CalibrationGrade(text=texts[section], person=by, grade=grade, why=why.strip(), graded_at=at)
            for section, (grade, why) in grades.items()
        ],
        update_conflicts=True,
        unique_fields=("text", "person"),
        update_fields=("grade", "why", "graded_at"),
    )
    return current


def is_open(exercise: CalibrationExercise, *, on: date) -> bool:
    """Whether it may be graded: to the end of its last day, whether or not the sweep has closed it yet."""
    return (
        exercise.status == CalibrationStatus.OPEN
        and exercise.closes_on is not None
        and on <= exercise.closes_on
    )


def sweep_calibrations(*, at: datetime | None = None) -> int:
    """Close the exercises whose last day is over, which shows everybody the spread. Returns how many."""
    at = at or timezone.now()
    over = CalibrationExercise.objects.open().filter(closes_on__lt=london_date(at))
    return over.update(status=CalibrationStatus.CLOSED, closed_at=at)


def who_grades(on: date) -> UserQuerySet:
    """Everybody who is asked to grade on that day."""
    holders = Membership.objects.on(on).filter(role__in=CALIBRATING_ROLES)
    people: UserQuerySet = User.objects.active().filter(pk__in=holders.values("user"))
    return people.order_by("name", "pk")


def exercises_to_remind(*, at: datetime) -> dict[CalibrationExercise, UserQuerySet]:
    """The open exercises that close soon, each with those who have not graded all of it."""
    on = london_date(at)
    soon = on + timedelta(days=ModerationSettings.current().calibration_days_before)
    return {
        exercise: who_grades(on).exclude(pk__in=finished(exercise))
        for exercise in CalibrationExercise.objects.open().filter(closes_on__range=(on, soon))
    }


def finished(exercise: CalibrationExercise) -> list[int]:
    """The people who have graded every text of it. Two queries."""
    wanted = exercise.texts.count()
    rows = CalibrationGrade.objects.filter(text__exercise=exercise).order_by().values_list("person")
    return [person for person, graded in rows.annotate(Count("pk")) if graded == wanted]


def _locked(exercise: CalibrationExercise) -> CalibrationExercise:
    return with_source(CalibrationExercise.objects.select_for_update(of=("self",))).get(pk=exercise.pk)


def with_source(rows: CalibrationExerciseQuerySet) -> CalibrationExerciseQuerySet:
    """The exercises with what names_in asks of their audits."""
    return rows.select_related(
        "source__manager", "source__team", "source__allocation__auditor", "source__allocation__child"
    )


def _check_draft(exercise: CalibrationExercise) -> None:
    if exercise.status != CalibrationStatus.DRAFT:
        raise RuleViolation("This exercise has been opened. What people grade no longer changes.")
