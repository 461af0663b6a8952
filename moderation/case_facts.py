"""What decides whether a panel must see an audit, read from the records (docs/domain.md, section 7, R1)."""

from collections.abc import Iterable

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from audits.enums import AWAITING_MODERATION, HANDED_IN, AuditStatus, PracticeAnswer, Section
from audits.models import Answer, Audit, AuditMove, AuditSection, ImmediateConcern
from moderation.models import EarnedExemption, ModerationSettings
from moderation.sampling import Rules, Submitted

CONCERN_QUESTION = "W5"


def submitted_facts(audits: Iterable[int]) -> tuple[dict[int, Submitted], Rules]:
    """By primary key, what the choice depends on, of those audits that wait for a panel; and the rules. One query."""
    this = OuterRef("pk")
    overall = AuditSection.objects.filter(audit=this, section=Section.OVERALL)
    exemption = EarnedExemption.objects.in_force().filter(auditor=OuterRef("allocation__auditor"))
    earlier = (
        Audit.objects.filter(
            Q(submitted_at__lt=OuterRef("submitted_at"))
            | Q(submitted_at=OuterRef("submitted_at"), pk__lt=this),
            status__in=HANDED_IN,
            allocation__auditor=OuterRef("allocation__auditor"),
        )
        .order_by()
        .values("allocation__auditor")
        .annotate(number=Count("pk"))
    )
    answered = Answer.objects.filter(audit=this, question__code=CONCERN_QUESTION, value=PracticeAnswer.YES)
    settings = ModerationSettings.objects.filter(pk=1).values("first_audits")
    reopened = AuditMove.objects.filter(audit=this, to_status=AuditStatus.REOPENED)
    rows = Audit.objects.filter(pk__in=list(audits), status__in=AWAITING_MODERATION).annotate(
        overall=Subquery(overall.values("grade")[:1]),
        percent=Subquery(exemption.values("spot_check_percent")[:1]),
        nth=Coalesce(Subquery(earlier.values("number")), 0) + 1,
        is_concern=Exists(answered) | Exists(ImmediateConcern.objects.filter(audit=this)),
        is_overridden=Exists(Audit.objects.overriding_a_ceiling().filter(pk=this)),
        is_disputed=Exists(Audit.objects.disputed().filter(pk=this)),
        was_reopened=Exists(reopened),
        first_audits=Coalesce(Subquery(settings), ModerationSettings().first_audits),
    )
    rules = Rules()
    facts = {}
    for audit in (
        rows.annotate(reference=F("allocation__reference"))
        .order_by()
        .values_list(
            "pk",
            "reference",
            "overall",
            "nth",
            "percent",
            "is_concern",
            "is_overridden",
            "is_disputed",
            "was_reopened",
            "first_audits",
            named=True,
        )
    ):
        rules = Rules(first_audits=audit.first_audits)
        facts[audit.pk] = Submitted(
            reference=audit.reference,
            overall=audit.overall or "",
            nth=audit.nth,
            spot_check_percent=audit.percent,
            has_immediate_concern=audit.is_concern,
            has_ceiling_overridden=audit.is_overridden,
            is_disputed=audit.is_disputed,
            was_reopened=audit.was_reopened,
        )
    return facts, rules
