"""The words of an audit, each written once. Values are stable: exports and scripts rely on them."""

from django.db import models

from accounts.enums import Pathway as Pathway


class Grade(models.TextChoices):
    OUTSTANDING = "outstanding", "Outstanding"
    GOOD = "good", "Good"
    REQUIRES_IMPROVEMENT = "requires_improvement", "Requires improvement"
    INADEQUATE = "inadequate", "Inadequate"
    NOT_APPLICABLE = "not_applicable", "Not applicable"


BAND_GRADES = (Grade.OUTSTANDING, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE)
"""The four grades of the inspectorate's scale, best first."""


class Section(models.TextChoices):
    """The pages of an audit, in the order they are written."""

    HEADER = "header", "About the child"
    VISITS = "visits", "Visits"
    ASSESSMENTS = "assessments", "Assessments"
    SUPERVISION = "supervision", "Supervision and management oversight"
    PLANS = "plans", "Plans and planning"
    MEETINGS = "meetings", "Meetings and reviews"
    FEEDBACK = "feedback", "Family feedback"
    PROCESS = "process", "Audit process"
    OVERALL = "overall", "Overall"


AREAS = (Section.VISITS, Section.ASSESSMENTS, Section.SUPERVISION, Section.PLANS, Section.MEETINGS)
"""The five graded priority areas (docs/domain.md, section 1)."""

GRADED_SECTIONS = (*AREAS, Section.OVERALL)


class QuestionKind(models.TextChoices):
    """How a question is answered. PRACTICE questions count in the measures; the others inform."""

    PRACTICE = "practice", "Yes, partly, no, not evidenced or not applicable"
    PRACTICE_COUNT = "practice_count", "The same, with a count: so many of so many"
    PRACTICE_LETTERS = "practice_letters", "The same, with a tick for each letter or part"
    CHOICE = "choice", "One of a list"
    CHOICES = "choices", "Any of a list"
    TEXT = "text", "Words"
    NUMBER = "number", "A whole number"
    DATE = "date", "A date"


PRACTICE_KINDS = (QuestionKind.PRACTICE, QuestionKind.PRACTICE_COUNT, QuestionKind.PRACTICE_LETTERS)


class PracticeAnswer(models.TextChoices):
    """Not evidenced counts against; not applicable never does (docs/domain.md, section 3)."""

    YES = "yes", "Yes"
    PARTLY = "partly", "Partly"
    NO = "no", "No"
    NOT_EVIDENCED = "not_evidenced", "Not evidenced on record"
    NOT_APPLICABLE = "not_applicable", "Not applicable"


class NotApplicableReason(models.TextChoices):
    PATHWAY = "pathway", "It does not apply on this pathway"
    AGE = "age", "The child's age"
    NOT_YET_DUE = "not_yet_due", "It is not yet due"
    CLOSED = "closed", "The case is closed"
    OTHER = "other", "Another reason"


class AllocationKind(models.TextChoices):
    CJA = "cja", "Child journey audit"
    DIP_SAMPLE = "dip_sample", "Dip sample"
    OBSERVATION = "observation", "Direct observation"


class ObservedSetting(models.TextChoices):
    """Where practice was observed."""

    SUPERVISION = "supervision", "Supervision"
    HOME_VISIT = "home_visit", "Home visit"
    MEETING = "meeting", "Conference or core group"
    REVIEW = "review", "Review of a child looked after"
    COURT = "court", "Court"
    OTHER = "other", "Somewhere else"


