"""What happened in the audit programme, announced inside the transaction that did it."""

from django.dispatch import Signal

round_published = Signal()
"""A round was published. Sent by Round with `round`, its allocations and audits in place."""

allocation_reallocated = Signal()
"""A child was given to another auditor. Sent by Allocation with `allocation`, the new one, its audit in place."""

exemption_decided = Signal()
"""An exemption was approved or refused. Sent by Exemption with `exemption`."""

tool_proposed = Signal()
"""A version of a tool was sent for approval. Sent by ToolVersion with `version`."""

tool_decided = Signal()
"""A version was approved or returned. Sent by ToolVersion with `version` and `proposed_by`, who had sent it."""

concern_raised = Signal()
"""Somebody says that a child is at risk now. Sent by ImmediateConcern with `concern`, who is told in place."""

concern_escalated = Signal()
"""Nobody acknowledged a concern in time. Sent by ImmediateConcern with `concern`, who is told in place."""

concern_acknowledged = Signal()
"""Somebody took a concern on. Sent by ImmediateConcern with `concern`."""

urgent_notices_given = Signal()
"""Managers are to hear the same day of an audit. Sent by Audit with `audit` and `notices`, the new ones."""

worker_reply_recorded = Signal()
"""The social worker's reply was recorded. Sent by WorkerReply with `reply`; Audit.objects.disputed() has the audits
whose worker disagrees."""

audit_submitted = Signal()
"""An audit was submitted. Sent by Audit with `audit`, `by`, `at`, and `first`: False when it is submitted again."""

audit_returned = Signal()
"""An audit was returned for evidence. Sent by Audit with `audit`, `by`, `at`; the reason is in its last move."""

audit_finalised = Signal()
"""An audit is final. Sent by Audit with `audit`, `by` (None where no panel had to decide), `at`, and `why`: what the
panel said of each section."""

audit_reopened = Signal()
"""A final audit was reopened by two people. Sent by Audit with `audit`, `by`, who approved it, and `at`."""

audit_voided = Signal()
"""An audit is void and its obligation withdrawn. Sent by Audit with `audit`, `by`, `at`."""
