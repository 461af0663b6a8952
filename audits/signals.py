"""What happened in the audit programme, announced inside the transaction that did it."""

from django.dispatch import Signal

round_published = Signal()
"""A round was published. Sent by Round with `round`, its allocations and audits in place."""

allocation_reallocated = Signal()
"""A child was given to another auditor. Sent by Allocation with `allocation`, the new one, its audit in place."""

exemption_decided = Signal()
"""An exemption was approved or refused. Sent by Exemption with `exemption`."""

worker_reply_asked = Signal()
"""The social worker of a submitted audit may reply. Sent by WorkerReply with `reply`."""

worker_reply_recorded = Signal()
"""The social worker's reply was recorded. Sent by WorkerReply with `reply`; Audit.objects.disputed() has the audits
whose worker disagrees."""
