"""Which submitted audits go to a panel, and what becomes of the others (docs/domain.md, section 7, R1 and R2)."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from audits.enums import AWAITING_MODERATION
from audits.models import Audit
from audits.selectors import closures
from audits.services.moves import finalise_audit
from core.dates import add_working_days, london_date
from moderation.case_facts import submitted_facts
from moderation.models import ModerationCase, ModerationSettings, SpotCheckDraw
from moderation.sampling import SPOT_CHECK, draw_spot_checks, reasons_to_moderate

SEEDS = 2**31


@transaction.atomic
def select_for_moderation(
    audit: Audit, *, is_first: bool = False, at: datetime | None = None
) -> ModerationCase | None:
    """Write down whether a panel must see a submitted audit, and why. Asked again, it adds reasons and takes none.

    An audit that nothing brings to a panel waits for the lot. None for an audit that is not waiting for a panel.

    Args:
        is_first: it has just been submitted for the first time, so that there is nothing to look for.

    """
    at = at or timezone.now()
    facts, rules = submitted_facts([audit.pk])
    if audit.pk not in facts:
        return None
    found = reasons_to_moderate(facts[audit.pk], rules)
    values = {"must_moderate": bool(found), "reasons": list(found), "selected_at": at}
    if is_first:
        return ModerationCase.objects.create(audit=audit, **values)
    case, is_new = ModerationCase.objects.get_or_create(audit=audit, defaults=values)
    return case if is_new else _add_reasons(case, found, at=at)


def _add_reasons(case: ModerationCase, found: tuple[str, ...], *, at: datetime) -> ModerationCase:
    current = ModerationCase.objects.select_for_update().get(pk=case.pk)
    added = [reason for reason in found if reason not in current.reasons]
    if added:
        current.must_moderate, current.selected_at = True, at
        current.reasons = [*current.reasons, *added]
        current.save(update_fields=("must_moderate", "reasons", "selected_at"))
    return current


def sweep_spot_checks(*, at: datetime | None = None, seed: int | None = None) -> dict[str, int]:
    """Draw the spot checks that are due, and make final what was not drawn. Twice changes nothing.

    Effects, in order: audits that wait for a panel and were never looked at get their case; of those that wait for
    the lot and whose worker had the time to dispute them, what has found a reason meanwhile goes to a panel; among
    the others the lot is drawn and kept with its seed; those drawn go to a panel, the others are final with their
    auditors' grades.

    Args:
        at: what was submitted later is not looked at.
        seed: of the lot; where none is given, one that nobody can guess.

    Returns:
        How many were looked at, drawn and made final.

    """
    at = at or timezone.now()
    never_seen = Audit.objects.filter(
        status__in=AWAITING_MODERATION, moderation_case__isnull=True, submitted_at__lte=at
    )
    seen = [audit for audit in never_seen.order_by("pk") if select_for_moderation(audit, at=at)]
    drawn, final = _draw(at, secrets.randbelow(SEEDS) if seed is None else seed)
    return {"selected": len(seen), "drawn": drawn, "finalised": final}


@transaction.atomic
def _draw(at: datetime, seed: int) -> tuple[int, int]:
    settings = ModerationSettings.current()
    last_day = add_working_days(london_date(at), -settings.days_to_dispute, closures())
    cases = list(
        ModerationCase.objects.to_draw()
        .filter(audit__submitted_at__date__lte=last_day)
        .select_related("audit")
        .select_for_update(of=("self",))
    )
    if not cases:
        return 0, 0
    facts, rules = submitted_facts(case.audit_id for case in cases)
    waiting = {
        facts[case.audit_id].reference: case
        for case in cases
        if not _add_reasons(case, reasons_to_moderate(facts[case.audit_id], rules), at=at).must_moderate
    }
    if not waiting:
        return 0, 0
    found = draw_spot_checks(facts.values(), seed=seed, rules=rules)
    draw = SpotCheckDraw.objects.create(
        seed=found.seed,
        drawn_at=at,
        took_part=[
            [fact.reference, fact.spot_check_percent]
            for fact in facts.values()
            if fact.reference in found.took_part
        ],
        drawn=sorted(found.drawn),
    )
    for reference, case in waiting.items():
        case.draw = draw
        case.save(update_fields=("draw",))
        if reference in found.drawn:
            _add_reasons(case, (SPOT_CHECK,), at=at)
        else:
            finalise_audit(case.audit, grades={}, by=None, at=at)
    return len(found.drawn), len(waiting) - len(found.drawn)
