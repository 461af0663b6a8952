"""What happened in the audit programme, announced inside the transaction that did it."""

from django.dispatch import Signal

round_published = Signal()
"""A round was published. Sent by Round with `round`, its allocations and audits in place."""

allocation_reallocated = Signal()
"""A child was given to another auditor. Sent by Allocation with `allocation`, the new one, its audit in place."""

exemption_decided = Signal()
"""An exemption was approved or refused. Sent by Exemption with `exemption`."""

concern_raised = Signal()
"""Somebody says that a child is at risk now. Sent by ImmediateConcern with `concern`, who is told in place."""

concern_escalated = Signal()
"""Nobody acknowledged a concern in time. Sent by ImmediateConcern with `concern`, who is told in place."""

concern_acknowledged = Signal()
"""Somebody took a concern on. Sent by ImmediateConcern with `concern`."""

audit_submitted = Signal()
"""An audit was submitted, or submitted again. Sent by Audit with `audit`, `by`, `at` and `first`, whether it was the
first time."""

urgent_notices_given = Signal()
"""Managers are to hear the same day of an audit. Sent by Audit with `audit` and `notices`, the new ones."""
