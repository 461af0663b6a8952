"""The words of closing the loop, each written once. Values are stable: exports and scripts rely on them."""

from django.db import models


class ActionStatus(models.TextChoices):
    OPEN = "open", "Open"
    IN_PROGRESS = "in_progress", "In progress"
    CANCEL_ASKED = "cancel_asked", "Cancellation asked for"
    DONE = "done", "Done"
    RETURNED = "returned", "Returned"
    VERIFIED = "verified", "Verified"
    CANCELLED = "cancelled", "Cancelled"


TO_BE_DONE = (
    ActionStatus.OPEN,
    ActionStatus.IN_PROGRESS,
    ActionStatus.CANCEL_ASKED,
    ActionStatus.RETURNED,
)
"""Its owner still owes it: what measures call open (docs/domain.md, section 10)."""

CLOSED = (ActionStatus.DONE, ActionStatus.VERIFIED)
"""Done, whether or not anybody has verified it yet. A cancelled action was not closed: it was given up."""


class ActionMoveKind(models.TextChoices):
    """What may be done with an action."""

    OPEN = "open", "Opened"
    START = "start", "Started"
    NOTE = "note", "Update"
    COMPLETE = "complete", "Completed"
    VERIFY = "verify", "Verified"
    RETURN = "return", "Returned"
    EXTEND = "extend", "Extended"
    ASSIGN = "assign", "Given to another owner"
    ASK_CANCEL = "ask_cancel", "Cancellation asked for"
    KEEP = "keep", "Cancellation refused"
    CANCEL = "cancel", "Cancelled"


class ActionSource(models.TextChoices):
    AUDIT = "audit", "An audit"
    PANEL = "panel", "A moderation panel"
    THEME = "theme", "A theme over several children"
    HAND = "hand", "Raised by hand"
    TRACKER = "tracker", "The tracker used before"


class Verification(models.TextChoices):
    """Why a completed action is verified, or is not."""

    NOT_YET = "not_yet", "Decided once it is done"
    ALWAYS = "always", "Its priority is always verified"
    SAMPLED = "sampled", "Drawn in the sample"
    NOT_DRAWN = "not_drawn", "Not drawn in the sample"
    BEFORE = "before", "Verified in the tracker used before"


class EscalationStep(models.TextChoices):
    """Who is told of an action that is overdue, in this order (docs/domain.md, section 8)."""

    TEAM_MANAGER = "team_manager", "Team manager told"
    SERVICE_MANAGER = "service_manager", "Service manager told"
    ASSISTANT_DIRECTOR = "assistant_director", "Assistant director told"
    BOARD = "board", "On the Improvement Board's list"


class PathStepKind(models.TextChoices):
    """What follows from an audit that its auditor graded Inadequate overall, in this order."""

    REVIEW = "review", "Service manager's review"
    PLAN = "plan", "Plan"
    IMPACT = "impact", "Impact check"


class PathStepStatus(models.TextChoices):
    DUE = "due", "To do"
    DONE = "done", "Done"
    RETURNED = "returned", "Returned"
    VERIFIED = "verified", "Verified"


OWED_STEPS = (PathStepStatus.DUE, PathStepStatus.RETURNED)
"""Somebody still has to do it."""


class PathMoveKind(models.TextChoices):
    RECORD = "record", "Recorded"
    RETURN = "return", "Returned"
    VERIFY = "verify", "Verified"


class ReauditReason(models.TextChoices):
    INADEQUATE = "inadequate", "Inadequate overall"
    SAMPLED = "sampled", "Drawn in the sample of Requires improvement"


class ReauditOutcome(models.TextChoices):
    """What the re-audit says beside the first audit, by the grades that count."""

    UP = "up", "Moved up"
    SAME = "same", "No change"
    DOWN = "down", "Moved down"


class FindingKind(models.TextChoices):
    """Where a finding comes from."""

    ACTION = "action", "What an action is about"
    ANSWER = "answer", "A question answered No or Not evidenced"
    CHANGE = "change", "A grade that the panel changed"


class ProposalStatus(models.TextChoices):
    PROPOSED = "proposed", "Waiting for a decision"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
