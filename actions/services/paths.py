"""What follows from a grade: the path of an Inadequate audit, and re-audits (docs/domain.md, section 8)."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from actions.enums import OWED_STEPS, PathMoveKind, PathStepKind, PathStepStatus, ReauditReason
from actions.models import PathMove, PathSettings, PathStep, Reaudit, SampleDraw, UrgentPath
from actions.path_permissions import can_give_reaudit, can_record_step, can_verify_step
from actions.verifying import is_drawn
from audits.enums import HANDED_IN, Grade, Section
from audits.models import Allocation, Audit, AuditSection, ConcernSettings
from audits.selectors import closures
from audits.services.ledger import allocate_reaudit
from core.dates import add_months, add_working_days, is_working_day, london_date
from core.errors import RuleViolation


@transaction.atomic
def follow_grade(audit: Audit, *, at: datetime) -> None:
    """Begin what follows from the overall grade that the auditor submitted. Twice is once.

    Effects, in order: Inadequate begins the path (`begin_path`); Requires improvement stands in the draw of re-audits
    (`stand_in_sample`); any other grade begins nothing, and ends nothing that an earlier submission began.
    """
    overall = AuditSection.objects.get(audit=audit, section=Section.OVERALL).grade
    if overall == Grade.INADEQUATE:
        begin_path(audit, at=at)
    elif overall == Grade.REQUIRES_IMPROVEMENT:
        stand_in_sample(audit, at=at)


@transaction.atomic
def begin_path(audit: Audit, *, at: datetime) -> UrgentPath:
    """Begin what follows from Inadequate overall, once for an audit.

    Effects, in order: the service manager's review, the plan and the impact check are due; a re-audit is needed in its
    window, counted from the London day of `at`.
    """
    path, is_new = UrgentPath.objects.get_or_create(audit=audit, defaults={"began_at": at})
    if not is_new:
        return path
    on, closed = london_date(at), closures()
    first, later = ConcernSettings.current(), PathSettings.current()
    impact_on = add_months(on, later.impact_after_months)
    due = {
        PathStepKind.REVIEW: add_working_days(on, first.review_within_days, closed),
        PathStepKind.PLAN: add_working_days(on, first.plan_within_days, closed),
        PathStepKind.IMPACT: impact_on
        if is_working_day(impact_on, closed)
        else add_working_days(impact_on, 1, closed),
    }
    PathStep.objects.bulk_create(
        PathStep(path=path, kind=kind, due_on=due_on) for kind, due_on in due.items()
    )
    _need_reaudit(audit, ReauditReason.INADEQUATE, on=on)
    return path


@transaction.atomic
def stand_in_sample(audit: Audit, *, at: datetime) -> SampleDraw:
    """Let an audit that is Requires improvement stand in the draw of re-audits, once.

    Effects, in order: it takes the next number of the draw, with the seed and the share of that day; where it is
    drawn, a re-audit is needed in its window. In each block of 20 exactly the share is drawn.
    """
    PathSettings.objects.get_or_create(pk=1)
    settings = PathSettings.objects.select_for_update().get(pk=1)
    stood = SampleDraw.objects.filter(audit=audit).first()
    if stood is not None:
        return stood
    number = settings.sampled
    draw = SampleDraw.objects.create(
        audit=audit,
        number=number,
        seed=settings.sample_seed,
        percent=settings.sample_percent,
        is_drawn=is_drawn(number, percent=settings.sample_percent, seed=settings.sample_seed),
        at=at,
    )
    settings.sampled = number + 1
    settings.save(update_fields=("sampled",))
    if draw.is_drawn:
        _need_reaudit(audit, ReauditReason.SAMPLED, on=london_date(at))
    return draw


@transaction.atomic
def record_step(
    step: PathStep, *, by: User, held_on: date, text: str, at: datetime | None = None
) -> PathStep:
    """Record that a step was done: on which day, and what came of it. The same words twice are once.

    Effects, in order: the step is done; the move is recorded.

    Raises:
        RuleViolation: `by` may not, there is no text, the day is to come or before the path began, the audit is void,
            or the step is done already.

    """
    at = at or timezone.now()
    locked = _locked(step)
    if not can_record_step(by, locked):
        raise RuleViolation(NOT_YOURS[PathStepKind(locked.kind)])
    if (locked.status, locked.done_by_id, locked.text) == (PathStepStatus.DONE, by.pk, text.strip()):
        return locked
    if locked.path.audit.status not in HANDED_IN:
        raise RuleViolation(f"{locked.path.audit} is void. Nothing follows from it any more.")
    if locked.status not in OWED_STEPS:
        raise RuleViolation(f"{locked} of {locked.path.audit} is recorded already. It stays as it is.")
    if not text.strip():
        raise RuleViolation(SAY[PathStepKind(locked.kind)])
    if not london_date(locked.path.began_at) <= held_on <= london_date(at):
        raise RuleViolation(
            f"Choose a day from {london_date(locked.path.began_at):%-d %B %Y}, when the audit was submitted, to today."
        )
    locked.status, locked.held_on, locked.text = PathStepStatus.DONE, held_on, text.strip()
    locked.done_by, locked.done_at = by, at
    return _move(
        locked, PathMoveKind.RECORD, by=by, at=at, text=text, save=("held_on", "text", "done_by", "done_at")
    )


@transaction.atomic
def verify_step(step: PathStep, *, by: User, note: str = "", at: datetime | None = None) -> PathStep:
    """Confirm an impact check against the record. Twice is once.

    Raises:
        RuleViolation: `by` may not or recorded it; it is no impact check; it is not done.

    """
    locked = _locked(step)
    _check_verifier(locked, by)
    if locked.status == PathStepStatus.VERIFIED:
        return locked
    _check_is_done(locked)
    at = at or timezone.now()
    locked.status, locked.verified_by, locked.verified_at = PathStepStatus.VERIFIED, by, at
    return _move(locked, PathMoveKind.VERIFY, by=by, at=at, text=note, save=("verified_by", "verified_at"))


@transaction.atomic
def return_step(step: PathStep, *, by: User, reason: str, at: datetime | None = None) -> PathStep:
    """Send an impact check back: what is different for the child does not show. What was said stays in its history.

    Raises:
        RuleViolation: `by` may not or recorded it; there is no reason; it is no impact check; it is not done.

    """
    locked = _locked(step)
    _check_verifier(locked, by)
    _check_is_done(locked)
    if not reason.strip():
        raise RuleViolation("Say what is missing, so that the team manager knows what to look at.")
    locked.status = PathStepStatus.RETURNED
    return _move(locked, PathMoveKind.RETURN, by=by, at=at or timezone.now(), text=reason)


@transaction.atomic
def give_reaudit(
    reaudit: Reaudit, *, to: User, by: User, due_on: date, at: datetime | None = None
) -> Allocation:
    """Give a re-audit to another auditor, within its window. Twice to the same person is once.

    Effects, in order: those of `audits.services.ledger.allocate_reaudit`, which keeps out the first auditor and
    everybody whom a rule keeps from the child.

    Raises:
        RuleViolation: `by` may not, none is needed, the window has not opened or the day is after it closes, while it
            is still open; or as allocate_reaudit.

    """
    locked = _locked_reaudit(reaudit)
    on = london_date(at or timezone.now())
    _check_giver(locked, by)
    if locked.dropped_at is not None:
        raise RuleViolation(f"It was said that {locked.first} needs no re-audit.")
    if on < locked.opens_on:
        raise RuleViolation(
            f"The window opens on {locked.opens_on:%-d %B %Y}. Give it out then: the work needs time to change."
        )
    if on < locked.closes_on < due_on:
        raise RuleViolation(
            f"It has to be in by {locked.closes_on:%-d %B %Y}. Choose that day or an earlier one."
        )
    month = locked.first.allocation.round
    because = f"Re-audit: another auditor read this file for {month}. You were chosen by {by}."
    return allocate_reaudit(locked.first, to=to, by=by, due_on=due_on, because=because, at=at)


@transaction.atomic
def drop_reaudit(reaudit: Reaudit, *, by: User, reason: str, at: datetime | None = None) -> Reaudit:
    """Say that none is needed, such as for a child who has left the caseload. It still counts as not re-audited.

    Raises:
        RuleViolation: `by` may not, there is no reason, it was dropped before, or it is given out.

    """
    locked = _locked_reaudit(reaudit)
    _check_giver(locked, by)
    if not reason.strip():
        raise RuleViolation("Say why no re-audit is needed. It is shown with the figures.")
    if locked.dropped_at is not None:
        raise RuleViolation(f"It was said already that {locked.first} needs no re-audit.")
    given = Allocation.objects.live().filter(audits_again=locked.first.allocation).first()
    if given is not None:
        raise RuleViolation(f"It is given out as {given}. Withdraw that first.")
    locked.dropped_by, locked.dropped_at, locked.dropped_reason = by, at or timezone.now(), reason.strip()
    locked.save(update_fields=("dropped_by", "dropped_at", "dropped_reason"))
    return locked


NOT_YOURS = {
    PathStepKind.REVIEW: "The service manager records the review; the Assistant Director, the QA lead or the "
    "Principal Social Worker where they cannot. Never the auditor.",
    PathStepKind.PLAN: "The team manager or the service manager records the plan, the QA lead or the Principal Social "
    "Worker where they cannot. Never the auditor.",
    PathStepKind.IMPACT: "The team manager says what is different, or the service manager, the QA lead or the "
    "Principal Social Worker where they cannot. Never the auditor.",
}
SAY = {
    PathStepKind.REVIEW: "Say what the review found and decided.",
    PathStepKind.PLAN: "Say what the plan is and where it is recorded.",
    PathStepKind.IMPACT: "Say what is different for the child now, and how you know.",
}


def _need_reaudit(audit: Audit, because: ReauditReason, *, on: date) -> None:
    """An audit that was only drawn and is Inadequate when submitted again keeps its window, for the graver reason."""
    settings = PathSettings.current()
    reaudit, is_new = Reaudit.objects.get_or_create(
        first=audit,
        defaults={
            "because": because,
            "opens_on": on + timedelta(weeks=settings.reaudit_from_weeks),
            "closes_on": on + timedelta(weeks=settings.reaudit_until_weeks),
        },
    )
    if not is_new and because == ReauditReason.INADEQUATE and reaudit.because != because:
        reaudit.because = because
        reaudit.save(update_fields=("because",))


def _locked(step: PathStep) -> PathStep:
    rows = PathStep.objects.select_for_update(of=("self",)).select_related(
        "path__audit__allocation__child__team"
    )
    return rows.get(pk=step.pk)


def _locked_reaudit(reaudit: Reaudit) -> Reaudit:
    rows = Reaudit.objects.select_for_update(of=("self",)).select_related("first__allocation__round")
    return rows.get(pk=reaudit.pk)


def _check_verifier(step: PathStep, by: User) -> None:
    if not can_verify_step(by, step):
        raise RuleViolation(
            "The QA lead or the Principal Social Worker verifies an impact check, never who recorded it and never the "
            "auditor."
        )


def _check_is_done(step: PathStep) -> None:
    if step.status != PathStepStatus.DONE:
        raise RuleViolation(
            f"{step} of {step.path.audit} is {step.get_status_display().lower()}. Nothing to verify."
        )


def _check_giver(reaudit: Reaudit, by: User) -> None:
    if not can_give_reaudit(by, reaudit):
        raise RuleViolation(
            "The QA lead and the Principal Social Worker give re-audits out, never of an audit of their own."
        )


def _move(
    step: PathStep, kind: PathMoveKind, *, by: User, at: datetime, text: str, save: tuple[str, ...] = ()
) -> PathStep:
    step.save(update_fields=("status", *save))
    PathMove.objects.create(step=step, kind=kind, by=by, at=at, text=text.strip())
    return step
