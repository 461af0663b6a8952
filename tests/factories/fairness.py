"""Decisions of closed panels, earned exemptions and calibration exercises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from accounts.enums import Role
from accounts.models import User
from audits.enums import AREAS, GRADED_SECTIONS, AuditStatus, Grade, Section
from audits.models import Audit
from core.dates import add_months
from moderation.agreement import NOT_APPLICABLE, SCALE
from moderation.enums import EarnedStatus, PanelStatus, Reason, TablingStatus, Verdict
from moderation.models import (
    CalibrationExercise,
    CalibrationText,
    Decision,
    DecisionLine,
    EarnedExemption,
    ModerationCase,
    Panel,
    Tabling,
)
from moderation.sampling import NOT_EXEMPT
from moderation.services.calibration import open_calibration, prepare_calibration
from tests.factories.accounts import person
from tests.factories.audits import moment, submitted_audit


def chair() -> User:
    """The PSW who decided, in tests that do not care who."""
    found = User.objects.filter(email="petra.chair@council.example").first()
    return found or person("Petra Chair", Role.PSW)


def closed_panel(closed_on: date) -> Panel:
    """The closed panel of that month."""
    month = closed_on.replace(day=1)
    at = moment(closed_on)
    panel, _ = Panel.objects.get_or_create(
        month=month,
        defaults={
            "reference": f"PANEL-{month:%Y-%m}",
            "meets_on": closed_on,
            "status": PanelStatus.CLOSED,
            "released_at": at,
            "closed_at": at,
            "readable_until": at + timedelta(days=28),
        },
    )
    return panel


def change_of(given: str, agreed: str) -> tuple[str, int]:
    """The verdict on a grade, and the steps it moved."""
    if given == agreed:
        return Verdict.CONFIRMED, 0
    if NOT_APPLICABLE in (given, agreed):
        return Verdict.APPLICABILITY, 0
    steps = SCALE.index(agreed) - SCALE.index(given)
    return (Verdict.UP if steps > 0 else Verdict.DOWN), steps


def decided_audit(
    by: User,
    *,
    month: date,
    overall: str = Grade.GOOD,
    final: str | None = None,
    closed_on: date | None = None,
    finals: dict[str, str] | None = None,
    **grades: str,
) -> Audit:
    """An audit of that month that a panel decided on: the auditor's grades, and the panel's where they differ."""
    closed_on = closed_on or add_months(month, 1).replace(day=10)
    audit = submitted_audit(by=by, month=month, overall=overall, submitted_on=month.replace(day=20), **grades)
    ModerationCase.objects.create(
        audit=audit, must_moderate=True, reasons=[NOT_EXEMPT], selected_at=moment(month.replace(day=20))
    )
    decided = {**(finals or {}), Section.OVERALL: final or overall}
    given = {section: grades.get(section, Grade.GOOD) for section in AREAS} | {Section.OVERALL: overall}
    return _decide(audit, given, decided, closed_on=closed_on)


def decide_again(audit: Audit, *, closed_on: date, final: str) -> Audit:
    """The audit reopened and decided by another panel, which gives that overall grade."""
    given = dict(audit.sections.filter(section__in=GRADED_SECTIONS).values_list("section", "grade"))
    return _decide(audit, given, {Section.OVERALL: final}, closed_on=closed_on)


def _decide(audit: Audit, given: Mapping[str, str], decided: Mapping[str, str], *, closed_on: date) -> Audit:
    """A closed panel's decision: the auditor's grades, but for those in `decided`."""
    by = audit.allocation.auditor
    panel = closed_panel(closed_on)
    tabling = Tabling.objects.create(
        panel=panel, audit=audit, auditor=by, tabled_at=moment(closed_on), status=TablingStatus.TABLED
    )
    decision = Decision.objects.create(
        tabling=tabling, number=1, auditor=by, by=chair(), at=moment(closed_on)
    )
    for section, grade in given.items():
        agreed = decided.get(section, grade)
        verdict, steps = change_of(grade, agreed)
        DecisionLine.objects.create(
            decision=decision,
            section=section,
            verdict=verdict,
            auditor_grade=grade,
            final_grade=agreed,
            steps=steps,
            reasons=[] if verdict == Verdict.CONFIRMED else [Reason.EVIDENCE],
            narrative="" if verdict == Verdict.CONFIRMED else "The record does not show it.",
        )
    Tabling.objects.filter(pk=tabling.pk).update(status=TablingStatus.DECIDED, decision=decision)
    Audit.objects.filter(pk=audit.pk).update(status=AuditStatus.FINALISED, finalised_at=moment(closed_on))
    audit.refresh_from_db()
    return audit


def earning_auditor(by: User, *, months: tuple[date, ...], **facts: Any) -> list[Audit]:
    """One confirmed decision for each month."""
    return [decided_audit(by, month=month, **facts) for month in months]


def earned_exemption(
    by: User, *, starts_on: date, status: str = EarnedStatus.GRANTED, percent: int = 15
) -> EarnedExemption:
    """An exemption in force since that day; or a proposal."""
    is_granted = status == EarnedStatus.GRANTED
    return EarnedExemption.objects.create(
        auditor=by,
        status=status,
        moderated=6,
        confirmed=6,
        quarters=2,
        proposed_at=moment(starts_on),
        decided_by=chair() if is_granted else None,
        decided_at=moment(starts_on) if is_granted else None,
        starts_on=starts_on if is_granted else None,
        review_on=add_months(starts_on, 12) if is_granted else None,
        spot_check_percent=percent if is_granted else None,
    )


def calibration(by: User, *, at: datetime, closes_on: date | None = None) -> CalibrationExercise:
    """An exercise prepared by that person; opened when `closes_on` is given."""
    exercise = prepare_calibration(submitted_audit(), title="A child in need, aged 11", by=by, at=at)
    CalibrationText.objects.filter(exercise=exercise).update(is_checked=True)
    if closes_on:
        exercise = open_calibration(exercise, closes_on=closes_on, by=by, at=at)
    return exercise