class AllocationStatus(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    ALLOCATED = "allocated", "Allocated"
    EXCUSED = "excused", "Excused"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REALLOCATED = "reallocated", "Reallocated"
    NEVER_RETURNED = "never_returned", "Never returned"


class AllocationMoveKind(models.TextChoices):
    """What may be done with an obligation, besides meeting it."""

    EXCUSE = "excuse", "Excused"
    WITHDRAW = "withdraw", "Withdrawn"
    REALLOCATE = "reallocate", "Reallocated"
    EXTEND = "extend", "Extended"
    CLOSE = "close", "Closed without a return"


class WithdrawalReason(models.TextChoices):
    CASE_CLOSED = "case_closed", "The case was closed"
    MOVED_AWAY = "moved_away", "The child moved away"
    OTHER = "other", "Another reason"


class ExemptionKind(models.TextChoices):
    LEAVE = "leave", "Leave"
    HIGH_CASELOAD = "high_caseload", "High caseload"
    VACANCY = "vacancy", "Vacancy in the team"
    NEW_IN_POST = "new_in_post", "New in post"
    OTHER = "other", "Another reason"


class ExemptionStatus(models.TextChoices):
    REQUESTED = "requested", "Waiting for a decision"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    ENDED = "ended", "Ended early"


class ReminderStep(models.TextChoices):
    """What is told about an audit that is not in, in this order (docs/domain.md, section 6)."""

    FIRST_NUDGE = "first_nudge", "First reminder"
    SECOND_NUDGE = "second_nudge", "Second reminder"
    LATE_NUDGE = "late_nudge", "Told it is late"
    SERVICE_MANAGER = "service_manager", "Service manager told"
    ASSISTANT_DIRECTOR = "assistant_director", "Assistant director told"


STEPS_TO_AUDITORS = (ReminderStep.FIRST_NUDGE, ReminderStep.SECOND_NUDGE, ReminderStep.LATE_NUDGE)
"""The other steps are told to those above."""


class RoundStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    CLOSED = "closed", "Closed"


class AuditStatus(models.TextChoices):
    ALLOCATED = "allocated", "Not started"
    IN_PROGRESS = "in_progress", "In progress"
    SUBMITTED = "submitted", "Submitted"
    RETURNED = "returned", "Returned for evidence"
    RESUBMITTED = "resubmitted", "Submitted again"
    FINALISED = "finalised", "Final"
    REOPENED = "reopened", "Reopened"
    VOID = "void", "Void"


HANDED_IN = (
    AuditStatus.SUBMITTED,
    AuditStatus.RETURNED,
    AuditStatus.RESUBMITTED,
    AuditStatus.FINALISED,
    AuditStatus.REOPENED,
)
"""Submitted at least once and not void: SUB of the measures (docs/domain.md, section 10)."""

BEING_WRITTEN = (AuditStatus.IN_PROGRESS, AuditStatus.RETURNED, AuditStatus.REOPENED)
"""Its auditor may write."""

AWAITING_MODERATION = (AuditStatus.SUBMITTED, AuditStatus.RESUBMITTED)
"""With the panel: nobody writes."""

READABLE = (*AWAITING_MODERATION, AuditStatus.FINALISED)
"""Its text is read by whoever may see the audit; at every other status by its auditor alone."""


class ExportFormat(models.TextChoices):
    """What a table or a report leaves the service as."""

    XLSX = "xlsx", "Excel workbook (xlsx)"
    CSV = "csv", "Text with commas (csv)"
    DOCX = "docx", "Word document (docx)"
    PDF = "pdf", "PDF"


class AccessKind(models.TextChoices):
    """How somebody opened an audit."""

    PAGE = "page", "Read on screen"
    PRINT = "print", "Opened to print"
    PDF = "pdf", "Saved as PDF"


class ReopeningStatus(models.TextChoices):
    PROPOSED = "proposed", "Waiting for a decision"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"


class ContactHow(models.TextChoices):
    """How somebody was reached, or tried."""

    IN_PERSON = "in_person", "In person"
    TELEPHONE = "telephone", "By telephone"
    VIDEO = "video", "By video call"
    WRITING = "writing", "By letter, e-mail or text"
    THROUGH_WORKER = "through_worker", "Through the social worker"


class WorkerOutcome(models.TextChoices):
    """What came of asking the social worker. The values are answers of question W1."""

    INVITED = "invited", "Invited"
    TOOK_PART = "took_part", "Took part"
    DECLINED = "declined", "Declined"
    LEFT = "left", "Has left the council"


class FamilyMember(models.TextChoices):
    """Who was asked for feedback. The values are choices of questions F1 and F2."""

    CHILD = "child", "The child or young person"
    MOTHER = "mother", "Mother"
    FATHER = "father", "Father"
    CARER = "carer", "Carer"
    OTHER = "other", "Someone else"


class FamilyOutcome(models.TextChoices):
    """What came of a contact with the family. The values are answers of question F1_outcome."""

    FEEDBACK = "feedback", "Gave feedback"
    NO_REPLY = "no_reply", "Did not reply"
    DECLINED = "declined", "Declined"
    NOT_TRIED = "not_tried", "I did not try"
    NOT_APPROPRIATE = "not_appropriate", "Contact is not appropriate"


WITHOUT_CONTACT = (FamilyOutcome.NOT_TRIED, FamilyOutcome.NOT_APPROPRIATE)
"""Nobody was contacted: that needs a reason."""


class ReplyOutcome(models.TextChoices):
    """What the social worker says of the feedback they were given."""

    AGREES = "agrees", "Agrees"
    DISAGREES = "disagrees", "Disagrees"
    NO_WISH = "no_wish", "Does not wish to reply"


class ActionPriority(models.TextChoices):
    """How soon an action must be done (docs/domain.md, section 8)."""

    P0 = "p0", "P0: immediate safety"
    P1 = "p1", "P1: statutory breach"
    P2 = "p2", "P2: practice"
    P3 = "p3", "P3: learning"


class ToolStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Waiting for approval"
    PUBLISHED = "published", "Published"
    SUPERSEDED = "superseded", "Superseded"
    DISCARDED = "discarded", "Discarded"


OPEN_TOOL_STATUSES = (ToolStatus.DRAFT, ToolStatus.PROPOSED)
"""Being worked on: a tool has one such version at a time."""

APPROVED_TOOL_STATUSES = (ToolStatus.PUBLISHED, ToolStatus.SUPERSEDED)
"""Approved once, and so never changed again: audits may have been started with it."""


class ImportStatus(models.TextChoices):
    PREVIEW = "preview", "Waiting for a decision"
    APPLIED = "applied", "Applied"
    DISCARDED = "discarded", "Discarded"


class Sex(models.TextChoices):
    MALE = "male", "Male"
    FEMALE = "female", "Female"
    NOT_STATED = "not_stated", "Not stated"


class Disability(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_KNOWN = "not_known", "Not known"


class CeilingCode(models.TextChoices):
    """The nine ceilings of docs/domain.md, section 5; audits/grading.py has what each does."""

    VISIT_GAP = "visit_gap", "An unexplained gap in statutory visits"
    CP_UNSEEN = "cp_unseen", "A child on a protection plan unseen over two intervals"
    NO_PLAN = "no_plan", "No current plan"
    NO_ASSESSMENT = "no_assessment", "No assessment when one is due"
    NO_SUPERVISION = "no_supervision", "No supervision for three months on an open case"
    AREA_INADEQUATE = "area_inadequate", "An area is Inadequate"
    TWO_AREAS_INADEQUATE = "two_areas_inadequate", "Two areas are Inadequate"
    CONCERN = "concern", "An immediate concern"
    NOT_OUTSTANDING = "not_outstanding", "Fewer than three areas Outstanding, or one below Good"


class ConcernStatus(models.TextChoices):
    """Where an immediate concern stands (docs/domain.md, section 5)."""

    RAISED = "raised", "Waiting for an answer"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    CLOSED = "closed", "Closed"


class ConcernMoveKind(models.TextChoices):
    RAISE = "raise", "Raised"
    ESCALATE = "escalate", "Escalated, because nobody had answered"
    ACKNOWLEDGE = "acknowledge", "Acknowledged"
    CLOSE = "close", "Closed"


class ToldAs(models.TextChoices):
    """Because of which role somebody is told of what cannot wait."""

    TEAM_MANAGER = "team_manager", "Team manager"
    SERVICE_MANAGER = "service_manager", "Service manager"
    ASSISTANT_DIRECTOR = "assistant_director", "Assistant director"
    QA_LEAD = "qa_lead", "QA lead"
    PSW = "psw", "Principal Social Worker"


class EventKind(models.TextChoices):
    """What an auditor enters the dates of, for the timescales (docs/domain.md, section 9)."""

    OPENED = "opened", "Case opened to the team"
    CARE_STARTED = "care_started", "Child became looked after"
    PLACEMENT = "placement", "Placement started"
    CARE_ORDER = "care_order", "Care order made (of a child who lives with a parent)"
    VISIT = "visit", "Visit"
    GAP_AGREED = "gap_agreed", "Manager agreed to a gap in visits"
    REFERRAL = "referral", "Referral that led to an assessment"
    ASSESSMENT = "assessment", "Assessment completed (signed off)"
    SUPERVISION = "supervision", "Supervision of the case"
    STRATEGY_DISCUSSION = "strategy_discussion", "Strategy discussion that led to a conference"
    ICPC = "icpc", "Initial child protection conference"
    RCPC = "rcpc", "Review child protection conference"
    CORE_GROUP = "core_group", "Core group"
    REVIEW = "review", "Review of a child looked after"
    IRO_CONTACT = "iro_contact", "IRO spoke to the child"
    RAG = "rag", "IRO issued the RAG rating"


class ChildSeen(models.TextChoices):
    """Whether the child was seen at a visit."""

    ALONE = "alone", "Seen alone"
    SEEN = "seen", "Seen, not alone"
    NOT_SEEN = "not_seen", "Not seen"


class PlacementKind(models.TextChoices):
    """The circumstances that decide how often a child looked after is visited (docs/domain.md, section 9)."""

    SHORT_OF_18 = "short_of_18", "A placement that is not planned to last until 18"
    TO_18 = "to_18", "A placement planned to last until 18"
    PARENTS = "parents_before_assessment", "Placed with parents before the assessment is completed"
    TEMPORARY = (
        "temporary_or_interim",
        "With a connected carer approved for a time, or with a parent under an interim order",
    )
    CARE_ORDER = "care_order_parent", "Under a care order and living with a parent"


class TimescaleUnit(models.TextChoices):
    DAYS = "days", "Days"
    WEEKS = "weeks", "Weeks"
    MONTHS = "months", "Months"
    WORKING_DAYS = "working_days", "Working days"


LOOKED_FOR = (EventKind.VISIT, EventKind.SUPERVISION, EventKind.ASSESSMENT)
"""What an auditor may say that they looked for and that there is none of."""
