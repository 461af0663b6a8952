"""What panels decided of an auditor's overall grades, for earning and losing an exemption (docs/domain.md, 7, R2)."""

from collections import defaultdict
from collections.abc import Iterable

from audits.enums import Section
from core.dates import london_date
from moderation.earning import Moderated, Rules
from moderation.models import DecisionLine, ModerationSettings, Tabling

Decided = dict[int, list[Moderated]]


def earning_rules(settings: ModerationSettings) -> Rules:
    return Rules(
        audits=settings.exemption_audits,
        quarters=settings.exemption_quarters,
        confirmed_percent=settings.exemption_confirmed_percent,
        within_months=settings.exemption_within_months,
        changes_that_end=settings.exemption_changes,
        among_the_last=settings.exemption_among_last,
    )


def decided_overall(auditors: Iterable[int] | None = None) -> Decided:
    """By auditor what closed panels decided last of their overall grades, the earliest first. One query."""
    lines = DecisionLine.objects.filter(
        section=Section.OVERALL,
        decision__holds_for__in=Tabling.objects.counted(),
    )
    if auditors is not None:
        lines = lines.filter(decision__auditor__in=list(auditors))
    found: Decided = defaultdict(list)
    for auditor, closed_at, reference, steps in lines.order_by(
        "decision__tabling__panel__closed_at", "pk"
    ).values_list(
        "decision__auditor",
        "decision__tabling__panel__closed_at",
        "decision__tabling__audit__allocation__reference",
        "steps",
    ):
        if closed_at is not None:  # always so of a closed panel, which the type does not say
            found[auditor].append(Moderated(london_date(closed_at), reference, steps))
    return found
