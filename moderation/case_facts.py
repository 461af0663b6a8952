"""What decides whether a panel must see an audit, read from the records (docs/domain.md, section 7, R1)."""

from collections.abc import Collection

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from audits.enums import HANDED_IN, PracticeAnswer, Section
from audits.models import Answer, Audit, AuditSection, ImmediateConcern
from moderation.models import EarnedExemption, ModerationSettings
from moderation.sampling import Rules, Submitted

CONCERN_QUESTION = "W5"


def sampling_rules(settings: ModerationSettings) -> Rules:
    return Rules(first_audits=settings.first_audits)


def submitted_facts(audits: Collection[Audit]) -> dict[int, Submitted]:
    """By primary key, what the choice depends on. Six queries, however many audits.

    Args:
        audits: with their allocation.

    """
    ids = [audit.pk for audit in audits]
    overall = dict(
        AuditSection.objects.filter(audit__in=ids, section=Section.OVERALL).values_list("audit", "grade")
    )
    percents = dict(
        EarnedExemption.objects.in_force()
        .filter(auditor__in={audit.allocation.auditor_id for audit in audits})
        .values_list("auditor", "spot_check_percent")
    )
    nth = dict(_counted_for_auditor(ids))
    concerned = {
        *Answer.objects.filter(
            audit__in=ids, question__code=CONCERN_QUESTION, value=PracticeAnswer.YES
        ).values_list("audit", flat=True),
        *ImmediateConcern.objects.filter(audit__in=ids).values_list("audit", flat=True),
    }
    return {
        audit.pk: Submitted(
            reference=audit.allocation.reference,
            overall=overall.get(audit.pk, ""),
            nth=nth[audit.pk],
            spot_check_percent=percents.get(audit.allocation.auditor_id),
            has_immediate_concern=audit.pk in concerned,
        )
        for audit in audits
    }


def _counted_for_auditor(ids: Collection[int]) -> Collection[tuple[int, int]]:
    """Each audit with its place among all that its auditor has handed in."""
    earlier = (
        Audit.objects.filter(
            Q(submitted_at__lt=OuterRef("submitted_at"))
            | Q(submitted_at=OuterRef("submitted_at"), pk__lt=OuterRef("pk")),
            status__in=HANDED_IN,
            allocation__auditor=OuterRef("allocation__auditor"),
        )
        .order_by()
        .values("allocation__auditor")
        .annotate(number=Count("pk"))
        .values("number")
    )
    rows = Audit.objects.filter(pk__in=ids).annotate(nth=Coalesce(Subquery(earlier), 0) + 1)
    return list(rows.annotate(key=F("pk")).values_list("key", "nth"))
