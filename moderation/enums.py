"""The words of moderation, each written once. Values are stable: exports and scripts rely on them."""

from django.db import models


class PanelStatus(models.TextChoices):
    DRAFT = "draft", "Being prepared"
    CONVENED = "convened", "Invitations out"
    RELEASED = "released", "Papers out"
    MEETING = "meeting", "Meeting"
    CLOSED = "closed", "Closed"


PAPERS_OUT = (PanelStatus.RELEASED, PanelStatus.MEETING)
"""Its members read what is tabled."""


class SeatPart(models.TextChoices):
    CHAIR = "chair", "Chair"
    MODERATOR = "moderator", "Moderator"
    RESERVE = "reserve", "Reserve"


class SeatStatus(models.TextChoices):
    PROPOSED = "proposed", "Not invited yet"
    INVITED = "invited", "Invited"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    REMOVED = "removed", "Taken off"


SEATED = (SeatStatus.PROPOSED, SeatStatus.INVITED, SeatStatus.ACCEPTED)
"""May still come."""


class TablingStatus(models.TextChoices):
    TABLED = "tabled", "On the table"
    DECIDED = "decided", "Decided"
    RETURNED = "returned", "Returned for evidence"
    CARRIED_OVER = "carried_over", "Carried over"
    TAKEN_OFF = "taken_off", "Taken off the table"


class ReadingStatus(models.TextChoices):
    """A reading waits for its moderator, is recorded, and is complete once each difference has its reasons."""

    TO_DO = "to_do", "To be read"
    RECORDED = "recorded", "Recorded, reasons to give"
    COMPLETE = "complete", "Read"
    MISSED = "missed", "Not read in time"
    WITHDRAWN = "withdrawn", "Withdrawn"


READ = (ReadingStatus.RECORDED, ReadingStatus.COMPLETE)
"""The grades are recorded and no longer change."""


class FormQuality(models.TextChoices):
    """How well the form was filled in: logged apart from the practice it describes (docs/domain.md, section 7, R6)."""

    GOOD = "clear", "Complete and clear"
    GAPS = "gaps", "Some gaps"
    POOR = "poor", "Poorly completed"


class Verdict(models.TextChoices):
    """What a panel says of one grade. Whether an area applies at all is no step up or down."""

    CONFIRMED = "confirmed", "Confirmed"
    UP = "up", "Moved up"
    DOWN = "down", "Moved down"
    APPLICABILITY = "applicability", "Changed to or from not applicable"
    RETURNED = "returned", "Returned for evidence"


class Reason(models.TextChoices):
    """Why a grade is changed (docs/domain.md, section 7, R7)."""

    TIMESCALE = "timescale", "Statutory timescale not met"
    OUTDATED = "outdated", "Outdated plan or assessment"
    NOT_REFLECTIVE = "not_reflective", "Supervision not reflective"
    DOCUMENTATION = "documentation", "Inadequate documentation"
    DIRECT_WORK = "direct_work", "Insufficient direct work"
    EVIDENCE = "evidence", "Evidence does not match the grade"
    PATHWAY = "pathway", "Pathway misunderstood"
    SCRUTINY = "scrutiny", "IRO or chair scrutiny"
    RISK_MISSED = "risk_missed", "Risk missed"
    DESCRIPTOR = "descriptor", "Descriptor misapplied"


class SelectionReason(models.TextChoices):
    """Why a panel must see an audit (docs/domain.md, section 7, R1 and R2)."""

    NOT_EXEMPT = "not_exempt", "No exemption"
    INADEQUATE = "inadequate", "Overall Inadequate"
    OUTSTANDING = "outstanding", "Overall Outstanding"
    IMMEDIATE_CONCERN = "immediate_concern", "Immediate concern"
    CEILING_OVERRIDDEN = "ceiling_overridden", "Ceiling overridden"
    FIRST_AUDITS = "first_audits", "One of the auditor's first"
    DISPUTED = "disputed", "Disputed by the worker"
    REOPENED = "reopened", "Reopened"
    SPOT_CHECK = "spot_check", "Spot check"


class EarnedStatus(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    GRANTED = "granted", "In force"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ENDED = "ended", "Ended"


OPEN_EARNED = (EarnedStatus.PROPOSED, EarnedStatus.GRANTED)
"""An auditor has at most one of these."""


class CalibrationStatus(models.TextChoices):
    DRAFT = "draft", "Being prepared"
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
