"""The records of the audit programme, by noun."""

from audits.models.access import AccessRecord, ExportRecord
from audits.models.activity import ActivityRecord
from audits.models.audit import Answer, Audit, AuditMove, AuditSection, Reopening
from audits.models.calendar import Closure
from audits.models.caseload import CaseloadImport, Child, Holding, ImportReject
from audits.models.ceiling import CeilingChange
from audits.models.concern import (
    ConcernMove,
    ConcernSettings,
    ConcernTold,
    ImmediateConcern,
    UrgentNotice,
)
from audits.models.follow_up import BegunAction, FollowUpSettings, ProposedAction
from audits.models.involvement import (
    FamilyAnswer,
    FamilyContact,
    FamilyFeedback,
    WorkerContact,
    WorkerFeedback,
    WorkerReply,
)
from audits.models.ledger import AllocationMove, Exemption
from audits.models.past import ImportedAudit, ImportedRecord
from audits.models.programme import Allocation, ProgrammeSettings, Round
from audits.models.reminder import Reminder
from audits.models.timescale import AuditDates, AuditEvent, TimescaleRule
from audits.models.tool import GradeDescriptor, Question, Tool, ToolInForce, ToolVersion, ToolVersionMove

__all__ = [
    "AccessRecord",
    "ActivityRecord",
    "Allocation",
    "AllocationMove",
    "Answer",
    "Audit",
    "AuditDates",
    "AuditEvent",
    "AuditMove",
    "AuditSection",
    "BegunAction",
    "CaseloadImport",
    "CeilingChange",
    "Child",
    "Closure",
    "ConcernMove",
    "ConcernSettings",
    "ConcernTold",
    "Exemption",
    "ExportRecord",
    "FamilyAnswer",
    "FamilyContact",
    "FamilyFeedback",
    "FollowUpSettings",
    "GradeDescriptor",
    "Holding",
    "ImmediateConcern",
    "ImportReject",
    "ImportedAudit",
    "ImportedRecord",
    "ProgrammeSettings",
    "ProposedAction",
    "Question",
    "Reminder",
    "Reopening",
    "Round",
    "TimescaleRule",
    "Tool",
    "ToolInForce",
    "ToolVersion",
    "ToolVersionMove",
    "UrgentNotice",
    "WorkerContact",
    "WorkerFeedback",
    "WorkerReply",
]
