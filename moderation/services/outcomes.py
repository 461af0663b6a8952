"""What an auditor was told, that they have read it, and their one reply."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import RuleViolation
from moderation.models import Outcome, Reply
from moderation.permissions import can_decide_reply
from moderation.signals import reply_decided, reply_sent


@transaction.atomic
def acknowledge_outcome(outcome: Outcome, *, by: User, at: datetime | None = None) -> Outcome:
    """Say that one has read the outcome of one's own audit. Twice is once; the first moment stays.

    Raises:
        RuleViolation: it is somebody else's.

    """
    current = _locked(outcome, by=by)
    if current.acknowledged_at is None:
        current.acknowledged_at = at or timezone.now()
        current.save(update_fields=("acknowledged_at",))
    return current


@transaction.atomic
def reply_to_outcome(outcome: Outcome, *, text: str, by: User, at: datetime | None = None) -> Reply:
    """Reply to the outcome of one's own audit, once. The same text twice is once.

    Effects, in order: the outcome is acknowledged if it was not; the reply is recorded; reply_sent is sent, by which
    those who decide on it are told.

    Raises:
        RuleViolation: it is somebody else's, the audit came back, the text is empty, or a reply was sent.

    """
    at = at or timezone.now()
    current = _locked(outcome, by=by)
    if current.is_return:
        raise RuleViolation(
            "This audit came back to you. Add the evidence and submit it again: a panel decides then."
        )
    if not text.strip():
        raise RuleViolation("Write your reply first.")
    earlier = Reply.objects.filter(outcome=current).first()
    if earlier:
        if earlier.text == text.strip():
            return earlier
        raise RuleViolation("You have replied already. One reply is possible; what you sent is below.")
    if current.acknowledged_at is None:
        current.acknowledged_at = at
        current.save(update_fields=("acknowledged_at",))
    reply = Reply.objects.create(outcome=current, auditor=by, text=text.strip(), at=at)
    reply_sent.send(Reply, reply=reply)
    return reply


@transaction.atomic
def decide_reply(
    reply: Reply, *, is_upheld: bool, answer: str, by: User, at: datetime | None = None
) -> Reply:
    """Decide on an auditor's reply: upheld, or the grade stays. The same decision twice is one.

    A reply that is upheld changes no grade by itself: the audit is reopened by the two people whom reopening takes,
    its auditor submits it again, and a panel decides again.

    Effects, in order: the decision is recorded and no longer changes; reply_decided is sent, by which the auditor is
    told.

    Raises:
        RuleViolation: `by` may not decide this one, there is no answer, or it was decided otherwise.

    """
    rows = Reply.objects.select_for_update(of=("self",)).select_related("outcome__decision")
    current = rows.get(pk=reply.pk)
    if not can_decide_reply(by, current):
        raise RuleViolation(
            "The Principal Social Worker decides on replies, and never on one about their own audit or decision; "
            "where no other is there, the QA lead."
        )
    if not answer.strip():
        raise RuleViolation("Say why, so that the auditor knows.")
    if current.decided_at is not None:
        if (current.is_upheld, current.answer) == (is_upheld, answer.strip()):
            return current
        raise RuleViolation("This reply has been decided on already.")
    current.is_upheld, current.answer = is_upheld, answer.strip()
    current.decided_by, current.decided_at = by, at or timezone.now()
    current.save(update_fields=("is_upheld", "answer", "decided_by", "decided_at"))
    reply_decided.send(Reply, reply=current)
    return current


def _locked(outcome: Outcome, *, by: User) -> Outcome:
    rows = Outcome.objects.select_for_update(of=("self",)).select_related("decision__tabling")
    current = rows.get(pk=outcome.pk)
    if current.auditor_id != by.pk:
        raise RuleViolation("Only the auditor of this audit can answer its outcome.")
    return current
