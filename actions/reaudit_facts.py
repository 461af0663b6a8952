"""Re-audits beside the audits they repeat, and what is counted of all that follows from grades."""

from dataclasses import dataclass

from django.db.models import Q

from actions.enums import ReauditOutcome
from actions.models import Reaudit
from actions.querysets import Person
from audits.enums import BAND_GRADES, Grade
from audits.models import Audit
from core.dates import london_date


def outcome_of(first: str | None, again: str | None) -> ReauditOutcome | None:
    """What a re-audit says beside the first audit, by the overall grades that count; None while one is missing."""
    if not first or not again:
        return None
    before, after = BAND_GRADES.index(Grade(first)), BAND_GRADES.index(Grade(again))
    if before == after:
        return ReauditOutcome.SAME
    return ReauditOutcome.UP if after < before else ReauditOutcome.DOWN


def is_in_time(reaudit: Reaudit) -> bool:
    """Whether the re-audit was submitted by the day its window closes; of rows with_outcome()."""
    again_at = reaudit.again_at
    return again_at is not None and london_date(again_at) <= reaudit.closes_on


@dataclass(frozen=True)
class BesideAudit:
    """What stands on an audit's page: the re-audit, and which of the two this is."""

    reaudit: Reaudit
    is_first: bool
    outcome: ReauditOutcome | None
    other: str
    """The reference of the other audit; "" while there is none."""

    may_open_other: bool


def beside(audit: Audit, user: Person) -> BesideAudit | None:
    """The re-audit that this audit is part of, for its page. Two queries.

    Whether it moved up is told to whoever may open both audits; that there is one, to whoever may open this one.
    """
    rows = Reaudit.objects.standing().with_outcome().select_related("first__allocation")
    reaudit = rows.filter(Q(first=audit) | Q(first__allocation=audit.allocation.audits_again_id or 0)).first()
    if reaudit is None:
        return None
    is_first = reaudit.first_id == audit.pk
    other = (reaudit.given_reference or "") if is_first else reaudit.first.allocation.reference
    opens = bool(other) and Audit.objects.visible_to(user).filter(allocation__reference=other).exists()
    return BesideAudit(
        reaudit=reaudit,
        is_first=is_first,
        outcome=outcome_of(reaudit.first_grade, reaudit.again_grade) if opens else None,
        other=other,
        may_open_other=opens,
    )
