"""Moderation's fairness in the demonstration council: the queue, earned exemptions, two calibration exercises."""

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from accounts.models import User
from audits.enums import AWAITING_MODERATION, BAND_GRADES, Grade, Pathway
from audits.models import Audit
from core.dates import add_working_days, london_date
from moderation.case_facts import submitted_facts
from moderation.models import CalibrationExercise, EarnedExemption, ModerationCase
from moderation.sampling import reasons_to_moderate
from moderation.services.calibration import (
    grade_calibration,
    names_in,
    open_calibration,
    prepare_calibration,
    sweep_calibrations,
    who_grades,
    write_calibration_text,
)
from moderation.services.earned import (
    decide_earned_exemption,
    end_earned_exemption,
    sweep_moderation_exemptions,
)
from moderation.services.selection import sweep_spot_checks

DAYS_SINCE_FIRST_EXERCISE = 100
WORKING_DAYS_OPEN = 10
WHY_DECLINED = "All four audits were of one team. Let us see one of another team first."
WHY_ENDED = "Moves to the Leaving Care Team, whose work panels have not seen from them yet."
WHAT_OTHERS_GIVE = (-1, 0, 0, 0, 0, 1, 1)
"""Steps from the reference grade, as often as people give them."""


def show_fairness(
    *, seed: int, qa_lead: User, at: datetime, mails_went_out: Callable[[datetime], None]
) -> None:
    """What was submitted has its case; what was earned lately waits to be granted, one exemption was ended; two
    exercises were opened.
    """
    select_submitted(at)
    sweep_moderation_exemptions(at=at)
    sweep_spot_checks(at=at, seed=seed)
    in_force = EarnedExemption.objects.in_force().exclude(auditor=qa_lead)
    if oldest := in_force.order_by("starts_on", "pk").first():
        end_earned_exemption(oldest, by=qa_lead, reason=WHY_ENDED, at=at - timedelta(days=2))
    rng = random.Random(seed)  # noqa: S311 - a story that can be told again
    _exercise(rng, qa_lead=qa_lead, at=at - timedelta(days=DAYS_SINCE_FIRST_EXERCISE), share=0.85)
    sweep_calibrations(at=at)
    _exercise(rng, qa_lead=qa_lead, at=at - timedelta(days=5), share=0.4)
    mails_went_out(at)


def select_submitted(before: datetime) -> None:
    """Whether a panel must see them is written down of all audits submitted before that moment, as at submission."""
    audits = Audit.objects.filter(
        status__in=AWAITING_MODERATION, moderation_case__isnull=True, submitted_at__lt=before
    )
    submitted = dict(audits.values_list("pk", "submitted_at"))
    facts, rules = submitted_facts(submitted)
    reasons = {pk: list(reasons_to_moderate(fact, rules)) for pk, fact in facts.items()}
    ModerationCase.objects.bulk_create(
        ModerationCase(
            audit_id=pk, must_moderate=bool(found), reasons=found, selected_at=submitted[pk] or before
        )
        for pk, found in reasons.items()
    )


def settle_exemptions(seed: int, *, psw: User, grants: bool, at: datetime) -> None:
    """After a panel: what was earned is granted, all but the first; the lot is drawn among the audits of those exempt.

    Where nothing is granted, the proposals are left for whoever looks at the demonstration.
    """
    select_submitted(at)
    sweep_moderation_exemptions(at=at)
    if grants:
        decided_at = at + timedelta(days=2)
        for proposal in EarnedExemption.objects.proposed().exclude(auditor=psw).order_by("pk"):
            is_first = not EarnedExemption.objects.filter(decided_by__isnull=False).exists()
            note = WHY_DECLINED if is_first else ""
            decide_earned_exemption(proposal, grant=not is_first, note=note, by=psw, at=decided_at)
    sweep_spot_checks(at=at, seed=seed + at.date().toordinal())


def _exercise(rng: random.Random, *, qa_lead: User, at: datetime, share: float) -> None:
    """One exercise, opened and graded by a share of those asked."""
    audits = Audit.objects.submitted().filter(submitted_at__lt=at, sections__grade=Grade.GOOD).distinct()
    source = (
        audits.select_related("manager", "team", "allocation__auditor", "allocation__child")
        .order_by("-submitted_at", "pk")
        .first()
    )
    if source is None:
        return
    pathway = Pathway(source.pathway).label
    exercise = prepare_calibration(source, title=f"{pathway}, {_age(source)}", by=qa_lead, at=at)
    for text in exercise.texts.select_related("exercise"):
        grade = source.sections.get(section=text.section).grade
        write_calibration_text(
            text,
            words=_without(names_in(source), text.text),
            is_checked=True,
            reference_grade=grade,
            by=qa_lead,
        )
    open_calibration(
        exercise, closes_on=add_working_days(london_date(at), WORKING_DAYS_OPEN), by=qa_lead, at=at
    )
    for person in who_grades(london_date(at)):
        if rng.random() < share:
            _grade(exercise, person, rng, at=at + timedelta(days=rng.randint(1, 4)))


def _grade(exercise: CalibrationExercise, person: User, rng: random.Random, *, at: datetime) -> None:
    order = [grade.value for grade in BAND_GRADES]
    grades = {}
    for text in exercise.texts.all():
        place = order.index(text.reference_grade) - rng.choice(WHAT_OTHERS_GIVE)
        grades[text.section] = (order[min(max(place, 0), len(order) - 1)], "")
    grade_calibration(exercise, grades=grades, by=person, at=at)


def _age(audit: Audit) -> str:
    return f"aged {audit.age}" if audit.age is not None and audit.age >= 0 else "not born yet"


def _without(names: list[str], words: str) -> str:
    """The words with each name, and each part of one, taken out."""
    parts = [part for name in names for part in (name, *name.split()) if len(part) > 2]
    for part in sorted(parts, key=len, reverse=True):
        words = re.sub(rf"\b{re.escape(part)}\b", "(name)", words, flags=re.IGNORECASE)
    return words
