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
