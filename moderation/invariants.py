"""What must hold across moderation's records, derived anew from the rows (docs/domain.md, section 7)."""

from collections.abc import Iterator
from itertools import pairwise

from django.db.models import F, Q

from audits.enums import AWAITING_MODERATION, AuditStatus
from audits.invariants import Check
from audits.models import Audit
from moderation.enums import EarnedStatus
from moderation.models import EarnedExemption, ModerationCase, SpotCheckDraw, Tabling
from moderation.sampling import Rules, Submitted, draw_spot_checks

NOT_DRAWN = Q(must_moderate=False, draw__isnull=False)


def submitted_audits_have_a_case() -> Iterator[str]:
    """What came from the former forms was moderated there or not at all."""
    rows = Audit.objects.submitted().filter(imported__isnull=True, moderation_case__isnull=True)
    for audit in rows.select_related("allocation"):
        yield f"{audit} was submitted, and nothing says whether a panel must see it."


def final_audits_were_decided() -> Iterator[str]:
    final = Audit.objects.filter(status=AuditStatus.FINALISED, imported__isnull=True)
    settled = final.filter(pk__in=Tabling.objects.counted().values("audit"))
    left_by_lot = final.filter(pk__in=ModerationCase.objects.filter(NOT_DRAWN).values("audit"))
    rows = final.exclude(pk__in=settled.values("pk")).exclude(pk__in=left_by_lot.values("pk"))
    for audit in rows.select_related("allocation"):
        yield f"{audit} is final, and neither a panel nor the lot made it so."


def what_was_not_drawn_waits_for_nobody() -> Iterator[str]:
    rows = ModerationCase.objects.filter(NOT_DRAWN, audit__status__in=AWAITING_MODERATION)
    for case in rows.select_related("audit__allocation"):
        yield f"{case.audit} was not drawn by lot, and waits for a panel that will not see it."


def lots_can_be_repeated() -> Iterator[str]:
    """The same seed and the same audits give the same draw, and each audit that took part knows of it."""
    for draw in SpotCheckDraw.objects.prefetch_related("cases__audit__allocation"):
        took_part = [Submitted(reference, "", 1, percent) for reference, percent in draw.took_part]
        again = draw_spot_checks(took_part, seed=draw.seed, rules=Rules(first_audits=0))
        if sorted(again.drawn) != sorted(draw.drawn):
            yield f"The lot of seed {draw.seed} does not come out as it was drawn."
        if sorted(case.audit.allocation.reference for case in draw.cases.all()) != list(again.took_part):
            yield f"The lot of seed {draw.seed} was drawn among other audits than those that it decided."


def exemptions_follow_each_other() -> Iterator[str]:
    granted = EarnedExemption.objects.filter(status__in=(EarnedStatus.GRANTED, EarnedStatus.ENDED))
    rows = list(granted.select_related("auditor").order_by("auditor", "starts_on", "pk"))
    for one, two in pairwise(rows):
        if (
            one.auditor_id == two.auditor_id
            and two.starts_on
            and (one.ended_on is None or one.ended_on > two.starts_on)
        ):
            yield f"{two.auditor} has two exemptions at once."
    for row in granted.filter(Q(decided_at__lt=F("proposed_at")) | Q(spot_check_percent__isnull=True)):
        yield f"{row} was granted before it was proposed, or without a share for the lot."


def exemptions_rest_on_decisions() -> Iterator[str]:
    decided = Tabling.objects.decided()
    for row in EarnedExemption.objects.select_related("auditor").order_by("pk"):
        before = decided.filter(auditor=row.auditor_id, panel__closed_at__lte=row.proposed_at)
        found = before.values("audit").distinct().count()
        if found < row.moderated:
            yield f"{row} rests on {row.moderated} decisions, and panels had made {found}."


CHECKS = (
    Check(
        "moderation_cases",
        "Of every submitted audit it is known if a panel sees it",
        submitted_audits_have_a_case,
    ),
    Check("final_by_decision", "What is final was decided or left by lot", final_audits_were_decided),
    Check("not_drawn_final", "What was not drawn waits for nobody", what_was_not_drawn_waits_for_nobody),
    Check("lots", "Each lot comes out again as it was drawn", lots_can_be_repeated),
    Check("exemptions_in_order", "Nobody has two exemptions at once", exemptions_follow_each_other),
    Check("exemptions_rest", "Exemptions rest on decisions that were made", exemptions_rest_on_decisions),
)
