"""Exemptions from moderation that auditors earn: proposed, granted, ended (docs/domain.md, section 7, R2)."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from core.dates import add_months, london_date
from core.errors import RuleViolation
from moderation.earning import Moderated, Rules, Standing, standing_of, why_lapsed
from moderation.enums import EarnedStatus
from moderation.fairness_permissions import can_decide_earned_exemption
from moderation.fairness_signals import earned_exemption_decided, earned_exemption_ended
from moderation.models import EarnedExemption, ModerationSettings
from moderation.standing_facts import Decided, decided_overall, earning_rules

NO_LONGER_AN_AUDITOR = "Is no longer an auditor."
NO_LONGER_EARNED = "The numbers no longer earn it."


def sweep_moderation_exemptions(*, at: datetime | None = None) -> dict[str, int]:
    """End what has lapsed, propose what has been earned, withdraw proposals that no longer hold. Twice is once.

    Returns:
        How many of each.

    """
    at = at or timezone.now()
    on = london_date(at)
    decided = decided_overall()
    rules = earning_rules(ModerationSettings.current())
    auditors = set(User.objects.holding(Role.AUDITOR, on).values_list("pk", flat=True))
    ended = _end_lapsed(decided, rules, auditors, at=at)
    withdrawn = _withdraw_lost(decided, rules, auditors, at=at)
    proposed = _propose_earned(decided, rules, auditors, at=at)
    return {"ended": ended, "withdrawn": withdrawn, "proposed": proposed}


def _end_lapsed(decided: Decided, rules: Rules, auditors: set[int], *, at: datetime) -> int:
    on = london_date(at)
    ended = 0
    for exemption in EarnedExemption.objects.in_force().order_by("pk"):
        if exemption.starts_on is None or exemption.review_on is None:
            raise ValueError(f"{exemption} is in force without its days")
        why = NO_LONGER_AN_AUDITOR if exemption.auditor_id not in auditors else ""
        why = why or why_lapsed(
            decided.get(exemption.auditor_id, []),
            rules,
            starts_on=exemption.starts_on,
            review_on=exemption.review_on,
            on=on,
        )
        if why:
            _end(exemption, because=why, by=None, at=at)
            ended += 1
    return ended


def _withdraw_lost(decided: Decided, rules: Rules, auditors: set[int], *, at: datetime) -> int:
    withdrawn = 0
    for exemption in EarnedExemption.objects.proposed().order_by("pk"):
        earned = _standing(exemption.auditor_id, decided, rules, on=london_date(at)).is_earned
        if exemption.auditor_id in auditors and earned:
            continue
        why = NO_LONGER_EARNED if exemption.auditor_id in auditors else NO_LONGER_AN_AUDITOR
        withdrawn += (
            EarnedExemption.objects.proposed()
            .filter(pk=exemption.pk)
            .update(status=EarnedStatus.WITHDRAWN, ended_on=london_date(at), ended_because=why)
        )
    return withdrawn


def _propose_earned(decided: Decided, rules: Rules, auditors: set[int], *, at: datetime) -> int:
    on = london_date(at)
    has_one = set(EarnedExemption.objects.open().values_list("auditor", flat=True))
    proposed = 0
    for auditor in sorted(auditors & decided.keys() - has_one):
        standing = _standing(auditor, decided, rules, on=on)
        if standing.is_earned and _is_news(auditor, decided[auditor]):
            _, is_new = EarnedExemption.objects.get_or_create(
                auditor_id=auditor,
                status=EarnedStatus.PROPOSED,
                defaults={
                    "moderated": standing.moderated,
                    "confirmed": standing.confirmed,
                    "quarters": standing.quarters,
                    "proposed_at": at,
                },
            )
            proposed += is_new
    return proposed


def _is_news(auditor: int, decisions: list[Moderated]) -> bool:
    """Something was decided since a proposal was last declined: nobody is asked the same thing every night."""
    declined = (
        EarnedExemption.objects.filter(auditor=auditor, status=EarnedStatus.DECLINED)
        .order_by("-decided_at")
        .values_list("decided_at", flat=True)
        .first()
    )
    return declined is None or decisions[-1].decided_on > london_date(declined)


def _standing(auditor: int, decided: Decided, rules: Rules, *, on: date) -> Standing:
    return standing_of(decided.get(auditor, []), rules, since=used_up_on(auditor), on=on)


def used_up_on(auditor: int) -> date | None:
    """The day their last exemption ended: what it rested on earns nothing again. One query."""
    return (
        EarnedExemption.objects.filter(auditor=auditor, status=EarnedStatus.ENDED)
        .order_by("-ended_on")
        .values_list("ended_on", flat=True)
        .first()
    )


@transaction.atomic
def decide_earned_exemption(
    exemption: EarnedExemption, *, grant: bool, by: User, note: str = "", at: datetime | None = None
) -> EarnedExemption:
    """Grant or decline what the system proposes. The same decision twice is one.

    Effects, in order: the decision is recorded, and when granted its first day, the day it lapses and the share
    moderated by lot; earned_exemption_decided is sent. From now on the auditor's audits go to a panel only for a
    reason of their own or by lot.

    Raises:
        RuleViolation: `by` may not decide this one, it was decided otherwise or withdrawn, it is declined without a
            note, or the numbers no longer earn it.

    """
    at = at or timezone.now()
    on = london_date(at)
    current = _locked(exemption, by=by)
    to_status = EarnedStatus.GRANTED if grant else EarnedStatus.DECLINED
    if current.status == to_status:
        return current
    if current.status != EarnedStatus.PROPOSED:
        raise RuleViolation(f"This has been settled already: {current.get_status_display().lower()}.")
    settings = ModerationSettings.current()
    if grant:
        rules = earning_rules(settings)
        standing = _standing(current.auditor_id, decided_overall([current.auditor_id]), rules, on=on)
        if not standing.is_earned:
            raise RuleViolation(
                f"{NO_LONGER_EARNED} Still needed: {' '.join(standing.missing)} Decline it, with a note."
            )
        current.starts_on, current.review_on = on, add_months(on, settings.exemption_months)
        current.spot_check_percent = settings.spot_check_percent
    elif not note.strip():
        raise RuleViolation("Say why it is declined. The register keeps it.")
    current.status, current.decided_by, current.decided_at = to_status, by, at
    current.decision_note = note.strip()
    current.save()
    earned_exemption_decided.send(EarnedExemption, exemption=current)
    return current


@transaction.atomic
def end_earned_exemption(
    exemption: EarnedExemption, *, by: User, reason: str, at: datetime | None = None
) -> EarnedExemption:
    """End an exemption before the rules do. Twice is once.

    Effects, in order: it ends today with its reason; earned_exemption_ended is sent.

    Raises:
        RuleViolation: `by` may not, there is no reason, or it is not in force.

    """
    current = _locked(exemption, by=by)
    if current.status == EarnedStatus.ENDED:
        return current
    if current.status != EarnedStatus.GRANTED:
        raise RuleViolation("Only an exemption that is in force can be ended.")
    if not reason.strip():
        raise RuleViolation("Say why it ends. The auditor and the register need the reason.")
    return _end(current, because=reason.strip(), by=by, at=at or timezone.now())


@transaction.atomic
def _end(exemption: EarnedExemption, *, because: str, by: User | None, at: datetime) -> EarnedExemption:
    current = EarnedExemption.objects.select_for_update().get(pk=exemption.pk)
    if current.status != EarnedStatus.GRANTED:
        return current
    current.status, current.ended_on, current.ended_by = EarnedStatus.ENDED, london_date(at), by
    current.ended_because = because
    current.save(update_fields=("status", "ended_on", "ended_by", "ended_because"))
    earned_exemption_ended.send(EarnedExemption, exemption=current)
    return current


def _locked(exemption: EarnedExemption, *, by: User) -> EarnedExemption:
    rows = EarnedExemption.objects.select_for_update(of=("self",)).select_related("auditor")
    current = rows.get(pk=exemption.pk)
    if not can_decide_earned_exemption(by, current):
        raise RuleViolation(
            "The QA lead and the Principal Social Worker decide, and never on an exemption of their own."
        )
    return current
